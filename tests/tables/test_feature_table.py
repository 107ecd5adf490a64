"""Records of feature tables and labels, made from what a caller gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vqa_features.errors import ParameterError, TableError
from vqa_features.tables.feature_table import FeatureTable, feature_tables
from vqa_features.tables.labels import Labels

FRAME = pd.DataFrame({"siti.si.mean": [1.0, 2.0]}, index=["a", "b"])


def test_the_family_is_given_or_read_from_the_columns():
    found = feature_tables({"read": FRAME, "given": (FRAME, "deep")})
    assert [(table.name, table.family) for table in found] == [("read", "handcrafted"), ("given", "deep")]
    assert all(table.frame is FRAME for table in found)


def test_a_table_knows_its_file_and_whether_it_has_ids():
    table = FeatureTable.of("t", FRAME)
    assert table.has_ids
    assert table.file is None
    numbered = FRAME.reset_index(drop=True)
    numbered.attrs = {"without_ids": True, "source": "folder/t.mat"}
    table = FeatureTable.of("t", numbered)
    assert not table.has_ids
    assert str(table.file) == "folder/t.mat"


@pytest.mark.parametrize("given", [np.zeros(2), "t.parquet", (FRAME, "deep", 1), None])
def test_what_is_no_table_is_refused_by_name(given):
    with pytest.raises(ParameterError, match="table 't' must be a DataFrame"):
        feature_tables({"t": given})


def test_no_table_is_an_error():
    with pytest.raises(ParameterError, match="no feature table"):
        feature_tables({})


def test_labels_are_made_from_a_series_a_mapping_or_labels():
    series = pd.Series([1, 2], index=["v/a.mp4", "b"])
    labels = Labels.of(series)
    assert labels.mos.to_dict() == {"v/a.mp4": 1.0, "b": 2.0}
    assert Labels.of(series.to_dict()).mos.to_dict() == {"v/a.mp4": 1.0, "b": 2.0}
    assert Labels.of(labels) is labels


def test_given_groups_replace_those_of_the_labels():
    labels = Labels(pd.Series([1.0], index=["a"]), std=pd.Series([0.5], index=["a"]), source="mos.csv")
    found = Labels.of(labels, {"a.mp4": "street"})
    assert found.groups.to_dict() == {"a.mp4": "street"}
    assert found.std is labels.std
    assert found.source == "mos.csv"


def test_the_same_id_twice_in_the_labels_is_an_error():
    with pytest.raises(TableError, match="more than once"):
        Labels.of(pd.Series([1, 2], index=["a.mp4", "a.mp4"]))
