"""Rows do not depend on whether the pictures that no extractor uses are decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from picture_digest import PictureDigest, WindowDigest
from small_videos import moving

from vqa_features.extraction.source_stream import enough_for
from vqa_features.extraction.task import run_task
from vqa_features.extractor import Extractor
from vqa_features.registry import make_all
from vqa_features.specs import Sampling, VideoInfo
from vqa_features.video import Enough
from vqa_features.video_task import VideoResult, VideoTask

ALL = Sampling()
COUNT = 90


@dataclass(frozen=True)
class ClipDigest(PictureDigest):
    """Checksums of the frames of two clips."""

    name: ClassVar[str] = "clip-digest"
    scope: ClassVar[Any] = "clip"

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        return np.array([[n_frames // 3], [n_frames - 1]], dtype=np.int64)


@dataclass(frozen=True)
class PairClipDigest(WindowDigest):
    """Checksums of the frames of clips of four frames."""

    name: ClassVar[str] = "pair-clip-digest"
    scope: ClassVar[Any] = "clip"
    separable: ClassVar[bool] = False

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        starts = np.linspace(0, max(n_frames - 4, 0), 3).astype(np.int64)
        return np.minimum(starts[:, None] + np.arange(4), n_frames - 1)


@pytest.fixture(autouse=True)
def _any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read sparsely however little that leaves out."""
    for name, value in (("LEAST_SHARE", 0), ("LEAST_LEFT_OUT", 1), ("LEAST_GAP", 1)):
        monkeypatch.setattr(f"vqa_features.video.sparse.{name}", value)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"preset": "veryfast", "g": "5", "bf": "2"}
    return moving(tmp_path_factory.mktemp("film") / "a.mp4", COUNT, rate=5, options=options)


def both(path: Path, extractors: Sequence[Any], sampling: Sampling, **settings: Any) -> list[VideoResult]:
    """Return the result of a sparse reading and that of the whole, whose rows are the same."""
    task = VideoTask("a", str(path), tuple(extractors), sampling, **settings)
    found, whole = run_task(task), run_task(replace(task, sparse=False))
    assert found.rows.keys() == whole.rows.keys()
    for label, rows in whole.rows.items():
        for name in ("times_s", "frames", "values"):
            one, other = getattr(found.rows[label], name), getattr(rows, name)
            assert np.array_equal(one, other, equal_nan=True), (label, name)
    assert (found.info, found.status, found.frames_expected) == (whole.info, "ok", whole.frames_expected)
    assert whole.frames_decoded == COUNT
    return [found, whole]


@pytest.mark.parametrize(
    ("extractors", "sampling", "most"),
    [
        ([PictureDigest()], Sampling(frames=3), 15),
        ([PictureDigest(), WindowDigest()], Sampling(every=30, offset=7), 40),
        ([PictureDigest(), WindowDigest(pairs="sampled")], Sampling(fps=0.1), 15),
        ([ClipDigest()], ALL, 10),
        ([ClipDigest()], Sampling(frames=4), 20),
        ([PairClipDigest()], ALL, 20),
        ([PairClipDigest()], Sampling(frames=4), 20),
        ([PairClipDigest(), PictureDigest(), WindowDigest()], Sampling(frames=2), 40),
    ],
)
def test_the_rows_are_those_of_the_whole(
    film: Path, extractors: list[Extractor], sampling: Sampling, most: int
) -> None:
    found, whole = both(film, extractors, sampling)
    assert found.frames_decoded <= most
    (told,) = (text for text in found.warnings if text not in whole.warnings)
    assert told.startswith(f"not decoded and not checked: {COUNT - found.frames_decoded} of {COUNT} frames")


def test_methods_of_every_frame_have_every_picture_decoded(film: Path) -> None:
    for extractors, sampling in (
        ([PictureDigest()], ALL),
        ([PairClipDigest(), PictureDigest()], ALL),
        (make_all("shots"), Sampling(frames=3)),
    ):
        found, whole = both(film, extractors, sampling)
        assert replace(found, seconds={}, rows={}) == replace(whole, seconds={}, rows={})


def test_frames_that_are_enough() -> None:
    whole = VideoInfo("a", 64, 48, 5.0, 90, 18.0, "h264", "yuv420p", 8, "limited", "bt709")
    thinned = replace(whole, frames=3, source_frames=90, source_fps=5.0)
    clip = frozenset(first + number for first in (0, 43, 86) for number in range(4))
    assert enough_for([PictureDigest()], whole) is None
    assert enough_for([], whole) is None
    assert enough_for([], thinned) == Enough()
    assert enough_for([PictureDigest(), WindowDigest()], thinned) == Enough(True, 2, 1)
    assert enough_for([PairClipDigest()], whole) == Enough(False, numbers=clip)
    assert enough_for([PairClipDigest()], thinned) == Enough(False, numbers=clip)
    assert enough_for([ClipDigest()], thinned) == Enough()
    assert enough_for([PairClipDigest()], replace(whole, frames=None)) is None


def test_damage_is_read_with_every_picture(tmp_path: Path) -> None:
    path = moving(
        tmp_path / "a.mp4", COUNT, width=160, height=128, rate=5, options={"preset": "ultrafast", "g": "5"}
    )
    data = bytearray(path.read_bytes())
    begin = len(data) // 2
    data[begin : begin + 120] = b"\x55" * 120
    path.write_bytes(data)
    task = VideoTask("a", str(path), (PictureDigest(),), Sampling(every=2))
    found, whole = run_task(task), run_task(replace(task, sparse=False))
    assert whole.status != "ok"
    assert (found.status, found.error, found.warnings) == (whole.status, whole.error, whole.warnings)
    assert found.frames_decoded == whole.frames_decoded


def test_the_active_area_is_found_without_decoding_everything(film: Path) -> None:
    found, whole = both(film, [PictureDigest()], Sampling(frames=3), area="active")
    assert found.info == whole.info
    assert found.info is not None
    assert found.info.active_area
