"""The page of a summary over datasets, and that it fits a phone."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic import make_comparison

from vqa_features.comparison.over_datasets import OverDatasets, over_datasets
from vqa_features.report.over_datasets_page import render_over_datasets


@pytest.fixture(scope="module")
def found() -> OverDatasets:
    names = ("KoNViD-1k", "LIVE-VQC", "YouTube-UGC", "CVD2014")
    return over_datasets(
        {name: make_comparison(60 + k, 4, protocols=("strict",), seed=k) for k, name in enumerate(names)}
    )


def plain(page: str) -> str:
    """Return the text of a page."""
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())


def test_the_page_has_every_score_rank_and_probability(found: OverDatasets) -> None:
    page = render_over_datasets(found)
    text = plain(page)
    best = found.models[found.models["rank"] == found.models["rank"].min()]
    names = [f"{one.table} · {one.regressor}" for one in best.itertuples()]
    assert re.search(f"{names[0]}.*{names[-1]}: best mean rank over 4 data sets", text)
    for name in found.scores["dataset"]:
        assert name in text
    for value in found.scores.iloc[:, 3:].to_numpy().ravel():
        assert f"<b>{f'{value:.3f}'.removeprefix('0')}</b>" in page
    assert f"Nemenyi’s critical difference, {found.critical_difference:.2f}" in text
    row = found.pairs.iloc[0]
    assert f"{100 * row['better']:.1f} %" in text
    assert "KoNViD-1k: 3 non-finite cells of videval were imputed" in text
    assert page.count('class="clique') >= len([one for one in found.cliques if len(one) > 1])


def test_the_first_sentences_say_what_is_separated(found: OverDatasets) -> None:
    ranks = found.models["rank"].to_numpy()
    apart = int((np.abs(ranks[:, None] - ranks) > found.critical_difference).sum()) // 2
    assert f"separates {apart} of {len(found.pairs)} pairs of models" in plain(render_over_datasets(found))
    unclear = replace(found, friedman_p=0.4)
    assert "do not differ significantly (Friedman, p = .400)" in plain(render_over_datasets(unclear))
    two = replace(found, friedman_p=float("nan"))
    assert "Friedman" not in plain(render_over_datasets(two))


def test_models_of_equal_rank_are_first_together(found: OverDatasets) -> None:
    models = found.models.assign(rank=[1.5, 1.5, *found.models["rank"].iloc[2:]])
    first, second = (f"{one.table} · {one.regressor}" for one in models.head(2).itertuples())
    assert f"{first} and {second}: best mean rank" in plain(
        render_over_datasets(replace(found, models=models))
    )


def test_a_long_list_is_cut_and_says_so(found: OverDatasets) -> None:
    models = pd.concat([found.models] * 8, ignore_index=True)
    scores = pd.concat([found.scores] * 8, ignore_index=True)
    text = plain(render_over_datasets(replace(found, models=models, scores=scores)))
    assert f"{len(models) - 40} further models are in over_datasets.csv" in text
    assert "12 further data sets are in datasets.csv" in text
    assert "Mean ranks" not in text


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_the_page_fits_both_widths(found: OverDatasets, browser, tmp_path: Path, size) -> None:
    browser.problems.clear()
    browser.resize(*size, phone=size[0] < 400)
    file = tmp_path / "report.html"
    file.write_text(render_over_datasets(found), encoding="utf-8")
    browser.open(file)
    assert browser.js("document.documentElement.scrollWidth") <= size[0]
    assert browser.problems == []
