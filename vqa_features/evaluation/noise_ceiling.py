"""Noise ceiling: the correlation with a measured MOS that the true quality itself reaches.

The MOS of a video is its true quality and the mean error of its opinions, whose standard error is
``std / sqrt(count)``. The share of the variance of the MOS that is true quality is its reliability R. The
true quality has the expected Pearson correlation sqrt(R) with the MOS, and the MOS of a second panel of the
same size has R.

References
----------
H. Gulliksen, "Theory of mental tests", 1950, chapters 2 and 3 (reliability, index of reliability).
K. Pearson, "On further methods of determining correlation", 1907 (SRCC of normal variables: 6/pi asin(r/2)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError
from .significance import percentile_interval

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]

TRUTH, PANEL = "true quality", "second panel"
#: Draws of opinions, and of videos for the interval of the reliability.
DRAWS = 200


@dataclass(frozen=True)
class Ceiling:
    """Correlation of one predictor with the measured MOS."""

    metric: str
    """``srcc`` or ``plcc``."""
    predictor: str
    """``true quality`` or ``second panel``."""
    formula: float
    """From the reliability; for SRCC it assumes that quality and errors are normal."""
    simulated: float
    """Median over simulated panels."""
    low: float
    high: float
    """95 % of the simulated panels. A score above `high` is better than the noise of the opinions allows."""


@dataclass(frozen=True)
class NoiseCeiling:
    """Reliability of a MOS and the correlations it allows; every ceiling is nan if it is not above 0."""

    reliability: float
    """Share of the variance of the MOS that is not noise of the opinions; at most 1, 0 or less where
    the noise explains all of it."""
    reliability_low: float
    reliability_high: float
    """95 % interval, bootstrap over videos."""
    error: float
    """Root mean square of the standard errors of the MOS, in MOS units."""
    videos: int
    """Number of videos on which the correlations are computed."""
    ceilings: tuple[Ceiling, ...]

    def of(self, metric: str, predictor: str = TRUTH) -> Ceiling:
        """Return the ceiling of one metric and predictor."""
        found = [one for one in self.ceilings if (one.metric, one.predictor) == (metric, predictor)]
        if not found:
            raise ParameterError(
                f"there are ceilings of srcc and plcc for {TRUTH!r} and {PANEL!r}, "
                f"got {metric!r} and {predictor!r}"
            )
        return found[0]

    def table(self) -> pd.DataFrame:
        """Return one row per ceiling: ``metric, predictor, formula, simulated, low, high``."""
        import pandas as pd

        return pd.DataFrame(list(self.ceilings))


def noise_ceiling(
    mos: ArrayLike,
    std: ArrayLike,
    counts: ArrayLike,
    *,
    rows: int | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> NoiseCeiling:
    """Return the SRCC and PLCC that a perfect predictor, and a second panel, reach with the measured MOS.

    In the simulation the true qualities are the MOS shrunk to the variance without noise, which keeps the
    shape of their distribution. Normal errors are drawn around them. For a skewed or clustered quality the
    simulated SRCC is too high: by .02 for a gamma distribution of shape 2 (R = .77) and for two clusters
    (R = .97). For a normal and an even distribution it is right to .004 for 2000 videos, and to .01 for 200.

    Parameters
    ----------
    mos, std, counts : (videos,)
        MOS, standard deviation (of a sample, which one opinion does not have) and number of the single
        opinions of each video.
    rows : int, optional
        Number of videos of a test part: each simulated panel is evaluated on so many videos, drawn without
        replacement. Default: all videos.
    draws : int
        Number of simulated panels.
    seed : int
        Seed of the draws.

    Raises
    ------
    ParameterError
        If the arrays do not fit, a deviation is negative, a count is below 1, all MOS are equal, or `rows`
        or `draws` is out of range.

    Examples
    --------
    >>> mos = [1.0, 2.0, 3.0, 4.0, 5.0]
    >>> found = noise_ceiling(mos, std=[1.0] * 5, counts=[4] * 5)
    >>> round(found.reliability, 3), round(found.of("plcc").formula, 3)
    (0.9, 0.949)
    """
    y, error = _checked(mos, std, counts)
    size = len(y) if rows is None else rows
    if not 3 <= size <= len(y) or draws < 1:
        raise ParameterError(f"need 3 to {len(y)} rows and at least one draw, got {size} and {draws}")
    reliability = _reliability(y, error)
    random = np.random.default_rng([seed, 1])
    resamples = (random.integers(0, len(y), len(y)) for _ in range(draws))
    spread = [_reliability(y[one], error[one]) for one in resamples]
    low, high = percentile_interval(spread) if np.isfinite(spread).all() else (-np.inf, 1.0)
    return NoiseCeiling(
        reliability,
        low,
        high,
        float(np.sqrt(np.mean(error**2))),
        size,
        _ceilings(reliability, _simulated(y, error, reliability, size, draws, seed)),
    )


def normal_srcc(plcc: float) -> float:
    """Return the SRCC of two normal variables from their Pearson correlation: ``6/pi asin(r/2)``."""
    return float(6 / np.pi * np.arcsin(plcc / 2))


def _checked(mos: ArrayLike, std: ArrayLike, counts: ArrayLike) -> tuple[Values, Values]:
    """Return the MOS and their standard errors."""
    y, deviation, number = (np.asarray(one, dtype=np.float64) for one in (mos, std, counts))
    if y.ndim != 1 or len(y) < 3 or not y.shape == deviation.shape == number.shape:
        raise ParameterError(
            "mos, std and counts must be vectors of one length of at least 3, "
            f"got {y.shape}, {deviation.shape} and {number.shape}"
        )
    if not (np.isfinite(y).all() and np.isfinite(deviation).all() and np.isfinite(number).all()):
        raise ParameterError("mos, std and counts must be finite: leave the other videos out")
    if (deviation < 0).any() or (number < 1).any():
        raise ParameterError(
            "std must not be negative and counts must be at least 1, "
            f"got {deviation.min()} and {number.min()}"
        )
    if np.ptp(y) == 0:
        raise ParameterError(f"all MOS are {y[0]}: their reliability is not defined")
    return y, np.asarray(deviation / np.sqrt(number))


def _reliability(y: Values, error: Values) -> float:
    """Return the share of the variance that is not error; -inf if the values are equal."""
    variance = float(np.var(y, ddof=1))
    return 1 - float(np.mean(error**2)) / variance if variance > 0 else -np.inf


def _simulated(y: Values, error: Values, reliability: float, rows: int, draws: int, seed: int) -> Values:
    """Return SRCC and PLCC of the true quality and of a second panel with simulated MOS, (draws, 4)."""
    from scipy.stats import rankdata

    if not reliability > 0:
        return np.full((draws, 4), np.nan)
    truth = y.mean() + np.sqrt(reliability) * (y - y.mean())
    random = np.random.default_rng(seed)
    found = np.empty((draws, 4))
    for draw in range(draws):
        chosen = slice(None) if rows == len(y) else random.choice(len(y), rows, replace=False)
        panels = truth[chosen] + error[chosen] * random.normal(size=(2, rows))
        values = np.vstack([truth[chosen], panels])
        of_ranks, of_values = np.corrcoef(rankdata(values, axis=1)), np.corrcoef(values)
        found[draw] = of_ranks[0, 1], of_values[0, 1], of_ranks[1, 2], of_values[1, 2]
    return found


def _ceilings(reliability: float, simulated: Values) -> tuple[Ceiling, ...]:
    if reliability > 0:
        expected = [np.sqrt(reliability), reliability]
        formulas = [value for r in expected for value in (normal_srcc(r), r)]
    else:
        formulas = [np.nan] * 4
    names = [(metric, predictor) for predictor in (TRUTH, PANEL) for metric in ("srcc", "plcc")]
    return tuple(
        Ceiling(*name, float(formula), float(np.median(column)), *percentile_interval(column))
        for name, formula, column in zip(names, formulas, simulated.T, strict=True)
    )
