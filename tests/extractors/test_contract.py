"""What every registered extractor promises, generated from the registry: no list of names to keep."""

from __future__ import annotations

import json
import math
import pickle
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import vqa_features as vf
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor
from vqa_features.frame import VIEWS, ArrayPicture, Frame, Views
from vqa_features.pooling import columns, parse_column
from vqa_features.registry import make, registry
from vqa_features.video import Video

BASELINES = Path(__file__).parents[1] / "data" / "baselines.json"
#: Relative and absolute: the baseline is frozen on one machine; SIMD and libm differ in the last bits,
#: and shape estimates step on a grid of gammas.
BASELINE_RTOL, BASELINE_ATOL = 1e-4, 1e-6
#: Relative and absolute: deeper luma and chroma are float32 in place of uint8.
TEN_BIT = 1e-3
FPS = 8.0
HEIGHT, WIDTH = 200, 208

NAMES = [name for name in registry() if not name.endswith(":")]
HANDCRAFTED = [name for name in NAMES if registry()[name].family == "handcrafted"]


#: Weights that may not be shipped, inside the folder of shared reference data.
SHARED_WEIGHTS = {"il-niqe": "reference/handcrafted/models/ilniqe_templateModel.mat"}


@cache
def extractor_of(name: str) -> Extractor:
    """The extractor with its default parameters."""
    return make(name)


def usable(name: str) -> Extractor:
    """The extractor, with weights from the shared folder if it has to; skips where they are absent."""
    extractor = extractor_of(name)
    try:
        extractor.weights_sha256()
    except vf.WeightsMissing:
        from shared_data import SHARED

        path = SHARED / SHARED_WEIGHTS.get(name, "absent")
        if not path.is_file():
            pytest.skip(f"{name} needs weights that are not shipped, and {path} is absent")
        return registry()[name](weights=str(path))  # type: ignore[call-arg]
    return extractor


@cache
def textured_clip(frames: int = 9, height: int = HEIGHT, width: int = WIDTH) -> NDArray[np.uint8]:
    """A moving, textured gray clip (t, h, w) with edges, noise and no flat area; the same everywhere."""
    rng = np.random.default_rng(20)
    y, x = np.mgrid[:height, :width]
    grain = rng.normal(0, 6, (height, width + frames * 2))
    planes = []
    for t in range(frames):
        wave = 60 * np.sin((x + 2 * t) / 9.0) * np.cos(y / 7.0) + 25 * ((x + 3 * t) // 24 % 2)
        planes.append(np.clip(np.rint(118 + wave + grain[:, 2 * t : 2 * t + width]), 1, 254))
    return np.array(planes, dtype=np.uint8)


def colour(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An RGB clip (t, h, w, 3) whose channels differ."""
    return np.stack([planes, np.roll(planes, 5, axis=2), 255 - planes // 2], axis=-1)


def run(extractor: Extractor, clip: NDArray[np.uint8]) -> pd.Series:
    return vf.extract_frames(clip, extractor, fps=FPS)


@pytest.mark.parametrize("name", NAMES)
def test_declaration_is_complete(name: str) -> None:
    extractor = extractor_of(name)
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", name)
    assert extractor.group
    assert extractor.version >= 1
    assert extractor.references
    assert (type(extractor).__doc__ or "").strip()
    assert set(extractor.needs) <= set(VIEWS)
    names = extractor.feature_names
    assert len(set(names)) == len(names) > 0
    for feature in extractor.features:
        assert re.fullmatch(r"[A-Za-z0-9_@-]+", feature.name), feature.name
        assert feature.description, f"{feature.name} has no description"
        assert feature.low <= feature.high


@pytest.mark.parametrize("name", NAMES)
def test_columns_read_back_to_the_extractor(name: str) -> None:
    extractor = extractor_of(name)
    for text in columns(extractor, ["mean", "p10"])[:3]:
        column = parse_column(text)
        assert column is not None
        assert make(column.label) == extractor
        assert column.feature in extractor.feature_names


@pytest.mark.parametrize("name", NAMES)
def test_pickle_gives_an_equal_extractor(name: str) -> None:
    extractor = extractor_of(name)
    assert pickle.loads(pickle.dumps(extractor)) == extractor


@pytest.mark.parametrize("name", HANDCRAFTED)
def test_textured_clip_gives_finite_values_within_the_declared_range(name: str) -> None:
    extractor = usable(name)
    values = run(extractor, colour(textured_clip()))
    assert list(values.index) == columns(extractor, ["mean"])
    undefined = [str(n) for n in values.index[~np.isfinite(values)]]
    assert not undefined, undefined[:10]
    for feature, value in zip(extractor.features, values, strict=True):
        assert feature.low <= value <= feature.high, (feature, value)


@pytest.mark.parametrize("name", HANDCRAFTED)
def test_the_same_clip_gives_the_same_bits(name: str) -> None:
    extractor = usable(name)
    clip = colour(textured_clip(5))
    pd.testing.assert_series_equal(run(extractor, clip), run(extractor, clip), check_exact=True)


@pytest.mark.parametrize("name", HANDCRAFTED)
def test_ten_bit_arrays_agree_with_eight_bit_arrays(name: str) -> None:
    """Four times each 8-bit code is the same picture in 10 bits; the view ``rgb`` rounds it to 8."""
    extractor = usable(name)
    planes = textured_clip(5)
    clip = planes if extractor.needs == ("luma",) else colour(planes)
    eight = vf.extract_frames(clip, extractor, fps=FPS)
    ten = vf.extract_frames(clip.astype(np.uint16) * 4, extractor, fps=FPS)
    np.testing.assert_allclose(ten, eight, rtol=TEN_BIT, atol=TEN_BIT)


@pytest.fixture(scope="module")
def lossless_videos(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Paths of one 4:2:0 clip stored without loss in 8 bits and, four times each code, in 10 bits."""
    from small_videos import FFV1, encode

    folder = tmp_path_factory.mktemp("ten_bits")
    planes = [
        [luma, 90 + luma[::2, ::2] // 4, np.roll(170 - luma[::2, ::2] // 3, 3, axis=1)]
        for luma in textured_clip(5)
    ]
    deep = [[plane.astype(np.uint16) * 4 for plane in frame] for frame in planes]
    options = {"codec": "ffv1", "rate": int(FPS), "options": FFV1}
    return (
        encode(folder / "eight.mkv", planes, pix_fmt="yuv420p", **options),
        encode(folder / "ten.mkv", deep, pix_fmt="yuv420p10le", **options),
    )


@pytest.mark.parametrize("name", HANDCRAFTED)
def test_a_ten_bit_video_agrees_with_its_eight_bit_copy(
    name: str, lossless_videos: tuple[Path, Path]
) -> None:
    extractor = usable(name)
    eight, ten = (vf.extract(path, extractor) for path in lossless_videos)
    assert np.isfinite(eight).any()
    np.testing.assert_allclose(ten, eight, rtol=TEN_BIT, atol=TEN_BIT)


def test_the_two_lossless_videos_differ_in_bit_depth_only(lossless_videos: tuple[Path, Path]) -> None:
    with Video(lossless_videos[0]) as eight, Video(lossless_videos[1]) as ten:
        assert (eight.info.bit_depth, ten.info.bit_depth) == (8, 10)
        for one, other in zip(eight, ten, strict=True):
            for view in ("luma", "chroma"):
                np.testing.assert_array_equal(one.view(view), other.view(view))
            # swscale converts 10-bit codes with its own rounding
            difference = one.view("rgb").astype(int) - other.view("rgb")
            assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("name", HANDCRAFTED)
def test_undeclared_views_cannot_be_reached(name: str) -> None:
    extractor = extractor_of(name)
    frame = Frame(ArrayPicture(colour(textured_clip(1))[0]), 0, 0.0, "rgb2gray")
    views = Views(frame, extractor.needs)
    for view in set(VIEWS) - set(extractor.needs):
        with pytest.raises(ParameterError, match="declared needs"):
            getattr(views, view)


def baseline_of(extractor: Extractor) -> dict[str, object]:
    values = run(extractor, colour(textured_clip()))
    return {"version": extractor.version, "values": [float(f"{v:.8g}") for v in values]}


@pytest.mark.parametrize("name", HANDCRAFTED)
def test_values_change_only_with_the_version(name: str) -> None:
    """Frozen values per version: `python tests/extractors/test_contract.py` writes those of new versions."""
    extractor = usable(name)
    known = json.loads(BASELINES.read_text()).get(name)
    if known is None and name in SHARED_WEIGHTS:
        pytest.skip(f"{name} is held to its original only: a baseline cannot be written without its weights")
    assert known is not None, f"{name} has no baseline: run python tests/extractors/test_contract.py"
    assert known["version"] == extractor.version, (
        "run python tests/extractors/test_contract.py and say what moved"
    )
    np.testing.assert_allclose(
        run(extractor, colour(textured_clip())).to_numpy(),
        [math.nan if v is None else v for v in known["values"]],
        rtol=BASELINE_RTOL,
        atol=BASELINE_ATOL,
    )


def write_baselines() -> None:
    """Add the baselines of extractors that are new or have a new version; keep all others."""
    known = json.loads(BASELINES.read_text()) if BASELINES.exists() else {}
    for name in HANDCRAFTED:
        extractor = make(name)
        try:
            extractor.weights_sha256()
        except vf.WeightsMissing:
            continue
        if known.get(name, {}).get("version") != extractor.version:
            known[name] = baseline_of(extractor)
            print(f"{name}: version {extractor.version}, {len(known[name]['values'])} values")
    lines = [f"{json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known)]
    BASELINES.parent.mkdir(exist_ok=True)
    BASELINES.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    write_baselines()
