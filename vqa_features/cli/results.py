"""Folders of results that `compare` and `cross` write: checked before the work, written without loss."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ParameterError
from ..files.writable import check_folder_of, write_somewhere
from ..progress import say
from ..tables.csv_style import CsvStyle
from .failures import NOT_AS_ASKED
from .signals import undisturbed


@dataclass(frozen=True)
class ResultStyle:
    """How the results of a command are written and printed.

    Parameters
    ----------
    as_json : bool
        Print JSON.
    csv : CsvStyle
        How CSV files are written.
    quiet : bool
        Print nothing but the results.
    prints : bool
        Print them at all; False where they are a part of others.
    """

    as_json: bool
    csv: CsvStyle
    quiet: bool
    prints: bool = True


def check_results(folder: str, files: Sequence[str], inputs: Iterable[str], quiet: bool) -> None:
    """Refuse a folder that cannot hold the results, and say what will be replaced in it.

    Parameters
    ----------
    folder : str
        Folder of the results.
    files : sequence of str
        Names of the files that will be written.
    inputs : iterable of str
        Files that are read.
    quiet : bool
        Say nothing.

    Raises
    ------
    ParameterError
        If a file cannot be written or is an input.
    """
    check_folder_of(folder, files, inputs)
    if any(os.path.exists(os.path.join(folder, name)) for name in files):
        say(f"note: the results in {folder} are replaced when the new ones are complete", quiet)


def write_results(write: Callable[[Path], object], folder: str) -> tuple[Path, int]:
    """Write results into `folder`, or into another folder if that cannot be written any more.

    Parameters
    ----------
    write : callable
        Writes every file into the folder it is given.
    folder : str
        The folder asked for.

    Returns
    -------
    Path
        Where the results are.
    int
        Exit code of the command.
    """
    with undisturbed():
        place, problem = write_somewhere(write, Path(folder), failures=(OSError, ParameterError))
    if problem is None:
        return place, 0
    say(f"warning: {folder} could not be written ({problem}): the results are in {place}")
    return place, NOT_AS_ASKED
