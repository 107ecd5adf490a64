"""Frames on their way in several threads: their order, errors and end are those of one; they are bounded."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from counting_extractor import FRAMES, INFO, counting, stream
from threadpoolctl import threadpool_info

from vqa_features.extraction.engine import feed_each
from vqa_features.extraction.frame_threads import AHEAD, WAITING
from vqa_features.frame import Frame
from vqa_features.specs import Scope


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
    assert 2 <= most <= threads + AHEAD + 2 * WAITING


def most_kept(*, beside: bool) -> tuple[int, int]:
    """Return the most frames on their way, and the most with views in memory, where the first takes long."""
    extractors = [counting(slow_at=0), *[counting(concurrent=False)] * beside]
    frames: weakref.WeakSet[Frame] = weakref.WeakSet()
    on_the_way = with_views = 0

    def counted() -> Iterator[Frame]:
        nonlocal on_the_way, with_views
        for given, frame in enumerate(stream(), 1):
            on_the_way = max(on_the_way, given - len(extractors[0].pushed))
            frames.add(frame)
            time.sleep(0.05 * (given == 2))  # until the other thread has the first
            with_views = max(with_views, sum(bool(one._views) for one in frames))
            yield frame
            del frame

    feed_each(counted(), INFO, extractors, threads=2)
    assert [window[-1] for window in extractors[0].pushed] == [*range(FRAMES)]
    return on_the_way, with_views


def test_frames_that_are_done_wait_for_a_slow_one_without_their_views() -> None:
    on_the_way, with_views = most_kept(beside=False)
    assert 2 + AHEAD + WAITING < on_the_way <= 2 + AHEAD + 2 * WAITING
    assert with_views <= 2


def test_no_frame_waits_beside_a_session_that_reads_frames_in_order() -> None:
    on_the_way, _ = most_kept(beside=True)
    assert on_the_way <= 2 + AHEAD


def test_windows_of_the_end_are_shared() -> None:
    extractor = counting("pair", after_=4)
    feed_each(stream(6), INFO, [extractor], threads=2)
    assert len(extractor.pushed) == 6
    assert len(extractor.measured_by) == 2


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
