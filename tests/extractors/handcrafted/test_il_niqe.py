"""IL-NIQE against the authors' release (under Octave and under MATLAB), and properties of its parts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from ladders import blurred, compressed, noisy
from originals import odd_pictures, picture, reference
from scipy import stats

from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.extraction import extract_frames
from vqa_features.extractors.handcrafted.il_niqe import _statistics
from vqa_features.extractors.handcrafted.il_niqe._log_gabor import log_gabor_filters
from vqa_features.extractors.handcrafted.il_niqe._session import read_template
from vqa_features.extractors.handcrafted.il_niqe._weibull import weibull_fit
from vqa_features.extractors.handcrafted.il_niqe.extractor import IlNiqe

SCORE = 1e-5
#: MATLAB's own numbers have four digits more than its resampling and fits agree with Octave's.
MATLAB = 1e-3
#: Components cross zero, so errors are told in deviations of the template's component. Coffee has no
#: flat area; chelsea has few and astronaut many, where the release's statistics are rounding noise.
COMPONENT = {"coffee": 1e-9, "chelsea": 1e-3, "astronaut": 1e-2}
EXACT = 1e-9


@cache
def template(shared: Path) -> _statistics.Template:
    return read_template(shared / "reference/handcrafted/models/ilniqe_templateModel.mat")


def score(image: np.ndarray, shared: Path) -> float:
    return _statistics.score(_statistics.components(image, template(shared)), template(shared))


@pytest.mark.parametrize("name", COMPONENT)
def test_equals_the_original(shared: Path, name: str) -> None:
    want = reference(shared, "ilniqe")["images"][name]
    model = template(shared)
    found = _statistics.components(picture(shared, name), model)
    error = np.abs(found.mean(axis=0) - np.array(want["features"])) / np.sqrt(np.diag(model.covariance))
    assert error.max() < COMPONENT[name]
    assert _statistics.score(found, model) == pytest.approx(want["score"], rel=SCORE)


def test_equals_matlab(shared: Path) -> None:
    anchors = reference(shared, "real_matlab_anchors")
    for name, want in zip(anchors["images"], anchors["ilniqe"], strict=True):
        assert score(picture(shared, name), shared) == pytest.approx(want, rel=MATLAB)


def test_score_rises_with_blur_noise_and_compression(shared: Path) -> None:
    image = picture(shared, "coffee")
    clean = score(image, shared)
    for ladder in (blurred(image, (1, 3)), noisy(image, (10, 30)), compressed(image, (30, 8))):
        scores = [clean, *(score(step, shared) for step in ladder)]
        assert (np.diff(scores) > 0).all(), scores


def test_score_is_worse_for_a_degraded_picture(shared: Path) -> None:
    image = picture(shared, "chelsea")
    clean = score(image, shared)
    for step in (*blurred(image, (2,)), *noisy(image, (20,)), *compressed(image, (10,))):
        assert score(step, shared) > clean


@pytest.mark.parametrize("name", odd_pictures())
def test_odd_pictures_have_a_defined_answer(shared: Path, name: str) -> None:
    extractor = IlNiqe(weights=str(shared / "reference/handcrafted/models/ilniqe_templateModel.mat"))
    row = extract_frames(odd_pictures()[name][None], extractor).to_numpy()
    flat = name in ("black", "white", "constant")
    assert np.isnan(row).all() if flat else np.isfinite(row).all()


def test_without_its_template_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissing, match="weights import il-niqe"):
        extract_frames(np.zeros((1, 64, 64, 3), np.uint8), "il-niqe")


def test_another_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.mat"
    file.write_bytes(b"not MATLAB's")
    with pytest.raises(ParameterError, match=r"other\.mat is not IL-NIQE's templateModel\.mat"):
        extract_frames(np.zeros((1, 64, 64, 3), np.uint8), IlNiqe(weights=str(file)))
    with pytest.raises(ParameterError, match=r"cannot be read as IL-NIQE's templateModel\.mat"):
        read_template(file)


def test_weibull_fit_equals_scipys() -> None:
    samples = np.random.default_rng(0).weibull(1.7, 5000) * 3
    shape, _, scale = stats.weibull_min.fit(samples, floc=0)
    assert weibull_fit(samples[None])[0] == pytest.approx((scale, shape), rel=1e-4)


def test_weibull_fit_of_equal_samples_is_infinitely_sharp() -> None:
    assert weibull_fit(np.full((1, 9), 0.25)).tolist() == [[0.25, np.inf]]


def test_log_gabor_filters_peak_at_their_wavelength_and_pass_no_mean() -> None:
    filters = log_gabor_filters((120, 120), 4.0, 1.5, 0.55, 1.1)
    for scale, row in enumerate(filters):
        along_x = row[0][0]
        assert along_x[0] == 0
        assert along_x.argmax() == round(120 / (4 * 1.5**scale))
    assert filters[0][2][:, 0].max() > 0.99  # the third orientation looks along y


def test_derivative_of_a_ramp_is_constant() -> None:
    ramp = np.tile(np.arange(60.0), (50, 1))
    dx, dy = _statistics._derivatives(ramp, 1.5)
    inner = (slice(8, -8), slice(8, -8))
    assert np.ptp(dx[inner]) < EXACT
    assert np.abs(dy[inner]).max() < EXACT


def test_statistics_are_of_36_blocks() -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 90, 3)).astype(np.uint8)
    found = _statistics.block_statistics(image)
    assert found.shape == (36, 468)
    assert np.isfinite(found).all()
