"""Progress: the rate of the last minute, the time left, failures by kind, on terminals and elsewhere."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import sys
import threading

import pytest

from vqa_features import pace, progress
from vqa_features.pace import Pace, rate_text, span_text
from vqa_features.progress import MOST_NOTES, Progress


class Clock:
    """The clock of both modules, moved by the test."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_the_rate_is_that_of_the_last_minute(clock: Clock) -> None:
    run = Pace(10_000)
    for step_s, count in ((0.1, 600), (0.5, 240)):
        for _ in range(count):
            clock.now_s += step_s
            run.step()
    assert run.rate == pytest.approx(2.0, rel=0.02)
    assert run.left_s == pytest.approx((10_000 - 840) / 2.0, rel=0.02)


def test_the_rate_of_slow_steps_is_that_of_the_last_twenty(clock: Clock) -> None:
    run = Pace(1000)
    for step_s, count in ((1.0, 100), (50.0, 25)):
        for _ in range(count):
            clock.now_s += step_s
            run.step()
    assert run.rate == pytest.approx(1 / 50, rel=0.05)


def test_what_was_done_before_does_not_count_for_the_rate(clock: Clock) -> None:
    run = Pace(1000)
    for _ in range(500):
        run.step(was_done=True)
    assert run.rate == 0
    assert run.left_s is None
    clock.now_s += 30  # the first worker gets ready
    run.begin()
    for _ in range(100):
        clock.now_s += 2
        run.step()
        run.begin()  # the next video; nothing begins again
    assert run.rate == pytest.approx(0.5, rel=0.02)
    assert run.left_s == pytest.approx(400 * 2, rel=0.02)


def test_the_time_left_is_that_of_the_work_that_is_left(clock: Clock) -> None:
    """Long videos first: 10 of 100 s each, then 90 of 1 s."""
    run = Pace(10 * 100 + 90)
    for _ in range(10):
        clock.now_s += 100
        run.step(100.0)
    assert run.left_s == pytest.approx(90)


def test_the_samples_of_a_long_run_are_few(clock: Clock) -> None:
    run = Pace(1_000_000)
    for _ in range(20_000):
        clock.now_s += 0.9
        run.step()
    assert len(run._samples) < 100


def test_spans_and_rates_as_text() -> None:
    assert [span_text(seconds) for seconds in (0, 9.94, 59, 119, 121, 7201, 3e5)] == [
        *("0.0 s", "9.9 s", "59 s", "119 s", "2.0 min", "2.0 h", "3.5 days")
    ]
    assert [rate_text(rate, "videos") for rate in (250.4, 1.0, 0.99, 0.5 / 60, 1 / 7200)] == [
        *("250 videos/s", "1.0 videos/s", "59 videos/min", "30 videos/h", "12 videos/day")
    ]


def test_plain_lines_come_at_every_tenth_and_within_five_minutes(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress("extract", 100, unit="videos") as run:
        for number in range(100):
            clock.now_s += 1 if number < 50 else 200
            run.step(kind="partial" if number == 30 else "")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "extract: 10/100 (10 s, 1.0 videos/s, 90 s left)"
    assert lines[3] == "extract: 40/100 (40 s, 1.0 videos/s, 60 s left; 1 partial)"
    assert [line.partition(" (")[0] for line in lines[:6]] == [
        f"extract: {done}/100" for done in (10, 20, 30, 40, 50, 52)
    ]
    assert lines[-1] == "extract: 100/100 (10050 s, 18 videos/h; 1 partial)"


def test_a_short_run_says_no_more_than_before(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("extract", 3, unit="videos") as run:
        for _ in range(3):
            run.step()
    assert capsys.readouterr().err == "extract: 3/3 (0 s)\n"


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> str:
    """What a terminal of so many columns gets of a run with many kinds of failures."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    reader, writer = pty.openpty()
    got: list[bytes] = []
    listener = threading.Thread(target=listen, args=(reader, got))
    listener.start()
    with os.fdopen(writer, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with Progress("extract", 30, unit="videos", listed="the table") as run:
            for number in range(30):
                note = f"v{number}\x1b]0;x"
                run.step(note, kind="failed(decode)" if number < 24 else f"failed(crash: SIGNAL{number})")
        monkeypatch.undo()
    listener.join(10)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(got).decode())


def listen(reader: int, got: list[bytes]) -> None:
    """Read what a terminal gets until nobody writes to it."""
    with contextlib.suppress(OSError):
        while data := os.read(reader, 4096):
            got.append(data)
    os.close(reader)


@pytest.mark.parametrize("columns", [60, 200])
def test_the_bar_stays_on_one_line_with_its_count(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    text = on_a_terminal(monkeypatch, columns)
    last = re.split(r"[\r\n]+", text.strip())[-1].strip()
    assert last.startswith("extract ")
    assert "30/30" in last
    assert len(last) <= columns
    assert "24 failed(de" in last
    if columns == 200:
        assert last.endswith("1 failed(crash: SIGNAL26), 3 of other kinds")
    assert text.count("\\x1B]0;x") == MOST_NOTES + 6
    assert "failed(decode): more than 20, the others" in text
