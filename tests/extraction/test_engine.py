"""Every session that was opened is closed exactly once, whatever ends the extraction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from small_videos import moving

from vqa_features import extract
from vqa_features.batch.many_videos import extract_many
from vqa_features.errors import DecodeError
from vqa_features.extraction.engine import feed_all
from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Frame, Views
from vqa_features.specs import Feature, VideoInfo
from vqa_features.video import Video

FRAMES = 4
#: What happened, in order: (what, label of the extractor).
EVENTS: list[tuple[str, str]] = []


class _MeanSession(Session):
    def __init__(self, extractor: _Mean) -> None:
        self._extractor = extractor
        EVENTS.append(("open", extractor.label))

    def push(self, window: Sequence[Views]) -> Values:
        if window[0].index == self._extractor.fails_at:
            raise self._extractor.failure
        return np.array([window[0].luma.mean()])

    def close(self) -> None:
        EVENTS.append(("close", self._extractor.label))
        if self._extractor.close_fails:
            raise ValueError("cannot be closed")


@dataclass(frozen=True)
class _Mean(Extractor):
    """Mean of luma; fails where it is told to."""

    name: ClassVar[str] = "mean"
    group: ClassVar[str] = "artefact"
    #: Raised where `fails_at` says.
    failure: ClassVar[BaseException] = RuntimeError("this method cannot go on")

    number: int = 0
    opens: bool = True
    fails_at: int = -1
    close_fails: bool = False

    @property
    def features(self) -> tuple[Feature, ...]:
        return (Feature("luma", "mean of luma"),)

    def open(self, info: VideoInfo) -> Session:
        if not self.opens:
            raise RuntimeError("cannot be opened")
        return _MeanSession(self)


class _Interrupted(_Mean):
    failure: ClassVar[BaseException] = KeyboardInterrupt()


@pytest.fixture(autouse=True)
def _no_events() -> None:
    EVENTS.clear()


@pytest.fixture
def clip(tmp_path: Path) -> str:
    return str(moving(tmp_path / "clip.mp4", FRAMES))


def assert_closed(*labels: str) -> None:
    """Exactly these were opened, and each was closed once, the last one first."""
    opened, closed = (("open", one) for one in labels), (("close", one) for one in reversed(labels))
    assert list(EVENTS) == [*opened, *closed]


def test_sessions_are_closed_after_success(clip: str) -> None:
    row = extract(clip, [_Mean(1), _Mean(2)])
    assert np.isfinite(row).all()
    assert_closed("mean[number=1]", "mean[number=2]")


@pytest.mark.parametrize("fails_at", [0, 2, FRAMES - 1])
def test_sessions_are_closed_when_an_extractor_raises(clip: str, fails_at: int) -> None:
    with pytest.raises(RuntimeError, match="cannot go on"):
        extract(clip, [_Mean(1), _Mean(fails_at=fails_at), _Mean(2)])
    assert_closed("mean[number=1]", f"mean[fails_at={fails_at}]", "mean[number=2]")


def test_sessions_are_closed_on_interruption(clip: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        extract(clip, [_Mean(), _Interrupted(fails_at=1)])
    assert_closed("mean", "mean[fails_at=1]")


def test_sessions_opened_before_another_extractor_s_open_failed_are_closed(clip: str) -> None:
    with pytest.raises(RuntimeError, match="cannot be opened"):
        extract(clip, [_Mean(1), _Mean(2), _Mean(opens=False), _Mean(3)])
    assert_closed("mean[number=1]", "mean[number=2]")


def test_sessions_are_closed_when_windows_are_not_allowed(clip: str) -> None:
    class Clips(_Mean):
        scope = "clip"

        def windows(self, n_frames: int, fps: float) -> Any:
            return [[n_frames]]

    with pytest.raises(ValueError, match="gave numbers outside"):
        extract(clip, [_Mean(1), Clips(2)])
    assert_closed("mean[number=1]", "mean[number=2]")


def ending(frames: Iterator[Frame], error: BaseException) -> Iterator[Frame]:
    """Real frames, then `error` from the stream."""
    yield next(frames)
    yield next(frames)
    raise error


@pytest.mark.parametrize("error", [DecodeError("the file ends here"), KeyboardInterrupt()])
def test_sessions_are_closed_when_the_stream_raises(clip: str, error: BaseException) -> None:
    with Video(clip) as video, pytest.raises(type(error)):
        feed_all(ending(iter(video), error), video.info, [_Mean(1), _Mean(2)])
    assert_closed("mean[number=1]", "mean[number=2]")


def test_a_session_that_cannot_be_closed_does_not_keep_others_open(clip: str) -> None:
    with pytest.raises(ValueError, match="cannot be closed"):
        extract(clip, [_Mean(1), _Mean(close_fails=True), _Mean(2)])
    assert_closed("mean[number=1]", "mean[close_fails=True]", "mean[number=2]")


def test_sessions_of_every_video_of_a_batch_are_closed(tmp_path: Path) -> None:
    clips = [moving(tmp_path / f"{k}.mp4", FRAMES) for k in range(2)]
    table = extract_many(clips, [_Mean(fails_at=1)])
    assert list(table["status"]) == ["failed(RuntimeError)"] * 2
    assert EVENTS == [("open", "mean[fails_at=1]"), ("close", "mean[fails_at=1]")] * 3  # the proof before
