"""Published datasets, read from the folder of shared reference data without network."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from vqa_features.datasets import catalogue, loading
from vqa_features.errors import TableError, UnknownName


@pytest.fixture
def published(shared, monkeypatch):
    """Point the cache at the shared tables and forbid the network."""
    monkeypatch.setenv("VQA_FEATURES_DATASETS", str(shared / "tables"))
    monkeypatch.setenv("VQA_FEATURES_OFFLINE", "1")


@pytest.mark.parametrize(
    ("name", "videos", "columns"),
    [
        ("konvid-1k", 1200, {"videval": 60, "brisque": 36}),
        ("live-vqc", 585, {"videval": 60, "brisque": 36}),
        ("live-vqa", 150, {"videval": 60}),
    ],
)
def test_tables_and_labels_have_the_published_size(published, name, videos, columns):
    found = loading.load(name)
    assert len(found.labels.mos) == videos
    assert {table: frame.shape[1] for table, (frame, _) in found.tables.items()} == columns


@pytest.mark.parametrize(("name", "contents"), [("live-vqa", 10), ("cvd2014", 5), ("live-qualcomm", 54)])
def test_groups_are_the_source_contents(published, name, contents):
    labels = loading.load(name).labels
    # LIVE-Qualcomm: two kites scenes and the like differ by a number only and are kept together.
    assert abs(labels.groups.nunique() - contents) <= (3 if name == "live-qualcomm" else 0)


@pytest.mark.parametrize("name", ["cvd2014", "live-qualcomm"])
def test_official_permutations_test_a_fifth_of_the_videos(published, name):
    found = loading.load(name)
    assert len(found.splits) == 1000
    train, test = found.splits[0]
    assert not set(train) & set(test)
    assert set(train) | set(test) == set(found.labels.mos.index)
    assert len(test) / len(found.labels.mos) == pytest.approx(0.2, abs=0.01)


def test_differential_scores_are_mirrored_so_that_higher_is_better(published):
    assert loading.info("live-vqa").direction == "lower is better"
    # Published as 44.5104 (DMOS) for the first video.
    assert loading.load("live-vqa").labels.mos["pa2_25fps.yuv"] == pytest.approx(100 - 44.5104)


def test_lsvq_trains_on_one_part_and_tests_on_two(published):
    found = loading.load("lsvq")
    (train, test), (_, test_1080p) = found.splits
    assert (len(train), len(test), len(test_1080p)) == (28013, 7220, 3561)
    assert found.labels.mos.index.is_unique


def test_mos_lie_on_the_declared_scale(published):
    for one in loading.DATASETS.values():
        if one.labels is not None and loading.path_of(one.labels).is_file():
            mos = loading.load(one.name).labels.mos
            low, high = one.scale
            # Rescaled z-scores may leave the nominal scale by a little.
            assert np.nanmin(mos) > low - 6, one.name
            assert np.nanmax(mos) < high + 6, one.name


def test_an_altered_file_is_refused(shared, tmp_path, monkeypatch):
    monkeypatch.setenv("VQA_FEATURES_DATASETS", str(tmp_path))
    shutil.copytree(shared / "tables" / "videval", tmp_path / "videval")
    labels = tmp_path / "videval" / "LIVE_VQA_metadata.csv"
    labels.chmod(0o644)
    labels.write_text(labels.read_text().replace("44.5104", "99.5104"))
    with pytest.raises(TableError, match="SHA-256"):
        loading.load("live-vqa")


def test_every_address_is_pinned_to_a_commit():
    for source in catalogue.SOURCES.values():
        assert source.address is None or any(len(part) == 40 for part in source.address.split("/")), source


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("lbvd", r"LBVD_subjectivedata\.xlsx.*MOS in column 1.*github\.com/cpf0079/LBVD"),
        ("taolive", r"the home page, after registration \(not verified\).*tianchi"),
        ("lgvq", r"where to get them: unknown; the home page held no files"),
    ],
)
def test_a_dataset_without_pinned_labels_says_where_to_get_them(name, where):
    with pytest.raises(TableError, match=where):
        loading.load(name)


def test_an_unknown_dataset_gets_the_closest_name():
    with pytest.raises(UnknownName, match="did you mean 'konvid-1k'"):
        loading.load("konvid")


def test_the_listing_names_every_dataset_of_the_field():
    assert {row["name"] for row in loading.listing()} >= {
        "konvid-1k",
        "live-vqc",
        "youtube-ugc",
        "live-yt-gaming",
    }


def test_a_file_of_another_size_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("VQA_FEATURES_DATASETS", str(tmp_path))
    file = loading.path_of(loading.info("live-vqa").labels)
    file.parent.mkdir()
    with file.open("wb") as stream:
        stream.truncate(1 << 42)
    with pytest.raises(TableError, match=r"has 4398046511104 bytes, the published file 6154: delete it"):
        loading.load("live-vqa")
