"""Readers of the original programs' outputs, and the odd inputs every extractor must answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features import extract_frames

Values = NDArray[np.float64]


def reference(shared: Path, name: str) -> dict[str, Any]:
    """Parsed reference file `name`."""
    return json.loads((shared / "reference/handcrafted/json" / f"{name}.json").read_text())


def picture(shared: Path, name: str) -> NDArray[np.uint8]:
    """Reference image `name`, gray (h, w) or RGB (h, w, 3)."""
    image = cv2.imread(str(shared / "reference/handcrafted/images" / f"{name}.png"), cv2.IMREAD_UNCHANGED)
    return image if image.ndim == 2 else np.ascontiguousarray(image[..., ::-1])


def numbers(values: list[float | None]) -> Values:
    """Reference values; null is the original's NaN."""
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def features_of(frames: Any, name: str, **options: Any) -> Values:
    """Pooled feature vector of frames held in memory."""
    return extract_frames(frames, name, **options).to_numpy(float)


def relative_error(got: Values, want: Values) -> Values:
    """|got - want| / |want|, 0 where both are nan and inf where one is."""
    scale = np.where(want == 0, 1, np.abs(want))
    error = np.abs(got - want) / scale
    return np.where(np.isnan(got) & np.isnan(want), 0, np.where(np.isnan(error), np.inf, error))


def sided(field: Values, plane: Values) -> Values:
    """MSCN coefficients with zeros put on a side by their level, as `kernels.mscn_sums` documents."""
    return np.where(field == 0, 1e-15 * np.array([0, 1, -1])[np.floor(plane).astype(int) % 3], field)


def odd_pictures() -> dict[str, NDArray[Any]]:
    """RGB pictures that break careless arithmetic."""
    rng = np.random.default_rng(0)
    checkers = (np.indices((96, 128)).sum(axis=0) % 2 * 255).astype(np.uint8)
    return {
        "black": np.zeros((96, 128, 3), np.uint8),
        "white": np.full((96, 128, 3), 255, np.uint8),
        "constant": np.full((96, 128, 3), (93, 120, 17), np.uint8),
        "checkerboard": np.repeat(checkers[:, :, None], 3, axis=2),
        "tiny": rng.integers(0, 256, (48, 64, 3)).astype(np.uint8),
        "odd": rng.integers(0, 256, (241, 321, 3)).astype(np.uint8),
    }
