"""Unique and shared variance: made-up families of known overlap, and agreement with the fused comparison."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare
from vqa_features.comparison.checks import ValidityWarnings
from vqa_features.comparison.notices import ValidityNotice, notices_of
from vqa_features.comparison.options import ModelOptions, Options, SplitOptions
from vqa_features.comparison.preparation import prepare
from vqa_features.comparison.protocol import Plan
from vqa_features.comparison.shared_variance import shared_variance, shared_variance_of
from vqa_features.comparison.splitting import split_videos
from vqa_features.errors import ParameterError, UnknownName
from vqa_features.evaluation.metrics import srcc
from vqa_features.tables.feature_table import feature_tables
from vqa_features.tables.labels import Labels

#: Ridge on 640 training videos, and 8 test parts of 160.
SAMPLED = 0.06


def overlapping(rows=800, seed=0, noise=1.0):
    """Return tables a (u, s), b (s, v) and c (noise), and MOS = u + s + v + noise of variances 2, 3, 1, 1."""
    random = np.random.default_rng(seed)
    u, s, v, e = (random.normal(0, np.sqrt(size), rows) for size in (2.0, 3.0, 1.0, noise))
    ids = [f"v{row:04d}" for row in range(rows)]
    columns = {"a": [u, s], "b": [s, v], "c": [random.normal(size=rows)] * 2}
    tables = {
        name: pd.DataFrame(np.column_stack(x), index=ids).add_prefix(name) for name, x in columns.items()
    }
    tables["c"].iloc[:, 1] = random.normal(size=rows)
    return tables, pd.Series(u + s + v + e, index=ids, name="mos")


@pytest.mark.parametrize("fused", ["early", "late"])
def test_parts_are_the_variances_that_tables_were_made_of(fused):
    tables, mos = overlapping()
    found = shared_variance(tables, mos, splits=8, fused=fused)
    parts = found.parts.set_index("tables")["value"]
    # Stacking two predictions cannot weigh s apart from u and v, so its parts differ from the regression's.
    expected = {"a": 2 / 7, "b": 1 / 7, "a + b": 3 / 7} if fused == "early" else {"c": 0.0, "b + c": 0.0}
    for name, value in expected.items():
        assert parts[name] == pytest.approx(value, abs=SAMPLED)
    assert parts["c"] == pytest.approx(0, abs=0.02)
    whole = found.subsets.set_index("tables")["value"]["a + b + c"]
    assert parts.sum() == pytest.approx(whole)
    assert found.shapley["value"].sum() == pytest.approx(whole)
    assert [found.shapley["share"].sum(), found.parts["share"].sum()] == pytest.approx([1, 1])
    if fused == "early":
        assert found.shapley.set_index("table")["value"]["a"] == pytest.approx(2 / 7 + 1.5 / 7, abs=SAMPLED)
        assert found.subsets.set_index("tables")["value"]["a"] == pytest.approx(5 / 7, abs=SAMPLED)


def test_tables_that_need_each_other_share_a_negative_part():
    random = np.random.default_rng(0)
    signal, hidden = random.normal(size=(2, 500))
    ids = [f"v{row}" for row in range(500)]
    tables = {
        "masked": pd.DataFrame({"m0": signal + 2 * hidden, "m1": random.normal(size=500)}, ids),
        "mask": pd.DataFrame({"k0": hidden, "k1": random.normal(size=500)}, ids),
    }
    mos = pd.Series(signal + random.normal(0, 0.2, 500), ids)
    parts = shared_variance(tables, mos, splits=4).parts.set_index("tables")
    assert parts["value"]["masked + mask"] < -0.1
    assert parts["high"]["masked + mask"] < 0
    assert list(parts["kind"]) == ["unique", "unique", "shared"]


@pytest.mark.parametrize(("fused", "name"), [("early", "fusion"), ("late", "late-fusion")])
def test_all_tables_together_are_the_fusion_of_compare(fused, name):
    tables, mos = made_up(120)
    groups = pd.Series([f"g{row // 4}" for row in range(120)], index=mos.index)
    options = {"splits": 3, "seed": 5}
    found = shared_variance(tables, mos, groups, value="srcc2", fused=fused, **options).subsets
    run = compare(tables, mos, groups, regressors=["ridge"], fusion=True, bootstrap=5, **options)
    mean = (run.scores.groupby("table")["srcc"].apply(lambda one: (one.abs() * one).mean())).to_dict()
    for label, table in (("good", "good"), ("poor", "poor"), ("good + poor", name)):
        assert found.set_index("tables")["value"][label] == pytest.approx(mean[table], abs=1e-12)


def test_r2_is_about_the_training_mean_and_srcc2_keeps_its_sign():
    tables, mos = made_up(100)
    tables = {"one": tables["poor"][0], "other": tables["poor"][0] + 0.0}
    found = shared_variance(tables, mos.sample(frac=1, random_state=1), splits=2, duplicates="warn")
    run = compare({"one": tables["one"]}, mos, splits=2, regressors=["ridge"], bootstrap=5)
    ratios = []
    for _, rows in run.predictions.groupby("split"):
        centre = mos.drop(rows["id"]).mean()
        error = ((rows["mos"] - rows["predicted"]) ** 2).sum()
        ratios.append(1 - error / ((rows["mos"] - centre) ** 2).sum())
    assert found.subsets["value"].iloc[0] == pytest.approx(np.mean(ratios), abs=1e-12)
    noise = pd.DataFrame(np.random.default_rng(3).normal(size=(100, 4)), index=mos.index).add_prefix("n")
    pair = {"x": noise[["n0", "n1"]], "y": noise[["n2", "n3"]]}
    values = shared_variance(pair, mos, splits=6, value="srcc2").subsets["value"]
    runs = compare(pair, mos, splits=6, regressors=["ridge"], bootstrap=5)
    ranks = [srcc(one["predicted"], one["mos"]) for _, one in runs.predictions.groupby(["table", "split"])]
    assert min(ranks) < 0
    assert values.iloc[0] == pytest.approx(np.mean([abs(r) * r for r in ranks[:6]]), abs=1e-12)


def test_intervals_hold_their_values_and_processes_do_not_matter():
    tables, mos = overlapping(rows=120, noise=6.0)
    one = shared_variance(tables, mos, splits=4)
    two = shared_variance(tables, mos, splits=4, jobs=2)
    for name in ("subsets", "parts", "shapley"):
        table, other = getattr(one, name), getattr(two, name)
        pd.testing.assert_frame_equal(table, other)
        assert ((table["low"] < table["value"]) & (table["value"] < table["high"])).all()


def test_warnings_about_the_input_are_kept_and_shown():
    tables, mos = made_up(40)
    with pytest.warns(ValidityNotice, match="40 videos"):
        found = shared_variance(tables, mos, splits=2)
    assert any("40 videos" in text for text in notices_of(found.subsets))


@pytest.mark.parametrize(("protocol", "search"), [("strict", "random10"), ("literature", "full")])
def test_the_splits_and_the_search_of_a_comparison_give_its_fusion(protocol, search):
    tables, mos = made_up(60)
    options = {"splits": 2, "regressors": ["svr-rbf"], "fusion": True, "bootstrap": 5, "search": search}
    run = compare(tables, mos, protocol=protocol, **options)
    plan, prepared = planned(tables, mos, protocol, search)
    found = shared_variance_of(plan, prepared, plan.models.records[0], value="srcc2")
    fused = run.predictions[run.predictions["table"] == "fusion"]
    r = np.array([srcc(one["predicted"], one["mos"]) for _, one in fused.groupby("split")])
    assert found.subsets["value"].iloc[-1] == pytest.approx(np.mean(np.abs(r) * r), abs=1e-12)
    assert found.splits == len(r)


def planned(tables, mos, protocol, search):
    """Return plan and rows as `compare` makes them."""
    given = SplitOptions.of(protocol, 2, "holdout", 0.2, 5)
    options, warnings = Options(given, ModelOptions.of(["svr-rbf"], search)), ValidityWarnings()
    prepared = prepare(feature_tables(tables), Labels.of(mos), warnings)
    ordered, drawn = split_videos(protocol, prepared, options, warnings)
    return Plan(protocol, drawn, options.models, 0), ordered


@pytest.mark.parametrize(
    ("changed", "error", "text"),
    [
        ({"tables": 1}, ParameterError, "2 to 6 tables, got 1"),
        ({"tables": 7}, ParameterError, "2 to 6 tables, got 7"),
        ({"fused": "middle"}, ParameterError, "got 'middle' and 'r2'"),
        ({"value": "plcc"}, ParameterError, "got 'early' and 'plcc'"),
        ({"splits": 1}, ParameterError, "at least 2 splits, got 1"),
        ({"regressor": "rigde"}, UnknownName, "ridge"),
    ],
)
def test_options_out_of_range_are_one_sentence(changed, error, text):
    tables, mos = made_up(60)
    given = {f"t{number}": tables["good"] for number in range(changed.pop("tables", 2))}
    with pytest.raises(error, match=text):
        shared_variance(given, mos, **changed)
