"""A model of the transformers library with the interface of our own networks."""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO

import torch
from torch import Tensor
from transformers import MODEL_MAPPING, AutoModel

from vqa_features.errors import ParameterError
from vqa_features.files.reading import reading

from ._hub_config import KINDS, read_config, vision_of
from ._hub_files import ModelFiles
from ._layers import Backbone
from ._random_weights import randomise
from ._safetensors import Entry, read_bytes, read_header, read_tensors


class HubNetwork(Backbone):
    """Feeds (B, C, T, H, W) clips to a transformers model and reads its vector.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        The model, in eval mode.
    trained_pooler : bool
        Whether the file has weights of the pooling layer; if not, the class token is read.
    """

    def __init__(self, model: Any, trained_pooler: bool = True) -> None:
        super().__init__()
        self.model = model
        self.model_type = str(model.config.model_type)
        self.kind = KINDS[self.model_type]
        self.trained_pooler = trained_pooler

    def stages(self) -> list[str]:
        """Names of the transformer's layers."""
        config = vision_of(self.model.config)
        return [f"layer{k}" for k in range(1, config.num_hidden_layers + 1)]

    def tap_name(self, tap: int | str) -> str:
        """Name of the layer a tap means."""
        names = self.stages()
        if isinstance(tap, int) and -len(names) <= tap < len(names):
            return names[tap]
        if tap not in names:
            raise ParameterError(f"{self.model_type} has no layer {tap!r}; tap one of {', '.join(names)}")
        return str(tap)

    def features(self, x: Tensor, **options: Any) -> Tensor:
        """(B, 3, T, H, W) to (B, D)."""
        frames = x.shape[2]
        inputs = self._inputs(x)
        if self.kind.pooled in ("image", "video"):
            method = (
                self.model.get_image_features
                if self.kind.pooled == "image"
                else self.model.get_video_features
            )
            pooled = method(**inputs)
            vector = pooled if isinstance(pooled, Tensor) else pooled.pooler_output
        else:
            output = self.model(**inputs)
            if self.kind.pooled == "mean":
                vector = output.last_hidden_state.mean(1)
            elif self.kind.pooled == "cls" or not self.trained_pooler:
                vector = output.last_hidden_state[:, 0]
            else:
                vector = output.pooler_output
        return vector if self.kind.frames else vector.reshape(len(x), frames, -1).mean(1)

    def tokens(self, output: Tensor) -> tuple[Tensor, Tensor | None]:
        """Tokens of a hidden layer, and its class token where the model has one."""
        return output, output[:, 0] if self.kind.has_cls else None

    def _run_tapped(self, x: Tensor, names: list[str], options: Any) -> list[Any]:
        inputs = self._inputs(x)
        model = self.model
        if self.kind.pooled in ("image", "video"):
            model = self.model.vision_model
        if self.kind.pooled == "video":  # its vision tower sees single frames
            inputs["pixel_values"] = inputs["pixel_values"].flatten(0, 1)
        hidden = model(**inputs, output_hidden_states=True).hidden_states
        return [hidden[int(name.removeprefix("layer"))] for name in names]

    def _reduce(self, output: Any, how: str) -> Tensor:
        rows = super()._reduce(output, how)
        return rows if len(rows) == self._batch else rows.reshape(self._batch, -1, rows.shape[1]).mean(1)

    def _inputs(self, x: Tensor) -> dict[str, Any]:
        """Return the arguments of the model's forward for these clips."""
        self._batch = len(x)
        frames_first = x.transpose(1, 2).contiguous()
        if self.model_type == "vjepa2":
            return {"pixel_values_videos": frames_first, "skip_predictor": True}
        if self.kind.frames:
            return {"pixel_values": frames_first}
        images = frames_first.flatten(0, 1)
        if self.model_type.startswith("siglip2"):
            return self._patches(images)
        return {"pixel_values": images}

    def _patches(self, images: Tensor) -> dict[str, Tensor]:
        """Return SigLIP 2's arguments: flattened patches, a mask and the grid's shape."""
        config = vision_of(self.model.config)
        side = config.patch_size
        count, _, height, width = images.shape
        grid = images.reshape(count, 3, height // side, side, width // side, side)
        patches = grid.permute(0, 2, 4, 3, 5, 1).reshape(count, -1, side * side * 3)
        return {
            "pixel_values": patches,
            "pixel_attention_mask": torch.ones(patches.shape[:2], dtype=torch.long, device=images.device),
            "spatial_shapes": torch.tensor([[height // side, width // side]] * count, device=images.device),
        }


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
        cls: Any = MODEL_MAPPING[type(config)]
        made: Any = AutoModel
        # as the library chooses, whatever a configuration names: torch's own attention where a type has it
        attention = "sdpa" if cls._supports_sdpa else "eager"
        streams = [opened.enter_context(stream) for stream in files.open_shards()]
        with torch.device("meta"):
            model = made.from_config(config, attn_implementation=attention)
        _compare_size(model, [read_header(stream) for stream in streams])
        if digest is None:
            network = HubNetwork(made.from_config(config, attn_implementation=attention))
            randomise(network)
        else:
            network = _filled(cls, config, attention, _tensors(files, streams, digest))
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


def _filled(cls: Any, config: Any, attention: str, state: dict[str, Tensor]) -> HubNetwork:
    """Return a model with the tensors of its files."""
    with _quiet():
        model, loading = cls.from_pretrained(
            None,
            config=config,
            # indices are computed; whole numbers are no weights of these models without scales beside them
            state_dict={key: value for key, value in state.items() if value.is_floating_point()},
            attn_implementation=attention,
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
    return HubNetwork(model, trained_pooler=not missing)


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
