"""Sections of the page for the analyses: every table has one, numbers are those of the table."""

from __future__ import annotations

import html
import math
import re

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.comparison.analyses import NAMES
from vqa_features.comparison.given_scores import GivenScore
from vqa_features.comparison.pair_ranking import with_listed_pairs
from vqa_features.comparison.targets import compare_targets
from vqa_features.errors import ParameterError
from vqa_features.report.analyses import SHOWN, ranks_of, sections_of
from vqa_features.report.analysis_tables import MOST_ROWS
from vqa_features.report.page import render
from vqa_features.report.targets_page import render_targets
from vqa_features.report.view import ProtocolView, views_of
from vqa_features.tables.labels import Labels
from vqa_features.tables.split_lists import SplitList

HOSTILE = "<script>alert(1)</script>"
RNG = np.random.default_rng(5)
IDS = [f"v{k:02d}" for k in range(90)]
QUALITY = RNG.uniform(1, 5, 90)
LABELS = Labels(
    pd.Series(QUALITY, IDS),
    groups=pd.Series([f"scene{k // 5}" for k in range(90)], IDS),
    std=pd.Series(0.6, IDS),
    counts=pd.Series(24, IDS),
    metadata=pd.DataFrame({"place": [HOSTILE, "b", "c"] * 30}, IDS),
)


def columns(noise: float, *names: str) -> pd.DataFrame:
    """Return columns that follow the quality with some noise."""
    values = QUALITY[:, None] + RNG.normal(0, noise, (90, len(names)))
    return pd.DataFrame(values, IDS, names)


TABLES = {
    "a": (columns(1.0, "siti.si.mean", "brisque.alpha.mean"), "handcrafted"),
    HOSTILE: (columns(3.0, "siti.ti.mean", "niqe.mean"), "deep"),
}
SCORES = [GivenScore("vmaf", pd.Series(QUALITY + RNG.normal(0, 2, 90), IDS), higher_is_better=True)]


@pytest.fixture(scope="module")
def comparison() -> vf.Comparison:
    """Return a comparison with every analysis."""
    found = vf.compare(
        TABLES, LABELS, splits=6, regressors=["ridge", "mean"], bootstrap=20, analyses=NAMES,
        error_by=["mos", "place"], given_scores=SCORES,
    )  # fmt: skip
    order = LABELS.mos.sort_values().index
    return with_listed_pairs(found, pd.DataFrame({"worse": order[:45], "better": order[45:]}))


def test_every_analysis_has_a_section(comparison: vf.Comparison) -> None:
    drawn_elsewhere = {"learning_curve"}
    assert {one.name for one in SHOWN} == {*NAMES, "error_by", "listed_pairs"} - drawn_elsewhere
    found = {section.name for section in sections_of(ProtocolView(comparison))}
    assert found == {"intervals", *(one.name for one in SHOWN)}
    page = render(views_of(comparison))
    for one in SHOWN:
        assert page.count(f"<h2>{html.escape(one.title)}</h2>") == 1


def test_cells_are_the_numbers_of_the_table(comparison: vf.Comparison) -> None:
    found = {section.name: section for section in sections_of(ProtocolView(comparison))}
    ablation = comparison.extras["ablation"]
    section = found["ablation"]
    assert [label for label, _ in section.labels] == [
        "Table",
        "Columns kept",
        "Columns",
        "SRCC",
        "Difference",
        "p",
    ]
    assert [text for _, text in section.labels] == [True, True, False, False, False, False]
    assert len(section.rows) == len(ablation)
    first = ablation.iloc[1]
    assert section.rows[1][1] == first["kept"]
    assert float(section.rows[1][3].replace("−", "-")) == pytest.approx(first["srcc"], abs=5e-4)
    assert section.rows[0][5] == "–"
    errors = found["error_by"]
    assert {row[0] for row in errors.rows} == {"mos", "place"}


def test_marks_lie_inside_their_column_in_the_order_of_the_numbers(comparison: vf.Comparison) -> None:
    for section in sections_of(ProtocolView(comparison)):
        places = [place for mark in section.marks for place in mark if math.isfinite(place)]
        assert len(section.marks) == len(section.rows)
        assert min(places) >= -1e-9
        assert max(places) <= 100 + 1e-9
    found = {section.name: section for section in sections_of(ProtocolView(comparison))}
    losses = comparison.extras["importance"]["loss"].to_numpy()
    assert np.corrcoef([mark.at for mark in found["importance"].marks], losses)[0, 1] == pytest.approx(1)


def test_mean_ranks_join_what_nemenyi_does_not_separate(comparison: vf.Comparison) -> None:
    ranks = ranks_of(ProtocolView(comparison))
    assert ranks is not None
    assert [row[3] for row in ranks.rows] == sorted(row[3] for row in ranks.rows)
    numbers = [1 + row[3] / 100 * (len(ranks.rows) - 1) for row in ranks.rows]
    for clique in ranks.cliques:
        inside = [number for number, member in zip(numbers, clique, strict=True) if member]
        assert max(inside) - min(inside) < ranks.critical_difference
    assert "Mean ranks" in render(views_of(comparison))


def test_one_fitted_split_has_no_mean_ranks_and_each_part_its_own_rows() -> None:
    given = SplitList(((IDS[:60], IDS[60:75]), (IDS[:60], IDS[75:])), ("test-1", "test-2"))
    found = vf.compare(
        TABLES, LABELS, splits=given, regressors=["ridge"], bootstrap=20, analyses=["pair_ranking", "power"]
    )
    views = views_of(found)
    assert len(views) == 2
    for view in views.values():
        assert ranks_of(view) is None
        section = next(one for one in sections_of(view) if one.name == "pair_ranking")
        mine = found.extras["pair_ranking"]
        assert len(section.rows) == (mine["part"] == view.part).sum() > 0
    assert render(views)


def test_many_rows_are_cut_with_a_sentence(comparison: vf.Comparison) -> None:
    table = comparison.extras["ablation"]
    many = pd.concat([table] * 20, ignore_index=True)
    section = next(
        one
        for one in sections_of(ProtocolView(comparison.with_extra("ablation", many)))
        if one.name == "ablation"
    )
    assert len(section.rows) == MOST_ROWS
    assert section.rest == f"{len(many) - MOST_ROWS} further rows are in ablation.csv."


def test_names_of_strangers_are_text(comparison: vf.Comparison) -> None:
    page = render(views_of(comparison))
    assert HOSTILE not in page
    assert html.escape(HOSTILE) in page
    targets = compare_targets(
        TABLES, {HOSTILE: LABELS.mos, "b": LABELS.mos + RNG.normal(0, 1, 90)}, splits=3, regressors=["ridge"],
        bootstrap=10,
    )  # fmt: skip
    page = render_targets(targets.matrix, [HOSTILE], {HOSTILE: 'x"><script>', "b": "b/report.html"})
    assert "<script" not in page
    assert html.escape(HOSTILE) in page


def test_the_page_of_targets_frames_the_best_of_each_column() -> None:
    other = LABELS.mos.sample(frac=1, random_state=1).set_axis(IDS)
    found = compare_targets(
        TABLES, {"overall": LABELS.mos, "other": other}, splits=4, regressors=["ridge", "mean"], bootstrap=10
    )
    page = render_targets(found.matrix)
    assert page.count('class="within"') == 2
    best = found.matrix[found.matrix["target"] == "overall"]["srcc"].max()
    assert re.search(rf'class="within"[^>]*><b>{f"{best:.3f}"[1:]}</b>', page)
    with pytest.raises(ParameterError, match="no model was trained"):
        render_targets(found.matrix[found.matrix["regressor"] == "mean"])
