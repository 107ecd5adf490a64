"""The catalogue: what is known of each dataset, what is said to be unknown, and label files of new forms."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from commands import run_here

from vqa_features.datasets import catalogue, loading
from vqa_features.datasets.catalogue import read_catalogue
from vqa_features.datasets.description import PublishedFile
from vqa_features.errors import TableError, UnknownName

GOOD = """
[sources.place]
address = "https://example.org/0123456789012345678901234567890123456789/data"
licence = "MIT"

[datasets.one]
about = "videos"
videos = 3
scale = [1, 5]
direction = "lower is better"
protocol = "random"
licence = "unknown"
home = "https://example.org"
labels = ["place", "folder/mos.csv", 10, "HASH"]
unverified = ["scale"]
""".replace("HASH", "0f" * 32)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('about = "videos"\n', "", "one lacks about"),
        ('licence = "unknown"', 'licence = ""', "one lacks licence; write 'unknown'"),
        ("videos = 3", "videoes = 3", "unknown key: videoes"),
        ('"place", "folder', '"palce", "folder', "unknown source: palce"),
        ("0f0f", "xyzw", "mos.csv of one needs its size in bytes and its SHA-256"),
        (", 10, ", ", 0, ", "mos.csv of one needs its size"),
        ("0123456789012345678901234567890123456789", "main", "place is not pinned to a commit"),
        ("lower is better", "lowest", "unknown direction: lowest"),
        ("[1, 5]", "[5, 1]", r"scale of one must rise, got 5 \.\. 1"),
        ("scale = [1, 5]\n", "", "unknown fact in unverified: scale"),
        ("scale = [1, 5]\n", 'contents = "none"\nscale = [1, 5]\n', "unknown rule of contents: none"),
        ('unverified = ["scale"]', 'unverified = ["note"]', "unknown fact in unverified: note"),
    ],
)
def test_a_mistake_in_the_catalogue_is_told_with_its_entry(old, new, told):
    assert read_catalogue(GOOD)[1]["one"].labels.url.endswith("/data/folder/mos.csv")
    with pytest.raises(TableError, match=told):
        read_catalogue(GOOD.replace(old, new))


def test_scores_where_lower_is_better_need_a_scale():
    text = GOOD.replace("scale = [1, 5]\n", "").replace('unverified = ["scale"]', "")
    with pytest.raises(TableError, match="no scale to mirror"):
        read_catalogue(text)


NEW = {
    "finevd": 6104,
    "kvq": 4200,
    "lbvd": 1013,
    "maxwell": 3634 + 909,
    "taolive": 3762,
    "konvid-150k": 153841,
    "konvid-150k-b": 1596,
    "live-yt-hfr": 480,
    "t2vqa-db": 10000,
    "lgvq": 6 * 468,
    "gaia": 9180,
    "live-yt-gaming": 600,
}


def test_the_datasets_of_the_field_are_described():
    assert {name: catalogue.DATASETS[name].videos for name in NEW} == NEW
    for name in catalogue.DATASETS:
        facts = loading.described(name)
        assert all(facts.values()), name
        assert facts["home"].startswith("https://")


def test_what_is_unknown_or_not_verified_is_said_to_be_so():
    facts = loading.described("live-yt-hfr")
    assert (facts["scale"], facts["direction"]) == ("unknown", "unknown")
    assert facts["protocol"] == "splits by content (not verified)"
    assert "MOS or DMOS" in facts["note"]
    rows = {row["name"]: row for row in loading.listing()}
    assert rows["kvq"]["scale"] == "1 .. 5 (not verified), higher is better"
    assert rows["kvq"]["licence"] == "unknown"
    assert rows["konvid-1k"]["scale"] == "1 .. 5, higher is better"


def test_the_command_shows_one_dataset(tmp_path):
    done = run_here("datasets", "show", "maxwell", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "technical, aesthetic" in done.stdout
    assert "S-Lab License 1.0 (no commercial use)" in done.stdout
    assert "DMOS" not in done.stdout
    assert "3634 videos to train, 909 to validate" in done.stdout


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that replaces published files by small ones of the same form."""
    monkeypatch.setenv("VQA_FEATURES_DATASETS", str(tmp_path))
    monkeypatch.setenv("VQA_FEATURES_OFFLINE", "1")

    def write(file: PublishedFile, text: str) -> PublishedFile:
        path = loading.path_of(file)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return replace(file, size=len(text), sha256=hashlib.sha256(text.encode()).hexdigest())

    def put(name: str, text: str, **others: str) -> None:
        one = catalogue.DATASETS[name]
        changes: dict[str, object] = {"labels": write(one.labels, text)}
        if one.parts:
            changes["parts"] = {part: write(file, others[part]) for part, file in one.parts.items()}
        changes["dimensions"] = {
            key: write(file, others[key]) if isinstance(file, PublishedFile) else file
            for key, file in one.dimensions.items()
            if key in others or isinstance(file, str)
        }
        monkeypatch.setitem(catalogue.DATASETS, name, replace(one, **changes))

    return put


def test_another_dimension_of_a_dataset_is_a_label_file_of_its_own(put):
    put("finevd", "vid,mos\n0_00_1,50\n0_00_2,40\n", blur="vid,mos\n0_00_1,10\n0_00_2,20\n")
    assert loading.load("finevd").labels.mos.to_dict() == {"0_00_1": 50, "0_00_2": 40}
    assert loading.load("finevd:blur").labels.mos.to_dict() == {"0_00_1": 10, "0_00_2": 20}
    with pytest.raises(UnknownName, match=r"dimension of finevd 'blurr'.*did you mean 'blur'"):
        loading.load("finevd:blurr")
    with pytest.raises(UnknownName, match=r"dimension of konvid-1k.*none, one MOS only"):
        loading.info("konvid-1k:blur")


def test_label_files_without_a_header_have_named_columns(put):
    val = "0000.mp4, 1.5, 2.5, 3.5\n"
    put("maxwell", "0001.mp4, 1, 2, 3\n0002.mp4, 2, 3, 4\n", **{"maxwell-val": val})
    found = loading.load("maxwell")
    assert found.labels.mos.to_dict() == {"0001.mp4": 3, "0002.mp4": 4, "0000.mp4": 3.5}
    assert [list(part) for part in found.splits[0]] == [["0001.mp4", "0002.mp4"], ["0000.mp4"]]
    assert found.splits.parts == ("maxwell-val",)
    assert loading.load("maxwell:technical").labels.mos["0000.mp4"] == 1.5


def test_official_parts_are_folders_of_one_label_file(put):
    ids = {"train_video": 14, "val_video": 7, "test_video": 7}
    names = [f"{folder}/{k + 1:04}" for folder, count in ids.items() for k in range(count)]
    put("kvq", "vid,mos\n" + "".join(f"{name},{k / 10}\n" for k, name in enumerate(names)))
    found = loading.load("kvq")
    (train, val), (same, test) = found.splits
    assert list(train) == list(same) == names[:14]
    assert (list(val), list(test)) == (names[14:21], names[21:])
    assert found.splits.parts == ("kvq-val", "kvq-test")
    # Seven versions of a source lie side by side, and no source lies in two parts.
    assert found.labels.groups.nunique() == 4
    assert set(found.labels.groups.value_counts()) == {7}
    assert not set(found.labels.groups[train]) & set(found.labels.groups[test])


def test_gaming_videos_are_grouped_by_game(put):
    put("live-yt-gaming", "vid,mos\nRDR-001,50\nRDR-002,60\nRDR2-001,70\nAgeEmpires-001,80\n")
    assert list(loading.load("live-yt-gaming").labels.groups) == ["rdr", "rdr", "rdr2", "ageempires"]
