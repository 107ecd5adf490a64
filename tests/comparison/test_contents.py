"""Source contents: labels written in several ways, contents that are not used, groups of any size."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import compare
from vqa_features.comparison.checks import ValidityWarnings
from vqa_features.comparison.contents import check_contents, content_labels
from vqa_features.comparison.summary import Pooled, significance_of_pairs
from vqa_features.errors import TableError
from vqa_features.tables.label_columns import content_columns
from vqa_features.tables.labels import read_labels

QUICK = {"splits": 4, "regressors": ["ridge"], "bootstrap": 10}


@pytest.mark.parametrize(
    "other",
    ["street", " Street", "STREET\t", "Street ", "sTrEeT"],
    ids=["case", "blank", "tab", "nbsp", "mixed"],
)
def test_labels_of_one_content_count_as_one(other):
    notes = ValidityWarnings()
    found = content_labels(["Street", other, "park", "park"], notes)
    assert found.tolist() == ["Street", "Street", "park", "park"]
    (text,) = notes.all()
    assert text.startswith("1 group(s) are written in several ways and count as one: 'Street' = ")


def test_composed_and_decomposed_letters_are_one_content():
    assert len(set(content_labels(["caf\u00e9", "cafe\u0301"], ValidityWarnings()))) == 1


def test_labels_that_differ_are_kept_without_a_word():
    notes = ValidityWarnings()
    assert content_labels(["a1", "a 1", "01", "1", "a1"], notes).tolist() == ["a1", "a 1", "01", "1", "a1"]
    assert notes.all() == ()


def test_a_comparison_keeps_labels_of_one_content_together():
    tables, mos = made_up()
    groups = pd.Series([f"Game{i // 6}" if i % 2 else f" game{i // 6} " for i in range(60)], index=mos.index)
    found = compare({"t": tables["good"]}, mos, groups, **QUICK)
    assert found.settings["groups"] == 10
    assert any("10 group(s) are written in several ways" in text for text in found.warnings)
    for _, tested in found.predictions.groupby("split"):
        assert {int(name[4:]) // 6 for name in tested["id"]} == {
            int(name[4:]) // 6 for name in tested["id"] if int(name[4:]) % 2
        }
        assert len(tested) == 12


def test_an_empty_label_is_no_content():
    tables, mos = made_up()
    groups = pd.Series(["a"] * 20 + [" "] * 3 + ["b"] * 37, index=mos.index)
    with pytest.raises(TableError, match=r"3 video\(s\) have no value in groups: clip020"):
        compare({"t": tables["good"]}, mos, groups, **QUICK)


@pytest.mark.parametrize(("size", "warned"), [(20, False), (21, True), (59, True)])
def test_a_giant_group_is_warned_of(size, warned):
    notes = ValidityWarnings()
    check_contents(np.array(["big"] * size + [f"g{i // 2}" for i in range(60 - size)]), notes)
    assert any(f"'big', holds {size} of 60 videos" in text for text in notes.all()) == warned


def test_groups_of_one_video_are_warned_of():
    notes = ValidityWarnings()
    check_contents(np.arange(60), notes)
    assert notes.all() == ("every video is a group of its own: the groups keep nothing apart",)
    check_contents(None, notes)
    check_contents(np.arange(60) // 2, notes)
    assert len(notes.all()) == 1


def test_a_comparison_warns_of_a_giant_group():
    tables, mos = made_up()
    groups = pd.Series(["all"] * 40 + [f"g{i // 2}" for i in range(20)], index=mos.index)
    assert any(
        "holds 40 of 60" in text for text in compare({"t": tables["good"]}, mos, groups, **QUICK).warnings
    )


NAMED = ["scene", "Ref", "ref_video", "source_name", "GameTitle", "video_content", "SRC", "original", "seqId"]
OTHER = ["codec", "ref_fps", "source_width", "split", "distortion_type", "video.path", "brisque.scene.mean"]


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("kind", [str, int])
def test_a_column_named_like_contents_is_found(name, kind):
    frame = pd.DataFrame({name: [kind(i // 4) for i in range(40)]})
    assert content_columns(frame) == [name]
    assert content_columns(frame, [name]) == []


@pytest.mark.parametrize("name", OTHER)
def test_a_column_named_otherwise_is_not(name):
    assert content_columns(pd.DataFrame({name: [f"x{i // 4}" for i in range(40)]})) == []


def test_texts_that_repeat_look_like_contents():
    texts = pd.DataFrame(
        {
            "played": [f"game {i // 4}" for i in range(40)],
            "note": [f"remark {i}" for i in range(40)],
            "condition": ["low", "high"] * 20,
            "number": [i // 4 for i in range(40)],
            "digits": [str(i // 4) for i in range(40)],
        }
    )
    assert content_columns(texts) == ["played"]


def test_unused_contents_of_a_mos_file_and_of_a_table_are_named(tmp_path):
    tables, mos = made_up()
    frame = tables["good"][0].assign(GameTitle=[f"game {i // 6}" for i in range(60)])
    file = tmp_path / "mos.csv"
    pd.DataFrame(
        {"id": mos.index, "mos": mos.to_numpy(), "ref_video": [f"r{i // 6}" for i in range(60)]}
    ).to_csv(file, index=False)
    texts = compare({"t": (frame, "deep")}, read_labels(file), **QUICK).warnings
    assert any("'ref_video' may hold the source content" in text for text in texts)
    assert any(text.startswith("t: the column 'GameTitle' may hold the source content") for text in texts)
    groups = pd.Series([f"game {i // 6}" for i in range(60)], index=mos.index)
    assert not any(
        "may hold" in text for text in compare({"t": (frame, "deep")}, mos, groups, **QUICK).warnings
    )


def test_equivalence_is_corrected_for_the_number_of_pairs():
    """Models at a true difference of the margin are not equivalent: each pair found so is an error."""
    random = np.random.default_rng(0)
    wrong = uncorrected = 0
    for _ in range(60):
        levels = np.arange(10) % 2 * 0.01
        scores = pd.DataFrame(
            [
                {
                    "protocol": "strict",
                    "split": split,
                    "table": f"t{model}",
                    "regressor": "ridge",
                    "srcc": 0.7 + level + random.normal(0, 0.004),
                    "n_test": 1,
                    "n_train": 10**9,
                }
                for split, (model, level) in itertools.product(range(20), enumerate(levels))
            ]
        )
        models = [(f"t{model}", "ridge") for model in range(10)]
        pooled = Pooled(dict.fromkeys(models, 0.7), dict.fromkeys(models, np.zeros(2)))
        found = significance_of_pairs(scores, pooled, margin=0.01)
        apart = found["table_a"].str[1:].astype(int) % 2 != found["table_b"].str[1:].astype(int) % 2
        assert (found["p_equivalence_holm"] >= found["p_equivalence"]).all()
        assert (found["equivalent"] == (found["p_equivalence_holm"] < 0.05)).all()
        wrong += bool(found.loc[apart, "equivalent"].any())
        uncorrected += bool((found.loc[apart, "p_equivalence"] < 0.05).any())
    assert wrong / 60 <= 0.12 < 0.4 < uncorrected / 60
