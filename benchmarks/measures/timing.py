"""Kinds of videos of which it is known how long each frame is shown: freezes, cadences, stalls, combs."""

from __future__ import annotations

import analytic

from .truth import Condition, Kind, Made, Truth, kinds

#: Seconds and shares are computed from times that a file rounds to milliseconds.
TIMES = 2e-3


def even(c: Condition) -> Made:
    """A pan in which each frame is new and shown alike"""
    return Made(
        c.scene(20),
        [
            Truth("timing.frame_rate.video", c.fps, 0.02 * c.fps),
            Truth("timing.picture_rate.video", c.fps, 0.02 * c.fps),
            Truth("timing.interval_jitter.video", 0, 0.6),
            Truth("timing.repeat_share.video", 0, 0),
            Truth("timing.stall_count.video", 0, 0),
            Truth("timing.freeze_count.video", 0, 0),
            Truth("timing.cadence_cycle.video", 1, 0),
        ],
    )


def freeze(c: Condition) -> Made:
    """A pan of 40 frames of which one is held for 15 more"""
    video = analytic.frozen(c.scene(40), 20, 15)
    return Made(
        video,
        [
            Truth("basics.duplicate.mean", 15 / 39, 1e-6),
            Truth("basics.frozen.mean", 15 / 39, 1e-6),
            Truth("timing.freeze_count.video", 1, 0),
            Truth("timing.longest_freeze.video", 16 / c.fps, TIMES),
            Truth("timing.freeze_share.video", 16 / 40, TIMES),
            Truth("timing.stall_count.video", 0, 0),
        ],
    )


def noisy_freeze(c: Condition, sigma: float) -> Made:
    """A pan of 40 frames of which one is held for 15 more, with noise of sigma {0}, new in each frame"""
    video = analytic.with_noise(analytic.frozen(c.scene(40), 20, 15), sigma)
    limit = "" if c.deviation > 20 else "noise changes a frame as much as the motion does"
    return Made(
        video,
        [
            Truth("timing.longest_freeze.video", 16 / c.fps, TIMES, limit),
            Truth("basics.frozen.mean", 15 / 39, 1e-6, "noise changes the mean pixel by more than 0.1 codes"),
        ],
    )


def film_pulldown(c: Condition) -> Made:
    """A pan of 24 frames shown in the cadence 3:2"""
    return Made(
        analytic.pulldown(c.scene(24), (3, 2)),
        [
            Truth("basics.duplicate.mean", 36 / 59, 1e-6),
            Truth("timing.picture_rate.video", 0.4 * c.fps, 0.02 * c.fps),
            Truth("timing.repeat_share.video", 36 / 60, 0.02),
            Truth("timing.judder.video", 500 / c.fps, 0.05 * 500 / c.fps),
            Truth("timing.cadence_cycle.video", 5, 0),
            Truth("timing.cadence_pictures.video", 2, 0),
            Truth("timing.cadence_hold.video", 3, 0),
            Truth("timing.cadence_regularity.video", 1, 0),
        ],
    )


def doubled(c: Condition) -> Made:
    """A pan of 20 frames shown twice each, 2:2"""
    return Made(
        analytic.duplicated(c.scene(20), 2),
        [
            Truth("timing.picture_rate.video", 0.5 * c.fps, 0.02 * c.fps),
            Truth("timing.judder.video", 0, 0.6),
            Truth("timing.cadence_cycle.video", 2, 0),
            Truth("timing.cadence_pictures.video", 1, 0),
            Truth("timing.cadence_hold.video", 2, 0),
        ],
    )


def stall(c: Condition) -> Made:
    """A pan of 30 frames, one of them shown for the time of 28"""
    return Made(
        c.scene(30),
        [
            Truth("timing.longest_display_time.video", 28 / c.fps, TIMES),
            Truth("timing.stall_count.video", 1, 0),
            Truth("timing.stall_time.video", 28 / c.fps, TIMES),
            Truth("timing.freeze_count.video", 1, 0),
            Truth("timing.longest_freeze.video", 28 / c.fps, TIMES),
            Truth("timing.frame_rate.video", 30 / 57 * c.fps, 0.02 * c.fps),
        ],
        stamps=analytic.stalled_stamps(30, 12, 28),
    )


def interlaced(c: Condition, order: int) -> Made:
    """A pan in fields, each of its own moment, order {0} (1: top field first, -1: bottom field first)"""
    video = analytic.combed(c.scene(16), bottom_first=order < 0)
    return Made(
        video,
        [
            Truth("interlace.combed.mean", 1, 0),
            Truth("interlace.comb.mean", 1, 0.2),
            Truth("interlace.field_order.mean", order, 0.2),
            Truth("interlace.top_repeated.mean", 0, 0),
        ],
    )


def progressive(c: Condition) -> Made:
    """A pan without fields"""
    truths = [Truth("interlace.combed.mean", 0, 0), Truth("interlace.comb.mean", 0, 0.2)]
    return Made(c.scene(8), [*truths, Truth("interlace.field_order.mean", 0, 0.2)])


def telecine(c: Condition) -> Made:
    """A pan of 24 pictures in 30 frames by 3:2 pulldown of fields"""
    video = analytic.telecined(c.scene(24))
    inner = 28  # frames with a neighbour on both sides
    return Made(
        video,
        [
            Truth("interlace.combed.mean", 12 / inner, 1e-6),
            Truth("interlace.top_repeated.mean", 6 / inner, 1e-6),
            Truth("interlace.bottom_repeated.mean", 5 / inner, 1e-6),
        ],
    )


KINDS: tuple[Kind, ...] = (
    *kinds(even),
    *kinds(freeze),
    *kinds(noisy_freeze, 1),
    *kinds(film_pulldown),
    *kinds(doubled),
    *kinds(stall),
    *kinds(interlaced, 1, -1),
    *kinds(progressive),
    *kinds(telecine),
)
