"""A comparison shown in a terminal and in a notebook: short, whole, and safe whatever tables are called."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.comparison.notebook import MOST_LINES, MOST_MODELS

RANDOM = np.random.default_rng(3)
MOS = pd.Series(RANDOM.uniform(1, 5, 40), index=[f"clip{number}" for number in range(40)])


def table(noise: float) -> pd.DataFrame:
    return pd.DataFrame(
        MOS.to_numpy()[:, None] + RANDOM.normal(0, noise, (40, 3)), index=MOS.index
    ).add_prefix("f")


@pytest.fixture(scope="module")
def comparison() -> vf.Comparison:
    tables = {"good": (table(0.5), "handcrafted"), "<b>poor</b> & co": (table(3), "deep")}
    return vf.compare(
        tables, MOS, splits=4, bootstrap=20, protocol="both", regressors=["ridge", "svr-linear", "mean"]
    )


class Reader(HTMLParser):
    """Tags that are left open, and the text between."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_text_is_a_sentence_and_the_best_models(comparison: vf.Comparison) -> None:
    lines = repr(comparison).splitlines()
    assert lines[0] == (
        "Comparison of 2 table(s) and 3 regressor(s) on 40 videos, medians of 4 strict split(s) and "
        "4 literature split(s)"
    )
    assert len(lines) == 1 + 1 + MOST_LINES + 2
    best = comparison.summary.query("protocol == 'strict'").sort_values("srcc").iloc[-1]
    assert lines[2].split()[:3] == ["strict", "·", best["table"]]
    assert f"{best['srcc']:.3f}" in lines[2]
    assert lines[-2] == f"and {len(comparison.summary) - MOST_LINES} more model(s) in .summary"
    assert "about validity in .warnings" in lines[-1]
    assert max(map(len, lines)) < 120


def test_the_html_holds_every_model_and_warning_as_text(comparison: vf.Comparison) -> None:
    page = Reader(comparison._repr_html_())
    assert page.open == []
    assert page.seen == {"div", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "ul", "li"}
    words = set(page.words)
    assert {f"strict · {name}" for name in ("good", "<b>poor</b> & co")} <= words
    assert {f"{value:.3f}" for value in comparison.summary["srcc"]} <= words
    assert set(comparison.warnings) <= words


def test_no_colour_but_that_of_the_notebook_is_used(comparison: vf.Comparison) -> None:
    text = comparison._repr_html_()
    assert "color:" not in text.replace("border-color:", "")
    assert "#" not in text
    assert "script" not in text


def test_many_models_and_warnings_are_counted(comparison: vf.Comparison) -> None:
    many = pd.concat([comparison.summary] * 9, ignore_index=True)
    large = replace(comparison, summary=many, warnings=tuple(f"warning {k}" for k in range(99)))
    words = Reader(large._repr_html_()).words
    assert f"and {len(many) - MOST_MODELS} more model(s) in .summary" in words
    assert "and 79 more in .warnings" in words
    assert repr(large).endswith("99 warnings about validity in .warnings")


def test_names_that_act_in_a_terminal_are_written_out(comparison: vf.Comparison) -> None:
    named = comparison.summary.assign(table="a\x1b[31m\nb\u202e")
    shown = repr(replace(comparison, summary=named))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert r"a\x1B[31m\x0Ab" in shown


def test_a_comparison_without_models_can_be_shown() -> None:
    empty = pd.DataFrame()
    shown = vf.Comparison(empty, empty, empty, empty, {})
    assert repr(shown).startswith("Comparison without a model")
    assert Reader(shown._repr_html_()).open == []
