"""Dense motion at half size, its camera model, and the motion-compensated difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.brisque_niqe import brisque_statistics
from vqa_features.kernels.resize import halve

Values = NDArray[np.float64]
Plane = NDArray[np.float32]

#: Side in pixels after halving below which a frame has no flow (the coarsest patch does not fit).
SMALLEST = 16
#: Side of OpenCV's patches, and the width of a picture per unit from which it counts levels of small ones.
PATCH, WIDTH_OF_LEVEL_0 = 8, 20
#: Rounds of the camera fit, each leaving out pixels whose residual is above this many medians.
ROUNDS, TRIM = 3, 2.5

#: 16 features of motion, then 18 natural-scene statistics of the residual.
N_FEATURES = 34


class _FlowSession(Session):
    """Motion and residual statistics of each pair; keeps nothing between pairs."""

    def prepare(self, frame: Views) -> NDArray[np.uint8]:
        return half_size(frame.luma)

    def push(self, window: Sequence[Any]) -> NDArray[np.float64]:
        previous, current = window
        if previous is None or not has_flow(*current.shape):
            return np.full(N_FEATURES, np.nan)
        back = backward_flow(previous, current)
        residual = compensated(previous, current, back)
        statistics = brisque_statistics(residual[None])
        difference = np.abs(np.subtract(current, previous, dtype=np.float32)).mean()
        gain = np.abs(residual).mean() / difference if difference > 0 else np.nan
        rms = np.sqrt(np.square(residual).mean(dtype=np.float64))
        return np.concatenate([_motion(-2 * back), [rms, gain], statistics])


def _motion(motion: NDArray[np.float32]) -> NDArray[np.float64]:
    """The first 14 features, from the forward motion in full-size pixels on the half-size grid."""
    length = np.hypot(motion[..., 0], motion[..., 1])
    mean = float(length.mean())
    (u_y, u_x), (v_y, v_x) = (np.gradient(motion[..., k], 2.0) for k in (0, 1))
    model = camera_model(motion)
    camera = camera_motion(model, motion.shape[:2])
    own = np.hypot(*np.moveaxis(motion - camera, 2, 0))
    half_side = max(motion.shape[:2])  # of the full frame, in its pixels
    return np.array(
        [
            mean,
            length.std(),
            np.percentile(length, 95),
            (length < 0.5).mean(),
            min(np.hypot(*motion.mean(axis=(0, 1))) / mean, 1.0) if mean > 0 else np.nan,
            (u_x + v_y).std(),
            (v_x - u_y).std(),
            model[0, 0],
            model[1, 0],
            (model[0, 1] + model[1, 2]) / 2 / half_side,
            (model[1, 1] - model[0, 2]) / 2 / half_side,
            np.hypot(*np.moveaxis(camera, 2, 0)).mean(),
            own.mean(),
            (own > 1).mean(),
        ],
        dtype=np.float64,
    )


def has_flow(height: int, width: int) -> bool:
    """Whether patches fit into a halved picture at the coarsest level that OpenCV chooses.

    For pictures below four patches it chooses the level by the width alone, and reads outside the memory of
    a wide picture whose height at that level is less than a patch.
    """
    if min(height, width) < SMALLEST:
        return False
    coarsest = int(np.log2(max(width / WIDTH_OF_LEVEL_0, 1)))
    return min(height, width) >= 4 * PATCH or height >> coarsest >= PATCH


def half_size(plane: NDArray[Any]) -> NDArray[np.uint8]:
    """Half-size 8-bit picture of a luma plane, as `backward_flow` takes it."""
    return np.clip(np.rint(halve(plane)), 0, 255).astype(np.uint8)


def backward_flow(previous: NDArray[np.uint8], current: NDArray[np.uint8]) -> Plane:
    """Displacement from each pixel of `current` to its match in `previous`, (h, w, 2) float32, x then y.

    In pixels of the pictures given. Dense inverse search, OpenCV's preset "fast".

    References
    ----------
    T. Kroeger, R. Timofte, D. Dai and L. Van Gool, "Fast optical flow using dense inverse search",
    ECCV 2016.
    """
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    found = search.calc(current, previous, None)  # type: ignore[call-overload]
    return np.asarray(found, dtype=np.float32)


def compensated(previous: NDArray[np.uint8], current: NDArray[np.uint8], flow: Plane) -> Plane:
    """`current` less `previous` moved by `flow`, (h, w) float32 in codes."""
    height, width = current.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = cv2.remap(
        previous.astype(np.float32),
        x + flow[..., 0],
        y + flow[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return current.astype(np.float32) - moved


def camera_model(motion: Plane, step: int = 8) -> Values:
    """Affine motion of most of the picture, (2, 3): rows u, v on columns 1, x, y.

    Parameters
    ----------
    motion : (h, w, 2) float32
        Horizontal and vertical displacement of each pixel, in pixels.
    step : int
        Distance of the pixels used in the fit, along rows and columns.

    Notes
    -----
    Least squares, repeated without the pixels whose residual is above 2.5 times the median. x and y
    are counted from the centre, in half widths of the longer side, so that a zoom of 1 % is
    0.01 half sides per frame at the border.
    """
    grid, samples = _design(motion.shape[:2], step), motion[::step, ::step].reshape(-1, 2)
    keep = np.ones(len(samples), bool)
    model: NDArray[Any] = np.zeros((3, 2))
    for _ in range(ROUNDS):
        model = np.linalg.lstsq(grid[keep], samples[keep].astype(np.float64), rcond=None)[0]
        residual = np.linalg.norm(samples - grid @ model, axis=1)
        keep = residual <= TRIM * np.median(residual) + 1e-6
    return model.T


def camera_motion(model: Values, shape: tuple[int, int]) -> Plane:
    """Motion field (h, w, 2) of a camera model."""
    return (_design(shape, 1) @ model.T).reshape(*shape, 2).astype(np.float32)


def _design(shape: tuple[int, int], step: int) -> Values:
    height, width = shape
    y, x = np.mgrid[:height:step, :width:step]
    longer = max(height, width) / 2
    centred = (x - (width - 1) / 2) / longer, (y - (height - 1) / 2) / longer
    return np.stack([np.ones(x.size), centred[0].ravel(), centred[1].ravel()], axis=1)
