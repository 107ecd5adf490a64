"""Warnings folded, paths shortened, settings in words: nothing is lost, and less has to be read."""

from __future__ import annotations

import pytest

from vqa_features.report.messages import (
    MOST_ALIKE,
    MOST_FOLDED,
    Piece,
    folded,
    pieces_of,
    warnings_context,
)
from vqa_features.report.settings_words import LABELS, command_line_of, settings_in_words


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("/home/me/tables/konvid.csv", "…/konvid.csv"),
        ("/data/a b.csv".replace(" ", "_"), "…/a_b.csv"),
        ("~/videos/set/clip.mp4", "…/clip.mp4"),
        ("../runs/1/scores.csv", "…/scores.csv"),
        (r"C:\videos\set\clip.mp4", "…/clip.mp4"),
        ("results/of/a/long/series/of/experiments/scores.csv", "…/scores.csv"),
    ],
)
def test_long_paths_are_cut_and_kept_whole_beside(path: str, short: str) -> None:
    assert pieces_of(f"{path} has 3 rows.") == [Piece(short, path), Piece(" has 3 rows.")]
    assert pieces_of(f"see {path}.") == [Piece("see "), Piece(short, path), Piece(".")]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "train/val/test",
            "features.csv",
            "runs/features.csv",
            "hf:facebook/vjepa2",
            "10/12 videos",
            "and/or",
        ),
        *("https://github.com/vztu/VIDEVAL/blob/master/README.md", "±/-", "", "/", "//", "a: b, c; d"),
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert "".join(piece.text for piece in pieces_of(text)) == text
    assert not any(piece.whole for piece in pieces_of(text))


def plain(pieces: list[Piece]) -> str:
    return "".join(piece.whole or piece.text for piece in pieces)


def test_warnings_that_differ_in_names_numbers_and_files_are_one() -> None:
    given = [
        "videval: 3 cells are replaced",
        "the labels are sorted",
        "paq2piq: 1,204 cells are replaced",
        "/data/x/a.csv has no ids",
        "'clip 1' is there twice",
        "/data/y/b.csv has no ids",
        "'clip 2' is there twice",
    ]
    found = folded(given, {"videval", "paq2piq"})
    assert [(plain(one.first), one.number) for one in found] == [
        ("videval: 3 cells are replaced", 2),
        ("the labels are sorted", 1),
        ("/data/x/a.csv has no ids", 2),
        ("'clip 1' is there twice", 2),
    ]
    assert [plain(text) for one in found for text in one.others] == [given[2], given[5], given[6]]
    assert len(folded(given)) == 5  # names that are not known tell warnings apart


def test_no_warning_is_lost_and_equal_ones_are_counted() -> None:
    given = [f"table {k}: damaged" for k in range(50)] + ["equal"] * 7
    numbered, equal = folded(given)
    assert (numbered.number, len(numbered.others), numbered.unlisted) == (50, MOST_ALIKE, 49 - MOST_ALIKE)
    assert (equal.number, equal.others, equal.unlisted) == (7, [], 0)


def test_a_page_holds_a_limited_number_of_kinds_and_says_how_many_are_left_out() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    context = warnings_context([f"{one}{two}" for one in letters for two in letters])
    assert len(context["warnings"]) == MOST_FOLDED
    assert context["kinds_left_out"] == 26 * 26 - MOST_FOLDED
    assert context["warning_count"] == 26 * 26


def words(settings: dict[str, object]) -> dict[str, str]:
    return {one.label: plain(one.value) or one.nested for one in settings_in_words(settings)}


def test_settings_are_told_in_words() -> None:
    told = words(
        {
            **{"use_metadata": False, "fusion": True, "test_size": 0.25, "scheme": "holdout", "trusted": []},
            **{"search": None, "mos": "/data/labels/konvid.csv", "regressors": ["ridge", "mean"], "seed": 3},
            **{"searched": {"strict": {"ridge": "full"}}, "versions": {"numpy": "2.4"}, "own": "x"},
        }
    )
    assert told == {
        "Metadata used as features": "no",
        "Fusion of the tables": "yes",
        "Share of the test part": "25 %",
        "Kind of random splits": "random hold-out",
        "Columns taken as features by hand": "none",
        "Search asked for": "the usual one of the protocol",
        "File of the opinion scores": "/data/labels/konvid.csv",
        "Regressors": "ridge, mean",
        "Seed": "3",
        "Searches that were made": "strict: ridge full",
        "Versions": "numpy 2.4",
        "own": "x",
    }


def test_every_setting_of_a_comparison_has_a_label(tmp_path) -> None:
    import numpy as np
    import pandas as pd

    from vqa_features.comparison import compare

    mos = pd.Series(np.random.default_rng(0).normal(size=40), index=[f"v{k}" for k in range(40)])
    table = pd.DataFrame({"f": mos + np.random.default_rng(1).normal(size=40), "g": 1 - mos**2})
    found = compare({"t": table}, mos, splits=2, regressors=["ridge"])
    assert set(found.settings) <= set(LABELS)


def test_long_settings_are_unfolded_and_come_last() -> None:
    told = settings_in_words({"recipes": {str(k): {"grid": list(range(20))} for k in range(9)}, "seed": 1})
    assert [one.label for one in told] == ["Seed", "Regressors in detail"]
    assert '"grid"' in told[1].nested


def test_the_command_line_stands_apart() -> None:
    settings = {"command_line": "vqa-features compare -o out", "seed": 0}
    assert command_line_of(settings) == "vqa-features compare -o out"
    assert words(settings) == {"Seed": "0"}
    assert command_line_of({"command_line": 3}) == command_line_of({}) == ""
