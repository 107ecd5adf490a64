"""The low-complexity level of TLVQM: motion, blur, interlacing and flicker of one frame.

J. Korhonen, "Two-Level Approach for No-Reference Consumer Video Quality Assessment", IEEE TIP
28(12), 2019, section III-A. The numbers are those of the author's MATLAB release.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.imfilter import imfilter
from vqa_features.kernels.jit import jit
from vqa_features.kernels.resize import imresize

from . import _block_motion
from ._block_motion import Matches

Image = NDArray[np.float64]
Single = NDArray[np.float32]
Plane = NDArray[np.generic]

#: Least corner measure of a key point (luma in 0..1).
CORNER_THRESHOLD = 0.01
#: Pixels along the border where Sobel responses are set to zero.
SOBEL_MARGIN = 4
#: Vertical derivative; its transpose is the horizontal one.
SOBEL = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]) / 8
#: Border pixels left out of the energies of first and second derivatives.
FIRST_MARGIN, SECOND_MARGIN = 3, 2


class HalfFrame(NamedTuple):
    """Luma of a frame at half size, in 0..1, and its Sobel responses, each (h, w) float64."""

    luma: Image
    vertical: Image
    horizontal: Image


def half_frame(luma: Plane, last_first: bool = False) -> HalfFrame:
    """Halve a luma plane (h, w) in 8-bit code units; `last_first` is `imfilter`'s."""
    half = imresize(np.asarray(luma, np.float64) / 255, 0.5)
    return HalfFrame(half, imfilter(half, SOBEL, last_first), imfilter(half, SOBEL.T, last_first))


def search_radius(width: int) -> int:
    """A fortieth of the width of the full-size frame, in pixels of the half-size frame, at least 1."""
    return max(1, width // 40)


def blur(luma: Plane) -> float:
    """Energy of the strongest second derivatives over that of the strongest first; 0 if flat.

    `luma` is (h, w) in any unit. The strongest are the tenth of all pixels.
    """
    if min(luma.shape) <= 2 * FIRST_MARGIN:
        return 0.0
    first, second = _derivative_energies(np.asarray(luma, np.float32))
    strong = _mean_of_largest(first, 0.1)
    # the Sobel filter divides by 8, the second derivative once more than the first
    return _mean_of_largest(second, 0.1) / strong / 64 if strong > 0 else 0.0


@jit(error_model="numpy")
def _derivative_energies(image: Single) -> tuple[Single, Single]:
    """Energy of first and second backward derivatives over both axes, without their margins.

    A derivative is the difference of two neighbouring rows (columns), smoothed by 1 2 1 along them.
    Code values give whole numbers, so that single precision is enough.
    """
    h, w = image.shape
    down, right = np.zeros((3, h, w), np.float32), np.zeros((3, h, w), np.float32)
    down[0], right[0] = image, image
    for level in range(1, 3):
        for y in range(level, h - level):
            above, here, below = down[level - 1, y - 1], down[level - 1, y], down[level - 1, y]
            for x in range(level, w - level):
                down[level, y, x] = (
                    (here[x - 1] - above[x - 1]) + 2 * (here[x] - above[x]) + (here[x + 1] - above[x + 1])
                )
            above, here, below = right[level - 1, y - 1], right[level - 1, y], right[level - 1, y + 1]
            for x in range(level, w - level):
                right[level, y, x] = (
                    (above[x] - above[x - 1]) + 2 * (here[x] - here[x - 1]) + (below[x] - below[x - 1])
                )
    energies = down * down + right * right
    m, n = FIRST_MARGIN, SECOND_MARGIN
    return energies[1, m : h - m, m : w - m].copy(), energies[2, n : h - n, n : w - n].copy()


def _mean_of_largest(values: Image | Single, fraction: float) -> float:
    """Mean of the largest `fraction` of all values; 0 where that is less than one value."""
    count = int(fraction * values.size)
    if count == 0:
        return 0.0
    return float(np.partition(values, values.size - count, axis=None)[-count:].mean(dtype=np.float64))


def interlacing(luma: Plane) -> float:
    """Likeness, 0..1, of the strongest differences of odd and even rows and of odd and even columns.

    `luma` is (h, w) in any unit. The strongest are a thousandth of all; 0 if there are none.
    """
    image = np.asarray(luma, np.float32)
    h, w = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    rows = _mean_of_largest(np.square(image[0:h:2] - image[1:h:2]), 0.001)
    columns = _mean_of_largest(np.square(image[:, 0:w:2] - image[:, 1:w:2]), 0.001)
    largest = max(rows, columns)
    return min(rows, columns) / largest if largest > 0 else 0.0


def colorfulness(rgb: Image) -> float:
    """Mean over the most colourful tenth of the pixels of largest minus smallest of R, G and B."""
    r, g, b = np.moveaxis(rgb, 2, 0)
    return _mean_of_largest(np.maximum(np.maximum(r, g), b) - np.minimum(np.minimum(r, g), b), 0.1)


def motion_features(
    previous: HalfFrame, this: HalfFrame, following: HalfFrame, radius: int, last_first: bool = False
) -> dict[str, float]:
    """Features of one frame from half-size luma: all low-complexity ones but those above.

    Parameters
    ----------
    previous, this, following : HalfFrame
        Three successive frames of one size.
    radius : int
        Half width of search windows and of the squares a key point stands for: `search_radius`.
    last_first : bool
        Order in which corner filters are summed, see `imfilter`: it decides between equal corners.
    """
    h, w = this.luma.shape
    vertical, horizontal = _inner(this.vertical), _inner(this.horizontal)
    strongest, weakest = _corner_extremes(this.luma, last_first)
    points = _points(strongest - weakest, radius)
    matches = _block_motion.match(points, (vertical, horizontal), previous[1:], following[1:], radius)
    capacity = (h / radius) * (w / radius)
    still = _still_area(matches, points, (h, w), radius)
    back = np.abs(this.luma - previous.luma)
    forth = np.abs(this.luma - following.luma)
    everything = _statistics(matches, points, np.ones(len(points), bool), (h, w), radius, capacity)
    camera = _statistics(matches, points, _background(matches), (h, w), radius, capacity)
    found = {f"motion_{name}": value for name, value in everything.items()}
    found |= {f"egomotion_{name}": value for name, value in camera.items()}
    found |= _jerkiness(matches, radius)
    found |= _static_flicker(still, back, forth)
    found["motion_uncertainty"] = 0.5 * matches.uncertain / capacity
    found["motion_area"] = 1 - float(still.mean())
    found["corner_blockiness"] = _corner_blockiness(strongest)
    found["spatial_activity"] = _deviation(np.hypot(vertical, horizontal)) ** 0.25
    found["temporal_activity"] = float(0.5 * (back.mean() + forth.mean())) ** 0.25
    return found


def _deviation(values: Image) -> float:
    """Standard deviation of a sample, 0 for fewer than two."""
    return float(values.std(ddof=1)) if values.size > 1 else 0.0


def _inner(image: Image) -> Image:
    """Copy of `image` with its margin set to zero."""
    inner = np.zeros_like(image)
    area = (slice(SOBEL_MARGIN, -SOBEL_MARGIN),) * 2
    inner[area] = image[area]
    return inner


def _corner_extremes(luma: Image, last_first: bool) -> tuple[Image, Image]:
    """Largest and smallest of the responses to four 5x5 corners, each (h, w)."""
    corner = np.ones((5, 5))
    corner[2:, :3] = -2
    corner[2, 2] = 0
    responses = [
        np.abs(imfilter(luma, kernel / 32, last_first))
        for kernel in (corner, corner[::-1], corner[::-1, ::-1], corner[:, ::-1])
    ]
    return np.maximum.reduce(responses), np.minimum.reduce(responses)


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


def _static_flicker(still: NDArray[np.bool_], back: Image, forth: Image) -> dict[str, float]:
    """Mean luma change, and its deviation, over the area without motion; 0 where there is none."""
    if not still.any():
        return {"static_flicker": 0.0, "static_flicker_std": 0.0}
    mean = 0.5 * float(back[still].mean() + forth[still].mean())
    deviation = np.abs(np.maximum(back, forth)[still] - mean)
    return {"static_flicker": mean, "static_flicker_std": float(deviation.mean())}


def _corner_blockiness(corners: Image) -> float:
    """Half the squared ratio of mean and deviation of all corner responses but the largest hundredth."""
    count = int(0.99 * corners.size)
    kept = np.partition(corners, max(count - 1, 0), axis=None)[:count]
    deviation = _deviation(kept)
    return 0.5 * (float(kept.mean()) / deviation) ** 2 if deviation > 0 else 0.0
