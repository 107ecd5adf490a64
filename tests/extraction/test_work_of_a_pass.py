"""One pass over a clip does no more work than `tests/data/work_of_a_pass.json` says; nothing is timed.

Counted are decodings, conversions by swscale, and calls of the shared kernels that read whole planes, by the
size of the plane: MSCN among them, at each scale. Beside that stands the largest memory that an extractor
takes for one frame. After a change of kernels ``python tests/extraction/test_work_of_a_pass.py`` measures and
writes the table. A number may rise only with a reason.
"""

from __future__ import annotations

import importlib
import inspect
import json
import math
import pkgutil
import sys
import tempfile
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))  # as a program

from small_videos import moving

import vqa_features.kernels
from vqa_features.extraction.feed import Feed
from vqa_features.extraction.task import run_task
from vqa_features.registry import make_all
from vqa_features.video import picture
from vqa_features.video.colour import to_rgb
from vqa_features.video.decoder import Decoder
from vqa_features.video_task import VideoTask

TABLE = Path(__file__).parents[1] / "data" / "work_of_a_pass.json"
COMMAND = "python tests/extraction/test_work_of_a_pass.py"
FRAMES, WIDTH, HEIGHT = 6, 288, 192
#: Frames of which the memory counts: the first ones fill what windows keep.
WARM = 3
#: Shared kernels that read whole planes: modules, or functions of one.
OF_PLANES = (
    "mscn_sums",
    "resize",
    "gradients",
    "imfilter",
    "nss",
    "bars",
    "colour",
    "lab8",
    "cones",
    "cuts.thumbnail",
    "gm_log.gm_log_features",
)
#: One pass each.
SETS = (
    "brisque",
    "niqe",
    "brisque,niqe",
    "gm-log,brisque,niqe,siti,basics",
    "colorfulness,basics",
    "siti,temporal-nss",
    "gm-log,videval",
)
ALONE = ("brisque", "niqe", "gm-log", "siti", "basics", "colorfulness", "temporal-nss", "piqe")


def made(folder: Path) -> Path:
    """Write the clip: 8-bit planar 4:2:0."""
    return moving(folder / "clip.mp4", FRAMES, width=WIDTH, height=HEIGHT)


@contextmanager
def counted(counts: Counter[str]) -> Iterator[None]:
    """Count calls of the shared kernels, of decodings and of conversions."""
    with pytest.MonkeyPatch.context() as patch:
        for name, function in _kernels().items():
            _replace_everywhere(patch, function, _counting(counts, name, function, sized=True))
        patch.setattr(Decoder, "_begin", _counting(counts, "decodings of the video", Decoder._begin))
        patch.setattr(picture, "to_rgb", _counting(counts, "conversions to RGB", to_rgb))
        planar = picture._planar

        def repacked(frame: Any) -> Any:
            found = planar(frame)
            counts["repackings of Y, U and V"] += found is not frame
            return found

        patch.setattr(picture, "_planar", repacked)
        yield


def _kernels() -> dict[str, Callable[..., Any]]:
    """Return the public functions of the shared kernels; compiled ones are inside of them."""
    found = {}
    for module in pkgutil.iter_modules(vqa_features.kernels.__path__):
        loaded = importlib.import_module(f"vqa_features.kernels.{module.name}")
        for name, value in vars(loaded).items():
            if inspect.isfunction(value) and value.__module__ == loaded.__name__ and name[0] != "_":
                found[f"{module.name}.{name}"] = value
    return {name: found[name] for name in sorted(found) if f"{name}.".startswith(_PREFIXES)}


_PREFIXES = tuple(f"{name}." for name in OF_PLANES)


def _counting(
    counts: Counter[str], name: str, function: Callable[..., Any], *, sized: bool = False
) -> Callable[..., Any]:
    @wraps(function)
    def count(*args: Any, **options: Any) -> Any:
        shape = "x".join(map(str, getattr(args[0], "shape", ()) if args else ()))
        counts[f"{name} {shape}".rstrip() if sized else name] += 1
        return function(*args, **options)

    return count


def _replace_everywhere(
    patch: pytest.MonkeyPatch, function: Callable[..., Any], other: Callable[..., Any]
) -> None:
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith(("vqa_features", "extractors")):
            for name, value in list(vars(module).items()):
                if value is function:
                    patch.setattr(module, name, other)


def work_of(clip: Path, names: str) -> dict[str, int]:
    """Return the counts of one pass, after one that compiles."""
    task = VideoTask("clip", str(clip), tuple(make_all(names)))
    run_task(task, alone=False)
    counts: Counter[str] = Counter()
    with counted(counts):
        result = run_task(task, alone=False)
    assert result.frames_decoded == FRAMES
    return dict(sorted(counts.items()))


def memory_of(clip: Path, name: str) -> float:
    """Return the most memory that an extractor takes for one frame while it is fed: bytes per pixel.

    Arrays made inside of compiled kernels are not seen.
    """
    task = VideoTask("clip", str(clip), tuple(make_all(name)))
    run_task(task, alone=False)
    most, fed = 0, 0
    take = Feed.take

    def measured(self: Feed, frame: Any) -> None:
        nonlocal most, fed
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        take(self, frame)
        fed += 1
        if fed > WARM:
            most = max(most, tracemalloc.get_traced_memory()[1] - before)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Feed, "take", measured)
        tracemalloc.start()
        try:
            run_task(task, alone=False)
        finally:
            tracemalloc.stop()
    assert fed == FRAMES
    return math.ceil(10 * most / (WIDTH * HEIGHT)) / 10


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    return dict(json.loads(TABLE.read_text()))


@pytest.mark.parametrize("names", SETS)
def test_a_pass_does_no_more_than_the_table_says(clip: Path, table: dict[str, Any], names: str) -> None:
    work, allowed = work_of(clip, names), table["counts"][names]
    assert work["decodings of the video"] == 1
    assert work.get("repackings of Y, U and V", 0) == 0
    assert work.get("conversions to RGB", 0) <= FRAMES
    more = {
        name: (count, allowed.get(name, 0)) for name, count in work.items() if count > allowed.get(name, 0)
    }
    assert not more, f"more calls than allowed; with a reason for it, run: {COMMAND}"


@pytest.mark.parametrize("name", ALONE)
def test_a_frame_takes_no_more_memory_than_the_table_says(
    clip: Path, table: dict[str, Any], name: str
) -> None:
    allowed = table["bytes per pixel"][name]
    # a tenth and half a byte are for what Python itself keeps
    assert memory_of(clip, name) <= 1.1 * allowed + 0.5, f"with a reason for it, run: {COMMAND}"


def main() -> None:
    """Measure, and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = made(Path(folder))
        table = {
            "counts": {names: work_of(path, names) for names in SETS},
            "bytes per pixel": {name: memory_of(path, name) for name in ALONE},
        }
    TABLE.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
