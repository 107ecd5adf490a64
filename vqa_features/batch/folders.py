"""Files below folders and of glob patterns, by one rule for hidden names, links and loops."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from ..errors import first_few
from ..files.names import PICTURE_SUFFIXES, VIDEO_SUFFIXES, escaped_name

#: Called with one sentence about what was left out.
Tell = Callable[[str], None]


def is_video_name(path: str) -> bool:
    """Return whether a file name has a suffix of a video or of a still picture."""
    return _suffix(path) in VIDEO_SUFFIXES | PICTURE_SUFFIXES


def without_thumbnails(paths: Sequence[str], tell: Tell) -> list[str]:
    """Return videos and pictures without the pictures that have the name of a video beside them.

    Parameters
    ----------
    paths : sequence of str
        Videos and pictures.
    tell : callable
        Told of the pictures that are left out, and of pictures among videos.
    """
    videos = {os.path.splitext(path)[0] for path in paths if _suffix(path) in VIDEO_SUFFIXES}
    thumbnails = [path for path in paths if _is_picture(path) and os.path.splitext(path)[0] in videos]
    left_out = set(thumbnails)
    kept = [path for path in paths if path not in left_out]
    if thumbnails:
        tell(
            f"{len(thumbnails)} picture(s) have the name of a video beside them and are left out as its "
            f"thumbnail: {first_few([escaped_name(path) for path in thumbnails])}; name them to have rows"
        )
    pictures = sum(map(_is_picture, kept))
    if videos and pictures:
        tell(f"{pictures} still picture(s) among {len(kept) - pictures} video(s): each is a row of one frame")
    return kept


def _is_picture(path: str) -> bool:
    return _suffix(path) in PICTURE_SUFFIXES


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def files_below(folder: str, tell: Tell) -> list[str]:
    """Return the files below a folder whose names are not hidden, sorted.

    Links to folders are followed after the real folders, and every folder is read once, so loops end.

    Parameters
    ----------
    folder : str
        A folder; it may be hidden itself.
    tell : callable
        Told of hidden videos and of folders that cannot be read.

    Returns
    -------
    list of str
        Paths that begin with `folder`.
    """
    found: list[str] = []
    hidden = 0
    seen = {os.path.realpath(folder)}
    real, linked = deque([folder]), deque[str]()
    while real or linked:
        here = real.popleft() if real else linked.popleft()
        if here != folder and os.path.realpath(here) in seen:
            continue
        seen.add(os.path.realpath(here))
        for entry in _entries(here, tell):
            is_folder = os.path.isdir(entry.path)
            if entry.name.startswith("."):
                hidden += _holds_video(entry.path) if is_folder else is_video_name(entry.name)
            elif is_folder:
                (linked if entry.is_symlink() else real).append(entry.path)
            else:
                found.append(entry.path)
    if hidden:
        tell(f"'{escaped_name(folder)}': {hidden} hidden video(s) or folder(s) of videos are left out")
    return sorted(found, key=_place)


def _holds_video(folder: str) -> bool:
    return any(map(is_video_name, files_below(folder, lambda _: None)))


def _place(path: str) -> list[str]:
    """Return the sort key of a path: folder by folder."""
    return path.split(os.sep)


def _entries(folder: str, tell: Tell) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        tell(f"'{escaped_name(folder)}' cannot be read and is left out: {error.strerror}")
        return []


def matching(pattern: str, tell: Tell) -> list[str]:
    """Return the files of a glob pattern, sorted; a folder that matches gives the files below it.

    Of several kinds of files those with a video suffix are taken. A pattern that ends in another suffix,
    such as ``*.bin``, names files of that suffix.

    Parameters
    ----------
    pattern : str
        With ``*``, ``?``, ``[...]``, and ``**`` for any number of folders.
    tell : callable
        As in `files_below`.
    """
    before, star, after = _around_stars(pattern)
    paths = glob.glob(before)
    if star:
        paths = [path for folder in paths for path in _deep(folder, after, tell)]
    suffix = os.path.splitext(pattern)[1]
    wanted = suffix if suffix and not glob.has_magic(suffix) else ""
    found: list[str] = []
    for path in paths:
        if os.path.isdir(path):
            found += filter(is_video_name, files_below(path, tell))
        elif is_video_name(path) or (wanted and path.endswith(wanted)):
            found.append(path)
    return without_thumbnails(sorted(dict.fromkeys(found), key=_place), tell)


def _around_stars(pattern: str) -> tuple[str, bool, Sequence[str]]:
    """Return the pattern before the first ``**``, whether there is one, and the parts after it."""
    parts = pattern.split("/")
    if "**" not in parts:
        return pattern, False, ()
    first = parts.index("**")
    return "/".join(parts[:first]) or ("/" if pattern.startswith("/") else "."), True, parts[first:]


def _deep(folder: str, parts: Sequence[str], tell: Tell) -> Iterator[str]:
    """Yield the files below a folder whose path below it matches the parts of a pattern."""
    if os.path.isdir(folder):
        for path in files_below(folder, tell):
            if names_match(Path(path).relative_to(folder).parts, parts):
                yield path


def names_match(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Return whether the parts of a path match those of a pattern, where ``**`` stands for any number."""
    if not parts:
        return not names
    if parts[0] == "**":
        if len(parts) == 1:
            return True
        return any(names_match(names[start:], parts[1:]) for start in range(len(names)))
    return bool(names) and fnmatchcase(names[0], parts[0]) and names_match(names[1:], parts[1:])
