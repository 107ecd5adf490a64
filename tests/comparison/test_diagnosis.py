from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synthetic import make_comparison

from vqa_features.comparison.diagnosis import correlate, failures, largest, residual_correlation


def test_residual_correlation_is_one_on_the_diagonal_and_symmetric():
    matrix = residual_correlation(make_comparison()).to_numpy()
    np.testing.assert_allclose(np.diag(matrix), 1)
    np.testing.assert_allclose(matrix, matrix.T)


def test_partial_correlation_leaves_out_the_common_shrinkage():
    rng = np.random.default_rng(0)
    mos = pd.Series(rng.normal(3, 1, 4000))
    errors = pd.DataFrame({k: -0.5 * (mos - 3) + rng.normal(0, 0.3, mos.size) for k in range(2)})
    # residuals are -0.5 (mos - 3) + noise: their correlation is .25 / (.25 + .09)
    assert correlate(errors).iloc[0, 1] == pytest.approx(0.25 / 0.34, abs=0.03)
    assert correlate(errors, mos).iloc[0, 1] == pytest.approx(0, abs=0.05)


def test_partial_correlation_of_a_comparison_uses_its_mos():
    comparison = make_comparison(40, 4, ("videval", "brisque"), ("strict",))
    rows = comparison.predictions
    rows["predicted"] = rows["predicted"] - 2 * rows["mos"]  # the residuals of all models fall with MOS
    plain, partial = (residual_correlation(comparison, given_mos=given).iloc[0, 2] for given in (False, True))
    assert partial < plain


def test_videos_without_every_prediction_are_left_out_of_the_correlation():
    errors = pd.DataFrame({"a": [1.0, 2.0, 3.0, 9.0], "b": [2.0, 4.0, 6.0, np.nan]})
    assert correlate(errors).loc["a", "b"] == pytest.approx(1)


def test_largest_orders_by_absolute_value_and_leaves_out_missing_ones():
    values = pd.Series([0.1, -3.0, np.nan, 3.0, 2.0], index=list("abcde"))
    assert list(largest(values, 3)) == ["b", "d", "e"]
    assert list(largest(values, 9)) == ["b", "d", "e", "a"]


def test_failures_give_each_model_its_largest_errors():
    found = failures(make_comparison(40, 4, ("videval", "paq2piq"), ("strict",)), count=3)
    for _, rows in found.groupby(["table", "regressor"]):
        sizes = rows["error"].abs().tolist()
        assert len(sizes) == 3
        assert sizes == sorted(sizes, reverse=True)
