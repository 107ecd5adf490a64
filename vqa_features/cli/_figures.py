"""Figures that a command writes: the name is checked first, the file appears whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import ParameterError
from ..extras import require
from ..files.atomic import atomic_path

if TYPE_CHECKING:
    from ..plots.display import Display

#: Kinds of figures by their suffix, and the resolution of pictures.
SUFFIXES, DPI = (".png", ".svg", ".pdf"), 150


def check_figure(path: str | os.PathLike[str]) -> None:
    """Raise ParameterError if the name of a figure has another suffix, ExtraMissing without matplotlib."""
    if os.path.splitext(os.fspath(path))[1].lower() not in SUFFIXES:
        raise ParameterError(
            f"cannot write {os.fspath(path)!r}: the name of a figure must end in {', '.join(SUFFIXES)}"
        )
    require("a figure", ("matplotlib",))


def write_figure(display: Display, path: str | os.PathLike[str]) -> None:
    """Draw a display and write it, without the date and the program in the file.

    Parameters
    ----------
    display : Display
        Not drawn yet.
    path : path
        File ending in .png, .svg or .pdf.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    kind = os.path.splitext(os.fspath(path))[1].lower().removeprefix(".")
    undated = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    with matplotlib.rc_context({"svg.fonttype": "none", "pdf.fonttype": 42}):
        figure = display.plot().figure_
        assert figure is not None
        try:
            with atomic_path(os.path.realpath(path)) as part:
                figure.savefig(part, format=kind, dpi=DPI, metadata=undated)
        finally:
            plt.close(figure)
