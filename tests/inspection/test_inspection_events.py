"""Events and extremes of rows whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vqa_features.inspection.drawing import HEIGHT, MARGIN, PARTS, Axis, path_of
from vqa_features.inspection.events import Event, events_of, stretches_of
from vqa_features.inspection.time_lines import moments_of

RATE = 25.0


def rows(n: int = 100, **columns: dict[int, float]) -> pd.DataFrame:
    """Frames that all change, of no event, but for the given values by frame."""
    base = {
        "change_mean": 5.0,
        "change_block": 20.0,
        "cut": 0.0,
        "fade": 0.0,
        "dissolve": 0.0,
        "flashing": 0.0,
    }
    found = pd.DataFrame({"time_s": np.arange(n) / RATE, "basics.dark_share": 0.1})
    for name, value in base.items():
        found[f"moments.{name}"] = value
    for name, values in columns.items():
        column = name if name == "time_s" else "basics.dark_share" if name == "dark" else f"moments.{name}"
        for place, value in values.items():
            found.loc[place, column] = value
    return found


def still(*frames: int) -> dict[str, dict[int, float]]:
    """Changes of frames that repeat the one before."""
    return {name: dict.fromkeys(frames, 0.0) for name in ("change_mean", "change_block")}


def told(frames: pd.DataFrame) -> list[tuple[str, int, int]]:
    return [(one.kind, one.first, one.last) for one in events_of(frames)]


def test_a_video_that_moves_has_no_event() -> None:
    assert told(rows()) == []


def test_a_cut_ends_where_it_begins() -> None:
    (cut,) = events_of(rows(cut={50: 1.0}))
    assert cut == Event("cut", 50, 50, 2.0, 2.0)


def test_transitions_that_touch_are_two() -> None:
    marks = {**dict.fromkeys(range(10, 20), 1.0), **dict.fromkeys(range(20, 30), 2.0)}
    assert told(rows(fade=marks)) == [("fade", 10, 19), ("fade", 20, 29)]


def test_a_freeze_begins_with_its_picture_and_lasts_until_the_next() -> None:
    (freeze,) = events_of(rows(**still(*range(41, 51))))
    assert (freeze.kind, freeze.first, freeze.last) == ("freeze", 40, 50)
    assert (freeze.start_s, freeze.end_s) == pytest.approx((1.6, 2.04))


def test_a_frame_held_by_its_time_is_a_freeze() -> None:
    late = {place: place / RATE + 1.0 for place in range(31, 100)}
    (freeze,) = events_of(rows(time_s=late))
    assert (freeze.kind, freeze.first, freeze.last) == ("freeze", 30, 30)
    assert freeze.end_s - freeze.start_s == pytest.approx(1.04)


def test_repeats_in_a_cadence_are_one_stretch_and_no_freeze() -> None:
    (found,) = events_of(rows(**still(*range(11, 60, 2))))
    assert (found.kind, found.first, found.last) == ("repeats", 10, 59)
    assert found.detail == "25 of 50 frames repeat the last one"


def stretches(*repeated: int, frozen: range = range(0)) -> list[tuple[int, int]]:
    marks = np.zeros((2, 100), bool)
    marks[0, list(repeated)] = marks[1, list(frozen)] = True
    return list(stretches_of(marks[0], marks[1], np.arange(100) / RATE))


def test_two_repeats_are_no_stretch() -> None:
    assert stretches(10, 12) == []


def test_a_second_or_a_freeze_between_repeats_ends_a_stretch() -> None:
    assert stretches(10, 12, 14, 60, 62, 64) == [(10, 14), (60, 64)]
    assert stretches(10, 12, 14, 26, 28, 30) == [(10, 30)]
    assert stretches(10, 12, 14, 26, 28, 30, frozen=range(16, 24)) == [(10, 14), (26, 30)]


def test_black_and_unsafe_frames_are_runs() -> None:
    found = rows(dark=dict.fromkeys(range(5, 9), 0.99), flashing=dict.fromkeys((70, 71), 1.0))
    assert told(found) == [("black", 5, 8), ("flashes", 70, 71)]


def test_without_times_only_what_needs_none_is_found() -> None:
    frames = rows(cut={50: 1.0}, **still(*range(11, 21)))
    frames["time_s"] = np.nan
    assert told(frames) == [("cut", 50, 50)]


@pytest.mark.parametrize("n", [0, 1])
def test_a_video_of_no_frame_or_one_has_no_freeze(n: int) -> None:
    assert told(rows(n)) == []


def test_the_last_frame_of_an_event_ends_after_the_median() -> None:
    (black,) = events_of(rows(10, dark=dict.fromkeys(range(10), 1.0)))
    assert (black.start_s, black.end_s) == pytest.approx((0.0, 0.4))


def test_columns_that_are_missing_give_no_events() -> None:
    assert told(pd.DataFrame({"time_s": np.arange(5) / RATE})) == []


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("lower is better", [(7, "worst"), (60, "second worst")]),
        ("higher is better", [(30, "worst"), (90, "second worst")]),
        ("none", [(30, "lowest"), (7, "highest")]),
    ],
)
def test_the_worst_moments_follow_the_declared_direction(
    direction: str, expected: list[tuple[int, str]]
) -> None:
    values = np.zeros(100)
    values[[7, 8, 60]] = 9.0, 8.9, 5.0  # frame 8 is too near to 7
    values[[30, 90]] = -4.0, -2.0
    values[20] = np.nan
    found = moments_of(values, np.arange(100) / RATE, direction)
    assert [(one.frame, one.what) for one in found] == expected


@pytest.mark.parametrize("values", [np.full(5, 3.0), np.full(5, np.nan), np.zeros(0)])
def test_a_measure_that_does_not_change_has_no_extreme(values: np.ndarray) -> None:
    assert moments_of(values, np.arange(values.size) / RATE, "lower is better") == ()


def test_a_path_has_gaps_and_reaches_both_ends_of_its_chart() -> None:
    path = path_of(np.array([0.0, 0.25, 0.5, 0.75]), np.array([1.0, 3.0, np.nan, 2.0]))
    assert path == f"M0.0 {HEIGHT - MARGIN:.1f}h.01L250.0 {MARGIN:.1f}M750.0 50.0h.01"


def test_a_long_video_keeps_its_lowest_and_highest_values() -> None:
    values = np.zeros(90_000)
    values[[12_345, 67_890]] = 1.0, -1.0
    path = path_of(np.arange(90_000) / 90_000, values)
    assert path.count("L") < 2 * PARTS
    assert f" {MARGIN:.1f}" in path
    assert f" {HEIGHT - MARGIN:.1f}" in path


def test_an_axis_of_unknown_times_counts_frames() -> None:
    axis = Axis.of(np.full(4, np.nan))
    assert not axis.timed
    assert axis.shares.tolist() == [0.0, 0.25, 0.5, 0.75]
    assert axis.span(Event("black", 1, 2, np.nan, np.nan)) == (25.0, 50.0)


def test_ticks_are_round_and_inside() -> None:
    ticks = Axis.of(np.arange(240) / 30).ticks()
    assert [text for _, text in ticks] == ["0", "2", "4", "6", "8"]
    assert ticks[-1][0] == 100.0
