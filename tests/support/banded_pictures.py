"""Made pictures with bands, dither and noise, in whole numbers, and libvmaf's CAMBI of them.

`python tests/support/banded_pictures.py FFMPEG` writes tests/data/cambi_libvmaf.json with a program ffmpeg
that has the filter libvmaf.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import vqa_features as vf
from vqa_features.video import Video

Plane = NDArray[Any]

FILE = Path(__file__).parents[1] / "data" / "cambi_libvmaf.json"
DEMO = Path(vf.__file__).parent / "resources" / "demo"
SIZES = ((360, 640), (217, 331), (216, 100), (100, 300), (1080, 1920), (2160, 3840))
DEMO_CLIPS = ("bikes_square", "bunny_burrow", "bunny_tree", "city_skyscraper", "city_towers")


def ramp(height: int, width: int) -> Plane:
    """Bands of one 8-bit code, from 40 to 99, left to right."""
    return np.tile((40 + np.arange(width) * 60 // width).astype(np.uint8), (height, 1))


def spot(height: int, width: int) -> Plane:
    """Round bands around a bright centre."""
    return (_distance(height, width) >> 10).astype(np.uint8)


def dithered_spot(height: int, width: int) -> Plane:
    """The same with ordered dither of one code."""
    y, x = np.mgrid[:height, :width]
    return (_distance(height, width) + (x * 73 + y * 151 + x * y * 37) % 1024 >> 10).astype(np.uint8)


def noise(height: int, width: int) -> Plane:
    """Codes without any order."""
    return np.random.default_rng(0).integers(16, 236, (height, width), dtype=np.uint8)


def deep_spot(height: int, width: int) -> Plane:
    """Round bands of one 10-bit code."""
    return (_distance(height, width) >> 8).astype(np.uint16)


def steep_deep_ramp(height: int, width: int) -> Plane:
    """All 10-bit codes of limited range, top to bottom."""
    return np.repeat((64 + np.arange(height) * 877 // height).astype(np.uint16)[:, None], width, axis=1)


def _distance(height: int, width: int) -> NDArray[np.int64]:
    y, x = np.mgrid[:height, :width]
    square = ((2 * y - height) ** 2 + (2 * x - width) ** 2) * 1024
    return 1024 * 130 - square * 80 // (height**2 + width**2)


MADE: tuple[Callable[[int, int], Plane], ...] = (
    ramp,
    spot,
    dithered_spot,
    noise,
    deep_spot,
    steep_deep_ramp,
)


def inputs() -> dict[str, Plane]:
    """Every picture by its name: uint8, or uint16 of 10 bits."""
    found = {
        f"{make.__name__} {height}x{width}": make(height, width)
        for height, width in SIZES
        for make in (MADE if height < 2000 else MADE[1:2])
    }
    for clip in DEMO_CLIPS:
        with Video(DEMO / f"{clip}.mp4", sampling=vf.Sampling(every=20)) as video:
            found |= {f"{clip} {frame.index * 20}": frame.view("luma").copy() for frame in video}
    return found


def libvmaf_s(ffmpeg: str, plane: Plane) -> tuple[str, float]:
    """Version of libvmaf and its CAMBI of one picture."""
    height, width = plane.shape
    depth, half = ("", 128) if plane.dtype == np.uint8 else ("10le", 512)
    chroma = np.full((2, (height + 1) // 2, (width + 1) // 2), half, plane.dtype)
    with tempfile.TemporaryDirectory() as folder:
        raw, log = Path(folder, "x.yuv"), Path(folder, "log.json")
        raw.write_bytes(plane.tobytes() + chroma.tobytes())
        source = f"-f rawvideo -pix_fmt yuv420p{depth} -s {width}x{height} -i {raw}".split()
        graph = f"libvmaf=feature=name=cambi:log_fmt=json:log_path={log}"
        subprocess.run(
            [ffmpeg, "-v", "error", *source, *source, "-lavfi", graph, "-f", "null", "-"], check=True
        )
        said = json.loads(log.read_text())
    return said["version"], said["frames"][0]["metrics"]["cambi"]


def write(ffmpeg: str) -> None:
    """Freeze the numbers of a program."""
    numbers = {name: libvmaf_s(ffmpeg, plane) for name, plane in inputs().items()}
    said = subprocess.run([ffmpeg, "-version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"ffmpeg version (\S+)", said)
    program = f"libvmaf {next(iter(numbers.values()))[0]} in FFmpeg {found[1] if found else '?'}"
    source = (
        f"{program}, filter libvmaf with feature=name=cambi, each picture of "
        "tests/support/banded_pictures.py as both inputs; six decimals"
    )
    lines = [f" {json.dumps(name)}: {value}" for name, (_, value) in numbers.items()]
    FILE.write_text(f'{{"source": {json.dumps(source)},\n"scores": {{\n' + ",\n".join(lines) + "\n}}\n")


if __name__ == "__main__":
    write(sys.argv[1])
