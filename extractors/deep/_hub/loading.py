"""A model of the transformers library from its folder: the weights are read, hashed and filled in."""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any, BinaryIO

import torch
from torch import Tensor
from transformers import MODEL_MAPPING

from vqa_features.errors import ParameterError
from vqa_features.files.reading import reading

from .._weights.random_weights import randomise
from .._weights.safetensors import Entry, read_bytes, read_header, read_tensors
from .config import read_config, read_kind
from .files import ModelFiles
from .kinds import Kind
from .network import HubNetwork
from .towers import tower_weights


def build(files: ModelFiles, digest: str | None) -> HubNetwork:
    """Return the model of a folder, in eval mode.

    The bytes that are loaded are those that are hashed: each weight file is opened and read once.

    Parameters
    ----------
    files : ModelFiles
        The model.
    digest : str or None
        The SHA-256 that its weights must have; None for seeded random weights instead of its own.

    Returns
    -------
    HubNetwork

    Raises
    ------
    ParameterError
        If the files are damaged or have changed, or lack weights the model needs (a pooling layer alone may
        be missing).
    """
    with reading(files.folder, "a model of transformers", ParameterError), ExitStack() as opened:
        config = copy.deepcopy(read_config(files))
        kind = read_kind(files)
        cls = _class_of(config, kind)
        options = {} if kind.pooling_layer is None else {"add_pooling_layer": kind.pooling_layer}
        # as the library chooses, whatever a configuration names: torch's own attention where a type has it
        attention = "sdpa" if cls._supports_sdpa else "eager"
        streams = [opened.enter_context(stream) for stream in files.open_shards()]
        with torch.device("meta"):
            model = cls._from_config(config, attn_implementation=attention, **options)
        _compare_size(model, [read_header(stream) for stream in streams])
        if digest is None:
            network = HubNetwork(cls._from_config(config, attn_implementation=attention, **options), kind)
            randomise(network)
        else:
            tensors = _tensors(files, streams, digest)
            if kind.inside:
                tensors = tower_weights(tensors)
            model, trained = _filled(cls, config, tensors, attn_implementation=attention, **options)
            network = HubNetwork(model, kind, trained)
    return network.eval().requires_grad_(False)


def _compare_size(model: Any, headers: list[dict[str, Entry]]) -> None:
    """Raise if a model, which has no memory yet, has more than twice the weights of its files."""
    needed = sum(value.numel() for value in model.parameters())
    stored = sum(math.prod(entry.shape) for header in headers for entry in header.values())
    if needed > 2 * stored:
        raise ValueError(f"config.json describes {needed} weights, the files hold {stored}")


def _tensors(files: ModelFiles, streams: list[BinaryIO], digest: str) -> dict[str, Tensor]:
    """Return the tensors of all weight files, whose bytes have the SHA-256 `digest`."""
    contents = [read_bytes(stream) for stream in streams]
    if files.weights_sha256([hashlib.sha256(content.data).hexdigest() for content in contents]) != digest:
        raise ValueError("its weights were changed after they were hashed; run again")
    found: dict[str, Tensor] = {}
    for name, content in zip(files.shards, contents, strict=True):
        tensors = read_tensors(content, str(files.folder / name))
        if twice := found.keys() & tensors.keys():
            raise ValueError(f"tensor {min(twice)!r} is in {name} and in another file")
        found |= tensors
    return found


def _class_of(config: Any, kind: Kind) -> Any:
    """Return the library's class of a model, which is beside that of its configuration."""
    if not kind.cls:
        return MODEL_MAPPING[type(config)]
    return getattr(import_module(type(config).__module__.replace(".configuration_", ".modeling_")), kind.cls)


def _filled(cls: Any, config: Any, state: dict[str, Tensor], **options: Any) -> tuple[Any, bool]:
    """Return a model with the tensors of its files, and whether they have those of its pooling layer."""
    with _quiet():
        model, loading = cls.from_pretrained(
            None,
            config=config,
            # indices are computed; whole numbers are no weights of these models without scales beside them
            state_dict={key: value for key, value in state.items() if value.is_floating_point()},
            **options,
            torch_dtype=torch.float32,
            local_files_only=True,
            output_loading_info=True,
        )
    missing: Sequence[str] = sorted(loading["missing_keys"])
    untrained = [key for key in missing if not key.startswith("pooler.")]
    if untrained:
        raise ValueError(
            f"it lacks weights of {cls.__name__}: {len(untrained)} missing, {', '.join(untrained[:8])}"
        )
    return model, not missing


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers from drawing a bar for each file and a table of keys among our messages."""
    from transformers.utils import logging

    library: Any = logging
    drawn, level = library.is_progress_bar_enabled(), library.get_verbosity()
    library.disable_progress_bar()
    library.set_verbosity_error()
    try:
        yield
    finally:
        library.set_verbosity(level)
        if drawn:
            library.enable_progress_bar()
