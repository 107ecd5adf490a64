"""Write tests/data/parity: numbers of the original programs, and frozen numbers of our ports.

Run `PYTHONPATH=tests/support python tests/support/write_parity.py` where the shared reference data are.
chipqa.json is not written here: its numbers come from the authors' own program, as the file says.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from originals import features_of, reference
from public_pictures import moving_planes, picture
from shared_data import ROOT, SHARED
from yuv_clips import clip_features

from vqa_features import make
from vqa_features.extractors.handcrafted.il_niqe import _statistics

FOLDER = ROOT / "tests/data/parity"

#: Reference file of the shared folder, and its pictures that are carried.
ORIGINALS = {
    "brisque": ("brisque", ("brick", "chelsea", "coffee", "grass")),
    "niqe": ("niqe", ("brick", "chelsea", "coffee", "grass")),
    "gm-log": ("gmlog", ("astronaut", "brick", "chelsea", "coffee", "grass")),
    "higrade-1": ("higrade1", ("chelsea", "coffee")),
    "higrade-2": ("higrade2", ("chelsea", "coffee")),
    "friquee": ("friquee", ("chelsea", "coffee")),
    "rapique-nss_spatial": ("rapique_spatial", ("chelsea", "coffee")),
    "il-niqe": ("ilniqe", ("coffee",)),
}
#: What the port was held to on the shared clip or images.
PORTS = {
    "tlvqm": "equal to the author's release under Octave within 8e-9 on 24 frames of 256 x 192",
    "videval": "43 of 59 features equal to real MATLAB within 1e-6 on 240 frames of 960 x 540, "
    "the others within 8.1e-3 but for chroma (3.3e-2)",
    "v-bliinds": "equal to the LIVE release under Octave on 14 frames of 240 x 160: temporal features within "
    "4e-16, NIQE part within 2.6e-3 (median 4e-8)",
    "rapique-nss": "temporal features equal to the authors' release under Octave within 5e-13 on two chunks "
    "of 256 x 192",
    "piqe": "equal to the two scores that real MATLAB printed, within 1e-4",
    "il-niqe_statistics": "the original's components and score, which are made of these statistics, are "
    "equal within 1e-9 and 3e-13 on the same picture",
}
MOVING = "public_pictures.moving_planes, 8 frames per second"


def write(name: str, content: dict[str, Any]) -> None:
    """Write one file, one line for each key."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    (FOLDER / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def write_originals() -> None:
    """Carry numbers of the original programs from the shared folder."""
    for name, (file, pictures) in ORIGINALS.items():
        stored = reference(SHARED, file)
        write(
            name,
            {
                "kind": "original program",
                "program": stored["source"],
                "environment": stored["environment"],
                "input": "public_pictures.picture",
                "values": {one: stored["images"][one] for one in pictures},
            },
        )


def write_ports() -> None:
    """Freeze numbers of our ports where the original saw only clips that cannot be given away."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    pictures = ("chelsea", "coffee")
    values: dict[str, Any] = {
        name: {"moving": clip_features(make(name), moving_planes(), fps=8).tolist()}
        for name in ("tlvqm", "videval", "v-bliinds", "rapique-nss")
    }
    values["piqe"] = {one: features_of([picture(one)], "piqe").tolist() for one in pictures}
    statistics = _statistics.block_statistics(picture("coffee"))
    values["il-niqe_statistics"] = {"coffee": np.mean(statistics, axis=0).tolist()}
    for name, held in PORTS.items():
        write(
            name,
            {
                "kind": "our port",
                "program": f"vqa-features at commit {commit}",
                "verified": held,
                "input": MOVING if "moving" in values[name] else "public_pictures.picture",
                "values": values[name],
            },
        )


if __name__ == "__main__":
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    write_originals()
    write_ports()
