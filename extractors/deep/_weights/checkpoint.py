"""Reading of official checkpoint files into our modules; every key is matched or reported."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, BinaryIO

import torch
from torch import Tensor, nn

from vqa_features.errors import ParameterError
from vqa_features.files.names import escaped_text
from vqa_features.files.reading import reading
from vqa_features.files.regular import open_regular

from . import safetensors, stored, torch_files
from .keys import AVERAGES, TOWERS, innermost, match_keys, tower, unwrap
from .stored import Stored, in_memory

_SHOWN, _WIDEST = 8, 120
#: A file, its open descriptor, or those of several safetensors files that make a whole.
Source = str | os.PathLike[str] | BinaryIO | tuple[BinaryIO, ...]


@contextmanager
def opened(source: Source) -> Iterator[dict[str, Stored]]:
    """Open a .safetensors or torch file, and yield its tensors, which are read when they are needed.

    Nothing of a file is run: see `pickled_names` for what a pickle may name.

    Parameters
    ----------
    source : path, binary file or tuple of binary files
        The file, or its open descriptor: what was hashed is then what is loaded. Several safetensors
        files make a whole.

    Yields
    ------
    dict
        Tensors by key, unwrapped.

    Raises
    ------
    ParameterError
        If the file is damaged, holds anything else, tensors larger than itself, or no state dict.
    """
    with ExitStack() as stack:
        with _reading(source):
            streams = _streams(source, stack)
        tensors: dict[str, Stored] = {}
        for stream in streams:
            with _reading(stream):
                is_safetensors = str(stream.name).endswith(".safetensors")
                found = innermost(safetensors.load(stream) if is_safetensors else torch_files.load(stream))
                stored.check(found, os.fstat(stream.fileno()).st_size)
                if twice := tensors.keys() & found.keys():
                    raise ValueError(f"tensor {min(twice)!r} is in it and in another file")
                tensors |= found
        yield tensors


def read(source: Source) -> dict[str, Tensor]:
    """Return the tensors of a .safetensors or torch file, unwrapped, half precision cast to float32.

    Parameters
    ----------
    source : path, binary file or tuple of binary files
        As for `opened`.

    Returns
    -------
    dict
        Tensors by key.

    Raises
    ------
    ParameterError
        As for `opened`.
    """
    with opened(source) as tensors, _reading(source):
        return {key: value.in_float32() for key, value in tensors.items()}


def read_into(network: Any, source: Source) -> None:
    """Load a checkpoint file into a network: of the file only what the network takes is read.

    Parameters
    ----------
    network : Backbone
        Receives the weights.
    source : path, binary file or tuple of binary files
        As for `opened`.

    Raises
    ------
    ParameterError
        If the file cannot be read or does not fit.
    """
    kind = f"weights of {type(network).__name__}"
    with (
        opened(source) as tensors,
        reading(_name_of(source), kind, ParameterError, "choose the weights of this variant"),
    ):
        network.load_official(tensors)


def _reading(source: Source) -> AbstractContextManager[None]:
    """Turn failures inside into one sentence about a checkpoint."""
    advice = "only files of tensors and plain containers are loaded"
    return reading(_name_of(source), "a checkpoint", ParameterError, advice)


def _streams(source: Source, stack: ExitStack) -> tuple[BinaryIO, ...]:
    """Return the open files of a source; those that are opened here are closed by the stack."""
    if isinstance(source, tuple):
        return source
    if isinstance(source, str | os.PathLike):
        return (stack.enter_context(open_regular(source)),)
    return (source,)


def _name_of(source: Source) -> str:
    one = source[0] if isinstance(source, tuple) else source
    return os.fspath(one) if isinstance(one, str | os.PathLike) else str(one.name)


@contextmanager
def without_parameters() -> Iterator[None]:
    """Make the parameters of modules that are built inside, by this thread, without memory.

    They are on the device ``meta``; buffers (tables, counters) are made as ever. `load` gives the parameters
    the tensors of a file instead of copying them.
    """
    own = threading.get_ident()

    def on_meta(_module: nn.Module, _name: str, value: nn.Parameter | None) -> nn.Parameter | None:
        if value is None or value.is_meta or threading.get_ident() != own:
            return None
        return nn.Parameter(value.detach().to("meta"), value.requires_grad)

    register: Any = nn.modules.module.register_module_parameter_registration_hook
    hook = register(on_meta)
    try:
        yield
    finally:
        hook.remove()


def load(
    module: nn.Module,
    state: Mapping[str, Any],
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
        What the file holds: tensors, or `Stored` ones, of which only those of the module are read.
    rename : callable
        From an official key without prefixes to one of the module.
    drops : iterable of str
        Prefixes of official keys that no feature uses (decoders, text towers).
    optional : iterable of str
        Prefixes of module keys that no feature uses (classifiers): they may be missing, and are
        left out where the shape differs (another set of classes).
    adapt : callable
        Changes the matched tensors of another shape than the module's, for example interpolates
        position tables.

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
    # a tower of the module's own has its prefix in the module's keys
    towers = tuple(prefix for prefix in TOWERS if not any(key.startswith(prefix) for key in own))
    (state, others), optional = tower(unwrap(state), towers), tuple(optional)
    spelled, dropped, unexpected = match_keys({key: key for key in state}, own, rename, (*drops, *AVERAGES))
    found = {name: state[key] for name, key in spelled.items()}
    reshaped = [name for name, value in found.items() if value.shape != own[name].shape]
    for name in [name for name in reshaped if optional and name.startswith(optional)]:
        dropped.append(spelled[name])
        reshaped.remove(name)
        del found[name]
    found |= {
        name: in_memory(value) for name, value in adapt({k: found[k].in_float32() for k in reshaped}).items()
    }
    _check_fit(module, found, own, unexpected, optional)
    _fill(module, found, own)
    return dropped + others


def _check_fit(
    module: nn.Module,
    found: Mapping[str, Stored],
    own: Mapping[str, Tensor],
    unexpected: list[str],
    optional: tuple[str, ...],
) -> None:
    """Raise unless every tensor of a module was found, in its shape and kind of numbers, and none is left."""
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


def _fill(module: nn.Module, found: Mapping[str, Stored], own: Mapping[str, Tensor]) -> None:
    """Give a module the tensors that were found; what it has no memory for is taken, not copied.

    A part without memory that no feature uses, and that the file lacks, is zero.
    """
    taken: dict[str, Tensor] = {}
    with torch.no_grad():
        # what is copied comes last: memory that is freed between tensors that stay is not used again
        for name, target in sorted(own.items(), key=lambda item: not item[1].is_meta):
            if name in found and not target.is_meta:
                target.copy_(found[name].read())
            elif name in found:
                taken[name] = found[name].read().to(target.dtype)
            elif target.is_meta:
                taken[name] = torch.zeros(target.shape, dtype=target.dtype)
    module.load_state_dict(taken, strict=False, assign=True)


def _listing(keys: list[str]) -> str:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(escaped_text(key)[:_WIDEST] for key in keys[:_SHOWN]) + more
