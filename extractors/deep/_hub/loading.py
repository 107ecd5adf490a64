"""A model of the transformers library from its folder: the weights are read, hashed and filled in."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any, BinaryIO

import torch
from torch import Tensor, nn
from transformers import MODEL_MAPPING

from vqa_features.errors import ParameterError
from vqa_features.files.reading import reading

from .._weights.random_weights import randomise
from .._weights.safetensors import Entry, read_hashed, read_header
from .config import read_config, read_kind
from .files import ModelFiles
from .kinds import Kind
from .network import HubNetwork
from .sizes import vision_of
from .towers import tower_weights

#: A model's weights: the file and the key of each.
Places = dict[str, tuple[int, str]]


def build(files: ModelFiles, digest: str | None, text: bool = False) -> HubNetwork:
    """Return the model of a folder, in eval mode.

    The bytes that are loaded are those that are hashed: each weight file is opened and read once. Kept of it
    are the tensors of the model, without those of a language model or a text tower behind the vision tower.

    Parameters
    ----------
    files : ModelFiles
        The model.
    digest : str or None
        The SHA-256 that its weights must have; None for seeded random weights instead of its own.
    text : bool
        Whether the text tower of an image-text or video-text model is needed too.

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
        cls = class_of(config, kind)
        if kind.pooled in ("image", "video") and not text:
            cls = _without_text(cls)
        options: dict[str, Any] = (
            {} if kind.pooling_layer is None else {"add_pooling_layer": kind.pooling_layer}
        )
        # as the library chooses, whatever a configuration names: torch's own attention where a type has it
        options |= {"attn_implementation": "sdpa" if cls._supports_sdpa else "eager"}
        streams = [opened.enter_context(stream) for stream in files.open_shards()]
        headers = [read_header(stream) for stream in streams]
        with torch.device("meta"):
            _compare_size(cls._from_config(config, **options), headers)
        places = _places(files, headers, kind, text)
        norm = _norm(places, kind, vision_of(config))
        if digest is None:
            network = HubNetwork(cls._from_config(config, **options), kind, norm=norm)
            randomise(network)
        else:
            tensors = _tensors(files, streams, places, digest)
            if norm is not None:
                norm.load_state_dict(
                    {part: tensors.pop(f"{kind.norm}.{part}") for part in ("weight", "bias")}
                )
            model, trained = _filled(cls, config, tensors, **options)
            network = HubNetwork(model, kind, trained, norm)
    return network.eval().requires_grad_(False)


def _compare_size(model: Any, headers: list[dict[str, Entry]]) -> None:
    """Raise if a model, which has no memory yet, has more than twice the weights of its files."""
    needed = sum(value.numel() for value in model.parameters())
    stored = sum(math.prod(entry.shape) for header in headers for entry in header.values())
    if needed > 2 * stored:
        raise ValueError(f"config.json describes {needed} weights, the files hold {stored}")


def _places(files: ModelFiles, headers: list[dict[str, Entry]], kind: Kind, text: bool) -> Places:
    """Return file and key of every weight of the model, by its name in the model's own files."""
    found: Places = {}
    for number, header in enumerate(headers):
        if twice := found.keys() & header.keys():
            raise ValueError(f"tensor {min(twice)!r} is in {files.shards[number]} and in another file")
        # indices are computed; whole numbers are no weights of these models without scales beside them
        found |= {key: (number, key) for key, entry in header.items() if entry.dtype.is_floating_point}
    if kind.inside:
        return tower_weights(found)
    if kind.pooled in ("image", "video") and not text:
        return {key: place for key, place in found.items() if not _is_of_text(key)}
    return found


def _is_of_text(name: str) -> bool:
    """Whether a weight belongs to the text tower: text_model, text_projection."""
    return any(part.startswith("text_") for part in name.split("."))


def _norm(places: Places, kind: Kind, config: Any) -> nn.LayerNorm | None:
    """Return the norm of the vector, which the library keeps with the classifier, where the files have it."""
    if not kind.norm or f"{kind.norm}.weight" not in places or not config.use_mean_pooling:
        return None
    return nn.LayerNorm(config.hidden_size)


def _tensors(files: ModelFiles, streams: list[BinaryIO], places: Places, digest: str) -> dict[str, Tensor]:
    """Return the weights of the model from files that have the SHA-256 `digest`."""
    wanted = [{key for one, key in places.values() if one == number} for number in range(len(streams))]
    read = [read_hashed(stream, keys) for stream, keys in zip(streams, wanted, strict=True)]
    if files.weights_sha256([found for _, found in read]) != digest:
        raise ValueError("its weights were changed after they were hashed; run again")
    return {name: read[number][0].pop(key) for name, (number, key) in places.items()}


def _without_text(cls: type) -> Any:
    """Return a model's class whose models have no text tower."""

    class Vision(cls):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            for name in [name for name, _ in self.named_children() if _is_of_text(name)]:
                delattr(self, name)

        def _init_weights(self, module: Any) -> None:
            if module is not self:  # whose own weights are those of the projections
                super()._init_weights(module)

    # by which the library finds other names of weights
    Vision.__name__, Vision.__qualname__, Vision.__module__ = cls.__name__, cls.__qualname__, cls.__module__
    return Vision


def class_of(config: Any, kind: Kind) -> Any:
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
            state_dict=state,
            **options,
            torch_dtype=torch.float32,
            local_files_only=True,
            output_loading_info=True,
        )
    weights = dict(model.named_parameters()) | dict(model.named_buffers())
    missing: Sequence[str] = sorted(
        key for key in loading["missing_keys"] if key not in weights or weights[key].is_floating_point()
    )
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
