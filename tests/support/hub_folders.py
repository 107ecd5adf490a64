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
_TOWER = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
_VIT = {**_TOWER, "image_size": SIDE, "patch_size": 16}
_TEXT = {**_TOWER, "vocab_size": 40, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
_PAIR = {"text_config": _TEXT, "vision_config": _VIT}
_MASKED = {"pred_hidden_size": 12, "pred_num_hidden_layers": 1, "pred_num_attention_heads": 2}
_FRAMES = {"num_frames": 4, "mit_hidden_size": 12, "mit_num_attention_heads": 2, "mit_intermediate_size": 12}
_PATCHES = {**_TOWER, "patch_size": 16, "num_patches": 4}
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
}
_FRAME = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 3), dtype=np.uint8)


def tiny_model(kind: str) -> Any:
    """A tiny model of a type of `KINDS`, with the library's own random weights."""
    import transformers

    return transformers.AutoModel.from_config(transformers.CONFIG_MAPPING[kind](**TINY[kind]))


def save_model(folder: Path, kind: str) -> Path:
    """Save a tiny random model as the library does, and its preprocessing."""
    tiny_model(kind).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
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
