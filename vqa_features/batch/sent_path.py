"""Paths of videos on their way to another machine: whole there, and as they were given in the result."""

from __future__ import annotations

import os
from dataclasses import replace

from ..errors import Failure
from ..remote.addresses import is_remote
from ..video_task import VideoResult


def whole_path(path: str) -> str:
    """Return the path that names the same file in any folder.

    Parameters
    ----------
    path : str
        A path, which may be relative to the current folder, or an address.
    """
    return path if is_remote(path) else os.path.join(os.getcwd(), path)


def as_given(result: VideoResult, path: str) -> VideoResult:
    """Return a result with the path that was given, in its messages too.

    Parameters
    ----------
    result : VideoResult
        Of the video at ``whole_path(path)``.
    path : str
        The path as it was given.
    """
    whole = whole_path(path)
    if whole == path:
        return result
    folder = whole.removesuffix(path)

    def named(text: str) -> str:
        return text.replace(folder, "").replace(repr(folder)[1:-1], "")

    return replace(
        result,
        path=path,
        error=named(result.error),
        warnings=tuple(map(named, result.warnings)),
        info=None if result.info is None else replace(result.info, path=path),
        failures={label: Failure(one.kind, named(one.error)) for label, one in result.failures.items()},
    )
