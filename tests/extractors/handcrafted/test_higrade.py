"""HIGRADE-1 and -2 equal the originals on every reference image, and answer odd ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import higrade_definition
import numpy as np
import pytest
from originals import features_of, numbers, odd_pictures, picture, reference, relative_error

from vqa_features import make
from vqa_features.extractors.handcrafted import _higrade
from vqa_features.frame import Frame, Views
from vqa_features.kernels import lab8
from vqa_features.picture import ArrayPicture
from vqa_features.specs import VideoInfo

#: L*: what the original's rounding noise on flat areas does to (mean / std)^2.
PARITY_L = 1e-6
#: a* and b*: pixels rounded to the other code; one step of a shape's grid is already 1e-3.
PARITY_AB, PARITY_AB_MEDIAN = 6e-3, 1e-3


@pytest.mark.parametrize("name", ["higrade-1", "higrade-2"])
def test_all_reference_images_equal_the_original(shared: Path, name: str) -> None:
    want = reference(shared, name.replace("-", ""))
    assert make(name).feature_names == want["names"]
    for image, entry in want["images"].items():
        got = features_of([picture(shared, image)], name)
        luma, *chroma = relative_error(got, numbers(entry["features"])).reshape(3, -1)
        assert luma.max() < PARITY_L, image
        assert np.max(chroma) < PARITY_AB, image
        assert np.median(chroma) < PARITY_AB_MEDIAN, image


def test_neutral_colours_have_neutral_codes() -> None:
    grays = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    lab = lab8.srgb_to_lab8(grays)[:, 0].astype(int)
    assert (lab[:, 1:] == 128).all()
    assert (np.diff(lab[:, 0]) >= 0).all()
    assert (lab[0, 0], lab[255, 0]) == (0, 255)


def test_coherence_is_one_for_stripes_and_small_for_noise() -> None:
    stripes = np.tile(np.repeat(np.uint8([0, 255]), 9), (45, 3))[:, 2:47]
    inner = _higrade.gradient_coherence(stripes)
    noise = _higrade.gradient_coherence(np.random.default_rng(0).integers(0, 256, (180, 180), np.uint8))
    assert 0 <= noise.min() < np.median(noise) < 0.2 < np.median(inner) <= 1


@pytest.mark.parametrize("shape", [(540, 240), (41, 100), (9, 9), (8, 30), (18, 2)])
def test_coherence_is_that_of_the_blocks_alone(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    image[:9, :18] = 0
    got, want = _higrade.gradient_coherence(image), higrade_definition.gradient_coherence(image)
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-12)


def test_coherence_of_a_constant_map_has_no_shape() -> None:
    for code in (1, 128, 200):
        for shape in ((96, 128), (540, 960)):
            _, deviation, skewness, kurtosis = _higrade.coherence_features(np.full(shape, code, np.uint8))
            assert deviation == 0
            assert np.isnan([skewness, kurtosis]).all(), (code, shape)


@pytest.mark.parametrize("name", ["higrade-1", "higrade-2"])
def test_frames_may_be_prepared_by_several_threads(name: str) -> None:
    extractor = make(name)
    session = extractor.open(VideoInfo("clip", 96, 64, 25.0, 8, 0.32))
    pictures = np.random.default_rng(2).integers(0, 256, (8, 64, 96, 3)).astype(np.uint8)

    def prepared(picture: np.ndarray) -> np.ndarray:
        return session.prepare(Views(Frame(ArrayPicture(picture), 0, 0.0), extractor.needs))

    with ThreadPoolExecutor(4) as pool:
        for got, want in zip(pool.map(prepared, pictures), map(prepared, pictures), strict=True):
            np.testing.assert_array_equal(session.push([got]), want)


@pytest.mark.parametrize("name", ["higrade-1", "higrade-2"])
def test_odd_pictures_have_answers_that_are_nan_only_where_a_variance_is_zero(name: str) -> None:
    names = np.array(make(name).feature_names)
    for kind, frame in odd_pictures().items():
        missing = names[np.isnan(features_of([frame], name))]
        flat = kind in ("black", "white", "constant", "checkerboard")
        assert flat or not missing.size, (kind, missing)
        assert all(one.endswith(("_gamma", "_snr2")) or "_coh_" in one for one in missing), (kind, missing)
