"""Seeded random weights of a network, for control: they depend on the names of its parameters alone."""

from __future__ import annotations

import zlib
from typing import Any

import torch
from torch import nn


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
