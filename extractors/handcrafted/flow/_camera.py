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
        motion = np.empty((len(y), len(x), 2), np.float32)
        for k in (0, 1):
            along = (x * (float(k == 0) - back[k, 0]) + shift[k]).astype(np.float32)
            down = (y * (float(k == 1) - back[k, 1])).astype(np.float32)
            np.add(along[None, :], down[:, None], out=motion[..., k])
        return motion


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
    design = np.stack([np.ones(int(use.sum())), grid_x[use] / longer, grid_y[use] / longer])
    back = -motion[part, part][use].T.astype(np.float64)
    model = _least_median(design, back)
    for _ in range(ROUNDS):
        residual = np.sqrt(np.square(back - model @ design).sum(axis=0))
        weights = 1 / (1 + np.square(residual / (HALF_WEIGHT * np.median(residual) + 1e-3)))
        weighted = design * weights
        model = np.linalg.lstsq(weighted @ design.T, weighted @ back.T, rcond=None)[0].T
    model = model.T
    linear = np.linalg.inv(np.eye(2) + model[1:].T / longer)
    return Camera(linear, -linear @ model[0])


def _least_median(design: Values, back: Values) -> Values:
    """Map (2, 3) through three of the vectors that leaves the least median residual on some of them."""
    rng = np.random.default_rng(0)
    threes = rng.integers(back.shape[1], size=(TRIALS, 3))
    some = rng.integers(back.shape[1], size=JUDGES)
    models = _through(design[1:, threes], back[:, threes])
    residual = np.square(models @ design[:, some] - back[:, some]).sum(axis=1)
    middle = JUDGES // 2
    best: Values = models[np.argmin(np.partition(residual, middle, axis=1)[:, middle])]
    return best


def _through(places: Values, values: Values) -> Values:
    """Maps (n, 2, 3) that have the values (2, n, 3) at three places (2, n, 3) each.

    Where three places lie in a line the map is that of the first of them alone.
    """
    (ax, ay), (bx, by) = (places[..., k] - places[..., 0] for k in (1, 2))
    a, b = (values[..., k] - values[..., 0] for k in (1, 2))
    area = ax * by - bx * ay
    share = np.divide(1, area, out=np.zeros_like(area), where=area != 0)
    x, y = (a * by - b * ay) * share, (b * ax - a * bx) * share
    first = values[..., 0] - x * places[0, :, 0] - y * places[1, :, 0]
    return np.stack([first, x, y]).transpose(2, 1, 0)
