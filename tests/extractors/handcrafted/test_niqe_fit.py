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


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *((f"a{mark}b.npz", r"may not contain any of \[\],=\+") for mark in "[],=+"),
        ("live", r"cannot be called 'live': give the path of a file, such as \./live\.npz"),
        (" mine.npz", "begins or ends with a space"),
        ("mine.npz ", "begins or ends with a space"),
        (b"mine.npz", "cannot be called b'mine.npz'"),
        (".", "cannot write '.': it is a folder"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match=said):
        niqe.fit(iter([pytest.fail]), name)  # the sources are not looked at
    assert list(tmp_path.iterdir()) == []


def test_a_label_of_an_own_model_reads_back(mine: niqe.Niqe, tmp_path: Path) -> None:
    assert vf.make(mine.label) == mine
    odd = niqe.fit(PICTURES, tmp_path / "ünï codé.v2", sharpness=0)
    assert vf.make(odd.label) == odd
    assert vf.extract_frames([PICTURES[2]], odd.label).notna().all()


@pytest.mark.parametrize("sharpness", [-0.1, 1.01, np.nan, np.inf, "0.5"])
def test_a_share_is_0_to_1(tmp_path: Path, sharpness: float) -> None:
    with pytest.raises(ParameterError, match="sharpness must be 0 to 1, got"):
        niqe.fit(PICTURES, tmp_path / "a.npz", sharpness=sharpness)


def test_one_path_and_one_picture_are_sources(tmp_path: Path) -> None:
    tiles = np.concatenate(
        [np.concatenate([p[:288, :384, :3] for p in PICTURES[:2]]), PICTURES[3][:384, :384]]
    )
    for name, given in {"several": [tiles], "one": tiles}.items():
        niqe.fit(given, tmp_path / name, sharpness=0)
    with np.load(tmp_path / "several") as several, np.load(tmp_path / "one") as one:
        np.testing.assert_array_equal(several["covariance"], one["covariance"])
    clip = sorted((Path(vf.__file__).parent / "resources/demo").glob("*.mp4"))[0]
    for given in (str(clip), clip):
        with pytest.raises(ParameterError, match="at least 37 sharp 96 x 96 blocks, the sources have 5"):
            niqe.fit(given, tmp_path / "clip.npz", sharpness=0.75)
    with pytest.raises(ParameterError, match="a source must be a path or a picture in memory, got 5"):
        niqe.fit([5], tmp_path / "number.npz")  # type: ignore[list-item]


@pytest.mark.parametrize("kind", ["uniform noise", "one block many times"])
def test_blocks_that_are_too_alike_give_no_model(tmp_path: Path, kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (96 * 7, 96 * 7), dtype=np.uint8)
    picture = noise if kind == "uniform noise" else np.tile(PICTURES[2][:96, :96], (7, 7))
    with pytest.raises(ParameterError, match=r"the 49 sharp ones do not: .* give more pictures of different"):
        niqe.fit([picture], tmp_path / "noise.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_fit_leaves_the_model_that_was_there(tmp_path: Path) -> None:
    file = tmp_path / "mine.npz"
    before = niqe.fit(PICTURES, file, sharpness=0.2).weights_sha256()
    with pytest.raises(ParameterError):
        niqe.fit(PICTURES[:1], file)
    assert niqe.Niqe(model=str(file)).weights_sha256() == before
