"""Statistics of a response on made-up values whose answers are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import wilcoxon

from vqa_features.response.statistics import curves_of, displacement_of, noticed_at, summary_of

STRENGTHS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
CLIPS = [f"clip{i}" for i in range(8)]


def values(response: np.ndarray, jitter: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Originals 0 .. 7 of a column x; a version is its original plus the response at its strength."""
    rng = np.random.default_rng(1)
    originals = pd.DataFrame({"x": np.arange(8.0), "none": 5.0, "gap": np.arange(8.0)}, index=CLIPS)
    rows = []
    for number, clip in enumerate(CLIPS):
        for strength, change in zip(STRENGTHS, response, strict=True):
            gap = np.nan if number == 2 else number + change
            x = number + change + jitter * rng.normal()
            rows.append({"clip": clip, "strength": strength, "x": x, "none": 5.0, "gap": gap})
    return originals, pd.DataFrame(rows).sample(frac=1, random_state=0)


def summary(response: np.ndarray, jitter: float = 0.0, column: str = "x") -> pd.Series:
    originals, versions = values(response, jitter)
    columns = ["x", "none", "gap"]
    curves = curves_of(originals, versions, columns)
    return summary_of(originals, versions, curves, columns).set_index("column").loc[column]


def test_a_straight_response_is_monotone_and_in_units_of_the_spread() -> None:
    found = summary(np.arange(1.0, 7))
    assert found["monotonicity"] == pytest.approx(1)
    assert found["agreement"] == 1
    assert found["sensitivity"] == pytest.approx(6 / np.std(np.arange(8), ddof=1))
    assert np.isnan(found["saturation"])
    assert summary(-np.arange(1.0, 7))["monotonicity"] == pytest.approx(-1)


def test_a_response_that_stays_has_a_saturation() -> None:
    assert summary(np.array([1, 5, 9.5, 10, 10, 10.0]))["saturation"] == 4
    assert summary(np.array([-10, -10, -10, -10, -10, -10.0]))["saturation"] == 1


def test_what_returns_is_not_monotone() -> None:
    assert abs(summary(np.array([1, 2, 3, 2, 1, 0.0]))["monotonicity"]) < 0.5


def test_the_least_strength_that_is_told_apart_holds_for_all_above_it() -> None:
    change = np.array([0, 0, 5, 0, 5, 5.0])
    assert summary(change, jitter=0.1)["told_apart"] == 16
    assert np.isnan(summary(np.zeros(6), jitter=0.1)["told_apart"])


def test_columns_without_spread_or_value_say_so() -> None:
    found = summary(np.arange(1.0, 7), column="none")
    assert np.isnan(found["sensitivity"])
    assert found["monotonicity"] == 0
    gap = summary(np.arange(1.0, 7), column="gap")
    assert gap["clips"] == 7
    assert np.isnan(gap["told_apart"])


def test_p_values_are_those_of_scipy_column_by_column() -> None:
    originals, versions = values(np.array([0.0, 0.05, 0.1, 0.2, 0.4, 0.8]), jitter=0.3)
    curves = curves_of(originals, versions, ["x", "none"])
    for strength in STRENGTHS:
        mine = versions[versions["strength"] == strength]
        expected = wilcoxon(mine["x"].to_numpy() - originals.loc[mine["clip"], "x"].to_numpy()).pvalue
        row = curves[(curves["column"] == "x") & (curves["strength"] == strength)].iloc[0]
        assert row["p"] == pytest.approx(expected, rel=1e-12)
    assert (curves.loc[curves["column"] == "none", "p"] == 1).all()


def test_few_clips_have_no_spread_and_no_test() -> None:
    originals, versions = values(np.arange(1.0, 7))
    some = versions[versions["clip"].isin(CLIPS[:5])]
    curves = curves_of(originals.loc[CLIPS[:5]], some, ["x"])
    assert curves["p"].isna().all()
    assert curves["change"].notna().all()
    two = versions[versions["clip"].isin(CLIPS[:2])]
    assert curves_of(originals.loc[CLIPS[:2]], two, ["x"])["change"].isna().all()
    assert displacement_of(originals.loc[CLIPS[:2]], two, ["x"])["displacement"].isna().all()


def test_displacement_is_in_units_of_the_distance_between_contents() -> None:
    originals, versions = values(np.arange(1.0, 7))
    found = displacement_of(originals, versions, ["x", "none", "gap"])
    assert set(found["columns"]) == {1}
    pairs = [abs(a - b) for a in range(8) for b in range(a)]
    assert found["displacement"].tolist() == pytest.approx([k / np.median(pairs) for k in range(1, 7)])
    assert found["own"].iloc[0] == pytest.approx(1 / 8)  # all but the last meet the next clip
    assert noticed_at(found) == 1
    assert noticed_at(found.assign(displacement=[0.3, 0.1, 0.2, 0.25, 0.3, 0.4])) == 8
    assert noticed_at(found.assign(displacement=0.1)) is None


def test_displacement_does_not_depend_on_the_units_of_a_column() -> None:
    originals, versions = values(np.arange(1.0, 7), jitter=0.5)
    one = displacement_of(originals, versions, ["x"])
    scaled = displacement_of(originals * 1000 - 3, versions.assign(x=versions["x"] * 1000 - 3), ["x"])
    pd.testing.assert_frame_equal(one, scaled)
