"""Settings of the parts of one table, which may be of several shards and machines, put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import TableError

#: Settings that belong to a part or a shard, and those of the machine, which are told where they differ.
_OWN, _MACHINE = ("videos", "inputs", "shard"), ("version", "packages", "config")


def merged_settings(
    names: Sequence[str], settings: Sequence[dict[str, Any]], source: str
) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of a table from those of its parts, and what is to be told of them.

    Parameters
    ----------
    names : sequence of str
        The parts.
    settings : sequence of dict
        The settings in each.
    source : str
        The table, for messages.

    Raises
    ------
    TableError
        If two parts were computed in different ways.
    """
    first, notes = settings[0], []
    same = _computed(first)
    for name, one in zip(names, settings, strict=True):
        differs = [key for key in {*same, *_computed(one)} if same.get(key) != one.get(key)]
        if differs:
            raise TableError(
                f"{source}: {name} was made with other settings than {names[0]} "
                f"({', '.join(sorted(differs))}): parts of one table are computed in one way"
            )
    for key in _MACHINE:
        others = [name for name, one in zip(names, settings, strict=True) if one.get(key) != first.get(key)]
        if others:
            notes.append(
                f"{len(others)} of {len(names)} parts were made with another {key} than {names[0]}, "
                f"the first is {others[0]}"
            )
    merged = {key: value for key, value in first.items() if key not in _OWN}
    videos = [one for part in settings for one in part.get("videos") or ()]
    inputs = list(dict.fromkeys(str(one) for part in settings for one in part.get("inputs") or ()))
    return {
        **merged,
        **({"inputs": inputs} if inputs else {}),
        **({"videos": videos} if videos else {}),
    }, notes


def _computed(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key not in (*_OWN, *_MACHINE)}
