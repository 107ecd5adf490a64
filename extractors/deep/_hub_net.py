"""A model of the transformers library with the interface of our own networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vqa_features.errors import ParameterError

from . import _checkpoint
from ._hub_files import KINDS
from ._layers import Backbone


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
        config = getattr(self.model.config, "vision_config", self.model.config)
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
        config = getattr(self.model.config, "vision_config", self.model.config)
        side = config.patch_size
        count, _, height, width = images.shape
        grid = images.reshape(count, 3, height // side, side, width // side, side)
        patches = grid.permute(0, 2, 4, 3, 5, 1).reshape(count, -1, side * side * 3)
        return {
            "pixel_values": patches,
            "pixel_attention_mask": torch.ones(patches.shape[:2], dtype=torch.long, device=images.device),
            "spatial_shapes": torch.tensor([[height // side, width // side]] * count, device=images.device),
        }


def build(folder: Path, config: Any, random: bool = False) -> HubNetwork:
    """Return the model of a folder, in eval mode.

    Parameters
    ----------
    folder : Path
        Folder with the model's files.
    config : transformers.PretrainedConfig
        The model's configuration.
    random : bool
        Fill it with seeded random weights instead of its own.

    Returns
    -------
    HubNetwork

    Raises
    ------
    ParameterError
        If the file lacks weights the model needs (a pooling layer alone may be missing).
    """
    from transformers import AutoModel

    if random:
        made: Any = AutoModel
        network = HubNetwork(made.from_config(config, trust_remote_code=False))
        _checkpoint.randomise(network)
        return network.eval().requires_grad_(False)
    with _no_progress_bar():
        model, loading = AutoModel.from_pretrained(
            folder,
            config=config,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    missing: Sequence[str] = sorted(loading["missing_keys"])
    untrained = [key for key in missing if not key.startswith("pooler.")]
    if untrained:
        raise ParameterError(
            f"{folder} lacks weights of {type(model).__name__}: {len(untrained)} missing, "
            f"{', '.join(untrained[:8])}"
        )
    return HubNetwork(model, trained_pooler=not missing).eval().requires_grad_(False)


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """Keep transformers from drawing a bar for each file, which lasts milliseconds, among our messages."""
    from transformers.utils import logging

    bars: Any = logging
    drawn = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if drawn:
            bars.enable_progress_bar()
