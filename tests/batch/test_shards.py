"""Shards of a run: every video in exactly one, the same one everywhere; joined they are the whole run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest
from commands import one_error, run, run_here
from small_videos import moving

import vqa_features as vf
from vqa_features.batch.inputs import Input, find_inputs
from vqa_features.batch.many_videos import ExtractionRun
from vqa_features.batch.options import Extraction
from vqa_features.batch.shards import Shard
from vqa_features.errors import ParameterError
from vqa_features.video_task import VideoResult


def values(table: pd.DataFrame) -> pd.DataFrame:
    return table[[name for name in table.columns if not name.startswith("seconds.")]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve videos, two of which have one name, and one that is broken."""
    for n in range(10):
        moving(tmp_path / "videos" / f"v{n}.mp4", 2 + n) if n else (tmp_path / "videos").mkdir()
    for name in ("a", "b"):
        (tmp_path / "videos" / name).mkdir()
        moving(tmp_path / "videos" / name / "clip.mp4", 3 if name == "a" else 4)
    (tmp_path / "videos" / "broken.mp4").write_text("no video")
    return tmp_path / "videos"


@pytest.mark.parametrize("of", [1, 2, 7, 20, 1000])
def test_every_id_is_in_exactly_one_shard(of: int) -> None:
    videos = [Input(f"/v/{n}.mp4", f"véo {n}") for n in range(300)]
    shards = [Shard(k, of).of_videos(videos) for k in range(1, of + 1)]
    assert sorted(one.id for shard in shards for one in shard) == sorted(one.id for one in videos)
    for shard in shards:
        assert [videos.index(one) for one in shard] == sorted(videos.index(one) for one in shard)


def test_a_shard_is_that_of_the_hash_and_of_nothing_else() -> None:
    for name in ("clip", "é", "a/clip", "\udcff", ""):
        digest = hashlib.sha256(name.encode("utf-8", "vqa_features.escape")).hexdigest()
        expected = int(digest[:16], 16) % 20 + 1
        assert [k for k in range(1, 21) if Shard(k, 20).has(name)] == [expected]


def test_sizes_are_those_of_random_parts() -> None:
    videos = [Input("", str(n)) for n in range(20_000)]
    sizes = [len(Shard(k, 20).of_videos(videos)) for k in range(1, 21)]
    deviation = (1000 * 19 / 20) ** 0.5
    assert max(abs(size - 1000) for size in sizes) < 5 * deviation
    assert sum((size - 1000) ** 2 for size in sizes) / 19 < 3 * deviation**2


@pytest.mark.parametrize("text", ["0/5", "6/5", "x", "1/0", "1", "/5", "-1/5", "1.0/5", "٣/٥", "1/5/2", ""])
def test_what_is_no_shard_is_one_sentence(text: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="a shard is K/N with K from 1 to N"):
        Shard.parse(text)
    for command in (("extract", "a.mp4", "-e", "siti", "-o", "t.csv"), ("predict", "a.mp4")):
        done = run_here(*command, "--shard", text, cwd=tmp_path)
        assert "a shard is K/N with K from 1 to N" in one_error(done)


def test_seven_shards_and_a_merge_are_one_run(folder: Path, tmp_path: Path) -> None:
    whole = vf.extract_many([folder], "siti")
    shards = []
    for k in range(1, 8):
        shard, store = Shard(k, 7), tmp_path / f"{k}.sqlite"
        one = ExtractionRun([folder], Extraction.of("siti"), store=store, shard=shard)
        one.work()
        shards.append(one.table())
    rows = pd.concat([one for one in shards if len(one)])
    rows = rows.loc[whole.index].astype(whole.dtypes)  # a column without any value has another type
    pd.testing.assert_frame_equal(values(rows), values(whole), check_exact=True)
    assert len(rows) == 12
    stores = [f"{k}.sqlite" for k in range(1, 8)]
    assert run_here("store", "merge", "all.sqlite", *stores, cwd=tmp_path).returncode == 0
    for path in folder.rglob("*.mp4"):
        path.rename(path.with_suffix(".mov"))  # another name is no other video
    seen: list[VideoResult] = []
    joined = vf.extract_many([folder], "siti", store=tmp_path / "all.sqlite", on_result=seen.append)
    assert not any(result.rows for result in seen)  # nothing was decoded again
    columns = [name for name in values(whole) if name not in ("path", "error")]
    pd.testing.assert_frame_equal(joined[columns], whole[columns], check_exact=True)


def test_the_table_of_a_shard_says_which_it_is(folder: Path, tmp_path: Path) -> None:
    words = ("extract", folder, "-e", "siti", "-o", "t.parquet", "--shard", "2/3", "--quiet")
    run(*words, cwd=tmp_path)
    table = vf.read_table(tmp_path / "t.parquet")
    assert table.attrs["settings"]["shard"] == "2/3"
    assert len(table.attrs["settings"]["inputs"]) == len(table)
    shard = Shard(2, 3).of_videos(find_inputs([folder]))
    assert list(table.index) == [one.id for one in shard]
    words = ("extract", folder, "--settings", "t.parquet", "-o", "all.csv", "--dry-run", "--calibrate", "0")
    plan = json.loads(run_here(*words, cwd=tmp_path).stdout)
    assert (plan["videos"], plan["shard"]) == (12, None)  # a shard is no part of what is repeated


def test_an_empty_shard_is_a_complete_run(folder: Path, tmp_path: Path) -> None:
    ids = [one.id for one in find_inputs([folder])]
    empty = next(k for k in range(1, 100) if not any(Shard(k, 99).has(name) for name in ids))
    words = ("extract", folder, "-e", "siti", "--shard", f"{empty}/99")
    for suffix in ("parquet", "csv", "json", "npz", "mat"):
        for _ in range(2):  # also where the table exists
            done = run_here(*words, "-o", f"t.{suffix}", "--store", "s.sqlite", cwd=tmp_path)
            assert done.returncode == 0, done.stderr
        assert f"shard {empty}/99: 0 of 12 videos" in done.stderr
        assert (tmp_path / f"t.{suffix}").exists()
    for suffix in ("parquet", "json"):
        table = vf.read_table(tmp_path / f"t.{suffix}")
        assert len(table) == 0
        assert "siti.si.mean" in table
    plan = json.loads(run_here(*words, "-o", "t.csv", "--dry-run", cwd=tmp_path).stdout)
    assert (plan["videos"], plan["shard"], plan["estimate"]) == (0, f"{empty}/99", None)


def test_ids_and_records_are_those_of_all_inputs(folder: Path) -> None:
    whole = ExtractionRun([folder], Extraction.of("siti")).table().attrs["settings"]["videos"]
    parts = []
    for k in range(1, 8):
        run = ExtractionRun([folder], Extraction.of("siti"), shard=Shard(k, 7))
        parts += run.table().attrs["settings"].get("videos", [])
    assert sorted(parts, key=str) == sorted(whole, key=str)
    assert {one["id"] for one in whole} == {"a/clip", "b/clip"}
