"""Several threads give the rows of one, its errors and its end; frames on their way are bounded."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest
from small_videos import moving
from threadpoolctl import threadpool_info

import vqa_features as vf
from vqa_features.extraction.engine import feed_each
from vqa_features.extraction.frame_threads import AHEAD
from vqa_features.extraction.task import run_task
from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Frame, Views
from vqa_features.picture import ArrayPicture
from vqa_features.registry import make_all, registry
from vqa_features.specs import Feature, Sampling, Scope, VideoInfo
from vqa_features.video_task import VideoResult, VideoTask

FRAMES = 24
#: All classical methods but FRIQUEE, which takes seconds for a frame, and IL-NIQE, whose weights are apart.
CHEAP = sorted(
    {name for name, one in registry().items() if one.family == "handcrafted"} - {"friquee", "il-niqe"}
)


class _CountingSession(Session):
    """Says where it was called, and fails where it is told to; rows are numbers of frames."""

    def __init__(self, extractor: _Counting) -> None:
        self._of = extractor
        self.concurrent = extractor.concurrent
        self.looks_back = extractor.looks_back
        self.closed = 0
        #: Threads that prepare now.
        self.inside: set[int] = set()
        self._total = 0.0
        extractor.sessions.append(self)

    def _fail(self, where: str, index: int) -> None:
        if (where, index) == (self._of.fails_in, self._of.fails_at):
            raise RuntimeError(f"{where} of frame {index}")

    def prepare(self, frame: Views) -> float:
        assert not self.closed
        self._of.threads_seen.add(threading.get_ident())
        self.inside.add(threading.get_ident())
        try:
            time.sleep(0.002 * (frame.index % 3))
            self._fail("prepare", frame.index)
        finally:
            self.inside.remove(threading.get_ident())
        return float(frame.index)

    def measure(self, window: Sequence[float | None]) -> tuple[float, ...]:
        assert not self.closed
        last = window[-1]
        assert last is not None
        time.sleep(0.002 * (last % 2))
        self._fail("measure", int(last))
        return tuple(np.nan if one is None else one for one in window)

    def push(self, window: tuple[float, ...]) -> Values | None:
        self._fail("push", int(window[-1]))
        self._of.pushed.append(window)
        row = np.array([window[0], window[-1]])
        return None if self._of.scope == "video" else row

    def finish(self) -> Values | None:
        return np.array([0.0, len(self._of.pushed)]) if self._of.scope == "video" else None

    def close(self) -> None:
        assert not self.inside
        self.closed += 1


@dataclass(frozen=True)
class _Counting(Extractor):
    """Counts; one for each test, because it keeps what happened."""

    number: int = 0
    fails_in: str = ""
    fails_at: int = -1
    concurrent: bool = True
    looks_back: int = 0

    name: ClassVar[str] = "counting"
    group: ClassVar[str] = "artefact"
    pushed: ClassVar[list[Any]]
    sessions: ClassVar[list[_CountingSession]]
    threads_seen: ClassVar[set[int]]

    @property
    def features(self) -> tuple[Feature, ...]:
        return (Feature("first", "first of the window"), Feature("last", "last of the window"))

    def open(self, info: VideoInfo) -> Session:
        return _CountingSession(self)


def counting(scope_: Scope = "frame", **parameters: Any) -> _Counting:
    class Counting(_Counting):
        scope: ClassVar[Scope] = scope_
        pushed: ClassVar[list[Any]] = []
        sessions: ClassVar[list[_CountingSession]] = []
        threads_seen: ClassVar[set[int]] = set()

    return Counting(**parameters)


def stream(count: int = FRAMES) -> Iterator[Frame]:
    for index in range(count):
        plane = np.full((16, 16), index, np.uint8)
        plane[0, 0] = 255
        yield Frame(ArrayPicture(plane), index, index / 25)


INFO = VideoInfo("<frames>", 16, 16, 25.0, FRAMES, FRAMES / 25, container="array")


def task(path: object, labels: str | Sequence[str], threads: int, **sampling: Any) -> VideoTask:
    return VideoTask("one", str(path), tuple(make_all(labels)), Sampling(**sampling), threads=threads)


def assert_same(result: VideoResult, other: VideoResult) -> None:
    assert list(result.rows) == list(other.rows)
    for label, rows in result.rows.items():
        for mine, theirs in zip(vars(rows).values(), vars(other.rows[label]).values(), strict=True):
            np.testing.assert_array_equal(mine, theirs, err_msg=label)
    assert (result.warnings, result.failures, result.sight) == (other.warnings, other.failures, other.sight)
    assert (result.status, result.frames_decoded) == (other.status, other.frames_decoded)


@pytest.fixture(scope="module")
def clip() -> Any:
    return files("vqa_features.resources") / "demo/bikes_square.mp4"


@pytest.fixture(scope="module")
def alone(clip: Any) -> VideoResult:
    return run_task(task(clip, CHEAP, 1, duration_s=0.4))


@pytest.mark.parametrize("threads", [2, 4])
def test_every_method_gives_the_same_bits(clip: Any, alone: VideoResult, threads: int) -> None:
    assert_same(run_task(task(clip, CHEAP, threads, duration_s=0.4)), alone)


def test_neighbours_of_sampled_frames_give_the_same_bits(clip: Any) -> None:
    labels = [one.label for one in make_all(CHEAP) if one.scope in ("pair", "video")]
    one, two = (run_task(task(clip, labels, threads, every=7, duration_s=0.8)) for threads in (1, 3))
    assert_same(two, one)


@pytest.mark.parametrize("cut", [True, False])
def test_a_damaged_video_gives_the_same_rows(tmp_path: Path, cut: bool) -> None:
    path = moving(tmp_path / "clip.mkv", FRAMES)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[: middle + 7] if cut else whole[:middle] + bytes(40) + whole[middle + 40 :])
    labels = ["cambi", "dct-energy", "interlace", "siti"]
    one = run_task(task(path, labels, 1))
    assert one.status != "ok"
    for threads in (2, 4):
        assert_same(run_task(task(path, labels, threads)), one)


@pytest.mark.parametrize("scope", ["frame", "pair", "video"])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_windows_come_in_order(scope: Scope, threads: int) -> None:
    extractor = counting(scope)
    done = feed_each(stream(), INFO, [extractor], threads=threads)
    assert not done.failures
    assert [window[-1] for window in extractor.pushed] == list(range(FRAMES))
    assert extractor.sessions[0].closed == 1


@pytest.mark.parametrize("threads", [1, 3])
def test_a_video_session_may_look_back(threads: int) -> None:
    extractor = counting("video", looks_back=2)
    feed_each(stream(4), INFO, [extractor], threads=threads)
    nan = np.nan
    np.testing.assert_equal(extractor.pushed, [(nan, nan, 0), (nan, 0, 1), (0, 1, 2), (1, 2, 3)])


def test_only_concurrent_sessions_are_called_by_other_threads() -> None:
    shared, old = counting(), counting(number=1, concurrent=False)
    feed_each(stream(), INFO, [shared, old], threads=4)
    assert len(shared.threads_seen) > 1
    assert old.threads_seen == {threading.get_ident()}
    assert old.pushed == shared.pushed


def test_one_thread_starts_no_other() -> None:
    extractor = counting()
    feed_each(stream(), INFO, [extractor])
    assert extractor.threads_seen == {threading.get_ident()}


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("where", ["prepare", "measure", "push"])
@pytest.mark.parametrize("scope", ["frame", "pair", "video"])
def test_an_error_is_that_of_one_extractor(scope: Scope, where: str, threads: int) -> None:
    bad, good = counting(scope, fails_in=where, fails_at=5), counting(scope, number=1)
    done = feed_each(stream(), INFO, [bad, good], threads=threads)
    assert {label: failed.error for label, failed in done.failures.items()} == {
        bad.label: f"RuntimeError: {where} of frame 5"
    }
    assert len(bad.pushed) == 5
    assert len(good.pushed) == FRAMES
    assert [one.closed for one in (*bad.sessions, *good.sessions)] == [1, 1]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_first_error_in_the_order_of_frames_is_raised(threads: int) -> None:
    late, early = counting(fails_in="prepare", fails_at=6), counting(number=1, fails_in="push", fails_at=5)
    with pytest.raises(RuntimeError, match="push of frame 5"):
        feed_each(stream(), INFO, [late, early], alone=False, threads=threads)
    assert [one.closed for one in (*late.sessions, *early.sessions)] == [1, 1]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_an_error_of_the_stream_comes_after_those_of_frames_before(threads: int) -> None:
    def ending() -> Iterator[Frame]:
        yield from stream(5)
        raise OSError("the stream ends")

    extractor = counting()
    with pytest.raises(OSError, match="the stream ends"):
        feed_each(ending(), INFO, [extractor], threads=threads)
    assert len(extractor.pushed) == 5
    assert extractor.sessions[0].closed == 1
    with pytest.raises(RuntimeError, match="push of frame 4"):
        feed_each(ending(), INFO, [counting(fails_in="push", fails_at=4)], alone=False, threads=threads)


@pytest.mark.parametrize("threads", [2, 4])
def test_an_interruption_closes_sessions_and_leaves_no_thread(threads: int) -> None:
    def interrupted() -> Iterator[Frame]:
        yield from stream(6)
        raise KeyboardInterrupt

    extractor, before = counting(), threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        feed_each(interrupted(), INFO, [extractor], threads=threads)
    assert extractor.sessions[0].closed == 1
    assert threading.active_count() == before


@pytest.mark.parametrize("scope", ["frame", "pair", "video"])
@pytest.mark.parametrize("threads", [2, 4])
def test_frames_on_their_way_are_bounded(scope: Scope, threads: int) -> None:
    extractor = counting(scope)
    most = 0

    def counted() -> Iterator[Frame]:
        nonlocal most
        for given, frame in enumerate(stream(), 1):
            most = max(most, given - len(extractor.pushed))
            yield frame

    feed_each(counted(), INFO, [extractor], threads=threads)
    assert 2 <= most <= threads + AHEAD


def test_libraries_have_one_thread_inside_and_theirs_again_after() -> None:
    def blas() -> set[int]:
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    seen = []

    def watched() -> Iterator[Frame]:
        for frame in stream(3):
            seen.append((cv2.getNumThreads(), blas()))
            yield frame

    before = cv2.getNumThreads(), blas()
    feed_each(watched(), INFO, [counting()], threads=2)
    assert all(one == (1, {1}) for one in seen)
    assert (cv2.getNumThreads(), blas()) == before


def test_every_function_takes_threads(clip: Any) -> None:
    one = vf.extract(clip, "dct-energy", frames=4)
    assert one.equals(vf.extract(clip, "dct-energy", frames=4, threads=3))
    table = vf.extract_many([clip], "dct-energy", frames=4, threads=2)
    assert table[one.index].iloc[0].equals(one.rename(table.index[0]))
    planes = np.random.default_rng(1).integers(0, 255, (5, 64, 64), np.uint8)
    alone = vf.extract_frames(planes, "dct-energy")
    assert alone.equals(vf.extract_frames(planes, "dct-energy", threads=2))


@pytest.mark.parametrize("threads", [0, -1])
def test_threads_must_be_above_0(clip: Any, threads: int) -> None:
    with pytest.raises(vf.ParameterError, match="threads"):
        vf.extract(clip, "siti", threads=threads)
    with pytest.raises(vf.ParameterError, match="threads"):
        vf.extract_many([clip], "siti", threads=threads)
    with pytest.raises(vf.ParameterError, match="threads"):
        vf.extract_frames(np.zeros((2, 8, 8), np.uint8), "siti", threads=threads)
