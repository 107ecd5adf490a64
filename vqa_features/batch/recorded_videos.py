"""Ids and sampling of single videos, kept in the settings of a table and given to the same videos again.

A list of videos may give each an id and a sampling of its own. The settings name those videos by as many
parts of their paths as tell them from the others, so that they are found again from any folder.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import ParameterError, TableError
from ..files.names import escaped_name, id_text, without_suffix
from .distinct_ids import path_parts
from .inputs import Input
from .recorded_sampling import check_numbers, overridden

#: Fields of one entry.
_FIELDS = ("path", "id", "sampling")


def recorded_videos(videos: Sequence[Input]) -> list[dict[str, Any]]:
    """Return what the settings keep of the videos whose id is not the file's name, or that have a sampling.

    Parameters
    ----------
    videos : sequence of Input
        All videos of the run, each with its id.

    Returns
    -------
    list of dict
        Keys ``path`` (the last parts of it), ``id`` and ``sampling``.
    """
    parts = [path_parts(video.path) for video in videos]
    tails = _tails(parts)
    return [
        {"path": "/".join(whole[-tails[whole] :]), "id": video.id, "sampling": dict(video.sampling)}
        for video, whole in zip(videos, parts, strict=True)
        if video.sampling or video.id != id_text(without_suffix(whole[-1]))
    ]


def _tails(paths: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """Return how many of its last parts tell each path from the others."""
    left, found, length = set(paths), dict[tuple[str, ...], int](), 1
    while left:
        counts = Counter(path[-length:] for path in left)
        alone = {path for path in left if counts[path[-length:]] == 1 or length >= len(path)}
        found.update(dict.fromkeys(alone, length))
        left -= alone
        length += 1
    return found


@dataclass(frozen=True)
class RecordedVideos:
    """Videos of an earlier run that had an id or a sampling of their own.

    Parameters
    ----------
    entries : tuple of Input
        Each with the last parts of its path.
    """

    entries: tuple[Input, ...] = ()

    @classmethod
    def of(cls, value: object) -> RecordedVideos:
        """Read what `recorded_videos` wrote; a table without it has none.

        Raises
        ------
        TableError
            If a field is missing, has another type, or is not declared.
        """
        if value is None:
            return cls()
        entries = []
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, dict) or set(one) != set(_FIELDS) or not isinstance(one["sampling"], dict):
                raise TableError(f"a video must have {', '.join(_FIELDS)} only, got {one!r}")
            if not (isinstance(one["path"], str) and one["path"] and isinstance(one["id"], str)):
                raise TableError(f"path and id of a video must be texts, got {one!r}")
            check_numbers(one["sampling"])
            entries.append(Input(one["path"], one["id"], one["sampling"]))
        return cls(tuple(entries))

    def overridden_by(self, given: Mapping[str, Any]) -> RecordedVideos:
        """Return the videos without the part of their sampling that `given` options replace."""
        kept = [
            {name: value for name, value in overridden(one.sampling, given).items() if name not in given}
            for one in self.entries
        ]
        return RecordedVideos(
            tuple(replace(one, sampling=own) for one, own in zip(self.entries, kept, strict=True))
        )

    def given_to(self, videos: Sequence[Input]) -> tuple[list[Input], list[str]]:
        """Return the videos with what was recorded of them, and the recorded ones that are not among them.

        Parameters
        ----------
        videos : sequence of Input
            As they were named; what a list says of a video itself stays.

        Raises
        ------
        ParameterError
            If two videos fit one that was recorded.
        """
        known: dict[str, list[Input]] = {}
        for one in self.entries:
            known.setdefault(one.path, []).append(one)
        longest = max((path.count("/") + 1 for path in known), default=0)
        taken: dict[str, str] = {}
        found: list[Input] = []
        for video in videos:
            parts = path_parts(video.path)
            tails = ("/".join(parts[-length:]) for length in range(min(longest, len(parts)), 0, -1))
            tail = next((tail for tail in tails if tail in known), None)
            if tail is None:
                found.append(video)
                continue
            real = video.path if video.remote else os.path.realpath(video.path)
            if taken.setdefault(tail, real) != real:
                raise ParameterError(
                    f"'{escaped_name(video.path)}' and '{escaped_name(taken[tail])}' both fit {tail!r} of "
                    "the settings: name one of them, or give both an id in a list"
                )
            same = [one for one in known[tail] if video.id in ("", one.id)]
            found += [
                replace(video, id=one.id, sampling=overridden(one.sampling, video.sampling)) for one in same
            ] or [video]
        return found, [path for path in known if path not in taken]
