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
_FRAME = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 3), dtype=np.uint8)


def save_models(root: Path) -> Path:
    """Save tiny random models of three types, as the library does, in folders of their names."""
    import torch
    import transformers

    torch.manual_seed(0)
    tiny = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "patch_size": 16}
    configs = {
        "dinov2": transformers.Dinov2Config(**tiny, image_size=SIDE),
        "videomae": transformers.VideoMAEConfig(**tiny, intermediate_size=24, image_size=SIDE, num_frames=4),
        "clip": transformers.CLIPConfig(
            text_config={**tiny, "vocab_size": 40, "eos_token_id": 1},
            vision_config={**tiny, "image_size": SIDE},
            projection_dim=12,
        ),
    }
    for name, config in configs.items():
        transformers.AutoModel.from_config(config).save_pretrained(root / name)
        (root / name / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
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
