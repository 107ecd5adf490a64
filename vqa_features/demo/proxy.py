"""Full-reference score against the clean source, used as a proxy of MOS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from skimage.metrics import structural_similarity

from .degrade import read_frames

#: Name of the proxy in tables and in the report.
PROXY = "proxy_ssim"


def proxy_score(source: Path, version: Path) -> float:
    """Return the luma SSIM (Wang et al. 2004) of a version, mean over frames, in [0, 1].

    The window is Gaussian with sigma 1.5, as in the paper. Frame i is compared with frame i of the source,
    so frozen frames and flicker lower the score.

    Parameters
    ----------
    source : Path
        The clean clip.
    version : Path
        The degraded clip, with as many frames.

    Raises
    ------
    ValueError
        The clips differ in their number of frames.
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
