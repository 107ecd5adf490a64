"""Seeded random weights of a network, for control: they depend on the names of its parameters alone."""

from __future__ import annotations

import zlib

import torch
from torch import Tensor, nn

#: Words in the names of tables and tokens that are added to the input, or query it.
_TABLES = ("embed", "token", "table", "query", "balance")
#: Words in the names of vectors that are added; any other vector multiplies (norms, layer scales, gates).
_ADDED = ("bias", "beta", "running_mean", "shift")


def randomise(module: nn.Module, seed: int = 0) -> None:
    """Fill every parameter from a generator seeded with `seed` and the parameter's name.

    Weights have variance 2 / fan-in in convolutions and 1 / fan-in in projections, tables have standard
    deviation 0.02, vectors that are added are zero, and all others (of norms, layer scales) are one: nothing
    multiplies the input by zero. The values do not depend on the order in which the modules were made.

    Parameters
    ----------
    module : torch.nn.Module
        Changed in place.
    seed : int
        Another seed gives another network.
    """
    kept = module.state_dict().keys()
    for name, value in [*module.named_parameters(), *module.named_buffers()]:
        if name in kept and value.is_floating_point():
            with torch.no_grad():
                _fill(value, name.rsplit(".", 1)[-1], zlib.crc32(f"{seed}:{name}".encode()))


def _fill(value: Tensor, leaf: str, seed: int) -> None:
    """Fill one tensor; `leaf` is the last part of its name."""
    is_table = any(word in leaf for word in _TABLES)
    if value.ndim < 2 and not is_table:
        value.fill_(0.0 if any(word in leaf for word in _ADDED) else 1.0)
        return
    normal = torch.randn(value.shape, generator=torch.Generator().manual_seed(seed))
    fan_in = value[0].numel() if value.ndim >= 2 else 1
    value.copy_(normal * (0.02 if is_table else ((2.0 if value.ndim >= 4 else 1.0) / fan_in) ** 0.5))
