"""Luma as perceptual codes of light: the standards' formulas, written here again, on tagged 10-bit videos."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from commands import run_here
from numpy.typing import NDArray
from small_videos import FFV1, encode

import vqa_features as vf
from vqa_features.batch.result_key import result_key
from vqa_features.errors import ParameterError
from vqa_features.kernels.brisque_niqe import brisque_features
from vqa_features.specs import Luma, Sampling
from vqa_features.video import open_video

Plane = NDArray[np.float64]

#: Code points of H.273: transfer, and range as FFmpeg counts it.
PQ, HLG, BT709, UNKNOWN = 16, 18, 1, 2
LIMITED, FULL = 1, 2
#: Codes are float32; PQ of no light is 7.3e-7, not 0 (SMPTE ST 2084).
PRECISION, BLACK = 1e-4, 2e-4


def clip(
    path: Path, bits: int = 10, transfer: int = PQ, extent: int = LIMITED, *, lines: int = 0, **settings: str
) -> Path:
    """Three pictures of a noisy ramp over all codes, with `lines` black lines above and below."""
    one = 2 ** (bits - 8)
    kind = np.uint8 if bits == 8 else np.uint16
    rng = np.random.default_rng(2)
    ramp = np.linspace(0, 256 * one - 1, 96 * 128).reshape(96, 128)
    pictures = []
    for _ in range(3):
        luma = np.clip(ramp + rng.normal(0, 3 * one, ramp.shape), 0, 256 * one - 1)
        luma[0, :2] = 0, 256 * one - 1
        if lines:
            luma[:lines] = luma[-lines:] = 16 * one
        chroma = np.full((48, 64), 128 * one)
        pictures.append([plane.astype(kind) for plane in (luma, chroma, chroma)])
    pix_fmt = "yuv420p" if bits == 8 else f"yuv420p{bits}le"
    colour = {"color_trc": transfer, "color_range": extent}
    made = {"codec": "ffv1", **settings}
    return encode(path, pictures, pix_fmt=pix_fmt, options=dict(FFV1), colour=colour, **made)  # type: ignore[arg-type]


def planes(path: Path, luma: Luma) -> list[Plane]:
    with open_video(path, luma=luma) as video:
        return [np.array(frame.view("luma"), float) for frame in video]


def signals(path: Path, *, limited: bool) -> list[Plane]:
    """The Y planes as 0 for black to 1 for white, clipped; the view has 8-bit units."""
    low, high = (16, 235) if limited else (0, 255.75)
    return [np.clip((plane - low) / (high - low), 0, 1) for plane in planes(path, "y")]


def pq_of(light: Plane) -> Plane:
    """The inverse EOTF of SMPTE ST 2084, from cd/m2 to 0..255."""
    power = (light / 10000) ** (2610 / 16384)
    ratio = (3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)
    return np.asarray(255 * ratio ** (2523 / 32))


def pu21_of(light: Plane) -> Plane:
    """PU21 for banding by its published parameters, from cd/m2, its value at 10 000 cd/m2 being 255."""
    p = (1.070275272, 0.4088273932, 0.153224308, 0.2520326168, 1.063512885, 1.14115047, 521.4527484)
    power = np.clip(light, 0.005, 10000) ** p[3]
    value = p[6] * (((p[0] + p[1] * power) / (1 + p[2] * power)) ** p[4] - p[5])
    return np.asarray(255 * value / 520.4673)


def bt1886(signal: Plane) -> Plane:
    return np.asarray(0.1 + 299.9 * signal**2.4)


def hlg(signal: Plane) -> Plane:
    """Display light at 1000 cd/m2, system gamma 1.2 (ITU-R BT.2100, table 5)."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return np.asarray(0.01 + 999.99 * scene**1.2)


@pytest.mark.parametrize(
    ("extent", "codec"), [(LIMITED, "ffv1"), (FULL, "ffv1"), (LIMITED, "libx264"), (LIMITED, "libx265")]
)
def test_luma_pq_of_hdr10_is_the_code_itself(tmp_path: Path, extent: int, codec: str) -> None:
    """(code - 64) / 876 in limited range and code / 1023 in full range, times 255."""
    path = clip(tmp_path / "a.mkv", extent=extent, codec=codec)
    for found, signal in zip(planes(path, "pq"), signals(path, limited=extent == LIMITED), strict=True):
        lit = signal > 0
        assert np.abs(found - 255 * signal)[lit].max() < PRECISION
        assert np.abs(found - 255 * signal).max() < BLACK


@pytest.mark.parametrize(("luma", "curve"), [("pq", pq_of), ("pu21", pu21_of)])
@pytest.mark.parametrize(
    ("bits", "transfer", "light_of"),
    [(10, HLG, hlg), (12, HLG, hlg), (8, BT709, bt1886), (10, BT709, bt1886), (8, UNKNOWN, bt1886)],
)
def test_luma_is_the_curve_of_the_light_of_the_display(  # type: ignore[no-untyped-def]
    tmp_path: Path, bits: int, transfer: int, light_of, luma: Luma, curve
) -> None:
    path = clip(tmp_path / "a.mkv", bits, transfer)
    for found, signal in zip(planes(path, luma), signals(path, limited=True), strict=True):
        assert np.abs(found - curve(light_of(signal))).max() < PRECISION
        assert 0 <= found.min() <= found.max() <= 255


def test_views_of_luma_follow_and_codes_and_thumbnail_stay(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mkv", transfer=HLG)
    with open_video(path) as plain, open_video(path, luma="pq") as light:
        for before, after in zip(plain, light, strict=True):
            assert after.view("luma").dtype == np.float32
            for view in ("codes", "thumbnail", "rgb", "chroma"):
                assert np.array_equal(before.view(view), after.view(view))
            assert np.array_equal(before.view("codes"), before.view("luma"))
            assert not np.allclose(before.view("half_unit_luma"), after.view("half_unit_luma"), atol=0.01)


def test_features_are_those_of_the_planes_with_any_number_of_threads(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mkv", transfer=HLG)
    one, two = (vf.extract(path, "brisque", luma="pq", per_frame=True, threads=n) for n in (1, 2))
    expected = [brisque_features(plane.astype(np.float32), 2) for plane in planes(path, "pq")]
    assert one.equals(two)
    assert np.array_equal(one.drop(columns="brisque.score"), expected)


@pytest.mark.parametrize(("transfer", "bits"), [(PQ, 10), (HLG, 10), (BT709, 8)])
@pytest.mark.parametrize("luma", ["pq", "pu21"])
def test_siti_of_it_is_siti_in_the_domain(tmp_path: Path, luma: Luma, transfer: int, bits: int) -> None:
    """Both convert once; the domain is of the codes, whatever the request's luma is."""
    path = clip(tmp_path / "a.mkv", bits, transfer)
    by_domain = vf.extract(path, f"siti[domain={luma}]").to_numpy()
    assert np.array_equal(vf.extract(path, "siti", luma=luma).to_numpy(), by_domain)
    assert np.array_equal(vf.extract(path, f"siti[domain={luma}]", luma="pu21").to_numpy(), by_domain)


def test_measures_of_codes_and_colours_do_not_change(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mkv", transfer=HLG)
    names = ["basics", "exposure", "cambi", "colorfulness", "shots"]
    assert vf.extract(path, names, luma="pq").equals(vf.extract(path, names))


def test_black_bars_are_those_of_the_codes(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mkv", transfer=HLG, lines=16)
    areas = [vf.extract(path, "siti", luma=luma, area="active").attrs["active_area"] for luma in ("y", "pq")]
    assert areas == ["128x64+0+16 of 128x96"] * 2


@pytest.mark.parametrize(
    ("transfer", "extent", "told"),
    [
        (PQ, LIMITED, "luma is light in codes of PQ: transfer pq is taken as PQ, limited range"),
        (HLG, FULL, "PQ: transfer hlg is taken as HLG from 0.01 to 1000 cd/m2, full range"),
        (UNKNOWN, 0, "transfer unknown is taken as SDR of BT.1886 from 0.1 to 300 cd/m2, limited range"),
    ],
)
def test_a_warning_says_what_was_taken(tmp_path: Path, transfer: int, extent: int, told: str) -> None:
    path = clip(tmp_path / "a.mkv", transfer=transfer, extent=extent)
    assert told in "; ".join(vf.extract(path, "siti", luma="pq").attrs["warnings"])
    assert "luma is light" not in "; ".join(vf.extract(path, "siti").attrs["warnings"])
    with pytest.warns(UserWarning, match="scores fitted to SDR codes are on another scale"):
        vf.score(path, "brisque", luma="pq")


def test_planes_in_memory_are_full_range_sdr() -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 16, 16).repeat(16, 1).repeat(4, 2)
    found = vf.extract_frames(ramp, "siti", luma="pq")["siti.si.mean"]
    assert found == vf.extract_frames(ramp, "siti[domain=pq,hdr=sdr]").iloc[0]
    told = vf.extract_frames(ramp, "siti", luma="pq").attrs["warnings"][0]
    assert "transfer unknown is taken as SDR" in told
    assert "full range" in told


def test_a_still_picture_is_full_range_sdr(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.arange(48 * 64).reshape(48, 64).astype(np.uint16) * 21)
    (codes,), (found,) = (planes(tmp_path / "a.png", luma) for luma in ("y", "pq"))
    assert np.abs(found - pq_of(bt1886(codes * 256 / 65535))).max() < PRECISION


def test_what_has_no_meaning_is_refused(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mkv")
    with pytest.raises(ParameterError, match="leave out tlvqm, rapique-nss, or take luma y"):
        vf.extract(path, ["siti", "tlvqm", "rapique-nss"], luma="pq")
    with pytest.raises(ParameterError, match="RGB frames, which have no Y plane"):
        vf.extract_frames(np.zeros((2, 32, 32, 3), np.uint8), "siti", luma="pu21")
    with pytest.raises(ParameterError, match="luma must be one of y, rgb2gray, pq, pu21, got 'hlg'"):
        vf.extract(path, "siti", luma="hlg")  # type: ignore[call-overload]


def test_results_are_kept_apart_and_a_table_is_repeated(tmp_path: Path) -> None:
    keys = {result_key(vf.make("siti"), Sampling(), luma) for luma in ("y", "rgb2gray", "pq", "pu21")}
    assert len(keys) == 4
    path = clip(tmp_path / "a.mkv", transfer=HLG)
    asked = ("extract", path, "--store", tmp_path / "s.sqlite", "--threads", 1)
    for options in (["-e", "siti", "-o", "y.parquet"], ["-e", "siti", "--luma", "pq", "-o", "pq.parquet"]):
        assert run_here(*asked, *options, cwd=tmp_path).returncode == 0
    again = run_here("extract", path, "--settings", "pq.parquet", "-o", "b.csv", cwd=tmp_path)
    assert again.returncode == 0
    tables = [vf.read_table(tmp_path / name) for name in ("y.parquet", "pq.parquet", "b.csv")]
    values = [float(table["siti.si.mean"].iloc[0]) for table in tables]
    assert values[0] != values[1] == pytest.approx(values[2])
    assert tables[1].attrs["settings"]["luma"] == "pq"
