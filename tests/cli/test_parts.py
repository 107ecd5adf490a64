"""`extract -o FOLDER/`: the table in parts is that of one file, never replaced by less, never lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from commands import one_error, run, run_here
from small_videos import moving

from vqa_features.batch import part_rows
from vqa_features.batch.inputs import Input
from vqa_features.batch.many_videos import ExtractionRun
from vqa_features.batch.options import Extraction
from vqa_features.cli.collected import Collected
from vqa_features.cli.outputs import Outputs
from vqa_features.errors import TableError
from vqa_features.pooling import columns
from vqa_features.tables.part_names import PartNames
from vqa_features.tables.part_places import LocalFolder
from vqa_features.tables.part_writer import PartWriter
from vqa_features.tables.reading import parse_spec, read_table


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[ExtractionRun, Extraction]:
    """A run over five videos, of which one fails, with a group and a MOS for some."""
    folder = tmp_path_factory.mktemp("videos")
    paths = [moving(folder / f"{name}.mp4", 2 + n) for n, name in enumerate("dbca")]
    (folder / "text.mp4").write_text("no video\n" * 50)
    extras: list[dict[str, str | float]] = [{"mos": 3.5}, {}, {"group": "g", "mos": 2.0}, {}, {"group": "h"}]
    inputs = [
        Input(str(path), name, extra=extra)
        for path, name, extra in zip([*paths, folder / "text.mp4"], "pqrst", extras, strict=True)
    ]
    extraction = Extraction.of(["siti"], ["mean", "std"])
    run = ExtractionRun(inputs, extraction)
    run.work()
    return run, extraction


@pytest.fixture(scope="module")
def deep(made: tuple[ExtractionRun, Extraction]) -> tuple[ExtractionRun, Extraction]:
    """The same run with an embedding beside it, of made-up numbers."""
    extraction = Extraction.of(["siti", "transnetv2@random"], ["mean", "std"])
    run = ExtractionRun(made[0].named, extraction)
    names = columns(extraction.extractors[1], extraction.pools)
    chance = np.random.default_rng(5)
    for name, row in made[0]._rows.items():
        values = chance.standard_normal(len(names))
        values[:3] = np.nan, -0.0, np.inf
        run.keep(name, {**row, **dict(zip(names, values.tolist(), strict=True))})
    run.keep("t", {**run._rows["t"], **dict.fromkeys(names, float("nan"))})
    return run, extraction


def write(
    made: tuple[ExtractionRun, Extraction],
    folder: Path,
    ids: str = "trqsp",
    shard: tuple[int, int] | None = None,
    complete: bool = True,
) -> list[str]:
    """Write rows of the run in parts of two, in this order; return the notes."""
    run, extraction = made
    outputs = Outputs.of(f"{folder}/", None, None, parts=True, shard=shard)
    outputs.check((), run.named)
    rows = Collected(extraction, outputs)
    rows.open(run)
    for name in ids:
        rows.on_row(name, dict(run._rows[name]))
    return rows.write(complete).notes


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_rows, "MOST_ROWS", 2)


def one_file(made: tuple[ExtractionRun, Extraction], folder: Path) -> pd.DataFrame:
    from vqa_features.tables.writing import write_table

    return read_table(write_table(made[0].table(), folder / "one.parquet"))


def same(left: pd.DataFrame, right: pd.DataFrame) -> bool:
    pd.testing.assert_frame_equal(left, right, check_exact=True)
    return left.attrs["settings"] == right.attrs["settings"]


def visible(folder: Path) -> list[str]:
    """Ids in the files that a pattern finds."""
    return sorted(name for file in folder.glob("*.parquet") for name in pq.read_table(file)["id"].to_pylist())


def test_parts_give_the_table_of_one_file(deep, tmp_path: Path) -> None:
    assert write(deep, tmp_path / "parts") == []
    table = read_table(tmp_path / "parts")
    assert same(table, one_file(deep, tmp_path))
    assert table.attrs["notes"] == []
    assert len(list((tmp_path / "parts").glob("part-*.parquet"))) == 3
    assert parse_spec(f"{tmp_path}/parts:name") == (tmp_path / "parts", "name", None)
    part = pq.read_schema(next((tmp_path / "parts").glob("part-00000-*")))
    assert str(part.field("transnetv2@random.mean").type) == "fixed_size_list<element: double>[1024]"


def test_parts_are_scanned_by_other_programs(deep, tmp_path: Path) -> None:
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    write(deep, tmp_path / "parts")
    one = one_file(deep, tmp_path)
    found = polars.scan_parquet(tmp_path / "parts" / "*.parquet").sort("row").collect()
    assert found["id"].to_list() == list(one.index)
    assert found["transnetv2@random.mean"].to_list()[0][7] == one["transnetv2@random.e007.mean"].iloc[0]
    query = f"select count(*), sum(\"siti.si.mean\") from read_parquet('{tmp_path}/parts/*.parquet')"
    count, total = duckdb.sql(query).fetchall()[0]
    assert count == 5
    assert total == pytest.approx(one["siti.si.mean"].sum())
    assert len(pd.read_parquet(tmp_path / "parts")) == 5


def test_a_run_that_was_ended_is_completed_without_doubled_rows(made, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    write(made, parts, "trq", complete=False)
    unfinished = read_table(parts)
    assert list(unfinished.index) == ["q", "r", "t"]
    assert "incomplete" in unfinished.attrs["notes"][0]
    write(made, parts, "qrst", complete=False)
    assert list(read_table(parts).index) == ["q", "r", "s", "t"]
    assert write(made, parts) == []
    assert same(read_table(parts), one_file(made, tmp_path))
    assert visible(parts) == list("pqrst")
    assert not list(parts.glob("*.new"))


def test_a_complete_table_is_kept_from_less(made, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    write(made, parts)
    notes = write(made, parts, "pq", complete=False)
    assert "is kept" in notes[0]
    assert same(read_table(parts), one_file(made, tmp_path))
    assert visible(parts) == list("pqrst")
    write(made, parts)
    assert not list(parts.glob("*.new"))


@pytest.mark.parametrize("call", [0, 2, 4])
def test_a_commit_may_end_at_any_step(made, tmp_path: Path, monkeypatch, call: int) -> None:
    parts = tmp_path / "parts"
    write(made, parts, "pqrst")
    count = 0

    def ended(*_: object) -> None:
        nonlocal count
        count += 1
        if count > call:
            raise OSError("ended here")

    for name in ("move", "remove"):
        real = getattr(LocalFolder, name)
        monkeypatch.setattr(LocalFolder, name, lambda *given, real=real: (ended(), real(*given))[1])
    write(made, parts)
    assert same(read_table(parts), one_file(made, tmp_path))
    monkeypatch.undo()
    PartWriter(LocalFolder(parts)).recover()
    assert visible(parts) == list("pqrst")


def test_shards_are_one_table(made, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    write(made, parts, "qsr", (2, 2))
    assert "shard-1-of-2" in read_table(parts).attrs["notes"][0]
    assert not (parts / "_SUCCESS").exists()
    write(made, parts, "tp", (1, 2))
    assert (parts / "_SUCCESS").exists()
    assert same(read_table(parts), one_file(made, tmp_path))
    for shard in (None, (1, 3)):
        with pytest.raises(ValueError, match="name another folder"):
            write(made, parts, shard=shard)


@pytest.mark.parametrize("harm", ["missing", "cut", "flipped", "foreign list", "link"])
def test_harm_to_a_part_is_one_sentence(made, tmp_path: Path, harm: str) -> None:
    parts = tmp_path / "parts"
    write(made, parts)
    part = sorted(parts.glob("part-*"))[1]
    content = bytearray(part.read_bytes())
    if harm == "foreign list":
        (parts / "_SUCCESS").write_text('{"parts": {"../secret.parquet": 1}}')
    elif harm == "flipped":
        content[len(content) // 3] ^= 1
        part.write_bytes(content)
    elif harm == "cut":
        part.write_bytes(content[:-9])
    else:
        part.rename(tmp_path / "elsewhere")
        if harm == "link":
            part.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TableError) as told:
        read_table(parts)
    named = "_SUCCESS" if harm == "foreign list" else part.name
    assert named in str(told.value)
    assert "\n" not in str(told.value)


def test_parts_that_do_not_belong_together_are_refused(made, tmp_path: Path) -> None:
    run, _ = made
    write(made, tmp_path / "parts", "pq", complete=False)
    other = dict(run.settings)
    run.settings["luma"] = "rgb2gray"
    write(made, tmp_path / "parts", "rst", complete=False)
    run.settings.update(other)
    with pytest.raises(TableError, match=r"other settings.*luma"):
        read_table(tmp_path / "parts")


def test_rows_that_differ_are_refused(made, tmp_path: Path) -> None:
    run, _ = made
    write(made, tmp_path / "parts", "pq", complete=False)
    kept = run._rows["q"]
    run.keep("q", {**kept, "siti.si.mean": kept["siti.si.mean"] + 1})
    write(made, tmp_path / "parts", "qr", complete=False)
    run.keep("q", kept)
    with pytest.raises(TableError, match=r"1 video\(s\) have rows that differ: q"):
        read_table(tmp_path / "parts")


@pytest.mark.parametrize("after", [0, 1])
def test_rows_are_kept_elsewhere_if_the_folder_fails(made, tmp_path: Path, monkeypatch, after: int) -> None:
    monkeypatch.chdir(tmp_path)
    parts, count = tmp_path / "full" / "parts", 0
    real = LocalFolder.put

    def put(self: LocalFolder, name: str, content: bytes) -> None:
        nonlocal count
        if self.name.startswith(str(parts.parent)):
            count += 1
            if count > after:
                raise OSError(28, "No space left on device")
        real(self, name, content)

    monkeypatch.setattr(LocalFolder, "put", put)
    notes = write(made, parts)
    assert "No space left on device" in notes[0]
    rescued = tmp_path / "parts.rescued"
    found = [name for folder in (parts, rescued) if folder.exists() for name in visible(folder)]
    assert sorted(found) == list("pqrst")
    assert not (parts / "_SUCCESS").exists()
    assert "incomplete" in read_table(rescued).attrs["notes"][0]


def test_the_command_writes_parts_and_reads_their_settings(tmp_path: Path) -> None:
    videos = [moving(tmp_path / f"{name}.mp4", 3) for name in "ab"]
    folders = ["-o", "rows/", "--per-frame", "frames/"]
    done = run("extract", *videos, "-e", "siti", *folders, "--store", "s.sqlite", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "25 columns in" in done.stderr
    frames = pd.read_parquet(tmp_path / "frames").sort_values(["row", "time_s"])
    assert list(frames.index) == ["a"] * 3 + ["b"] * 3
    with pytest.raises(TableError, match="holds rows per frame"):
        read_table(tmp_path / "frames")
    shutil.copytree(tmp_path / "rows", tmp_path / "before")
    done = run_here(
        "extract", *videos, "--settings", "rows", "-o", "rows", "--dry-run", "--calibrate", "0", cwd=tmp_path
    )
    assert '"replaces": true' in done.stdout
    assert visible(tmp_path / "rows") == visible(tmp_path / "before")


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (".", "holds the input"),
        ("other/", "holds 1 other file"),
        ("s3://bucket/rows/", "opened only with --remote"),
        ("s3://me:word@bucket/rows/", "opened only with --remote"),
        ("https://host/rows/", "cannot be written"),
        ("ftp://host/rows/", "cannot be written"),
        ("/proc/rows/", "No such file"),
    ],
)
def test_a_place_that_cannot_hold_the_parts_is_refused(tmp_path: Path, place: str, reason: str) -> None:
    video = moving(tmp_path / "a.mp4", 2)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").touch()
    told = one_error(run_here("extract", video, "-e", "siti", "-o", place, cwd=tmp_path))
    assert reason in told
    assert "word" not in told


def test_names_of_shards_do_not_collide() -> None:
    names = {PartNames((number, 20)).part(0, "0" * 64) for number in range(1, 21)}
    assert len(names) == 20
    assert PartNames((3, 20)).part(7, "ab" * 32) == "shard-03-of-20-part-00007-abababababababab.parquet"
    assert PartNames((3, 20)).success == "_SUCCESS-shard-03-of-20"
