"""Power of a comparison: recomputed from its scores and predictions; copies of a comparison as a check."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare
from vqa_features.comparison.power import power_of
from vqa_features.errors import ParameterError
from vqa_features.evaluation.paired_tests import rank_difference
from vqa_features.evaluation.power import detectable_over_splits, power_on_videos


def test_every_pair_has_the_power_of_its_differences_over_splits():
    tables, mos = made_up(90)
    run = compare(tables, mos, splits=6, regressors=["ridge", "svr-linear", "mean"], bootstrap=5)
    found = power_of(run, 0.05)
    assert len(found) == 6
    assert (found["test"] == "splits").all()
    wide = run.scores.pivot_table(index="split", columns=["table", "regressor"], values="srcc")
    for row in found.to_dict("records"):
        d = wide[row["table_a"], row["regressor_a"]] - wide[row["table_b"], row["regressor_b"]]
        assert row["deviation"] == pytest.approx(np.std(d, ddof=1))
        assert row["detectable"] == pytest.approx(detectable_over_splits(np.std(d, ddof=1), 6, 18 / 72))
        assert row["detectable_any_splits"] < row["detectable"]
        factor = row["videos_needed"] / row["videos"]
        assert factor == pytest.approx((row["detectable"] / 0.05) ** 2, abs=1 / row["videos"])
        assert (row["power"] > 0.8) == (row["detectable"] < 0.05)


def test_one_fitted_model_has_the_power_of_the_test_over_videos():
    tables, mos = made_up(120)
    ids = list(mos.index)
    splits = [(ids[:60], ids[60:100]), (ids[:60], ids[100:])]
    run = compare(tables, mos, splits=splits, regressors=["ridge", "svr-linear"], bootstrap=5)
    found = power_of(run)
    assert list(found["videos"].unique()) == [40, 20]
    assert (found["test"] == "videos").all()
    assert found["detectable_any_splits"].isna().all()
    row = found.iloc[0].to_dict()
    part = run.predictions[run.predictions["part"] == row["part"]]
    one, other = (
        part[(part["table"] == row[f"table_{x}"]) & (part["regressor"] == row[f"regressor_{x}"])]
        for x in "ab"
    )
    pair = rank_difference(one["predicted"], other["predicted"], one["mos"])
    middle = np.tanh(np.mean(np.arctanh([pair.srcc_a, pair.srcc_b])))
    assert row["power"] == pytest.approx(power_on_videos(0.02, middle, pair.error))
    error = pair.error * np.sqrt(row["videos"] / row["videos_needed"])
    assert power_on_videos(0.02, middle, error) == pytest.approx(0.8, abs=0.01)


def test_a_perfect_order_and_a_tiny_part_have_no_power_to_tell():
    mos = pd.Series(np.arange(60.0) ** 1.1, [f"v{row:02d}" for row in range(60)])
    random = np.random.default_rng(0)
    noisy = mos.to_numpy()[:, None] + random.normal(0, 9, (60, 4))
    tables = {
        "x": pd.DataFrame(noisy, mos.index).add_prefix("f"),
        "y": pd.DataFrame({"oracle": mos}),
    }
    ids = list(mos.index)
    options = {"trusted": ["oracle"], "regressors": ["ridge"], "bootstrap": 5}
    run = compare(tables, mos, splits=[(ids[::2], ids[1::2])], **options)
    assert power_of(run)[["detectable", "power", "videos_needed"]].isna().all(axis=None)
    tiny = compare(tables, mos, splits=[(ids[:55], ids[55:])], **options)
    assert power_of(tiny).empty


@pytest.mark.parametrize("difference", [0, -0.1, 2])
def test_a_difference_out_of_range_is_one_sentence(difference):
    tables, mos = made_up(60)
    run = compare(tables, mos, splits=2, regressors=["ridge"], bootstrap=5)
    with pytest.raises(ParameterError, match="must lie between 0 and 2"):
        power_of(run, difference)
