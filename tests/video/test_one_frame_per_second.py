"""``every="second"``: one frame of every second, the one before its middle, wherever sampling is given."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_videos import moving

import vqa_features as vf
from vqa_features.batch.path_list import read_list
from vqa_features.batch.replay import Replay
from vqa_features.cli import main
from vqa_features.errors import ParameterError
from vqa_features.specs import Sampling
from vqa_features.video import Video
from vqa_features.video.sampling_options import numbered

SECOND = Sampling(every="second")


def command(*arguments: object) -> object:
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    return ended.value.code


def frames_of(path: Path, sampling: Sampling, rate: float) -> list[int]:
    with Video(path, sampling=sampling) as video:
        found = [round(frame.time_s * rate) for frame in video]
        assert video.info.frames == len(found)
        assert video.info.fps == pytest.approx(1.0, rel=0.05)
        assert video.outcome.status == "ok"
    return found


@pytest.mark.parametrize(
    ("rate", "count", "chosen"),
    [
        (25, 80, [11, 36, 61]),
        (24, 60, [11, 35, 59]),
        (30, 30, [14]),
        (60, 90, [29, 89]),
        (1, 3, [0, 1, 2]),
        (2, 4, [0, 2]),
        (25, 7, [6]),  # shorter than half a second: the last frame
        (25, 1, [0]),
    ],
)
def test_the_frame_before_the_middle_of_every_second_is_taken(
    tmp_path: Path, rate: int, count: int, chosen: list[int]
) -> None:
    assert frames_of(moving(tmp_path / "a.mp4", count, rate=rate), SECOND, rate) == chosen


@pytest.mark.parametrize(
    ("fps", "step"), [(29.97, 30), (23.976, 24), (12.5, 13), (14.5, 15), (0.4, 1), (59.94, 60)]
)
def test_the_rate_is_rounded_as_matlab_does(fps: float, step: int) -> None:
    assert numbered(SECOND, fps, 1000) == Sampling(every=step, offset=max(step // 2 - 1, 0))


def test_seconds_are_counted_from_the_start_that_is_given(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mkv", 100)
    part = Sampling(every="second", start_s=1.0, duration_s=2.0)
    assert frames_of(path, part, 25) == [36, 61]
    assert frames_of(path, Sampling(every="second", start_s=3.8), 25) == [99]


def test_every_entry_takes_the_word_and_gives_the_same_row(tmp_path: Path) -> None:
    clip = moving(tmp_path / "a.mp4", 60)
    by_hand = vf.extract(clip, "siti", every=25, offset=11)
    pd.testing.assert_series_equal(vf.extract(clip, "siti", every="second"), by_hand)
    many = vf.extract_many([clip], "siti", sampling=SECOND, store=tmp_path / "s.sqlite")
    assert many.loc["a", by_hand.index].tolist() == by_hand.tolist()
    assert vf.VideoFeatures("siti", every="second").fit_transform([clip])[0].tolist() == by_hand.tolist()
    (tmp_path / "list.csv").write_text("path,every\na.mp4,second\n")
    asked = ["-e", "siti", "--quiet", "-o"]
    assert command("extract", tmp_path / "list.csv", *asked, tmp_path / "a.csv") == 0
    assert command("extract", clip, "--every", "second", *asked, tmp_path / "b.csv") == 0
    for name in "ab":
        row = pd.read_csv(tmp_path / f"{name}.csv").iloc[0]
        assert row[by_hand.index].astype(float).tolist() == pytest.approx(by_hand.tolist(), rel=1e-12)


def test_settings_keep_the_word_and_lists_take_it_beside_numbers(tmp_path: Path) -> None:
    table = vf.extract_many([moving(tmp_path / "a.mp4", 30)], "siti", sampling=SECOND)
    assert Replay.of(table.attrs["settings"], "t").sampling == SECOND
    (tmp_path / "list.csv").write_text("path,every\na.mp4, second \nb.mp4,3\nc.mp4,\n")
    rows, _ = read_list(tmp_path / "list.csv")
    assert [row.sampling for row in rows] == [{"every": "second"}, {"every": 3}, {}]


@pytest.mark.parametrize(
    ("sampling", "told"),
    [
        (Sampling(every="minute"), "number of frames or 'second', got 'minute'"),  # type: ignore[arg-type]
        (Sampling(every="second", offset=2), "offset needs a number as every"),
        (Sampling(every="second", fps=2), "one of fps, every and frames"),
    ],
)
def test_another_word_and_contradictions_are_refused(sampling: Sampling, told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        Video("/nowhere.mp4", sampling=sampling)


def test_the_command_refuses_what_is_neither(capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("minute", "0", "2.5", "-1"):
        assert command("extract", "a.mp4", "-e", "siti", "-o", "b.csv", "--every", word) == 2
        assert f"must be a whole number from 1, or second, got '{word}'" in capsys.readouterr().err


def test_a_video_without_a_rate_is_a_question() -> None:
    for fps in (float("nan"), 0.0):
        with pytest.raises(ParameterError, match="needs the frame rate"):
            numbered(SECOND, fps, 10)
