"""Exposure: clipping, light of the display by the declared transfer, percentiles, hue and saturation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
from filter_graphs import filtered
from numpy.typing import NDArray
from small_videos import FFV1, encode

import vqa_features as vf
from vqa_features.extractors.handcrafted.exposure import _session, _transfers
from vqa_features.frame import Frame, Views
from vqa_features.picture import ArrayPicture
from vqa_features.specs import VideoInfo
from vqa_features.video.colour import PRIMARIES, TRANSFERS

EXPOSURE = vf.make("exposure")
DEMO = Path(vf.__file__).parent / "resources/demo"
CODES = {name: code for code, name in TRANSFERS.items()}
#: Hues of pure colours, in degrees.
PURE = {
    (255, 0, 0): 0,
    (255, 255, 0): 60,
    (0, 255, 0): 120,
    (0, 255, 255): 180,
    (0, 0, 255): 240,
    (255, 0, 255): 300,
}


def row_of(frames: NDArray[np.generic]) -> pd.Series:
    found = vf.extract_frames(frames, "exposure")
    return found.rename(lambda name: name.split(".")[1])


def rows_of(path: Path, **options: str) -> pd.DataFrame:
    rows = vf.extract(path, "exposure", per_frame=True, **options)
    return rows.rename(columns=lambda name: name.split(".")[1])


def gray_video(path: Path, signals: list[float], *, bits: int = 8, full: bool = False, **colour: int) -> Path:
    """One frame of gray stripes, each at a share of the span from black to white."""
    deep = 2 ** (bits - 8)
    black, white = (0, 2**bits - 1) if full else (16 * deep, 235 * deep)
    codes = np.rint(black + np.array(signals) * (white - black))
    kind = np.uint8 if bits == 8 else np.uint16
    luma = np.tile(np.repeat(codes, 16), (64, 1)).astype(kind)
    chroma = np.full((32, luma.shape[1] // 2), 128 * deep, kind)
    return encode(
        path,
        [[luma, chroma, chroma]],
        codec="ffv1",
        pix_fmt="yuv420p" if bits == 8 else "yuv420p10le",
        options=FFV1,
        colour={"color_range": 2 if full else 1, **colour},
    )


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
def test_clipped_shares_follow_the_declared_range(tmp_path: Path, bits: int, full: bool) -> None:
    signals = [0, 0, 0.02, 0.5, 0.98, 1]
    row = rows_of(gray_video(tmp_path / "a.mkv", signals, bits=bits, full=full)).iloc[0]
    assert row["clipped_black"] == pytest.approx(2 / 6)
    assert row["clipped_white"] == pytest.approx(1 / 6)
    for channel in "rgb":
        assert row[f"clipped_black_{channel}"] == pytest.approx(2 / 6)
        assert row[f"clipped_white_{channel}"] == pytest.approx(1 / 6)


def test_codes_beyond_black_and_white_are_clipped(tmp_path: Path) -> None:
    row = rows_of(gray_video(tmp_path / "a.mkv", [-0.05, 0.5, 1.05])).iloc[0]
    assert (row["clipped_black"], row["clipped_white"]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))


def test_each_channel_has_its_own_shares() -> None:
    frame = np.full((10, 10, 3), 100, np.uint8)
    frame[:1, :, 0], frame[:2, :, 1], frame[:3, :, 2] = 255, 0, 255
    row = row_of(frame[None])
    names = [f"clipped_{end}_{channel}" for end in ("black", "white") for channel in "rgb"]
    assert row[names].tolist() == pytest.approx([0, 0.2, 0, 0.1, 0, 0.3])


#: Signal, transfer and the luminance that its standard states, in units of reference white.
KNOWN_LIGHT = [
    (1.0, "bt709", 1.0),
    (0.5, "bt709", 0.5**2.4),
    (0.5, "bt601", 0.5**2.4),
    (0.5, "bt2020-10", 0.5**2.4),
    (0.5, "unknown", 0.5**2.4),
    (0.5, "gamma22", 0.5**2.2),
    (0.5, "gamma28", 0.5**2.8),
    (0.5, "linear", 0.5),
    (0.5, "srgb", 0.2140),
    (0.5, "log100", 0.1),
    (0.6, "log316", 0.1),
    (0.58, "pq", 1.0),  # BT.2408: HDR reference white
    (0.508, "pq", 100 / 203),
    (0.75, "pq", 1000 / 203),
    (0.75, "hlg", 1.0),  # BT.2408
    (1.0, "hlg", 1000 / 203),
    (1.0, "pq", 10000 / 203),
]


@pytest.mark.parametrize(("signal", "transfer", "light"), KNOWN_LIGHT)
@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
def test_luminance_is_the_light_that_the_transfer_states(
    tmp_path: Path, signal: float, transfer: str, light: float, full: bool
) -> None:
    colour = {"color_trc": CODES[transfer], "color_primaries": 9, "colorspace": 9}
    path = gray_video(tmp_path / "a.mkv", [signal], bits=10, full=full, **colour)
    row = rows_of(path).iloc[0]
    # R, G and B have 8 bits: half a code of 255, on the steepest curve
    assert row["luminance"] == pytest.approx(light, rel=0.03)
    assert row["log_average"] == pytest.approx(row["luminance"], rel=1e-6)
    assert row["dynamic_range"] == 0


@pytest.mark.parametrize("bits", [8, 10])
def test_twice_the_light_is_one_stop(tmp_path: Path, bits: int) -> None:
    shares = [0.45, 0.45 * 2 ** (1 / 2.4), 0.45 * 2 ** (2 / 2.4)]
    light = [
        rows_of(gray_video(tmp_path / f"{i}.mkv", [share], bits=bits))["luminance"].iloc[0]
        for i, share in enumerate(shares)
    ]
    assert np.diff(np.log2(light)) == pytest.approx([1, 1], abs=0.04)
    row = rows_of(gray_video(tmp_path / "both.mkv", [shares[0], shares[2]], bits=bits)).iloc[0]
    assert row["dynamic_range"] == pytest.approx(2, abs=0.06)
    assert row["log_average"] == pytest.approx(light[1], rel=0.02)
    assert row["luminance"] == pytest.approx((light[0] + light[2]) / 2, rel=1e-6)


def test_black_is_limited_to_the_contrast_of_a_display() -> None:
    frame = np.zeros((32, 32), np.uint8)
    row = row_of(frame[None])
    assert (row["luminance"], row["log_average"], row["dynamic_range"]) == (0, pytest.approx(0.001), 0)
    frame[:16] = 255
    assert row_of(frame[None])["dynamic_range"] == pytest.approx(np.log2(1000), abs=0.02)


@pytest.mark.parametrize("reserved", [{"color_transfer": "reserved"}, {"color_primaries": "reserved"}])
def test_a_reserved_code_gives_no_light_and_says_why(reserved: dict[str, str]) -> None:
    info = VideoInfo("a.mkv", 8, 8, 25, 1, 0.04, color_range="limited", **reserved)
    views = Views(Frame(ArrayPicture(np.full((8, 8), 90, np.uint8)), 0, 0), EXPOSURE.needs)
    values = EXPOSURE.open(info).prepare(views)
    missing = [name for name, one in zip(EXPOSURE.feature_names, values, strict=True) if np.isnan(one)]
    assert missing == ["luminance", "log_average", "dynamic_range", "hue", "hue_concentration"]
    assert "reserved" in EXPOSURE.reason(info, 1, missing)


def test_every_named_transfer_and_primaries_is_known() -> None:
    for name in set(TRANSFERS.values()) - {"unknown"}:
        light = _transfers.linear_light(np.linspace(0, 1, 256), name)
        assert light is not None
        assert (np.diff(light) >= 0).all(), name
        assert light[-1] == pytest.approx(52.37 / 48 if name == "smpte428" else 1, rel=1e-6)
    for name in set(PRIMARIES.values()) - {"unknown"}:
        weights = _transfers.luminance_weights(name)
        assert weights is not None
        assert weights.sum() == pytest.approx(1)
    assert _transfers.linear_light(np.ones(1), "reserved") is None
    assert _transfers.luminance_weights("reserved") is None


@pytest.mark.parametrize(
    ("primaries", "weights"),
    [("bt709", (0.2126, 0.7152, 0.0722)), ("bt2020", (0.2627, 0.6780, 0.0593))],
)
def test_luminance_weights_are_those_of_the_recommendations(
    primaries: str, weights: tuple[float, float, float]
) -> None:
    assert _transfers.luminance_weights(primaries) == pytest.approx(weights, abs=5e-5)


def test_arrays_and_pictures_have_the_transfer_of_srgb() -> None:
    row = row_of(np.full((1, 8, 8, 3), 128, np.uint8))
    assert row["luminance"] == pytest.approx(0.21586, rel=1e-4)
    pure = row_of(np.tile(np.array([255, 0, 0], np.uint8), (1, 8, 8, 1)))
    assert pure["luminance"] == pytest.approx(0.2126, rel=1e-3)


@pytest.mark.parametrize("rgb", PURE, ids=str)
@pytest.mark.parametrize("level", [1, 0.5])
def test_pure_colours_have_their_hue_and_saturation(rgb: tuple[int, int, int], level: float) -> None:
    code = np.array(rgb) * level
    row = row_of(np.tile(code.astype(np.uint8), (1, 16, 16, 1)))
    apart = (row["hue"] - PURE[rgb] + 180) % 360 - 180
    assert apart == pytest.approx(0, abs=1e-6)
    assert row["saturation_mean"] == pytest.approx(int(255 * level) / 255)
    assert row["hue_concentration"] == pytest.approx(1)
    assert (row["saturation_std"], row["gray_share"]) == (pytest.approx(0, abs=1e-6), 0)


def test_opposite_hues_have_no_concentration_and_neighbours_their_mean() -> None:
    frame = np.zeros((20, 20, 3), np.uint8)
    frame[:10], frame[10:] = (255, 0, 0), (0, 255, 255)
    assert row_of(frame[None])["hue_concentration"] == pytest.approx(0, abs=1e-9)
    frame[10:] = (255, 255, 0)
    row = row_of(frame[None])
    assert row["hue"] == pytest.approx(30)
    assert row["hue_concentration"] == pytest.approx(np.cos(np.radians(30)))
    frame[:10], frame[10:] = (255, 0, 0), (128, 128, 128)
    row = row_of(frame[None])
    assert (row["hue"], row["hue_concentration"]) == (pytest.approx(0, abs=1e-9), pytest.approx(1))
    assert (row["gray_share"], row["saturation_mean"], row["saturation_std"]) == (0.5, 0.5, 0.5)


def test_the_mean_colour_pools_over_hues_on_both_sides_of_red() -> None:
    frames = np.zeros((2, 8, 8, 3), np.uint8)
    frames[0], frames[1] = (255, 30, 0), (255, 0, 30)
    row = row_of(frames)
    assert row["hue_x"] > 0.9
    assert row["hue_y"] == pytest.approx(0, abs=1e-9)


def test_a_gray_video_has_no_hue(tmp_path: Path) -> None:
    path = gray_video(tmp_path / "a.mkv", [0.2, 0.5, 0.9])
    series = vf.extract(path, "exposure")
    assert series[["exposure.hue.mean", "exposure.hue_concentration.mean"]].isna().all()
    assert series["exposure.gray_share.mean"] == 1
    assert any("every pixel is gray" in text for text in series.attrs["warnings"])


@pytest.mark.parametrize("name", ["bikes_square", "city_towers", "bunny_tree"])
def test_percentiles_and_mean_colour_equal_ffmpeg_on_real_clips(name: str) -> None:
    rows = rows_of(DEMO / f"{name}.mp4").iloc[:20]
    signals = [found for _, found in filtered(DEMO / f"{name}.mp4", "signalstats")][:20]
    theirs = pd.DataFrame(
        {key.rpartition(".")[2]: [float(one[key]) for one in signals] for key in signals[0]}
    )
    assert rows["luma_p10"].tolist() == theirs["YLOW"].tolist()
    assert rows["luma_p90"].tolist() == theirs["YHIGH"].tolist()
    with av.open(str(DEMO / f"{name}.mp4")) as container:
        bt709 = next(container.decode(video=0)).colorspace == 1
    kr, kb = (0.2126, 0.0722) if bt709 else (0.299, 0.114)
    # the mean colour is (R - (G + B) / 2, (G - B) 3 ** .5 / 2): solve for R - Y and B - Y
    x, y = rows["hue_x"].to_numpy(), 2 / 3**0.5 * rows["hue_y"].to_numpy()
    red, blue = x - y / 2, -y  # less green
    luma = kr * red + kb * blue
    u = 128 + 224 * (blue - luma) / (2 * (1 - kb))
    v = 128 + 224 * (red - luma) / (2 * (1 - kr))
    assert u == pytest.approx(theirs["UAVG"].to_numpy(), abs=1.0)
    assert v == pytest.approx(theirs["VAVG"].to_numpy(), abs=1.0)


@pytest.mark.parametrize("depth", [8, 10])
def test_percentiles_are_those_of_the_sorted_codes(depth: int) -> None:
    codes = np.random.default_rng(0).integers(0, 2**depth, (60, 70))
    plane = codes.astype(np.uint8) if depth == 8 else (codes / 4).astype(np.float32)
    ordered = np.sort(plane.ravel())
    expected = [ordered[round(share * plane.size) - 1] for share in (0.1, 0.5, 0.9)]
    assert _session.percentiles(*_session.luma_counts(plane)) == pytest.approx(expected)


@pytest.mark.parametrize("transfer", ["bt709", "pq", "hlg", "smpte428"])
@pytest.mark.parametrize("shape", [(37, 61), (1, 1), (2, 900)])
@pytest.mark.parametrize("codes", [range(256), range(3), [93]])
def test_light_equals_a_plain_definition(transfer: str, shape: tuple[int, int], codes: Sequence[int]) -> None:
    rgb = np.random.default_rng(1).choice(codes, (*shape, 3)).astype(np.uint8)
    light = _transfers.light_of(VideoInfo("a.mkv", 8, 8, 25, 1, 0.04, color_transfer=transfer))
    assert light is not None
    value = light.peak * sum(light.tables[k][rgb[..., k]] for k in range(3)) ** light.gamma
    stops = np.log2(np.maximum(value, 1e-3)).ravel()
    bins = np.sort(np.floor((stops - np.log2(1e-3)) * 64 + 0.5))
    ranks = [max(round(share * bins.size), 1) - 1 for share in (0.01, 0.99)]
    expected = [value.mean(), 2 ** stops.mean(), np.diff(bins[ranks])[0] / 64]
    found = _session.exposure(_session.planes_of(rgb), light)
    if round(0.01 * bins.size) == 0:  # the rank 0 is bin 0
        expected[2] = found[2]
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("peak", [1.0, 1000 / 203, 10000 / 203])
def test_bins_of_luminance_are_rounded_stops(peak: float) -> None:
    values = np.exp(np.random.default_rng(2).uniform(np.log(1e-3), np.log(peak + 1), 100_000))
    bins = _session.bins_of_stops(peak)
    cell = (values.view(np.int64) >> 44) - bins.first
    found = bins.lower[cell] + (values >= bins.limit[cell])
    assert np.array_equal(found, ((np.log2(values) - np.log2(1e-3)) * 64 + 0.5).astype(int))
    assert found.max() < bins.number


@pytest.mark.parametrize("shape", [(1, 1), (31, 47)])
def test_saturation_equals_a_plain_definition(shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (*shape, 3)).astype(np.uint8)
    rgb[: shape[0] // 2] //= 16
    row = row_of(rgb[None])
    r, g, b = np.moveaxis(rgb.astype(float), 2, 0)
    x, y = r - (g + b) / 2, (g - b) * 3**0.5 / 2
    length = np.hypot(x, y) / 255
    assert row["hue_x"] == pytest.approx(x.mean() / 255)
    assert row["hue_y"] == pytest.approx(y.mean() / 255)
    assert row["saturation_mean"] == pytest.approx(length.mean())
    assert row["saturation_std"] == pytest.approx(length.std(), abs=1e-7)
    assert row["gray_share"] == (length <= 0.05).mean()
