"""Types of models of the transformers library that are known: what they take and which vector is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class Kind:
    """Inputs and output of one type of model.

    Parameters
    ----------
    pooled : {"mean", "cls", "pooler", "image", "video"}
        The vector: mean of the last layer's tokens without the class token, the class token, the model's
        own pooled output, or the feature of an image-text or video-text model.
    has_cls : bool
        Whether the first token is a class token.
    frames : str
        Entry of the configuration that holds the number of frames of a clip; "" for image models.
    stride : int
        Every `stride`-th frame is taken; 0 spreads the clip over the whole video.
    unpooled : {"cls", "mean"}
        What is read of a model without a trained pooling layer.
    dim : str
        Entry of the configuration with the width of the vector; "" where it is the last layer's.
    depth : str
        Entries with the number of layers, joined by "+" and added; or one with the depth of every stage.
    width : str
        Entry with the width of the layers, or of every stage; of stages, a single number is the first one's,
        and the others grow by `embed_dim_multiplier`, or twofold.
    block : str
        Name of a block, of stage and number, where what the library returns of a stage is already merged for
        the next one.
    pixels : str
        Argument that takes the pictures.
    part : str
        Attribute with the vision tower of an image-text or video-text model.
    pooling_layer : bool, optional
        Whether the pooling layer is made, where the library's class leaves that open.
    cls : str
        Name of the library's class, where its automatic ones do not know the type.
    any_size : bool
        Whether it takes pictures of any size: it has no position table, or interpolates it.
    inside : bool
        Whether it is the vision tower of a larger model.
    norm : str
        Norm of the vector that the library keeps with the classifier; it is applied where a file has it.
    """

    pooled: Literal["mean", "cls", "pooler", "image", "video"]
    has_cls: bool
    frames: str = ""
    stride: int = 0
    unpooled: Literal["cls", "mean"] = "cls"
    dim: str = ""
    depth: str = "num_hidden_layers"
    width: str = "hidden_size"
    block: str = ""
    pixels: str = "pixel_values"
    part: str = "vision_model"
    pooling_layer: bool | None = None
    cls: str = ""
    any_size: bool = False
    inside: bool = False
    norm: str = ""


_STAGES = Kind("pooler", False, unpooled="mean", depth="depths", width="hidden_sizes", any_size=True)
_GROWING = replace(_STAGES, width="embed_dim")
_SWIN = replace(_GROWING, block="encoder.layers.{}.blocks.{}")
_IMAGE_TEXT = Kind("image", True, dim="projection_dim")
_CLASSIFIED = Kind("cls", True, pooling_layer=False)
_PATCHES = Kind("mean", False)
_VIDEOPRISM = Kind(
    "mean",
    False,
    "num_frames",
    depth="num_spatial_layers+num_temporal_layers",
    pixels="pixel_values_videos",
    part="video_model",
)

KINDS: Mapping[str, Kind] = {
    "videomae": Kind("mean", False, "num_frames", 4, norm="fc_norm"),
    "timesformer": Kind("cls", True, "num_frames", 32),
    "vivit": Kind("pooler", True, "num_frames", 2),
    "vjepa2": Kind("mean", False, "frames_per_clip", 2, pixels="pixel_values_videos", any_size=True),
    "videoprism": replace(_VIDEOPRISM, pooled="video"),
    "videoprism_vision_model": _VIDEOPRISM,
    "xclip": Kind("video", True, "num_frames", dim="projection_dim"),
    "clip": _IMAGE_TEXT,
    "clip_vision_model": Kind("pooler", True),
    "metaclip_2": _IMAGE_TEXT,
    "metaclip_2_vision_model": Kind("pooler", True, cls="MetaClip2VisionModel"),
    "siglip": Kind("image", False),
    "siglip_vision_model": Kind("pooler", False, unpooled="mean"),
    "siglip2": Kind("image", False, any_size=True),
    "siglip2_vision_model": Kind("pooler", False, unpooled="mean", any_size=True),
    "aimv2": replace(_IMAGE_TEXT, has_cls=False),
    "aimv2_vision_model": Kind("pooler", False, unpooled="mean"),
    "tipsv2": Kind("image", True, any_size=True),
    "tipsv2_vision_model": Kind("pooler", True, any_size=True),
    "mlcd": Kind("pooler", True, any_size=True),
    "mlcd_vision_model": Kind("pooler", True, any_size=True),
    "dinov2": Kind("pooler", True, any_size=True),
    "dinov2_with_registers": Kind("pooler", True, any_size=True),
    "dinov3_vit": Kind("pooler", True, any_size=True),
    "dinov3_convnext": _STAGES,
    "pixio": Kind("pooler", True, any_size=True),
    "vit": _CLASSIFIED,
    "deit": _CLASSIFIED,
    "vit_msn": Kind("cls", True),
    "ijepa": replace(_PATCHES, pooling_layer=False),
    "beit": Kind("pooler", True, unpooled="mean", any_size=True),
    "data2vec-vision": Kind("pooler", True, unpooled="mean", pooling_layer=True, any_size=True),
    "internvl_vision": Kind("mean", True, any_size=True),
    "qwen2_vl_vision": replace(_PATCHES, width="embed_dim", cls="Qwen2VisionTransformerPretrainedModel"),
    "qwen2_5_vl_vision": _PATCHES,
    "qwen3_vl_vision": _PATCHES,
    "swin": _SWIN,
    "swinv2": _SWIN,
    "hiera": replace(_GROWING, any_size=False),
    "convnext": _STAGES,
    "convnextv2": _STAGES,
    "resnet": _STAGES,
    "regnet": _STAGES,
    "pvt_v2": replace(_STAGES, pooled="mean"),
}
