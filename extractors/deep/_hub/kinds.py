"""Types of models of the transformers library that are known: what they take and which vector is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Kind:
    """Inputs and output of one type of model.

    Parameters
    ----------
    pooled : {"mean", "cls", "pooler", "image", "video"}
        The vector: mean of the last layer's tokens, its class token, the model's own pooled
        output, or the projected feature of an image-text or video-text model.
    has_cls : bool
        Whether the first token is a class token.
    frames : str
        Entry of the configuration that holds the number of frames of a clip; "" for image models.
    stride : int
        Every `stride`-th frame is taken; 0 spreads the clip over the whole video.
    """

    pooled: Literal["mean", "cls", "pooler", "image", "video"]
    has_cls: bool
    frames: str = ""
    stride: int = 0


KINDS: Mapping[str, Kind] = {
    "videomae": Kind("mean", False, "num_frames", 4),
    "timesformer": Kind("cls", True, "num_frames", 32),
    "vivit": Kind("pooler", True, "num_frames", 2),
    "vjepa2": Kind("mean", False, "frames_per_clip", 2),
    "xclip": Kind("video", True, "num_frames"),
    "clip": Kind("image", True),
    "clip_vision_model": Kind("pooler", True),
    "siglip": Kind("image", False),
    "siglip_vision_model": Kind("pooler", False),
    "siglip2": Kind("image", False),
    "siglip2_vision_model": Kind("pooler", False),
    "dinov2": Kind("pooler", True),
    "dinov2_with_registers": Kind("pooler", True),
    "dinov3_vit": Kind("pooler", True),
}
