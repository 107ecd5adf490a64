"""Pristine models computed from a user's pictures: inputs, results and errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skimage.data
from scipy.ndimage import gaussian_filter

import vqa_features as vf
from vqa_features.errors import ParameterError
from vqa_features.extractors.handcrafted import niqe
from vqa_features.kernels import brisque_niqe

PICTURES = [skimage.data.astronaut(), skimage.data.coffee(), skimage.data.camera(), skimage.data.rocket()]


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> niqe.Niqe:
    return niqe.fit(PICTURES, tmp_path_factory.mktemp("model") / "mine.npz", sharpness=0.2)


def test_own_model_ranks_a_blurred_and_a_noisy_picture_below_the_good_one(mine: niqe.Niqe) -> None:
    good = skimage.data.chelsea()
    noisy = np.clip(good + np.random.default_rng(0).normal(0, 25, good.shape), 0, 255).astype(np.uint8)
    score = vf.score(good, mine, layout="HWC")
    assert score < vf.score(gaussian_filter(good, (2, 2, 0)), mine, layout="HWC")
    assert score < vf.score(noisy, mine, layout="HWC")


def test_own_model_is_another_identity_but_has_the_same_features(mine: niqe.Niqe) -> None:
    assert mine.identity() != niqe.Niqe().identity()
    ours = vf.extract_frames([PICTURES[2]], mine).to_numpy()
    live = vf.extract_frames([PICTURES[2]], "niqe").to_numpy()
    assert np.array_equal(ours[:36], live[:36])
    assert ours[36] != live[36]


def test_videos_are_sources(tmp_path: Path) -> None:
    clips = sorted((Path(vf.__file__).parent / "resources/demo").glob("*.mp4"))[:4]
    from_files = niqe.fit(clips, tmp_path / "video.npz", sharpness=0.1)
    assert np.isfinite(vf.extract(clips[0], from_files, frames=1)).all()


def test_only_blocks_near_the_sharpest_are_sharp() -> None:
    plane = np.full((96, 288), 100.0)
    noise = np.random.default_rng(0).normal(size=(96, 96))
    plane[:, :96] += 20 * noise
    plane[:, 96:192] += 17 * noise
    plane[:, 192:] += 10 * noise
    assert brisque_niqe.sharp_blocks(plane).tolist() == [True, True, False]


def test_too_few_blocks_and_a_wrong_file_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="at least 37"):
        niqe.fit([PICTURES[0][:200, :200]], tmp_path / "few.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(ParameterError, match="cannot be read"):
        vf.extract_frames([PICTURES[0]], niqe.Niqe(model=str(tmp_path / "text.npz")))
    with pytest.raises(vf.WeightsMissing, match="pristine model"):
        niqe.Niqe(model=str(tmp_path / "absent.npz")).identity()
