"""Labels and official splits from strangers: every number and text is checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.io

from vqa_features.datasets.loading import official_splits
from vqa_features.errors import ParameterError, TableError
from vqa_features.tables.labels import Labels, read_labels

COMPLEX = np.dtype([("real", "<f8"), ("imag", "<f8")])


def info(**changed: Any) -> dict[str, Any]:
    """Return the arrays of a VSFA-format file of five videos with some of them changed or left out."""
    names = np.array([f"v{place}.mp4" for place in range(5)], dtype=object)
    plain = {
        "scores": np.arange(5.0),
        "ref_ids": np.arange(1.0, 6),
        "video_names": names,
        "index": np.array([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1.0]]).T,
    }
    return {name: value for name, value in (plain | changed).items() if value is not None}


def test_the_plain_file_is_read(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "m.mat", info())
    assert read_labels(tmp_path / "m.mat", id_column="id", mos_column="mos").mos["v3.mp4"] == 3
    tested = [test.tolist() for _, test in official_splits(tmp_path / "m.mat")]
    assert tested == [["v4.mp4"], ["v0.mp4"]]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"scores": np.arange(5) + 1j}, "'scores' holds complex numbers"),
        ({"ref_ids": np.arange(5) + 1j}, "ref_ids is to hold whole numbers"),
        ({"ref_ids": np.array([1, 2, np.nan, 4, 5])}, "ref_ids is to hold whole numbers"),
        ({"ref_ids": np.array([1, 2, 2.5, 4, 5])}, "ref_ids is to hold whole numbers"),
        ({"ref_ids": np.array([1, 2, 1e300, 4, 5])}, "ref_ids is to hold whole numbers"),
        ({"ref_ids": None}, "it lacks ref_ids"),
        ({"scores": np.arange(4.0)}, "must be of the same length"),
        ({"video_names": np.array([1j, 2, 3, 4, 5], object)}, "'video_names' holds complex numbers"),
    ],
)
def test_bad_labels_are_one_sentence(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    scipy.io.savemat(tmp_path / "m.mat", info(**changed))
    for read in (read_labels, official_splits):
        with pytest.raises(TableError, match=rf"m\.mat cannot be read as .*{reason}"):
            read(tmp_path / "m.mat")


@pytest.mark.parametrize(
    ("index", "error", "reason"),
    [
        (None, TableError, "it lacks index"),
        (np.ones((5, 2)) * 1j, TableError, "index is to hold whole numbers"),
        (np.full((5, 2), np.nan), TableError, "index is to hold whole numbers"),
        (np.ones((5, 2)), ParameterError, "no permutations"),
        (np.ones((2, 2)), ParameterError, "does not permute 5 references"),
    ],
)
def test_bad_permutations_are_one_sentence(tmp_path: Path, index: Any, error: Any, reason: str) -> None:
    scipy.io.savemat(tmp_path / "m.mat", info(index=index))
    with pytest.raises(error, match=reason):
        official_splits(tmp_path / "m.mat")


@pytest.mark.parametrize("name", ["scores", "ref_ids"])
def test_complex_numbers_of_matlab_73_are_refused(tmp_path: Path, name: str) -> None:
    with h5py.File(tmp_path / "m.mat", "w") as file:
        cells = []
        for key, value in info().items():
            if key == "video_names":
                texts = [np.frombuffer(text.encode("utf-16-le"), np.uint16) for text in value]
                cells = [file.create_dataset(f"#refs#/{i}", data=text) for i, text in enumerate(texts)]
            else:
                file[key] = np.zeros(5, COMPLEX) if key == name else value
        names = np.array([cell.ref for cell in cells], h5py.ref_dtype)
        file.create_dataset("video_names", data=names, dtype=h5py.ref_dtype)
    with pytest.raises(TableError, match=f"{name}'? (holds complex|is to hold whole) numbers"):
        read_labels(tmp_path / "m.mat")


def test_complex_ids_and_opinions_of_a_frame_are_refused() -> None:
    for mos in (pd.Series([1.0], index=[1 + 2j]), pd.Series([np.complex64(1j)], index=["a"])):
        with pytest.raises(TableError, match="holds complex numbers"):
            Labels.of(mos)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"\x00" * 50, b'id,mos\n"a', b"id,mos\n" + b"a" * 200_000]
)
@pytest.mark.parametrize("ending", ["csv", "tsv", "txt", "mat", "parquet"])
def test_what_is_no_table_is_one_sentence(tmp_path: Path, content: bytes, ending: str) -> None:
    file = tmp_path / f"m.{ending}"
    file.write_bytes(content)
    with pytest.raises(TableError, match=r"m\.") as told:
        read_labels(file)
    assert "\n" not in str(told.value)
