"""Cells that are no numbers: missing and counted, or refused by column and row; no column is lost."""

from __future__ import annotations

import datetime
import decimal

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.io

from vqa_features.comparison.ablation import ablation_tables
from vqa_features.comparison.checks import ValidityWarnings
from vqa_features.comparison.preparation import prepare
from vqa_features.errors import TableError
from vqa_features.tables.columns import feature_columns
from vqa_features.tables.feature_table import FeatureTable
from vqa_features.tables.labels import Labels, read_labels
from vqa_features.tables.reading import read_table

F0 = "siti.si.mean"
IDS = [f"v{row}" for row in range(12)]
VALUES = np.arange(12.0) + 0.25


def frame(**columns) -> pd.DataFrame:
    made = {F0: VALUES, "siti.ti.mean": np.sin(VALUES), **columns}
    return pd.DataFrame(made, index=pd.Index(IDS, name="id"))


def with_cell(cell, name=F0) -> pd.DataFrame:
    table = frame().rename(columns={F0: name}).astype(object)
    table.loc["v7", name] = cell
    return table


def stored(table, folder, ending):
    file = folder / f"t.{ending}"
    if ending == "csv":
        table.to_csv(file)
    else:
        table.astype(str).to_parquet(file)
    return read_table(file)


@pytest.mark.parametrize("name", [F0, "f0"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize(
    "cell", ["-", "1.#QNAN", "-1.#IND", "n/a", "error", "0,5", "#DIV/0!", "?", "1.5.2", "0x1F", "12 s", "--"]
)
def test_a_cell_that_is_no_number_is_missing_and_told(tmp_path, cell, ending, name):
    table = stored(with_cell(cell, name), tmp_path, ending)
    expected = np.where(np.arange(12) == 7, np.nan, VALUES)
    np.testing.assert_array_equal(table[name], expected)
    told = f"1 cell(s) are no numbers and count as missing: 1 in {name!r} (first {cell!r} in row v7)"
    assert table.attrs["notes"] == [told]
    assert FeatureTable.of("t", table).notes == (told,)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("cell", ["", "NaN", "nan", "NA", "null", "None", "<NA>", "  "])
def test_a_missing_cell_needs_no_word(tmp_path, cell, ending):
    table = stored(with_cell(cell), tmp_path, ending)
    np.testing.assert_array_equal(table[F0], np.where(np.arange(12) == 7, np.nan, VALUES))
    assert table.attrs["notes"] == []


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (" 1.5 ", 1.5),
        ("\u00a01.5", 1.5),
        ("+2", 2.0),
        ("−3.5", -3.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1E+05", 1e5),
        ("1.234", 1.234),
        ("Inf", np.inf),
        ("-Infinity", -np.inf),
        ("1.#INF", np.inf),
        ("-1.#INF", -np.inf),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_number_is_read_however_it_is_written(tmp_path, cell, value, ending):
    table = stored(with_cell(cell), tmp_path, ending)
    assert table.loc["v7", F0] == value
    assert table[F0].notna().all()
    assert table.attrs["notes"] == []
    (note,) = FeatureTable.of("t", table).notes or ("",)
    assert note.startswith("1 cell(s) are infinite and count as missing: 1 in") == np.isinf(value)


@pytest.mark.parametrize("cell", ["1 234,5", "1.234,5", "1,234.5", "1,234", "1_000", "1'000", "12.345.678"])
@pytest.mark.parametrize("name", [F0, "f0"])
def test_digits_in_groups_are_refused_by_column_and_row(tmp_path, cell, name):
    with_cell(cell, name).to_csv(tmp_path / "t.csv")
    with pytest.raises(
        TableError, match=rf"t\.csv: the column '{name}' has .{cell}. in row v7: digits in groups"
    ):
        read_table(tmp_path / "t.csv")
    with pytest.raises(TableError, match=r"t: the column .* in row v7: digits in groups"):
        FeatureTable.of("t", with_cell(cell, name))


def comma(values) -> list[str]:
    return [f"{value:.2f}".replace(".", ",") for value in values]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_decimal_commas_are_recognised_and_told(tmp_path, mark):
    table = frame().apply(comma)
    table.loc["v3", F0], table.loc["v4", F0] = "-", "7"
    table.to_csv(tmp_path / "t.csv", sep=mark)
    found = read_table(tmp_path / "t.csv")
    expected = VALUES.copy()
    expected[3:5] = np.nan, 7
    np.testing.assert_array_equal(found[F0], expected)
    np.testing.assert_allclose(found["siti.ti.mean"], np.sin(VALUES), atol=0.0051)
    assert f"2 column(s) have decimal commas: {F0}, siti.ti.mean" in found.attrs["notes"]
    table.rename(columns={F0: "mos"})[["mos"]].to_csv(tmp_path / "m.csv", sep=mark)
    labels = read_labels(tmp_path / "m.csv")
    np.testing.assert_array_equal(labels.mos, expected)
    assert "the column 'mos' has decimal commas" in labels.notes


@pytest.mark.parametrize(
    "column",
    [
        pd.array(VALUES, "Float64"),
        pd.array([*VALUES[:7], None, *VALUES[8:]], "Float64"),
        [decimal.Decimal(str(value)) for value in VALUES],
        pd.Categorical(VALUES),
        pd.Categorical([str(value) for value in VALUES]),
        [*VALUES[:7], None, *VALUES[8:]],
        [*VALUES[:7], "-", *VALUES[8:]],
        [str(value).encode() for value in VALUES],
        pd.arrays.SparseArray(VALUES),
        pd.array(VALUES, pd.ArrowDtype(pa.float64())),
        pd.array([decimal.Decimal(str(v)) for v in VALUES], pd.ArrowDtype(pa.decimal128(6, 2))),
        np.array(VALUES, dtype=np.float16),
        [np.float32(value) for value in VALUES],
    ],
    ids=lambda column: str(getattr(column, "dtype", type(column[7]).__name__)),
)
@pytest.mark.parametrize("name", [F0, "f0"])
def test_columns_of_every_type_stay_features(column, name):
    table = frame().rename(columns={F0: name}).assign(**{name: pd.Series(column, index=IDS)})
    found = FeatureTable.of("t", table)
    assert feature_columns(found.frame).names == [name, "siti.ti.mean"] if name == F0 else True
    values = found.frame[name].to_numpy(dtype=np.float64)
    kept = np.isfinite(values)
    np.testing.assert_array_equal(values[kept], VALUES[kept])
    assert kept.sum() >= 11


def test_decimals_and_nullable_types_of_parquet_files_are_numbers(tmp_path):
    table = pa.table(
        {
            "id": IDS,
            F0: pa.array([decimal.Decimal(f"{v:.2f}") for v in VALUES], pa.decimal128(12, 2)),
            "siti.ti.mean": pa.array([None, *range(11)], pa.int32()),
            "brisque.score.mean": pa.array([True, False] * 6),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    found = read_table(tmp_path / "t.parquet")
    assert len(feature_columns(found).names) == 3
    np.testing.assert_array_equal(found[F0], VALUES)
    np.testing.assert_array_equal(found["siti.ti.mean"], [np.nan, *range(11)])
    np.testing.assert_array_equal(found["brisque.score.mean"], [1, 0] * 6)


@pytest.mark.parametrize("dtype", [np.complex128, object])
@pytest.mark.parametrize("name", [F0, "f0"])
def test_complex_columns_are_refused_by_name(dtype, name):
    column = pd.Series(VALUES + 1j, index=IDS).astype(dtype)
    with pytest.raises(TableError, match=f"t: the column '{name}' holds complex numbers"):
        FeatureTable.of("t", frame().rename(columns={F0: name}).assign(**{name: column}))


@pytest.mark.parametrize("key", ["feats_mat", "x"])
def test_complex_matrices_are_refused_by_name(tmp_path, key):
    matrix = np.ones((12, 3)) * (1 + 2j)
    np.savez(tmp_path / "t.npz", **{key: matrix})
    scipy.io.savemat(tmp_path / "t.mat", {key: matrix})
    with h5py.File(tmp_path / "v73.mat", "w") as file:
        pair = np.zeros((3, 12), dtype=[("real", "f8"), ("imag", "f8")])
        file[key] = pair
    for file in ("t.npz", "t.mat", "v73.mat"):
        with pytest.raises(TableError, match=f"'{key}' holds complex numbers"):
            read_table(tmp_path / file)


def test_text_in_a_matrix_is_missing_and_told(tmp_path):
    cells = VALUES.reshape(4, 3).astype(object)
    cells[1, 2] = "n/a"
    scipy.io.savemat(tmp_path / "t.mat", {"feats_mat": cells})
    np.savez(tmp_path / "t.npz", feats_mat=cells.astype(str))
    for file in ("t.mat", "t.npz"):
        found = read_table(tmp_path / file)
        assert found.attrs["notes"] == [
            "1 cell(s) are no numbers and count as missing: 1 in 'feature_0002' (first 'n/a' in row 2)"
        ]
        assert np.isnan(found.iloc[1, 2])
        assert found.notna().sum().sum() == 11


def test_a_sparse_matrix_is_read(tmp_path):
    values = np.eye(4)[:, :3]
    scipy.io.savemat(tmp_path / "t.mat", {"feats_mat": scipy.sparse.csc_matrix(values)})
    np.testing.assert_array_equal(read_table(tmp_path / "t.mat"), values)


def test_columns_of_text_are_named_and_no_feature(tmp_path):
    dates = pd.date_range("2020-01-01", periods=12)
    table = frame(codec="h264", day=dates, mixed=["x"] * 6 + ["1"] * 6, status="ok", path=IDS)
    told = "3 column(s) hold text and are no features: codec, day, mixed"
    assert FeatureTable.of("t", table).notes == (told,)
    for ending in ("csv", "parquet"):
        file = tmp_path / f"t.{ending}"
        table.to_csv(file) if ending == "csv" else table.to_parquet(file)
        found = read_table(file)
        assert found.attrs["notes"] == [told]
        assert feature_columns(found).names == [F0, "siti.ti.mean"]
        assert list(found["mixed"]) == list(table["mixed"])


def test_a_feature_column_of_text_only_is_missing_and_told_and_stays():
    for column in ("error", datetime.date(2020, 1, 1)):
        found = FeatureTable.of("t", frame(**{"brisque.score.mean": column}))
        assert found.frame["brisque.score.mean"].isna().all()
        assert len(feature_columns(found.frame).names) == 3
        assert found.notes[0].startswith("12 cell(s) are no numbers and count as missing: 12 in 'brisque")


def test_true_and_false_are_one_and_zero(tmp_path):
    table = frame(**{"brisque.score.mean": [True, False] * 6})
    table.to_csv(tmp_path / "t.csv")
    np.testing.assert_array_equal(read_table(tmp_path / "t.csv")["brisque.score.mean"], [1, 0] * 6)
    np.testing.assert_array_equal(FeatureTable.of("t", table).frame["brisque.score.mean"], [1, 0] * 6)


def test_metadata_of_few_numbers_are_told_and_used_only_on_request(tmp_path):
    table = frame(bitdepth=["8"] * 10 + ["N/A", "10"], bitrate="1,234,567", width="1920")
    table.to_csv(tmp_path / "t.csv")
    found = read_table(tmp_path / "t.csv")
    assert list(feature_columns(found).metadata) == ["bitdepth", "width"]
    assert found["width"].dtype == np.int64
    assert found.attrs["notes"] == [
        "1 cell(s) are no numbers and count as missing: 1 in 'bitdepth' (first 'N/A' in row v10)",
        "1 column(s) hold text and are no features: bitrate",
    ]


def test_many_bad_columns_are_told_in_one_sentence():
    columns = {f"siti.x{i}.mean": [*VALUES[:11], "bad"] for i in range(9)}
    (note,) = FeatureTable.of("t", frame(**columns)).notes
    assert note.startswith("9 cell(s) are no numbers and count as missing: 1 in 'siti.x0.mean' (first 'bad'")
    assert note.endswith("and 4 more")


def test_the_same_name_twice_is_refused():
    table = frame()
    with pytest.raises(TableError, match=rf"t: 1 name\(s\) of columns occur more than once: {F0}"):
        FeatureTable.of("t", pd.concat([table, table[[F0]]], axis=1))


def test_a_plain_table_is_not_copied():
    table = frame(status="ok")
    assert FeatureTable.of("t", table).frame is table


def test_what_is_told_reaches_the_comparison():
    labels = Labels.of(dict(zip(IDS, [*np.cos(VALUES[:11]), "n/a"], strict=True)))
    warnings = ValidityWarnings()
    (block,), videos = prepare([FeatureTable.of("t", with_cell("-"))], labels, warnings)
    assert len(videos.ids) == 11
    assert np.isnan(block.values).sum() == 1
    assert warnings.all()[:3] == (
        "the MOS: 1 cell(s) are no numbers and count as missing: 1 in 'mos' (first 'n/a' in row v11)",
        "1 video(s) have no MOS and are left out",
        f"t: 1 cell(s) are no numbers and count as missing: 1 in {F0!r} (first '-' in row v7)",
    )


def test_ablation_keeps_columns_of_objects_and_what_is_told():
    tables = ablation_tables(with_cell("-"), {"si": [F0], "ti": ["siti.ti.mean"]})
    assert list(tables["all"].columns) == [F0, "siti.ti.mean"]
    assert "no numbers" in FeatureTable.of("all", tables["all"]).notes[0]
