"""Precision and recall of `vqa_features.kernels.cuts` on cuts of known place, and false cuts elsewhere.

Run ``python -m benchmarks.cuts [--clips FOLDER] [--sequences 60]``. Real frames are those of the KoNViD-1k
clips in FOLDER (default ``../shared/clips/konvid-1k``) and of the bundled demo clips, reduced to 320 x 180.
Beside it FFmpeg's filter ``scdet`` with its default threshold of 10.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from vqa_features.kernels.cuts import AFTER, BEFORE, Signature, cut_between, thumbnail

from .made_shots import Frames, as_codes, camera, crossing, dissolved, faded, lit, picture

Finder = Callable[[Frames], list[int]]
#: Frames on each side of a cut.
SIDE = 12
PICTURES = ("camera", "coffee", "chelsea", "astronaut", "rocket", "grass", "brick", "text", "moon", "coins")

PANS: tuple[dict[str, Any], ...] = (
    {"pan": 0.05},
    {"pan": 0.15},
    {"pan": 0.25},
    {"tilt": 0.2},
    {"shake": 0.05},
)
TURNS: tuple[dict[str, Any], ...] = ({"zoom": 0.03}, {"zoom": 0.15}, {"rotation": 3}, {"rotation": 12})


def ours(frames: Frames) -> list[int]:
    """Return the frames that begin a shot."""
    edge: list[Signature | None] = [None] * BEFORE
    padded = [*edge, *(Signature(thumbnail(frame)) for frame in frames), *edge]
    places = range(BEFORE, BEFORE + len(frames))
    found = (cut_between(padded[i - BEFORE : i], padded[i : i + 1 + AFTER]) for i in places)
    return [k for k, value in enumerate(found) if value == 1]


def scdet(frames: Frames) -> list[int]:
    """Return the frames where FFmpeg's ``scdet`` sees a change of scene."""
    graph = Graph()
    height, width = frames.shape[1:]
    source = graph.add_buffer(
        width=width, height=height, format=av.VideoFormat("gray"), time_base=Fraction(1, 30)
    )
    graph.link_nodes(source, graph.add("scdet"), graph.add("buffersink")).configure()
    found = []
    for k, frame in enumerate(frames):
        given = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="gray")
        given.pts = k
        graph.push(given)
        if "lavfi.scd.time" in graph.pull().metadata:
            found.append(k)
    return found


def read(path: Path) -> Frames:
    """Return the luma of a video, reduced to 320 x 180."""
    with av.open(str(path)) as container:
        planes = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    return as_codes(np.array([cv2.resize(one, (320, 180), interpolation=cv2.INTER_AREA) for one in planes]))


def joined(clips: dict[str, Frames], kind: str, random: np.random.Generator) -> Frames:
    """Return 24 frames with one cut, before the 13th."""
    names = list(clips)
    name = names[random.integers(len(names))]
    clip = clips[name]
    at = int(random.integers(SIDE, len(clip) - SIDE))
    first, second = clip[at - SIDE : at], clip[at : at + SIDE]
    if kind == "other clip":
        other = clips[names[(names.index(name) + int(random.integers(1, len(names)))) % len(names)]]
        start = int(random.integers(0, len(other) - SIDE))
        second = other[start : start + SIDE]
    elif kind == "same clip, later":
        start = (at + len(clip) // 2) % (len(clip) - SIDE)
        second = clip[start : start + SIDE]
    elif kind == "mirrored":
        second = second[:, :, ::-1]
    else:
        second = second[:, ::-1, ::-1]
    return np.concatenate([first, second])


def coded(frames: Frames, crf: int) -> Frames:
    """Return the frames as x264 leaves them."""
    memory = io.BytesIO()
    with av.open(memory, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": str(crf), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        for frame in frames:
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="gray"))
            )
        container.mux(stream.encode(None))
    memory.seek(0)
    with av.open(memory, "r") as container:
        return np.array([frame.to_ndarray(format="gray") for frame in container.decode(video=0)])


def conditions(random: np.random.Generator) -> dict[str, Callable[[Frames], Frames]]:
    """Return what is done to the frames, by name."""

    def noise(frames: NDArray[Any], deviation: float) -> Frames:
        return as_codes(frames + random.normal(0, deviation, frames.shape))

    def small(frames: Frames) -> Frames:
        return np.array([cv2.resize(one, (48, 27), interpolation=cv2.INTER_AREA) for one in frames])

    return {
        "as it is": lambda frames: frames,
        "contrast x 0.3": lambda frames: as_codes(90 + 0.3 * frames),
        "contrast x 0.1": lambda frames: as_codes(110 + 0.1 * frames),
        "dark: x 0.1": lambda frames: as_codes(16 + 0.1 * frames),
        "noise of 10": lambda frames: noise(frames.astype(float), 10),
        "dark: x 0.2, noise of 5": lambda frames: noise(16 + 0.2 * frames, 5),
        "x264 crf 28": lambda frames: coded(frames, 28),
        "x264 crf 45": lambda frames: coded(frames, 45),
        "48 x 27 pixels": small,
    }


def without_cuts() -> Iterator[tuple[str, Frames]]:
    """Yield made sequences that have no cut, by kind."""
    number = np.arange(40)
    random = np.random.default_rng(0)
    for k, name in enumerate(PICTURES):
        still = picture(name)
        shot, other = (np.repeat(one[None], 40, 0) for one in (still, picture(PICTURES[k - 1])))
        for begin in (0, 15):
            for motion in PANS:
                yield "pans and shakes", camera(still, 30, begin=begin, **motion)
            for motion in TURNS:
                yield "zooms and rotations", camera(still, 30, begin=begin, **motion)
        for share, speed in ((0.1, 0.05), (0.3, 0.1), (0.3, 0.3)):
            yield "objects", crossing(still, other[0], 30, share, speed)
        for length in (3, 8, 20):
            yield "fades", faded(shot, 10, length)
            yield "fades", faded(shot, 10, length, 235)[::-1]
            yield "dissolves", dissolved(shot, other, 10, length)
        for length in (1, 3, 6):
            on = (number >= 20) & (number < 20 + length)
            for gain, added in ((1.6, 30.0), (0.0, 255.0), (0.0, 16.0)):
                yield "flashes", lit(shot, on, gain, added)
        for half in (1, 2, 5):
            yield "strobes", lit(shot, number // half % 2 == 1, 0.1, 10)
        for deviation in (5, 40):
            yield "noise", as_codes(shot[:16] + random.normal(0, deviation, (16, *still.shape)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, default=Path("../shared/clips/konvid-1k"))
    parser.add_argument("--sequences", type=int, default=60)
    chosen = parser.parse_args()
    demo = Path(__file__).parents[1] / "vqa_features" / "resources" / "demo"
    clips = {
        path.stem: read(path) for folder in (chosen.clips, demo) for path in sorted(folder.glob("*.mp4"))
    }
    finders: dict[str, Finder] = {"ours": ours, "scdet": scdet}

    print(f"found cuts, false cuts, of {chosen.sequences} sequences with one cut")
    kinds = ("other clip", "mirrored", "turned", "same clip, later")
    print(f"{'':24}" + "".join(f"{f'{kind}: {name}':>26}" for kind in kinds for name in finders))
    shots = {name: clip for name, clip in clips.items() if name != "8562619627"}  # it has two cuts
    for label, change in conditions(np.random.default_rng(1)).items():
        cells = []
        for kind in kinds:
            random = np.random.default_rng(2)
            given = [change(joined(shots, kind, random)) for _ in range(chosen.sequences)]
            for find in finders.values():
                found = [find(frames) for frames in given]
                hits = sum(SIDE in one for one in found)
                cells.append(f"{hits:>20}, {sum(map(len, found)) - hits:>4}")
        print(f"{label:24}" + "".join(cells), flush=True)

    print("\nfalse cuts where there is none: sequences with one, of all")
    counts: dict[str, list[NDArray[np.int64]]] = {}
    for kind, frames in without_cuts():
        fired = np.array([bool(find(frames)) for find in finders.values()], np.int64)
        counts.setdefault(kind, []).append(fired)
    for kind, fires in counts.items():
        total = np.sum(fires, axis=0)
        print(
            f"{kind:24}"
            + "".join(f"{name} {n:4} " for name, n in zip(finders, total, strict=True))
            + f"of {len(fires)}"
        )
    print("\nwhole clips: frames that begin a shot")
    for name, clip in clips.items():
        print(f"{name:24}" + "  ".join(f"{label} {find(clip)}" for label, find in finders.items()))


if __name__ == "__main__":
    main()
