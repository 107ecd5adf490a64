"""SI and TI against the numbers of siti-tools' own test suite.

    python -m benchmarks.siti_ground_truth CHECKOUT

CHECKOUT is a copy of VQEG/siti-tools. Its files in test/videos are measured with the settings that its ground
truth names. HLG is measured twice: by its curve, and by that of ITU-R BT.2100.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

import vqa_features as vf


def label_of(settings: dict[str, object], hlg: str) -> str:
    """Return the label of `siti` for the settings of a ground truth."""
    hdr = hlg if settings["hdr_mode"] == "hlg" else settings["hdr_mode"]
    return f"siti[domain=pq,hdr={hdr},code_range={settings['color_range']}]"


def difference(clip: Path, truth: dict[str, list[float]], label: str) -> tuple[float, float]:
    """Return the greatest relative differences of SI and TI."""
    found = vf.extract(str(clip), label, per_frame=True).to_numpy()
    si, ti = np.array(truth["si"]), np.array(truth["ti"])
    return float(np.abs(found[: len(si), 0] / si - 1).max()), float(
        np.abs(found[1 : len(ti) + 1, 1] / ti - 1).max()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkout", type=Path)
    tests = parser.parse_args().checkout / "test"
    print("| file | hdr | SI, greatest relative difference | TI |\n|---|---|---|---|")
    for clip in sorted((tests / "videos").iterdir()):
        file = tests / "ground_truth" / f"{clip.stem}.json"
        if clip.suffix not in (".y4m", ".mov") or not file.exists():
            continue
        truth = json.loads(file.read_text(encoding="utf-8"))
        settings = truth["settings"]
        for hlg in ("hlg-siti-tools", "hlg") if settings["hdr_mode"] == "hlg" else ("",):
            si, ti = difference(clip, truth, label_of(settings, hlg))
            print(f"| {clip.name} | {hlg or settings['hdr_mode']} | {si:.1e} | {ti:.1e} |", flush=True)


if __name__ == "__main__":
    main()
