"""Write the figures and tables of docs/gallery.md.

    python -m benchmarks.gallery [--only nss,colour]

The page holds the text, and a pair of markers for each section of `sections.SECTIONS`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2

from ..measures import ROOT
from ..measures.page import put
from . import drawing, numbers
from .clips import pair
from .sections import SECTIONS, Section

PAGE = ROOT / "docs" / "gallery.md"
IMAGES = ROOT / "docs" / "images" / "gallery"


def written(section: Section, images: Path) -> str:
    """Write the figure of a section into a folder and return what stands between its markers."""
    images.mkdir(parents=True, exist_ok=True)
    with pair(section.clip, section.ladder, section.strength, section.at) as clips:
        drawing.draw(images / f"{section.name}.webp", clips, section.panels)
        if section.columns:
            table = numbers.values_table(section, clips)
        elif section.networks:
            table = numbers.distances_table(section)
        else:
            table = numbers.difference_table(section, clips)
    name, damage = section.name, section.damage
    told = f"`{section.clip}`, {damage} (`--ladder {section.ladder}`, strength {section.strength:g})."
    shown = f"![{damage} in {section.clip}, as `{name}` sees it](images/gallery/{name}.webp)"
    return f"{told}\n\n{shown}\n\n{table}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", help="sections, by the name of their first group")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    for section in SECTIONS:
        if options.only is None or section.name in options.only.split(","):
            put(PAGE, section.name, written(section, IMAGES), "gallery")
            print(section.name, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
