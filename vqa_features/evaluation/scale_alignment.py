"""Opinion scales of several datasets mapped onto one, through common measurements.

References
----------
S. Voran, "An iterated nested least-squares algorithm for fitting multiple data sets", NTIA TM-03-397, 2002.
Z. Tu et al., "UGC-VQA", IEEE TIP 2021, section IV (KoNViD-1k and LIVE-VQC onto YouTube-UGC by NIQE).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError

Values = NDArray[np.float64]


class Affine(NamedTuple):
    """The map ``gain * mos + offset`` onto the reference dataset's scale."""

    gain: float
    offset: float

    def __call__(self, mos: ArrayLike) -> Values:
        """Map MOS values of any shape."""
        return np.asarray(self.gain * np.asarray(mos, dtype=np.float64) + self.offset)


#: Largest change of a gain at which the iteration has converged.
CONVERGED = 1e-10
MOST_ITERATIONS = 1000
#: Median absolute deviations from which on a measurement is an outlier, as in the published maps.
MOST_DEVIATIONS = 3.0


def inlsa(datasets: Mapping[str, tuple[ArrayLike, ArrayLike]], reference: str) -> dict[str, Affine]:
    """Return, per dataset, the affine map of its MOS onto the scale of `reference`.

    Each iteration fits one linear model of the measurements to all mapped MOS, then a line from the MOS of
    each dataset to that model (slope: ratio of standard deviations), then rescales so that the reference
    keeps its scale. With NIQE and YouTube-UGC as reference
    this gives the published maps of KoNViD-1k (gain 1.1241) and LIVE-VQC (.7132) to four digits.

    Parameters
    ----------
    datasets : mapping of str to (mos, measurements)
        MOS (n,) and measurements (n,) or (n, m) with the same meaning in every dataset, such as NIQE.
    reference : str
        Dataset whose scale is kept.

    Raises
    ------
    ParameterError
        If the reference is unknown, sizes differ, or the measurements do not rise with the MOS.
    """
    if reference not in datasets:
        raise ParameterError(f"reference must be one of {', '.join(datasets)}, got {reference!r}")
    opinions, measured = {}, {}
    for name, (mos, values) in datasets.items():
        opinions[name] = np.asarray(mos, dtype=np.float64)
        columns = np.asarray(values, dtype=np.float64).reshape(len(opinions[name]), -1)
        measured[name] = np.column_stack([np.ones(len(columns)), columns])
    if len({values.shape[1] for values in measured.values()}) > 1:
        raise ParameterError("every dataset must have the same measurements")
    design = np.vstack(list(measured.values()))
    maps = _start(opinions, reference)
    for _ in range(MOST_ITERATIONS):
        mapped = np.concatenate([maps[name](mos) for name, mos in opinions.items()])
        weights = np.linalg.lstsq(design, mapped, rcond=None)[0]
        found = {name: _onto(opinions[name], measured[name] @ weights, name) for name in opinions}
        base = found[reference]
        moved = {
            name: Affine(one.gain / base.gain, (one.offset - base.offset) / base.gain)
            for name, one in found.items()
        }
        change = max(abs(moved[name].gain - maps[name].gain) for name in maps)
        maps = moved
        if change < CONVERGED:
            return maps
    raise ParameterError(
        f"the scales of {', '.join(datasets)} did not converge in {MOST_ITERATIONS} iterations"
    )


def usual(measurements: ArrayLike) -> NDArray[np.bool_]:
    """Return which videos have a measurement within `MOST_DEVIATIONS` of the median, scaled for normal data.

    The published maps leave the others out: a few extreme values of NIQE decide the slope otherwise.

    Parameters
    ----------
    measurements : (n,)
        Measurements of one dataset.
    """
    from scipy.stats import median_abs_deviation

    values = np.asarray(measurements, dtype=np.float64)
    spread = float(median_abs_deviation(values, scale="normal"))
    return np.asarray(np.abs(values - np.median(values)) <= MOST_DEVIATIONS * spread)


def share_below(mos: ArrayLike) -> Values:
    """Return for each MOS the share of its dataset with a lower one, equal ones counting half: 0 .. 1.

    It puts datasets onto one scale without measurements, if their videos are of equally distributed quality.

    Parameters
    ----------
    mos : (n,)
        MOS of one dataset.
    """
    from scipy.stats import rankdata

    values = np.asarray(mos, dtype=np.float64)
    return np.asarray((rankdata(values) - 0.5) / len(values))


def _start(opinions: Mapping[str, Values], reference: str) -> dict[str, Affine]:
    """Return the maps that match means and standard deviations."""
    base = opinions[reference]
    gains = {name: float(base.std() / mos.std()) for name, mos in opinions.items()}
    return {
        name: Affine(gains[name], float(base.mean() - gains[name] * mos.mean()))
        for name, mos in opinions.items()
    }


def _onto(mos: Values, model: Values, name: str) -> Affine:
    """Return the line through the means whose slope is the ratio of standard deviations."""
    if not float((mos - mos.mean()) @ (model - model.mean())) > 0:
        raise ParameterError(
            f"the measurements do not rise with the MOS of {name}, so its scale cannot be found"
        )
    gain = float(model.std() / mos.std())
    return Affine(gain, float(model.mean() - gain * mos.mean()))
