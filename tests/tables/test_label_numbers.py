"""Opinion scores of every type and decimal mark."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vqa_features.errors import TableError
from vqa_features.tables.labels import Labels, read_labels
from vqa_features.tables.numbers import as_texts, numbers


def test_three_digits_after_every_comma_need_a_semicolon_to_be_decimals(tmp_path):
    text = "id,mos\n" + "".join(f'v{i},"{i + 1},125"\n' for i in range(12))
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(TableError, match="the column 'mos' has '1,125' in row v0: digits in groups"):
        read_labels(tmp_path / "m.csv")
    lines = [line.replace('"', "").replace(",", ";", 1) for line in text.splitlines()]
    (tmp_path / "m.csv").write_text("\n".join(lines))
    np.testing.assert_array_equal(read_labels(tmp_path / "m.csv").mos, np.arange(12) + 1.125)


def test_a_column_with_both_marks_follows_the_more_frequent_one():
    def of(*cells):
        return numbers(as_texts(pd.Series(cells), "t"))

    np.testing.assert_array_equal(of("1.5", "2.5", "3,5").values, [1.5, 2.5, np.nan])
    np.testing.assert_array_equal(of("1,5", "2,5", "3.5").values, [1.5, 2.5, np.nan])
    np.testing.assert_array_equal(of("1,5", "2", "3").values, [1.5, 2, 3])
    assert of("1,5", "2,5", "1.234").grouped.tolist() == [False, False, True]


@pytest.mark.parametrize("dtype", ["float32", "float64", "Float64", "int8", "Int64", "object", "string"])
def test_labels_of_every_type_keep_their_value(dtype):
    given = pd.Series([1, 2, 3] if "nt" in dtype else [1.5, 2.25, 3.0625], index=["a", "b", "c"])
    labels = Labels.of(given.astype(dtype))
    assert labels.mos.to_dict() == given.astype(float).to_dict()
    assert (labels.mos.dtype, labels.notes) == (np.float64, ())
    narrow = pd.Series([np.float32(0.1), np.float32(3.4)], index=["a", "b"])
    for kind in ("float32", object):
        assert Labels.of(narrow.astype(kind)).mos.to_list() == [
            float(np.float32(0.1)),
            float(np.float32(3.4)),
        ]


@pytest.mark.parametrize("dtype", ["Int64", "Float32", "boolean"])
def test_nullable_labels_may_be_missing(dtype):
    labels = Labels.of(pd.Series([1, None], index=["a", "b"], dtype=dtype))
    np.testing.assert_array_equal(labels.mos, [1, np.nan])
