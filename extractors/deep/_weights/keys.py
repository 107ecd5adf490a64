"""Keys of checkpoints: what training scripts wrap around a state dict, and put before its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from torch import Tensor

from vqa_features.errors import ParameterError

from .stored import Stored, in_memory

#: Names under which training scripts put the state dict among other things, outermost first. The averaged
#: weights are read where a file has no others, as the networks' own test scripts do.
WRAPPERS = (
    *("state_dict", "model_state", "model_state_dict", "model", "module", "net"),
    *("state_dict_ema", "model_ema", "ema_state_dict", "ema_state", "ema"),
)
#: What training scripts put before every key.
PREFIXES = (
    *("module.", "model.", "net.", "network.", "_orig_mod.", "backbone.", "clip.", "encoder."),
    *("videomae.", "vision_encoder.", "visual_encoder.", "vision_tower.", "vision_model.", "visual."),
    *("video_encoder.", "video_model."),
)
#: Those of them that name one part of a model; the others are of text and sound.
TOWERS = (
    *("vision_encoder.", "visual_encoder.", "vision_tower.", "vision_model.", "visual."),
    *("video_encoder.", "video_model."),
)
#: What they put before averaged weights in the state dict of the plain ones, and the counter of averages.
AVERAGES = ("ema.", "ema_", "model_ema.", "n_averaged")
Value = TypeVar("Value")


def unwrap(content: object) -> dict[str, Stored]:
    """Return the innermost state dict of what a training script saved, tensor by tensor not read yet.

    Parameters
    ----------
    content : object
        What the file holds.

    Returns
    -------
    dict
        Tensors by key.

    Raises
    ------
    ParameterError
        If there is no state dict in it.
    """
    try:
        return innermost(content)
    except ValueError as error:
        raise ParameterError(f"a checkpoint is not usable: {error}") from error


def innermost(content: object) -> dict[str, Stored]:
    """Return the innermost state dict of what a training script saved.

    Parameters
    ----------
    content : object
        What the file holds.

    Returns
    -------
    dict
        Tensors by key.

    Raises
    ------
    ValueError
        If there is no state dict in it.
    """
    for _ in WRAPPERS:  # a container that holds itself would never end
        entries = content if isinstance(content, Mapping) else {}
        inner = next((entries[key] for key in WRAPPERS if isinstance(entries.get(key), Mapping)), None)
        if inner is None:
            break
        content = inner
    if not isinstance(content, Mapping) or not any(
        isinstance(value, Tensor | Stored) for value in content.values()
    ):
        raise ValueError(f"it must hold a state dict of tensors, got {type(content).__name__}")
    found = {
        key: in_memory(value) if isinstance(value, Tensor) else value
        for key, value in content.items()
        if isinstance(value, Tensor | Stored)
    }
    if unnamed := [key for key in found if not isinstance(key, str)]:
        raise ValueError(f"a tensor must have a name, got {unnamed[0]!r}")
    return found


def tower(
    state: Mapping[str, Value], prefix: str | tuple[str, ...] = TOWERS
) -> tuple[dict[str, Value], list[str]]:
    """Return the tensors of one tower of a file, and the keys of the others.

    Parameters
    ----------
    state : mapping
        Tensors by key.
    prefix : str or tuple of str
        Prefixes of the tower; those of training scripts may precede them. If no key has one, the
        file is taken as this tower alone.

    Returns
    -------
    inside : dict
        The tower's tensors.
    others : list of str
        All other keys.
    """
    inside = {
        key: value
        for key, value in state.items()
        if any(spelling.startswith(prefix) for spelling in _peel(key))
    }
    return (inside, [key for key in state if key not in inside]) if inside else (dict(state), [])


def match_keys(
    state: Mapping[str, Value],
    known: Iterable[str],
    rename: Callable[[str], str],
    drops: Iterable[str] = (),
) -> tuple[dict[str, Value], list[str], list[str]]:
    """Map checkpoint keys to module keys.

    The official prefixes of each key are removed one by one until `rename` returns a known key.

    Parameters
    ----------
    state : mapping
        Values by key of the file.
    known : iterable of str
        Keys of the module.
    rename : callable
        From an official key without prefixes to one of the module.
    drops : iterable of str
        Prefixes of official keys that are not needed.

    Returns
    -------
    found : dict
        Values by key of the module.
    dropped : list of str
        Keys of the file that `drops` covers.
    unexpected : list of str
        All other keys of the file without a match.

    Raises
    ------
    ParameterError
        If two keys of the file map to the same key of the module.
    """
    names, drops = set(known), tuple(drops)
    found: dict[str, Value] = {}
    dropped: list[str] = []
    unexpected: list[str] = []
    for key, value in state.items():
        spellings = list(_peel(key))
        ours = next((name for name in map(rename, spellings) if name in names), None)
        if ours is None:
            listed = bool(drops) and any(spelling.startswith(drops) for spelling in spellings)
            (dropped if listed else unexpected).append(key)
        elif ours in found:
            raise ParameterError(f"two keys of the checkpoint mean {ours!r}, the second is {key!r}")
        else:
            found[ours] = value
    return found, dropped, unexpected


def _peel(key: str) -> Iterable[str]:
    yield key
    for prefix in PREFIXES:
        if key.startswith(prefix):
            yield from _peel(key.removeprefix(prefix))
