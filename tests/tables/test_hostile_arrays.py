"""NumPy and MATLAB 5 files from strangers: members, sizes, complex numbers, texts that are none."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from read_alone import read_alone

from vqa_features.errors import TableError
from vqa_features.tables.reading import read_table

MATRIX = np.arange(6.0).reshape(3, 2)


def npy(array: object, shape: object = None, dtype: str | None = None) -> bytes:
    """Return an array as .npy, whose header may lie."""
    stored = io.BytesIO()
    np.lib.format.write_array(stored, np.asanyarray(array), allow_pickle=True)
    content = stored.getvalue()
    if shape is None and dtype is None:
        return content
    array = np.asanyarray(array)
    header = repr({"descr": dtype or array.dtype.str, "fortran_order": False, "shape": shape or array.shape})
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + array.tobytes()


def zipped(file: Path, method: int = zipfile.ZIP_DEFLATED, **members: bytes) -> Path:
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name if "_npy" in name else f"{name}.npy", content)
    return file


class Opener:
    """Opens a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self.file), "w")


def without_check_sum(content: bytes) -> bytes:
    place = content.index(b"PK\x01\x02") + 16
    return content[:place] + b"\0\0\0\0" + content[place + 4 :]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"feats_mat": npy(MATRIX, (10**12, 2))}, "declares 2000000000000 values of float64"),
        ({"feats_mat": npy(MATRIX, (2**40, 2**40))}, "declares .* values of float64"),
        ({"feats_mat": npy(MATRIX, (10**9, 10**9), "<U0")}, "declares 1000000000000000000 values"),
        ({"feats_mat": npy(MATRIX, (1, 1), "<U500000000")}, "declares 1 values of <U500000000"),
        ({"feats_mat": npy(MATRIX, (0, 10**12))}, "feats_mat has no cells"),
        ({"feats_mat": npy(MATRIX, (-1, 2))}, "cannot be read as a feature table"),
        ({"feats_mat": npy(MATRIX, dtype="(" * 3000)}, "cannot be read as a feature table"),
        ({"feats_mat": npy(MATRIX, dtype="O")}, "Object arrays cannot be loaded"),
        ({"feats_mat": b"\x93NUMPY\x09\x00"}, "cannot be read as a feature table"),
        ({"feats_mat": b""}, "cannot be read as a feature table"),
        ({"feats_mat": npy(MATRIX), "id": npy(MATRIX[0])[:-4]}, "cannot be read as a feature table"),
        ({"feats_mat": npy(MATRIX), "x_npy": b"text"}, "its member 'x_npy' is no array"),
        ({"feats_mat": npy(MATRIX + 1j)}, "'feats_mat' holds complex numbers"),
        ({"feats_mat": npy(MATRIX), "id": npy(np.arange(3) + 1j)}, "'id' holds complex numbers"),
        ({"feats_mat": npy(MATRIX), "bitrate": npy(np.arange(3) + 1j)}, "'bitrate' holds complex numbers"),
        ({"feats_mat": npy(MATRIX), "feature_names": npy(np.ones(2) + 1j)}, "'feature_names' holds complex"),
        ({"feats_mat": npy(MATRIX), "id": npy(np.array(["a", "b", "\udc80"]))}, "'\\\\x80' holds half a"),
        ({"feats_mat": npy(MATRIX), "id": npy(np.array([b"a", b"\xff", b"c"]))}, "cannot be read"),
        ({"feats_mat": npy(MATRIX), "settings": npy("[" * 100000)}, "settings .* nested too deeply"),
        ({"feats_mat": npy(MATRIX), "settings": npy('{"a": NaN}')}, "it holds NaN, which is no JSON"),
        ({"feats_mat": npy(MATRIX), "settings": npy('{"a": -Infinity}')}, "it holds -Infinity"),
        ({"feats_mat": npy(MATRIX), "settings": npy('{"a": "\\ud800"}')}, "holds half a character"),
        ({"feats_mat": npy(MATRIX), "settings": npy('{"\\udfff": 1}')}, "holds half a character"),
        ({"feats_mat": npy(MATRIX), "settings": npy('{"a": 1, "a": 2}')}, "names 'a' twice"),
        ({"feats_mat": npy(MATRIX), "settings": npy('{"a": ' + "9" * 5000 + "}")}, "cannot be read"),
    ],
)
def test_a_bad_member_is_one_sentence(tmp_path: Path, members: dict[str, bytes], reason: str) -> None:
    file = zipped(tmp_path / "t.npz", **members)
    with pytest.raises(TableError, match=f"t.npz.*{reason}") as told:
        read_table(file)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without_check_sum, "Bad CRC-32"),
        (lambda content: content[:-30], "not a zip file"),
        (lambda content: content[: len(content) // 2], "not a zip file"),
        (lambda content: content.replace(b"PK\x03\x04", b"PK\x03\x05"), "cannot be read as a feature table"),
        (lambda content: content.replace(b"feats_mat.npyP", b"feats_mbt.npyP"), "cannot be read as"),
        (lambda content: b"", "cannot be read as a feature table"),
    ],
)
def test_a_damaged_archive_is_one_sentence(tmp_path: Path, change, reason: str) -> None:
    file = zipped(tmp_path / "t.npz", feats_mat=npy(MATRIX))
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(TableError, match=reason):
        read_table(file)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_numpy_does_not_write_is_refused(tmp_path: Path, method: int) -> None:
    with pytest.raises(TableError, match=r"'feats_mat\.npy' is packed or encrypted in a way NumPy does not"):
        read_table(zipped(tmp_path / "t.npz", method, feats_mat=npy(MATRIX)))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.npz", "w") as archive:
        archive.writestr("feats_mat.npy", npy(MATRIX))
        archive.writestr("feats_mat.npy", npy(MATRIX + 1))
    with pytest.raises(TableError, match="two of its members have one name"):
        read_table(tmp_path / "t.npz")


def test_a_pickle_in_an_array_is_not_loaded(tmp_path: Path) -> None:
    made = tmp_path / "made"
    content = npy(np.zeros(1), (1,), "|O")[:-8] + pickle.dumps([Opener(made)])
    with pytest.raises(TableError, match="Object arrays cannot be loaded"):
        read_table(zipped(tmp_path / "t.npz", feats_mat=npy(MATRIX), id=content))
    assert not made.exists()


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    """640 MiB of zeros in 640 kB, as ten members."""
    zeros = npy(np.zeros(8 << 20))
    file = zipped(tmp_path / "t.npz", feats_mat=npy(MATRIX), **{f"a{place}": zeros for place in range(10)})
    told, peak_mb = read_alone(file)
    assert "its arrays would take 67" in told
    assert peak_mb < 300


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"feats_mat": MATRIX + 1j}, "'feats_mat' holds complex numbers"),
        ({"feats_mat": MATRIX, "id": np.arange(3) + 1j}, "'id' holds complex numbers"),
        ({"feats_mat": MATRIX, "fps": np.arange(3) + 1j}, "'fps' holds complex numbers"),
        ({"feats_mat": MATRIX, "fps": np.array([1j, 2, 3], object)}, "complex numbers"),
        ({"feats_mat": MATRIX, "settings": "[" * 100000}, "nested too deeply"),
        ({"feats_mat": np.zeros((0, 5))}, "feats_mat has no cells"),
        ({"feats_mat": scipy.sparse.csc_matrix((10**6, 10**6))}, "sparse matrix 'feats_mat' has 1000000 x"),
    ],
)
def test_a_bad_variable_of_matlab_5_is_one_sentence(tmp_path: Path, arrays: dict, reason: str) -> None:
    scipy.io.savemat(tmp_path / "t.mat", arrays)
    with pytest.raises(TableError, match=f"t.mat.*{reason}"):
        read_table(tmp_path / "t.mat")


def test_a_bomb_of_matlab_5_takes_less_than_a_gigabyte(tmp_path: Path) -> None:
    """A matrix of 400 MiB of zeros in 400 kB."""
    scipy.io.savemat(tmp_path / "t.mat", {"feats_mat": np.zeros((1 << 20, 50))}, do_compression=True)
    told, peak_mb = read_alone(tmp_path / "t.mat")
    assert "reading it takes more than 5" in told
    assert peak_mb < 1000


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((1, 60 << 20), np.int8), "62914560 columns, at most 100000 are read"),
        (np.zeros((100 << 20, 1), np.int8), "its arrays would take 838860800 bytes"),
        (np.zeros((10 << 20, 1), "<U1"), "its arrays would take 1342177280 bytes"),
    ],
)
def test_cells_that_grow_when_they_become_a_table_are_counted(tmp_path: Path, array, reason: str) -> None:
    told, peak_mb = read_alone(zipped(tmp_path / "t.npz", feats_mat=npy(array)))
    assert reason in told
    assert peak_mb < 700


def test_structs_and_arrays_of_other_sizes_are_left_out(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "t.mat", {"feats_mat": MATRIX, "info": {"a": 1}, "other": np.ones(7)})
    assert read_table(tmp_path / "t.mat").shape == (3, 2)


def crashing(folder: Path) -> list[Path]:
    """Damaged MATLAB 5 files, some of which end scipy's reader by a signal."""
    stored = io.BytesIO()
    names = np.array([f"v{i}" for i in range(8)], dtype=object)
    scipy.io.savemat(stored, {"feats_mat": np.ones((8, 6)), "id": names, "s": {"a": 1}})
    content = stored.getvalue()
    files = []
    for place in range(128, len(content) - 4, 24):
        for value in (b"\xff\xff\xff\x7f", b"\x05\x00\x00\x80"):
            files.append(folder / f"{place}-{value.hex()}.mat")
            files[-1].write_bytes(content[:place] + value + content[place + 4 :])
    return files


def test_damaged_matlab_files_crash_no_program(tmp_path: Path) -> None:
    told = []
    for file in crashing(tmp_path):
        try:
            read_table(file)
        except TableError as error:
            told.append(str(error))
    assert any("it crashes the process that reads it (SIG" in text for text in told)
    assert all(text.count("\n") == 0 and ".mat" in text for text in told)
