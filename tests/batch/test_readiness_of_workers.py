"""Workers get ready before the clock starts; one that does not ends the run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from small_videos import moving
from trouble import Trouble

import vqa_features as vf
from vqa_features.batch import driver
from vqa_features.batch.deadlines import DEADLINE_FACTOR, deadline_for
from vqa_features.errors import VqaError
from vqa_features.specs import VideoInfo


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    return [moving(tmp_path / f"{name}.mp4", 4) for name in "abc"]


def test_a_deadline_does_not_count_opening_for_the_first_time(
    clips: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path / "cache"))
    told: list[str] = []
    slow = Trouble(opening="slow once", log=str(tmp_path / "log"))
    table = vf.extract_many(clips, ["siti", slow], jobs=2, deadline_s=2.0, on_message=told.append)
    assert list(table["status"]) == ["ok"] * 3
    assert len(set((tmp_path / "log").read_text().split())) == 2  # both workers slept
    assert told == ["compiling kernels, once"]


def test_a_worker_that_hangs_while_it_gets_ready_ends_the_run(
    clips: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "GETTING_READY_S", 2.0)
    start = time.monotonic()
    with pytest.raises(VqaError, match=r"no worker gets ready for .*trouble.*: it took longer than 2 s"):
        vf.extract_many(clips, [Trouble(opening="hang")], jobs=2, deadline_s=1000)
    assert time.monotonic() - start < 20


def test_a_worker_that_crashes_while_it_gets_ready_ends_the_run(clips: list[Path]) -> None:
    with pytest.raises(VqaError, match=r"no worker gets ready for trouble.*SIGSEGV"):
        vf.extract_many(clips, [Trouble(opening="crash")], isolate=True)


def test_a_hang_in_a_ready_worker_is_reported_in_time(clips: list[Path]) -> None:
    ended: list[float] = []
    table = vf.extract_many(
        clips[:1],
        [Trouble("hang"), "siti"],
        isolate=True,
        deadline_s=1.0,
        on_result=lambda result: ended.append(time.monotonic()),
    )
    assert list(table["status"]) == ["failed(timeout)"]


@pytest.mark.needs("torch")
def test_a_network_is_loaded_once_in_a_process(clips: list[Path]) -> None:
    from vqa_features.extractors.deep import _base

    _base._loaded.cache_clear()
    labels = [f"r3d-18@random[clips={k}]" for k in range(1, 3)] + ["mc3-18@random[clips=1]"]
    vf.extract_many(clips, labels, sampling=vf.Sampling(frames=2))
    assert _base._loaded.cache_info().misses == 2
    assert _base.NETWORKS_KEPT >= 16


def test_a_deadline_follows_clips_and_decoded_frames() -> None:
    info = VideoInfo("a.mp4", 1000, 1000, 25.0, 1000, 40.0)
    siti = vf.make("siti")
    assert deadline_for(info, [siti], {}, 1000) == pytest.approx(DEADLINE_FACTOR * 1000 * 0.04)
    assert deadline_for(info, [siti], {}, 5000) == pytest.approx(DEADLINE_FACTOR * (5000 + 1000) * 0.02)
    unknown = VideoInfo("a.mp4", 1000, 1000, 25.0, None, 40.0)
    assert deadline_for(unknown, [siti]) > 60

    class Clips:
        label, cost, scope = "clips", "heavy", "clip"

        def __init__(self, number: int) -> None:
            self.number = number

        def windows(self, frames: int, fps: float) -> list[list[int]]:
            return [[0]] * self.number

        def clip_work(self, info: VideoInfo) -> float:
            return 1.0

    few, many = (deadline_for(info, [Clips(n)], {"clips": 100.0}) for n in (30, 60))
    assert many - few == pytest.approx(DEADLINE_FACTOR * 30 * 100.0)
