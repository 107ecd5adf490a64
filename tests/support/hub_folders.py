"""Folders of tiny transformers models for tests, and what is done with one before the first frame."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vqa_features import extract_frames
from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.registry import make

SIDE = 32
PREPROCESSOR = {
    "size": {"shortest_edge": SIDE},
    "resample": 3,
    "do_center_crop": True,
    "crop_size": {"height": SIDE, "width": SIDE},
    "image_mean": [0.48, 0.46, 0.41],
    "image_std": [0.27, 0.26, 0.28],
}
#: Of models that take patches: 4 to 48 of them.
GRIDS = {
    "image_processor_type": "Qwen2VLImageProcessor",
    "patch_size": 16,
    "size": {"shortest_edge": SIDE**2, "longest_edge": 12 * SIDE**2},
}
_TOWER = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
_VIT = {**_TOWER, "image_size": SIDE, "patch_size": 16}
_TEXT = {**_TOWER, "vocab_size": 40, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
_PAIR = {"text_config": _TEXT, "vision_config": _VIT}
_MASKED = {"pred_hidden_size": 12, "pred_num_hidden_layers": 1, "pred_num_attention_heads": 2}
_FRAMES = {"num_frames": 4, "mit_hidden_size": 12, "mit_num_attention_heads": 2, "mit_intermediate_size": 12}
_PATCHES = {**_TOWER, "patch_size": 16, "num_patches": 4}
_EXPANDED = {key: value for key, value in _VIT.items() if key != "intermediate_size"}
_VIDEO = {key: value for key, value in _VIT.items() if key not in ("num_hidden_layers", "patch_size")}
_CLIPS = {"num_frames": 4, "tubelet_size": [1, 16, 16], "num_spatial_layers": 1, "num_temporal_layers": 1}
_WINDOWS = {"image_size": SIDE, "patch_size": 4, "window_size": 4, "embed_dim": 8}
_DEPTHS = {"depths": [1, 2], "num_heads": [1, 2]}
_UNITS = {"query_stride": [2, 2], "num_query_pool": 1, "masked_unit_size": [2, 2], "embed_dim": 8}
_STAGES = {"depths": [1, 2], "hidden_sizes": [8, 16]}
_PYRAMID = {"num_encoder_blocks": 2, "sr_ratios": [2, 1], "patch_sizes": [7, 3], "strides": [4, 2]}
_GRIDS = {"depth": 2, "num_heads": 2, "hidden_size": 16, "intermediate_size": 24, "patch_size": 16}
#: A tiny configuration of every type of `KINDS`: what its configuration class is called with.
TINY: dict[str, dict[str, Any]] = {
    "videomae": {**_VIT, "num_frames": 4},
    "timesformer": {**_VIT, "num_frames": 4},
    "vivit": {**_TOWER, "image_size": SIDE, "num_frames": 4, "tubelet_size": [2, 16, 16]},
    "vjepa2": {**_TOWER, **_MASKED, "crop_size": SIDE, "patch_size": 16, "frames_per_clip": 4},
    "xclip": {"text_config": _TEXT, "vision_config": {**_VIT, **_FRAMES}, "projection_dim": 12},
    "clip": {**_PAIR, "projection_dim": 12},
    "clip_vision_model": {**_VIT},
    "siglip": {**_PAIR},
    "siglip_vision_model": {**_VIT},
    "siglip2": {"text_config": _TEXT, "vision_config": _PATCHES},
    "siglip2_vision_model": {**_PATCHES},
    "dinov2": {**_VIT},
    "dinov2_with_registers": {**_VIT},
    "dinov3_vit": {**_VIT},
    "videoprism": {"text_config": _TEXT, "vision_config": {**_VIDEO, **_CLIPS, "num_auxiliary_layers": 1}},
    "videoprism_vision_model": {**_VIDEO, **_CLIPS},
    "metaclip_2": {**_PAIR, "projection_dim": 12},
    "metaclip_2_vision_model": {**_VIT},
    "aimv2": {**_PAIR, "projection_dim": 12},
    "aimv2_vision_model": {**_VIT},
    "tipsv2": {"text_config": _TEXT, "vision_config": _EXPANDED},
    "tipsv2_vision_model": {**_EXPANDED},
    "mlcd": {**_VIT, "num_key_value_groups": 1},
    "mlcd_vision_model": {**_VIT},
    "dinov3_convnext": {"image_size": SIDE, "depths": [1, 1, 2, 1], "hidden_sizes": [4, 8, 16, 16]},
    "pixio": {**_EXPANDED},
    "vit": {**_VIT},
    "deit": {**_VIT},
    "vit_msn": {**_VIT},
    "ijepa": {**_VIT},
    "beit": {**_VIT, "use_relative_position_bias": True},
    "data2vec-vision": {**_VIT},
    "internvl_vision": {**_VIT},
    "qwen2_vl_vision": {**_GRIDS, "embed_dim": 16, "hidden_size": 12},
    "qwen2_5_vl_vision": {**_GRIDS, "out_hidden_size": 12, "fullatt_block_indexes": [1]},
    "qwen3_vl_vision": {**_GRIDS, "out_hidden_size": 12, "deepstack_visual_indexes": [0]},
    "swin": {**_WINDOWS, **_DEPTHS},
    "swinv2": {**_WINDOWS, **_DEPTHS},
    "hiera": {**_UNITS, **_DEPTHS, "image_size": [SIDE, SIDE]},
    "convnext": {**_STAGES, "image_size": SIDE, "num_stages": 2},
    "convnextv2": {**_STAGES, "image_size": SIDE, "num_stages": 2},
    "resnet": {**_STAGES, "embedding_size": 8},
    "regnet": {**_STAGES, "embedding_size": 8, "groups_width": 8},
    "pvt_v2": {**_STAGES, **_PYRAMID, "num_attention_heads": [1, 2], "mlp_ratios": [2, 2]},
}
_LANGUAGE = {"model_type": "qwen2", **_TOWER, "vocab_size": 40, "num_key_value_heads": 2}
_GEMMA = {**_TOWER, "vocab_size": 40, "num_key_value_heads": 2, "head_dim": 8}
_CLIP_TOWER = {"model_type": "clip_vision_model", **_VIT}
_SIGLIP_TOWER = {"model_type": "siglip_vision_model", **_VIT, "vision_use_head": False}
#: The same of larger models, of which the vision tower alone is used.
LARGER: dict[str, dict[str, Any]] = {
    "internvl": {"vision_config": TINY["internvl_vision"], "text_config": _LANGUAGE},
    "qwen2_vl": {"vision_config": TINY["qwen2_vl_vision"], "text_config": _LANGUAGE},
    "qwen2_5_vl": {"vision_config": TINY["qwen2_5_vl_vision"], "text_config": _LANGUAGE},
    "qwen3_vl": {"vision_config": TINY["qwen3_vl_vision"], "text_config": _LANGUAGE},
    "llava": {"vision_config": _CLIP_TOWER, "text_config": _LANGUAGE},
    "llava_onevision": {"vision_config": _SIGLIP_TOWER, "text_config": _LANGUAGE},
    "vipllava": {"vision_config": _CLIP_TOWER, "text_config": _LANGUAGE},
    "paligemma": {"vision_config": _SIGLIP_TOWER, "text_config": {"model_type": "gemma", **_GEMMA}},
    "gemma3": {"vision_config": _SIGLIP_TOWER, "text_config": _GEMMA},
    "aya_vision": {"vision_config": _SIGLIP_TOWER, "text_config": _LANGUAGE},
}
_FRAME = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 3), dtype=np.uint8)


def tiny_model(kind: str) -> Any:
    """A tiny model of a type of `KINDS`, with the library's own random weights."""
    import transformers

    from vqa_features.extractors.deep._hub.kinds import KINDS
    from vqa_features.extractors.deep._hub.loading import class_of

    config = transformers.CONFIG_MAPPING[kind](**TINY[kind])
    options = {"add_pooling_layer": True} if KINDS[kind].pooling_layer else {}
    return class_of(config, KINDS[kind])(config, **options)


def save_model(folder: Path, kind: str) -> Path:
    """Save a tiny random model as the library does, and its preprocessing."""
    tiny_model(kind).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(GRIDS if "qwen" in kind else PREPROCESSOR))
    return folder


def save_larger(folder: Path, kind: str, head: bool = False) -> Path:
    """Save a tiny random model of `LARGER`, with or without its language model's head."""
    import transformers

    made: Any = transformers.AutoModelForImageTextToText if head else transformers.AutoModel
    made.from_config(transformers.CONFIG_MAPPING[kind](**LARGER[kind])).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(GRIDS if "qwen" in kind else PREPROCESSOR))
    return folder


def save_models(root: Path) -> Path:
    """Save tiny random models of three types, as the library does, in folders of their names."""
    import torch

    torch.manual_seed(0)
    for kind in ("dinov2", "videomae", "clip"):
        save_model(root / kind, kind)
    return root


def edit(path: Path, **entries: Any) -> None:
    """Change entries of a JSON file; None removes one."""
    found = {**json.loads(path.read_text()), **entries}
    path.write_text(json.dumps({key: value for key, value in found.items() if value is not None}))


def vector(folder: Path) -> NDArray[Any]:
    """Features of one frame."""
    return extract_frames(_FRAME, make(f"hf:{folder}"), fps=1.0).to_numpy()


def prepare(folder: Path) -> None:
    """What is done with a model before the first frame."""
    extractor = make(f"hf:{folder}")
    extractor.identity()
    extractor.load()


def refused(folder: Path, match: str) -> None:
    """The folder is refused in one sentence, within seconds, before a frame is decoded."""
    begin = time.monotonic()
    with pytest.raises((ParameterError, WeightsMissing), match=match) as caught:
        prepare(folder)
    assert time.monotonic() - begin < 20
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 2000
