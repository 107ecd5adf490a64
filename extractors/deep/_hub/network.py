"""A model of the transformers library with the interface of our own networks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vqa_features.errors import ParameterError

from .._networks.layers import Backbone
from .config import vision_of
from .kinds import KINDS


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
