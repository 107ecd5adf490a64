"""What every registered extractor promises, generated from the registry: no list of names to keep."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import vqa_features as vf
from vqa_features.extractor import Extractor
from vqa_features.registry import make, registry
from vqa_features.testing import (
    DECLARATION_CHECKS,
    FPS,
    TEN_BIT,
    VALUE_CHECKS,
    check_odd_input,
    colour,
    enough_frames,
    run,
    textured_clip,
)
from vqa_features.video import Video

BASELINES = Path(__file__).parents[1] / "data" / "baselines.json"
#: Relative and absolute: the baseline is frozen on one machine; SIMD and libm differ in the last bits,
#: and shape estimates step on a grid of gammas.
BASELINE_RTOL, BASELINE_ATOL = 1e-4, 1e-6

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


@pytest.mark.parametrize("check", DECLARATION_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_the_declaration_keeps_the_contract(name: str, check: Callable[[Extractor], None]) -> None:
    check(extractor_of(name))


@pytest.mark.parametrize(
    "check", [one for one in VALUE_CHECKS if one is not check_odd_input], ids=lambda check: check.__name__
)
@pytest.mark.parametrize("name", HANDCRAFTED)
def test_the_values_keep_the_contract(name: str, check: Callable[[Extractor], None]) -> None:
    """`test_odd_input.py` holds odd input to a table, which says more than `check_odd_input`."""
    check(usable(name))


@pytest.fixture(scope="module")
def lossless_videos(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], tuple[Path, Path]]:
    """Makes paths of one 4:2:0 clip without loss in 8 bits and, four times each code, in 10 bits."""
    from small_videos import FFV1, encode

    folder = tmp_path_factory.mktemp("ten_bits")
    options = {"codec": "ffv1", "rate": int(FPS), "options": FFV1}

    @cache
    def made(frames: int) -> tuple[Path, Path]:
        planes = [
            [luma, 90 + luma[::2, ::2] // 4, np.roll(170 - luma[::2, ::2] // 3, 3, axis=1)]
            for luma in textured_clip(frames)
        ]
        deep = [[plane.astype(np.uint16) * 4 for plane in frame] for frame in planes]
        return (
            encode(folder / f"eight{frames}.mkv", planes, pix_fmt="yuv420p", **options),
            encode(folder / f"ten{frames}.mkv", deep, pix_fmt="yuv420p10le", **options),
        )

    return made


@pytest.mark.parametrize("name", HANDCRAFTED)
def test_a_ten_bit_video_agrees_with_its_eight_bit_copy(
    name: str, lossless_videos: Callable[[int], tuple[Path, Path]]
) -> None:
    extractor = usable(name)
    paths = lossless_videos(max(5, extractor.least_frames))
    eight, ten = (vf.extract(path, extractor) for path in paths)
    assert np.isfinite(eight).any()
    np.testing.assert_allclose(ten, eight, rtol=TEN_BIT, atol=TEN_BIT)


def test_the_two_lossless_videos_differ_in_bit_depth_only(
    lossless_videos: Callable[[int], tuple[Path, Path]],
) -> None:
    one_video, other_video = lossless_videos(5)
    with Video(one_video) as eight, Video(other_video) as ten:
        assert (eight.info.bit_depth, ten.info.bit_depth) == (8, 10)
        for one, other in zip(eight, ten, strict=True):
            for view in ("luma", "chroma"):
                np.testing.assert_array_equal(one.view(view), other.view(view))
            # swscale converts 10-bit codes with its own rounding
            difference = one.view("rgb").astype(int) - other.view("rgb")
            assert np.abs(difference).max() <= 1


def baseline_of(extractor: Extractor) -> dict[str, object]:
    values = run(extractor, colour(textured_clip(enough_frames(extractor))))
    return {
        "version": extractor.version,
        "values": [None if math.isnan(v) else float(f"{v:.8g}") for v in values],
    }


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
        run(extractor, colour(textured_clip(enough_frames(extractor)))).to_numpy(),
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
