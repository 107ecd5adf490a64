"""What of a store can be exported: the results of installed extractors that were computed in one way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import TableError, first_few
from .options import Extraction
from .replay import Replay
from .store_info import Group, told
from .stored_result import ROWS

#: Parts of a computation that do not depend on the extractor and hold for all columns of a table.
_WAY = ("sampling", "luma", "area")
_WHY = {
    "other version": "another version of it, or of decoding, is installed here",
    "not installed": "it, or its weights, are not installed here",
    "not known": "the store does not say how they were computed, or the extractor names a file",
}


@dataclass(frozen=True)
class Contents:
    """What can be exported together, and a sentence on everything else."""

    extraction: Extraction
    left_out: list[str]


def contents(
    path: str, groups: Sequence[Group], labels: Sequence[str] = (), given: Mapping[str, Any] | None = None
) -> Contents:
    """Return the extraction whose results a store has, where there is only one such.

    Parameters
    ----------
    path : str
        The store, for messages.
    groups : sequence of Group
        From `store_info.store_info`.
    labels : sequence of str
        Extractors to export; all that are installed by default.
    given : mapping, optional
        Options of the user that choose among several: fields of `Sampling`, ``luma``, ``area``, ``pool``.

    Raises
    ------
    TableError
        If nothing can be exported, or there are several ways to compute or to pool; the sentence names them.
    """
    given = given or {}
    named = [group for group in groups if not labels or group.label in labels]
    usable = [group for group in named if group.installed == "installed" and group.computation is not None]
    left_out = [*_left_out(group for group in named if group.installed != "installed")]
    chosen = [group for group in usable if _fits(_way(group), given)]
    if not chosen:
        why = "; ".join(left_out) or "none was computed as the options say" * bool(usable) or "it has none"
        raise TableError(f"no result of {path!r} can be exported: {why}")
    absent = [label for label in labels if label not in {group.label for group in chosen}]
    if absent:
        raise TableError(f"{path!r} has no such results of {first_few(absent)}: store info shows what it has")
    ways = {json.dumps(_way(group), sort_keys=True): group for group in chosen}
    if len(ways) > 1:
        raise TableError(
            f"the results of {path!r} were computed in {len(ways)} ways "
            f"({first_few(sorted(told(group.computation) for group in ways.values()))}): choose one by its "
            "options, e.g. --fps 2, or by the table of the run, --settings TABLE"
        )
    (way,) = ways
    found = {
        **json.loads(way),
        "command": "extract",
        "extractors": [*dict.fromkeys(labels or sorted(group.label for group in chosen))],
        "pool": given["pool"].split(",") if "pool" in given else _pools(path, chosen),
        "raw": _raw(path, chosen),
    }
    replay = Replay.of(found, path)
    extraction = Extraction.of(
        list(replay.extractors), replay.pools, replay.sampling, replay.luma, replay.raw, replay.area
    )
    return Contents(extraction, left_out)


def _way(group: Group) -> dict[str, Any]:
    computation = group.computation or {}
    return {"area": "full"} | {name: computation[name] for name in _WAY if name in computation}


def _fits(way: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether every option of the user has its value in a way to compute."""
    sampling = way.get("sampling")
    known = {**(sampling if isinstance(sampling, dict) else {}), **way}
    return all(known.get(name) == value for name, value in given.items() if name != "pool")


def _pools(path: str, groups: Iterable[Group]) -> list[str]:
    """Return the pools of the results; of rows alone the mean."""
    forms = sorted({group.form for group in groups if group.form not in (ROWS, "failed")})
    if len(forms) > 1:
        listed = first_few([form.replace("+", ",") for form in forms])
        raise TableError(f"the results of {path!r} have several pools: choose them with --pool: {listed}")
    return forms[0].split("+") if forms else ["mean"]


def _raw(path: str, groups: Iterable[Group]) -> Any:
    """Return the geometry of headerless files, None if there is none."""
    found = {
        json.dumps(group.computation["raw"])
        for group in groups
        if group.computation and group.computation.get("raw")
    }
    if len(found) > 1:
        raise TableError(
            f"{path!r} has results of several geometries of headerless files: choose with --settings"
        )
    return json.loads(found.pop()) if found else None


def _left_out(groups: Iterable[Group]) -> Iterable[str]:
    counts: dict[tuple[str, str], int] = {}
    for group in groups:
        of = (group.label, group.installed)
        counts[of] = counts.get(of, 0) + group.results
    return [f"{count} results of {label}: {_WHY[why]}" for (label, why), count in counts.items()]
