"""Failures of videos and of extractors: classified, tried again, told in a row."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

from pebble import ProcessExpired

from ..errors import Failure, VqaError
from ..extractor import Extractor
from ..processes.worker_process import how_it_ended
from ..remote.scratch import Fetched
from ..specs import VideoInfo
from ..video_task import VideoResult, VideoTask

#: Status of a video of which some extractors failed and others have values.
INCOMPLETE = "incomplete"
_LOG = logging.getLogger(__name__)


def failure(
    task: VideoTask, failed: Failure, info: VideoInfo | None = None, fetched: Fetched | None = None
) -> VideoResult:
    """Return the result of a video that failed.

    Parameters
    ----------
    task : VideoTask
        The video.
    failed : Failure
        What happened.
    info : VideoInfo, optional
        Description of the video, where it is known.
    fetched : Fetched, optional
        What the bytes at its address are, where they have been read.
    """
    digest, mark = fetched or (None, None)
    return VideoResult(task.id, task.path, failed.status, failed.error, info=info, digest=digest, mark=mark)


@dataclass(frozen=True)
class Verdict:
    """A failure of a video's work, and whether the work is tried again at once."""

    failure: Failure
    retry: bool = False


def verdict_of(error: BaseException) -> Verdict:
    """Classify an exception raised by a video's work or by its worker.

    Parameters
    ----------
    error : BaseException
        What was raised.
    """
    if isinstance(error, ProcessExpired):
        name = how_it_ended(error.exitcode)
        return Verdict(Failure(f"crash: {name}", f"the worker process ended by {name}"), retry=True)
    if isinstance(error, BrokenProcessPool):
        text = "the worker process ended before it named its task"
        return Verdict(Failure("crash: unknown", text), retry=True)
    if isinstance(error, TimeoutError) and not isinstance(error, VqaError):
        return Verdict(Failure("timeout", "the video was not done by its deadline"))
    _LOG.debug("a video failed", exc_info=error)
    failure = Failure.of(error)
    return Verdict(failure, retry=failure.kind == "io")


def part_of(result: VideoResult, label: str) -> VideoResult:
    """Return what a store keeps of a result for one extractor.

    A failure of the extractor is the status; warnings of the other extractors are left out.

    Parameters
    ----------
    result : VideoResult
        From `run_task`.
    label : str
        The extractor.
    """
    others = tuple(f"{one}: " for one in (*result.rows, *result.failures) if one != label)
    warnings = tuple(text for text in result.warnings if not text.startswith(others))
    part = replace(result, warnings=warnings, failures={})
    failed = result.failures.get(label)
    return part if failed is None else replace(part, status=failed.status, error=failed.error)


def as_parts(result: VideoResult, labels: Sequence[str]) -> VideoResult:
    """Return a failed result as the failure of each of its extractors, so that others' values can join it.

    Parameters
    ----------
    result : VideoResult
        Returned as it is unless its status is ``failed(kind)``.
    labels : sequence of str
        Its extractors.
    """
    if not result.status.startswith("failed"):
        return result
    failed = Failure.of_status(result.status, result.error)
    return replace(result, status="ok", error="", failures=dict.fromkeys(labels, failed))


def with_failures(result: VideoResult, extractors: Sequence[Extractor]) -> VideoResult:
    """Return a result whose status and error tell of the extractors that failed.

    Parameters
    ----------
    result : VideoResult
        Its status is that of decoding.
    extractors : sequence of Extractor
        All that were asked for. If every one failed, the status is ``failed(kind)`` of the first, else
        `INCOMPLETE`.
    """
    failures = {one.label: result.failures[one.label] for one in extractors if one.label in result.failures}
    if not failures or result.status.startswith("failed"):
        return result
    distinct = set(failures.values())
    if len(failures) == len(extractors) and len(distinct) == 1:
        (only,) = distinct
        return replace(result, status=only.status, error=only.error)
    told = [f"{label}: {failure.error}" for label, failure in failures.items()]
    if result.status != "ok":
        told.insert(0, ": ".join(filter(None, (result.status, result.error))))
    complete = len(failures) == len(extractors)
    status = next(iter(failures.values())).status if complete else INCOMPLETE
    return replace(result, status=status, error="; ".join(told))


def is_failure(status: str) -> bool:
    """Whether a row's status means that a part of it is missing: ``failed(kind)`` or `INCOMPLETE`."""
    return status.startswith("failed") or status == INCOMPLETE
