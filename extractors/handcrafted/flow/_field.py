"""Motion field of a pair of frames: working pictures, search, and where the field is determined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.resize import halve

from ._blocks import block_shifts
from ._camera import Camera, fit_camera
from ._edges import sharpened
from ._refine import bordered, certainty_of, compensated

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]
Values = NDArray[np.float64]

#: Pixels in the shorter direction that a frame must have.
LEAST_SIDE = 32
#: Shorter side in pixels of working pictures, within a factor of 1.42; smaller frames stay as they are.
WORKING_SIDE = 270
#: Binomial filter of the picture for the last step of the search.
SMOOTH = np.array([1, 4, 6, 4, 1], np.float32) / 16
#: Side of the medians of the field that it finds: steps of neighbours differ by noise.
MEDIAN = 3
#: Vectors around one whose match must lie in the previous picture too; the search tears them along.
UNCOVERED_NEARBY = np.ones((7, 7), np.uint8)
#: Least side that OpenCV's search gets. It chooses its pyramid by the width alone for small pictures, and
#: reads outside their memory.
SEARCH_SIDE = 32
#: Distance of the search's patches of 8 pixels, and its steps of descent on each.
PATCH_STRIDE, DESCENT = 6, 8
#: Certainty from which a vector is determined: a standard error of 0.26 working pixels by the 36 samples of
#: a window. Noise without content has 0.05 to 0.3.
DETERMINED = 0.4
#: Share of the picture that must be determined for measures of motion.
LEAST_DETERMINED = 0.02
#: The same for a motion of the camera. From less, it followed single objects and noise in dark clips.
LEAST_FOR_CAMERA = 0.1
#: Standard deviation of the determined places for a motion of the camera, as a share of the width and of the
#: height; 0.29 where all are determined.
LEAST_SPREAD = 0.12


@dataclass(frozen=True)
class Working:
    """A frame reduced for the search.

    Attributes
    ----------
    picture : (h, w) float32
        Means of `factor` x `factor` pixels, in 8-bit code units; both sides are even, and what is left at the
        right and the bottom is cropped.
    smooth : (h, w) float32
        The same without what the interpolation between pixels distorts.
    half : (h / 2, w / 2) float32
        Means of 2 x 2 pixels of `picture`.
    factor : int
        A power of two.
    shape : (int, int)
        Height and width of the frame.
    """

    picture: Plane
    smooth: Plane
    half: Plane
    factor: int
    shape: tuple[int, int]

    def places(self) -> tuple[Values, Values]:
        """Columns and rows of the vectors, in pixels of the frame from its centre."""
        rows, columns = (
            self.factor * (2 * np.arange(used // 2) + 1.0) - full / 2
            for used, full in zip(self.picture.shape, self.shape, strict=True)
        )
        return columns, rows


def working(plane: NDArray[Any]) -> Working:
    """Return a luma plane reduced for the search.

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        Luma in 8-bit code units, at least 32 pixels in each direction.
    """
    height, width = plane.shape
    factor = 2 ** max(round(np.log2(min(height, width) / WORKING_SIDE)), 0)
    even_y, even_x = (n // (2 * factor) * 2 for n in (height, width))
    picture = np.asarray(plane[: even_y * factor, : even_x * factor], dtype=np.float32)
    if factor > 2:
        picture = np.asarray(cv2.resize(picture, (2 * even_x, 2 * even_y), interpolation=cv2.INTER_AREA))
    if factor > 1:
        picture = halve(picture)
    smooth = cv2.sepFilter2D(picture, cv2.CV_32F, SMOOTH, SMOOTH, borderType=cv2.BORDER_REPLICATE)
    half = cv2.resize(picture, (even_x // 2, even_y // 2), interpolation=cv2.INTER_AREA)
    return Working(
        np.ascontiguousarray(picture), np.asarray(smooth), np.asarray(half), factor, (height, width)
    )


@dataclass(frozen=True)
class Motion:
    """Motion from one frame to the next, on a grid of one vector per 2 x 2 working pixels.

    Attributes
    ----------
    motion : (rows, columns, 2) float32
        Motion of the content that is now at each place, in pixels of the frame; right and down are positive.
    determined : (rows, columns) bool
        Where texture, noise and match tell the motion.
    camera : Camera or None
        None where less than 10 % of the picture is determined, or only one part of it.
    residual : (h, w) float32
        This working picture less the compensated previous one, in codes; 0 where not `covered`.
    covered : (h, w) bool
        Working pixels whose match, and that of the others of their vector, lies in the previous picture.
    """

    motion: Plane
    determined: Mask
    camera: Camera | None
    residual: Plane
    covered: Mask


def motion_between(previous: Working, current: Working) -> Motion:
    """Return the motion between two frames of one size.

    Parameters
    ----------
    previous, current : Working
        The frames, reduced.

    Returns
    -------
    Motion

    References
    ----------
    T. Kroeger, R. Timofte, D. Dai and L. Van Gool, "Fast optical flow using dense inverse search", ECCV 2016
    (OpenCV's DISOpticalFlow, down to half the working size, without its variational part); the certainty:
    B. D. Lucas and T. Kanade, "An iterative image registration technique", IJCAI 1981.
    """
    before, after = bordered(previous.picture), current.picture
    field = sharpened(previous.half, current.half, _search(previous, current))
    moved, inside = np.empty_like(after), np.empty(field.shape[:2], bool)
    everywhere = np.ones(inside.shape, bool)
    compensated(bordered(previous.smooth), field, everywhere, moved, inside)
    certainty_of(current.smooth, moved, inside, field, correct=True)
    field = np.asarray(cv2.medianBlur(field, MEDIAN))
    compensated(before, field, everywhere, moved, inside)
    certainty, texture = certainty_of(after, moved, inside, field, correct=False)
    determined, plain = certainty >= DETERMINED, texture < DETERMINED
    motion = np.multiply(field, np.float32(-current.factor))
    x, y = current.places()
    camera = fit_camera(motion, x, y, determined) if _spread(determined) else None
    if camera is None:
        motion[plain] = 0
    else:
        of_camera = camera.motion(x, y)
        cv2.copyTo(of_camera, plain.view(np.uint8), motion)
        stays = _inside(x, y, of_camera, current.shape)
        determined &= cv2.erode(stays.view(np.uint8), UNCOVERED_NEARBY) > 0
    compensated(before, motion * np.float32(-1 / current.factor), plain, moved, inside)
    if camera is not None:
        inside &= stays
    covered = cv2.resize(inside.view(np.uint8), after.shape[::-1], interpolation=cv2.INTER_NEAREST)
    residual = np.zeros_like(after)
    cv2.subtract(after, moved, residual, covered)
    return Motion(motion, determined, camera, residual, covered.view(bool))


def _search(previous: Working, current: Working) -> Plane:
    """Displacement from `current` to `previous`, one vector per 2 x 2 pixels, in working pixels."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    search.setFinestScale(0)
    search.setPatchStride(PATCH_STRIDE)
    search.setGradientDescentIterations(DESCENT)
    search.setVariationalRefinementIterations(0)
    height, width = current.half.shape
    first = block_shifts(previous.picture, current.picture)
    pads = [max(SEARCH_SIDE - n, 0) for n in (height, width)]
    padded = [
        cv2.copyMakeBorder(each, 0, pads[0], 0, pads[1], cv2.BORDER_REPLICATE)
        for each in (cv2.convertScaleAbs(current.half), cv2.convertScaleAbs(previous.half), first)
    ]
    return np.multiply(search.calc(*padded)[:height, :width], np.float32(2))


def _spread(determined: Mask) -> bool:
    """Whether enough of the picture is determined, in enough parts of it, for a motion of the camera."""
    of = cv2.moments(determined.view(np.uint8), binaryImage=True)
    if of["m00"] < max(LEAST_FOR_CAMERA * determined.size, 1):
        return False
    height, width = determined.shape
    across, down = np.sqrt(of["mu20"] / of["m00"]), np.sqrt(of["mu02"] / of["m00"])
    return bool(across >= LEAST_SPREAD * width and down >= LEAST_SPREAD * height)


def _inside(x: Values, y: Values, motion: Plane, shape: tuple[int, int]) -> Mask:
    """Whether the content now at each place was in the previous picture if it moved so."""
    half_height, half_width = np.float32(shape[0] / 2), np.float32(shape[1] / 2)
    was_x, was_y = (
        np.abs(at - motion[..., k])
        for k, at in enumerate((x.astype(np.float32)[None, :], y.astype(np.float32)[:, None]))
    )
    return np.asarray((was_x <= half_width) & (was_y <= half_height))
