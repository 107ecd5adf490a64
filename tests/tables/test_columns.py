"""Features are distinguished from metadata by name, and families by the extractors that the names tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vqa_features.tables.columns import extractor_names, family_of, feature_columns, split_families


def table(*names: str, **other: object) -> pd.DataFrame:
    frame = pd.DataFrame({name: [0.5, 1.5] for name in names})
    return frame.assign(**other)


def test_if_a_column_is_named_as_an_extractor_names_it_only_such_columns_are_features() -> None:
    found = feature_columns(table("siti.si.mean", "x", "mos", "seconds.siti", "seconds.a.b"))
    assert found.names == ["siti.si.mean"]
    assert found.metadata == ["x", "mos"]


def test_otherwise_all_numeric_columns_but_known_metadata_and_times_are_features() -> None:
    frame = table("x", "MOS", "Bitrate", "seconds.siti", "y", text=["a", "b"])
    found = feature_columns(frame)
    assert found.names == ["x", "y"]
    assert found.metadata == ["MOS", "Bitrate"]


def test_metadata_are_features_on_request_but_never_times_and_opinions() -> None:
    frame = table("siti.si.mean", "x", "video.width", "mos", "seconds.siti")
    assert feature_columns(frame, use_metadata=True) == (["siti.si.mean", "x", "video.width"], ["mos"])
    assert feature_columns(table("MOS", "x", "std"), use_metadata=True) == (["x"], ["MOS", "std"])
    assert feature_columns(table("video.fps", "video.width"), use_metadata=True).names == [
        "video.fps",
        "video.width",
    ]
    assert feature_columns(frame) == feature_columns(frame, use_metadata=False)


@pytest.mark.parametrize("kind", ["float64", "float32", "int64", "uint8", "bool"])
def test_numbers_of_every_kind_are_features(kind: str) -> None:
    frame = pd.DataFrame({"x": np.array([0, 1], dtype=kind)})
    assert feature_columns(frame).names == ["x"]


@pytest.mark.parametrize("values", [["a", "b"], pd.to_datetime(["2026-01-01", "2026-01-02"])])
def test_texts_and_dates_are_neither_features_nor_metadata(values: object) -> None:
    assert feature_columns(pd.DataFrame({"x": values})) == ([], [])


def test_numbered_columns_are_features() -> None:
    assert feature_columns(pd.DataFrame(np.eye(2))).names == [0, 1]


def test_extractors_are_listed_once_in_the_order_of_their_columns() -> None:
    frame = table("siti.ti.mean", "x", "brisque[scales=3].a.std", "siti.si.mean", "brisque.a.std")
    assert extractor_names(frame) == ["siti", "brisque"]
    assert extractor_names(table("x", "mos")) == []


@pytest.mark.parametrize(
    ("names", "family"),
    [
        (["siti.si.mean"], "handcrafted"),
        (["siti.si.mean", "brisque.a.mean"], "handcrafted"),
        (["r3d-18.e000.mean"], "deep"),
        (["hf:some/model.e000.mean"], "deep"),
        (["siti.si.mean", "hf:some/model.e000.mean"], "fusion"),
        (["mine.a.mean"], "unknown"),
        (["mine:x.a.mean"], "unknown"),
        (["hf.a.mean"], "unknown"),
        (["siti.si.mean", "mine.a.mean"], "unknown"),
        (["r3d-18.e000.mean", "siti.si.mean", "mine.a.mean"], "unknown"),
        (["x", "y"], "unknown"),
    ],
    ids=" ".join,
)
def test_the_family_is_that_of_all_extractors(names: list[str], family: str) -> None:
    assert family_of(table(*names)) == family


def test_a_table_splits_into_families_that_each_keep_the_other_columns() -> None:
    frame = table("status", "path", "siti.si.mean", "r3d-18.e000.mean", "mine.a.mean", "siti.ti.mean")
    parts = split_families(frame)
    assert {family: list(part.columns) for family, part in parts.items()} == {
        "handcrafted": ["status", "path", "siti.si.mean", "siti.ti.mean"],
        "deep": ["status", "path", "r3d-18.e000.mean"],
        "unknown": ["status", "path", "mine.a.mean"],
    }
    assert list(split_families(table("siti.si.mean"))["handcrafted"].columns) == ["siti.si.mean"]
