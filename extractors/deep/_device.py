"""Where a network runs, and with what precision."""

from __future__ import annotations

from typing import Literal

from vqa_features.errors import ParameterError

Precision = Literal["fp32", "bf16", "auto"]


def resolve_device(device: str) -> str:
    """Return ``cpu`` or ``cuda:N`` for the name of a device.

    Parameters
    ----------
    device : str
        auto, cpu, cuda or cuda:N.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the name is unknown or the machine has no such device.
    """
    import torch

    if device == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(device)
    except RuntimeError:
        raise ParameterError(f"device must be auto, cpu or cuda:N, got {device!r}") from None
    if kind.type == "cuda" and (kind.index or 0) >= torch.cuda.device_count():
        raise ParameterError(f"device {device!r} is not on this machine; use auto or cpu")
    return f"cuda:{kind.index or 0}" if kind.type == "cuda" else str(kind)


def resolve_precision(precision: Precision, device: str) -> str:
    """Return ``fp32`` or ``bf16``; auto is bf16 on a GPU.

    Parameters
    ----------
    precision : {"fp32", "bf16", "auto"}
        The parameter of an extractor.
    device : str
        As from `resolve_device`.

    Returns
    -------
    str
    """
    if precision == "auto":
        return "bf16" if device.startswith("cuda") else "fp32"
    return precision
