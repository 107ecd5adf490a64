"""Motion of the camera: the affine map that most of a motion field agrees on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]
Values = NDArray[np.float64]

#: Rounds of the fit, and the residual in medians at which a vector has half its weight.
ROUNDS, HALF_WEIGHT = 5, 1.5
#: Maps that are tried at first, and vectors they are judged by.
TRIALS, JUDGES = 64, 300
#: Distance of the vectors used in the fit along rows and columns, for fields of at least so many vectors.
STEP, MANY = 3, 5000


@dataclass(frozen=True)
class Camera:
    """Affine map of positions from the previous picture to this one, in pixels from the centre.

    Attributes
    ----------
    linear : (2, 2) float64
        A content at q in the previous picture is at ``linear @ q + shift`` in this one.
    shift : (2,) float64
        Motion of what was in the centre, x then y.
    """

    linear: Values
    shift: Values

    @property
    def zoom(self) -> float:
        """Growth of lengths: 0.01 where the content grows by 1 %."""
        return float(np.sqrt(max(np.linalg.det(self.linear), 0.0)) - 1)

    @property
    def rotation(self) -> float:
        """Angle in radians, positive where the content turns clockwise on the screen."""
        (xx, xy), (yx, yy) = self.linear
        return float(np.arctan2(yx - xy, xx + yy))

    def motion(self, x: Values, y: Values) -> Plane:
        """Motion of the content that is now at the columns `x` and the rows `y`, (rows, columns, 2)."""
        back = np.linalg.inv(self.linear)
        shift = back @ self.shift
        columns = [
            (x * (float(k == 0) - back[k, 0]) + shift[k])[None, :]
            + (y * (float(k == 1) - back[k, 1]))[:, None]
            for k in (0, 1)
        ]
        return np.stack(columns, axis=2).astype(np.float32)


def fit_camera(motion: Plane, x: Values, y: Values, use: Mask) -> Camera:
    """Return the camera's motion from a field.

    Parameters
    ----------
    motion : (rows, columns, 2) float32
        Motion from the previous picture of the content that is now at each place, in pixels.
    x, y : (columns,) and (rows,) float64
        Places in pixels from the centre.
    use : (rows, columns) bool
        Vectors that take part.

    Returns
    -------
    Camera

    Notes
    -----
    The first estimate is the one of least median residual among maps through three vectors at random (always
    the same ones). Then come least squares by rounds of weights 1 / (1 + r^2), r being the residual over 1.5
    of its medians. Objects have no part in it up to about two fifths of the area. The fit is made of the map
    back to the previous picture, which is affine in the present places, and inverted.

    References
    ----------
    P. J. Rousseeuw, "Least median of squares regression", JASA 79(388), 1984.
    """
    step = STEP if use.size >= MANY else 1
    part = slice(step // 2, None, step)
    use = use[part, part]
    longer = max(len(x), len(y)) * abs(x[-1] - x[0]) / max(len(x) - 1, 1) / 2
    grid_x, grid_y = np.broadcast_arrays(x[None, part], y[part, None])
    design = np.stack([np.ones(int(use.sum())), grid_x[use] / longer, grid_y[use] / longer], axis=1)
    back = -motion[part, part][use].astype(np.float64)
    model = _least_median(design, back)
    for _ in range(ROUNDS):
        residual = np.hypot(*(back - design @ model).T)
        weights = 1 / (1 + np.square(residual / (HALF_WEIGHT * np.median(residual) + 1e-3)))
        weighted = design * weights[:, None]
        model = np.linalg.lstsq(weighted.T @ design, weighted.T @ back, rcond=None)[0]
    linear = np.linalg.inv(np.eye(2) + model[1:].T / longer)
    return Camera(linear, -linear @ model[0])


def _least_median(design: Values, back: Values) -> Values:
    """Map (3, 2) through three of the vectors that leaves the least median residual on some of them."""
    rng = np.random.default_rng(0)
    threes = rng.integers(len(back), size=(TRIALS, 3))
    some = rng.integers(len(back), size=JUDGES)
    models = np.linalg.pinv(design[threes]) @ back[threes]
    residual = np.square(design[some] @ models - back[some]).sum(axis=2)
    best: Values = models[np.argmin(np.median(residual, axis=1))]
    return best
