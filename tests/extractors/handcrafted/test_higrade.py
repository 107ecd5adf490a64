"""HIGRADE-1 and -2 equal the originals on every reference image, and answer odd ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from originals import features_of, numbers, odd_pictures, picture, reference, relative_error
from threadpoolctl import threadpool_limits

from vqa_features import make
from vqa_features.extractors.handcrafted import _higrade
from vqa_features.kernels import lab8

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
    stripes = np.tile(np.repeat([0, 255], 9), (45, 3))[:, 2:47]
    inner = _higrade.gradient_coherence(stripes)
    noise = _higrade.gradient_coherence(np.random.default_rng(0).integers(0, 256, (180, 180)))
    assert 0 <= noise.min() < np.median(noise) < 0.2 < np.median(inner) <= 1


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_coherence_of_a_constant_map_has_no_shape_with_any_number_of_threads(threads: int) -> None:
    with threadpool_limits(threads):
        for code in (1, 128, 200):
            for shape in ((96, 128), (540, 960)):
                _, deviation, skewness, kurtosis = _higrade.coherence_features(np.full(shape, code, np.uint8))
                assert deviation == 0
                assert np.isnan([skewness, kurtosis]).all(), (code, shape)


@pytest.mark.parametrize("name", ["higrade-1", "higrade-2"])
def test_odd_pictures_have_answers_that_are_nan_only_where_a_variance_is_zero(name: str) -> None:
    names = np.array(make(name).feature_names)
    for kind, frame in odd_pictures().items():
        missing = names[np.isnan(features_of([frame], name))]
        flat = kind in ("black", "white", "constant", "checkerboard")
        assert flat or not missing.size, (kind, missing)
        assert all(one.endswith(("_gamma", "_snr2")) or "_coh_" in one for one in missing), (kind, missing)
