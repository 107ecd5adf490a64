"""Fragments are the official function's, and their places depend on size and seed alone."""

import hashlib
import json

import numpy as np
import pytest
from deep_parity import FOLDER

from vqa_features.extractors.deep import _fragments

OFFICIAL = json.loads((FOLDER / "fragments.json").read_text())["rows"]
by_size = pytest.mark.parametrize("row", OFFICIAL, ids=lambda row: f"{row['height']}x{row['width']}")


@by_size
def test_fragments_are_the_official_ones_at_the_official_places(row):
    frame = np.random.RandomState(1000 * row["height"] + row["width"]).randint(
        0, 256, (row["height"], row["width"], 3), dtype=np.uint8
    )
    grid, size, places = row["grid"], row["size"], np.array(row["places"])
    for picture, digest in zip((frame, 255 - frame), row["sha256"], strict=True):
        got = _fragments.cut(_fragments.enlarge(picture, grid, size), places, size)
        assert got.shape == (grid * size, grid * size, 3)
        assert hashlib.sha256(got.tobytes()).hexdigest() == digest


@by_size
def test_places_are_drawn_from_the_official_range(row):
    first = np.stack(np.meshgrid(row["first_rows"], row["first_columns"], indexing="ij"), axis=-1)
    drawn = np.stack(
        [_fragments.offsets(row["height"], row["width"], row["grid"], row["size"], k) for k in range(200)]
    )
    further = (drawn - first).reshape(-1, 2)
    assert further.min(axis=0).tolist() == [0, 0]
    assert further.max(axis=0).tolist() == [below - 1 for below in row["drawn_below"]]


def test_equal_seeds_give_equal_places_and_others_do_not():
    places = [_fragments.offsets(540, 960, seed=seed) for seed in (0, 0, 1, (0, 1))]
    assert np.array_equal(places[0], places[1])
    assert not np.array_equal(places[0], places[2])
    assert not np.array_equal(places[0], places[3])


def test_a_frame_smaller_than_a_patch_is_enlarged():
    frame = np.full((8, 12, 3), 77, np.uint8)
    picture = _fragments.cut(_fragments.enlarge(frame), _fragments.offsets(8, 12))
    assert picture.shape == (224, 224, 3)
    assert np.ptp(picture) == 0
