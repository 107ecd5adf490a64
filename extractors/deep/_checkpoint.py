"""Reading of official checkpoint files into our modules; every key is matched or reported."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import torch
from torch import Tensor, nn

from vqa_features.errors import ParameterError

#: Names under which training scripts put the state dict among other things, outermost first.
WRAPPERS = ("state_dict", "model_state", "model_state_dict", "model", "module", "net")
#: What training scripts put before every key.
PREFIXES = ("module.", "model.", "backbone.", "clip.", "encoder.", "vision_encoder.")
_SHOWN = 8
Value = TypeVar("Value")


def read(source: Path | BinaryIO) -> dict[str, Tensor]:
    """Return the tensors of a .safetensors or torch file, unwrapped, half precision cast to float32.

    Only tensors and plain containers are deserialised (``weights_only``), never code; of other
    types argparse.Namespace alone is allowed, which training scripts store beside the weights.

    Parameters
    ----------
    source : Path or binary file
        The file, or it opened: what is read is then what was hashed.

    Returns
    -------
    dict
        Tensors by key.

    Raises
    ------
    ParameterError
        If the file holds anything else or no state dict.
    """
    name = str(source if isinstance(source, Path) else source.name)
    try:
        if name.endswith(".safetensors"):
            from safetensors.torch import load

            return unwrap(load(source.read_bytes() if isinstance(source, Path) else source.read()))
        with torch.serialization.safe_globals([argparse.Namespace]):
            content = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises UnpicklingError, RuntimeError, EOFError, ...
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ParameterError(f"{name} is not a checkpoint that can be read safely: {reason}") from error
    return unwrap(content)


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
    while isinstance(content, Mapping):
        inner = next((content[key] for key in WRAPPERS if isinstance(content.get(key), Mapping)), None)
        if inner is None:
            break
        content = inner
    if not isinstance(content, Mapping) or not any(isinstance(value, Tensor) for value in content.values()):
        raise ParameterError(f"a checkpoint must hold a state dict of tensors, got {type(content).__name__}")
    return {
        str(key): value.float() if value.is_floating_point() else value
        for key, value in content.items()
        if isinstance(value, Tensor)
    }


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
        Listing every key that is missing, unexpected or of another shape.
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
    problems = [
        f"{len(keys)} {what}: {_listing(keys)}"
        for what, keys in (("missing", missing), ("unexpected", unexpected), ("of another shape", shapes))
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
    return ", ".join(keys[:_SHOWN]) + more


def randomise(module: nn.Module, seed: int = 0) -> None:
    """Fill every parameter from a generator seeded with `seed` and the parameter's name.

    Weights have variance 2 / fan-in in convolutions and 1 / fan-in in projections, norms are the
    identity, tables have standard deviation 0.02. The values do not depend on the order in which
    the modules were made.

    Parameters
    ----------
    module : torch.nn.Module
        Changed in place.
    seed : int
        Another seed gives another network.
    """
    import zlib

    tables = ("embed", "token", "table", "embedding", "query", "balance")
    for name, value in [*module.named_parameters(), *module.named_buffers()]:
        leaf = name.rsplit(".", 1)[-1]
        if not value.is_floating_point() or name not in module.state_dict():
            continue
        with torch.no_grad():
            generator = torch.Generator().manual_seed(zlib.crc32(f"{seed}:{name}".encode()))
            normal: Any = torch.randn(value.shape, generator=generator)
            if leaf == "running_var" or (leaf in ("weight", "gamma") and value.ndim == 1):
                value.fill_(1.0)
            elif any(word in leaf for word in tables):
                value.copy_(0.02 * normal)
            elif value.ndim >= 2:
                fan_in = value[0].numel()
                value.copy_(normal * ((2.0 if value.ndim >= 4 else 1.0) / fan_in) ** 0.5)
            else:
                value.zero_()
