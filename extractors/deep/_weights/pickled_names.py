"""Names in the pickles of checkpoints, and what is made for them: tensors, plain containers, or nothing.

A name is a maker of tensors, a container, or a class that training scripts save beside the weights, which
stands for nothing here; every other name is refused. None is imported or called.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import torch

#: Containers of the standard library and those of configurations, in whatever module a project keeps them:
#: all are read as plain dictionaries.
_MAPPING = re.compile(
    r"(?:collections\.(?:OrderedDict|Counter|defaultdict)|__builtin__\.dict|builtins\.dict"
    r"|(?:\w+\.)*(?:EasyDict|[Ee]dict|AttrDict|AttributeDict|AttributeDict2|CfgNode|ConfigDict|ConfigNode))"
)
#: What holds settings, numbers of the training log, times and places: inert, nothing of it is read. OpenMMLab
#: saves the methods of its log beside the numbers (``getattr``).
_INERT = re.compile(
    r"(?:argparse\.Namespace|types\.SimpleNamespace|_codecs\.encode|torch\.device"
    r"|(?:__builtin__|builtins)\.(?:set|frozenset|list|tuple|int|float|complex|bool|str|getattr)"
    r"|numpy\.(?:dtype|ndarray|bool_?|u?int\d+|float\d+)|numpy\.dtypes\.\w+"
    r"|numpy\.(?:core|_core)\.(?:multiarray\.(?:scalar|_reconstruct)|numeric\._frombuffer)"
    r"|datetime\.(?:date|datetime|time|timedelta|timezone)|decimal\.Decimal|uuid\.UUID"
    r"|pathlib\.(?:_local\.)?(?:Pure)?(?:Posix|Windows)?Path"
    r"|(?:mmcv\.utils|mmengine\.config)\.config\.Config|mmengine\.logging\.history_buffer\.HistoryBuffer"
    r"|deepspeed\.runtime\.fp16\.loss_scaler\.(?:Dynamic)?LossScaler)"
)
_STORAGE = re.compile(r"torch\.(?:storage\.)?(\w+)Storage")
_STORAGE_DTYPES = {
    **{"Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16"},
    **{"Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool"},
    **{"Untyped": "uint8", "ComplexFloat": "complex64", "ComplexDouble": "complex128"},
}
_TENSOR = "torch._utils._rebuild_"
_PARAMETERS = (f"{_TENSOR}parameter", f"{_TENSOR}parameter_with_state")
_TENSORS = (f"{_TENSOR}tensor", f"{_TENSOR}tensor_v2", f"{_TENSOR}tensor_v3")
_TYPED = "torch._tensor._rebuild_from_type_v2"
_KINDS = ("torch.Tensor", "torch.nn.parameter.Parameter")


class Name(NamedTuple):
    """A name in a pickle, ``module.name``."""

    text: str


class Inert:
    """What stands for an object that is not read."""


class Storage(NamedTuple):
    """A storage of a file.

    ``key`` is its name there, ``offset`` and ``numel`` count elements of ``dtype`` in it.
    """

    key: str
    dtype: torch.dtype
    numel: int
    offset: int = 0


class Strided(NamedTuple):
    """A tensor of a file: a view of a storage."""

    storage: Storage
    dtype: torch.dtype
    offset: int
    shape: torch.Size
    stride: tuple[int, ...]


def known(text: str) -> Name:
    """Return a name that may be in a pickle."""
    found = _STORAGE.fullmatch(text)
    if (
        (found and found[1] in _STORAGE_DTYPES)
        or text in (*_TENSORS, *_PARAMETERS, _TYPED, *_KINDS, "torch.Size")
        or _MAPPING.fullmatch(text)
        or _INERT.fullmatch(text)
        or _dtype(text)
    ):
        return Name(text)
    raise ValueError(
        f"it names {text[:100]!r}, which is no tensor and no plain container; where you trust the file, save "
        "its state dict alone: torch.save(content['state_dict'], FILE)"
    )


def _dtype(text: str) -> torch.dtype | None:
    """Return the type of numbers of a name, None if it is none."""
    found = getattr(torch, text.removeprefix("torch."), None) if text.startswith("torch.") else None
    return found if isinstance(found, torch.dtype) else None


def made(function: Any, arguments: Any) -> Any:
    """Return what a pickle asks to make: a tensor, a container, or what stands for anything else."""
    if isinstance(function, Inert):
        return Inert()
    if not isinstance(function, Name) or not isinstance(arguments, tuple):
        raise ValueError(f"its pickle calls a {type(function).__name__}")
    name = function.text
    if name == _TYPED:
        maker, kind, given, _ = arguments
        if kind not in (Name(known) for known in _KINDS):
            raise ValueError(f"it holds a tensor of a type of its own: {kind!r}"[:200])
        return made(maker, given)
    if name in _TENSORS:
        storage, offset, shape, stride = arguments[:4]
        return _tensor(storage, offset, shape, stride, arguments[6] if name.endswith("v3") else None)
    if name in _PARAMETERS or name in _KINDS:
        return arguments[0]
    if name == "torch.Size":
        return tuple(arguments[0])
    if _MAPPING.fullmatch(name):
        return _mapping(arguments)
    return Inert()


def _mapping(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    """Return the dictionary that a class of containers is called for: with one, with pairs, or empty."""
    for given in arguments:
        if isinstance(given, dict):
            return dict(given)
        if isinstance(given, list) and all(
            isinstance(pair, list | tuple) and len(pair) == 2 for pair in given
        ):
            return dict(update({}, [part for pair in given for part in pair]))
    return {}


def storage_of(given: Any) -> Storage:
    """Return the storage that a pickle refers to."""
    parts: list[Any] = list(given) if isinstance(given, tuple) and len(given) >= 5 else [None] * 5
    word, kind, key, _, numel, *view = parts
    found = _STORAGE.fullmatch(kind.text) if isinstance(kind, Name) else None
    if word not in ("storage", b"storage") or found is None or not _counts([numel]):
        raise ValueError("its pickle refers to something that is no storage of tensors")
    dtype = getattr(torch, _STORAGE_DTYPES[found[1]])
    if view and view[0] is not None:
        _, offset, numel = view[0]
        if not _counts([offset, numel]):
            raise ValueError("a view of a storage has no counts")
        return Storage(str(key), dtype, numel, offset)
    return Storage(str(key), dtype, numel)


def _tensor(storage: Any, offset: Any, shape: Any, stride: Any, dtype: Any = None) -> Strided:
    """Return a view of a storage, inside of it."""
    shape = tuple(shape) if isinstance(shape, list | tuple) else None
    if not isinstance(storage, Storage) or shape is None or not isinstance(stride, list | tuple):
        raise ValueError("its pickle makes a tensor of something that is no storage")
    if not _counts([offset, *shape, *stride]) or len(shape) != len(stride) or len(shape) > 64:
        raise ValueError("a tensor has a shape, strides or an offset that are no counts")
    typed = storage.dtype if dtype is None else _dtype(dtype.text if isinstance(dtype, Name) else "")
    if typed is None:
        raise ValueError("a tensor has no type of numbers")
    count = storage.numel * storage.dtype.itemsize // typed.itemsize
    last = offset + sum((count - 1) * step for count, step in zip(shape, stride, strict=True))
    if 0 not in shape and last >= count:
        raise ValueError(f"a tensor of shape {shape} does not fit into its storage of {count} elements")
    return Strided(storage, typed, offset, torch.Size(shape), tuple(stride))


def _counts(values: list[Any]) -> bool:
    """Whether all values are whole numbers that a file can have of bytes."""
    return all(type(one) is int and 0 <= one < 1 << 62 for one in values)


def update(target: Any, items: list[Any]) -> Any:
    """Set keys and values, which alternate; a key that is no text or number names nothing here."""
    if isinstance(target, dict):
        plain = (str, int, float, bool, bytes, type(None))
        pairs = zip(items[::2], items[1::2], strict=True)
        target.update((key if isinstance(key, plain) else Inert(), value) for key, value in pairs)
    elif not isinstance(target, Inert):
        raise ValueError(f"its pickle sets items of a {type(target).__name__}")
    return target
