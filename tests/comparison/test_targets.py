"""Several targets in one run: one comparison each, on the same splits, and one matrix."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.comparison.targets import compare_targets
from vqa_features.errors import ParameterError

RNG = np.random.default_rng(2)
IDS = [f"v{k:02d}" for k in range(80)]
BLUR, NOISE = RNG.uniform(1, 5, 80), RNG.uniform(1, 5, 80)
TABLES = {
    "sharp": (pd.DataFrame({"f": BLUR + RNG.normal(0, 0.5, 80)}, IDS), "handcrafted"),
    "grain": (pd.DataFrame({"g": NOISE + RNG.normal(0, 0.5, 80)}, IDS), "deep"),
}
TARGETS = {
    "blur": pd.Series(BLUR, IDS),
    "noise": pd.Series(NOISE, IDS),
    "overall": pd.Series(BLUR + NOISE, IDS),
}
QUICK = {"splits": 6, "regressors": ["ridge", "mean"], "bootstrap": 10}


def test_each_target_is_a_comparison_of_its_own_on_the_same_splits() -> None:
    found = compare_targets(TABLES, TARGETS, **QUICK)
    assert list(found.comparisons) == list(TARGETS)
    alone = vf.compare(TABLES, TARGETS["noise"], **QUICK)
    mine = found.comparisons["noise"].summary
    mapped = [name for name in mine if name.startswith(("plcc", "rmse", "mae")) and "raw" not in name]
    pd.testing.assert_frame_equal(mine.drop(columns=mapped), alone.summary.drop(columns=mapped))
    # the map of predictions that say nothing is not determined: its last digits differ from call to call
    pd.testing.assert_frame_equal(mine[mapped], alone.summary[mapped], rtol=1e-3)
    splits = [one.splits for one in found.comparisons.values()]
    for other in splits[1:]:
        pd.testing.assert_frame_equal(other, splits[0])
    assert found.warnings == ()


def test_the_matrix_shows_which_family_predicts_which_target() -> None:
    found = compare_targets(TABLES, TARGETS, **QUICK)
    ridge = found.matrix[found.matrix["regressor"] == "ridge"]
    srcc = ridge.pivot_table(index="table", columns="target", values="srcc")
    assert srcc.loc["sharp", "blur"] > 0.8 > 0.4 > abs(srcc.loc["sharp", "noise"])
    assert srcc.loc["grain", "noise"] > 0.8 > 0.4 > abs(srcc.loc["grain", "blur"])
    assert len(found.matrix) == 3 * 2 * 2


def test_targets_of_different_videos_are_told() -> None:
    fewer = TARGETS | {"noise": TARGETS["noise"].iloc[:70]}
    found = compare_targets(TABLES, fewer, **QUICK)
    assert any("tested on different videos" in text for text in found.warnings)


@pytest.mark.parametrize("targets", [{}, TARGETS["blur"], None])
def test_no_target_is_an_error(targets: object) -> None:
    with pytest.raises(ParameterError, match="targets must be opinion scores by name"):
        compare_targets(TABLES, targets, **QUICK)
