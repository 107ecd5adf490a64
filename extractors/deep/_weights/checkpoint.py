"""Reading of official checkpoint files into our modules; every key is matched or reported."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, BinaryIO, TypeVar

from torch import Tensor, nn

from vqa_features.errors import ParameterError
from vqa_features.files.names import escaped_text
from vqa_features.files.reading import reading
from vqa_features.files.regular import open_regular

from . import safetensors, torch_files

#: Names under which training scripts put the state dict among other things, outermost first.
WRAPPERS = ("state_dict", "model_state", "model_state_dict", "model", "module", "net")
#: What training scripts put before every key.
PREFIXES = ("module.", "model.", "backbone.", "clip.", "encoder.", "vision_encoder.")
_SHOWN, _WIDEST = 8, 120
Value = TypeVar("Value")


def read(source: str | os.PathLike[str] | BinaryIO) -> dict[str, Tensor]:
    """Return the tensors of a .safetensors or torch file, unwrapped, half precision cast to float32.

    Only tensors and plain containers are deserialised (``weights_only``), never code; of other
    types argparse.Namespace alone is allowed, which training scripts store beside the weights.

    Parameters
    ----------
    source : path or binary file
        The file, or its open descriptor: what was hashed is then what is loaded.

    Returns
    -------
    dict
        Tensors by key.

    Raises
    ------
    ParameterError
        If the file is damaged, holds anything else, tensors larger than itself, or no state dict.
    """
    name = _name_of(source)
    advice = "only files of tensors and plain containers are loaded"
    with reading(name, "a checkpoint", ParameterError, advice), _opened(source) as stream:
        size = os.fstat(stream.fileno()).st_size
        if name.endswith(".safetensors"):
            content = safetensors.read_tensors(safetensors.read_bytes(stream), name)
        else:
            content = torch_files.load(stream)
        tensors = _innermost(content)
        torch_files.check_tensors(tensors, size)
        return _in_float32(tensors)


def read_into(network: Any, source: str | os.PathLike[str] | BinaryIO) -> None:
    """Load a checkpoint file into a network.

    Parameters
    ----------
    network : Backbone
        Receives the weights.
    source : path or binary file
        As for `read`.

    Raises
    ------
    ParameterError
        If the file cannot be read or does not fit.
    """
    kind = f"weights of {type(network).__name__}"
    with reading(_name_of(source), kind, ParameterError, "choose the weights of this variant"):
        network.load_official(read(source))


def unwrap(content: object) -> dict[str, Tensor]:
    """Return the innermost state dict of what a training script saved, in float32.

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
        return _in_float32(_innermost(content))
    except ValueError as error:
        raise ParameterError(f"a checkpoint is not usable: {error}") from error


def _name_of(source: str | os.PathLike[str] | BinaryIO) -> str:
    return os.fspath(source) if isinstance(source, str | os.PathLike) else str(source.name)


def _opened(source: str | os.PathLike[str] | BinaryIO) -> AbstractContextManager[BinaryIO]:
    return open_regular(source) if isinstance(source, str | os.PathLike) else nullcontext(source)


def _innermost(content: object) -> dict[str, Tensor]:
    """Return the innermost state dict, as it stands."""
    for _ in WRAPPERS:  # a container that holds itself would never end
        entries = content if isinstance(content, Mapping) else {}
        inner = next((entries[key] for key in WRAPPERS if isinstance(entries.get(key), Mapping)), None)
        if inner is None:
            break
        content = inner
    if not isinstance(content, Mapping) or not any(isinstance(value, Tensor) for value in content.values()):
        raise ValueError(f"it must hold a state dict of tensors, got {type(content).__name__}")
    found = {key: value for key, value in content.items() if isinstance(value, Tensor)}
    if unnamed := [key for key in found if not isinstance(key, str)]:
        raise ValueError(f"a tensor must have a name, got {unnamed[0]!r}")
    return found


def _in_float32(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key: value.float() if value.is_floating_point() else value for key, value in tensors.items()}


def tower(state: Mapping[str, Tensor], prefix: str) -> tuple[dict[str, Tensor], list[str]]:
    """Return the tensors of one tower of a file, and the keys of the others.

    Parameters
    ----------
    state : mapping
        Tensors by key.
    prefix : str
        Prefix of the tower; prefixes of training scripts may precede it. If no key has it, the
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


def load(
    module: nn.Module,
    state: Mapping[str, Tensor],
    rename: Callable[[str], str] = str,
    drops: Iterable[str] = (),
    optional: Iterable[str] = (),
    adapt: Callable[[dict[str, Tensor]], dict[str, Tensor]] = dict,
) -> list[str]:
    """Load a state dict into a module; a key without a match is an error.

    Parameters
    ----------
    module : torch.nn.Module
        Receives the tensors.
    state : mapping
        What the file holds.
    rename : callable
        From an official key without prefixes to one of the module.
    drops : iterable of str
        Prefixes of official keys that no feature uses (decoders, text towers).
    optional : iterable of str
        Prefixes of module keys that no feature uses (classifiers): they may be missing, and are
        left out where the shape differs (another set of classes).
    adapt : callable
        Changes the matched tensors before loading, for example interpolates position tables.

    Returns
    -------
    list of str
        Keys of the file that were left out.

    Raises
    ------
    ParameterError
        Listing every key that is missing, unexpected, of another shape or type.
    """
    own = module.state_dict()
    state = unwrap(state)
    spelled, dropped, unexpected = match_keys({key: key for key in state}, own, rename, drops)
    found = adapt({name: state[key] for name, key in spelled.items()})
    optional = tuple(optional)
    for name in [k for k in found if optional and k.startswith(optional) and found[k].shape != own[k].shape]:
        dropped.append(spelled[name])
        del found[name]
    missing = [
        key
        for key, value in own.items()
        if key not in found
        and not (optional and key.startswith(optional))
        and value.is_floating_point()  # index tables and counters are computed, not learned
    ]
    shapes = [
        f"{key} {tuple(value.shape)} for {tuple(own[key].shape)}"
        for key, value in found.items()
        if value.shape != own[key].shape
    ]
    types = [
        f"{key} {value.dtype} for {own[key].dtype}"
        for key, value in found.items()
        if value.is_floating_point() != own[key].is_floating_point()
    ]
    problems = [
        f"{len(keys)} {what}: {_listing(keys)}"
        for what, keys in (
            ("missing", missing),
            ("unexpected", unexpected),
            ("of another shape", shapes),
            ("of another type", types),
        )
        if keys
    ]
    if problems:
        raise ParameterError(
            f"the checkpoint does not fit {type(module).__name__}: keys {'; '.join(problems)}. "
            "Choose the weights of this variant"
        )
    module.load_state_dict(found, strict=False)
    return dropped


def _listing(keys: list[str]) -> str:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(escaped_text(key)[:_WIDEST] for key in keys[:_SHOWN]) + more
