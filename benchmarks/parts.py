"""Tables in parts: rows per second, bytes per row, and the memory of the process that writes them.

    python -m benchmarks.parts [--rows 20000] [--folder FOLDER]

Rows of made-up numbers take the way of the rows of a run: as dictionaries through `PartRows` and `PartWriter`
into a folder. One table has the 37 features of `brisque`, one an embedding of 2048 numbers; both have the
other columns of every table. Numbers are random: float64 for the features, means of four float32 vectors for
the embedding, as it has over four clips. Memory is the greatest resident size in each tenth of the rows.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from vqa_features.batch.inputs import Input
from vqa_features.batch.options import Extraction
from vqa_features.batch.part_rows import PartRows, table_layout
from vqa_features.tables.part_places import LocalFolder
from vqa_features.tables.part_writer import PartWriter
from vqa_features.tables.reading import read_table

_CASES = {"37 features": ("brisque", 1), "embedding of 2048": ("resnet-50@random", 4)}


def main() -> None:
    """Write the tables and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp())
    for name, (extractor, clips) in _CASES.items():
        _measure(name, Extraction.of([extractor]), clips, asked.rows, folder / "parts")
    shutil.rmtree(folder / "parts")


def _measure(name: str, extraction: Extraction, clips: int, count: int, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    named = [Input(f"/videos/clip_{place:07d}.mp4", f"clip_{place:07d}") for place in range(count)]
    settings = extraction.settings([video.path for video in named])
    writer = PartWriter(LocalFolder(folder))
    rows = PartRows(table_layout(extraction, named), named, settings, writer.put, str(folder))
    chance, seconds, peaks = np.random.default_rng(3), 0.0, []
    for place, video in enumerate(named):
        row = _row(video, rows.layout.features, chance, clips)
        begun_s = time.perf_counter()
        rows.add(video.id, row)
        seconds += time.perf_counter() - begun_s
        if (place + 1) % (count // 10) == 0:
            peaks.append(_peak_mib())
    begun_s = time.perf_counter()
    rows.flush()
    writer.write_settings(rows.settings_text)
    writer.commit()
    seconds += time.perf_counter() - begun_s
    size = sum(file.stat().st_size for file in folder.iterdir())
    begun_s = time.perf_counter()
    table = read_table(folder)
    read_s = time.perf_counter() - begun_s
    assert len(table) == count
    told = ", ".join(f"{peak:.0f}" for peak in peaks)
    print(
        f"{name}: {count / seconds:.0f} rows/s, {size / count:.0f} bytes/row, {len(writer.rows)} parts, "
        f"read {count / read_s:.0f} rows/s; peak of each tenth {told} MiB",
        flush=True,
    )


def _peak_mib() -> float:
    """Return the greatest resident size since the last call."""
    status = Path("/proc/self/status").read_text()
    kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    Path("/proc/self/clear_refs").write_text("5")
    return kib / 1024


def _row(video: Input, features: list[str], chance: np.random.Generator, clips: int) -> dict[str, Any]:
    kind = np.float64 if clips == 1 else np.float32
    values = chance.standard_normal((clips, len(features)), dtype=kind).astype(np.float64).mean(axis=0)
    numbers = dict(zip(features, values.tolist(), strict=True))
    about = {"path": video.path, "status": "ok", "error": "", "warnings": "", "frames_decoded": 240}
    video_columns = {"video.width": 960, "video.height": 540, "video.fps": 29.97, "video.codec": "h264"}
    return {**about, "frames_expected": 240, **video_columns, "seconds.decode": chance.random(), **numbers}


if __name__ == "__main__":
    main()
