"""Files of a folder that comes from outside: they lie in it, and links lead nowhere else."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..errors import ParameterError
from .names import escaped_name

#: Name of a file that several models of the hub client's cache share.
_SHARED_BLOB = re.compile("[0-9a-f]{64}")


def inside(folder: Path, name: str) -> Path:
    """Return the real path of a model's file, which is in the folder or among the blobs of its cache.

    The hub's client keeps a model as ``models--NAME/snapshots/REVISION``, a folder of links to
    ``models--NAME/blobs``, whose files may be links to ``blobs/XX/HASH`` beside ``models--NAME``.

    Parameters
    ----------
    folder : Path
        Folder of the model.
    name : str
        Name of the file, without a folder.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If it is a link to a file elsewhere, or no regular file.
    """
    real, home = Path(os.path.realpath(folder / name)), Path(os.path.realpath(folder))
    model = home.parent.parent
    is_cached = home.parent.name == "snapshots" and model.name.startswith("models--")
    is_blob = real.parent == model / "blobs" or (
        real.parent.parent == model.parent / "blobs" and _SHARED_BLOB.fullmatch(real.name)
    )
    if real.parent != home and not (is_cached and is_blob):
        raise ParameterError(
            f"{escaped_name(folder / name)} is a link out of its folder; give the file itself"
        )
    if not real.is_file():
        raise ValueError(f"{name!r} is not there, or no regular file")
    return real
