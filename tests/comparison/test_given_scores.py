"""Given scores: a declared direction, the same test parts, logistic maps fitted where the protocol says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.io
from scipy.optimize import curve_fit
from scipy.stats import kendalltau, pearsonr, spearmanr

from vqa_features.comparison.blocks import Videos
from vqa_features.comparison.given_scores import NONE, GivenScore, direction_notes, given_fit
from vqa_features.comparison.protocol import score
from vqa_features.errors import ParameterError, TableError
from vqa_features.evaluation.splits import literature_splits, strict_splits
from vqa_features.tables.labels import read_labels

#: No training, so only the third digit may differ.
UNTRAINED = 0.005


def made(rows=200, seed=0):
    """Return ids, MOS and a score in the unit of VMAF that follows the MOS along a curve."""
    random = np.random.default_rng(seed)
    mos = random.uniform(1, 5, rows)
    vmaf = 100 / (1 + np.exp(-1.5 * (mos + random.normal(0, 0.6, rows) - 3)))
    ids = [f"v{row:03d}" for row in range(rows)]
    return Videos(ids, mos), pd.Series(vmaf, index=ids, name="vmaf")


def oriented(given, videos):
    return given.joined(videos.ids).oriented(videos.ids)


def scored(given, videos, split, protocol="strict"):
    return score(given_fit(oriented(given, videos), videos.mos, split), videos, split, protocol)


def mapped_by_scipy(x, y, of):
    """Return the four-parameter logistic map by an independent fit from another start."""

    def curve(z, b1, b2, b3, b4):
        return b2 + (b1 - b2) / (1 + np.exp(-(z - b3) / np.abs(b4)))

    start = [y.max(), y.min(), np.median(x), x.std()]
    return curve(of, *curve_fit(curve, x, y, start, maxfev=20000)[0])


@pytest.mark.parametrize("lower", [False, True])
def test_a_row_has_the_raw_ranks_of_its_test_part_and_a_map_fitted_where_the_protocol_says(lower):
    videos, vmaf = made()
    given = GivenScore("s", 100 - vmaf if lower else vmaf, higher_is_better=not lower)
    for split in strict_splits(200, None, 3):
        x, y = vmaf.to_numpy()[split.test], videos.mos[split.test]
        strict, mapped = scored(given, videos, split)
        literature, _ = scored(given, videos, split, "literature")
        for found in (strict, literature):
            assert found["srcc"] == pytest.approx(spearmanr(x, y)[0], abs=1e-12)
            assert found["krcc"] == pytest.approx(kendalltau(x, y)[0], abs=1e-12)
            assert found["plcc_raw"] == pytest.approx(pearsonr(x, y)[0], abs=1e-9)
        on_train = mapped_by_scipy(vmaf.to_numpy()[split.train], videos.mos[split.train], x)
        np.testing.assert_allclose(mapped, on_train, atol=1e-4)
        assert strict["rmse"] == pytest.approx(np.sqrt(np.mean((on_train - y) ** 2)), abs=1e-4)
        on_test = mapped_by_scipy(x, y, x)
        assert literature["plcc"] == pytest.approx(pearsonr(on_test, y)[0], abs=1e-4)
        assert literature["plcc"] == strict["plcc_test_mapped"] > strict["plcc"] - 1e-6


def test_a_wrong_direction_is_negative_and_told_and_never_reversed():
    videos, vmaf = made()
    split = strict_splits(200, None, 1)[0]
    found, _ = scored(GivenScore("vmaf", vmaf, higher_is_better=False), videos, split)
    right, _ = scored(GivenScore("vmaf", vmaf, higher_is_better=True), videos, split)
    assert found["srcc"] == pytest.approx(-right["srcc"], abs=1e-12)
    assert found["srcc"] < -0.5
    row = {"table": "vmaf", "regressor": NONE, "protocol": "strict", "part": "test"}
    summary = pd.DataFrame([row | {"srcc": found["srcc"]}, row | {"srcc": -0.1, "regressor": "ridge"}])
    (note,) = direction_notes(summary, [GivenScore("vmaf", vmaf, higher_is_better=False)])
    assert "against its declared direction (strict, test: median SRCC -0." in note
    assert "lower values as better" in note
    assert direction_notes(summary.assign(srcc=0.3), [GivenScore("vmaf", vmaf, True)]) == []


def test_nothing_of_the_test_part_moves_its_own_predictions():
    videos, vmaf = made()
    split = strict_splits(200, None, 1)[0]
    fit = given_fit(oriented(GivenScore("s", vmaf, True), videos), videos.mos, split)
    other = videos.mos.copy()
    other[split.test] = 0
    again = given_fit(oriented(GivenScore("s", vmaf, True), videos), other, split)
    np.testing.assert_array_equal(fit.predicted, again.predicted)
    assert fit.out_of_fold.mean() == pytest.approx(videos.mos[split.train].mean())
    assert fit.out_of_fold.std() == pytest.approx(videos.mos[split.train].std())


def test_ids_are_joined_by_the_rule_of_ids_and_a_constant_score_counts_as_0():
    videos, vmaf = made()
    files = vmaf.rename(lambda name: f"/data/{name}.mp4")
    np.testing.assert_array_equal(oriented(GivenScore("s", files, True), videos), vmaf)
    found, _ = scored(GivenScore("s", vmaf * 0 + 7, True), videos, strict_splits(200, None, 1)[0])
    assert found["srcc"] == found["plcc"] == 0


@pytest.mark.parametrize("bad", ["missing", np.nan, np.inf])
def test_a_video_without_a_score_is_an_error_that_names_it(bad):
    videos, vmaf = made()
    vmaf = vmaf.drop("v007") if bad == "missing" else vmaf.where(vmaf.index != "v007", bad)
    with pytest.raises(TableError, match=r"score 's' has no value for 1 of 200 compared videos: v007"):
        oriented(GivenScore("s", vmaf, True), videos)


@pytest.mark.parametrize(
    ("values", "direction", "error", "text"),
    [
        (pd.Series([1.0, 2.0], ["a", "a"]), True, TableError, "an id more than once: a"),
        (pd.Series(["x", "y"], ["a", "b"]), True, TableError, "'s'"),
        ([1.0, 2.0], True, ParameterError, "must be a Series by video id, got list"),
        (pd.Series([1.0, 2.0], ["a", "b"]), "lower", ParameterError, "must be True or False, got 'lower'"),
        (pd.Series([1.0, 2.0], ["a", "b"]), None, ParameterError, "must be True or False, got None"),
    ],
)
def test_what_is_no_score_is_one_sentence(values, direction, error, text):
    with pytest.raises(error, match=text):
        GivenScore("s", values, direction)


@pytest.mark.parametrize(
    ("dataset", "column", "published"), [("KONVID_1K", "mos", 0.542), ("LIVE_VQC", "MOS", 0.596)]
)
def test_niqe_in_its_declared_direction_meets_its_published_score(shared, dataset, column, published):
    folder = shared / "tables" / "videval"
    mos = read_labels(folder / f"{dataset}_metadata.csv", mos_column=column).mos.to_numpy()
    ids = [f"v{row}" for row in range(len(mos))]
    niqe = pd.Series(scipy.io.loadmat(folder / f"{dataset}_NIQE_scores.mat")["y_pred"].ravel(), index=ids)
    given, videos = GivenScore("niqe", niqe, higher_is_better=False), Videos(ids, mos)
    found = [scored(given, videos, one, "literature")[0]["srcc"] for one in literature_splits(len(mos))]
    assert np.median(found) == pytest.approx(published, abs=UNTRAINED)
