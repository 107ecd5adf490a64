"""Sampling rules at their edges, on lists of times: no video is decoded."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from vqa_features.errors import ParameterError
from vqa_features.specs import Sampling
from vqa_features.video.sampling import TIME_SLACK_S, end_of, select, window
from vqa_features.video.sampling_options import by_time, check_sampling


def in_window(times: list[float], **settings: float) -> list[float]:
    return [time for time, _ in window([(time, "frame") for time in times], Sampling(**settings))]


def selected(times: list[float], sampling: Sampling, end_s: float) -> list[int]:
    """Numbers of the frames that `select` yields."""
    frames = [(time, f"frame {number}") for number, time in enumerate(times)]
    return [int(frame.split()[1]) for _, frame in select(frames, sampling, end_s)]


@pytest.mark.parametrize(
    "allowed",
    [
        Sampling(),
        Sampling(fps=0.5),
        Sampling(fps=1),
        Sampling(every=1),
        Sampling(every=1, offset=0),
        Sampling(every=3, offset=5),
        Sampling(frames=1),
        Sampling(duration_s=0.001),
        Sampling(start_s=0),
        Sampling(start_s=0.5, duration_s=1, fps=2),
    ],
    ids=repr,
)
def test_every_value_within_range_is_allowed(allowed: Sampling) -> None:
    check_sampling(allowed)


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (Sampling(fps=1, every=1), "one of fps, every and frames, got fps and every"),
        (Sampling(every=2, frames=2), "got every and frames"),
        (Sampling(fps=1, every=1, frames=1), "got fps and every and frames"),
        (Sampling(fps=0), "fps must be above 0, got 0"),
        (Sampling(fps=-1), "fps must be above 0, got -1"),
        (Sampling(fps=math.inf), "fps must be above 0, got inf"),
        (Sampling(every=0), "every must be above 0, got 0"),
        (Sampling(frames=0), "frames must be above 0, got 0"),
        (Sampling(duration_s=0), "duration_s must be above 0, got 0"),
        (Sampling(duration_s=math.inf), "duration_s must be above 0, got inf"),
        (Sampling(duration_s=math.nan), "duration_s must be above 0, got nan"),
        (Sampling(frames=4, duration_s=-1), "duration_s must be above 0, got -1"),
        (Sampling(offset=1), "offset must be 0 or more and needs every, got 1"),
        (Sampling(fps=1, offset=1), "offset must be 0 or more and needs every, got 1"),
        (Sampling(every=2, offset=-1), "offset must be 0 or more and needs every, got -1"),
        (Sampling(start_s=-0.001), "start_s must be 0 or more, got -0.001"),
        (Sampling(start_s=math.inf), "start_s must be 0 or more, got inf"),
        (Sampling(start_s=math.nan), "start_s must be 0 or more, got nan"),
    ],
    ids=repr,
)
def test_each_contradiction_names_the_setting_and_its_value(refused: Sampling, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        check_sampling(refused)


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(), False),
        (Sampling(every=2), False),
        (Sampling(every=2, offset=1), False),
        (Sampling(fps=1), True),
        (Sampling(frames=1), True),
        (Sampling(start_s=0.5), True),
        (Sampling(duration_s=0.5), True),
    ],
    ids=repr,
)
def test_only_rates_counts_and_windows_depend_on_time(sampling: Sampling, expected: bool) -> None:
    assert by_time(sampling) is expected


def test_half_a_millisecond_of_rounding_is_allowed_at_both_ends_of_a_window() -> None:
    assert TIME_SLACK_S == 0.0005
    near, far = 0.0003, 0.0007
    assert in_window([1 - far, 1 - near, 1.5, 2 - far], start_s=1, duration_s=1) == [1 - near, 1.5, 2 - far]
    assert in_window([1.5, 2 - near], start_s=1, duration_s=1) == [1.5]


def test_a_frame_exactly_half_a_millisecond_early_counts_as_on_time() -> None:
    first, last = 1 - TIME_SLACK_S, 2 - TIME_SLACK_S
    assert in_window([first, 1.5, last], start_s=1, duration_s=1) == [first, 1.5]


def test_a_window_without_duration_has_no_end() -> None:
    assert in_window([0.5, 1, 1e9], start_s=1) == [1, 1e9]


def test_a_window_ends_at_its_first_late_frame() -> None:
    assert in_window([0, 1, 0.5], duration_s=0.8) == [0]


def test_every_nth_frame_counts_from_the_offset() -> None:
    times = [number / 10 for number in range(10)]
    assert selected(times, Sampling(every=2, offset=4), 1) == [4, 6, 8]
    assert selected(times, Sampling(every=3, offset=1), 1) == [1, 4, 7]
    assert selected(times, Sampling(every=1), 1) == list(range(10))
    assert selected(times, Sampling(), 1) == list(range(10))


def test_the_sampled_part_ends_with_the_stream_or_with_its_duration() -> None:
    assert end_of(Sampling(start_s=1), 10) == 10
    assert end_of(Sampling(start_s=1, duration_s=2), 10) == 3
    assert end_of(Sampling(start_s=1, duration_s=2), 2.5) == 2.5


def test_a_number_of_frames_is_spread_over_a_part_shorter_than_a_second() -> None:
    times = [number / 100 for number in range(100)]
    # parts of .1 s from .3 s on: middles at .35 and .45
    assert selected(times, Sampling(frames=2, start_s=0.3, duration_s=0.2), 1) == [35, 45]


def test_the_time_grid_of_a_rate_starts_at_the_start_and_stops_before_the_end() -> None:
    times = [number / 100 for number in range(100)]
    assert selected(times, Sampling(fps=4, start_s=0.3, duration_s=0.5), 1) == [30, 55]
    assert selected(times, Sampling(fps=10, duration_s=0.31), 1) == [0, 10, 20, 30]


def test_a_part_shorter_than_a_step_gives_one_frame() -> None:
    assert selected([0, 0.1, 0.2], Sampling(fps=1), 0.3) == [0]
    assert selected([0, 0.1, 0.2], Sampling(fps=1), 0) == [0]


def test_a_point_a_millionth_of_a_step_before_the_end_is_left_out() -> None:
    times = [0, 0.5, 0.9]
    assert selected(times, Sampling(fps=1), 1 + 0.5e-6) == [0]
    assert selected(times, Sampling(fps=1), 1 + 1.5e-6) == [0, 2]


def test_the_earlier_frame_of_a_tie_is_taken_within_a_nanosecond() -> None:
    times = [0, 1]
    for start_s in (0.5, 0.5 + 1e-9):
        assert selected(times, Sampling(fps=1, start_s=start_s), 1.4) == [0]
    for start_s in (0.5 + 1.5e-9, 0.6):
        assert selected(times, Sampling(fps=1, start_s=start_s), 1.4) == [1]


def test_no_frames_give_no_frames() -> None:
    for sampling in (Sampling(), Sampling(every=2), Sampling(fps=1), Sampling(frames=3)):
        assert selected([], sampling, 3) == []


def test_a_time_that_runs_backwards_counts_as_the_one_before() -> None:
    # as if the times were 0, 1, 1, 2
    assert selected([0, 1, 0.2, 2], Sampling(fps=1), 3) == [0, 1, 3]
    assert selected([0, 1, 0.2, 0.4], Sampling(fps=1), 2) == [0, 1]


def test_no_frame_is_read_after_the_last_grid_point_is_decided() -> None:
    read = []

    def frames() -> Iterator[tuple[float, str]]:
        for time in (0.0, 5.0, 10.0, 15.0, 20.0):
            read.append(time)
            yield time, "frame"

    assert [time for time, _ in select(frames(), Sampling(fps=1), 1)] == [0]
    assert read == [0, 5]


def test_the_time_of_a_frame_is_handed_on_with_it() -> None:
    frames = [(0.0, "a"), (0.4, "b"), (0.8, "c")]
    assert list(select(frames, Sampling(fps=2.5), 1.2)) == frames
    assert list(select(frames, Sampling(frames=1), 1.2)) == [(0.4, "b")]
