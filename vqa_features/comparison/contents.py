"""Labels of the source contents: which are one content, and whether they can keep contents apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import first_few
from .checks import ValidityWarnings

#: Share of the videos in one content from which on splits depend on where it lies.
GIANT = 1 / 3


def content_labels(cells: Sequence[object], warnings: ValidityWarnings) -> NDArray[np.str_]:
    """Return one label per video; labels that differ in blanks and case only are the first one of them.

    Parameters
    ----------
    cells : sequence
        Label of each video, as written.
    warnings : ValidityWarnings
        Receives the labels that count as one.
    """
    first: dict[str, str] = {}
    written: dict[str, dict[str, None]] = {}
    keys = []
    for cell in cells:
        text = str(cell)
        key = " ".join(unicodedata.normalize("NFC", text).casefold().split())
        first.setdefault(key, text.strip())
        written.setdefault(key, {}).setdefault(text)
        keys.append(key)
    several = [" = ".join(map(repr, texts)) for texts in written.values() if len(texts) > 1]
    if several:
        warnings.add(
            f"{len(several)} group(s) are written in several ways and count as one: {first_few(several)}"
        )
    return np.array([first[key] for key in keys], dtype=np.str_)


def check_contents(groups: NDArray[np.generic] | None, warnings: ValidityWarnings) -> None:
    """Warn of a group that holds much of the videos, and of groups of one video each."""
    if groups is None:
        return
    names, counts = np.unique(groups, return_counts=True)
    largest = int(counts.argmax())
    if counts[largest] > GIANT * len(groups):
        warnings.add(
            f"the largest of {len(names)} group(s), {str(names[largest])!r}, holds {counts[largest]} of "
            f"{len(groups)} videos: scores depend on the part it lies in, and test parts differ in size"
        )
    if len(names) == len(groups):
        warnings.add("every video is a group of its own: the groups keep nothing apart")
