"""Which frames are seen: the rules on lists of times, then on videos."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_videos import encode, moving, moving_planes

from vqa_features.errors import DecodeError, ParameterError
from vqa_features.specs import Sampling
from vqa_features.video import Video
from vqa_features.video.sampling import TIME_SLACK_S, end_of, select, window


def chosen(times: list[float], sampling: Sampling, end_s: float) -> list[int]:
    pairs = window(zip(times, range(len(times)), strict=True), sampling)
    return [number for _, number in select(pairs, sampling, end_s)]


def nearest_by_search(times: list[float], sampling: Sampling, end_s: float) -> list[int]:
    """The definition: to every point of the grid the nearest frame of the window, each once."""
    start, end = sampling.start_s, end_of(sampling, end_s)
    inside = [
        number
        for number, time in enumerate(times)
        if start - TIME_SLACK_S <= time
        and (sampling.duration_s is None or time < start + sampling.duration_s - TIME_SLACK_S)
    ]
    if sampling.frames is not None:
        points = [start + (i + 0.5) * (end - start) / sampling.frames for i in range(sampling.frames)]
    else:
        assert sampling.fps is not None
        count = max(1, math.ceil((end - start) * sampling.fps - 1e-6))
        points = [start + i / sampling.fps for i in range(count)]
    found = {min(inside, key=lambda n: (round(abs(times[n] - point), 7), n)) for point in points if inside}
    return sorted(found)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=40),
    st.one_of(
        st.builds(Sampling, fps=st.sampled_from([0.5, 1.0, 2.0, 7.0, 25.0, 100.0])),
        st.builds(Sampling, frames=st.integers(1, 50)),
        st.builds(
            Sampling,
            fps=st.sampled_from([1.0, 3.0]),
            start_s=st.sampled_from([0.5, 1.0]),
            duration_s=st.sampled_from([0.3, 2.0]),
        ),
    ),
)
def test_time_sampling_takes_the_nearest_frame_of_every_grid_point(
    steps: list[int], sampling: Sampling
) -> None:
    times = [0.0, *(np.cumsum(steps) / 1000).tolist()]
    end_s = times[-1] + 0.04
    assert chosen(times, sampling, end_s) == nearest_by_search(times, sampling, end_s)


CASES = [
    (Sampling(), list(range(25))),
    (Sampling(every=4), [0, 4, 8, 12, 16, 20, 24]),
    (Sampling(every=10, offset=3), [3, 13, 23]),
    (Sampling(every=100, offset=7), [7]),
    (Sampling(fps=5), [0, 5, 10, 15, 20]),
    (Sampling(fps=1), [0]),
    (Sampling(fps=100), list(range(25))),
    (Sampling(frames=1), [12]),
    (Sampling(frames=5), [2, 7, 12, 17, 22]),
    (Sampling(frames=40), list(range(25))),
    (Sampling(start_s=0.2, duration_s=0.2), [5, 6, 7, 8, 9]),
    (Sampling(start_s=0.8), [20, 21, 22, 23, 24]),
    (Sampling(every=2, start_s=0.4, duration_s=0.2), [10, 12, 14]),
    (Sampling(duration_s=0.1), [0, 1, 2]),
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sampling")
    return {kind: moving(folder / f"a.{kind}", 25) for kind in ("mp4", "mkv", "ts")}


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize(("sampling", "expected"), CASES)
def test_a_second_at_25_per_second_gives_these_frames(
    clip: dict[str, Path], kind: str, sampling: Sampling, expected: list[int]
) -> None:
    with Video(clip[kind], sampling=sampling) as video:
        frames = [(frame.index, round(frame.time_s * 25)) for frame in video]
        assert frames == list(enumerate(expected))
        assert video.info.frames == len(expected)
        assert video.outcome.status == "ok"
        assert video.outcome.frames_decoded <= (video.outcome.frames_expected or 0)


def test_the_rate_of_the_sampled_stream_is_told(clip: dict[str, Path]) -> None:
    rates = {
        Sampling(): 25,
        Sampling(every=5): 5,
        Sampling(fps=2): 2,
        Sampling(fps=60): 25,
        Sampling(frames=5): 5,
    }
    for sampling, rate in rates.items():
        with Video(clip["mp4"], sampling=sampling) as video:
            assert video.info.fps == pytest.approx(rate)


def test_frames_are_spread_by_time_not_by_number(tmp_path: Path) -> None:
    stamps = [0, 1, 2, 3, 4, 5, 6, 7, 50, 75, 99]
    path = encode(tmp_path / "a.mkv", [moving_planes(n) for n in range(11)], stamps=stamps)
    with Video(path, sampling=Sampling(frames=4)) as video:
        # four seconds: the grid is at 12.5, 37.5, 62.5 and 87.5 frames
        assert [round(frame.time_s * 25) for frame in video] == [7, 50, 99]


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
@pytest.mark.parametrize("start_s", [2.0, 3.48, 5.9])
def test_a_late_start_gives_the_frames_decoding_from_the_beginning_gives(
    tmp_path: Path, kind: str, start_s: float
) -> None:
    settings = {"options": {"preset": "veryfast", "g": "25", "bf": "3"}}
    path = moving(tmp_path / f"a.{kind}", 150, **settings)
    with Video(path) as video:
        whole = {round(frame.time_s * 25): frame.view("luma").copy() for frame in video}
    with Video(path, sampling=Sampling(start_s=start_s, duration_s=0.4)) as video:
        part = {round(frame.time_s * 25): frame.view("luma") for frame in video}
        assert video.outcome.status == "ok"
    assert sorted(part) == list(range(round(start_s * 25), min(round(start_s * 25) + 10, 150)))
    assert all((part[number] == whole[number]).all() for number in part)


def test_a_start_past_the_end_is_an_error_that_names_it(clip: dict[str, Path]) -> None:
    for kind in clip:
        with Video(clip[kind], sampling=Sampling(start_s=9)) as video:
            assert video.info.frames == 0
            with pytest.raises(DecodeError, match="no frame from 9 s on"):
                list(video)


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(fps=0),
        Sampling(fps=float("nan")),
        Sampling(every=0),
        Sampling(frames=-1),
        Sampling(fps=1, every=2),
        Sampling(offset=3),
        Sampling(every=2, offset=-1),
        Sampling(start_s=-1),
        Sampling(duration_s=0),
    ],
)
def test_contradictory_sampling_is_refused_before_the_file_is_opened(sampling: Sampling) -> None:
    with pytest.raises(ParameterError, match="sampling"):
        Video("/nowhere.mp4", sampling=sampling)
