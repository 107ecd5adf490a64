"""Proof that an extractor can work, on a small made-up video, before the first video of a run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import islice

import numpy as np

from ..errors import Failure, ParameterError, VqaError, WeightsMissing
from ..extractor import Extractor
from ..extras import ExtraMissing, how_to_install
from ..frame import Views
from ..specs import RawFormat, Scope
from ..video import Video
from .engine import feed_each
from .feed import Feed
from .source_stream import windows_of

#: Frames after which every kernel of a scope has run: TLVQM's and V-BLIINDS' margins, bands of 8 frames.
_FRAMES: dict[Scope, int] = {"frame": 1, "pair": 9, "video": 12, "clip": 1}
_LENGTH, _FPS = 32, 25.0
#: Two of NIQE's blocks for kernels, and an ordinary picture for networks.
_SMALL, _ORDINARY = (224, 128), (640, 360)
#: Kernels are compiled for 8-bit planes, and for deeper ones.
_PIXEL_FORMATS = {"yuv420p": np.uint8, "yuv420p10le": np.uint16}
#: Failures of a kernel that do not come from the made-up pictures.
_OUTSIDE = ("memory", "io", "ImportError", "ModuleNotFoundError")


class _NotMade(Exception):
    """The made-up video cannot be written: a limit on file sizes holds for files in memory too."""


def prove(extractor: Extractor, *, with_kernels: bool = True) -> float:
    """Open the extractor and run a clip of it, or its kernels, so that files are read and code is compiled.

    Parameters
    ----------
    extractor : Extractor
        The method with its parameters.
    with_kernels : bool
        Run an extractor of another scope than "clip" as well; else it is only opened.

    Returns
    -------
    float
        Seconds for each unit of `Extractor.clip_work`, 0 for scopes without clips. Nothing is proven, and 0
        returned, where a limit on file sizes forbids the made-up video.

    Raises
    ------
    WeightsMissing, ExtraMissing, ParameterError
        If it cannot work for any video, in one sentence that names it.
    """
    return prove_all([extractor], with_kernels=with_kernels).get(extractor.label, 0.0)


def prove_all(extractors: Sequence[Extractor], *, with_kernels: bool = True) -> dict[str, float]:
    """Prove every extractor; return what `prove` measured, by label of those of scope "clip".

    The kernels of all extractors run in one pass over the made-up video.

    Parameters
    ----------
    extractors : sequence of Extractor
        Of one run.
    with_kernels : bool
        As in `prove`.

    Raises
    ------
    WeightsMissing, ExtraMissing, ParameterError
        As in `prove`.
    """
    seconds = {}
    others = [one for one in extractors if one.scope != "clip"]
    with suppress(_NotMade):
        for one in extractors:
            if one.scope == "clip":
                with _refusal_of(one):
                    seconds[one.label] = _run_clip(one)
        if others and with_kernels:
            _run_kernels(others)
        elif others:
            with _made_up("yuv420p", _SMALL) as video:
                _open_each(others, video)
    return {label: clip_s for label, clip_s in seconds.items() if clip_s}


def _open_each(extractors: Sequence[Extractor], video: Video) -> None:
    """Open and close every extractor."""
    for one in extractors:
        with _refusal_of(one), closing(one.open(video.info)):
            pass


def _run_clip(extractor: Extractor) -> float:
    """Run the first clip of a made-up video and return the seconds for each unit of its work."""
    with _made_up("yuv420p", _ORDINARY) as video, closing(extractor.open(video.info)) as session:
        assert video.info.frames is not None
        Feed(extractor, video.info, session)  # checks the numbers of the windows
        windows = windows_of(extractor, video.info)
        frame = next(iter(video))
        start = time.perf_counter()
        prepared = session.prepare(Views(frame, extractor.needs))
        session.push(session.measure([prepared] * windows.shape[1]))
        session.finish()
        return (time.perf_counter() - start) / extractor.clip_work(video.info)


def _run_kernels(extractors: Sequence[Extractor]) -> None:
    """Open every extractor, and run its kernels for both types of planes.

    What kernels raise about the made-up pictures is no refusal.
    """
    for pix_fmt in _PIXEL_FORMATS:
        for number in sorted({_FRAMES[one.scope] for one in extractors}):
            together = [one for one in extractors if _FRAMES[one.scope] == number]
            with _made_up(pix_fmt, _SMALL) as video:
                if pix_fmt == "yuv420p":
                    _open_each(together, video)
                failures = feed_each(islice(video, number), video.info, together).failures
            for label, failure in failures.items():
                if failure.kind in _OUTSIDE:
                    raise ParameterError(f"{label} cannot be used: {failure.error}")


@contextmanager
def _made_up(pix_fmt: str, size: tuple[int, int]) -> Iterator[Video]:
    """Open a headerless video of noise that lies in memory."""
    width, height = size
    kind = _PIXEL_FORMATS[pix_fmt]
    samples = np.random.default_rng(0).integers(16, 236, (_LENGTH, width * height * 3 // 2), np.uint8)
    descriptor = os.memfd_create("vqa-features")
    try:
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write((samples.astype(kind) << (2 * (kind is np.uint16))).astype(kind).tobytes())
        except OSError as error:
            raise _NotMade from error
        with Video(f"/proc/self/fd/{descriptor}", raw=RawFormat(width, height, pix_fmt, _FPS)) as video:
            yield video
    finally:
        os.close(descriptor)


@contextmanager
def _refusal_of(extractor: Extractor) -> Iterator[None]:
    """Raise what is raised inside as the error of an extractor that cannot be used."""
    try:
        yield
    except _NotMade:
        raise
    except Exception as error:  # the edge of one extractor: told with its label
        raise _refusal(extractor, error) from error


def _refusal(extractor: Extractor, error: Exception) -> VqaError:
    """Return the error that says in one sentence why an extractor cannot be used."""
    label = extractor.label
    if isinstance(error, ImportError) and error.name and not isinstance(error, VqaError):
        return ExtraMissing(f"{label} needs {error.name}: {how_to_install(error.name)} ({error})")
    if isinstance(error, VqaError):
        text = str(error) if extractor.name in str(error) else f"{label}: {error}"
        return WeightsMissing(text) if isinstance(error, WeightsMissing) else ParameterError(text)
    return ParameterError(f"{label} cannot be used: {Failure.of(error).error}")
