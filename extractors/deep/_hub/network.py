"""A model of the transformers library with the interface of our own networks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from vqa_features.errors import ParameterError

from .._networks.layers import Backbone
from .kinds import Kind
from .sizes import layers_of, vision_of


class HubNetwork(Backbone):
    """Feeds (B, C, T, H, W) clips to a transformers model and reads its vector.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        The model, in eval mode.
    kind : Kind
        What it takes and which vector is read.
    trained_pooler : bool
        Whether the file has weights of the pooling layer; if not, it is not read.
    norm : torch.nn.Module, optional
        Norm of the vector.
    """

    def __init__(
        self, model: Any, kind: Kind, trained_pooler: bool = True, norm: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.model = model
        self.model_type = str(model.config.model_type)
        self.kind = kind
        self.trained_pooler = trained_pooler
        self.norm = norm

    def stages(self) -> list[str]:
        """Names of the transformer's layers, or of the network's stages."""
        return list(layers_of(self.model.config, self.kind))

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
        inputs = self._inputs(x)
        if self.kind.pooled in ("image", "video"):
            method = (
                self.model.get_image_features
                if self.kind.pooled == "image"
                else self.model.get_video_features
            )
            found = method(**inputs)
            vector = found if isinstance(found, Tensor) else found.pooler_output
        else:
            vector = self._pooled(self.model(**inputs))
        if self.norm is not None:
            vector = self.norm(vector)
        return self._per_clip(vector.flatten(1))

    def tokens(self, output: Tensor) -> tuple[Tensor, Tensor | None]:
        """Tokens of a hidden layer, and its class token where the model has one."""
        if output.ndim == 4:  # a map
            return super().tokens(output)
        if output.ndim == 2:  # the tokens of all pictures, one after the other
            output = output.reshape(self._pictures, -1, output.shape[1])
        return output, output[:, 0] if self.kind.has_cls else None

    def _pooled(self, output: Any) -> Tensor:
        """Return the vector of a model's output."""
        vector = getattr(output, "pooler_output", None)
        if self.kind.pooled == "pooler" and self.trained_pooler and vector is not None:
            return vector
        tokens, cls = self.tokens(output.last_hidden_state)
        how = self.kind.unpooled if self.kind.pooled == "pooler" else self.kind.pooled
        if how == "mean":
            return tokens[:, int(self.kind.has_cls) :].mean(1)
        assert cls is not None
        return cls

    def _run_tapped(self, x: Tensor, names: list[str], options: Any) -> list[Any]:
        stages = self.stages()
        if self.kind.block:
            last = [depth - 1 for depth in vision_of(self.model.config).depths]
            blocks = [self.kind.block.format(stage, last[stage]) for stage in map(stages.index, names)]
            outputs = super()._run_tapped(x, [f"model.{block}" for block in blocks], options)
            return [output if isinstance(output, Tensor) else output[0] for output in outputs]
        inputs = self._inputs(x)
        model = self.model
        if self.kind.pooled in ("image", "video"):
            model = getattr(self.model, self.kind.part)
        if self.model_type == "xclip":  # its vision tower sees single frames
            inputs["pixel_values"] = inputs["pixel_values"].flatten(0, 1)
        hidden = model(**inputs, output_hidden_states=True).hidden_states
        return [hidden[stages.index(name) - len(stages)] for name in names]

    def _reduce(self, output: Any, how: str) -> Tensor:
        return self._per_clip(super()._reduce(output, how))

    def _per_clip(self, rows: Tensor) -> Tensor:
        """Return the mean of the rows of each clip, of which a model may give several."""
        return rows if len(rows) == self._batch else rows.reshape(self._batch, -1, rows.shape[1]).mean(1)

    def _inputs(self, x: Tensor) -> dict[str, Any]:
        """Return the arguments of the model's forward for these clips."""
        self._batch, self._pictures = len(x), len(x) * x.shape[2]
        frames_first = x.transpose(1, 2).contiguous()
        if self.kind.frames:
            more = {"skip_predictor": True} if self.model_type == "vjepa2" else {}
            return {self.kind.pixels: frames_first, **more}
        images = frames_first.flatten(0, 1)
        if self.model_type.startswith("siglip2"):
            return self._patches(images)
        if self.model_type.startswith("qwen"):
            return self._merged_patches(images)
        return {self.kind.pixels: images}

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

    def _merged_patches(self, images: Tensor) -> dict[str, Tensor]:
        """Return Qwen-VL's arguments: patches in the order of their merging, repeated in time."""
        config = self.model.config
        side, merge, repeat = config.patch_size, config.spatial_merge_size, config.temporal_patch_size
        count, channels, height, width = images.shape
        rows, columns = height // side, width // side
        grid = images.reshape(
            count, channels, rows // merge, merge, side, columns // merge, merge, side
        ).permute(0, 2, 5, 3, 6, 1, 4, 7)
        patches = grid[..., None, :, :].expand(*grid.shape[:-2], repeat, side, side)
        return {
            "hidden_states": patches.reshape(count * rows * columns, -1),
            "grid_thw": torch.tensor([[1, rows, columns]] * count, device=images.device),
        }
