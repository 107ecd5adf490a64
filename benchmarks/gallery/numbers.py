"""The tables of a section: columns of both clips, or distances between vectors of a network."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..measures.page import number, table
from .clips import Clip, pair
from .sections import Section

#: Damages by which the vectors of networks are compared: ladder, strength, in words.
DAMAGES = (
    ("h264", 43, "H.264 at CRF 43"),
    ("scale", 4, "scaled to a quarter and back"),
    ("blur", 3, "Gaussian blur of 3 pixels"),
    ("noise", 16, "noise of 16 codes"),
    ("brightness", 48, "darker by 48 codes"),
    ("flicker", 16, "flicker of 16 codes"),
    ("freeze", 70, "frozen for 70 % of the time"),
)
#: Another scene of the same film, as a scale for distances.
OTHER = "bikes_commuter"


def values_table(section: Section, clips: tuple[Clip, Clip]) -> str:
    """Return the columns of both clips and their difference."""
    one, other = (clip.values(section.columns) for clip in clips)
    lines = [
        [f"`{column}`", number(one[column]), number(other[column]), change(one[column], other[column])]
        for column in section.columns
    ]
    return table(("column", "original", "damaged", "change"), lines)


def change(before: float, after: float) -> str:
    """Return the difference of two values with its sign, ≈ 0 below a ten thousandth of them."""
    value = after - before
    if 0 < abs(value) < 1e-4 * max(abs(before), abs(after)):
        return "≈ 0"
    return f"+{number(value)}" if value > 0 else number(value).replace("-", "−")


def distances_table(section: Section) -> str:
    """Return how far each damage moves the mean vector of the networks, beside another scene."""
    lines = [
        [words, *(number(distance(name, section.clip, ladder, strength)) for name in section.networks)]
        for ladder, strength, words in DAMAGES
    ]
    lines.append(["another scene", *(number(apart(name, section.clip, OTHER)) for name in section.networks)])
    return table(("change", *(f"`{name}`: cosine distance" for name in section.networks)), lines)


def distance(network: str, clip: str, ladder: str, strength: float) -> float:
    """Return the cosine distance between the mean vectors of a clip and of its damaged version."""
    with pair(clip, ladder, strength, 1) as (one, other):
        return _cosine(one.embeddings(network).mean(axis=0), other.embeddings(network).mean(axis=0))


def apart(network: str, clip: str, other: str) -> float:
    """Return the cosine distance between the mean vectors of two clips."""
    return _cosine(_mean(network, clip), _mean(network, other))


@cache
def _mean(network: str, clip: str) -> NDArray[np.float64]:
    with pair(clip, "blur", 1, 1) as (one, _):
        return np.asarray(one.embeddings(network).mean(axis=0))


def _cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return 1 - float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def difference_table(section: Section, clips: tuple[Clip, Clip]) -> str:
    """Return how much of the damage is left in each panel: root mean square over the panel, in codes."""
    lines = []
    for panel in section.panels:
        one, other = (panel.of(clip).astype(float) for clip in clips)
        rms = float(np.sqrt(np.square(one - other).mean()))
        lines.append([panel.title, number(_detail(one)), number(_detail(other)), number(rms)])
    return table(("picture", "detail, original", "detail, damaged", "difference of both, codes"), lines)


def _detail(rgb: NDArray[np.float64]) -> float:
    """Return the root mean square of the differences of neighbours, in codes."""
    return float(np.sqrt(np.square(np.diff(rgb, axis=1)).mean()))
