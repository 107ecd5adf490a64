"""`extract --settings`: options of the command line win, and videos get their ids and sampling again."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
from commands import one_error, run, run_here

from vqa_features.batch.inputs import Input, find_inputs
from vqa_features.batch.recorded_videos import RecordedVideos, recorded_videos
from vqa_features.cli._request import Request
from vqa_features.cli.extract import extract_command
from vqa_features.errors import TableError
from vqa_features.specs import RawFormat, Sampling
from vqa_features.tables.reading import read_table
from vqa_features.tables.writing import write_table

RAW = RawFormat(64, 48, "gray", 25.0)

MADE = ("--pool", "p10", "--luma", "rgb2gray", "--every", "9", "--offset", "4", "--start", "0.2")
LIST = (
    "path,id,frames,start_s\n"
    "v/bikes_square.mp4,001,,0.4\n"
    "v/bunny_tree.mp4,,3,\n"
    "v/bikes_bicycle.mp4,seg1,2,0\n"
    "v/bikes_bicycle.mp4,seg2,2,0.5\n"
)


@pytest.fixture(scope="module")
def ran(scenes: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with videos and two tables: of one video with many options, and of a list of videos."""
    folder = tmp_path_factory.mktemp("ran")
    (folder / "v").mkdir()
    for scene in scenes:
        if scene.stem in ("bikes_square", "bunny_tree", "bikes_bicycle", "city_towers"):
            shutil.copy(scene, folder / "v")
    (folder / "list.csv").write_text(LIST)
    first = ("extract", "v/bikes_square.mp4", "-e", "siti", "-o", "made.parquet", *MADE)
    second = ("extract", "list.csv", "v/city_towers.mp4", "-e", "siti", "-o", "listed.parquet")
    for words in (first, second):
        done = run(*words, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def asked(*words: object) -> Request:
    """What a command line of `extract` asks for."""
    return Request.of(extract_command.make_context("extract", [*map(str, words), "-o", "o.csv"]))


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        (
            "--pool mean --luma y --offset 0 --start 0",
            {"pool": "mean", "luma": "y", "offset": 0, "start_s": 0.0},
        ),
        ("--offset=2 -e colorfulness", {"offset": 2, "extractors": "colorfulness"}),
        ("--every 5 --duration 1", {"every": 5, "duration_s": 1.0}),
        ("--frames 3", {"every": None, "offset": 0, "frames": 3}),
        ("--fps 2 --raw 64x48:gray:25", {"every": None, "offset": 0, "fps": 2.0, "raw": RAW}),
        ("", {}),
    ],
)
def test_an_option_wins_whatever_its_value(ran: Path, words: str, changes: dict[str, object]) -> None:
    made = {"extractors": "siti", "pool": "p10", "luma": "rgb2gray", "every": 9, "offset": 4, "start_s": 0.2}
    found = asked("v", "--settings", ran / "made.parquet", *words.split())
    for name in ("extractors", "pool", "luma", "raw"):
        assert getattr(found, name) == {**made, **changes}.get(name), name
    for name, default in asdict(Sampling()).items():
        assert getattr(found.sampling, name) == {**made, **changes}.get(name, default), name


def test_videos_get_their_ids_and_sampling_again_from_any_folder(ran: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(ran / "v", moved / "deep" / "clips")
    out = tmp_path / "again.parquet"
    done = run("extract", moved, "--settings", ran / "listed.parquet", "-o", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    before, after = read_table(ran / "listed.parquet"), read_table(out)
    assert set(after.index) == {"001", "bunny_tree", "seg1", "seg2", "city_towers"}
    same = [name for name in before if not name.startswith(("seconds.", "path"))]
    pd.testing.assert_frame_equal(before[same], after.loc[before.index, same])
    recorded = [sorted(one.attrs["settings"]["videos"], key=str) for one in (before, after)]
    assert recorded[0] == recorded[1]


def found(*words: object) -> dict[str, dict[str, float]]:
    """The sampling of its own of every video that a command line of `extract` asks for."""
    return {one.id: one.sampling for one in asked(*words).videos()}


def test_an_option_wins_over_the_sampling_of_single_videos(ran: Path) -> None:
    words = (ran / "v", "--settings", ran / "listed.parquet")
    assert found(*words)["seg2"] == {"frames": 2, "start_s": 0.5}
    assert found(*words, "--start", "0")["seg2"] == {"frames": 2}
    changed = found(*words, "--every", "11", "--start", "0.0")
    assert changed == {"001": {}, "bunny_tree": {}, "seg1": {}, "seg2": {}, "city_towers": {}}


def test_a_list_wins_over_the_settings_and_absent_videos_are_told(
    ran: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(f"path,id,frames\n{ran}/v/bikes_square.mp4,mine,2\n{ran}/v/bunny_tree.mp4,,5\n")
    kept = found(mine, "--settings", ran / "listed.parquet")
    assert kept == {"mine": {"frames": 2}, "bunny_tree": {"frames": 5}}
    told = capsys.readouterr().err
    assert (
        "1 video(s) with an id or a sampling of their own in the settings are not among the inputs: " in told
    )
    assert "bikes_bicycle.mp4" in told


def test_two_videos_that_fit_one_recorded_are_a_question(ran: Path, tmp_path: Path) -> None:
    for name in "ab":
        shutil.copytree(ran / "v", tmp_path / name)
    done = run_here("extract", "a", "b", "--settings", ran / "listed.parquet", "-o", "o.csv", cwd=tmp_path)
    assert "both fit 'bikes_bicycle.mp4' of the settings: name one of them" in one_error(done)


def test_names_in_several_folders_are_told_apart(ran: Path, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        shutil.copy(ran / "v" / "bunny_tree.mp4", tmp_path / name / "clip.mp4")
    (tmp_path / "l.csv").write_text("path,frames\na/clip.mp4,2\nb/clip.mp4,3\n")
    inputs = find_inputs([tmp_path / "l.csv"])
    recorded = recorded_videos(inputs)
    assert [one["path"] for one in recorded] == ["a/clip.mp4", "b/clip.mp4"]
    videos, absent = RecordedVideos.of(recorded).given_to([Input(str(tmp_path / "b" / "clip.mp4"))])
    assert [(one.id, one.sampling) for one in videos] == [("b/clip", {"frames": 3})]
    assert absent == ["a/clip.mp4"]


def test_an_extractor_that_is_named_again_may_name_a_file(ran: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.mat"
    model.write_bytes(b"")
    table = read_table(ran / "made.parquet")
    label = f"niqe[model={model}]"
    table.attrs["settings"]["extractors"] = [label]
    write_table(table, tmp_path / "t.csv")
    words = (ran / "v" / "bunny_tree.mp4", "--settings", tmp_path / "t.csv")
    with pytest.raises(TableError, match="name this extractor with -e if you trust it"):
        asked(*words)
    assert asked(*words, "-e", label).extractors == label
