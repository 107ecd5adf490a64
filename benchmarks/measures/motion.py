"""Kinds of videos whose motion is known."""

from __future__ import annotations

import analytic
import numpy as np

from .truth import Condition, Kind, Made, Truth, kinds

FRAMES = 5


def still_scene(c: Condition) -> Made:
    """A still texture"""
    video = analytic.still(c.texture().seen(c.size), FRAMES)
    truths = [
        Truth("basics.change.max", 0, 0),
        Truth("basics.duplicate.mean", 1, 0),
        Truth("siti.ti.max", 0, 0),
        Truth("temporal-noise.sigma.max", 0, 1e-6),
        Truth("temporal-noise.unchanged_share.mean", 1, 0),
        Truth("temporal-nss.mscn_var_s1.max", 0, 1e-9),
        Truth("temporal-nss.h_alpha_s1.mean", np.nan, 0),
        Truth("flow.magnitude_mean.mean", 0, 0.01),
        Truth("flow.still_share.mean", 1, 0),
        Truth("flow.camera_zoom.mean", 0, 1e-4),
    ]
    return Made(video, truths)


def pan(c: Condition, right: float, down: float) -> Made:
    """A pan by ({0}, {1}) pixels per frame over a texture"""
    return _pan(c, (right, down))


def sampled_pan(c: Condition, every: int) -> Made:
    """A pan by (2.5, -1) pixels per frame of which every {0}th frame is used, with the one before it"""
    video = c.scene(2 * every + 1, (2.5, -1))
    pairs = [(video[k - 1], video[k]) for k in range(every, len(video), every)]
    return Made(
        video,
        [
            Truth("siti.ti.mean", float(np.mean([(b - a).std() for a, b in pairs])), 0.1),
            Truth("basics.change.mean", float(np.mean([np.abs(b - a).mean() for a, b in pairs])), 0.1),
            Truth("basics.cut.sum", 0, 0),
            Truth("flow.camera_x.mean", 2.5, 0.15),
            Truth("flow.camera_y.mean", -1, 0.15),
        ],
        options={"every": every},
    )


def fast_pan(c: Condition, share: float) -> Made:
    """A pan by {0} of the width per frame over a texture"""
    return _pan(c, (float(round(share * c.size[1])), 0.0))


def _pan(c: Condition, step: tuple[float, float]) -> Made:
    length = float(np.hypot(*step))
    per_s = c.fps / float(np.hypot(*c.size))
    bound = max(0.15, 0.03 * length)
    video = analytic.pan(c.texture(periods=(8, 120)), c.size, FRAMES, step)
    return Made(
        video,
        [
            Truth("flow.magnitude_mean.mean", length, bound),
            Truth("flow.camera_x.mean", step[0], bound),
            Truth("flow.camera_y.mean", step[1], bound),
            Truth("flow.camera_magnitude.mean", length, bound),
            Truth("flow.magnitude_mean_per_s.mean", length * per_s, bound * per_s),
            Truth("flow.camera_zoom.mean", 0, 0.002),
            Truth("flow.camera_rotation.mean", 0, 0.002),
        ],
    )


def zooming(c: Condition, growth: float) -> Made:
    """A zoom by {0} per frame"""
    video = analytic.zoom(c.texture(), c.size, FRAMES, growth)
    return Made(
        video,
        [
            Truth("flow.camera_zoom.mean", growth, 0.0003 + 0.03 * abs(growth)),
            Truth("flow.camera_rotation.mean", 0, 0.0006),
            Truth("flow.camera_x.mean", 0, 0.15),
        ],
    )


def turning(c: Condition, angle: float) -> Made:
    """A rotation by {0} radians per frame, from x towards y"""
    video = analytic.rotation(c.texture(), c.size, FRAMES, angle)
    return Made(
        video,
        [
            Truth("flow.camera_rotation.mean", angle, 0.0003 + 0.03 * abs(angle)),
            Truth("flow.camera_zoom.mean", 0, 0.0006),
            Truth("flow.camera_y.mean", 0, 0.15),
        ],
    )


def square(c: Condition, part: float, step: int) -> Made:
    """A textured square of {0} of the height that moves by ({1}, 0) pixels over a still texture"""
    side = round(c.size[0] * part)
    background = c.texture().seen(c.size)
    content = c.texture(7).seen((side, side))
    video = np.repeat(background[None], FRAMES, axis=0)
    for k, frame in enumerate(video):
        frame[side : 2 * side, side + step * k : 2 * side + step * k] = content
    share = side * side / background.size
    if part < 0.2:
        limit = "a small object is left out as undetermined"
        return Made(video, [Truth("flow.object_share.mean", share, 0.5 * share, limit)])
    return Made(
        video,
        [
            Truth("flow.camera_x.mean", 0, 0.1),
            Truth("flow.magnitude_mean.mean", step * share, 0.5 * step * share),
            Truth("flow.object_share.mean", share, 0.5 * share),
        ],
    )


def shutter(c: Condition, share: float) -> Made:
    """A pan by 3 % of the width per frame, seen through a shutter that is open for {0} of the time"""
    step = (float(round(0.03 * c.size[1])), 0.0)
    faint = "" if c.deviation > 20 else "the blur leaves less fine detail than rounding to codes makes"
    texture = c.texture(waves=300, periods=(2.5, 60))
    video = analytic.pan(texture, c.size, FRAMES, step, shutter=share)
    return Made(
        video,
        [
            Truth("flow.camera_x.mean", step[0], 0.15 + 0.03 * step[0]),
            Truth("flow.motion_blur_share.mean", float(share > 0), 0.2, faint if share else ""),
        ],
    )


def noisy_flat(c: Condition) -> Made:
    """Noise of sigma 2 on a flat frame: no motion is determined"""
    video = analytic.with_noise(analytic.still(analytic.constant(c.size, c.mean), FRAMES), 2)
    return Made(
        video, [Truth("flow.undetermined_share.mean", 1, 0.02), Truth("flow.magnitude_mean.mean", np.nan, 0)]
    )


def gain_of_nothing(c: Condition) -> Made:
    """A still texture with noise of half a code: motion explains none of the change"""
    video = analytic.with_noise(analytic.still(c.texture().seen(c.size), FRAMES), 0.5)
    return Made(video, [Truth("flow.residual_gain.mean", 1, 0.2)])


KINDS: tuple[Kind, ...] = (
    *kinds(still_scene),
    Kind(pan, (0.5, 0)),
    Kind(pan, (2.5, -1)),
    Kind(pan, (-8, 6.25)),
    *kinds(sampled_pan, 10),
    *kinds(fast_pan, 0.1, 0.2, 0.3),
    *kinds(zooming, 0.005, 0.02, -0.03),
    *kinds(turning, 0.005, -0.02),
    Kind(square, (0.25, 4)),
    Kind(square, (0.08, 16)),
    *kinds(shutter, 0, 1),
    *kinds(noisy_flat),
    *kinds(gain_of_nothing),
)
