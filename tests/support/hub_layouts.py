"""Configurations of models of the transformers library as saved in each year, written by hand."""

import json

from vqa_features.extractors.deep._hub.files import ModelFiles
from vqa_features.extractors.deep._preprocess import IMAGENET_MEAN, IMAGENET_STD

HALF, CLIP_MEAN = [0.5, 0.5, 0.5], [0.48145466, 0.4578275, 0.40821073]
CLIP_STD, K400_MEAN, K400_STD = [0.26862954, 0.26130258, 0.27577711], [0.45] * 3, [0.225] * 3
_DO = {"do_resize": True, "do_normalize": True}
_DICT = {**_DO, "do_rescale": True, "rescale_factor": 0.00392156862745098}
_EXTRACTED = {**_DO, "resample": 2, "size": 224}
HALVES = {"image_mean": HALF, "image_std": HALF}
CLIP = {"image_mean": CLIP_MEAN, "image_std": CLIP_STD}
FAST = {
    **_DICT,
    "crop_size": {"height": 224, "width": 224},
    "data_format": "channels_first",
    "default_to_square": False,
    "device": None,
    "disable_grouping": None,
    "do_center_crop": True,
    "do_convert_rgb": True,
    "input_data_format": None,
    "return_tensors": None,
    "resample": 3,
    "size": {"shortest_edge": 256},
}
#: Year and class: type of the model and content of its preprocessor_config.json.
LAYOUTS = {
    "2021 ViT": ("dinov2", {**_EXTRACTED, **HALVES, "feature_extractor_type": "ViTFeatureExtractor"}),
    "2021 ViT without a class": ("dinov2", {"do_normalize": True, "do_resize": True, **HALVES, "size": 256}),
    "2021 DeiT": (
        "dinov2",
        {
            **_DO,
            "crop_size": 224,
            "do_center_crop": True,
            "feature_extractor_type": "DeiTFeatureExtractor",
            "image_mean": list(IMAGENET_MEAN),
            "image_std": list(IMAGENET_STD),
            "resample": 3,
            "size": 256,
        },
    ),
    "2021 CLIP": (
        "clip",
        {
            **{**_DO, **CLIP, "crop_size": 224, "do_center_crop": True, "resample": 3, "size": 224},
            "feature_extractor_type": "CLIPFeatureExtractor",
        },
    ),
    "2022 BEiT": (
        "dinov2",
        {
            **{**_EXTRACTED, **HALVES, "crop_size": 224, "do_center_crop": False, "reduce_labels": False},
            "feature_extractor_type": "BeitFeatureExtractor",
        },
    ),
    "2022 ConvNeXT": (
        "dinov2",
        {
            **{**_DO, "crop_pct": 0.875, "resample": 3, "size": 224},
            "feature_extractor_type": "ConvNextFeatureExtractor",
            "image_mean": list(IMAGENET_MEAN),
            "image_std": list(IMAGENET_STD),
        },
    ),
    "2022 VideoMAE": (
        "videomae",
        {
            **{**_EXTRACTED, "do_center_crop": True, "feature_extractor_type": "VideoMAEFeatureExtractor"},
            "image_mean": list(IMAGENET_MEAN),
            "image_std": list(IMAGENET_STD),
        },
    ),
    "2022 X-CLIP": (
        "xclip",
        {
            **{**_EXTRACTED, "do_center_crop": True, "feature_extractor_type": "VideoMAEFeatureExtractor"},
            "image_mean": list(IMAGENET_MEAN),
            "image_std": list(IMAGENET_STD),
            "processor_class": "XCLIPProcessor",
        },
    ),
    "2022 TimeSformer": (
        "timesformer",
        {
            **{**_EXTRACTED, "do_center_crop": True, "feature_extractor_type": "VideoMAEFeatureExtractor"},
            **{"image_mean": K400_MEAN, "image_std": K400_STD},
        },
    ),
    "2023 ViViT": (
        "vivit",
        {
            **{**_DICT, **HALVES, "rescale_factor": 1 / 127.5, "offset": True, "resample": 2},
            **{"do_center_crop": True, "crop_size": {"height": 224, "width": 224}},
            "image_processor_type": "VivitImageProcessor",
            "size": {"shortest_edge": 256},
        },
    ),
    "2023 VideoMAE": (
        "videomae",
        {
            **{**_DICT, **HALVES, "do_center_crop": True, "crop_size": {"height": 224, "width": 224}},
            **{"image_processor_type": "VideoMAEImageProcessor", "resample": 2},
            "size": {"shortest_edge": 224},
        },
    ),
    "2023 BLIP": (
        "dinov2",
        {
            **{**_DICT, **CLIP, "do_convert_rgb": True, "image_processor_type": "BlipImageProcessor"},
            **{"resample": 3, "size": {"height": 384, "width": 384}, "size_divisor": 32},
        },
    ),
    "2024 SigLIP": (
        "siglip",
        {
            **{**_DICT, **HALVES, "image_processor_type": "SiglipImageProcessor", "resample": 3},
            "_valid_processor_keys": ["images", "do_resize", "size", "resample", "do_rescale"],
            "processor_class": "SiglipProcessor",
            "size": {"height": 224, "width": 224},
        },
    ),
    "2024 DINOv2": (
        "dinov2",
        {
            **{**_DICT, "do_center_crop": True, "crop_size": {"height": 224, "width": 224}, "resample": 3},
            "_valid_processor_keys": ["images", "do_resize", "size", "resample", "do_center_crop"],
            "do_convert_rgb": True,
            "image_mean": list(IMAGENET_MEAN),
            "image_processor_type": "BitImageProcessor",
            "image_std": list(IMAGENET_STD),
            "size": {"shortest_edge": 256},
        },
    ),
    "2025 Fast CLIP": ("clip", {**FAST, **CLIP, "image_processor_type": "CLIPImageProcessorFast"}),
    "2025 Fast ViT": (
        "dinov2",
        {
            **{**FAST, **HALVES, "image_processor_type": "ViTImageProcessorFast", "crop_size": None},
            **{"do_center_crop": None, "default_to_square": True, "size": {"height": 224, "width": 224}},
        },
    ),
    "2025 Fast InternVL": (
        "dinov2",
        {
            **{**FAST, **CLIP, "image_processor_type": "GotOcr2ImageProcessorFast", "crop_size": None},
            **{"do_center_crop": None, "crop_to_patches": False, "min_patches": 1, "max_patches": 12},
            "size": {"height": 448, "width": 448},
        },
    ),
}
_SIDE = {"image_size": 224, "patch_size": 16}
CONFIGS = {
    "clip": {"vision_config": _SIDE},
    "siglip": {"vision_config": _SIDE},
    "xclip": {"vision_config": _SIDE},
    "vivit": {"image_size": 224},
    "siglip2": {"vision_config": {"num_patches": 256, "patch_size": 16}},
    "vjepa2": {"crop_size": 256, "patch_size": 16},
}


def write(folder, kind, files, **config):
    """A folder of a model without weights, and what is read of it."""
    content = {"model_type": kind, **CONFIGS.get(kind, _SIDE), **config}
    (folder / "config.json").write_text(json.dumps(content))
    for name, entries in files.items():
        (folder / name).write_text(json.dumps(entries))
    return ModelFiles(str(folder), folder, (folder / "config.json").read_bytes(), "", ())
