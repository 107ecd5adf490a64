"""Logistic maps from predictions to mean opinion scores, fitted by least squares.

References
----------
VQEG, "Final report on the validation of objective models of video quality assessment", 2000 (logistic4).
H. R. Sheikh et al., "A statistical evaluation of recent full reference image quality assessment
algorithms", IEEE TIP 2006, equation 2 (logistic5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ParameterError
from .pairs import Values, pair

#: Most evaluations of a logistic in one fit. MINPACK needs about 50; a fit that needs more is not
#: determined by the predictions, and the best curve so far is used.
MAX_EVALUATIONS = 5000
#: Greatest logarithm of the slope of the logistic of five parameters, and distance of its centre from the
#: mean prediction, in standard deviations of the predictions.
MOST_STEEP = 4.0
#: Most steps of that search; about 20 are needed.
MOST_STEPS = 200


def logistic4(x: ArrayLike, b1: float, b2: float, b3: float, b4: float) -> Values:
    """Return ``b2 + (b1 - b2) / (1 + exp(-(x - b3) / |b4|))``, monotone in x between b2 and b1.

    Parameters
    ----------
    x : array
        Predictions, any shape.
    b1, b2 : float
        Values at the two ends, in units of the MOS.
    b3, b4 : float
        Centre and width, in units of `x`.

    See Also
    --------
    fit_logistic : Fit the parameters.

    Examples
    --------
    >>> import vqa_features as vf
    >>> float(vf.metrics.logistic4(0.5, 5, 1, 0.5, 0.1))
    3.0
    """
    from scipy.special import expit

    z = np.asarray(x, dtype=np.float64)
    return np.asarray(b2 + (b1 - b2) * expit((z - b3) / np.abs(b4)))


def logistic5(x: ArrayLike, b1: float, b2: float, b3: float, b4: float, b5: float) -> Values:
    """Return ``b1 (1/2 - 1/(1 + exp(b2 (x - b3)))) + b4 x + b5`` (not monotone for every b).

    Parameters
    ----------
    x : array
        Predictions, any shape.
    b1, b2, b3 : float
        Height, slope and centre of the logistic part.
    b4, b5 : float
        Slope and offset of the linear part.

    See Also
    --------
    fit_logistic : Fit the parameters.

    Examples
    --------
    >>> import vqa_features as vf
    >>> float(vf.metrics.logistic5(0.5, 2, 4, 0.5, 1, 3))
    3.5
    """
    from scipy.special import expit

    z = np.asarray(x, dtype=np.float64)
    return np.asarray(b1 * (0.5 - expit(-b2 * (z - b3))) + b4 * z + b5)


def fit_logistic(
    predicted: ArrayLike, mos: ArrayLike, kind: Literal["logistic4", "logistic5"] = "logistic4"
) -> Callable[[ArrayLike], Values]:
    """Return the least-squares logistic map from predictions to MOS, as a function of predictions.

    The four-parameter fit starts at [max y, min y, mean x, 0.5], as the public benchmark scripts do.
    Constant predictions are mapped to the mean MOS.

    Parameters
    ----------
    predicted, mos : (n,)
        Predictions and MOS.
    kind : {"logistic4", "logistic5"}
        The curve.

    Returns
    -------
    callable
        From predictions (any shape) to MOS.

    See Also
    --------
    logistic4, logistic5 : The curves.

    Examples
    --------
    >>> import numpy as np
    >>> import vqa_features as vf
    >>> predicted = np.linspace(0, 1, 50)
    >>> mapped = vf.metrics.fit_logistic(predicted, vf.metrics.logistic4(predicted, 5, 1, 0.5, 0.1))
    >>> round(float(mapped(0.5)), 3)
    3.0
    """
    from scipy.optimize import least_squares

    x, y = pair(predicted, mos)
    if np.ptp(x) == 0:
        mean = float(y.mean())
        return lambda z: np.full(np.shape(z), mean)
    if kind == "logistic5":
        return _fit_logistic5(x, y)
    if kind != "logistic4":
        raise ParameterError(f"kind must be logistic4 or logistic5, got {kind!r}")
    start = [y.max(), y.min(), x.mean(), 0.5]
    method: Literal["lm", "trf"] = "lm" if len(x) >= len(start) else "trf"

    def residuals(b: Values) -> Values:
        return np.nan_to_num(logistic4(x, *b) - y, nan=1e6)

    # A width of 0 divides by zero; MINPACK recovers from the resulting inf.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = least_squares(residuals, start, method=method, max_nfev=MAX_EVALUATIONS).x
    return lambda z: logistic4(z, *found)


def _fit_logistic5(x: Values, y: Values) -> Callable[[ArrayLike], Values]:
    """Return the five-parameter map by variable projection (G. Golub and V. Pereyra, 1973).

    Height, slope of the line and offset are the linear least squares of each slope and centre of the
    logistic, so only those two are searched. Predictions that follow the MOS on a line do not determine
    them; a search over all five would wander along the valley of equal errors.
    """
    from scipy.optimize import least_squares

    middle, unit = float(x.mean()), float(x.std())

    def columns(z: ArrayLike, shape: Values) -> Values:
        t = (np.asarray(z, dtype=np.float64) - middle) / unit
        return np.stack([logistic5(t, 1, np.exp(shape[0]), shape[1], 0, 0), t, np.ones_like(t)], axis=-1)

    def weights(shape: Values) -> Values:
        return np.asarray(np.linalg.lstsq(columns(x, shape), y, rcond=None)[0])

    def residuals(shape: Values) -> Values:
        return np.asarray(columns(x, shape) @ weights(shape) - y)

    limits = ([-MOST_STEEP, -MOST_STEEP], [MOST_STEEP, MOST_STEEP])
    found = least_squares(residuals, [0.0, 0.0], bounds=limits, max_nfev=MOST_STEPS).x
    solved = weights(found)
    return lambda z: np.asarray(columns(z, found) @ solved)
