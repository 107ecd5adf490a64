"""One cache folder and one rule for the id of a video."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vqa_features import checkpoint_places
from vqa_features.batch.inputs import find_inputs
from vqa_features.datasets import loading
from vqa_features.files.cache import cache_folder
from vqa_features.files.names import VIDEO_SUFFIXES, video_id

WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1)


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("VQA_FEATURES_CACHE", "VQA_FEATURES_DATASETS", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_cache_is_in_the_users_cache_folder(no_variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_variables.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "vqa-features"
    no_variables.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "vqa-features"
    no_variables.setenv("VQA_FEATURES_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


def test_weights_and_datasets_are_in_the_same_cache(no_variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_variables.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    assert checkpoint_places.cache_folder() == tmp_path / "weights"
    assert loading.folder() == tmp_path / "datasets"
    no_variables.setenv("VQA_FEATURES_DATASETS", str(tmp_path / "elsewhere"))
    assert loading.folder() == tmp_path / "elsewhere"


@given(folder=WORDS, stem=WORDS, suffix=st.sampled_from(sorted(VIDEO_SUFFIXES)))
def test_folder_and_video_suffix_are_dropped(folder: str, stem: str, suffix: str) -> None:
    assert video_id(f"{folder}/{stem}{suffix}") == stem
    assert video_id(f"{folder}\\{stem}{suffix.upper()}") == stem
    assert video_id(stem) == stem


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.b.mp4", "a.b"), ("take.1", "take.1"), (12.0, "12"), (12.5, "12.5"), (7, "7"), (" a.mp4 ", "a")],
)
def test_other_dots_and_numbers_stay(name: object, expected: str) -> None:
    assert video_id(name) == expected


def test_a_folder_holds_files_with_these_suffixes(tmp_path: Path) -> None:
    for number, suffix in enumerate(sorted(VIDEO_SUFFIXES)):
        (tmp_path / f"v{number:02d}{suffix}").touch()
    (tmp_path / "notes.txt").touch()
    found = find_inputs([tmp_path])
    assert [one.id for one in found] == [f"v{number:02d}" for number in range(len(VIDEO_SUFFIXES))]
    assert [one.id for one in found] == [video_id(one.path) for one in found]
