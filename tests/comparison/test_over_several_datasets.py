"""Summary over comparisons of several datasets: recomputed from their summaries."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_videos import made_up
from scipy.stats import friedmanchisquare, rankdata

from vqa_features.comparison import compare
from vqa_features.comparison.over_datasets import over_datasets
from vqa_features.errors import ParameterError

QUICK = {"splits": 3, "bootstrap": 5}


@pytest.fixture(scope="module")
def comparisons():
    found = {}
    for number, rows in enumerate((60, 90, 120)):
        tables, mos = made_up(rows, seed=number)
        found[f"set{number}"] = compare(tables, mos, regressors=["ridge", "svr-linear", "mean"], **QUICK)
    return found


def test_means_ranks_and_pairs_are_those_of_the_summaries(comparisons):
    found = over_datasets(comparisons, rope=0.02)
    names = [("good", "ridge"), ("poor", "ridge"), ("good", "svr-linear"), ("poor", "svr-linear")]
    by_set = [one.summary.set_index(["table", "regressor"]) for one in comparisons.values()]
    values = np.array([[one.loc[name, "srcc"] for name in names] for one in by_set])
    n = [int(one["n"].max()) for one in by_set]
    assert list(found.scores["videos"]) == n
    models = found.models.set_index(["table", "regressor"])
    ranks = rankdata(-values, axis=1).mean(axis=0)
    for i, name in enumerate(names):
        assert models.loc[name, "mean"] == pytest.approx(values[:, i].mean())
        assert models.loc[name, "weighted"] == pytest.approx(np.average(values[:, i], weights=n))
        z = np.average(np.arctanh(values[:, i]), weights=n)
        assert models.loc[name, "fisher_z"] == pytest.approx(np.tanh(z))
        assert models.loc[name, "rank"] == pytest.approx(ranks[i])
    assert found.friedman_p == pytest.approx(friedmanchisquare(*values.T).pvalue)
    assert found.models["rank"].is_monotonic_increasing
    assert len(found.pairs) == 6
    row = found.pairs[(found.pairs["table_a"] != found.pairs["table_b"])].iloc[0]
    assert row["table_a"] == "good"
    assert row["better"] > 0.9
    assert "mean" not in set(found.models["regressor"])
    of_comparisons = [f"{name}: {text}" for name, one in comparisons.items() for text in one.warnings]
    assert list(found.warnings) == of_comparisons
    assert any("set2: good predicts the MOS better than is plausible" in text for text in of_comparisons)


def test_models_that_one_dataset_lacks_and_mixed_protocols_are_told(comparisons):
    tables, mos = made_up(100, seed=9)
    ids = list(mos.index)
    official = [(ids[:60], ids[60:80]), (ids[:60], ids[80:])]
    one = compare(tables, mos, splits=official, protocol="official", regressors=["ridge"], bootstrap=5)
    found = over_datasets(comparisons | {"lsvq": one})
    parts = [name for name in found.scores["dataset"] if name.startswith("lsvq/")]
    assert len(parts) == 2
    assert set(found.models["regressor"]) == {"ridge"}
    left, mixed, shared, *_ = found.warnings
    assert "2 model(s) that not every dataset has are left out: good (svr-linear)" in left
    assert "set0: strict" in mixed
    assert "official" in mixed
    assert shared.startswith(", ".join(parts))


def test_what_cannot_be_summarised_is_one_sentence(comparisons):
    first = comparisons["set0"]
    with pytest.raises(ParameterError, match="at least two, got 1"):
        over_datasets({"set0": first})
    with pytest.raises(ParameterError, match=r"metric must be one of srcc, .* got 'rmse'"):
        over_datasets(comparisons, metric="rmse")
    with pytest.raises(ParameterError, match="set0 holds no protocol 'literature' but strict"):
        over_datasets(comparisons, protocol="literature")
    tables, mos = made_up(60)
    both = compare(tables, mos, protocol="both", regressors=["ridge"], **QUICK)
    with pytest.raises(ParameterError, match="b holds several protocols, name one: strict, literature"):
        over_datasets({"a": first, "b": both})
    renamed = compare({"x": tables["good"], "y": tables["poor"]}, mos, regressors=["ridge"], **QUICK)
    with pytest.raises(ParameterError, match="two models that all 2 datasets have: name the same"):
        over_datasets({"a": first, "b": renamed})


def test_the_same_comparison_and_shared_videos_are_told(comparisons):
    first = comparisons["set0"]
    with pytest.raises(ParameterError, match="a and again are the same comparison: name each dataset once"):
        over_datasets({"a": first, "again": first})
    tables, mos = made_up(60)
    other = compare(tables, mos, regressors=["ridge", "svr-linear"], seed=1, **QUICK)
    tested = [set(one.predictions["id"]) for one in (first, other)]
    told = over_datasets({"a": first, "b": other}).warnings
    assert f"a and b share {len(tested[0] & tested[1])} video(s) of equal id and MOS" in told[0]
