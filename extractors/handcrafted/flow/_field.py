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
from ._refine import certainty_of, compensated

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]
Values = NDArray[np.float64]

#: Pixels in the shorter direction that a frame must have.
LEAST_SIDE = 32
#: Shorter side in pixels of working pictures, within a factor of 1.42; smaller frames stay as they are.
WORKING_SIDE = 270
#: Binomial filter of the picture for the last step of the search.
SMOOTH = np.array([1, 4, 6, 4, 1], np.float32) / 16
#: Vectors around one whose match must lie in the previous picture too; the search tears them along.
UNCOVERED_NEARBY = np.ones((7, 7), np.uint8)
#: Least side that OpenCV's search gets. It chooses its pyramid by the width alone for small pictures, and
#: reads outside their memory.
SEARCH_SIDE = 64
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
    factor : int
        A power of two.
    shape : (int, int)
        Height and width of the frame.
    """

    picture: Plane
    smooth: Plane
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
    return Working(np.ascontiguousarray(picture), np.asarray(smooth), factor, (height, width))


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
        Working pixels whose match lies in the previous picture.
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
    before, after = previous.picture, current.picture
    field = sharpened(before, after, _search(before, after))
    moved, inside = np.empty_like(after), np.empty(after.shape, bool)
    everywhere = np.ones(after.shape, bool)
    compensated(previous.smooth, _dense(field), everywhere, moved, inside)
    certainty_of(current.smooth, moved, inside, field, correct=True)
    compensated(before, _dense(field), everywhere, moved, inside)
    certainty, texture = certainty_of(after, moved, inside, field, correct=False)
    determined = certainty >= DETERMINED
    motion = np.float32(-current.factor) * field
    x, y = current.places()
    camera = fit_camera(motion, x, y, determined) if _spread(determined) else None
    of_camera = camera.motion(x, y) if camera else np.zeros_like(motion)
    plain = texture < DETERMINED
    cv2.copyTo(of_camera, plain.view(np.uint8), motion)
    compensated(before, _dense(motion / np.float32(-current.factor)), _doubled(plain), moved, inside)
    stays = _inside(x, y, of_camera, current.shape)
    determined &= cv2.erode(stays.view(np.uint8), UNCOVERED_NEARBY) > 0
    inside &= _doubled(stays)
    residual = np.where(inside, after - moved, np.float32(0))
    return Motion(motion, determined, camera, residual, inside)


def _search(before: Plane, after: Plane) -> Plane:
    """Displacement from `after` to `before`, one vector per 2 x 2 pixels, in working pixels."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    search.setFinestScale(1)
    search.setVariationalRefinementIterations(0)
    height, width = after.shape
    first = block_shifts(before, after)
    pads = [max(SEARCH_SIDE - n, 0) for n in (height, width)]
    padded = [
        cv2.copyMakeBorder(each, 0, pads[0], 0, pads[1], cv2.BORDER_REPLICATE)
        for each in (np.rint(after).astype(np.uint8), np.rint(before).astype(np.uint8), first)
    ]
    found = search.calc(*padded)[:height, :width]
    return np.asarray(cv2.resize(found, (width // 2, height // 2), interpolation=cv2.INTER_AREA))


def _dense(field: Plane) -> Plane:
    """Return a field with a vector per working pixel."""
    height, width = field.shape[:2]
    return np.asarray(cv2.resize(field, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR))


def _doubled(mask: Mask) -> Mask:
    return np.repeat(np.repeat(mask, 2, axis=0), 2, axis=1)


def _spread(determined: Mask) -> bool:
    """Whether enough of the picture is determined, in enough parts of it, for a motion of the camera."""
    if determined.mean() < LEAST_FOR_CAMERA:
        return False
    places = np.nonzero(determined)
    return all(at.std() >= LEAST_SPREAD * n for at, n in zip(places, determined.shape, strict=True))


def _inside(x: Values, y: Values, motion: Plane, shape: tuple[int, int]) -> Mask:
    """Whether the content now at each place was in the previous picture if it moved so."""
    height, width = shape
    was_x, was_y = x[None, :] - motion[..., 0], y[:, None] - motion[..., 1]
    return np.asarray((np.abs(was_x) <= width / 2) & (np.abs(was_y) <= height / 2))
