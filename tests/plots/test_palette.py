from __future__ import annotations

import re
from importlib import resources

import pytest

from vqa_features.plots.palette import STYLES, style

AA_TEXT = 4.5
"""Lowest contrast of text, WCAG 2.2 success criterion 1.4.3; labels have the colours of the families."""


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def page_colour(name: str) -> tuple[str, str]:
    css = resources.files("vqa_features.report").joinpath("assets", "style.css").read_text(encoding="utf-8")
    light, dark = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", css).groups()
    return light, dark


@pytest.mark.parametrize("role", STYLES)
def test_family_colours_have_enough_contrast_on_both_pages(role):
    light, dark = page_colour("bg")
    assert contrast(STYLES[role].light, light) >= AA_TEXT
    assert contrast(STYLES[role].dark, dark) >= AA_TEXT


@pytest.mark.parametrize("ink", ["ink", "soft"])
@pytest.mark.parametrize("background", ["bg", "card", "warn"])
def test_text_has_enough_contrast_on_every_background(ink, background):
    for colour, behind in zip(page_colour(ink), page_colour(background), strict=True):
        assert contrast(colour, behind) >= AA_TEXT


def test_every_family_has_its_own_hue_and_marker():
    assert len({look.light for look in STYLES.values()}) == len(STYLES)
    assert len({look.marker for look in STYLES.values()}) == len(STYLES)


def test_unknown_families_are_drawn_as_other():
    assert style("hand-made") == STYLES["other"]
