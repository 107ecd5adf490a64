"""Steps of growing degradation of a picture, for tests that a score moves the right way."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Picture = NDArray[np.uint8]


def as_bytes(picture: NDArray[Any]) -> Picture:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def blurred(picture: Picture, deviations: tuple[float, ...]) -> list[Picture]:
    """Gaussian blur of each deviation in pixels; (h, w) or (h, w, 3)."""
    spatial = (0, 1)
    return [as_bytes(gaussian_filter(picture.astype(float), d, axes=spatial)) for d in deviations]


def noisy(picture: Picture, deviations: tuple[float, ...]) -> list[Picture]:
    """White noise of each deviation in code units, the same pattern scaled."""
    noise = np.random.default_rng(0).normal(size=picture.shape)
    return [as_bytes(picture + d * noise) for d in deviations]


def compressed(picture: Picture, qualities: tuple[int, ...]) -> list[Picture]:
    """JPEG of each quality."""
    return [
        np.asarray(
            cv2.imdecode(
                cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, q])[1], cv2.IMREAD_UNCHANGED
            ),
            np.uint8,
        )
        for q in qualities
    ]
