"""A resumed run asks for what is missing, tries again what may end otherwise, and merges old with new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vqa_features.batch.failures import with_failures
from vqa_features.batch.resume import Resume, StoredColumns
from vqa_features.registry import make, make_all
from vqa_features.specs import Sampling, VideoInfo
from vqa_features.video_task import Rows, VideoResult, VideoTask

EXTRACTORS = tuple(make_all("siti,colorfulness"))
INFO = VideoInfo("a.mp4", 64, 48, 25.0, 3, 0.12)


def rows(width: int, first: float) -> Rows:
    values = first + np.arange(2.0 * width).reshape(2, width)
    return Rows(np.array([0.0, 0.04]), np.array([0, 1]), values)


SITI, COLOURS = rows(2, 1.0), rows(5, 100.0)


@pytest.fixture
def task(tmp_path: Path) -> VideoTask:
    video = tmp_path / "a.mp4"
    video.write_bytes(b"the bytes of a video")
    return VideoTask("a", str(video), EXTRACTORS)


def result(task: VideoTask, status: str = "ok", **settings: object) -> VideoResult:
    made = VideoResult(task.id, task.path, status, rows={"siti": SITI, "colorfulness": COLOURS})
    return replace(made, **settings)  # type: ignore[arg-type]


class Run:
    """One run over tasks with a store: `answers` are what the workers give, by video id."""

    def __init__(
        self, folder: Path, tasks: list[VideoTask], *answers: VideoResult, **settings: object
    ) -> None:
        self.taken: list[tuple[VideoResult, StoredColumns]] = []
        options = {"pools": ("mean", "max"), "keep_rows": False} | settings
        with Resume(folder / "run.sqlite", **options) as resume:  # type: ignore[arg-type]
            self.pending = list(resume.pending(tasks, self.take))
            for answer in answers:
                resume.record(answer, self.take)

    def take(self, result: VideoResult, known: StoredColumns) -> None:
        self.taken.append((with_failures(result, EXTRACTORS), known))


def test_a_first_run_asks_for_everything_and_hands_on_what_is_new(tmp_path: Path, task: VideoTask) -> None:
    run = Run(tmp_path, [task], result(task))
    assert run.pending == [task]
    assert run.taken == [(result(task), {})]


def test_a_second_run_decodes_nothing_and_gives_the_pooled_columns(tmp_path: Path, task: VideoTask) -> None:
    Run(tmp_path, [task], result(task, info=INFO, frames_decoded=2, frames_expected=3, seconds={"siti": 0.5}))
    again = Run(tmp_path, [task])
    assert again.pending == []
    ((found, known),) = again.taken
    assert (found.id, found.path, found.status, found.rows) == ("a", task.path, "ok", {})
    assert (found.info, found.frames_decoded, found.frames_expected) == (INFO, 2, 3)
    assert found.seconds == {"siti": 0.5}
    assert set(known) == {"siti", "colorfulness"}
    np.testing.assert_array_equal(known["siti"], [*SITI.values.mean(axis=0), *SITI.values.max(axis=0)])
    np.testing.assert_array_equal(known["colorfulness"][:5], COLOURS.values.mean(axis=0))


def test_only_the_missing_extractor_is_asked_for(tmp_path: Path, task: VideoTask) -> None:
    alone = replace(task, extractors=EXTRACTORS[:1])
    Run(tmp_path, [alone], result(alone, rows={"siti": SITI}, seconds={"siti": 0.5, "decode": 1.0}))
    wider = Run(
        tmp_path,
        [task],
        result(task, rows={"colorfulness": COLOURS}, seconds={"colorfulness": 2.0, "decode": 3.0}),
    )
    assert wider.pending == [replace(task, extractors=EXTRACTORS[1:])]
    ((found, known),) = wider.taken
    assert set(found.rows) == {"colorfulness"}
    assert set(known) == {"siti"}
    assert found.seconds == {"siti": 0.5, "colorfulness": 2.0, "decode": 3.0}  # the new time of decoding
    assert Run(tmp_path, [task]).pending == []


def test_a_stored_result_is_not_replaced_by_a_later_failure_of_another_extractor(
    tmp_path: Path, task: VideoTask
) -> None:
    alone = replace(task, extractors=EXTRACTORS[:1])
    Run(tmp_path, [alone], result(alone, rows={"siti": SITI}))
    failed = Run(tmp_path, [task], result(task, "failed(memory)", error="too much", rows={}))
    ((found, known),) = failed.taken
    assert (found.status, found.error) == ("incomplete", "colorfulness: too much")
    assert set(known) == {"siti"}
    again = Run(tmp_path, [alone])
    assert again.pending == []
    assert again.taken[0][0].status == "ok"


@pytest.mark.parametrize(
    "status",
    [
        "failed(crash: SIGSEGV)",
        "failed(timeout)",
        "failed(io)",
        "failed(memory)",
        "failed(ModuleNotFoundError)",
        "failed(WeightsMissing)",
    ],
)
def test_what_may_end_otherwise_is_tried_again(tmp_path: Path, task: VideoTask, status: str) -> None:
    Run(tmp_path, [task], result(task, status, rows={}))
    again = Run(tmp_path, [task], result(task))
    assert again.pending == [task]
    assert again.taken[0][0].status == "ok"
    assert Run(tmp_path, [task]).pending == []


@pytest.mark.parametrize("status", ["failed(ValueError)", "failed(decode)", "partial", "suspect"])
def test_what_would_end_the_same_is_not(tmp_path: Path, task: VideoTask, status: str) -> None:
    Run(tmp_path, [task], result(task, status, error="the reason", warnings=("odd",)))
    again = Run(tmp_path, [task])
    assert again.pending == []
    ((found, _),) = again.taken
    assert (found.status, found.error, found.warnings) == (status, "the reason", ("odd",))


@pytest.mark.parametrize(
    ("stored", "new", "worse"),
    [
        ("ok", "suspect", "suspect"),
        ("suspect", "ok", "suspect"),
        ("partial", "suspect", "partial"),
        ("suspect", "partial", "partial"),
        ("failed(ValueError)", "failed(decode)", "failed(decode)"),
    ],
)
def test_the_worst_status_counts_and_of_two_equals_the_new_one(
    tmp_path: Path, task: VideoTask, stored: str, new: str, worse: str
) -> None:
    alone = replace(task, extractors=EXTRACTORS[:1])
    Run(tmp_path, [alone], result(alone, stored, error="old", frames_decoded=5, warnings=("a", "b")))
    wider = Run(tmp_path, [task], result(task, new, error="new", frames_decoded=4, warnings=("c", "a")))
    ((found, _),) = wider.taken
    assert (found.status, found.error) == (worse, "new" if worse == new else "old")
    assert found.frames_decoded == 5
    assert found.warnings == ("c", "a", "b")


def test_an_equal_status_keeps_the_new_error(tmp_path: Path, task: VideoTask) -> None:
    alone = replace(task, extractors=EXTRACTORS[:1])
    Run(tmp_path, [alone], result(alone, "partial", error="old"))
    ((found, _),) = Run(tmp_path, [task], result(task, "partial", error="new")).taken
    assert found.error == "new"


def test_a_video_that_cannot_be_opened_is_asked_for_and_nothing_of_it_is_stored(tmp_path: Path) -> None:
    task = VideoTask("a", str(tmp_path / "nowhere.mp4"), EXTRACTORS)
    for _ in range(2):
        run = Run(tmp_path, [task], result(task, "failed(decode)", error="no such file", rows={}))
        assert run.pending == [task]
        assert run.taken == [(result(task, "failed(decode)", error="no such file", rows={}), {})]


def test_a_moved_video_is_known_by_its_bytes_and_another_sampling_is_not(
    tmp_path: Path, task: VideoTask
) -> None:
    Run(tmp_path, [task], result(task))
    moved = Path(task.path).rename(tmp_path / "b.mp4")
    elsewhere = replace(task, id="b", path=str(moved))
    slower, other = replace(elsewhere, sampling=Sampling(fps=1)), replace(elsewhere, luma="rgb2gray")
    run = Run(tmp_path, [elsewhere])
    assert run.pending == []
    assert (run.taken[0][0].id, run.taken[0][0].path) == ("b", str(moved))
    assert Run(tmp_path, [slower]).pending == [slower]
    assert Run(tmp_path, [other]).pending == [other]


def test_rows_of_every_window_serve_both_kinds_of_run_and_pooled_columns_only_their_own(
    tmp_path: Path, task: VideoTask
) -> None:
    Run(tmp_path, [task], result(task))
    assert Run(tmp_path, [task], keep_rows=True).pending == [task]
    assert Run(tmp_path, [task], pools=("std",)).pending == [task]
    Run(tmp_path, [task], result(task), keep_rows=True)
    for settings in ({"keep_rows": True}, {"pools": ("std",)}):
        run = Run(tmp_path, [task], **settings)
        assert run.pending == []
        ((found, known),) = run.taken
        np.testing.assert_array_equal(found.rows["siti"].values, SITI.values)
        pooled = SITI.values.std(axis=0)
        assert known["siti"].tolist()[: len(pooled)] == (
            pooled.tolist() if "pools" in settings else SITI.values.mean(axis=0).tolist()
        )


def test_several_videos_are_kept_apart(tmp_path: Path, task: VideoTask) -> None:
    second = tmp_path / "second.mp4"
    second.write_bytes(b"other bytes")
    tasks = [task, replace(task, id="b", path=str(second))]
    Run(tmp_path, tasks, result(tasks[1], "partial"))
    again = Run(tmp_path, tasks)
    assert again.pending == [task]
    assert [(found.id, found.status) for found, _ in again.taken] == [("b", "partial")]


def test_the_store_is_free_again_after_a_run_that_raised(tmp_path: Path, task: VideoTask) -> None:
    with pytest.raises(KeyError), Resume(tmp_path / "run.sqlite", ("mean",), keep_rows=False):
        raise KeyError
    assert Run(tmp_path, [task]).pending == [task]


def test_an_extractor_without_rows_is_stored_as_it_ended(tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    video.write_bytes(b"bytes")
    task = VideoTask("a", str(video), (make("siti"), make("brisque")))
    Run(tmp_path, [task], VideoResult("a", str(video), "partial", rows={"siti": SITI}))
    again = Run(tmp_path, [task])
    assert again.pending == []
    ((found, known),) = again.taken
    assert found.status == "partial"
    assert set(known) == {"siti"}
