"""The workers of a cluster share a long video, and its row is that of the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra cluster is not installed")

import pandas as pd
from clusters import Scheduler
from long_film import long_film
from picture_digest import PictureDigest

from vqa_features.batch import on_cluster
from vqa_features.batch.events import Event
from vqa_features.batch.many_videos import run_extraction
from vqa_features.batch.options import Extraction, Reporting, Workers


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return long_film(tmp_path_factory.mktemp("film") / "film.mp4")


def table(
    path: Path, *extractors: object, cluster: Scheduler | None = None
) -> tuple[pd.DataFrame, list[Event]]:
    """Return the row of a video without times, and the ends and retries of its parts."""
    events: list[Event] = []
    found = run_extraction(
        [path],
        Extraction.of(list(extractors), ["mean", "std"]),  # type: ignore[arg-type]
        workers=Workers(cluster=cluster.address if cluster else None),
        reporting=Reporting(on_event=events.append),
    )
    kept = [event for event in events if event.kind in ("end", "retry")]
    return found.drop(columns=[name for name in found if name.startswith("seconds.")]), kept


@pytest.fixture(scope="module")
def whole(film: Path) -> pd.DataFrame:
    return table(film, PictureDigest(), "timing")[0]


def test_two_workers_share_a_long_video(
    cluster: Scheduler, film: Path, whole: pd.DataFrame, tmp_path: Path
) -> None:
    cluster.need(2)
    parts, events = table(film, PictureDigest(meet=str(tmp_path)), "timing", cluster=cluster)
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)
    workers = {event.part: event.worker for event in events}
    assert [len(events), len(workers), "timing" in workers] == [5, 5, True]
    assert len({worker for part, worker in workers.items() if part.startswith("frames ")}) == 2


def test_a_part_whose_worker_is_lost_is_begun_again(
    cluster: Scheduler, film: Path, whole: pd.DataFrame, tmp_path: Path
) -> None:
    cluster.need(2)
    digest = PictureDigest(ends_at=100, once=str(tmp_path / "once"), with_parent=True)
    parts, events = table(film, digest, "timing", cluster=cluster)
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)
    (again,) = (event for event in events if event.kind == "retry")
    assert again.status == "failed(worker lost)"
    assert again.part.startswith("frames ")
    assert sum(one.poll() is None for one in cluster.workers) == 1


def test_a_part_that_loses_its_worker_too_often_is_a_row_of_the_video(
    cluster: Scheduler, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_cluster, "MOST_LOSSES", 0)
    cluster.need(2)
    row, events = table(film, PictureDigest(ends_at=100, with_parent=True), cluster=cluster)
    assert row["status"].tolist() == ["failed(worker lost)"]
    assert [event.part[:7] for event in events if event.status == "failed(worker lost)"] == ["frames "]
    assert "" not in [event.part for event in events]


def test_parts_that_do_not_join_give_the_whole(cluster: Scheduler, film: Path, tmp_path: Path) -> None:
    data = bytearray(film.read_bytes())
    middle = data.index(b"mdat") + (len(data) - data.index(b"mdat")) * 2 // 3
    data[middle : middle + 4000] = bytes(4000)
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    cluster.need(2)
    parts, events = table(damaged, PictureDigest(), cluster=cluster)
    undivided, _ = table(damaged, PictureDigest())
    assert list(undivided["status"]) != ["ok"]
    pd.testing.assert_frame_equal(parts, undivided, check_exact=True)
    assert [event.part for event in events].count("") == 1
