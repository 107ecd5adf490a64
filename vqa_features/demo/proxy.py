"""A full-reference score against the clean source: a stand-in for MOS, and never called MOS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from skimage.metrics import structural_similarity

from .degrade import read_frames

#: Name of the proxy, as it appears in tables and in the report.
PROXY = "proxy_ssim"


def proxy_score(source: Path, version: Path) -> float:
    """Return the mean over frames of the luma SSIM (Wang et al. 2004) of a version, 0 .. 1.

    Gaussian window with sigma 1.5, as the paper has it. Frame i is held against frame i of the
    source, so frozen frames and flicker cost what they change.
    """
    clean, _ = read_frames(source)
    degraded, _ = read_frames(version)
    if len(clean) != len(degraded):
        raise ValueError(f"{version} has {len(degraded)} frames, its source {len(clean)}")
    scores = [
        structural_similarity(  # type: ignore[no-untyped-call]
            a.to_ndarray(format="gray"),
            b.to_ndarray(format="gray"),
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=255,
        )
        for a, b in zip(clean, degraded, strict=True)
    ]
    return float(np.mean(scores))
