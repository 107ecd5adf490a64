"""The network of a deep extractor as a torch module."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import checkpoints as weight_files
from .errors import ParameterError, UnknownName
from .registry import registry

if TYPE_CHECKING:
    from torch import nn


def build_backbone(
    name: str,
    weights: str | os.PathLike[str] | None = None,
    config: Mapping[str, Any] | None = None,
) -> nn.Module:
    """Return a frozen network in eval mode, whose `embed` returns one vector per clip.

    Parameters
    ----------
    name : str
        An extractor (``video-swin-t``), or, with `config`, an architecture (``video-swin``).
    weights : str or path, optional
        Path of an official checkpoint, the tag of a published one (``kinetics400``), ``random``
        for a seeded control, or None for the module without weights, to load into.
    config : mapping, optional
        Any configuration of the architecture, instead of the named variant's.

    Returns
    -------
    torch.nn.Module
        ``embed(x)``: (batch, channels, time, height, width) to (batch, dim);
        ``load_official(state_dict)`` loads weights under every official key naming scheme.

    Raises
    ------
    UnknownName
        If there is no network of that name.
    WeightsMissing
        If the named weights are not on this machine; the message says how to get them.
    ParameterError
        If the weights do not fit, or an architecture is named without a complete configuration.

    See Also
    --------
    extract : Features of a video; a deep extractor runs its backbone on the official clips.
    list_extractors : Names of the extractors.

    Examples
    --------
    >>> import torch
    >>> import vqa_features as vf
    >>> network = vf.build_backbone("efficientnet-lite0", weights="random")
    >>> with torch.inference_mode():
    ...     tuple(network.embed(torch.zeros(1, 3, 1, 64, 64)).shape)
    (1, 1280)
    """
    found: dict[str, Any] = {key: cls for key, cls in registry().items() if hasattr(cls, "network")}
    by_architecture = {cls.architecture: cls for cls in found.values()}
    cls = found.get(name) or by_architecture.get(name)
    if cls is None:
        raise UnknownName("backbone", name, [*found, *by_architecture], "vqa-features list --family deep")
    if config is None and name not in found:
        raise ParameterError(f"{name!r} is an architecture: give a config, or name a variant of it")
    from vqa_features.extractors.deep._weights import checkpoint, overlay
    from vqa_features.extractors.deep._weights.random_weights import randomise

    from_file = weights not in (None, "random")
    try:
        with checkpoint.without_parameters() if from_file else contextlib.nullcontext():
            network = cls.network(cls.config if config is None else config)
    except KeyError as lacking:
        raise ParameterError(f"the config of {cls.architecture} lacks {lacking}") from None
    except TypeError as error:  # the entries are the arguments of the module
        if config is None:
            raise
        raise ParameterError(f"the config of {cls.architecture} does not fit: {error}") from None
    if weights == "random":
        randomise(network)
    elif weights is not None:
        with weight_files.opened(cls.name, cls.checkpoints, os.fspath(weights)) as file:
            overlay.load(network, file)
    return network.eval().requires_grad_(False)
