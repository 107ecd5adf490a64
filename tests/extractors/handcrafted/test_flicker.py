"""Flicker of known amplitude, frequency and place; motion, cuts, fades and flashes that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analytic import (
    Texture,
    as_codes,
    constant,
    cut,
    fade,
    flash,
    flickering,
    limited,
    moving_square,
    pan,
    rotation,
    still,
    with_noise,
    write,
    zoom,
)

import vqa_features as vf
from vqa_features.extractors.handcrafted.flicker import _session
from vqa_features.extractors.handcrafted.flicker._oscillation import basis, strongest
from vqa_features.kernels import cuts
from vqa_features.video import open_video

SIZE = (120, 160)
FRAMES = 32
TEXTURE = Texture(3)
STILL = still(TEXTURE.seen(SIZE), FRAMES)
PAN = pan(TEXTURE, SIZE, FRAMES, (2.5, 0.5))
NONE = ["global_amplitude", "band_amplitude", "local_amplitude", "local_share"]


def flicker(video: np.ndarray, fps: float = 25, bits: int = 8) -> pd.Series:
    """The columns by feature name."""
    codes = as_codes(video, bits)
    row = vf.extract_frames(codes, "flicker", fps=fps, bit_depth=bits if bits > 8 else None)
    return row.rename(lambda name: name.split(".")[1])


def local(amplitude: float, frequency: float, fps: float = 25) -> np.ndarray:
    """A lamp in 2 x 3 of 16 x 16 blocks, to be added to a video."""
    wave = np.zeros((FRAMES, *SIZE))
    place = np.s_[:, 15:30, 40:70]
    wave[place] = amplitude * np.sin(2 * np.pi * frequency * np.arange(FRAMES) / fps)[:, None, None]
    return wave


@pytest.mark.parametrize(
    ("fps", "of_rate"), [(24, 0.1), (25, 0.237), (30000 / 1001, 0.4), (50, 0.1), (60, 0.237)]
)
@pytest.mark.parametrize("scene", [STILL, PAN], ids=["still", "pan"])
def test_flicker_of_the_whole_picture(fps: float, of_rate: float, scene: np.ndarray) -> None:
    row = flicker(flickering(scene, 5, of_rate * fps, fps), fps)
    assert row["global_amplitude"] == pytest.approx(5, rel=0.06)
    assert row["global_frequency"] == pytest.approx(of_rate * fps, abs=0.006 * fps)
    assert (row[["band_amplitude", "local_share"]] == 0).all()


@pytest.mark.parametrize(("amplitude", "bits"), [(0.5, 10), (1, 8), (20, 8)])
@pytest.mark.parametrize("change", [limited, lambda v: v / 4 + 20, lambda v: v / 4 + 180])
def test_amplitude_is_in_codes_whatever_the_range_and_the_depth(amplitude: float, bits: int, change) -> None:
    row = flicker(flickering(change(STILL), amplitude, 6.3, 25), bits=bits)
    assert row["global_amplitude"] == pytest.approx(amplitude, rel=0.05)
    assert row["global_frequency"] == pytest.approx(6.3, abs=0.1)


def test_every_second_frame_brighter_is_half_the_frame_rate() -> None:
    video = STILL + 3 * (-1.0) ** np.arange(FRAMES)[:, None, None]
    row = flicker(video, 30)
    assert row["global_amplitude"] == pytest.approx(3, rel=0.02)
    assert row["global_frequency"] == 15


def test_light_beyond_half_the_frame_rate_is_seen_at_its_alias() -> None:
    assert flicker(flickering(STILL, 5, 100, 30), 30)["global_frequency"] == pytest.approx(10, abs=0.1)
    assert flicker(flickering(STILL, 5, 100, 25), 25)["global_amplitude"] == 0


@pytest.mark.parametrize("rows", [24, 40, 60, 100, -50])
@pytest.mark.parametrize("scene", [STILL, PAN], ids=["still", "pan"])
def test_bands_of_a_rolling_shutter(rows: float, scene: np.ndarray) -> None:
    row = flicker(flickering(scene, 4, 6.3, 25, rows=rows))
    assert row["band_amplitude"] == pytest.approx(4, rel=0.08)
    assert row["band_frequency"] == pytest.approx(6.3, abs=0.1)
    assert row["band_rows"] == pytest.approx(abs(rows), rel=0.03)
    assert row["global_amplitude"] == 0
    assert row["local_share"] < 0.02


def test_light_that_multiplies_codes_is_read_at_their_level() -> None:
    wave = 2 * np.pi * (7 / 25 * np.arange(FRAMES)[:, None] + np.arange(SIZE[0]) / 50)
    level = np.median(STILL[0])
    row = flicker(STILL * (1 + 0.05 * np.sin(wave))[:, :, None])
    assert row["band_amplitude"] == pytest.approx(0.05 * level, rel=0.05)
    assert row["band_rows"] == pytest.approx(50, rel=0.02)
    row = flicker(STILL * (1 + 0.05 * np.sin(wave[:, :1]))[:, :, None])
    assert row["global_amplitude"] == pytest.approx(0.05 * level, rel=0.05)
    assert row["global_frequency"] == pytest.approx(7, abs=0.05)


@pytest.mark.parametrize(("amplitude", "frequency"), [(2, 4), (6, 9.1), (6, 6.25)])
def test_a_lamp_in_a_part_of_the_picture(amplitude: float, frequency: float) -> None:
    row = flicker(STILL + local(amplitude, frequency))
    assert row["local_share"] == pytest.approx(6 / 256, abs=1e-9)
    assert row["local_amplitude"] == pytest.approx(amplitude, rel=0.05)
    assert row["local_frequency"] == pytest.approx(frequency, abs=0.1)
    assert (row[["global_amplitude", "band_amplitude"]] == 0).all()


def test_a_lamp_under_a_light_that_flickers_too() -> None:
    row = flicker(flickering(STILL + local(6, 4), 3, 9, 25))
    assert row["global_amplitude"] == pytest.approx(3, rel=0.05)
    assert row["global_frequency"] == pytest.approx(9, abs=0.1)
    assert row["local_amplitude"] == pytest.approx(6, rel=0.1)
    assert row["local_frequency"] == pytest.approx(4, abs=0.1)


CALM = {
    "still": STILL,
    "noise": with_noise(STILL, 5),
    "pan": with_noise(pan(TEXTURE, SIZE, FRAMES, (8, 0)), 2),
    "tilt": pan(TEXTURE, SIZE, FRAMES, (0, 4)),
    "diagonal": pan(TEXTURE, SIZE, FRAMES, (5, 5)),
    "zoom": zoom(TEXTURE, SIZE, FRAMES, 0.02),
    "rotation": rotation(TEXTURE, SIZE, FRAMES, 0.02),
    "square": moving_square(TEXTURE.seen(SIZE), FRAMES, 40, (3, 2)),
    "fade": fade(STILL, 5, 30),
    "fade of a pan": fade(PAN, 15, 12),
    "cut": cut(PAN[:20], pan(Texture(8), SIZE, 20, (2, 0))),
    "cut between brightnesses": cut(STILL[:20], 40 + pan(Texture(9), SIZE, 20, (0, 1))),
    "flash": flash(STILL, 16, 2),
    "black": still(constant(SIZE, 16), FRAMES),
}


@pytest.mark.parametrize("name", CALM)
def test_motion_noise_cuts_fades_and_flashes_are_no_flicker(name: str) -> None:
    assert (flicker(CALM[name])[NONE] == 0).all()


def test_flicker_of_one_shot_is_not_that_of_the_next() -> None:
    video = cut(flickering(PAN, 5, 6, 25), pan(Texture(8), SIZE, 24, (2, 0)))
    rows = vf.extract_frames(as_codes(video), "flicker", fps=25, per_frame=True)
    amplitude = rows["flicker.global_amplitude"]
    assert amplitude.iloc[:FRAMES].to_numpy() == pytest.approx(5, rel=0.06)
    assert (amplitude.iloc[FRAMES:] == 0).all()


def test_short_shots_have_no_value_and_say_so() -> None:
    row = vf.extract_frames(as_codes(cut(PAN[:12], pan(Texture(8), SIZE, 12, (2, 0)))), "flicker", fps=25)
    assert row.isna().all()
    assert "no shot has 16 frames" in str(row.attrs["warnings"])
    row = vf.extract_frames(as_codes(PAN[:15]), "flicker", fps=25)
    assert row.isna().all()
    row = vf.extract_frames(as_codes(PAN[:, :31]), "flicker", fps=25)
    assert row.isna().all()
    assert "the method needs 32 pixels in each direction" in str(row.attrs["warnings"])


def test_without_a_frame_rate_there_are_amplitudes_only() -> None:
    row = vf.extract_frames(as_codes(flickering(STILL, 5, 6, 25)), "flicker")
    assert row["flicker.global_amplitude.mean"] == pytest.approx(5, rel=0.05)
    assert row.filter(like="frequency").isna().all()
    assert "the frame rate is not known" in str(row.attrs["warnings"])


def test_a_sampled_video_is_read_at_the_rate_of_the_source(tmp_path: Path) -> None:
    video = flickering(pan(TEXTURE, (72, 96), 75, (1, 0)), 5, 6, 25)
    row = vf.extract(write(tmp_path / "flicker.mkv", video, 25), "flicker", fps=1)
    assert row["flicker.global_frequency.mean"] == pytest.approx(6, abs=0.1)
    assert row["flicker.global_amplitude.mean"] == pytest.approx(5, rel=0.06)


def test_windows_hold_the_frames_of_a_row_and_those_that_decide_on_cuts() -> None:
    extractor = vf.make("flicker")
    assert extractor.before == _session.FRAMES - 1 + cuts.BEFORE
    assert extractor.after == _session.FRAMES - 1 + cuts.AFTER


def test_the_strongest_oscillation_equals_least_squares() -> None:
    """At a frequency of the grid the explained share is that of a fit of parabola, cosine and sine."""
    rng = np.random.default_rng(0)
    known = basis(FRAMES)
    time = np.arange(FRAMES)
    series = (
        rng.normal(0, 1, FRAMES) + 3 * np.sin(2 * np.pi * known.frequencies[20] * time + 1) + time**2 / 90
    )
    found = strongest(series[:, None], known)
    assert found.number[0] == 20
    trend = np.stack([time**0.0, time, time**2], axis=1)
    phase = 2 * np.pi * known.frequencies[20] * time
    rests = [
        series - terms @ np.linalg.lstsq(terms, series, rcond=None)[0]
        for terms in (trend, np.c_[trend, np.cos(phase), np.sin(phase)])
    ]
    without, rest = (np.square(one).sum() for one in rests)
    assert found.share[0] == pytest.approx(1 - rest / without, rel=1e-9)


@pytest.mark.parametrize(
    ("clip", "found"), [("12262452854", True), ("8562619627", True), ("5115335471", False)]
)
def test_real_clips_do_not_flicker_until_it_is_added(shared: Path, clip: str, found: bool) -> None:
    """A flicker of 4 codes is not found over the dancer that fills the third clip."""
    frames = []
    for frame in open_video(shared / "clips" / "konvid-1k" / f"{clip}.mp4"):
        frames.append(frame.view("luma")[::2, ::2].astype(float))
        if len(frames) == FRAMES:
            break
    film = np.array(frames)
    row = flicker(film)
    assert (row[["global_amplitude", "band_amplitude"]] == 0).all()
    assert row["local_share"] < 0.02
    if found:
        row = flicker(flickering(film, 4, 6.3, 25))
        assert row["global_amplitude"] == pytest.approx(4, rel=0.12)
        row = flicker(flickering(film, 4, 6.3, 25, rows=90))
        assert row["band_amplitude"] == pytest.approx(4, rel=0.12)
        assert row["band_rows"] == pytest.approx(90, rel=0.04)
