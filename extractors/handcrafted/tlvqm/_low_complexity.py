"""The low-complexity level of TLVQM: motion and flicker of one frame beside its neighbours.

J. Korhonen, "Two-Level Approach for No-Reference Consumer Video Quality Assessment", IEEE TIP
28(12), 2019, section III-A. The numbers are those of the author's MATLAB release.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

from . import _block_motion, _filters
from ._block_motion import Matches

Image = NDArray[np.float64]

#: Least corner measure of a key point (luma in 0..1).
CORNER_THRESHOLD = 0.01
#: Pixels along the border where Sobel responses are set to zero.
SOBEL_MARGIN = 4


class HalfFrame(NamedTuple):
    """Luma of a frame at half size, in 0..1, and its Sobel responses, each (h, w) float64."""

    luma: Image
    vertical: Image
    horizontal: Image


def half_frame(half: Image, last_first: bool = False) -> HalfFrame:
    """The view ``half_unit_luma`` and its responses; `last_first` as in `_filters.sobel`."""
    return HalfFrame(half, *_filters.sobel(half, last_first))


def search_radius(width: int) -> int:
    """A fortieth of the width of the full-size frame, in pixels of the half-size frame, at least 1."""
    return max(1, width // 40)


class Middle(NamedTuple):
    """What a frame has of its own when it is compared with its neighbours.

    `luma`, `vertical` and `horizontal` are those of `HalfFrame`, the last two zero along the border;
    `points` (n, 2) its key points; `spatial_activity` a feature.
    """

    luma: Image
    vertical: Image
    horizontal: Image
    points: NDArray[np.int64]
    spatial_activity: float


def middle_frame(half: HalfFrame, contrast: Image, radius: int) -> Middle:
    """Key points of a frame, from the `contrast` of `Corners`, and its spatial activity."""
    vertical, horizontal = _inner(half.vertical), _inner(half.horizontal)
    n, (total, squares) = vertical.size, _magnitude_sums(vertical, horizontal)
    variance = max(squares - total * total / n, 0.0) / (n - 1) if n > 1 else 0.0
    return Middle(half.luma, vertical, horizontal, _points(contrast, radius), variance**0.125)


@jit(**SUMMING)
def _magnitude_sums(vertical: Image, horizontal: Image) -> tuple[float, float]:
    total = squares = 0.0
    for y in range(vertical.shape[0]):
        for x in range(vertical.shape[1]):
            square = vertical[y, x] * vertical[y, x] + horizontal[y, x] * horizontal[y, x]
            total += np.sqrt(square)
            squares += square
    return total, squares


def motion_features(previous: HalfFrame, this: Middle, following: HalfFrame, radius: int) -> dict[str, float]:
    """Features of one frame beside its neighbours, from half-size luma.

    Parameters
    ----------
    previous, following : HalfFrame
        The frames before and after it.
    this : Middle
        The frame, of their size.
    radius : int
        Half width of search windows and of the squares a key point stands for: `search_radius`.
    """
    h, w = this.luma.shape
    points = this.points
    matches = _block_motion.match(
        points, (this.vertical, this.horizontal), previous[1:], following[1:], radius
    )
    capacity = (h / radius) * (w / radius)
    still = _still_area(matches, points, (h, w), radius)
    back, forth, of_still = _change_sums(previous.luma, this.luma, following.luma, still)
    everything = _statistics(matches, points, np.ones(len(points), bool), (h, w), radius, capacity)
    camera = _statistics(matches, points, _background(matches), (h, w), radius, capacity)
    found = {f"motion_{name}": value for name, value in everything.items()}
    found |= {f"egomotion_{name}": value for name, value in camera.items()}
    found |= _jerkiness(matches, radius)
    found["motion_uncertainty"] = 0.5 * matches.uncertain / capacity
    found["motion_area"] = 1 - float(still.mean())
    found["static_flicker"], found["static_flicker_std"] = of_still
    found["spatial_activity"] = this.spatial_activity
    found["temporal_activity"] = float(0.5 * (back + forth) / (h * w)) ** 0.25
    return found


@jit(**SUMMING)
def _change_sums(
    previous: Image, this: Image, following: Image, still: NDArray[np.bool_]
) -> tuple[float, float, tuple[float, float]]:
    """Sums of the change to the neighbours; of the still area the mean change and its deviation.

    The deviation is that of the larger change of a pixel from the mean; both are 0 without such an area.
    """
    back = forth = of_still = 0.0
    count = 0
    for y in range(this.shape[0]):
        for x in range(this.shape[1]):
            before, after = abs(this[y, x] - previous[y, x]), abs(this[y, x] - following[y, x])
            back += before
            forth += after
            of_still += before + after if still[y, x] else 0.0
            count += still[y, x]
    if count == 0:
        return back, forth, (0.0, 0.0)
    mean = 0.5 * of_still / count
    deviation = 0.0
    for y in range(this.shape[0]):
        for x in range(this.shape[1]):
            larger = max(abs(this[y, x] - previous[y, x]), abs(this[y, x] - following[y, x]))
            deviation += abs(larger - mean) if still[y, x] else 0.0
    return back, forth, (mean, deviation / count)


def _deviation(values: Image) -> float:
    """Standard deviation of a sample, 0 for fewer than two."""
    return float(values.std(ddof=1)) if values.size > 1 else 0.0


def _inner(image: Image) -> Image:
    """Copy of `image` with its margin set to zero."""
    inner = np.zeros_like(image)
    area = (slice(SOBEL_MARGIN, -SOBEL_MARGIN),) * 2
    inner[area] = image[area]
    return inner


def _points(corners: Image, radius: int) -> NDArray[np.int64]:
    margin = radius + 3
    if min(corners.shape) <= 2 * margin:
        return np.empty((0, 2), np.int64)
    inner = np.ascontiguousarray(corners[margin:-margin, margin:-margin])
    return _block_motion.key_points(inner, radius, CORNER_THRESHOLD) + margin


def _still_area(
    matches: Matches, points: NDArray[np.int64], shape: tuple[int, int], radius: int
) -> NDArray[np.bool_]:
    """Where no moving key point, nor its matches, lies within `radius`: (h, w) bool."""
    back, forth = matches.backward.astype(np.int64), matches.forward.astype(np.int64)
    moving = back.any(axis=1) | forth.any(axis=1)
    still = np.ones(shape, np.bool_)
    touched = np.concatenate([points, points - back, points + forth])
    _block_motion.clear_squares(still, touched[np.tile(moving, 3)], radius)
    return still


def _background(matches: Matches) -> NDArray[np.bool_]:
    """Key points that move like the camera: within one deviation of the mean on both axes, (n,)."""
    motion = 0.5 * matches.backward + 0.5 * matches.forward
    if len(motion) < 2:
        return np.zeros(len(motion), np.bool_)
    centre, spread = motion.mean(axis=0), motion.std(axis=0, ddof=1)
    return ((motion > centre - spread) & (motion < centre + spread)).all(axis=1)


def _statistics(
    matches: Matches,
    points: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    shape: tuple[int, int],
    radius: int,
    capacity: float,
) -> dict[str, float]:
    """Density, intensity, place and prediction gain of the motion of the `chosen` points."""
    found = dict.fromkeys(
        ("density", "intensity", "intensity_std", "position", "spread", "prediction_gain"), 0.0
    ) | {"vertical": 0.5, "horizontal": 0.5}
    n = int(chosen.sum())
    if n == 0:
        return found
    back, forth = matches.backward[chosen] / radius, matches.forward[chosen] / radius
    intensity = np.sqrt((np.square(back).sum(axis=1) + np.square(forth).sum(axis=1)) / 4)
    total = float(intensity.sum())
    found["density"] = n / capacity
    found["intensity"] = (total / capacity) ** 0.25
    found["intensity_std"] = _deviation(intensity)
    if total > 0:
        places = points[chosen] + 1.0  # 1-based, as the release counts
        size = np.array(shape, np.float64)
        centre = intensity @ places / total
        spread = np.sqrt(intensity @ np.square(places - centre) / total)
        found["position"] = float(np.linalg.norm((centre - size / 2) / (size / 2)))
        found["spread"] = float(np.linalg.norm(spread / size))
        gain = (matches.still_backward - matches.cost_backward)[chosen].mean()
        gain += (matches.still_forward - matches.cost_forward)[chosen].mean()
        found["prediction_gain"] = 0.5 * float(gain) ** 0.5
        mean = (0.25 * (back + forth) + 0.5).mean(axis=0)
        found["vertical"], found["horizontal"] = map(float, mean)
    return found


def _jerkiness(matches: Matches, radius: int) -> dict[str, float]:
    """Mean and deviation of the root of the change of motion at the key points."""
    change = 0.5 * (matches.backward - matches.forward) / radius
    roots = np.sqrt(np.hypot(change[:, 0], change[:, 1]))
    return {
        "jerkiness": float(roots.mean()) if len(roots) else 0.0,
        "jerkiness_std": _deviation(roots),
    }


def corner_blockiness(corners: Image) -> float:
    """Half the squared ratio of mean and deviation of all corner responses but the largest hundredth."""
    count = int(0.99 * corners.size)
    kept = np.partition(corners, max(count - 1, 0), axis=None)[:count]
    deviation = _deviation(kept)
    return 0.5 * (float(kept.mean()) / deviation) ** 2 if deviation > 0 else 0.0
