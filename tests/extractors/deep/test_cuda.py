"""A GPU gives what the CPU gives; runs where one is at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import vqa_features as vf

#: Largest difference over the columns of one clip, relative to the spread of the vector: both are
#: float32, added up in another order, through up to fifty layers.
TOLERANCE = 1e-3
NAMES = (
    "efficientnet-lite0 resnet-50 transnetv2 r3d-18 r2plus1d-18 video-swin-t uniformer-s uniformerv2-b "
    "internvideo-mae-b internvideo-mm-b internvideo2-s slowfast-r50 i3d-r50 x3d-m mvit-v2-s fast-vqa-m "
    "dover-aesthetic"
).split()


@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device at hand")
@pytest.mark.parametrize("name", NAMES)
def test_cuda_equals_cpu_in_float32(name: str, scenes: list[Path]) -> None:
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    rows = []
    for device in ("cpu", "cuda"):
        extractor = vf.make(f"{name}@random[clips=1,crops=1,device={device}]")
        rows.append(vf.extract(scenes[0], extractor).to_numpy())
    cpu, cuda = rows
    assert np.abs(cuda - cpu).max() < TOLERANCE * cpu.std()
