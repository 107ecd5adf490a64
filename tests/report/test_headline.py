from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from synthetic import make_comparison

from vqa_features.report.headline import headline
from vqa_features.report.view import ProtocolView


def headline_of(difference: float, low: float, high: float, p: float, verdict: str):
    comparison = make_comparison(splits=4, tables=("videval", "paq2piq"), protocols=("strict",))
    summary = comparison.summary[comparison.summary["regressor"] == "ridge"].copy()
    summary["srcc"] = (summary["family"] == "deep").map({True: 0.80, False: 0.80 - difference})
    significance = pd.DataFrame(
        [
            {
                "protocol": "strict",
                "metric": "srcc",
                "table_a": "videval",
                "regressor_a": "ridge",
                "table_b": "paq2piq",
                "regressor_b": "ridge",
                "difference": -difference,
                "low": -high,
                "high": -low,
                "p_holm": p,
                "verdict": verdict,
            }
        ]
    )
    return headline(ProtocolView(replace(comparison, summary=summary, significance=significance)))


def test_a_significant_difference_names_the_better_family_size_interval_and_p():
    assert (
        headline_of(0.03, 0.01, 0.05, 0.002, "b").sentence
        == "paq2piq, ridge, beats videval, ridge, by .030 SRCC [.010, .050], corrected p = .002."
    )


def test_an_open_verdict_says_no_evidence():
    sentence = headline_of(0.01, -0.02, 0.04, 0.4, "open").sentence
    start = "No evidence of a difference between paq2piq, ridge, and videval, ridge: "
    assert sentence == start + ".010 SRCC [−.020, .040], corrected p = .400."


def test_a_lead_that_the_correction_removes_is_reported_as_such():
    sentence = headline_of(0.19, 0.10, 0.28, 0.21, "open").sentence
    assert "does not survive the correction for 1 tested pairs, p = .210" in sentence


def test_equivalent_models_are_called_equal():
    assert "equal for practical purposes" in headline_of(0.004, 0.001, 0.007, 0.01, "equivalent").sentence


def test_the_better_family_comes_first_whatever_the_order_of_the_pair():
    assert headline_of(-0.03, -0.05, -0.01, 0.002, "a").sentence.startswith(
        "videval, ridge, beats paq2piq, ridge, by .030 SRCC [.010, .050]"
    )


def test_a_table_named_like_its_family_is_named_once():
    comparison = make_comparison(40, 3, ("videval", "paq2piq"), ("strict",))
    tables = {
        name: getattr(comparison, name) for name in ("scores", "summary", "predictions", "significance")
    }
    renamed = {name: table.replace("paq2piq", "deep") for name, table in tables.items()}
    assert "deep by deep" not in headline(ProtocolView(replace(comparison, **renamed))).detail


def test_fusion_is_reported_after_the_rivals():
    comparison = make_comparison(40, 4, protocols=("strict",))
    view = ProtocolView(comparison)
    found = headline(view)
    assert " Fusion " in found.detail
    assert [test.first.family for test in found.contrasts][-1] == "fusion"
    assert found.contrasts[-1].second == view.rivals[0]


def test_an_untested_difference_is_called_untested():
    comparison = make_comparison(40, 4, ("videval", "paq2piq"), ("strict",))
    untested = replace(comparison, significance=comparison.significance.iloc[:0])
    found = headline(ProtocolView(untested))
    assert found.sentence.endswith("; the difference was not tested.")
    assert found.contrasts == []


def test_single_table_is_reported_by_its_median_alone():
    view = ProtocolView(make_comparison(40, 4, ("brisque",), ("strict",)))
    assert headline(view).sentence.startswith("brisque, ")
    assert ", reaches a median SRCC of " in headline(view).sentence


def with_medians(comparison, medians: dict[tuple[str, str], float]):
    """The comparison with other median SRCC of some models; the tests stay as they are."""
    summary = comparison.summary.copy()
    for (table, regressor), value in medians.items():
        summary.loc[(summary["table"] == table) & (summary["regressor"] == regressor), "srcc"] = value
    return replace(comparison, summary=summary)


def found_for(verdict: str, difference: float, deep: float, handcrafted: float) -> str:
    """The headline where deep minus handcrafted is tested as `difference`, with these medians."""
    comparison = make_comparison(splits=4, tables=("videval", "paq2piq"), protocols=("strict",))
    summary = comparison.summary[comparison.summary["regressor"] == "ridge"]
    width = 0.005 if verdict != "open" else 1
    row = {
        **{"protocol": "strict", "metric": "srcc", "p_holm": 0.01, "verdict": verdict},
        **{"table_a": "paq2piq", "regressor_a": "ridge", "table_b": "videval", "regressor_b": "ridge"},
        **{"difference": difference, "low": difference - width, "high": difference + width},
    }
    changed = replace(comparison, summary=summary, significance=pd.DataFrame([row]))
    medians = {("paq2piq", "ridge"): deep, ("videval", "ridge"): handcrafted}
    return headline(ProtocolView(with_medians(changed, medians))).sentence


@pytest.mark.parametrize("verdict", ["a", "equivalent", "open"])
def test_medians_of_the_other_order_are_told_in_the_headline(verdict: str) -> None:
    told = ", though videval, ridge, has the higher median SRCC, .745 against .741."
    assert found_for(verdict, 0.02, 0.741, 0.745).endswith(told)
    assert "though" not in found_for(verdict, 0.02, 0.745, 0.741)


def test_a_winner_with_the_same_median_is_told_too() -> None:
    told = ", though both have the median SRCC .741."
    assert found_for("a", 0.02, 0.7411, 0.7412).endswith(told)
    assert "though" not in found_for("open", 0.02, 0.741, 0.741)
    assert "though" not in found_for("open", 0.0001, 0.741, 0.745)


def test_a_fusion_that_wins_in_the_mean_alone_is_told_too() -> None:
    comparison = make_comparison(40, 4, protocols=("strict",))
    view = ProtocolView(comparison)
    fused = headline(view).contrasts[-1].first
    same = with_medians(comparison, {fused.key: view.median_srcc(view.rivals[0]) - 0.004})
    significance = same.significance.copy()
    pair = [fused.table, view.rivals[0].table]
    rows = significance["table_a"].isin(pair) & significance["table_b"].isin(pair)
    significance.loc[rows, "difference"] = significance.loc[rows, "difference"].abs() * np.where(
        significance.loc[rows, "table_a"] == fused.table, 1, -1
    )
    found = headline(ProtocolView(replace(same, significance=significance)))
    assert "has the higher median SRCC" in found.detail
