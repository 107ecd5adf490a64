"""Videos in a real S3 server on loopback: as local files, and with every failure a row."""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import run, run_here
from object_stores import BUCKET, KEY, S3, SECRET, DroppingProxy
from small_videos import moving

import vqa_features as vf
from vqa_features.errors import DecodeError, ParameterError, TableError
from vqa_features.remote import objects, scratch
from vqa_features.remote.scratch import Scratch, explained, source_of
from vqa_features.video_task import RemoteFile

pytest.importorskip("s3fs")
pytest.importorskip("moto.server")

PREFIX = f"s3://{BUCKET}"


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    made = S3()
    yield made
    made.stop()
    _no_cached_filesystem()
    gc.collect()  # its connections: other tests count descriptors


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory, server: S3) -> Path:
    """Three clips in folders, of this machine and of the bucket."""
    folder = tmp_path_factory.mktemp("clips")
    for number, name in enumerate(("a/one.mp4", "a/two[1].mp4", "b/one.mp4")):
        (folder / name).parent.mkdir(exist_ok=True)
        moving(folder / name, 4 + number)
        server.put(name, (folder / name).read_bytes())
    server.put("a/.hidden.mp4", b"x")
    server.put("a/notes.md", b"x")
    return folder


@pytest.fixture(autouse=True)
def environment(server: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The address and the credentials as the user gives them."""
    for name in [one for one in os.environ if one.startswith(("AWS_", "FSSPEC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setattr(scratch, "_PAUSE_S", 0.01)
    _no_cached_filesystem()


def _no_cached_filesystem() -> None:
    from s3fs import S3FileSystem

    S3FileSystem.clear_instance_cache()


def numbers(table: pd.DataFrame) -> pd.DataFrame:
    """A table without paths and times."""
    return table[[name for name in table if name != "path" and not name.startswith("seconds.")]]


def extracted(*names: object, **options: object) -> pd.DataFrame:
    return vf.extract_many(list(map(str, names)), "siti", remote=True, **options)  # type: ignore[arg-type]


def test_a_prefix_a_pattern_and_a_list_give_the_numbers_of_the_files(
    clips: Path, server: S3, tmp_path: Path
) -> None:
    below = f"{PREFIX}/clips"  # other tests put videos beside it
    for path in clips.rglob("*.mp4"):
        server.put(f"clips/{path.relative_to(clips)}", path.read_bytes())
    server.put("clips/a/.hidden.mp4", b"x")
    server.put("clips/a/notes.md", b"x")
    local = vf.extract_many(clips, "siti")
    remote = extracted(f"{below}/")
    pd.testing.assert_frame_equal(numbers(remote), numbers(local))
    assert list(remote.path) == [path.replace(str(clips), below) for path in local.path]
    assert list(remote.index) == ["a/one", "two[1]", "b/one"]
    assert len(extracted(f"{below}/*/one.mp4")) == 2
    assert list(extracted(f"{below}/**/two*").index) == ["two[1]"]
    assert list(extracted(f"{PREFIX}/a/two[1].mp4").index) == ["two[1]"]
    rows = pd.DataFrame({"path": ["../a/one.mp4", f"{clips}/b/one.mp4"], "id": ["x", "y"], "frames": [2, 3]})
    rows.to_parquet(tmp_path / "list.parquet")
    server.put("lists/list.parquet", (tmp_path / "list.parquet").read_bytes())
    server.put("lists/list.csv", rows.to_csv(index=False).encode())
    tables = [extracted(f"{PREFIX}/lists/list.{suffix}") for suffix in ("parquet", "csv")]
    pd.testing.assert_frame_equal(numbers(tables[0]), numbers(tables[1]))
    assert list(tables[0].path) == [f"{PREFIX}/a/one.mp4", f"{clips}/b/one.mp4"]
    server.put("lists/plain.txt", f"# two\n../b/one.mp4\n{PREFIX}/a/\n".encode())
    assert len(extracted(f"{PREFIX}/lists/plain.txt")) == 3
    assert (
        vf.extract(f"{PREFIX}/a/one.mp4", "siti", remote=True)["siti.si.mean"]
        == local["siti.si.mean"].iloc[0]
    )
    assert vf.score(f"{PREFIX}/a/one.mp4", "piqe", remote=True) == vf.score(clips / "a/one.mp4", "piqe")


def test_nothing_is_opened_without_the_permission(clips: Path, tmp_path: Path) -> None:
    pd.DataFrame({"path": [f"{PREFIX}/a/one.mp4", "s3://other/x.mp4"]}).to_csv(tmp_path / "l.csv")
    for named in (f"{PREFIX}/a/one.mp4", f"{PREFIX}/", f"{PREFIX}/l.csv", str(tmp_path / "l.csv")):
        with pytest.raises(ParameterError, match="only with --remote"):
            vf.extract_many(named, "siti")
    with pytest.raises(ParameterError, match="only with --remote"):
        vf.score(f"{PREFIX}/a/one.mp4", "piqe")
    done = run_here("extract", f"{PREFIX}/a/one.mp4", "-e", "siti", "-o", "t.csv", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "only with --remote" in done.stderr


def test_other_schemes_and_chains_are_rows_that_say_so(clips: Path) -> None:
    names = ["http://me:s3cr3t@127.0.0.1:9/a.mp4", "ftp://h/b.mp4", f"file://{clips}/a/one.mp4"]
    names += [f"simplecache::{PREFIX}/c.mp4", f"zip://x.mp4::{PREFIX}/d.zip", "memory://e.mp4"]
    table = extracted(*names)
    assert set(table.status) == {"failed(missing)"}
    assert table.error.str.contains("addresses are opened of s3, gs and https alone").all()
    assert "s3cr3t" not in table.to_csv() + str(table.attrs)
    chained = extracted(f"{PREFIX}/a::file://{clips}/a/one.mp4")
    assert list(chained.error) == [f"cannot read '{chained.path.iloc[0]}': there is no such object"]


def test_what_is_missing_or_not_allowed_is_a_row(
    clips: Path, server: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{PREFIX}/none.mp4", "s3://no-such-bucket/a.mp4", "s3://UPPER_/a.mp4", f"{PREFIX}/a/one.mp4"]
    server.put("empty.mp4", b"")
    table = extracted(*names, f"{PREFIX}/empty.mp4", max_scratch_mb=0.0001)
    assert list(table.status) == [*["failed(missing)"] * 3, "failed(too large)", "failed(empty)"]
    with pytest.raises(ParameterError, match="there is no such bucket"):
        extracted("s3://no-such-bucket/")
    with pytest.raises(ParameterError, match="holds no video"):
        extracted(f"{PREFIX}/lists-of-nothing/")
    with pytest.raises(TableError, match=f"cannot read '{PREFIX}/none.csv': there is no such object"):
        extracted(f"{PREFIX}/none.csv")
    with server.only_known_credentials():
        table = extracted(f"{PREFIX}/a/one.mp4")
        with pytest.raises(ParameterError, match="access is denied"):
            extracted(f"{PREFIX}/a/")
    assert list(table.status) == ["failed(permission)"]
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    _no_cached_filesystem()
    table = extracted(f"{PREFIX}/a/one.mp4")
    assert list(table.status) == ["failed(permission)"]
    assert "no credentials are found" in table.error.iloc[0]


@pytest.mark.parametrize(("drops", "status"), [(2, "ok"), (10_000, "failed(io)")])
def test_a_connection_that_drops_is_resumed_a_few_times(
    server: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, drops: int, status: str
) -> None:
    noise = np.random.default_rng(0).bytes(700_000)
    server.put("dropped.mp4", moving(tmp_path / "v.mp4", 3).read_bytes() + noise)
    proxy = DroppingProxy(server.port, 100_000, drops)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
    monkeypatch.setattr(objects, "CHUNK", 256 << 10)
    table = extracted(f"{PREFIX}/dropped.mp4")
    proxy.shutdown()
    assert list(table.status) == [status]
    assert proxy.dropped >= 2
    assert status == "ok" or "the connection ended" in table.error.iloc[0]


def test_an_object_that_is_replaced_while_it_is_read_is_an_error(server: S3) -> None:
    server.put("changing.mp4", b"a" * 200_000)
    source = source_of(f"{PREFIX}/changing.mp4", "x")
    source.describe()
    server.put("changing.mp4", b"b" * 200_000)
    with pytest.raises(DecodeError, match="it was changed while it was read") as caught, explained("x"):
        list(source.chunks(100_000))
    assert caught.value.kind == "changed"


def test_a_copy_has_no_name_and_takes_no_place_that_is_missing(
    clips: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    remote = RemoteFile(f"{PREFIX}/a/one.mp4", 1 << 30)
    with Scratch(remote, "x") as copy:
        assert list(tmp_path.iterdir()) == []
        assert os.pread(copy.descriptor(), 1 << 20, 0) == (clips / "a/one.mp4").read_bytes()
    monkeypatch.setattr(scratch, "_LEFT_FREE", 1 << 62)
    with pytest.raises(DecodeError, match="TMPDIR") as caught:
        Scratch(remote, "x")
    assert caught.value.kind == "no space"


def test_a_run_resumes_without_fetching_what_is_unchanged(
    clips: Path, server: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server.put("r/bad.mp4", b"no video" * 1000)
    server.put("r/one.mp4", (clips / "a/one.mp4").read_bytes())
    names = [f"{PREFIX}/r/one.mp4", f"{PREFIX}/r/bad.mp4"]
    first = extracted(*names, store=tmp_path / "s.sqlite")
    assert list(first.status) == ["ok", "failed(not a video)"]
    fetched: list[str] = []
    original = Scratch._filled
    monkeypatch.setattr(
        Scratch, "_filled", lambda self, remote, name: fetched.append(name) or original(self, remote, name)
    )
    for again in (names, [f"{PREFIX}/r/"]):
        table = extracted(*again, store=tmp_path / "s.sqlite")
        pd.testing.assert_frame_equal(numbers(table.loc[first.index]), numbers(first))
    assert fetched == []
    server.put("r/one.mp4", (clips / "b/one.mp4").read_bytes())
    changed = extracted(*names, store=tmp_path / "s.sqlite")
    assert fetched == [names[0]]
    assert changed.frames_decoded.iloc[0] == 6


def test_no_output_holds_a_credential(clips: Path, server: S3, tmp_path: Path) -> None:
    signed = "X-Amz-Signature=plantedSignature123"
    host = f"https://me:plantedPassword9@127.0.0.1:9/a.mp4?{signed}"
    (tmp_path / "list.csv").write_text(f"path\n{PREFIX}/a/one.mp4\n{PREFIX}/none.mp4\n{host}\n")
    (tmp_path / "fsspec").mkdir()
    (tmp_path / "fsspec" / "s3.json").write_text(f'{{"s3": {{"token": "{"plantedToken" * 2}"}}}}')
    done = run(
        *("--debug", "extract", "list.csv", "-e", "siti", "-o", "t.csv", "--store", "s.sqlite", "--remote"),
        *("--log", "run.jsonl"),
        cwd=tmp_path,
        FSSPEC_CONFIG_DIR=str(tmp_path / "fsspec"),
    )
    assert done.returncode == 1, done.stderr
    refused = run_here(
        "--debug",
        "extract",
        f"s3://{KEY}:{SECRET}@b/x.mp4",
        "-e",
        "siti",
        "-o",
        "t",
        "--remote",
        cwd=tmp_path,
    )
    unopened = run_here("extract", host, "-e", "siti", "-o", "u.csv", cwd=tmp_path)
    assert (refused.returncode, unopened.returncode) == (2, 2)
    told = done.stdout + done.stderr + refused.stderr + unopened.stderr
    for file in ("t.csv", "t.csv.settings.json", "run.jsonl"):
        told += (tmp_path / file).read_text()
    with sqlite3.connect(tmp_path / "s.sqlite") as database:
        told += "\n".join(database.iterdump())
    told += (tmp_path / "s.sqlite").read_bytes().decode("latin-1")
    assert "a/one.mp4" in told
    for secret in (KEY, SECRET, "plantedSignature", "plantedPassword", "plantedToken"):
        assert secret not in told
