"""The folder of figure files beside a page: its name, and what may be replaced in it."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ParameterError
from ..files.writable import check_file, check_folder

NAMES = ("boxes", "scatter", "residuals", "cost", "curve", "cross", "significance")
"""Figure files without their endings."""
ENDINGS = (".svg", ".png")
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
    for name in (name + ending for name in NAMES for ending in ENDINGS):
        file = folder / name
        if not os.path.lexists(file):
            continue
        if file.is_symlink():
            raise ParameterError(f"cannot write {str(file)!r}: it is a link; {advice}")
        check_file(file)
        with open(file, "rb") as stream:
            start = stream.read(_SEARCHED)
        if start and not any(maker in start for maker in _MAKERS):
            raise ParameterError(f"cannot replace {str(file)!r}: it was not made by vqa-features; {advice}")
