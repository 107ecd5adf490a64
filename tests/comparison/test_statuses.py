"""Rows left out by their status, whatever words another program used."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vqa_features.comparison.ablation import ablation_tables
from vqa_features.comparison.checks import ValidityWarnings
from vqa_features.comparison.preparation import prepare
from vqa_features.errors import TableError
from vqa_features.tables.feature_table import feature_tables
from vqa_features.tables.labels import Labels

IDS = [f"clip{number:02}" for number in range(60)]
MOS = pd.Series(np.random.default_rng(0).uniform(1, 5, 60), IDS)


def with_status(words: list[object], column: str = "status") -> pd.DataFrame:
    values = np.random.default_rng(1).normal(size=(60, 2))
    return pd.DataFrame(values, IDS, ["siti.a.mean", "siti.b.mean"]).assign(
        **{column: [*words, *["ok"] * (60 - len(words))]}
    )


def kept(table: pd.DataFrame) -> tuple[list[str], tuple[str, ...]]:
    warnings = ValidityWarnings()
    found = prepare(feature_tables({"a": table}), Labels(MOS), warnings)
    return found.videos.ids, warnings.all()


@pytest.mark.parametrize(
    "word",
    [
        "error",
        "timeout",
        "Partial",
        "PARTIAL ",
        "FAILED",
        "Failed(decode)",
        "crashed",
        "killed",
        "skipped",
        "0",
    ],
)
def test_any_word_but_a_usable_one_counts_as_failed(word):
    ids, notes = kept(with_status([word]))
    assert ids == IDS[1:]
    assert notes[0] == f"a: 1 video(s) were not extracted in full and are left out: clip00 ({word})"


@pytest.mark.parametrize("word", ["OK", " ok ", "done", "Success", "completed", "incomplete"])
def test_usable_words_are_kept_in_any_case(word):
    assert kept(with_status([word])) == (IDS, ())


def test_the_name_of_the_column_may_be_in_any_case():
    assert kept(with_status(["error"], "Status"))[0] == IDS[1:]


@pytest.mark.parametrize("absent", [None, np.nan, ""])
def test_a_row_without_a_status_is_used_and_told(absent):
    ids, notes = kept(with_status([absent]))
    assert ids == IDS
    assert notes == ("a: 1 video(s) have no status but are used: clip00",)


@pytest.mark.parametrize("words", [["published"] * 60, ["error", "timeout"] * 30, [200] * 60])
def test_a_table_of_which_no_row_is_left_is_refused_with_its_words(words):
    with pytest.raises(TableError, match=rf"no video was extracted in full: clip00 \({words[0]}\).*usable:"):
        kept(with_status(words))


def test_an_ablation_leaves_failed_videos_out_too():
    table = with_status(["error"]).rename(columns={"siti.b.mean": "brisque.b.mean"})
    for part in ablation_tables(table).values():
        assert kept(part)[0] == IDS[1:]
