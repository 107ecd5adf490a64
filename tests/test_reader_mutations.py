"""A thousand damaged files: each reader gives a result or one sentence, and changes nothing else."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.damage import Reader
from benchmarks.model_readers import MODELS
from benchmarks.outside_readers import READERS
from benchmarks.reader_mutations import CACHE, SECRET, Trial, Watch, faults, run
from vqa_features.errors import TableError

_DEEP = [name for name in MODELS if "IQE" not in name]


@pytest.mark.slow
def test_no_damaged_file_ends_the_driver_or_a_traceback() -> None:
    names = [name for name in READERS if name not in _DEEP or find_spec("transformers")]
    count = 1000 * len(names) // len(READERS)
    found = run(names, count, jobs=2, seed=1_000_000)
    assert faults(found) == []
    assert set(found) == set(names)
    assert sum(sum(counts.values()) for counts in found.values()) >= count
    refused = sum(count for counts in found.values() for told, count in counts.items() if told != "read")
    assert refused > count / 4


def _file(folder: Path) -> Path:
    file = folder / "f"
    file.write_bytes(b"valid")
    return file


def _raise(error: BaseException) -> None:
    raise error


def _connect(_: Path) -> None:
    with socket.socket() as one:
        one.connect_ex(("127.0.0.1", 9))


BAD_READERS = {
    "traceback": lambda file: _raise(KeyError("x")),
    "panic": lambda file: _raise(BaseException("x")),
    "many lines": lambda file: _raise(TableError("a\nb")),
    "tells a secret": lambda file: _raise(TableError(SECRET)),
    "writes": lambda file: (file.parent.parent / "made").write_text("x"),
    "removes": lambda file: (file.parent.parent / "secret").unlink(),
    "renames": lambda file: (file.parent.parent / "secret").rename(file.parent.parent / "moved"),
    "connects": _connect,
}


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watch: Watch) -> Iterator[Path]:
    monkeypatch.setenv(CACHE, str(tmp_path))
    before = tempfile.tempdir
    (tmp_path / "place").mkdir()
    yield tmp_path / "place"
    tempfile.tempdir, watch.allowed = before, [Path("/")]


@pytest.mark.parametrize("kind", BAD_READERS)
def test_a_reader_at_fault_is_found(here: Path, watch: Watch, kind: str) -> None:
    def read(file: Path) -> None:
        if file.read_bytes() != b"valid":
            BAD_READERS[kind](file)

    trial = Trial(Reader(_file, read, {"f": lambda data, seed: b"damaged"}), here, watch)
    watch.allowed = [here / "in" / "it"]
    assert trial.read(0).startswith("FAULT")


def test_a_good_reader_is_not_blamed(here: Path, watch: Watch) -> None:
    def read(file: Path) -> None:
        if file.read_bytes() != b"valid":
            raise TableError("it is damaged")

    trial = Trial(Reader(_file, read, {"f": lambda data, seed: b"damaged" if seed else data}), here, watch)
    assert [trial.read(seed) for seed in (0, 1)] == ["read", "refused: TableError"]
