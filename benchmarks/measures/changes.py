"""Kinds of videos whose changes of light and of content are known: fades, flicker, cuts, flashes."""

from __future__ import annotations

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
            Truth("basics.cut.max", 0, 0),
        ],
    )


def lamp(c: Condition) -> Made:
    """A still texture whose luma flickers by 4 codes at 5 Hz"""
    video = analytic.flickering(analytic.still(c.texture().seen(c.size), 50), 4, 5, c.fps)
    mean = np.array([frame.mean() for frame in video])
    bend = np.abs(mean[1:-1] - (mean[2:] + mean[:-2]) / 2).mean()
    return Made(
        video,
        [
            Truth("basics.flicker.mean", float(bend), 0.05),
            Truth("basics.brightness.std", float(mean.std()), 0.05),
        ],
    )


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


def two_cuts(c: Condition) -> Made:
    """Three still scenes of equal histogram joined by two cuts"""
    scenes = [analytic.still(c.texture(seed).seen(c.size), 10) for seed in (1, 2, 3)]
    return Made(analytic.cut(*scenes), [Truth("basics.cut.mean", 2 / 29, 1e-6)])


def slow_dissolve(c: Condition) -> Made:
    """A dissolve over 15 frames between two still scenes"""
    one, other = (analytic.still(c.texture(seed).seen(c.size), 20) for seed in (1, 2))
    return Made(analytic.dissolve(one, other, 15), [Truth("basics.cut.max", 0, 0)])


def one_flash(c: Condition) -> Made:
    """A flash of 2 frames by 100 codes over a slow pan"""
    return Made(analytic.flash(c.scene(20, (0.5, 0)), 8), [Truth("basics.cut.max", 0, 0)])


KINDS: tuple[Kind, ...] = (
    *kinds(even_fade),
    *kinds(lamp),
    *kinds(grain, 1, 4, 10),
    *kinds(grain_on_pan, 1, 4, 10),
    *kinds(two_cuts),
    *kinds(slow_dissolve),
    *kinds(one_flash),
)
