"""MATLAB v7.3 files from strangers: no other file is opened, and what they declare is not believed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from opened_files import opened_names

from vqa_features.errors import TableError
from vqa_features.processes.limits import no_other_file
from vqa_features.tables.hdf5 import UnsafeDataset, arrays_of
from vqa_features.tables.reading import read_table

SECRET = b"SECRET-7319-0001-PASS-WORD"
SHAPE = (2, 13)
LARGE = (10**5, 10**5)
Maker = Callable[[h5py.File, Path], None]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder with a file of bytes, and the same bytes in an HDF5 file."""
    folder = tmp_path / "secret"
    folder.mkdir()
    (folder / "key").write_bytes(SECRET)
    with h5py.File(folder / "key.h5", "w") as file:
        file["x"] = np.frombuffer(SECRET, np.uint8).reshape(SHAPE)
    return folder


def external_storage(file: h5py.File, secret: Path, name: str = "feats_mat") -> h5py.Dataset:
    stored = [(str(secret / "key"), 0, len(SECRET))]
    return file.create_dataset(name, SHAPE, "u1", external=stored)


def virtual(file: h5py.File, secret: Path, name: str = "feats_mat") -> h5py.Dataset:
    layout = h5py.VirtualLayout(SHAPE, "u1")
    layout[:] = h5py.VirtualSource(str(secret / "key.h5"), "x", SHAPE)
    return file.create_virtual_dataset(name, layout)


def growing_virtual(file: h5py.File, secret: Path) -> None:
    """Its shape alone makes HDF5 open the source."""
    layout = h5py.VirtualLayout(SHAPE, "u1", maxshape=(None, 13))
    source = h5py.VirtualSource(str(secret / "key.h5"), "x", SHAPE, maxshape=(None, 13))
    layout[: h5py.h5s.UNLIMITED] = source[: h5py.h5s.UNLIMITED]
    file.create_virtual_dataset("feats_mat", layout)


def external_link(file: h5py.File, secret: Path) -> None:
    file["feats_mat"] = h5py.ExternalLink(str(secret / "key.h5"), "/x")


def soft_link_to_nested_external_link(file: h5py.File, secret: Path) -> None:
    file["group/deep"] = h5py.ExternalLink(str(secret / "key.h5"), "/x")
    file["feats_mat"] = h5py.SoftLink("/group/deep")


def link_through_external_link(file: h5py.File, secret: Path) -> None:
    file["zzz"] = h5py.ExternalLink(str(secret / "key.h5"), "/")
    file["feats_mat"] = h5py.SoftLink("/zzz/x")


def cell_in_external_storage(file: h5py.File, secret: Path) -> None:
    cell(file, external_storage(file, secret, "#refs#/a"))


def cell_of_virtual(file: h5py.File, secret: Path) -> None:
    cell(file, virtual(file, secret, "#refs#/a"))


def cell(file: h5py.File, *items: h5py.Dataset) -> None:
    """Make ``id`` a cell array of references."""
    references = np.array([[item.ref for item in items]], h5py.ref_dtype)
    file.create_dataset("id", data=references, dtype=h5py.ref_dtype)


LINKS = {
    external_storage: "'feats_mat' is stored in another file",
    virtual: "'feats_mat' is made of parts of other datasets",
    growing_virtual: "'feats_mat' is made of parts of other datasets",
    external_link: "'feats_mat' is a link",
    soft_link_to_nested_external_link: "'feats_mat' is a link",
    link_through_external_link: "'feats_mat' is a link",
    cell_in_external_storage: "a cell of the dataset 'id' is stored in another file",
    cell_of_virtual: "a cell of the dataset 'id' is made of parts",
}


def made(file: Path, make: Maker, secret: Path) -> Path:
    with h5py.File(file, "w", userblock_size=512) as stored:
        make(stored, secret)
    return file


@pytest.mark.parametrize(("make", "reason"), LINKS.items())
def test_no_content_of_another_file_is_read_or_told(tmp_path: Path, secret: Path, make, reason: str) -> None:
    file = made(tmp_path / "t.mat", make, secret)
    with opened_names(secret) as opened, pytest.raises(TableError) as told:
        read_table(file)
    assert opened == []
    assert reason in str(told.value)
    assert str(told.value).startswith(f"{file} cannot be read as a feature table: ")
    numbers = ", ".join(str(byte) for byte in SECRET[:4])
    assert "SECRET" not in str(told.value)
    assert numbers not in str(told.value)


@pytest.mark.parametrize("make", LINKS)
def test_the_checks_hold_without_the_kernel(tmp_path: Path, secret: Path, make) -> None:
    file = made(tmp_path / "t.mat", make, secret)
    with opened_names(secret) as opened, h5py.File(file, "r") as stored, pytest.raises(UnsafeDataset):
        arrays_of(stored, 1 << 30)
    assert opened == []


@pytest.mark.parametrize("make", LINKS)
def test_the_kernel_holds_without_the_checks(tmp_path: Path, secret: Path, make) -> None:
    def read(stored: h5py.File) -> bytes:
        item = stored[stored["id"][0, 0]] if "id" in stored else stored["feats_mat"]
        return item[()].tobytes()

    file = made(tmp_path / "t.mat", make, secret)
    with h5py.File(file, "r") as stored, opened_names(secret) as opened:
        assert read(stored) == SECRET  # what h5py does by itself
    assert opened
    with h5py.File(file, "r") as stored, opened_names(secret) as opened, no_other_file():
        try:
            found = read(stored)
        except (OSError, KeyError):
            found = b""
    assert opened == []
    assert SECRET[:4] not in found


def test_a_group_is_not_entered(tmp_path: Path, secret: Path) -> None:
    with h5py.File(tmp_path / "t.mat", "w") as stored:
        stored["group/link"] = h5py.ExternalLink(str(secret / "key.h5"), "/x")
        stored["#refs#/link"] = h5py.ExternalLink(str(secret / "key.h5"), "/x")
        stored["feats_mat"] = np.eye(3)
    with opened_names(secret) as opened:
        assert read_table(tmp_path / "t.mat").shape == (3, 3)
    assert opened == []


def test_a_name_with_a_slash_is_not_followed_through_a_group(tmp_path: Path, secret: Path) -> None:
    file = tmp_path / "t.mat"
    with h5py.File(file, "w") as stored:
        stored["aaaa/bbbb"] = h5py.ExternalLink(str(secret / "key.h5"), "/x")
        stored["aaaa_bbbb"] = np.eye(3)
    file.write_bytes(file.read_bytes().replace(b"aaaa_bbbb", b"aaaa/bbbb"))
    with opened_names(secret) as opened, pytest.raises(TableError, match="'aaaa/bbbb' is a link"):
        read_table(file)
    assert opened == []


def test_a_link_to_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with h5py.File(tmp_path / "t.mat", "w") as stored:
        stored["feats_mat"] = h5py.ExternalLink(str(tmp_path / "pipe"), "/x")
    begun = time.monotonic()
    with pytest.raises(TableError, match="is a link"):
        read_table(tmp_path / "t.mat")
    assert time.monotonic() - begun < 30


def unknown_filter(file: h5py.File) -> None:
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk((2, 13))
    plan.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
    space = h5py.h5s.create_simple(SHAPE)
    item = h5py.h5d.create(file.id, b"feats_mat", h5py.h5t.NATIVE_DOUBLE, space, plan)
    item.write_direct_chunk((0, 0), bytes(8 * 26))


@pytest.mark.parametrize(
    ("program", "opens"),
    [
        ("import h5py, sys; h5py.File(sys.argv[1])['feats_mat'][()]", True),
        ("import vqa_features, sys; vqa_features.read_table(sys.argv[1])", False),
    ],
)
def test_no_plug_in_is_looked_for(tmp_path: Path, program: str, opens: bool) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    with h5py.File(tmp_path / "t.mat", "w") as stored:
        unknown_filter(stored)
    environment = {**os.environ, "HDF5_PLUGIN_PATH": str(plugins)}
    command = [sys.executable, "-c", program, str(tmp_path / "t.mat")]
    with opened_names(plugins) as opened:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert bool(opened) == opens


def cell_of_itself(file: h5py.File) -> None:
    item = file.create_dataset("id", (1, 3), h5py.ref_dtype)
    item[...] = np.array([[item.ref] * 3], h5py.ref_dtype)


def cell_of_cells(file: h5py.File) -> None:
    item = file.create_dataset("#refs#/a", data=np.ones((1, 1)))
    for depth in range(5):
        item = file.create_dataset(f"#refs#/c{depth}", data=np.array([[item.ref]], h5py.ref_dtype))
    cell(file, item)


def cell_of_a_group(file: h5py.File) -> None:
    cell(file, file.create_group("#refs#/a"))


def cell_of_half_a_character(file: h5py.File) -> None:
    cell(file, file.create_dataset("#refs#/a", data=np.array([[0xD83D]], np.uint16)))


def many_cells_of_one_text(file: h5py.File) -> None:
    text = file.create_dataset("#refs#/a", data=np.full((1, 1 << 20), 97, np.uint16))
    cell(file, *[text] * 5000)


def large_chunk(file: h5py.File) -> None:
    file.create_dataset("feats_mat", (3, 3), "f4", maxshape=(None, 3), chunks=(10**8, 3))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (unknown_filter, "'feats_mat' is packed by the filter 32015"),
        (cell_of_itself, "a cell of the dataset 'id' holds neither text nor numbers"),
        (cell_of_cells, "a cell of the dataset 'id' holds neither text nor numbers"),
        (cell_of_a_group, "a cell of the dataset 'id' refers to no dataset"),
        (cell_of_half_a_character, "a cell of the dataset 'id' holds a text that is not UTF-16-LE"),
        (many_cells_of_one_text, "a cell of the dataset 'id' declares"),
        (
            lambda f: f.create_dataset("feats_mat", (10**5, 10**5), "f4"),
            "declares 40000000000 bytes, but 0 are",
        ),
        (lambda f: f.create_dataset("feats_mat", LARGE, "f4", chunks=(9, 9)), "but 0 are stored"),
        (
            lambda f: f.create_dataset("feats_mat", (3, 3), "f4", maxshape=(None, 3), chunks=(10**8, 3)),
            "declares",
        ),
        (lambda f: f.create_dataset("feats_mat", (10**9, 0), "f4"), "has no cells"),
    ],
)
def test_what_is_refused_is_named(tmp_path: Path, make, reason: str) -> None:
    with h5py.File(tmp_path / "t.mat", "w") as stored:
        make(stored)
        if "feats_mat" not in stored:
            stored["feats_mat"] = np.eye(3)
    begun = time.monotonic()
    with pytest.raises(TableError, match=f"t.mat.*{reason}"):
        read_table(tmp_path / "t.mat")
    assert time.monotonic() - begun < 20


def test_cells_are_texts_and_numbers_as_matlab_stores_them(tmp_path: Path) -> None:
    def text(file: h5py.File, name: str, content: str) -> h5py.Dataset:
        codes = np.frombuffer(content.encode("utf-16-le"), np.uint16)[:, None]
        item = file.create_dataset(name, data=codes)
        item.attrs["MATLAB_class"] = np.bytes_("char")
        return item

    with h5py.File(tmp_path / "t.mat", "w") as file:
        file["feats_mat"] = np.arange(6.0).reshape(2, 3)
        cell(file, *(text(file, f"#refs#/{i}", name) for i, name in enumerate(["a.mp4", "ü", "😀"])))
        empty = file.create_dataset("#refs#/e", data=np.array([0, 0], np.uint64))
        empty.attrs["MATLAB_empty"] = np.uint8(1)
        half = file.create_dataset("#refs#/h", data=np.array([[0.5]]))
        one = file.create_dataset("#refs#/o", data=np.array([[1.0]]))
        references = np.array([[half.ref, one.ref, empty.ref]], h5py.ref_dtype)
        file.create_dataset("noise", data=references, dtype=h5py.ref_dtype)
        rows = np.array([[ord(char) for char in "abc"], [ord(char) for char in "xyz"]], np.uint16)
        file.create_dataset("scene", data=rows).attrs["MATLAB_class"] = np.bytes_("char")
        file["camera"] = np.array(["one", "two", "three"], dtype=h5py.string_dtype())
    table = read_table(tmp_path / "t.mat")
    assert list(table.index) == ["a.mp4", "ü", "😀"]
    assert table["scene"].tolist() == ["ax", "by", "cz"]
    assert table["camera"].tolist() == ["one", "two", "three"]
    np.testing.assert_array_equal(table["noise"], [0.5, 1, np.nan])
