"""The folder of figure files and their data beside a page: its name, and what may be replaced in it."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ParameterError
from ..evaluation.metrics import METRICS
from ..files.writable import check_file, check_folder

NAMES = ("boxes", "scatter", "residuals", "cost", "curve", "cross", "significance")
"""Figure files without their endings."""
ENDINGS = (".svg", ".png")
DATA_ENDING = ".csv"
_VIEW = ("protocol", "part")
_MODEL = ("table", "family", "regressor")
_PAIR = ("table_a", "regressor_a", "table_b", "regressor_b")
_TESTED = (*_VIEW, *_PAIR, "difference", "low", "high", "p_holm", "verdict_on_a")
_SRCC = ("srcc", "srcc_low", "srcc_high")
DATA = {
    "contrasts": _TESTED,
    "boxes": (*_VIEW, *_MODEL, "split", *(one.name for one in METRICS), "srcc_low", "srcc_high", "interval"),
    "significance": _TESTED,
    "scatter": (*_VIEW, *_MODEL, "id", "mos", "predicted"),
    "residuals": (*_VIEW, *_MODEL, "id", "mos", "residual"),
    "residual_correlation": (*_VIEW, *_PAIR, "correlation", "correlation_given_mos"),
    "cost": (*_VIEW, *_MODEL, "seconds_per_video", *_SRCC, "statistic", "interval", "on_front"),
    "curve": (*_VIEW, *_MODEL, "n_train", *_SRCC),
    "cross": (*_MODEL, "train", "test", "srcc", "shift"),
}
"""Columns of the data of each figure. A file of another header was not made by this package."""
MAKER = "vqa-features"
"""Program that a figure file names as its maker."""
#: Earlier versions named matplotlib.
_MAKERS = (MAKER.encode(), b"Matplotlib v")
_SEARCHED = 4096


def figures_of(page: Path) -> Path:
    """Return the folder of the figures of a page: ``<stem>_figures`` beside it."""
    return page.with_name(f"{page.stem}_figures")


def check_figures(page: str | os.PathLike[str]) -> None:
    """Refuse to write figures where something else would be replaced; nothing is left on the disk.

    Parameters
    ----------
    page : path
        The page that they belong to.

    Raises
    ------
    ParameterError
        If the folder of the figures is a link or a file or cannot be written, or a file in it that has the
        name of a figure was not made by this package.
    """
    folder = figures_of(Path(page))
    advice = "move it away, or choose another folder"
    check_folder(folder)
    if folder.is_symlink():
        raise ParameterError(f"cannot write figures to {str(folder)!r}: it is a link; {advice}")
    for file in _files(folder):
        if not os.path.lexists(file):
            continue
        if file.is_symlink():
            raise ParameterError(f"cannot write {str(file)!r}: it is a link; {advice}")
        check_file(file)
        with open(file, "rb") as stream:
            start = stream.read(_SEARCHED)
        if start and not _is_ours(file, start):
            raise ParameterError(f"cannot replace {str(file)!r}: it was not made by vqa-features; {advice}")


def _files(folder: Path) -> list[Path]:
    """Return every file that a report may write into the folder."""
    figures = [folder / f"{name}{ending}" for name in NAMES for ending in ENDINGS]
    return [*figures, *(folder / f"{name}{DATA_ENDING}" for name in DATA)]


def _is_ours(file: Path, start: bytes) -> bool:
    """Return whether a file that begins with `start` was made by this package."""
    if file.suffix == DATA_ENDING:
        header = start.partition(b"\n")[0].strip().replace(b'"', b"")
        return header == ",".join(DATA[file.stem]).encode()
    return any(maker in start for maker in _MAKERS)
