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


def dense(n: int, frames: int, stride: int, clips: int) -> Indices:
    """UniFormer: `frames` points of linspace over frames x stride frames, clamped to the video.

    SlowFast's ``get_start_end_idx`` with offset sampling: one clip is the middle one, several
    start at multiples of floor(spare / (clips - 1)).
    """
    span = frames * stride
    spare = max(n - span, 0)
    first = [spare // 2] if clips == 1 else [k * (spare // (clips - 1)) for k in range(clips)]
    points = [np.linspace(start, start + span - 1, frames) for start in first]
    return np.clip(points, 0, n - 1).astype(np.int64)


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
