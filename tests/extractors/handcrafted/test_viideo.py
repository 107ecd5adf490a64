"""VIIDEO: the scores of the LIVE release, its definition on made-up sums, and inputs without an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

import vqa_features as vf
from vqa_features.errors import ParameterError
from vqa_features.extractors.handcrafted.viideo._blocks import SHIFTS, block_fits
from vqa_features.extractors.handcrafted.viideo._session import change_sums, score_of
from vqa_features.kernels.fits import aggd_fit, grid

#: Width, height, frames and seed of two clips without flat areas, and the hash of their luma.
CLIPS = {
    "a": (96, 80, 48, 1, "037b7bba91df8b00535ca2bbe698f98a14cd5e634f31c56c96faec7c768d6495"),
    "b": (70, 52, 71, 2, "08f41f6632022169febbd7e28989e9e0296c3bda206843de3fbfbe506ad55d49"),
}
#: computeVIIDEOscore.m of utlive/VIIDEO 513a867 under Octave 7.3, with blkproc as MATLAB documents it.
RELEASE = [
    ("a", 18, 8, 0.597390107422887),
    ("b", 18, 8, 0.599165179427868),
    ("a", 24, 12, 0.673485825034526),
    ("b", 20, 0, 0.514152399481250),
]


def planes(name: str) -> NDArray[np.uint8]:
    """Moving waves under noise, (frames, height, width)."""
    width, height, count, seed, _ = CLIPS[name]
    return np.stack(list(_planes(width, height, count, seed)))


def _planes(width: int, height: int, count: int, seed: int) -> Iterator[NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    for k in range(count):
        waves = 128 + 50 * np.sin((x + 2.3 * k) / 9)
        waves = waves + 40 * np.cos((y - 1.7 * k) / 7) * (0.6 + 0.4 * np.sin(k / 5))
        noisy = waves + rng.normal(0, 3 + k % 5, (height, width))
        yield np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def row(frames: NDArray[np.uint8], block: int = 18, overlap: int = 8) -> NDArray[np.float64]:
    """Score, correlation and change."""
    return vf.extract_frames(frames, f"viideo[block={block},overlap={overlap}]", fps=30).to_numpy()


@pytest.mark.parametrize(("name", "block", "overlap", "score"), RELEASE)
def test_scores_are_those_of_the_release(name: str, block: int, overlap: int, score: float) -> None:
    frames = planes(name)
    assert hashlib.sha256(frames.tobytes()).hexdigest() == CLIPS[name][-1], "the input itself is another one"
    found = row(frames, block, overlap)
    assert found[0] == pytest.approx(score, rel=1e-12)
    assert found[0] == pytest.approx(found[1] + found[2])


@pytest.mark.parametrize("shape", [(54, 72), (53, 71), (17, 90), (5, 5)])
@pytest.mark.parametrize(("block", "overlap"), [(18, 8), (18, 9), (20, 0)])
def test_fits_are_those_of_each_extended_block(shape: tuple[int, int], block: int, overlap: int) -> None:
    field = np.random.default_rng(5).normal(size=shape)
    found = block_fits(field, block, overlap)
    down, across = (-(-side // block) for side in shape)
    assert found.shape == (down * across, 12)
    for k, shift in enumerate(SHIFTS):
        product = field * np.roll(field, shift, axis=(0, 1))
        padded = np.zeros((down * block + 2 * overlap, across * block + 2 * overlap))
        padded[overlap : overlap + shape[0], overlap : overlap + shape[1]] = product
        side = block + 2 * overlap
        for number in range(down * across):
            j, i = divmod(number, down)
            part = padded[i * block : i * block + side, j * block : j * block + side]
            fit = aggd_fit(part, grid(0.2, 0.01, 5.0))
            expected = [fit.shape, fit.beta_left, fit.beta_right]
            assert found[number, 3 * k : 3 * k + 3] == pytest.approx(expected, rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("count", [10, 29, 55, 130])
def test_the_score_is_the_releases_of_the_changes(count: int) -> None:
    """Spans, correlations and their change as the release computes them, on all rows of each span."""
    rng = np.random.default_rng(count)
    changes = np.abs(rng.normal(size=(count, 40, 24)))
    changes[:, :, 12:] += changes[:, :, :12]
    changes[::7, 3] = np.nan
    gap = count // 10
    scores = []
    for start in range(0, count, int(np.floor(gap / 2 + 0.5))):
        rows = np.concatenate(changes[start : start + gap + 1])
        rows = rows[np.isfinite(rows).all(axis=1)]
        scores.append(np.mean([np.corrcoef(rows[:, c], rows[:, c + 12])[0, 1] for c in range(12)]))
    expected = np.mean(scores) + np.mean(np.abs(np.roll(scores, 1) - scores))
    found = score_of(np.stack([change_sums(one) for one in changes]))
    assert found[0] == pytest.approx(expected, rel=1e-9)


def test_more_distortion_changes_both_bands_alike() -> None:
    """Blocks that freeze and jump raise the score: both bands follow the same artefact."""
    frames = planes("a")
    broken = frames.copy()
    rng = np.random.default_rng(6)
    for k in range(1, len(frames)):
        for _ in range(6):
            y, x = rng.integers(0, 60), rng.integers(0, 76)
            broken[k, y : y + 18, x : x + 18] = broken[k - 1, y : y + 18, x : x + 18]
    assert row(broken)[0] > row(frames)[0]


def test_what_has_no_answer_is_missing_and_says_why() -> None:
    frames = planes("a")
    assert np.isfinite(row(frames[:22])).all()
    assert np.isnan(row(frames[:21])).all()
    assert np.isnan(row(np.repeat(frames[:1], 30, axis=0))).all()
    assert np.isnan(row(np.full((30, 40, 40), 90, np.uint8))).all()
    extractor = vf.make("viideo")
    assert "needs 22 frames" in extractor.reason(None, 21, ["score"])  # type: ignore[arg-type]
    assert "no block" in extractor.reason(None, 30, ["score"])  # type: ignore[arg-type]


@pytest.mark.parametrize("label", ["viideo[block=1]", "viideo[overlap=10]", "viideo[overlap=-1]"])
def test_a_block_that_cannot_be_is_refused(label: str) -> None:
    with pytest.raises(ParameterError, match="viideo"):
        vf.make(label)
