"""Default settings of the transformers library's image and video processors, by class.

A configuration file lacks what is a default of the class it names, and which keys it holds has changed over
the years. The values here are the class attributes of transformers 5.23 (Apache-2.0), module
``image_processing_*`` or ``video_processing_*`` of each class; a test compares them with those installed.
Keys and values are spelled as in the configuration files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from vqa_features.errors import ParameterError

Settings = Mapping[str, Any]

_BILINEAR, _BICUBIC = 2, 3  # Pillow's numbers
_HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
_IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
_CLIP = {
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}


def _short(side: int) -> dict[str, int]:
    return {"shortest_edge": side}


def _exact(side: int) -> dict[str, int]:
    return {"height": side, "width": side}


def _cropped(side: int) -> dict[str, Any]:
    return {"do_center_crop": True, "crop_size": _exact(side)}


def _row(statistics: Settings, resample: int = _BICUBIC, **others: Any) -> Settings:
    """Return the settings of a class that resizes, rescales and normalises, as nearly all do."""
    steps = {"do_resize": True, "do_rescale": True, "do_normalize": True}
    common = {"rescale_factor": 1 / 255, "default_to_square": True}
    return MappingProxyType({**steps, **common, **statistics, "resample": resample, **others})


_SHORT_SIDE = {"size": _short(224), "default_to_square": False, **_cropped(224)}
_CLIP_LIKE = _row(_CLIP, **_SHORT_SIDE)
_VIDEOMAE = _row(_HALF, _BILINEAR, **_SHORT_SIDE)
_VIVIT = _row(
    _HALF,
    _BILINEAR,
    **{**_SHORT_SIDE, "size": _short(256), "rescale_factor": 1 / 127.5, "offset": True},
)
_EXACT_384 = _row(_CLIP, size=_exact(384))

#: Settings by class, under the name without ``Fast`` and ``Pil``.
PROCESSORS: Mapping[str, Settings] = {
    "BeitImageProcessor": _row(_HALF, size=_exact(224), crop_size=_exact(224), do_center_crop=False),
    "BitImageProcessor": _CLIP_LIKE,
    "BlipImageProcessor": _EXACT_384,
    "CLIPImageProcessor": _CLIP_LIKE,
    "ChineseCLIPImageProcessor": _CLIP_LIKE,
    "ConvNextImageProcessor": _row(_HALF, size=_short(384), default_to_square=False, crop_pct=224 / 256),
    "DINOv3ViTImageProcessor": _row(_IMAGENET, _BILINEAR, size=_exact(224)),
    "DeiTImageProcessor": _row(_HALF, size=_exact(256), **_cropped(224)),
    "GotOcr2ImageProcessor": _row(_CLIP, size=_exact(384), crop_to_patches=False),
    "Gemma3ImageProcessor": _row(_HALF, _BILINEAR, size=_exact(224)),
    "InternVLVideoProcessor": _EXACT_384,
    "LlavaImageProcessor": _CLIP_LIKE,
    "LlavaOnevisionImageProcessor": _row(_CLIP, size=_exact(384), default_to_square=False),
    "LlavaOnevisionVideoProcessor": _row(_CLIP, size=_exact(384), default_to_square=False),
    "PeVideoVideoProcessor": MappingProxyType(
        {"resample": _BILINEAR, "rescale_factor": 1 / 255, "default_to_square": True}
    ),
    "PerceptionLMVideoProcessor": _row(_HALF, size=_exact(448), do_center_crop=False),
    "PvtImageProcessor": _row(_IMAGENET, size=_exact(224)),
    "Qwen2VLImageProcessor": _row(
        _CLIP,
        size={"shortest_edge": 56 * 56, "longest_edge": 28 * 28 * 1280},
        default_to_square=False,
        patch_size=14,
        merge_size=2,
    ),
    "Siglip2ImageProcessor": _row(_HALF, _BILINEAR, patch_size=16, max_num_patches=256),
    "SiglipImageProcessor": _row(_HALF, size=_exact(224), default_to_square=False),
    "Tipsv2ImageProcessor": _row({}, _BILINEAR, size=_exact(448), do_normalize=False),
    "TimesformerVideoProcessor": _row(_IMAGENET, _BILINEAR, **_SHORT_SIDE),
    "VJEPA2VideoProcessor": _row(_IMAGENET, _BILINEAR, size=_short(292), crop_size=256, do_center_crop=True),
    "ViTImageProcessor": _row(_HALF, _BILINEAR, size=_exact(224)),
    "VideoMAEImageProcessor": _VIDEOMAE,
    "VideoMAEVideoProcessor": _VIDEOMAE,
    "VivitImageProcessor": _VIVIT,
    "VivitVideoProcessor": _VIVIT,
}

#: Class that a model's type takes where its configuration names none (the library's AutoImageProcessor).
IMAGE_DEFAULTS: Mapping[str, str] = {
    "aimv2": "CLIPImageProcessor",
    "aimv2_vision_model": "CLIPImageProcessor",
    "altclip": "CLIPImageProcessor",
    "aya_vision": "GotOcr2ImageProcessor",
    "beit": "BeitImageProcessor",
    "blip": "BlipImageProcessor",
    "blip-2": "BlipImageProcessor",
    "chinese_clip": "ChineseCLIPImageProcessor",
    "clip": "CLIPImageProcessor",
    "convnext": "ConvNextImageProcessor",
    "convnextv2": "ConvNextImageProcessor",
    "cvt": "ConvNextImageProcessor",
    "data2vec-vision": "BeitImageProcessor",
    "deit": "DeiTImageProcessor",
    "dinov2": "BitImageProcessor",
    "dinov3_vit": "DINOv3ViTImageProcessor",
    "focalnet": "BitImageProcessor",
    "gemma3": "Gemma3ImageProcessor",
    "hiera": "BitImageProcessor",
    "ijepa": "ViTImageProcessor",
    "internvl": "GotOcr2ImageProcessor",
    "llava": "LlavaImageProcessor",
    "llava_onevision": "LlavaOnevisionImageProcessor",
    "metaclip_2": "CLIPImageProcessor",
    "mlcd": "CLIPImageProcessor",
    "paligemma": "SiglipImageProcessor",
    "pixio": "BitImageProcessor",
    "pvt": "PvtImageProcessor",
    "pvt_v2": "PvtImageProcessor",
    "qwen2_5_vl": "Qwen2VLImageProcessor",
    "qwen2_vl": "Qwen2VLImageProcessor",
    "qwen3_vl": "Qwen2VLImageProcessor",
    "regnet": "ConvNextImageProcessor",
    "resnet": "ConvNextImageProcessor",
    "siglip": "SiglipImageProcessor",
    "siglip2": "Siglip2ImageProcessor",
    "swin": "ViTImageProcessor",
    "swinv2": "ViTImageProcessor",
    "timesformer": "VideoMAEImageProcessor",
    "tipsv2": "Tipsv2ImageProcessor",
    "videomae": "VideoMAEImageProcessor",
    "vipllava": "CLIPImageProcessor",
    "vit": "ViTImageProcessor",
    "vit_mae": "ViTImageProcessor",
    "vit_msn": "ViTImageProcessor",
    "vivit": "VivitImageProcessor",
    "xclip": "CLIPImageProcessor",
}
#: The same for a file of a video processor (the library's AutoVideoProcessor).
VIDEO_DEFAULTS: Mapping[str, str] = {
    "pe_video": "PeVideoVideoProcessor",
    "perception_lm": "PerceptionLMVideoProcessor",
    "timesformer": "TimesformerVideoProcessor",
    "videomae": "VideoMAEVideoProcessor",
    "videoprism": "LlavaOnevisionVideoProcessor",
    "vivit": "VivitVideoProcessor",
    "vjepa2": "VJEPA2VideoProcessor",
}
#: Types that have no class in the library, and the type whose class their models were saved with.
PARENTS: Mapping[str, str] = {
    "clip_vision_model": "clip",
    "dinov2_with_registers": "dinov2",
    "dinov3_convnext": "dinov3_vit",
    "internvl_vision": "internvl",
    "metaclip_2_vision_model": "metaclip_2",
    "mlcd_vision_model": "mlcd",
    "pe_video_encoder": "pe_video",
    "qwen2_5_vl_vision": "qwen2_5_vl",
    "qwen2_vl_vision": "qwen2_vl",
    "qwen3_vl_vision": "qwen3_vl",
    "siglip2_vision_model": "siglip2",
    "siglip_vision_model": "siglip",
    "tipsv2_vision_model": "tipsv2",
    "videoprism_vision_model": "videoprism",
}
_KNOWN = ", ".join(PROCESSORS)
#: Entries that name the class, first to last.
_NAMING = ("video_processor_type", "image_processor_type", "feature_extractor_type")


def processor_of(entries: Mapping[str, Any], model_types: Iterable[str], of_video: bool, source: str) -> str:
    """Return the class of `PROCESSORS` that a configuration means.

    Parameters
    ----------
    entries : mapping
        The configuration.
    model_types : iterable of str
        Type of the model, and of its vision tower; where the configuration names no class, that of the first
        one which has one is meant.
    of_video : bool
        Whether the configuration is one of a video processor.
    source : str
        Its file, for messages.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the class is not known, or none is named and the types have none.
    """
    for key in _NAMING:
        named = entries.get(key)
        if named is None:
            continue
        if not isinstance(named, str):
            raise ParameterError(f"{source} has {key} {named!r}; it must be the name of a class")
        known = re.sub("(Fast|Pil)$", "", named).replace("FeatureExtractor", "ImageProcessor")
        if known not in PROCESSORS:
            raise ParameterError(
                f"{source} has {key} {named!r}, whose rules are not known; known are {_KNOWN}"
            )
        return known
    first, second = (VIDEO_DEFAULTS, IMAGE_DEFAULTS) if of_video else (IMAGE_DEFAULTS, VIDEO_DEFAULTS)
    for kind in model_types:
        parent = PARENTS.get(kind, kind)
        if found := first.get(parent) or second.get(parent):
            return found
    raise ParameterError(
        f"{source} names no processor, and models of type {kind!r} have none of their own: give "
        f"image_processor_type, one of {_KNOWN}"
    )
