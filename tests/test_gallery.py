"""The gallery: a section for every group, its figures, and values that the program still gives."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.gallery.__main__ import IMAGES, PAGE, written
from benchmarks.gallery.sections import SECTIONS
from vqa_features.registry import registry

TEXT = PAGE.read_text(encoding="utf-8")
#: Bytes of all figures together.
MOST_BYTES = 1_500_000
#: Of encoders and filters of other releases, relative; and of differences, absolute.
RTOL, ATOL = 0.05, 0.02
_NUMBER = re.compile(r"(?<=\| )[-+−]?[\d.]+(?:e[-−]?\d+)?(?= \|)")


def between_markers(name: str) -> str:
    begin = f"<!-- begin: {name}, written by benchmarks.gallery -->"
    return TEXT.partition(begin)[2].partition(f"<!-- end: {name} -->")[0].strip()


def numbers_of(text: str) -> list[float]:
    return [float(found.replace("−", "-")) for found in _NUMBER.findall(text)]


def test_every_group_has_a_section() -> None:
    headings = re.findall(r"^### (.*)$", TEXT, re.MULTILINE)
    named = [group for heading in headings for group in re.findall(r"`([^`]+)`", heading)]
    assert sorted(named) == sorted({one.group for one in registry().values()})
    assert sorted(named) == sorted(group for section in SECTIONS for group in section.groups)


def test_every_section_has_its_figure_and_table() -> None:
    for section in SECTIONS:
        part = between_markers(section.name)
        assert f"(images/gallery/{section.name}.webp)" in part
        assert part.count("\n|") >= 3
    figures = {path.stem: path.stat().st_size for path in IMAGES.glob("*")}
    assert set(figures) == {section.name for section in SECTIONS}
    assert sum(figures.values()) < MOST_BYTES


@pytest.mark.parametrize("name", ["sharpness", "quality-network"])
@pytest.mark.needs("matplotlib")
def test_the_page_has_what_the_program_gives(name: str, tmp_path: Path) -> None:
    (section,) = (one for one in SECTIONS if one.name == name)
    made, known = written(section, tmp_path), between_markers(name)
    assert _NUMBER.sub("0", made) == _NUMBER.sub("0", known)
    np.testing.assert_allclose(numbers_of(made), numbers_of(known), rtol=RTOL, atol=ATOL)
    assert (tmp_path / f"{name}.webp").stat().st_size > 1000
