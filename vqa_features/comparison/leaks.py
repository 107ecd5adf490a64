"""Leaks of the MOS beside a column that is the MOS: missing cells, bins, results beyond the plausible."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError, first_few
from ..evaluation.metrics import srcc
from ..evaluation.noise_ceiling import noise_ceiling
from ..evaluation.rank_correlations import rank_correlations
from .blocks import Prepared, Videos
from .checks import FEW_ROWS, SUSPICIOUS, SUSPICIOUS_COLUMN, ValidityWarnings, check_leak
from .given_scores import GivenScore
from .near_duplicates import standardised

Values = NDArray[np.float64]

#: Probability, over all columns of a table, that missing cells follow the MOS by chance.
BY_CHANCE = 0.001
#: Fewest videos with, and without, a missing cell.
FEWEST_MISSING = 3
#: Values of a column that is compared with a binned MOS, and videos of each value.
MOST_BINS = 20
FEWEST_IN_BIN = 5
#: Fewest videos of a column that may be a fit, and the share of its errors of estimation that counts as none.
FEWEST_FITTED = 10
EXACT = 0.001
#: Videos whose values already show that a column has more.
AT_FIRST = 1000
#: Fewest columns whose correlations with the MOS show a cut, the least cut, and the spread above it that is
#: small, both in deviations of a chance correlation. Twenty columns of equal effect spread by 1.9.
FEWEST_CHOSEN = 20
CUT = 1.6
SPREAD = 0.8
AT_ONCE = 64


def check_missing(
    name: str, columns: Sequence[str], values: Values, mos: Values, warnings: ValidityWarnings
) -> None:
    """Warn if the MOS of videos with a missing cell differs from that of the others.

    Each column with missing cells, and the number of missing cells of a video, is tested by its ranks
    (Mann-Whitney, Spearman), corrected for their number.

    Parameters
    ----------
    name : str
        Name of the table.
    columns : sequence
        Names of its columns.
    values : (videos, columns)
        Non-finite where a cell is missing.
    mos : (videos,)
        MOS.
    warnings : ValidityWarnings
        Receives one text per table.
    """
    from scipy.stats import norm, rankdata

    missing = ~np.isfinite(values)
    count = missing.sum(axis=0)
    tested = np.flatnonzero((count >= FEWEST_MISSING) & (count <= len(mos) - FEWEST_MISSING))
    if not len(tested):
        return
    ranks = rankdata(mos) - (len(mos) + 1) / 2
    parts = [missing[:, tested[start : start + AT_ONCE]] for start in range(0, len(tested), AT_ONCE)]
    r = np.concatenate(
        [_correlations(part, ranks) for part in (*parts, rankdata(missing.sum(axis=1))[:, None])]
    )
    p = np.minimum(2 * norm.sf(np.abs(r) * np.sqrt(len(mos) - 1)) * len(r), 1.0)
    found = [columns[int(number)] for number, small in zip(tested, p[:-1] < BY_CHANCE, strict=True) if small]
    if found or p[-1] < BY_CHANCE:
        what = f"{len(found)} column(s) ({first_few(found)})" if found else "all columns together"
        warnings.add(
            f"{name}: missing cells of {what} follow the MOS (rank correlation up to "
            f"{np.abs(r[p < BY_CHANCE]).max():.2f}): a regressor can learn the MOS from what is missing"
        )


def _correlations(patterns: NDArray[Any], ranks: Values) -> Values:
    """Return the correlation of each column with centred ranks, 0 of a constant column."""
    centred = patterns - patterns.mean(axis=0)
    length = np.sqrt(np.square(centred).sum(axis=0) * np.square(ranks).sum())
    return np.divide(ranks @ centred, length, out=np.zeros(centred.shape[1]), where=length > 0)


def check_selected(name: str, values: Values, mos: Values, warnings: ValidityWarnings) -> None:
    """Warn of columns that look chosen among many by their correlation with the MOS of all videos.

    The strongest of many chance correlations lie close above the value at which they were cut. The rank
    correlations of columns that were not chosen spread, by chance alone with a deviation of 1/sqrt(videos).
    Columns that repeat each other do not spread either, so the columns must differ.
    """
    rows = len(mos)
    target = standardised(mos[:, None])[:, 0]
    found = []
    for start in range(0, values.shape[1], AT_ONCE):
        part = standardised(values[:, start : start + AT_ONCE])
        part = part[:, np.any(part != 0, axis=0)]
        found.append(np.abs([target @ part / np.sqrt(rows), rank_correlations(part, mos) * np.sqrt(rows)]))
        if found[-1].min(axis=1, initial=np.inf).max() < CUT:
            return
    z = min(np.hstack(found), key=lambda one: float(one.mean() - one.min()))
    columns = len(z)
    if columns < FEWEST_CHOSEN or z.min() < CUT or z.mean() - z.min() > SPREAD:
        return
    dimension = _dimension(values)
    if dimension > 0.5 / (1 / rows + 1 / columns):
        low, high = z.min() / np.sqrt(rows), z.max() / np.sqrt(rows)
        warnings.add(
            f"{name}: all {columns} columns correlate with the MOS about equally little (|r| {low:.3f} "
            f"to {high:.3f}): were they chosen by the MOS of all videos, test videos included?"
        )


def _dimension(values: Values) -> float:
    """Return the effective number of standardised columns: (sum of eigenvalues)^2 / sum of their squares."""
    scores = standardised(values)
    gram = scores @ scores.T if len(scores) < scores.shape[1] else scores.T @ scores
    return float(np.trace(gram) ** 2 / np.square(gram).sum())


def check_bins(
    name: str,
    columns: Sequence[str],
    values: Values,
    mos: Values,
    warnings: ValidityWarnings,
    *,
    what: str = "column",
    limit: float = SUSPICIOUS_COLUMN,
) -> None:
    """Raise TableError if a column of few values divides the MOS into intervals, as a binned MOS does.

    A column of at least `FEW_ROWS` videos that nearly does is a warning: its |SRCC| is at least the share
    `limit` of what its equal values allow. Parameters are those of `check_leak`.
    """
    order = np.argsort(mos, kind="stable")
    for column, cells in zip(columns, values.T, strict=True):
        if len(np.unique(cells[:AT_FIRST][np.isfinite(cells[:AT_FIRST])])) > MOST_BINS:
            continue
        known = order[np.isfinite(cells[order])]
        found, counts = np.unique(cells[known], return_counts=True)
        if not 2 <= len(found) <= MOST_BINS or counts.min() < FEWEST_IN_BIN:
            continue
        if np.count_nonzero(np.diff(cells[known])) == len(found) - 1:
            raise TableError(
                f"{name}: the {what} {column!r} is the MOS in {len(found)} bins: take it out, or trust it by "
                "its name (--trust)"
            )
        rank = srcc(cells[known], mos[known])
        most = srcc(np.sort(cells[known])[:: 1 if rank > 0 else -1], mos[known])
        if len(known) >= FEW_ROWS and limit * abs(most) <= abs(rank) < limit:
            warnings.add(
                f"{name}: the {what} {column!r} is nearly the MOS in {len(found)} bins (|SRCC| "
                f"{abs(rank):.3f} of at most {abs(most):.3f}): is it made from it? If not, trust it by its "
                "name (--trust)"
            )


def check_fitted(
    name: str,
    columns: Sequence[str],
    values: Values,
    mos: Values,
    warnings: ValidityWarnings,
    *,
    what: str = "column",
) -> None:
    """Warn of columns that are least-squares predictions of the MOS of the same videos.

    They have the mean of the MOS, and the MOS has a slope of 1 on them, both exactly. So have the means of
    the MOS of classes of videos. Predictions of other videos differ by errors of estimation. Parameters are
    those of `check_leak`.
    """
    parts = [values[:, start : start + AT_ONCE] for start in range(0, values.shape[1] or 1, AT_ONCE)]
    centre = [np.nansum(part, axis=0) / np.maximum(np.isfinite(part).sum(axis=0), 1) for part in parts]
    near = np.flatnonzero(np.abs(np.hstack(centre) - mos.mean()) < mos.std())
    found = []
    for number in near.tolist():
        known = np.isfinite(values[:, number])
        x, y = values[known, number], mos[known]
        spread = float(np.square(x - x.mean()).sum())
        if len(x) < FEWEST_FITTED or spread == 0:
            continue
        slope = float((x - x.mean()) @ (y - y.mean())) / spread
        error = float(np.std(y - slope * x))
        off = abs(x.mean() - y.mean()) * np.sqrt(len(x)), abs(slope - 1) * np.sqrt(spread)
        if max(off) < EXACT * error:
            found.append(columns[number])
    if found:
        warnings.add(
            f"{name}: the {what} {first_few([repr(one) for one in found])} has the mean of the MOS and "
            "a slope of exactly 1, as predictions fitted on the MOS of all videos, or its means by class, "
            "have: is it one? If not, trust it by its name (--trust)"
        )


def check_given(
    scores: Sequence[GivenScore], videos: Videos, trusted: Collection[str], warnings: ValidityWarnings
) -> None:
    """Check given scores that are not trusted as columns are: the MOS, its bins, predictions fitted on it.

    Parameters
    ----------
    scores : sequence of GivenScore
        Scores of the compared videos (`GivenScore.joined`).
    videos : Videos
        Ids and MOS.
    trusted : collection of str
        Names of scores that may be like the MOS.
    warnings : ValidityWarnings
        Receives what is not an error.

    Raises
    ------
    TableError
        If a score is the MOS, rescaled, turned or in bins.
    """
    for score in scores:
        if score.name not in trusted:
            values = score.oriented(videos.ids)[:, None]
            given = ("given scores", [score.name], values, videos.mos, warnings)
            check_leak(*given, what="score", limit=SUSPICIOUS)
            check_bins(*given, what="score", limit=SUSPICIOUS)
            check_fitted(*given, what="score")


def check_plausible(
    scores: Mapping[str, float],
    prepared: Prepared,
    trusted: Collection[str],
    protocol: str,
    warnings: ValidityWarnings,
    score: str = "median SRCC",
) -> None:
    """Warn of tables whose median |SRCC| is above the noise ceiling, or above .95 where it is not known.

    Parameters
    ----------
    scores : mapping of str to float
        Median SRCC of each table that is furthest from 0.
    prepared : Prepared
        Columns of the tables; deviations and numbers of opinions, if known.
    trusted : collection of str
        Columns, and given scores, that may rank like the MOS; a table that holds one is not doubted.
    protocol : str
        For the text.
    warnings : ValidityWarnings
        Receives one text per table.
    score : str
        Name of the scores, for the text.
    """
    videos = prepared.videos
    passed = {block.name for block in prepared.blocks if set(block.columns) & set(trusted)}
    limit, what = SUSPICIOUS, f"no published no-reference score reaches {SUSPICIOUS}"
    ceiling = _ceiling(videos)
    if np.isfinite(ceiling):
        limit, what = ceiling, f"the noise of the opinions allows {ceiling:.3f}"
    for name, best in scores.items():
        if abs(best) > limit and name not in passed and name not in trusted:
            turned = " with the opposite sign" if best < 0 else ""
            warnings.add(
                f"{name} predicts the MOS{turned} better than is plausible ({protocol}: {score} {best:.3f}; "
                f"{what}): were its columns made from the MOS, or chosen on the MOS of all videos?"
            )


def _ceiling(videos: Videos) -> float:
    """Return the SRCC that the true quality rarely exceeds; nan unless deviations and numbers are known."""
    if videos.std is None or videos.counts is None:
        return float("nan")
    return noise_ceiling(videos.mos, videos.std, videos.counts).of("srcc").high
