"""Parity without the shared folder: expected numbers in tests/data/parity, on input that anyone can make.

Each file says what made its numbers: an "original program", or "our port", which a full parity test
holds to the original where the shared reference data are. Tolerances are those of the parity tests.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from originals import features_of, numbers, relative_error
from public_pictures import moving_planes, moving_rgb, picture
from yuv_clips import clip_features

from vqa_features import make
from vqa_features.extractors.handcrafted.il_niqe import _statistics
from vqa_features.extractors.handcrafted.rapique._statistics import spatial_features
from vqa_features.kernels.lab8 import srgb_to_lab8

FOLDER = Path(__file__).parents[1] / "data" / "parity"
#: float32 rows, as in test_brisque and test_niqe; the text files of BRISQUE's original quantise its score.
FLOAT32, BRISQUE_SCORE = 1e-6, 1e-3
GM_LOG = 1e-12
#: HIGRADE's L*, and 8-bit codes of a* and b* that are rounded the other way.
HIGRADE_L, HIGRADE_AB, HIGRADE_AB_MEDIAN = 1e-6, 6e-3, 1e-3
#: The same statistics of the same codes; rows are float32, flat areas hold the original's rounding noise.
HIGRADE_CODES = 3e-6
FRIQUEE, FRIQUEE_WAVELET, FRIQUEE_CHROMA, FRIQUEE_CHROMA_MEDIAN = 2e-6, 1e-9, 6e-3, 1e-3
RAPIQUE, RAPIQUE_AB = 1e-9, 2e-2
#: IL-NIQE's score, relative, and its components, in deviations of the template's component.
IL_NIQE_SCORE, IL_NIQE_COMPONENT = 1e-5, 1e-9
#: The release averages some moments in single precision, as in test_chipqa.
CHIPQA = 1e-5
#: Frozen numbers of our own arithmetic; other processors sum in another order.
PORT = 1e-6


@cache
def stored(name: str) -> dict[str, Any]:
    """One file of tests/data/parity."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def originals(name: str) -> list[Any]:
    """Parameters (picture, entry) of one file."""
    return [pytest.param(one, entry, id=one) for one, entry in stored(name)["values"].items()]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_each_file_says_what_made_its_numbers(file: Path) -> None:
    content = stored(file.stem)
    assert content["kind"] in ("original program", "our port")
    assert {"program", "input", "values"} <= set(content)
    assert ("verified" in content) == (content["kind"] == "our port")


@pytest.mark.parametrize(("name", "entry"), originals("brisque"))
def test_brisque_equals_the_live_release(name: str, entry: dict[str, Any]) -> None:
    got = features_of([picture(name)], "brisque")
    assert np.abs(got[:36] - numbers(entry["features"])).max() < FLOAT32
    assert got[36] == pytest.approx(entry["score"], abs=BRISQUE_SCORE)


@pytest.mark.parametrize(("name", "entry"), originals("niqe"))
def test_niqe_equals_the_live_release(name: str, entry: dict[str, Any]) -> None:
    got = features_of([picture(name)], "niqe")
    assert np.abs(got[:36] - numbers(entry["features"])).max() < FLOAT32
    assert got[36] == pytest.approx(entry["score"], rel=FLOAT32)


@pytest.mark.parametrize(("name", "entry"), originals("gm-log"))
def test_gm_log_equals_the_original(name: str, entry: dict[str, Any]) -> None:
    got = features_of([picture(name)], "gm-log")
    assert np.abs(got - numbers(entry["features"])).max() < GM_LOG


@pytest.mark.parametrize("extractor", ["higrade-1", "higrade-2"])
@pytest.mark.parametrize("name", ["chelsea", "coffee"])
def test_higrade_equals_the_authors_release(extractor: str, name: str) -> None:
    want = numbers(stored(extractor)["values"][name]["features"])
    luma, *chroma = relative_error(features_of([picture(name)], extractor), want).reshape(3, -1)
    assert luma.max() < HIGRADE_L
    assert np.max(chroma) < HIGRADE_AB
    assert np.median(chroma) < HIGRADE_AB_MEDIAN


@pytest.mark.parametrize(("name", "entry"), originals("higrade-codes"))
def test_higrade_of_other_pictures_equals_the_release_given_the_same_codes(
    name: str, entry: dict[str, Any]
) -> None:
    top, bottom, left, right = entry["crop"]
    image = np.ascontiguousarray(getattr(skimage.data, name)()[top:bottom, left:right])
    codes = srgb_to_lab8(image)
    assert hashlib.sha256(np.ascontiguousarray(codes).tobytes()).hexdigest() == entry["codes_sha256"]
    for extractor in ("higrade-1", "higrade-2"):
        error = relative_error(features_of([image], extractor), numbers(entry[extractor]))
        assert error.max() < HIGRADE_CODES


@pytest.mark.parametrize(("name", "entry"), originals("friquee"))
def test_friquee_equals_the_authors_release(name: str, entry: dict[str, Any]) -> None:
    error = relative_error(features_of([picture(name)], "friquee"), numbers(entry["features"]))
    chroma = np.array([one.startswith("chroma_") for one in make("friquee").feature_names])
    assert error[~chroma].max() < FRIQUEE
    assert error[232:][~chroma[232:]].max() < FRIQUEE_WAVELET
    assert error[chroma].max() < FRIQUEE_CHROMA
    assert np.median(error[chroma]) < FRIQUEE_CHROMA_MEDIAN


@pytest.mark.parametrize(("name", "entry"), originals("rapique-nss_spatial"))
def test_rapiques_spatial_features_equal_the_authors_release(name: str, entry: dict[str, Any]) -> None:
    error = relative_error(spatial_features(picture(name)), numbers(entry["features"]))
    names = make("rapique-nss").feature_names[: error.size]
    lab = np.array([one.split("_")[0] in ("A", "B", "GMA", "GMB") for one in names])
    assert error[~lab].max() < RAPIQUE
    assert error[lab].max() < RAPIQUE_AB
    assert np.median(error) < RAPIQUE


def test_chipqa_equals_the_authors_release() -> None:
    want = numbers(stored("chipqa")["values"]["moving"])
    error = relative_error(features_of(moving_rgb(seed=3), "chipqa", fps=8), want)
    assert error.max() < CHIPQA, make("chipqa").feature_names[int(error.argmax())]
    assert np.median(error) < CHIPQA / 1000


def test_il_niqe_equals_the_authors_release_where_its_template_is_present() -> None:
    from test_contract import usable

    extractor = usable("il-niqe")
    want = stored("il-niqe")["values"]["coffee"]
    got = features_of([picture("coffee")], extractor)
    assert got[-1] == pytest.approx(want["score"], rel=IL_NIQE_SCORE)
    deviation = np.sqrt(np.diag(extractor.open(None)._template.covariance))  # type: ignore[attr-defined, arg-type]
    assert (np.abs(got[:-1] - numbers(want["features"])) / deviation).max() < IL_NIQE_COMPONENT


def test_il_niqes_statistics_of_blocks_are_those_of_the_verified_port() -> None:
    got = _statistics.block_statistics(picture("coffee")).mean(axis=0)
    want = numbers(stored("il-niqe_statistics")["values"]["coffee"])
    np.testing.assert_allclose(got, want, rtol=PORT, atol=1e-12)  # some are zero but for rounding


@pytest.mark.parametrize(("name", "entry"), originals("piqe"))
def test_piqe_is_that_of_the_verified_port(name: str, entry: list[float]) -> None:
    assert relative_error(features_of([picture(name)], "piqe"), numbers(entry)).max() < PORT


@pytest.mark.parametrize("name", ["rapique-nss", "tlvqm", "v-bliinds", "videval"])
def test_a_video_method_is_that_of_the_verified_port(name: str) -> None:
    got = clip_features(make(name), moving_planes(), fps=8)
    error = relative_error(got, numbers(stored(name)["values"]["moving"]))
    assert np.isfinite(got).all()
    assert error.max() < PORT, make(name).feature_names[int(error.argmax())]
