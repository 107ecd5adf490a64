"""Frame numbers of a video's clips, as the official test-time samplers choose them.

Every function takes the number `n` of frames of the video and returns (clips, frames) int64 numbers
in 0 .. n - 1. A video shorter than a clip is treated as in the official code: its last frame is
repeated, it wraps around, or some frames are used twice.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def at_rate(n: int, fps: float, frames: int, rate: float, clips: int) -> Indices:
    """Frames `rate` per second; clips start evenly from the first to the last place possible.

    As torchvision's ``VideoClips`` with ``UniformClipSampler``. A video shorter than a clip repeats
    its last frame (torchvision leaves such videos out). An unknown `fps` (nan) takes every frame.
    """
    step = fps / rate if math.isfinite(fps) and fps > 0 else 1.0
    resampled = np.floor(np.arange(max(1, math.floor(n / step))) * step)
    last_start = max(0, len(resampled) - frames)
    starts = np.floor(np.linspace(0, last_start, clips)).astype(np.int64)
    places = np.minimum(starts[:, None] + np.arange(frames), len(resampled) - 1)
    return np.minimum(resampled[places].astype(np.int64), n - 1)


def kinetics(n: int, fps: float, frames: int, stride: int, clips: int, to_the_end: bool = False) -> Indices:
    """PySlowFast: `frames` points of linspace over frames x stride frames at 30 per second, clamped.

    Clips start as in its ``get_start_end_idx``; with `to_the_end` with its offset sampling. An unknown `fps`
    (nan) is taken as 30. Points are computed in float32, as torch does: they decide near whole numbers.
    """
    span = max(1.0, frames * stride * (fps / 30 if math.isfinite(fps) and fps > 0 else 1.0))
    first = _starts(max(n - span, 0), clips, to_the_end)
    points = [_linspace32(start, start + span - 1, frames) for start in first]
    return np.clip(points, 0, n - 1).astype(np.int64)


def _starts(spare: float, clips: int, to_the_end: bool) -> list[float]:
    """First places of the clips in `spare` frames: clip k of K at k / K of them.

    With `to_the_end` one clip is the middle one, several start at multiples of floor(spare / (K - 1)).
    """
    if not to_the_end:
        return [spare * k / clips for k in range(clips)]
    return [spare // 2] if clips == 1 else [k * (spare // (clips - 1)) for k in range(clips)]


def _linspace32(first: float, last: float, count: int) -> NDArray[np.float32]:
    """Points from `first` to `last` as torch's linspace has them: float32, each half from its own end.

    Product and sum are rounded once, as a fused multiply-add does.
    """
    if count == 1:
        return np.array([first], dtype=np.float32)
    low, high = np.float32(first), np.float32(last)
    step = np.float64((high - low) / np.float32(count - 1))
    places = np.arange(count)
    return np.where(2 * places < count, low + step * places, high - step * places[::-1]).astype(np.float32)


def dense(n: int, frames: int, stride: int, clips: int) -> Indices:
    """UniFormer: as PySlowFast to the end, but at the video's own frame rate and in float64."""
    span = frames * stride
    points = [
        np.linspace(start, start + span - 1, frames) for start in _starts(max(n - span, 0), clips, True)
    ]
    return np.clip(points, 0, n - 1).astype(np.int64)


def seconds(n: int, fps: float, frames: int) -> Indices:
    """SimpleVQA, RQ-VQA: `frames` frames in a row from the start of each whole second, beyond it if need be.

    A second has round(fps) frames; an unknown `fps` (nan) is taken as 30. A video below a second gives
    one clip (the official code gives none). The last frame is repeated.
    """
    rate, count = _whole_seconds(n, fps)
    starts = rate * np.arange(count, dtype=np.int64)
    return np.minimum(starts[:, None] + np.arange(frames), n - 1)


def within_seconds(n: int, fps: float, frames: int) -> Indices:
    """MinimalisticVQA (``mid``): the `frames` middle frames of each whole second.

    Where a second has no more than `frames` of them, all, and its last one repeated. Otherwise as `seconds`.
    """
    rate, count = _whole_seconds(n, fps)
    into = rate // 2 - frames // 2 + np.arange(frames) if rate > frames else np.arange(frames)
    starts = rate * np.arange(count, dtype=np.int64)
    return np.minimum(starts[:, None] + np.minimum(into, rate - 1), n - 1)


def _whole_seconds(n: int, fps: float) -> tuple[int, int]:
    """Frames of a second, a whole number, and the number of whole seconds, at least one."""
    rate = max(1, round(fps)) if math.isfinite(fps) and fps > 0 else 30
    return rate, max(1, n // rate)


def sparse(n: int, frames: int, clips: int) -> Indices:
    """UniFormerV2, InternVideo2: `frames` equal segments, one frame of each, clips interleaved.

    Clip k takes the frame ``(k + 1) / (clips + 1)`` into each segment; segment starts round half to even.
    """
    segment = (n - 1) / frames
    starts = np.round(segment * np.arange(frames)).astype(np.int64)
    into = [int(segment / (clips + 1) * (clip + 1)) for clip in range(clips)]
    return np.array([starts + offset for offset in into], dtype=np.int64)


def linspace(n: int, frames: int) -> Indices:
    """InternVideo multimodal: from the first frame to the last, numbers cut to integers."""
    return np.linspace(0, n - 1, frames).astype(np.int64)[None]


def middle(n: int, frames: int) -> Indices:
    """InternVideo2 Stage2 and CLIP: the middle frame of each of `frames` equal intervals.

    A video of fewer frames uses each once and then repeats its last.
    """
    edges = np.linspace(0, n, min(frames, n) + 1).astype(np.int64)
    chosen = (edges[:-1] + edges[1:] - 1) // 2
    return np.pad(chosen, (0, frames - len(chosen)), mode="edge")[None]


def strided(n: int, frames: int, stride: int, clips: int) -> Indices:
    """Video Swin (mmaction ``SampleFrames``, test mode): every `stride`-th frame, wrapping around."""
    span = frames * stride
    spacing = (n - span + 1) / clips
    starts = (
        (np.arange(clips) * spacing + spacing / 2).astype(np.int64) if n >= span else np.zeros(clips, int)
    )
    return np.asarray((starts[:, None] + np.arange(frames) * stride) % n, dtype=np.int64)


def segmented(n: int, frames: int, segments: int, stride: int, clips: int = 1, seed: int = 0) -> Indices:
    """FAST-VQA, DOVER: equal segments, of each `frames` frames from a drawn start on, wrapping around.

    Returns (clips, segments, frames). As ``FragmentSampleFrames`` and ``UnifiedFrameSampler``, which take the
    starts from NumPy's global generator, after ``numpy.random.seed(seed)``.
    """
    draw = np.random.RandomState(seed)
    length, span = n // segments, frames * stride
    starts = length * np.arange(segments) + np.zeros((clips, 1), dtype=np.int64)
    if length > span:
        starts += draw.randint(0, length - span, size=(clips, segments), dtype=np.int64)
    return np.asarray((starts[:, :, None] + np.arange(frames) * stride) % n, dtype=np.int64)


def every(n: int, fps: float, rate: float) -> Indices:
    """Single frames, `rate` per second, (windows, 1): the middle frame of each period.

    An unknown `fps` (nan) is taken as 30, so that the number of windows is bounded.
    """
    period = max(1.0, (fps if math.isfinite(fps) and fps > 0 else 30.0) / rate)
    count = max(1, round(n / period))
    places = np.floor((np.arange(count) + 0.5) * period).astype(np.int64)
    return np.minimum(places, n - 1)[:, None]
