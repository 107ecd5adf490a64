"""Parquet and text tables from strangers: sizes, texts that are none, and the settings with them."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from read_alone import read_alone

from vqa_features.errors import TableError
from vqa_features.tables.labels import read_ids, read_labels
from vqa_features.tables.reading import read_table
from vqa_features.tables.writing import write_table

PLAIN = pd.DataFrame({"siti.si.mean": [1.0, 2.0]}, index=pd.Index(["a", "b"], name="id"))


def repeated_text(file: Path) -> None:
    """Stand for 10 GB: a text of 1 MB, and 10 000 rows that refer to it."""
    rows = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10_000, np.int32)), pa.array(["x" * (1 << 20)]))
    pq.write_table(pa.table({"id": rows}), file, store_schema=False, compression="zstd")


def repeated_number(file: Path) -> None:
    """Stand for 1.6 GB: 200 million zeros."""
    zeros = pa.table({"siti.si.mean": np.zeros(4_000_000)})
    with pq.ParquetWriter(file, zeros.schema, compression="zstd") as writer:
        for _ in range(50):
            writer.write_table(zeros)


def repeated_lists(file: Path) -> None:
    """Stand for 10 million empty lists, each an object of its own."""
    offsets = pa.array(np.zeros(10_000_001, np.int32))
    lists = pa.ListArray.from_arrays(offsets, pa.array([], pa.float64()))
    pq.write_table(pa.table({"id": lists}), file, compression="zstd")


@pytest.mark.parametrize("make", [repeated_text, repeated_number, repeated_lists])
def test_a_bomb_takes_less_than_a_gigabyte(tmp_path: Path, make) -> None:
    make(tmp_path / "t.parquet")
    assert (tmp_path / "t.parquet").stat().st_size < 1 << 20
    told, peak_mb = read_alone(tmp_path / "t.parquet")
    assert f"{tmp_path / 't.parquet'} cannot be read as a feature table: reading it takes more than 5" in told
    assert peak_mb < 1200


def stored(file: Path, table: pa.Table, metadata: dict[bytes, bytes]) -> Path:
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **metadata}), file)
    return file


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({b"vqa_features": b"[" * 100_000}, "its settings are to be JSON: it is nested too deeply"),
        ({b"vqa_features": b"\xff\xfe"}, "its settings are to be JSON"),
        ({b"vqa_features": b'{"a": NaN}'}, "it holds NaN, which is no JSON"),
        ({b"vqa_features": b'{"a": ["\\ud83d"]}'}, "holds half a character"),
        ({b"vqa_features": b'{"a": 1, "a": 2}'}, "it names 'a' twice"),
        ({b"pandas": b"[" * 100_000}, "cannot be read"),
        ({b"pandas": b"{}"}, "cannot be read"),
        ({b"pandas": b'{"index_columns": ["x"], "columns": [], "column_indexes": [1]}'}, "cannot be read"),
    ],
)
def test_bad_metadata_is_one_sentence(tmp_path: Path, metadata: dict[bytes, bytes], reason: str) -> None:
    file = stored(tmp_path / "t.parquet", pa.Table.from_pandas(PLAIN), metadata)
    with pytest.raises(TableError, match=f"t.parquet.*{reason}") as told:
        read_table(file)
    assert "\n" not in str(told.value)


def test_a_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    broken = pa.array([b"a", b"\xff\xff"]).view(pa.binary()).cast(pa.binary())
    texts = pa.Array.from_buffers(pa.string(), 2, broken.buffers())
    pq.write_table(pa.table({"id": texts, "siti.si.mean": [1.0, 2.0]}), tmp_path / "t.parquet")
    for read in (read_table, read_labels, lambda file: read_ids(file, "id")):
        with pytest.raises(TableError, match=r"t\.parquet cannot be read as a .*UTF"):
            read(tmp_path / "t.parquet")


def test_damaged_files_are_one_sentence_each(tmp_path: Path) -> None:
    content = write_table(PLAIN, tmp_path / "t.parquet").read_bytes()
    chance = random.Random(11)
    told = []
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(chance.choice([1, 4])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        (tmp_path / "t.parquet").write_bytes(damaged)
        for read in (read_table, read_labels):
            try:
                read(tmp_path / "t.parquet")
            except TableError as error:
                told.append(str(error))
    assert len(told) > 100
    assert not any("\n" in text for text in told)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_of_too_many_columns_is_refused(tmp_path: Path, ending: str) -> None:
    names = [f"c{number}" for number in range(100_001)]
    if ending == "csv":
        (tmp_path / "t.csv").write_text(",".join(names) + "\n" + ",".join(["1"] * len(names)) + "\n")
    else:
        pq.write_table(pa.table([pa.array([1])] * len(names), names), tmp_path / "t.parquet")
    with pytest.raises(TableError, match="has 100001 columns, at most 100000 are read"):
        read_table(tmp_path / f"t.{ending}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100_000, "nested too deeply"),
        ("{", "cannot be read as a table: its settings are to be JSON"),
        ('{"a": Infinity}', "it holds Infinity, which is no JSON"),
        ('{"a": "\\udc80"}', "holds half a character"),
        ('{"a": 1e999}', "not JSON compliant"),
        ("9" * 5000, "cannot be read"),
    ],
)
def test_bad_settings_beside_a_text_table_are_one_sentence(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "t.csv").write_text("id,siti.si.mean\na,1\n")
    (tmp_path / "t.csv.settings.json").write_text(text)
    with pytest.raises(TableError, match=rf"t\.csv\.settings\.json.*{reason}"):
        read_table(tmp_path / "t.csv")


def test_settings_without_end_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,siti.si.mean\na,1\n")
    with (tmp_path / "t.csv.settings.json").open("wb") as file:
        os.truncate(file.fileno(), 1 << 40)
    with pytest.raises(TableError, match="at most 67108864 are read"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_settings_that_json_does_not_have_are_not_written(tmp_path: Path, value: object) -> None:
    with pytest.raises(TableError, match="settings"):
        write_table(PLAIN, tmp_path / "t.csv", {"a": [value]})
    assert list(tmp_path.iterdir()) == []


def test_characters_beyond_the_first_plane_are_read_back(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,siti.si.mean\na,1\n")
    (tmp_path / "t.csv.settings.json").write_text(json.dumps({"a": "😀"}))  # as a pair of surrogates
    assert read_table(tmp_path / "t.csv").attrs["settings"] == {"a": "😀"}


@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "folder"])
def test_settings_beside_a_table_are_a_file_of_their_own(tmp_path: Path, kind: str) -> None:
    (tmp_path / "secret.json").write_text('{"token": "hunter2"}')
    table, beside = tmp_path / "t.csv", tmp_path / "t.csv.settings.json"
    table.write_text("id,siti.si.mean\na,1\n")
    if kind == "pipe":
        os.mkfifo(beside)
    elif kind == "folder":
        beside.mkdir()
    else:
        beside.symlink_to("secret.json" if kind == "link" else "missing.json")
    with pytest.raises(TableError, match=r"t\.csv\.settings\.json") as told:
        read_table(table)
    assert "hunter2" not in str(told.value)
