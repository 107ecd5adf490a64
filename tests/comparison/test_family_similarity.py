"""Similarity of feature tables over the videos they share, and what is told about them."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from vqa_features.comparison.notices import ValidityNotice, notices_of
from vqa_features.comparison.similarity import family_similarity
from vqa_features.errors import ParameterError, TableError
from vqa_features.evaluation.similarity import linear_cka


def made(rows=60, seed=0):
    random = np.random.default_rng(seed)
    ids = [f"v{row:02d}" for row in range(rows)]
    base = random.normal(size=(rows, 5))
    columns = {"a": base, "b": base + random.normal(size=(rows, 5)), "c": random.normal(size=(rows, 8))}
    return {name: (pd.DataFrame(one, ids).add_prefix("f"), "deep") for name, one in columns.items()}


def quiet(tables):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)
        return family_similarity(tables)


def test_every_pair_has_the_cka_of_its_columns_whatever_the_order_of_rows():
    tables = made()
    shuffled = {
        name: (frame.sample(frac=1, random_state=3), family) for name, (frame, family) in tables.items()
    }
    found = family_similarity(shuffled)
    assert notices_of(found) == ()
    assert found[["table_a", "table_b"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    for row in found.to_dict("records"):
        one, other = tables[row["table_a"]][0], tables[row["table_b"]][0]
        assert row["cka"] == pytest.approx(linear_cka(one, other))
        assert row["cka_biased"] == pytest.approx(linear_cka(one, other, debiased=False))
    assert found["cka"][0] > 0.3 > abs(found["cka"][1])


def test_only_common_videos_count_and_are_told():
    tables = made()
    part = tables["b"][0].iloc[10:].rename(lambda name: f"/data/{name}.mp4")
    found = quiet({"a": tables["a"], "b": (part, "deep")})
    assert found["videos"].item() == 50
    assert found["cka"].item() == pytest.approx(linear_cka(tables["a"][0][10:], tables["b"][0][10:]))
    assert notices_of(found) == ("a and b are compared on the 50 videos that both have",)


def test_failed_rows_are_left_out_and_missing_cells_replaced_and_both_told():
    tables = made()
    frame = tables["a"][0].copy()
    frame.iloc[0] = 1e6
    frame.iloc[3, 2] = np.nan
    frame.iloc[4, 1] = np.inf
    frame["f9"] = np.nan
    frame["status"] = ["failed(decode)"] + ["ok"] * 59
    with pytest.warns(ValidityNotice):
        found = family_similarity({"a": (frame, "deep"), "b": tables["b"]})
    text = " | ".join(notices_of(found))
    assert "1 video(s) were not extracted in full and are left out: v00" in text
    assert "2 missing cell(s) are replaced" in text
    clean = tables["a"][0].iloc[1:].copy()
    clean.iloc[2, 2] = clean.drop("v03")["f2"].mean()
    clean.iloc[3, 1] = clean.drop("v04")["f1"].mean()
    assert found["cka"].item() == pytest.approx(linear_cka(clean, tables["b"][0][1:]))


def test_what_cannot_be_compared_is_one_sentence():
    tables = made()
    with pytest.raises(ParameterError, match="at least two tables, got 1"):
        family_similarity({"a": tables["a"]})
    other = tables["b"][0].rename(lambda name: f"x{name}")
    with pytest.raises(TableError, match="a and b have 0 videos in common, 10 are needed"):
        family_similarity({"a": tables["a"], "b": (other, "deep")})
