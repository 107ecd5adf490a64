"""Frames chosen are those of the official test-time samplers."""

import json

import numpy as np
import pytest
from deep_parity import FOLDER

from vqa_features.extractors.deep import _sampling

SAMPLERS = {
    "slowfast_decord_dense (UniFormer)": lambda r: _sampling.dense(
        r["n"], r["frames"], r["stride"], r["num_clips"]
    )[r["clip_idx"]],
    "sparse (UniFormerV2, InternVideo2 kinetics_sparse)": lambda r: _sampling.sparse(
        r["n"], r["frames"], r["num_clips"]
    )[r["clip_idx"]],
    "linspace (InternVideo-MM)": lambda r: _sampling.linspace(r["n"], r["frames"]),
    "middle (InternVideo2 Stage2/CLIP eval)": lambda r: _sampling.middle(r["n"], r["frames"]),
    "SampleFrames test_mode (Video Swin)": lambda r: _sampling.strided(
        r["n"], r["frames"], r["stride"], r["num_clips"]
    ),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_frames_are_the_official_samplers(name):
    rows = json.loads((FOLDER / "frame_sampling.json").read_text())["samplers"][name]["rows"]
    assert rows
    for row in rows:
        assert np.ravel(SAMPLERS[name](row)).tolist() == row["idx"], row


def test_middle_repeats_the_last_frame_of_a_short_video():
    assert _sampling.middle(3, 8).tolist() == [[0, 1, 2, 2, 2, 2, 2, 2]]


@pytest.mark.parametrize(
    ("n", "fps", "first", "last"),
    [
        (1, 30.0, [0] * 4, [0] * 4),
        (5, 30.0, [0, 2, 2, 2], [0, 2, 2, 2]),
        (100, 30.0, [0, 2, 4, 6], [92, 94, 96, 98]),
        (100, 15.0, [0, 1, 2, 3], [96, 97, 98, 99]),
        (10, 7.5, [0, 0, 1, 1], [8, 8, 9, 9]),
        (100, float("nan"), [0, 1, 2, 3], [96, 97, 98, 99]),
    ],
)
def test_at_rate_takes_frames_of_the_wanted_rate(n, fps, first, last):
    windows = _sampling.at_rate(n, fps, frames=4, rate=15.0, clips=3)
    assert windows.shape == (3, 4)
    assert windows[0].tolist() == first
    assert windows[-1].tolist() == last


@pytest.mark.parametrize("n", [1, 2, 7, 31, 300])
@pytest.mark.parametrize("fps", [0.5, 23.976, 30.0, 120.0, float("nan")])
def test_every_stays_inside_the_video(n, fps):
    places = _sampling.every(n, fps, 1.0)
    assert places.shape[1] == 1
    assert places.min() >= 0
    assert places.max() < n
    assert len(np.unique(places)) == len(places)
