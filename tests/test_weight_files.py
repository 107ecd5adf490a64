"""Weights that are swapped, altered or no files, records of strangers, and imports of odd sources."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vqa_features import checkpoint_content, checkpoints, weights
from vqa_features.errors import DownloadError, ParameterError, WeightsMissing
from vqa_features.extractors.deep._weights import checkpoint
from vqa_features.files import hashing
from vqa_features.files.hashing import hold_to_record, recorded, sha256_of
from vqa_features.registry import make, registry
from vqa_features.specs import Checkpoint

CONTENT = np.random.default_rng(0).bytes(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
UNPINNED = Checkpoint("kinetics400", "https://example.org/r3d.pth", "BSD-3-Clause")
PINNED = Checkpoint("kinetics400", "https://example.org/r3d.pth", "BSD", sha256=SHA256, size=len(CONTENT))
BEGINNING = Checkpoint("kinetics400", "https://example.org/r3d.pth", "BSD", sha256=SHA256[:8])
STRANGER = 65534


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "weights"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "by_hand.pth"
    made.write_bytes(CONTENT)
    return made


def pin(monkeypatch: pytest.MonkeyPatch, checkpoint: Checkpoint) -> None:
    monkeypatch.setattr(registry()["r3d-18"], "checkpoints", (checkpoint,))


def placed(cache: Path, content: bytes = CONTENT) -> Path:
    path = cache / "r3d-18" / "r3d.pth"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def sentence(error: pytest.ExceptionInfo[BaseException]) -> str:
    text = str(error.value)
    assert text.isprintable()
    return text


@pytest.mark.parametrize("checkpoint", [UNPINNED, PINNED, BEGINNING])
def test_what_is_loaded_is_what_was_hashed(cache: Path, checkpoint: Checkpoint) -> None:
    path = placed(cache)
    with checkpoints.opened("r3d-18", (checkpoint,), None) as opened:
        evil = path.with_name("evil")
        evil.write_bytes(b"evil")
        os.replace(evil, path)
        assert opened.stream.tell() == 0
        assert opened.stream.read() == CONTENT
        assert (opened.path, opened.sha256) == (path, SHA256)
    assert opened.stream.closed


def test_a_swapped_file_is_not_loaded_into_a_network(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    from vqa_features.backbones import build_backbone

    good = build_backbone("efficientnet-lite0", weights="random").state_dict()
    mine, evil = tmp_path / "mine.pth", tmp_path / "evil.pth"
    torch.save(good, mine)
    torch.save({key: torch.zeros_like(value) for key, value in good.items()}, evil)
    read = checkpoint.read

    def swapped_before(source: object, *rest: object) -> object:
        os.replace(evil, mine)
        return read(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(checkpoint, "read", swapped_before)
    network = make(f"efficientnet-lite0[weights={mine}]").load()
    assert all(torch.equal(value, good[key]) for key, value in network.state_dict().items())


def test_a_file_changed_in_place_while_it_is_loaded_is_refused(file: Path) -> None:
    def load() -> None:
        with checkpoints.opened("r3d-18", (), str(file)) as opened:
            with open(file, "r+b") as stream:
                stream.write(b"evil")
            os.utime(file, ns=(1, 1))
            opened.stream.read()

    with pytest.raises(ParameterError, match="was changed while it was loaded"):
        load()


@pytest.mark.parametrize(
    "kind", ["pipe", "folder", "device", "link to a pipe", "empty", "loop", "nul", "long"]
)
def test_what_is_no_file_is_said_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "odd.pth"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "link to a pipe":
        os.mkfifo(tmp_path / "pipe")
        path.symlink_to(tmp_path / "pipe")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "loop":
        path.symlink_to(path)
    name = {"nul": f"{path}\0", "long": f"{tmp_path}/{'n' * 300}.pth"}.get(kind, str(path))
    for act in (
        lambda: checkpoints.expected_sha256("r3d-18", (), name),
        lambda: checkpoints.opened("r3d-18", (), name).__enter__(),
        lambda: weights.import_file("r3d-18", name),
    ):
        with pytest.raises((ParameterError, WeightsMissing)) as told:
            act()
        assert "odd.pth" in sentence(told) or kind in ("device", "long")


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_file_in_the_cache_is_said_at_once(
    cache: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    pin(monkeypatch, UNPINNED)
    path = placed(cache)
    path.unlink()
    if kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir() if kind == "folder" else os.mkfifo(path)
    for act in (
        make("r3d-18").weights_sha256,
        lambda: weights.check("r3d-18"),
        lambda: weights.fetch("r3d-18"),
    ):
        with pytest.raises(ParameterError, match=r"r3d\.pth cannot be read as weights: it is a "):
            act()
    assert {row["present"] for row in weights.table() if row["name"] == "r3d-18"} == {False}


def test_a_file_too_large_for_weights_is_not_hashed(tmp_path: Path) -> None:
    path = tmp_path / "sparse.pth"
    with open(path, "wb") as stream:
        stream.truncate(checkpoint_content.MOST_BYTES + 1)
    with pytest.raises(ParameterError, match="weights have from 1 to"):
        checkpoints.expected_sha256("r3d-18", (), str(path))


def test_a_digest_is_computed_once_for_a_file_that_does_not_change(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    computed = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *args: asked.append(args) or computed(*args))
    assert [sha256_of(file) for _ in range(2)] == [SHA256] * 2
    assert len(asked) == 2  # a file younger than two seconds may change without another time stamp
    monkeypatch.setattr(hashing, "_YOUNG_NS", -1)
    assert [sha256_of(file) for _ in range(3)] == [SHA256] * 3
    assert len(asked) == 3
    times = file.stat()
    with open(file, "r+b") as stream:
        stream.write(b"evil")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert sha256_of(file) != SHA256  # the content's time stamp was set back
    other = file.with_name("other")
    other.write_bytes(CONTENT)
    os.replace(other, file)
    assert sha256_of(file) == SHA256


def test_a_file_that_changes_while_it_is_hashed_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = hashlib.file_digest

    def slowly(*args: object) -> object:
        with open(file, "ab") as writer:
            writer.write(b"more")
        return computed(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "file_digest", slowly)
    with open(file, "rb") as stream, pytest.raises(OSError, match="changed while it was read"):
        hashing.digest_of(stream)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\xff\xfe", b"no digest", b"0" * 63, b"G" * 64, b"0" * 5_000_000, "０".encode() * 64],
)
def test_a_record_that_is_none_is_said(file: Path, content: bytes) -> None:
    file.with_name(file.name + ".sha256").write_bytes(content)
    with pytest.raises(ParameterError) as told:
        hold_to_record(file, SHA256)
    assert sentence(told).endswith("it does not begin with 64 hexadecimal digits; delete it")


def test_a_record_that_is_no_file_is_said(file: Path) -> None:
    record = file.with_name(file.name + ".sha256")
    record.mkdir()
    with pytest.raises(ParameterError, match=r"by_hand\.pth\.sha256 .*it is a folder.*; delete it"):
        recorded(file)
    record.rmdir()
    os.mkfifo(record)
    with pytest.raises(ParameterError, match="it is a pipe or a device"):
        recorded(file)
    record.unlink()
    record.symlink_to(record)
    with pytest.raises(ParameterError, match="record of a SHA-256"):
        recorded(file)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs files of several users")
def test_a_record_counts_if_it_is_ours_or_of_the_owner_of_the_file(file: Path) -> None:
    hold_to_record(file, SHA256)
    record = file.with_name(file.name + ".sha256")
    os.chown(record, STRANGER, -1)
    with pytest.raises(ParameterError, match=r"belongs to another user \(65534\) than the file; delete it"):
        hold_to_record(file, SHA256)
    os.chown(file, STRANGER, -1)
    assert recorded(file) == SHA256


def test_a_folder_that_everyone_may_write_is_told(file: Path) -> None:
    file.parent.chmod(0o777)
    with pytest.warns(RuntimeWarning, match="every user may write to .*proves little"):
        hold_to_record(file, SHA256)


def test_weights_in_a_folder_that_cannot_be_written_are_used_with_a_warning(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, UNPINNED)
    path = placed(cache)
    path.with_name("r3d.pth.sha256")
    monkeypatch.setattr(hashing, "write_text", _read_only)
    with pytest.warns(RuntimeWarning, match=r"cannot be recorded \(Read-only file system\)"):
        assert weights.check("r3d-18") == SHA256
    assert not path.with_name("r3d.pth.sha256").exists()


def _read_only(*_args: object) -> None:
    raise OSError(30, "Read-only file system")


def test_an_import_of_the_file_itself_keeps_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pin(monkeypatch, UNPINNED)
    path = placed(cache)
    link, hard = path.with_name("link"), path.with_name("hard")
    link.symlink_to(path)
    os.link(path, hard)
    for source in (path, link, hard):
        assert weights.import_file("r3d-18", source) == path
        assert path.read_bytes() == CONTENT
    assert recorded(path) == SHA256
    path.write_bytes(b"altered")
    with pytest.raises(ParameterError, match="has been altered"):
        weights.import_file("r3d-18", path)


def test_an_import_replaces_a_link_in_the_cache_and_not_what_it_points_to(
    cache: Path, monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path
) -> None:
    pin(monkeypatch, PINNED)
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    path = placed(cache)
    path.unlink()
    path.symlink_to(victim)
    assert weights.import_file("r3d-18", file) == path
    assert (path.read_bytes(), victim.read_bytes(), path.is_symlink()) == (CONTENT, b"mine", False)


def test_a_file_that_changes_while_it_is_copied_is_not_imported(
    cache: Path, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    pin(monkeypatch, UNPINNED)
    compared = checkpoint_content.compare

    def then_changed(*args: object) -> str:
        digest = compared(*args)  # type: ignore[arg-type]
        file.write_bytes(CONTENT[::-1])
        return digest

    monkeypatch.setattr(weights, "compare", then_changed)
    with pytest.raises(ParameterError, match="was changed while it was copied"):
        weights.import_file("r3d-18", file)
    assert list((cache / "r3d-18").iterdir()) == []


def test_a_file_that_grows_while_it_is_copied_ends(
    cache: Path, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    pin(monkeypatch, UNPINNED)
    stop = threading.Event()

    def grow() -> None:
        with open(file, "ab") as stream:
            while not stop.wait(0.001):
                stream.write(b"x" * 100_000)
                stream.flush()

    def imports() -> None:
        for _ in range(50):
            weights.import_file("r3d-18", file)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        with pytest.raises(ParameterError, match="changed while it was"):
            imports()
    finally:
        stop.set()
        writer.join()


def test_a_cache_that_cannot_be_written_is_said(
    cache: Path, monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path
) -> None:
    pin(monkeypatch, PINNED)
    for odd in (file, Path("/dev/null"), Path("/proc/nowhere")):
        monkeypatch.setenv("VQA_FEATURES_CACHE", str(odd))
        with pytest.raises(DownloadError, match=r"cannot be written: .*VQA_FEATURES_CACHE"):
            weights.import_file("r3d-18", file)
        assert not any(row["present"] for row in weights.table() if row["name"] == "r3d-18")
        with pytest.raises(WeightsMissing):
            make("r3d-18").weights_sha256()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_cache_of_another_user_is_said(cache: Path, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    pin(monkeypatch, UNPINNED)
    path = placed(cache)
    for above in (*file.parents, cache, path.parent):
        if above.owner() == "root" and above.is_relative_to("/tmp/"):
            above.chmod(above.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    path.chmod(0o600)
    os.seteuid(STRANGER)
    try:
        with pytest.raises(ParameterError, match=r"r3d\.pth cannot be read as weights: Permission denied"):
            make("r3d-18").weights_sha256()
        with pytest.raises((DownloadError, ParameterError), match=r"cannot be|Permission denied"):
            weights.import_file("r3d-18", file)
    finally:
        os.seteuid(0)
    cache.parent.chmod(0o700)
    os.seteuid(STRANGER)
    try:
        assert not any(row["present"] for row in weights.table() if row["name"] == "r3d-18")
        with pytest.raises(ParameterError, match="Permission denied"):
            weights.check("r3d-18")
    finally:
        os.seteuid(0)


@pytest.fixture
def address(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of `file` on a server of this machine."""
    for name in ("VQA_FEATURES_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(file.parent))
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{file.name}"
        server.shutdown()


def test_a_fetched_file_is_recorded_and_compared_from_then_on(
    monkeypatch: pytest.MonkeyPatch, address: str, file: Path
) -> None:
    pin(monkeypatch, Checkpoint("kinetics400", address, "MIT"))
    path = weights.fetch("r3d-18")
    assert (path.read_bytes(), recorded(path)) == (CONTENT, SHA256)
    file.write_bytes(CONTENT[::-1])
    assert weights.fetch("r3d-18/kinetics400") == path
    path.write_bytes(CONTENT[::-1])
    with pytest.raises(ParameterError, match="has been altered"):
        weights.fetch("r3d-18")
    path.unlink()
    with pytest.raises(ParameterError, match="has been altered"):
        weights.fetch("r3d-18")


def test_a_fetched_file_of_another_digest_or_size_is_thrown_away(
    cache: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    for sha256, size in (("0" * 64, None), ("0" * 8, None), (SHA256, 5)):
        pin(monkeypatch, Checkpoint("kinetics400", address, "MIT", sha256=sha256, size=size))
        with pytest.raises(DownloadError, match="expected"):
            weights.fetch("r3d-18")
        assert list((cache / "r3d-18").iterdir()) == []
    pin(monkeypatch, Checkpoint("kinetics400", address, "MIT", sha256=SHA256, size=len(CONTENT)))
    assert [one.name for one in weights.fetch("r3d-18").parent.iterdir()] == ["by_hand.pth"]


@pytest.mark.parametrize("name", [b"caf\xe9", b"two\nlines", b"\x1b[31m"])
def test_names_that_are_no_text_are_escaped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Path, name: bytes
) -> None:
    pin(monkeypatch, UNPINNED)
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/" + name)
    monkeypatch.setenv("VQA_FEATURES_CACHE", folder)
    with pytest.raises(WeightsMissing) as told:
        make("r3d-18").weights_sha256()
    sentence(told)
    path = weights.import_file("r3d-18", file)
    assert make("r3d-18").weights_sha256() == SHA256
    path.write_bytes(b"altered")
    with pytest.raises(ParameterError, match="has been altered") as told:
        weights.check("r3d-18")
    sentence(told)
    path.write_bytes(b"")
    with pytest.raises(ParameterError, match="has 0 bytes") as told:
        weights.check("r3d-18")
    sentence(told)


def test_every_entry_says_what_is_pinned() -> None:
    for row in weights.table():
        digest = str(row["sha256"] or "")
        assert set(digest) <= set("0123456789abcdef"), row
        assert row["pinned"] == {64: "SHA-256", 8: "first 8 digits", 0: "not verified"}[len(digest)], row
        if "-" + digest[:8] + ".pth" in str(row["url"]):
            continue  # the authors' own beginning
        assert len(digest) != 8, row
