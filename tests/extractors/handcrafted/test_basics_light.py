"""Dark and bright shares over declared ranges and bit depths; the entropy of few levels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_videos import FFV1, encode

import vqa_features as vf

#: Shares of the span from black to white, and whether they count as dark or bright.
LEVELS = {0.0: "dark", 0.01: "dark", 0.04: "", 0.5: "", 0.96: "", 0.99: "bright", 1.0: "bright"}


def video_of(path: Path, shares: list[float], bits: int, full: bool) -> Path:
    """One frame of vertical stripes, each at a share of the span from black to white."""
    low, high = (0, 255) if full else (16, 235)
    deep = 2 ** (bits - 8)
    top = 2**bits - 1 if full else high * deep
    codes = np.rint(low * deep + np.array(shares) * (top - low * deep))
    luma = np.tile(np.repeat(codes, 16), (64, 1)).astype(np.uint8 if bits == 8 else np.uint16)
    chroma = np.full((32, luma.shape[1] // 2), 128 * deep, luma.dtype)
    return encode(
        path,
        [[luma, chroma, chroma]],
        codec="ffv1",
        pix_fmt="yuv420p" if bits == 8 else "yuv420p10le",
        options=FFV1,
        colour={"color_range": 2 if full else 1},
    )


def row_of(path: Path, **options: str) -> pd.Series:
    return vf.extract(path, "basics", **options).rename(lambda name: name.split(".")[1])


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
def test_dark_and_bright_shares_follow_the_declared_range(tmp_path: Path, bits: int, full: bool) -> None:
    row = row_of(video_of(tmp_path / "levels.mkv", list(LEVELS), bits, full))
    assert row["dark_share"] == pytest.approx(2 / 7)
    assert row["bright_share"] == pytest.approx(2 / 7)


def test_luma_made_from_rgb_has_full_range(tmp_path: Path) -> None:
    path = video_of(tmp_path / "levels.mkv", list(LEVELS), 8, full=False)
    made = row_of(path, luma="rgb2gray")
    assert (made["dark_share"], made["bright_share"]) == (pytest.approx(2 / 7), pytest.approx(2 / 7))


def test_arrays_have_full_range() -> None:
    for code, dark, bright in ((5, 1, 0), (16, 0, 0), (235, 0, 0), (250, 0, 1)):
        for shape in ((1, 32, 32), (1, 32, 32, 3)):
            row = vf.extract_frames(np.full(shape, code, np.uint8), "basics", fps=25)
            assert (row["basics.dark_share.mean"], row["basics.bright_share.mean"]) == (dark, bright)


@pytest.mark.parametrize("levels", [1, 2, 4, 16])
@pytest.mark.parametrize("bits", [8, 10])
def test_entropy_of_equal_shares_is_the_logarithm_of_their_number(levels: int, bits: int) -> None:
    codes = np.tile(np.repeat(np.arange(levels), 16) * 9 + 20, (32, 1))
    frame = (codes * 2 ** (bits - 8)).astype(np.uint8 if bits == 8 else np.uint16)
    entropy = vf.extract_frames(frame[None], "basics", fps=25)["basics.entropy.mean"]
    assert entropy == pytest.approx(np.log2(levels))
    assert not np.signbit(entropy)
