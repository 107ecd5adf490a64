"""The monotone map from the predictions of a regressor to MOS: a logistic that never decreases."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..evaluation.logistic_maps import logistic4

Values = NDArray[np.float64]

#: Bounds of the width of the logistic, in standard deviations of the predictions: a step at one end, within
#: rounding a line at the other.
WIDTHS = (0.25, 32.0)
#: Bound of its centre, in standard deviations from the mean prediction.
MOST_OFF = 4.0


class MonotoneMap(NamedTuple):
    """Parameters of `vqa_features.evaluation.logistic_maps.logistic4`, with high >= low."""

    high: float
    low: float
    centre: float
    width: float

    def __call__(self, predicted: Values) -> Values:
        """Return predictions on the MOS scale, of the same shape."""
        return logistic4(predicted, *self)

    @property
    def is_constant(self) -> bool:
        """Whether every prediction is mapped to one MOS."""
        return self.high == self.low


def fit_map(predicted: Values, mos: Values) -> MonotoneMap:
    """Return the least-squares logistic from predictions to MOS that does not decrease.

    Where the best logistic decreases, the best one that does not is constant: the mean MOS. Centre and width
    are searched within bounds; the two ends are the linear least squares of each (variable projection).

    Parameters
    ----------
    predicted : (n,)
        Predictions by models that did not see the row.
    mos : (n,)
        MOS of the same rows.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(1, 5, 50)
    >>> curve = fit_map(x, 2 * x)
    >>> bool(np.allclose(curve(x), 2 * x, atol=0.02))
    True
    """
    from scipy.optimize import least_squares

    mean, middle, unit = float(mos.mean()), float(predicted.mean()), float(predicted.std())
    constant = MonotoneMap(mean, mean, middle, 1.0)
    if unit <= 1e-9 * max(1.0, abs(middle)):  # rounding of equal predictions
        return constant
    t = (predicted - middle) / unit

    def columns(shape: Values) -> Values:
        rising = logistic4(t, 1, 0, shape[0], np.exp(shape[1]))
        return np.stack([rising, 1 - rising], axis=-1)

    def ends(shape: Values) -> Values:
        return np.asarray(np.linalg.lstsq(columns(shape), mos, rcond=None)[0])

    def residuals(shape: Values) -> Values:
        return np.asarray(columns(shape) @ ends(shape) - mos)

    low, high = (float(np.log(one)) for one in WIDTHS)
    found = least_squares(residuals, [0.0, 0.0], bounds=([-MOST_OFF, low], [MOST_OFF, high])).x
    top, bottom = (float(one) for one in ends(found))
    if not top > bottom:
        return constant
    return MonotoneMap(top, bottom, middle + unit * float(found[0]), unit * float(np.exp(found[1])))
