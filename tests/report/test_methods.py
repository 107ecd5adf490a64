"""The methods of a comparison: each option changes its sentence, and nothing is said that is not known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso
from synthetic import baseline_alone, make_comparison

from vqa_features import __version__
from vqa_features.comparison import compare
from vqa_features.comparison.given_scores import GivenScore
from vqa_features.comparison.result import Comparison
from vqa_features.report.methods import methods_of
from vqa_features.report.paper import methods_text
from vqa_features.report.view import views_of
from vqa_features.tables.labels import Labels
from vqa_features.tables.split_lists import SplitList

IDS = [f"clip{k:02d}" for k in range(80)]
RANDOM = np.random.default_rng(3)
MOS = pd.Series(RANDOM.normal(3, 1, 80), index=IDS)
TABLES = {
    name: (
        pd.DataFrame(RANDOM.normal(0, 1, (80, n)), index=IDS).add_prefix("f").add(noise * MOS, axis=0),
        family,
    )
    for name, n, noise, family in (("good", 4, 1.0, "handcrafted"), ("poor", 3, 0.3, "deep"))
}
SCENES = {name: f"scene{k % 8}" for k, name in enumerate(IDS)}
HALVES = {name: str(k < 50) for k, name in enumerate(IDS)}
USUAL: dict[str, Any] = {"splits": 2, "regressors": ["ridge", "mean"], "bootstrap": 20}
FIXED = SplitList.of([(IDS[:50], IDS[50:65])])
PARTS = replace(
    SplitList.of([(IDS[:50], IDS[50:65]), (IDS[:50], IDS[65:])]), parts=("easy", "hard"), source="made.csv"
)


def run(**options: Any) -> Comparison:
    tables = options.pop("tables", TABLES)
    return compare(tables, options.pop("mos", MOS), **{**USUAL, **options})


def told(comparison: Comparison) -> str:
    return "\n".join(methods_of(views_of(comparison)))


@cache
def usual() -> str:
    return told(run())


def niqe() -> list[GivenScore]:
    return [GivenScore("NIQE", MOS.iloc[::-1].set_axis(MOS.index), higher_is_better=False)]


CASES: list[tuple[dict[str, Any], str]] = [
    ({"splits": 3}, "3 random hold-outs with 20 % of the videos in the test part, seed 0."),
    ({"seed": 7}, "seed 7."),
    ({"test_size": 0.25}, "25 % of the videos in the test part"),
    ({"test_size": 0.25}, "Training parts hold 60 videos, test parts 20."),
    ({"groups": SCENES}, "8 groups of videos (source content) was kept on one side of every split."),
    ({"groups": SCENES}, "20 % of the groups in the test part"),
    ({"groups": SCENES}, "squared error of each group left out"),
    ({"groups": SCENES}, "20 bootstrap resamples of groups of videos"),
    ({"scheme": "kfold", "folds": 4}, "2 test parts of repeated 4-fold cross-validation, seed 0."),
    ({"scheme": "leave-one-group-out", "groups": SCENES}, "Leave-one-group-out: 8 splits"),
    ({"protocol": "literature"}, "in the test part, drawn in the row order of the opinion scores"),
    ({"protocol": "literature"}, "fitted on the opinion scores as they are"),
    (
        {"protocol": "literature"},
        "MAE after a four-parameter logistic map fitted on the predictions of the test part",
    ),
    ({"protocol": "literature", "groups": SCENES}, "The 8 groups of videos were ignored"),
    ({"splits": FIXED}, "One split: it was given by the user."),
    ({"splits": FIXED}, "The training part holds 50 videos, the test part 15."),
    ({"splits": FIXED}, "the one fitted model; the interval of SRCC is that of 20 bootstrap resamples"),
    ({"splits": FIXED}, "tested over the 15 videos of the test part"),
    ({"splits": FIXED}, "F-test (ITU-T P.1401)"),
    ({"splits": FIXED}, "15 of them were tested at least once"),
    ({"splits": FIXED, "groups": HALVES}, "No one of the 2 groups of videos is on both sides of a split."),
    (
        {"splits": FIXED, "groups": SCENES, "protocol": "official"},
        "The splits were used as they are; the 8 groups",
    ),
    ({"splits": PARTS}, "One split: it is that of made.csv."),
    ({"splits": PARTS}, "Videos of each test part: easy 15, hard 15."),
    ({"splits": PARTS}, "On easy and hard: Differences in SRCC"),
    (
        {"regressors": ["svr-rbf"]},
        "svr-rbf: columns scaled to 0 .. 1; epsilon 0.1; C 10 values from 2 to 1024",
    ),
    ({"regressors": ["svr-rbf"]}, "times 64 / number of columns; searched from a coarse sub-grid"),
    ({"regressors": ["svr-rbf"]}, "mean R2 over 3 shuffled inner folds of the training part"),
    (
        {"regressors": ["svr-linear"], "search": "full"},
        "C 10 values from 0.00195312 to 1, times 64 / number of columns; every point searched",
    ),
    ({"regressors": ["svr-rbf"], "search": "random10"}, "ten random points searched"),
    ({"regressors": ["svr-rbf"], "protocol": "literature"}, "3 contiguous inner folds"),
    (
        {"regressors": ["svr-rbf"], "grids": {"svr-rbf": {"C": [1.0, 4.0]}}},
        "svr-rbf: columns scaled to 0 .. 1; C 1, 4; grid of 2 points, all.",
    ),
    (
        {"regressors": {"lasso": Lasso(0.1)}},
        "lasso: columns standardised; hyperparameters as given, not searched.",
    ),
    ({"regressors": ["sklearn.linear_model.Lasso"]}, "default hyperparameters, not searched"),
    ({"regressors": ["ridge", "svr-linear"]}, "over 6 pairs of models"),
    ({"fusion": True}, "Early fusion joins the columns of all tables"),
    ({"fusion": True}, "over 6 pairs of models"),
    ({"components": 2}, "reduced to 2 principal components"),
    ({"margin": 0.05}, "the margin 0.05 in SRCC"),
    ({"bootstrap": 30}, "30 bootstrap resamples of videos"),
    ({"logistic": "logistic5"}, "five-parameter logistic map"),
    ({"use_metadata": True}, "were used as features"),
    ({"trusted": ["f1", "f2"]}, "whatever they are called: f1 and f2."),
    ({"ignore_case": True}, "differ in upper and lower case only were joined"),
    ({"duplicates": "warn"}, "reported as a warning"),
    ({"duplicates": "group"}, "were put into one group"),
    ({"given_scores": niqe()}, "Scores that were not trained: NIQE (lower is better)"),
    ({"analyses": ["similarity"], "error_by": ["mos"]}, "Further analyses: similarity and errors by mos."),
    ({"tables": {"good": TABLES["good"]}}, "1 feature table: good (4 columns, family handcrafted)."),
    (
        {"tables": {"good": TABLES["good"]}},
        "Differences between models were not tested (there is one model).",
    ),
    ({"mos": Labels(MOS, source="/data/of/me/ratings.csv")}, "The opinion scores are those of ratings.csv."),
    ({"mos": MOS.iloc[:70]}, "70 videos with opinion scores and features were compared"),
]


@pytest.mark.parametrize(("options", "sentence"), CASES, ids=lambda one: str(one)[:60])
def test_an_option_changes_its_sentence(options: dict[str, Any], sentence: str) -> None:
    assert sentence in told(_run_once(repr(options), lambda: run(**options)))
    assert sentence not in usual()


_DONE: dict[str, Comparison] = {}


def _run_once(key: str, make: Callable[[], Comparison]) -> Comparison:
    if key not in _DONE:
        _DONE[key] = make()
    return _DONE[key]


def test_the_usual_sentences() -> None:
    text = usual()
    for sentence in (
        "80 videos with opinion scores and features were compared",
        "2 feature tables: good (4 columns, family handcrafted), poor (3 columns, family deep).",
        "The videos have no groups of source content",
        "Training parts hold 64 videos, test parts 16.",
        "columns standardised; alpha 29 values from 0.01 to 100000; every point compared in closed form.",
        "The regressors were fitted on z-scored opinion scores.",
        "The baseline predicts the mean of the opinion scores of the training part.",
        "Metrics: SRCC, KRCC and “PLCC, raw” from the predictions as they are; PLCC, RMSE and MAE after a "
        "four-parameter logistic map fitted on the out-of-fold predictions of the training part; “PLCC, test "
        "map” after a four-parameter logistic map fitted on the test part itself.",
        "Scores are medians over the 2 splits",
        "corrected resampled t-test of Nadeau and Bengio (1 degree of freedom, test-to-train ratio 0.25).",
        f"vqa-features {__version__}, numpy {np.__version__}",
    ):
        assert sentence in text


def test_without_the_baseline_nothing_is_said_of_it() -> None:
    text = told(run(regressors=["ridge"]))
    assert "baseline" not in text
    assert "training mean" not in text


def test_both_protocols_have_a_paragraph_each() -> None:
    paragraphs = methods_of(views_of(run(protocol="both")))
    assert [text.split(".")[0] for text in paragraphs[1:3]] == ["Protocol strict", "Protocol literature"]


def test_warnings_are_cited_and_counted() -> None:
    comparison = replace(run(), warnings=("one thing",))
    assert "The run gave 1 warning: (1) one thing." in told(comparison)
    assert "The run gave no warning." in told(replace(comparison, warnings=()))
    many = told(replace(comparison, warnings=tuple(f"thing {k}" for k in range(25))))
    assert "25 warnings" in many
    assert "5 more are in settings.json." in many


def test_a_dataset_of_the_command_line_is_named() -> None:
    command = {"options": {"dataset": "konvid-1k", "mos_column": None}, "files": {"mos": []}}
    comparison = run()
    named = replace(comparison, settings={**comparison.settings, "command": command})
    assert "The opinion scores are the published ones of konvid-1k." in told(named)


def test_a_proxy_is_not_called_an_opinion_score() -> None:
    comparison = run()
    text = told(replace(comparison, settings={**comparison.settings, "target": "VMAF, a proxy, not MOS"}))
    assert "opinion score" not in text
    assert "The target is VMAF, a proxy, not MOS." in text


def test_of_settings_that_are_not_known_nothing_is_said() -> None:
    text = told(replace(make_comparison(splits=3), settings={}, warnings=()))
    for word in (
        "groups",
        "seed",
        "margin of",
        "Software",
        "Metadata",
        "logistic4",
        "four-parameter",
        "inner folds",
    ):
        assert word not in text
    assert re.search("[0-9]+ videos were tested at least once", text)
    assert "Regressors: svr-rbf and ridge." in text


def test_the_baseline_alone_has_methods() -> None:
    text = told(baseline_alone(make_comparison(splits=3)))
    assert "Differences between models were not tested (no model was trained)." in text


def test_the_file_has_one_line_for_each_paragraph() -> None:
    views = views_of(run())
    text = methods_text(views)
    assert text.endswith("\n")
    assert text.rstrip("\n").split("\n\n") == methods_of(views)
