"""Cross-dataset evaluation: models, scales, joint training, what is told."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from sklearn.linear_model import Ridge

from vqa_features.comparison.cross import Dataset, cross
from vqa_features.comparison.cross_data import Scales, ready_datasets, training_sets
from vqa_features.comparison.notices import ValidityNotice, notices_of
from vqa_features.comparison.options import InputOptions
from vqa_features.errors import ParameterError, TableError, UnknownName
from vqa_features.evaluation.model_search import chosen_pipeline, fit_predict
from vqa_features.evaluation.splits import Split

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
COLUMNS = [f"f{k}" for k in range(6)]
PAIR = ["train", "test"]


def made(name: str, rows: int = 80, seed: int = 0, scale: tuple[float, float] = (1.0, 0.0)) -> Dataset:
    """Return features of six noisy columns, MOS on a scale of its own, and a common measurement."""
    random = np.random.default_rng(seed)
    quality = random.uniform(1, 5, rows)
    ids = pd.Index([f"{name}{k:03d}" for k in range(rows)])
    values = quality[:, None] + random.normal(0, 2.0, (rows, 6))
    mos = pd.Series(scale[0] * (quality + random.normal(0, 0.2, rows)) + scale[1], ids)
    measured = pd.Series(quality + random.normal(0, 0.3, rows), ids)
    return Dataset({"t": (pd.DataFrame(values, ids, COLUMNS), "handcrafted")}, mos, None, measured)


def three() -> dict[str, Dataset]:
    """Return three datasets, on scales of 1 to 5, 0 to 100 and 1 to 5."""
    return {"a": made("a", 80, 1), "b": made("b", 70, 2, (25, -25)), "c": made("c", 90, 3)}


def test_a_row_is_the_model_fitted_by_hand_on_its_dataset():
    given = three()
    found = cross(given, regressors=["ridge", "svr-rbf"]).set_index([*PAIR, "regressor"])
    for regressor in ("ridge", "svr-rbf"):
        row = found.loc["a", "b", regressor]
        (x, _), (other, _) = given["a"].tables["t"], given["b"].tables["t"]
        model = chosen_pipeline(regressor, row["chosen"]).fit(x.to_numpy(), given["a"].mos.to_numpy())
        predicted = model.predict(other.to_numpy())
        expected = scipy.stats.spearmanr(predicted, given["b"].mos)[0]
        assert row["srcc"] == pytest.approx(expected, abs=1e-12)
        assert row["srcc_low"] < row["srcc"] < row["srcc_high"]
        assert (row["kind"], row["n_train"], row["n_test"]) == ("across", 80, 70)


def test_contents_of_the_training_dataset_are_kept_together_in_the_search():
    random = np.random.default_rng(0)
    quality, ids = random.uniform(1, 5, 30), [f"a{k}" for k in range(150)]
    contents = np.repeat([f"scene{k}" for k in range(30)], 5)
    content_values = random.normal(0, 1, (30, 6))
    x = np.repeat(content_values, 5, axis=0) + random.normal(0, 0.05, (150, 6))
    mos = np.repeat(quality, 5) + random.normal(0, 0.1, 150)
    frame = pd.DataFrame(x, ids, COLUMNS)
    grouped = Dataset({"t": frame}, pd.Series(mos, ids), pd.Series(contents, ids))
    other = made("b", 60, 5)
    order = sorted(range(150), key=lambda k: ids[k])
    stacked = np.vstack([x[order], other.tables["t"][0].to_numpy()])
    y = np.concatenate([mos[order], other.mos])
    split = Split(np.arange(150), np.arange(150, 210))
    labels = np.array([*contents[order], *[""] * 60])
    with_groups, without = (fit_predict("ridge", stacked, y, split, one) for one in (labels, None))
    assert with_groups.chosen != without.chosen  # copies in the search make a weak penalty look right
    found = cross({"a": grouped, "b": other}, regressors=["ridge"], duplicates="warn").set_index(PAIR)
    assert found.loc[("a", "b"), "chosen"] == json.dumps({"alpha": with_groups.chosen["alpha"]})
    assert found.attrs["settings"]["datasets"]["a"]["groups"] == 30


def test_intervals_of_grouped_test_videos_are_wider():
    one = made("b", 80, 2)
    contents = pd.Series(np.repeat(np.arange(20), 4).astype(str), one.mos.index)
    mos = one.mos.groupby(contents.to_numpy()).transform("mean")
    values = one.tables["t"][0].groupby(contents.to_numpy()).transform("mean")
    noise = np.random.default_rng(0).normal(0, 0.01, values.shape)
    clustered = Dataset({"t": values + noise}, mos + noise[:, 0])
    settings = {"regressors": ["ridge"], "duplicates": "warn"}
    free = cross({"a": made("a"), "b": clustered}, **settings).set_index(PAIR).loc[("a", "b")]
    kept = cross({"a": made("a"), "b": clustered._replace(groups=contents)}, **settings)
    kept = kept.set_index(PAIR).loc[("a", "b")]
    assert kept["srcc"] == free["srcc"]
    assert kept["srcc_high"] - kept["srcc_low"] > 1.5 * (free["srcc_high"] - free["srcc_low"])


def test_leave_one_dataset_out_trains_on_all_the_others():
    found = cross(three(), regressors=["ridge"], align="inlsa", joint="leave-one-out")
    joint = found[found["kind"] == "joint"].set_index("test")
    assert joint["train"].to_dict() == {"c": "a+b", "b": "a+c", "a": "b+c"}
    assert joint["n_train"].to_dict() == {"c": 150, "b": 170, "a": 160}
    single = found[found["kind"] == "across"].groupby("test")["srcc"].min()
    assert (joint["srcc"] > single).all()
    # The error is that of the features, on the scale of a dataset that was trained on.
    assert joint["scale"].to_dict() == {"c": "a", "b": "a", "a": "b"}
    assert joint.loc[["b", "c"], "rmse"].max() < 1.2
    assert joint.loc["a", "rmse"] > 10
    assert found.attrs["settings"]["joint"] == ["b+c", "a+c", "a+b"]


def test_the_mos_of_a_dataset_that_is_left_out_has_no_part_in_the_training_target():
    given = three()
    targets = []
    for mos in (given["c"].mos, given["c"].mos.sample(frac=1, random_state=0).set_axis(given["c"].mos.index)):
        mixed = 0.5 * given["c"].mos + 0.5 * mos
        ready = ready_datasets({**given, "c": given["c"]._replace(mos=mixed)}, InputOptions())
        targets.append(Scales(ready, "inlsa", "a").targets(("a", "b")))
    assert np.array_equal(*targets)


def test_scales_that_differ_are_not_pooled_as_given():
    with pytest.raises(ParameterError, match=r"MOS of a \(.*\) and b \(.*\) are not on one scale.*--align"):
        cross(three(), regressors=["ridge"], joint=[["a", "b"]])
    found = cross(three(), regressors=["ridge"], joint=[["c", "a"]])
    assert set(found.loc[found["kind"] == "joint", "train"]) == {"a+c"}


def test_rank_targets_do_not_depend_on_the_scale_of_the_training_mos():
    given = three()
    bent = {**given, "b": given["b"]._replace(mos=np.exp(given["b"].mos / 20))}
    rows = [cross(one, regressors=["ridge"], align="rank", joint=[["a", "b"]]) for one in (given, bent)]
    first, second = (one.set_index(PAIR).loc[[("b", "a"), ("b", "c"), ("a+b", "c")], "srcc"] for one in rows)
    assert np.allclose(first, second, atol=1e-12)
    off = rows[0][rows[0]["kind"] != "within"]
    assert off["rmse"].isna().all()
    assert (off["scale"] == "").all()
    assert off["rmse_test_mapped"].notna().all()


@pytest.mark.parametrize(
    ("joint", "error", "told"),
    [
        ([["a", "x"]], UnknownName, "dataset 'x'"),
        ([["a"]], ParameterError, "at least two datasets and leaves one"),
        ([["a", "b", "c"]], ParameterError, "leaves one to test on"),
        (["a", "b"], ParameterError, "list of lists"),
        ("all", ParameterError, "leave-one-out"),
    ],
)
def test_a_mistaken_training_set_is_told(joint, error, told):
    with pytest.raises(error, match=told):
        training_sets(joint, ["a", "b", "c"])


def test_leaving_one_of_two_datasets_out_is_refused():
    with pytest.raises(ParameterError, match="at least three, got 2"):
        training_sets("leave-one-out", ["a", "b"])


def test_options_of_scales_are_checked():
    given = three()
    with pytest.raises(ParameterError, match="align must be one of none, inlsa, rank, got 'zscore'"):
        cross(given, align="zscore")
    with pytest.raises(ParameterError, match='a reference scale is for align="inlsa"'):
        cross(given, align="rank", reference="a")
    given["b"] = given["b"]._replace(measurements=None)
    with pytest.raises(ParameterError, match="b has none"):
        cross(given, align="inlsa")
    with pytest.raises(ParameterError, match="reference must be one of a, b, c, got 'z'"):
        cross(three(), reference="z")


def test_unusual_measurements_are_left_out_of_the_map_and_told():
    given = three()
    measured = given["b"].measurements.copy()
    measured.iloc[:3] = 500.0
    spoiled = {**given, "b": given["b"]._replace(measurements=measured)}
    with pytest.warns(ValidityNotice, match=r"b: 3 video\(s\) with an unusual measurement"):
        found = cross(spoiled, regressors=["ridge"], reference="a")
    clean = cross(given, regressors=["ridge"], reference="a")
    gains = [one.attrs["settings"]["datasets"]["b"]["gain"] for one in (clean, found)]
    assert gains[0] == pytest.approx(1 / 25, rel=0.1)
    assert gains[1] == pytest.approx(gains[0], rel=0.1)


def test_inlsa_gives_the_published_map_through_cross(shared):
    from scipy.io import loadmat

    given = {}
    for name in ("KONVID_1K", "LIVE_VQC"):
        stored = loadmat(shared / "tables" / "videval" / f"{name}_NIQE_scores.mat")
        ids = pd.Index([f"{name}{k}" for k in range(stored["MOS"].size)])
        niqe, mos = (pd.Series(np.ravel(stored[key]), ids) for key in ("y_pred", "MOS"))
        frame = pd.DataFrame(np.random.default_rng(0).normal(size=(len(ids), 3)), ids, COLUMNS[:3])
        given[name] = Dataset({"t": frame}, mos, None, niqe)
    found = cross(given, regressors=["mean"], reference="KONVID_1K")
    live = found.attrs["settings"]["datasets"]["LIVE_VQC"]
    # Published for MOS as distortion, 0 to 1: .0253 + .7132 d and -.0993 + 1.1241 d on one scale.
    assert live["gain"] == pytest.approx(0.7132 / 1.1241 * 4 / 100, abs=1e-5)
    assert live["offset"] == pytest.approx(5 - 4 * (0.7132 + 0.0253 + 0.0993) / 1.1241, abs=1e-3)


def test_fusion_stands_beside_the_tables():
    def both(one: Dataset, seed: int) -> Dataset:
        frame = one.tables["t"][0]
        noise = np.random.default_rng(seed).normal(size=frame.shape)
        return one._replace(tables={**one.tables, "noise": (frame * 0 + noise, "deep")})

    given = {name: both(one, seed) for seed, (name, one) in enumerate(three().items())}
    found = cross(given, regressors=["ridge", "mean"], fusion=True)
    kinds = found.groupby(["table", "family", "regressor"], sort=False)["srcc"].mean()
    assert kinds["fusion", "fusion", "ridge"] > 0.5
    assert kinds["late-fusion", "fusion", "ridge"] > 0.5
    assert ("fusion", "fusion", "mean") not in kinds
    assert found["shift"].between(0.5, 1).all()


def test_the_training_mean_has_an_error_and_no_correlation():
    found = cross(three(), regressors=["mean"], reference="a")
    assert found[["srcc", "srcc_low", "krcc", "plcc_raw", "plcc_test_mapped"]].isna().all(axis=None)
    assert found["rmse"].notna().all()
    across = found[found["kind"] == "across"].set_index("test")["rmse_test_mapped"]
    assert across["b"].to_numpy() == pytest.approx(three()["b"].mos.std(ddof=0))
    assert not any(word in text for text in notices_of(found) for word in ("plausible", "opposite"))


def test_columns_in_another_order_are_put_in_order_and_others_named():
    given = three()
    frame, family = given["b"].tables["t"]
    turned = {**given, "b": given["b"]._replace(tables={"t": (frame[COLUMNS[::-1]], family)})}
    assert cross(turned, regressors=["ridge"]).equals(cross(given, regressors=["ridge"]))
    renamed = {**given, "b": given["b"]._replace(tables={"t": (frame.rename(columns={"f2": "g"}), family)})}
    with pytest.raises(
        TableError, match=r"columns of t differ between a and b \(only in a: f2; only in b: g\)"
    ):
        cross(renamed)


def test_results_beyond_the_plausible_are_told_unless_a_column_is_trusted():
    given = three()
    for name, one in given.items():
        noise = np.random.default_rng(9).normal(0, 0.15, len(one.mos))
        z = (one.mos - one.mos.mean()) / one.mos.std()
        frame = one.tables["t"][0].assign(f0=z + noise)
        given[name] = one._replace(tables={"t": (frame, "deep")})
    with pytest.warns(ValidityNotice):
        found = cross(given, regressors=["svr-rbf", "ridge"])
    told = "\n".join(notices_of(found))
    assert "t predicts the MOS better than is plausible (within a: SRCC" in told
    assert "t predicts the MOS better than is plausible (trained on a, tested on b: SRCC" in told
    trusted = "\n".join(notices_of(cross(given, regressors=["ridge"], trusted=["f0"])))
    assert "plausible" not in trusted


def test_metadata_columns_are_used_only_if_asked_for():
    given = three()
    for name, one in given.items():
        frame = one.tables["t"][0].assign(bitrate=one.mos.to_numpy() + 3.0)
        given[name] = one._replace(tables={"t": frame})
    assert cross(given, regressors=["ridge"]).attrs["settings"]["tables"]["t"]["columns"] == 6
    with pytest.raises(TableError, match="a: t: the column 'bitrate' is the MOS"):
        cross(given, regressors=["ridge"], use_metadata=True)


def test_progress_is_counted_and_processes_change_no_number():
    steps: list[tuple[int, int]] = []
    settings = {"regressors": ["ridge", "mean"], "align": "rank", "joint": "leave-one-out"}
    found = cross(three(), progress=lambda *step: steps.append(step), **settings)
    assert steps == [(k, 18) for k in range(1, 19)]
    pd.testing.assert_frame_equal(found, cross(three(), jobs=2, **settings))


def test_estimators_are_taken_and_untuned_ones_told():
    found = cross(three(), regressors={"plain": Ridge(alpha=1.0)})
    assert set(found["regressor"]) == {"plain"}
    assert any("plain runs with" in text for text in notices_of(found))


def test_videos_shared_by_datasets_that_are_trained_on_together_are_told():
    given = three()
    frame = given["a"].tables["t"][0]
    again = frame.iloc[:20].rename(lambda name: f"c{name}")
    both = pd.concat([given["c"].tables["t"][0], again])
    mos = pd.concat([given["c"].mos, given["a"].mos.iloc[:20].rename(lambda name: f"c{name}")])
    given["c"] = Dataset({"t": both}, mos)
    found = cross(given, regressors=["ridge"], align="rank", joint="leave-one-out")
    assert any(
        re.match(r"a and c share 2\d video\(s\) by their features", text) for text in notices_of(found)
    )
