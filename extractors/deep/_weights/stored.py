"""Tensors of a file that are not read yet: shape and type are known, the bytes are read when needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import torch
from torch import Tensor

#: Types of tensors that are weights by themselves.
DTYPES = (
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16),
    *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool),
)


@dataclass(frozen=True)
class Stored:
    """A tensor of a file, or of memory.

    Parameters
    ----------
    shape : torch.Size
        Its shape.
    dtype : torch.dtype
        Its type in the file.
    read : callable
        Returns the tensor, in memory of its own unless it was in memory already.
    held : int
        Bytes of the storage it is part of.
    """

    shape: torch.Size
    dtype: torch.dtype
    read: Callable[[], Tensor] = field(compare=False, repr=False)
    held: int

    @property
    def nbytes(self) -> int:
        """Bytes of the tensor."""
        return self.shape.numel() * self.dtype.itemsize

    def is_floating_point(self) -> bool:
        """Whether it is of a floating type: a weight, no counter or index."""
        return self.dtype.is_floating_point

    def in_float32(self) -> Tensor:
        """Read the tensor, a floating one as float32."""
        value = self.read()
        return value.float() if self.dtype.is_floating_point else value


def in_memory(value: Tensor) -> Stored:
    """Return a tensor of memory as a stored one.

    Parameters
    ----------
    value : Tensor
        Any plain tensor.

    Returns
    -------
    Stored

    Raises
    ------
    ValueError
        If it is sparse or of a type of its own.
    """
    if type(value) not in (Tensor, torch.nn.Parameter) or value.layout != torch.strided:
        raise ValueError(f"a tensor is no plain one: {value.layout}, {value.dtype}, {value.device}")
    return Stored(value.shape, value.dtype, value.detach, value.untyped_storage().nbytes())


def joined(parts: Sequence[Stored]) -> Stored:
    """Return the concatenation of stored tensors along the first axis.

    Parameters
    ----------
    parts : sequence of Stored
        Of one type, and of shapes that differ in the first axis alone.

    Returns
    -------
    Stored
    """
    rows = sum(part.shape[0] for part in parts)
    shape = torch.Size((rows, *parts[0].shape[1:]))
    held = sum(part.held for part in parts)
    return Stored(shape, parts[0].dtype, lambda: torch.cat([part.read() for part in parts]), held)


def read_bytes(stream: BinaryIO, begin: int, count: int) -> Tensor:
    """Return bytes of a file in memory of their own, (count,) uint8.

    Parameters
    ----------
    stream : binary file
        The open file; its position changes.
    begin, count : int
        Where they are.

    Returns
    -------
    Tensor

    Raises
    ------
    ValueError
        If the file ends before.
    """
    found = torch.empty(count, dtype=torch.uint8)
    reader: Any = stream
    view = found.numpy().data
    stream.seek(begin)
    while view:
        read = reader.readinto(view)
        if not read:
            raise ValueError("it ends before its tensors do")
        view = view[read:]
    return found


def check(tensors: Mapping[str, Stored], size: int) -> None:
    """Raise unless the tensors are plain ones and hold no more than their file.

    Parameters
    ----------
    tensors : mapping
        Tensors by key.
    size : int
        Bytes of the file.

    Raises
    ------
    ValueError
        Naming the first tensor that is expanded or of a type that is no weight.
    """
    for key, one in tensors.items():
        if one.dtype not in DTYPES:
            raise ValueError(f"tensor {key!r} is no plain tensor: {one.dtype}")
        if one.nbytes > one.held:
            raise ValueError(f"tensor {key!r} of shape {tuple(one.shape)} is expanded from {one.held} bytes")
    whole = sum(one.nbytes for one in tensors.values())
    if whole > 2 * size:  # tied weights are counted twice
        raise ValueError(f"its tensors have {whole} bytes, the file has {size}")
