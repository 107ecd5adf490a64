from __future__ import annotations

from dataclasses import replace

import pandas as pd
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
        == "Deep beats handcrafted by .030 SRCC [.010, .050], corrected p = .002."
    )


def test_an_open_verdict_says_no_evidence():
    sentence = headline_of(0.01, -0.02, 0.04, 0.4, "open").sentence
    start = "No evidence of a difference between deep and handcrafted: "
    assert sentence == start + ".010 SRCC [−.020, .040], corrected p = .400."


def test_a_lead_that_the_correction_removes_is_reported_as_such():
    sentence = headline_of(0.19, 0.10, 0.28, 0.21, "open").sentence
    assert "does not survive the correction for 1 tested pairs, p = .210" in sentence


def test_equivalent_models_are_called_equal():
    assert "equal for practical purposes" in headline_of(0.004, 0.001, 0.007, 0.01, "equivalent").sentence


def test_the_better_family_comes_first_whatever_the_order_of_the_pair():
    assert headline_of(-0.03, -0.05, -0.01, 0.002, "a").sentence.startswith(
        "Handcrafted beats deep by .030 SRCC [.010, .050]"
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
    assert headline(view).sentence.startswith("Brisque reaches a median SRCC of ")
