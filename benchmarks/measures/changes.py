"""Kinds of videos whose changes of light and of content are known: fades, flicker, cuts, flashes."""

from __future__ import annotations

from dataclasses import replace

import analytic
import numpy as np

from .truth import Condition, Kind, Made, Truth, kinds


def even_fade(c: Condition) -> Made:
    """A flat frame that darkens by 2 codes per frame"""
    video = analytic.constant(c.size, np.rint(c.mean)) - 2.0 * np.arange(12)[:, None, None]
    return Made(
        video,
        [
            Truth("siti.ti.max", 0, 1e-6),
            Truth("basics.change.mean", 2, 1e-6),
            Truth("basics.flicker.max", 0, 1e-6),
            Truth("basics.jerk.max", 0, 1e-6),
            Truth("basics.cut.sum", 0, 0),
        ],
    )


def lamp(c: Condition, amplitude: float, frequency: float) -> Made:
    """A still texture whose luma flickers by {0} codes at {1} Hz"""
    video = analytic.flickering(analytic.still(c.texture().seen(c.size), 40), amplitude, frequency, c.fps)
    mean = np.array([frame.mean() for frame in video])
    bend = np.abs(mean[1:-1] - (mean[2:] + mean[:-2]) / 2).mean()
    return Made(
        video,
        [
            Truth("basics.flicker.mean", float(bend), 0.05),
            Truth("basics.brightness.std", float(mean.std()), 0.05),
            Truth("flicker.global_amplitude.mean", amplitude, 0.05 * amplitude + 0.05),
            Truth("flicker.global_frequency.mean", frequency, 0.15),
            Truth("flicker.band_amplitude.mean", 0, 0.1),
            Truth("flicker.local_amplitude.mean", 0, 0.1),
        ],
    )


def rolling_lamp(c: Condition, amplitude: float, frequency: float) -> Made:
    """A still texture with two bands of rows over its height, {0} codes, that pass at {1} Hz"""
    rows = c.size[0] / 2
    still = analytic.still(c.texture().seen(c.size), 40)
    video = analytic.flickering(still, amplitude, frequency, c.fps, rows=rows)
    return Made(
        video,
        [
            Truth("flicker.band_amplitude.mean", amplitude, 0.05 * amplitude + 0.05),
            Truth("flicker.band_frequency.mean", frequency, 0.15),
            Truth("flicker.band_rows.mean", rows, 0.05 * rows),
            Truth("flicker.global_amplitude.mean", 0, 0.1),
        ],
    )


def screen(c: Condition, amplitude: float, frequency: float) -> Made:
    """A still texture of which the upper left quarter flickers by {0} codes at {1} Hz"""
    still = analytic.still(c.texture().seen(c.size), 40)
    video = still.copy()
    part = np.s_[:, : c.size[0] // 2, : c.size[1] // 2]
    video[part] = analytic.flickering(still, amplitude, frequency, c.fps)[part]
    return Made(
        video,
        [
            Truth("flicker.local_amplitude.mean", amplitude, 0.1 * amplitude),
            Truth("flicker.local_frequency.mean", frequency, 0.15),
            Truth("flicker.local_share.mean", 0.25, 0.05),
            Truth("flicker.global_amplitude.mean", 0, 0.1),
        ],
    )


def no_flicker(c: Condition) -> Made:
    """A pan by (1.5, 0.5) pixels per frame under even light"""
    columns = ("global_amplitude", "band_amplitude", "local_amplitude")
    return Made(c.scene(40), [Truth(f"flicker.{column}.mean", 0, 0.2) for column in columns])


def grain(c: Condition, sigma: float) -> Made:
    """A still texture with white noise of sigma {0}, new in each frame"""
    video = analytic.with_noise(analytic.still(c.texture().seen(c.size), 5), sigma)
    return Made(video, _noise(c, sigma))


def grain_on_pan(c: Condition, sigma: float) -> Made:
    """A pan by (1.5, 0.5) pixels per frame with white noise of sigma {0}, new in each frame"""
    return Made(analytic.with_noise(c.scene(5), sigma), _noise(c, sigma))


def _noise(c: Condition, sigma: float) -> list[Truth]:
    seen = float((sigma**2 + c.rounding) ** 0.5)
    return [
        Truth("temporal-noise.sigma.mean", seen, 0.05 * seen + 0.05),
        Truth("temporal-noise.unchanged_share.mean", 0, 0),
    ]


def cuts(count: int) -> list[Truth]:
    """Return the truth of the columns that count cuts."""
    return [Truth("basics.cut.sum", count, 0), Truth("shots.cuts.video", count, 0)]


def gradual(fades: int, dissolves: int) -> list[Truth]:
    """Return the truth of the columns that count gradual transitions."""
    return [Truth("shots.fades.video", fades, 0), Truth("shots.dissolves.video", dissolves, 0)]


def still_cuts(c: Condition, contrast: float) -> Made:
    """Three still scenes of equal histogram joined by two cuts, contrast times {0}"""
    c = replace(c, deviation=contrast * c.deviation)
    scenes = [analytic.still(c.texture(seed).seen(c.size), 10) for seed in (1, 2, 3)]
    columns = (
        "basics.change",
        "basics.flicker",
        "basics.jerk",
        "temporal-noise.sigma",
        "flow.magnitude_mean",
    )
    masked = [Truth(f"{column}.max", 0, 0.01) for column in columns]
    return Made(
        analytic.cut(*scenes),
        [
            *cuts(2),
            *gradual(0, 0),
            Truth("flow.cuts.sum", 2, 0),
            Truth("shots.shot_length_mean.video", 10 / c.fps, 2e-3),
            Truth("shots.shot_length_min.video", 10 / c.fps, 2e-3),
            Truth("shots.cuts_per_minute.video", 60 * 2 * c.fps / 30, 0.01 * 60 * 2 * c.fps / 30),
            Truth("shots.photosensitive_risk.video", 0, 0),
            *masked,
        ],
    )


def moving_cuts(c: Condition, sigma: float) -> Made:
    """Three pans by (4, 1) pixels per frame joined by two cuts, with noise of sigma {0}"""
    scenes = [c.scene(8, (4, 1), seed) for seed in (1, 2, 3)]
    return Made(analytic.with_noise(analytic.cut(*scenes), sigma), cuts(2))


def fade_out(c: Condition, frames: int) -> Made:
    """A still texture that fades to black over {0} frames, and a new one that appears alike"""
    one, other = (analytic.still(c.texture(seed).seen(c.size), frames + 6) for seed in (1, 2))
    video = np.concatenate([analytic.fade(one, 4, frames), analytic.fade(other, 4, frames)[::-1]])
    return Made(video, [*cuts(0), *gradual(2, 0)])


def slow_dissolve(c: Condition) -> Made:
    """A dissolve over 15 frames between two still scenes"""
    one, other = (analytic.still(c.texture(seed).seen(c.size), 20) for seed in (1, 2))
    return Made(analytic.dissolve(one, other, 15), [*cuts(0), *gradual(0, 1)])


def one_flash(c: Condition) -> Made:
    """A flash of 2 frames by 100 codes over a slow pan"""
    return Made(analytic.flash(c.scene(20, (0.5, 0)), 8), [*cuts(0), Truth("shots.flashes.video", 1, 0)])


def strobe(c: Condition, frequency: float, height: float) -> Made:
    """A still texture brightened {0} times per second by {1} codes, for 2 seconds"""
    frames = round(2 * c.fps)
    video = analytic.flashing(analytic.still(c.texture().seen(c.size), frames), frequency, c.fps, height)
    seen = frequency if height > 50 else 0
    changes = max(4 * seen - 1, 0)  # two a period, and none at the beginning
    return Made(
        video,
        [
            Truth("shots.flash_rate_max.video", seen, 0.5),
            Truth("shots.flashes.video", changes // 2, 0),
            Truth("shots.photosensitive_risk.video", float(seen > 3), 0),
            Truth("shots.cuts.video", 0, 0),
        ],
    )


KINDS: tuple[Kind, ...] = (
    *kinds(even_fade),
    Kind(lamp, (4, 5)),
    Kind(lamp, (1, 9)),
    Kind(rolling_lamp, (4, 6)),
    Kind(screen, (6, 7)),
    *kinds(no_flicker),
    *kinds(grain, 1, 4, 10),
    *kinds(grain_on_pan, 1, 4, 10),
    *kinds(still_cuts, 1, 0.3),
    *kinds(moving_cuts, 0, 4),
    *kinds(fade_out, 10),
    *kinds(slow_dissolve),
    *kinds(one_flash),
    Kind(strobe, (2, 100)),
    Kind(strobe, (5, 100)),
    Kind(strobe, (5, 4)),
)
