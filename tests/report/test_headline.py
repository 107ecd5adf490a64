from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from synthetic import make_comparison

from vqa_features.report.headline import decimal, headline, p_text, signed
from vqa_features.report.view import Model, per_video, residual_correlation, rivals, summarise

DEEP, HANDCRAFTED = Model("paq2piq", "ridge", "deep"), Model("videval", "ridge", "handcrafted")


def told(difference: float, low: float, high: float, p: float, verdict: str):
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
    return headline(replace(comparison, summary=summary, significance=significance), "strict")


def test_a_real_difference_names_winner_size_interval_and_p():
    assert (
        told(0.03, 0.01, 0.05, 0.002, "b").sentence
        == "Deep beats handcrafted by .030 SRCC [.010, .050], corrected p = .002."
    )


def test_an_open_question_says_no_evidence():
    sentence = told(0.01, -0.02, 0.04, 0.4, "open").sentence
    start = "No evidence of a difference between deep and handcrafted: "
    assert sentence == start + ".010 SRCC [−.020, .040], corrected p = .400."


def test_a_lead_lost_to_the_correction_is_told_as_such():
    sentence = told(0.19, 0.10, 0.28, 0.21, "open").sentence
    assert "does not survive the correction for 1 tested pairs, p = .210" in sentence


def test_equivalence_is_not_sold_as_a_win():
    assert "equal for practical purposes" in told(0.004, 0.001, 0.007, 0.01, "equivalent").sentence


def test_losing_side_is_never_called_the_winner():
    assert told(-0.03, -0.05, -0.01, 0.002, "a").sentence.startswith(
        "Handcrafted beats deep by .030 SRCC [.010, .050]"
    )


def test_a_table_named_like_its_family_is_not_said_twice():
    comparison = make_comparison(40, 3, ("videval", "paq2piq"), ("strict",))
    tables = {
        name: getattr(comparison, name) for name in ("scores", "summary", "predictions", "significance")
    }
    renamed = {name: table.replace("paq2piq", "deep") for name, table in tables.items()}
    assert "deep by deep" not in headline(replace(comparison, **renamed), "strict").detail


def test_rivals_are_families_without_fusion_and_baseline():
    comparison = make_comparison()
    found = rivals(summarise(comparison), "strict")
    assert sorted(model.family for model in found) == ["deep", "handcrafted"]


def test_single_family_holds_its_tables_against_each_other():
    comparison = make_comparison(splits=4, tables=("videval", "brisque"), protocols=("strict",))
    assert {model.table for model in rivals(summarise(comparison), "strict")} == {"videval", "brisque"}


def test_baseline_appears_once_per_protocol():
    summary = summarise(make_comparison(splits=3))
    assert (summary["regressor"] == "mean").sum() == 2


def test_predictions_are_averaged_per_video():
    comparison = make_comparison(splits=3)
    videos = per_video(comparison, "strict", [DEEP, HANDCRAFTED])
    rows = comparison.predictions.query(
        "protocol == 'strict' and table == 'paq2piq' and regressor == 'ridge'"
    )
    name = rows["id"].iloc[0]
    assert videos.at[name, 0] == pytest.approx(rows[rows["id"] == name]["predicted"].mean())
    assert videos["mos"].is_monotonic_increasing


def test_residual_correlation_is_one_on_the_diagonal_and_symmetric():
    videos = per_video(make_comparison(), "strict", [DEEP, HANDCRAFTED])
    matrix = residual_correlation(videos)
    assert matrix[0, 0] == pytest.approx(1)
    assert matrix[0, 1] == pytest.approx(matrix[1, 0])


def test_holding_mos_fixed_takes_out_what_shrinking_alone_makes_common():
    rng = np.random.default_rng(0)
    mos = rng.normal(3, 1, 4000)
    shrunk = {k: 3 + 0.5 * (mos - 3) + rng.normal(0, 0.3, mos.size) for k in range(2)}
    videos = pd.DataFrame({"mos": mos, **shrunk})
    # residuals are -0.5 (mos - 3) + noise: their correlation is .25 / (.25 + .09)
    assert residual_correlation(videos)[0, 1] == pytest.approx(0.25 / 0.34, abs=0.03)
    assert residual_correlation(videos, given_mos=True)[0, 1] == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.7834, ".783"),
        (-0.03, "−.030"),
        (1.0, "1.000"),
        (-0.0001, ".000"),
        (math.nan, "–"),
        (12.5, "12.500"),
    ],
)
def test_numbers_are_printed_as_the_field_prints_them(value, text):
    assert decimal(value) == text


def test_differences_carry_their_sign_unless_they_round_to_nothing():
    assert [signed(value) for value in (0.031, -0.03, 0.0004, -0.0004, math.nan)] == [
        "+.031",
        "−.030",
        ".000",
        ".000",
        "–",
    ]


def test_small_p_is_a_bound():
    assert p_text(1e-9) == "p < .001"
    assert p_text(0.0123) == "p = .012"
