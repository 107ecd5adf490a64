"""The bundled clips and degraded versions of them in a folder, with labels, to try the commands on."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ParameterError, first_few
from ..files.atomic import write_text
from ..files.writable import check_folder
from .degrade import VERSIONS
from .proxy import PROXY
from .run import make_videos

if TYPE_CHECKING:
    import pandas as pd

LABELS = "labels.csv"
#: A strong encoding and a loss of detail.
_CHOSEN = ("h264-hard", "blurred")
_COLUMNS = ("id", "path", "scene", "version", PROXY)


def write_clips(folder: str | os.PathLike[str], *, jobs: int = 1, quiet: bool = False) -> pd.DataFrame:
    """Write eight short clips, two degraded versions of each, and their labels; return the labels.

    Parameters
    ----------
    folder : path
        Made if it does not exist. It receives 24 clips and ``labels.csv``; those of an earlier call are
        replaced.
    jobs : int
        Worker processes.
    quiet : bool
        Report no progress.

    Returns
    -------
    pandas.DataFrame
        Columns ``id``, ``path`` (the file's name), ``scene``, ``version`` and ``proxy_ssim``: the luma SSIM
        to the undistorted scene, in [0, 1]. It is a full-reference proxy and no opinion of a person.

    Raises
    ------
    ParameterError
        If the folder holds other files, or cannot be written.
    """
    import pandas as pd

    out = Path(folder)
    check_folder(out)
    names = _names()
    _check_free(out, {*names, *names.values(), LABELS})
    out.mkdir(parents=True, exist_ok=True)
    scores = make_videos(out, [one for one in VERSIONS if one.name in _CHOSEN], jobs, quiet)
    rows = []
    for made, score in zip((f"{name}.mkv" for name in scores.index), scores, strict=True):
        if (out / made).name != names[made]:
            os.replace(out / made, out / names[made])
        scene, _, version = made.removesuffix(".mkv").partition("__")
        rows.append((Path(names[made]).stem, names[made], scene, version, score))
    labels = pd.DataFrame(rows, columns=list(_COLUMNS))
    write_text(out / LABELS, labels.to_csv(index=False))
    return labels


def _names() -> dict[str, str]:
    """Return the name of every clip by the name under which it is made."""
    clips = (files("vqa_features.resources") / "demo").iterdir()
    scenes = [Path(one.name).stem for one in clips if one.name.endswith(".mp4")]
    found = {}
    for scene in scenes:
        found[f"{scene}__source.mkv"] = f"{scene}.mp4"
        found |= {f"{scene}__{version}.mkv": f"{scene}_{version}.mkv" for version in _CHOSEN}
    return found


def _check_free(folder: Path, ours: set[str]) -> None:
    """Refuse a folder that holds files of others."""
    here = os.listdir(folder) if folder.is_dir() else []
    others = sorted(set(here) - ours)
    if not others and LABELS in here:
        with open(folder / LABELS, encoding="utf-8", errors="replace") as stream:
            others = [LABELS] * (stream.readline(1000).strip() != ",".join(_COLUMNS))
    if others:
        raise ParameterError(
            f"{os.fspath(folder)!r} holds other files ({first_few(others, 3)}): name a new or empty folder"
        )
