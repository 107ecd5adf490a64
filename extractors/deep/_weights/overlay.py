"""A file of weights into a network, or two: one that holds what was trained further, over the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import nn

from vqa_features.checkpoints import OpenedWeights
from vqa_features.errors import ParameterError
from vqa_features.files.reading import reading

from . import checkpoint, keys
from .stored import Stored


def load(network: Any, file: OpenedWeights) -> None:
    """Load a file of weights into a network, after the file that it completes, if there is one.

    Parameters
    ----------
    network : Backbone
        Receives the weights.
    file : OpenedWeights
        The open file or files.

    Raises
    ------
    ParameterError
        If a file cannot be read or does not fit.
    """
    if file.base is None:
        checkpoint.read_into(network, file.shards or file.stream)
        return
    load(network, file.base)
    kind = f"weights over those of {file.base.path.name}"
    with reading(file.path, kind, ParameterError, "choose the weights of this variant"):
        network.overlay_official(checkpoint.read(file.shards or file.stream))


def lay_over(
    module: nn.Module, state: Mapping[str, Stored], rename: Callable[[str], str], drops: Iterable[str] = ()
) -> list[str]:
    """Replace the parameters that a state dict holds, and leave the others as they are.

    Parameters
    ----------
    module : torch.nn.Module
        A network with all its weights.
    state : mapping
        Some of its parameters, under official keys.
    rename, drops
        As for `checkpoint.load`.

    Returns
    -------
    list of str
        Keys that were left out.

    Raises
    ------
    ParameterError
        If the module lacks one of the keys, one has another shape, or none fits.
    """
    own = module.state_dict()
    found, dropped, unexpected = keys.match_keys(state, own, rename, drops)
    unlike = [key for key, value in found.items() if value.shape != own[key].shape]
    if unexpected or unlike or not found:
        raise ParameterError(
            f"the checkpoint does not fit over {type(module).__name__}: {len(found)} of its keys are known, "
            f"{len(unexpected)} are not, {len(unlike)} have another shape"
        )
    module.load_state_dict(
        {key: value.in_float32() for key, value in found.items()}, strict=False, assign=True
    )
    return dropped
