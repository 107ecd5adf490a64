"""A column without a value is told with its extractor and the reason, and nothing else is told."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from small_videos import FFV1, encode

import vqa_features as vf
from vqa_features.errors import WeightsMissing

Frames = NDArray[np.uint8]


def noise(frames: int, height: int, width: int, channels: int = 3) -> Frames:
    shape = (frames, height, width, channels)
    return np.repeat(np.random.default_rng(0).integers(0, 256, shape, np.uint8), 3 // channels, axis=3)


VIDEOS: dict[str, Frames] = {
    "black": np.zeros((9, 112, 200, 3), np.uint8),
    "constant": np.full((9, 112, 200, 3), 117, np.uint8),
    "gray": noise(9, 112, 200, channels=1),
    "still": np.repeat(noise(1, 112, 200), 9, axis=0),
    "8x8": noise(9, 8, 8),
    "16x16": noise(9, 16, 16),
    "64x64": noise(9, 64, 64),
    "wide": noise(9, 40, 200),
    "1 frame": noise(1, 112, 200),
    "2 frames": noise(2, 112, 200),
    "5 frames": noise(5, 112, 200),
}


def usable() -> list[str]:
    """Handcrafted extractors that need no further file, and the networks of which the weights are here."""
    names = []
    for name, row in vf.list_extractors().iterrows():
        if row["weights"] in ("none needed", "present"):
            needs = () if row["family"] == "handcrafted" else ("torch",)
            names.append(pytest.param(name, marks=pytest.mark.needs(*needs)))
    return names


@pytest.mark.parametrize("name", usable())
def test_every_extractor_tells_exactly_its_missing_columns(name: str) -> None:
    extractor = vf.make(name)
    try:
        extractor.weights_sha256()
    except WeightsMissing as missing:
        pytest.skip(str(missing))
    for what, frames in VIDEOS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            row = vf.extract_frames(frames[:2] if name == "friquee" else frames, name, fps=9)
        missing_columns = int(row.isna().sum())
        told = [text for text in row.attrs["warnings"] if ": no value in " in text]
        assert len(told) == (missing_columns > 0), (what, told)
        if told:
            begin = f"{name}: no value in {missing_columns} of {len(extractor.features)} columns"
            assert told[0].startswith(begin), (what, told)
            assert ("every picture is flat" in told[0]) == (what in ("black", "constant")), (what, told)


@pytest.mark.parametrize(
    ("name", "what", "reason"),
    [
        ("niqe", "black", "niqe: no value in 37 of 37 columns: every picture is flat"),
        ("niqe", "64x64", "needs 96 pixels in each direction, and the pictures have 64x64"),
        ("niqe", "gray", None),
        (
            "siti",
            "1 frame",
            "siti: no value in 1 of 2 columns (ti): it takes the sampled frame, with 1 before it",
        ),
        ("siti", "2 frames", None),
        ("flow", "1 frame", "in the source, and no sampled frame has one before it"),
        ("v-bliinds", "1 frame", "one frame was read, and they compare frames"),
        ("flow", "16x16", "needs 32 pixels in each direction, and the pictures have 16x16"),
        ("tlvqm", "2 frames", "needs 3 frames, and 2 were read"),
        (
            "temporal-nss",
            "5 frames",
            "(mscn_alpha_haar8, mscn_var_haar8, h_alpha_haar8 and 51 more): bands need 4 and 8 frames",
        ),
    ],
)
def test_the_reason_is_the_video_s(name: str, what: str, reason: str | None) -> None:
    told = vf.extract_frames(VIDEOS[what], name, fps=9).attrs["warnings"]
    assert [reason in text for text in told] == [True] if reason else told == []


def test_a_score_needs_two_blocks_and_a_python_warning_says_so() -> None:
    small = noise(1, 100, 100)[0]
    with pytest.warns(UserWarning, match=r"niqe: no value in 1 of 37 columns \(score\): it needs two blocks"):
        assert np.isnan(vf.score(small, "niqe", layout="HWC"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(vf.score(noise(1, 112, 200)[0], "niqe", layout="HWC"))


def test_rows_of_files_and_of_a_resumed_run_tell_it_too(tmp_path: Path) -> None:
    planes = [np.full((112, 200), 16, np.uint8), *[np.full((56, 100), 128, np.uint8)] * 2]
    black = encode(tmp_path / "black.mkv", [planes] * 3, codec="ffv1", options=FFV1)
    text = "niqe: no value in 37 of 37 columns: every picture is flat"
    assert text in vf.extract(black, ["siti", "niqe"]).attrs["warnings"]
    for _ in range(2):
        table = vf.extract_many([black], ["siti", "niqe"], store=tmp_path / "run.sqlite")
        assert table.loc["black", "status"] == "ok"
        assert table.loc["black", "warnings"] == text
    assert vf.extract_many([black], "siti", store=tmp_path / "run.sqlite").loc["black", "warnings"] == ""
