"""Many videos give one row each, whatever the workers, the store and the files are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.batch.many_videos import VideoFailed
from vqa_features.tables.columns import feature_columns
from vqa_features.tables.writing import write_table
from vqa_features.video import Video

EXTRACTORS = ["siti", "colorfulness"]


def values(table: pd.DataFrame) -> pd.DataFrame:
    """The features and what was decoded, without what differs from run to run."""
    return table[[name for name in table.columns if not name.startswith("seconds.")]]


def test_rows_do_not_depend_on_the_number_of_workers(scenes: list[Path]) -> None:
    one = vf.extract_many(scenes[:4], EXTRACTORS, sampling=vf.Sampling(frames=4))
    two = vf.extract_many(scenes[:4], EXTRACTORS, sampling=vf.Sampling(frames=4), jobs=2)
    pd.testing.assert_frame_equal(values(one), values(two), check_exact=True)
    assert list(one.index) == [path.stem for path in scenes[:4]]


def test_bad_videos_are_rows_and_lose_nothing(scenes: list[Path], tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video\n" * 50)
    inputs = [scenes[0], text, tmp_path / "missing.mp4", scenes[1]]
    table = vf.extract_many(inputs, EXTRACTORS, jobs=2)
    assert list(table["status"]) == ["ok", "failed(not a video)", "failed(missing)", "ok"]
    assert table.loc["text", "error"].count(str(text)) == 1
    assert table.iloc[[0, 3]].filter(like="siti.").notna().all(axis=None)
    with pytest.raises(VideoFailed, match="text"):
        vf.extract_many(inputs, EXTRACTORS, on_error="stop")


def test_store_gives_back_the_same_table_without_decoding(scenes: list[Path], tmp_path: Path) -> None:
    store = tmp_path / "run.sqlite"
    first = vf.extract_many(scenes[:3], EXTRACTORS, store=store, sampling=vf.Sampling(frames=3))
    again = vf.extract_many(scenes[:3], EXTRACTORS, store=store, sampling=vf.Sampling(frames=3))
    pd.testing.assert_frame_equal(first, again, check_exact=True)  # the times too: they were stored


def test_store_adds_an_extractor_and_a_video(scenes: list[Path], tmp_path: Path) -> None:
    store = tmp_path / "run.sqlite"
    short = vf.Sampling(frames=3)
    first = vf.extract_many(scenes[:2], "siti", store=store, sampling=short)
    wider = vf.extract_many(scenes[:3], EXTRACTORS, store=store, sampling=short)
    fresh = vf.extract_many(scenes[:3], EXTRACTORS, sampling=short)
    pd.testing.assert_frame_equal(values(wider), values(fresh), check_exact=True)
    pd.testing.assert_series_equal(wider["seconds.siti"][:2], first["seconds.siti"], check_exact=True)


def test_store_keeps_failures_and_rows_per_frame(scenes: list[Path], tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video\n" * 50)
    store = tmp_path / "run.sqlite"
    tables: list[pd.DataFrame] = []
    again: list[pd.DataFrame] = []
    first = vf.extract_many([scenes[0], text], "siti", store=store, on_rows=tables.append)
    second = vf.extract_many([scenes[0], text], "siti", store=store, on_rows=again.append)
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    pd.testing.assert_frame_equal(tables[0], again[0], check_exact=True)
    assert first.loc["text", "status"] == "failed(not a video)"


def test_csv_input_carries_ids_labels_and_sampling(scenes: list[Path], tmp_path: Path) -> None:
    listing = tmp_path / "list.csv"
    listing.write_text(
        "path,id,mos,group,frames\n" + f"{scenes[0]},a,3.5,bikes,2\n" + f"{scenes[1]},b,2.5,bikes,5\n"
    )
    table = vf.extract_many([listing], "siti")
    assert list(table.index) == ["a", "b"]
    assert list(table["mos"]) == [3.5, 2.5]
    assert list(table["group"]) == ["bikes", "bikes"]
    expected = vf.extract(scenes[1], "siti", frames=5)
    assert table.loc["b", "siti.si.mean"] == expected["siti.si.mean"]


def test_files_of_the_same_name_keep_their_own_rows(scenes: list[Path], tmp_path: Path) -> None:
    for folder, scene in (("a", scenes[0]), ("b", scenes[1])):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "clip.mp4").symlink_to(scene)
    table = vf.extract_many([tmp_path], "siti", sampling=vf.Sampling(frames=2))
    assert list(table.index) == ["a/clip", "b/clip"]
    assert table["siti.si.mean"].nunique() == 2


def test_settings_travel_with_the_table(scenes: list[Path]) -> None:
    table = vf.extract_many(scenes[:1], "brisque", sampling=vf.Sampling(every=20))
    settings = table.attrs["settings"]
    assert settings["extractors"] == ["brisque"]
    assert settings["sampling"]["every"] == 20
    assert settings["identities"][0]["version"] == vf.make("brisque").version


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz", ".mat"])
def test_a_table_holds_the_attributes_of_each_video(scenes: list[Path], tmp_path: Path, suffix: str) -> None:
    table = vf.extract_many([scenes[0], tmp_path / "missing.mp4"], "siti", sampling=vf.Sampling(fps=1))
    row = table.iloc[0]
    with Video(scenes[0]) as video:
        info = video.info
    assert (row["video.width"], row["video.height"]) == (info.width, info.height)
    assert (row["video.codec"], row["video.pix_fmt"]) == (info.codec, "yuv420p")
    assert row["video.fps"] == info.source_fps != 1
    assert row["video.bit_rate"] == pytest.approx(8 * scenes[0].stat().st_size / info.duration_s)
    assert table.filter(like="video.").iloc[1].isna().all()
    write_table(table, tmp_path / f"t{suffix}")
    again = vf.read_table(tmp_path / f"t{suffix}")
    assert float(again["video.width"].iloc[0]) == info.width
    assert pd.isna(again["video.width"].iloc[1])
    assert str(again["video.codec"].iloc[0]) == info.codec
    assert feature_columns(again).names == ["siti.si.mean", "siti.ti.mean"]
    assert "video.bit_rate" in feature_columns(again, use_metadata=True).names
