"""SI and TI of ITU-T P.910 (2023): perceptual codes held to the standards' points and to siti-tools' numbers.

The numbers of siti-tools (MIT, commit ed79945) are those of its test suite for checkerboards, which are made
here by their formula. Its other files are held by `benchmarks.siti_ground_truth`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from small_videos import encode

import vqa_features as vf
from vqa_features.errors import ParameterError
from vqa_features.kernels.perceptual_codes import perceptual_codes

BITS = {"yuv420p": 8, "yuv420p10le": 10, "yuv420p12le": 12}


def table(domain: str, hdr: str, limited: bool = False, bits: int = 10) -> NDArray[np.float64]:
    return perceptual_codes(domain, hdr, bits, limited).astype(float) / 255  # type: ignore[arg-type]


def written(path: Path, planes: list[NDArray[np.integer]], pix_fmt: str = "yuv420p", **colour: int) -> Path:
    """A lossless video of these luma planes, with gray chroma."""
    kind = np.uint8 if BITS[pix_fmt] == 8 else np.uint16
    height, width = planes[0].shape
    chroma = np.full((height // 2, width // 2), 2 ** (BITS[pix_fmt] - 1), kind)
    pictures = [[plane.astype(kind), chroma, chroma] for plane in planes]
    return encode(path, pictures, codec="ffv1", pix_fmt=pix_fmt, options={}, colour=colour)


def rows(path: Path, label: str) -> NDArray[np.float64]:
    return vf.extract(str(path), label, per_frame=True).to_numpy()


def test_light_of_known_codes_has_the_codes_of_st_2084() -> None:
    """PQ of .1, 100, 203, 1000, 10 000 cd/m2 is .0623, .5081, .5807, .7518, 1 (ITU-R BT.2390, BT.2408)."""
    sdr = table("pq", "sdr")
    light = 0.1 + 299.9 * (np.arange(1024) / 1023) ** 2.4
    assert np.interp([0.1, 100, 203], light, sdr) == pytest.approx([0.0623, 0.5081, 0.5807], abs=1e-4)
    assert table("pq", "hlg")[-1] == pytest.approx(0.7518, abs=1e-4)  # 1000 cd/m2
    assert np.allclose(table("pq", "hdr10"), np.arange(1024) / 1023, atol=1e-6)


def test_hlg_of_bt_2100_is_continuous_and_that_of_siti_tools_is_not() -> None:
    ours, theirs = table("pq", "hlg"), table("pq", "hlg-siti-tools")
    assert np.diff(ours)[300:].max() < 0.002
    assert (np.diff(ours) >= 0).all()
    assert np.diff(theirs).min() < -0.05
    assert ours[:512] == pytest.approx(theirs[:512], abs=0)


@pytest.mark.parametrize("hdr", ["sdr", "hdr10", "hlg"])
@pytest.mark.parametrize("domain", ["pq", "pu21"])
def test_codes_rise_within_0_and_1_and_limited_range_is_clipped(domain: str, hdr: str) -> None:
    full, limited = table(domain, hdr), table(domain, hdr, limited=True)
    assert (np.diff(full) >= 0).all()
    assert -1e-6 <= full.min() < full.max() <= 1.001
    assert (limited[:65] == limited[64]).all()
    assert (limited[940:] == limited[940]).all()
    assert limited[64] == pytest.approx(full[0], abs=1e-6)
    assert limited[940] == pytest.approx(full[-1], abs=1e-6)


def test_pu21_has_0_at_its_least_light_and_1_at_its_greatest() -> None:
    full = table("pu21", "hdr10", bits=12)
    assert full[0] == pytest.approx(0, abs=1e-6)
    assert full[-1] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("pix_fmt", "code_range", "expected"),
    [("yuv420p", "full", 154.77804876773698), ("yuv420p10le", "limited", 178.73967197824064)],
)
def test_checkerboards_have_the_numbers_of_siti_tools(
    tmp_path: Path, pix_fmt: str, code_range: str, expected: float
) -> None:
    y, x = np.mgrid[:240, :320]
    one = 2 ** (BITS[pix_fmt] - 8)
    board = np.where(x // 32 % 2 == y // 32 % 2, 235 * one, 16 * one)
    clip = written(tmp_path / "board.mkv", [board] * 3, pix_fmt)
    found = rows(clip, f"siti[domain=pq,hdr=sdr,code_range={code_range}]")
    assert found[:, 0] == pytest.approx(expected, rel=1e-6)
    assert found[1:, 1] == pytest.approx(0)


@pytest.mark.parametrize("pix_fmt", list(BITS))
@pytest.mark.parametrize("domain", ["pq", "pu21"])
def test_si_and_ti_are_those_of_the_perceptual_planes(tmp_path: Path, pix_fmt: str, domain: str) -> None:
    bits = BITS[pix_fmt]
    rng = np.random.default_rng(3)
    planes = [rng.integers(0, 2**bits, (48, 64)) for _ in range(3)]
    found = rows(
        written(tmp_path / "noise.mkv", planes, pix_fmt), f"siti[domain={domain},hdr=hlg,code_range=full]"
    )
    mapped = [255 * table(domain, "hlg", bits=bits)[plane] for plane in planes]
    for number, plane in enumerate(mapped):
        magnitude = np.hypot(ndimage.sobel(plane, 0), ndimage.sobel(plane, 1))[1:-1, 1:-1]
        assert found[number, 0] == pytest.approx(magnitude.std(), rel=1e-5)
        if number:
            assert found[number, 1] == pytest.approx((plane - mapped[number - 1]).std(), rel=1e-5)


@pytest.mark.parametrize(("transfer", "hdr"), [(16, "hdr10"), (18, "hlg"), (1, "sdr"), (2, "sdr")])
@pytest.mark.parametrize(("tag", "code_range"), [(1, "limited"), (2, "full"), (0, "limited")])
def test_auto_follows_transfer_and_range_of_the_file(
    tmp_path: Path, transfer: int, hdr: str, tag: int, code_range: str
) -> None:
    rng = np.random.default_rng(4)
    planes = [rng.integers(64, 941, (48, 64)) for _ in range(2)]
    clip = written(tmp_path / "x.mkv", planes, "yuv420p10le", color_trc=transfer, color_range=tag)
    auto = rows(clip, "siti[domain=pq]")
    named = rows(clip, f"siti[domain=pq,hdr={hdr},code_range={code_range}]")
    assert np.array_equal(auto, named, equal_nan=True)


def test_sdr_and_hdr_are_on_one_scale() -> None:
    """The light of one display has one code, whatever the video's codes are."""
    sdr, hlg = table("pu21", "sdr"), table("pu21", "hlg")
    light = np.interp(0.5, sdr, 0.1 + 299.9 * (np.arange(1024) / 1023) ** 2.4)
    scene = np.interp(light, 0.01 + 999.99 * _hlg(np.arange(1024) / 1023) ** 1.2, np.arange(1024.0))
    assert np.interp(scene, np.arange(1024), hlg) == pytest.approx(0.5, abs=1e-3)


def _hlg(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scene light of ITU-R BT.2100, table 5."""
    upper = (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return np.where(signal <= 0.5, signal**2 / 3, upper)


@pytest.mark.parametrize("label", ["siti[domain=pg]", "siti[hdr=hlg]", "siti[code_range=full]"])
def test_a_parameter_that_means_nothing_is_refused(label: str) -> None:
    with pytest.raises(ParameterError, match="domain"):
        vf.make(label)


def test_default_and_perceptual_columns_have_their_own_names_and_units() -> None:
    assert [one.unit for one in vf.make("siti").features] == ["8-bit codes"] * 2
    assert {one.unit for one in vf.make("siti[domain=pu21]").features} == {"codes of PU21, 0 to 255"}
    assert vf.make("siti").label == "siti"
