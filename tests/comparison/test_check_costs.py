"""Checks of large tables: the verdicts of plain formulas, few copies of the table."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, rankdata, spearmanr

from vqa_features.comparison.checks import ValidityWarnings, check_cells, check_leak
from vqa_features.comparison.joint_leaks import check_uncorrelated
from vqa_features.comparison.leaks import check_bins, check_fitted, check_missing, check_selected
from vqa_features.errors import TableError


def verdict(check, *arguments) -> tuple[str, ...]:
    notes = ValidityWarnings()
    try:
        check("t", *arguments, notes)
    except TableError as error:
        return "error", str(error)
    return notes.all()


def plain_leak(columns, values, mos) -> tuple[str, ...]:
    """`check_leak` column by column, by scipy."""
    texts = []
    for column, cells in zip(columns, values.T, strict=True):
        kept = np.isfinite(cells)
        if kept.sum() < 10 or np.ptp(cells[kept]) == 0 or np.ptp(mos[kept]) == 0:
            continue
        rank = abs(spearmanr(cells[kept], mos[kept]).statistic)
        told = rank >= (0.88 if kept.sum() >= 50 else 0.95)
        if rank > 0.9999 or (told and abs(pearsonr(cells[kept], mos[kept]).statistic) > 0.9999):
            return (
                "error",
                f"t: the column {column!r} is the MOS (|SRCC| {rank:.4f}): take it out, or trust it by "
                "its name (--trust)",
            )
        if told:
            texts.append(
                f"t: the column {column!r} ranks videos like the MOS (|SRCC| {rank:.3f}): is it made from "
                "it? If not, trust it by its name (--trust)"
            )
    return tuple(dict.fromkeys(texts))


def plain_missing_p(values, mos) -> float:
    """Return the least corrected p of `check_missing`, by numpy's correlation of ranks."""
    from scipy.stats import norm

    missing = ~np.isfinite(values)
    tested = missing[:, (missing.sum(axis=0) >= 3) & (missing.sum(axis=0) <= len(mos) - 3)]
    if not tested.shape[1]:
        return 1.0
    patterns = [*tested.T.astype(float), rankdata(missing.sum(axis=1))]
    r = [np.corrcoef(one, rankdata(mos))[0, 1] if np.ptp(one) else 0.0 for one in patterns]
    return float(2 * norm.sf(np.max(np.abs(r)) * np.sqrt(len(mos) - 1)) * len(patterns))


def random_table(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a table with ties, missing cells, constants and leaks of all strengths."""
    random = np.random.default_rng(seed)
    rows, columns = int(random.choice([12, 40, 150, 600])), int(random.integers(1, 150))
    mos = np.round(random.normal(size=rows), int(random.integers(1, 4)))
    values = random.normal(size=(rows, columns))
    for column in random.integers(0, columns, int(random.integers(0, 5))):
        values[:, column] = mos + 10.0 ** random.uniform(-4, 0) * random.normal(size=rows)
    if seed % 3 == 0:
        values = np.round(values, 1)
    if seed % 2 == 0:
        values[random.random(values.shape) < random.choice([0.01, 0.3, 0.97])] = np.nan
    if seed % 5 == 0:
        values[mos > np.quantile(mos, 0.6), random.integers(0, columns)] = np.nan
    values[:, random.integers(0, columns)] = random.choice([1.0, np.nan])
    return np.asarray(values, order=random.choice(["C", "F"])), mos


@pytest.mark.parametrize("seed", range(80))
def test_verdicts_are_those_of_plain_formulas(seed):
    values, mos = random_table(seed)
    columns = [f"f{number}" for number in range(values.shape[1])]
    assert verdict(check_leak, columns, values, mos) == plain_leak(columns, values, mos)
    assert bool(verdict(check_missing, columns, values, mos)) == (plain_missing_p(values, mos) < 0.001)
    found = verdict(check_cells, values)
    constant = pd.DataFrame(values).nunique().le(1)
    assert any(f"{constant.sum()} constant or empty" in text for text in found) or constant.all()


def test_a_column_known_only_where_all_mos_are_equal_is_not_taken_for_the_mos():
    mos = np.concatenate([np.full(20, 3.0), np.arange(30.0)])
    values = np.where(np.arange(50) < 20, np.arange(50.0), np.nan)[:, None]
    assert verdict(check_leak, ["a"], values, mos) == ()


def test_columns_are_checked_without_copies_of_the_table():
    random = np.random.default_rng(0)
    mos = random.normal(size=5000)
    values = mos[:, None] * 0.3 + random.normal(size=(5000, 400))
    columns = [f"f{number}" for number in range(400)]
    tracemalloc.start()
    for check in (check_leak, check_missing):
        check("t", columns, values, mos, ValidityWarnings())
    check_cells("t", values, ValidityWarnings())
    check_bins("t", columns, values, mos, ValidityWarnings())
    check_fitted("t", columns, values, mos, ValidityWarnings())
    check_uncorrelated("t", columns, values, ValidityWarnings())
    check_selected("t", values, mos, ValidityWarnings())
    values[::7, :] = np.nan
    check_missing("t", columns, values, mos, ValidityWarnings())
    assert tracemalloc.get_traced_memory()[1] < 0.7 * values.nbytes
    tracemalloc.stop()
