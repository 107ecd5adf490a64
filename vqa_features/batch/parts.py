"""A video whose extractors ended their worker together: each gets a worker's life of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..errors import Failure
from ..video_task import VideoResult, VideoTask


class Parts:
    """The work of one task, one extractor at a time, and the results so far.

    Parameters
    ----------
    task : VideoTask
        With two extractors or more.
    """

    def __init__(self, task: VideoTask) -> None:
        self._task = task
        self._results: list[VideoResult] = []

    def tasks(self) -> Iterator[VideoTask]:
        """Yield the task of each extractor."""
        for extractor in self._task.extractors:
            yield replace(self._task, extractors=(extractor,))

    def name(self, task: VideoTask) -> str:
        """Return what part of the work a task is."""
        return ", ".join(one.label for one in task.extractors)

    def add(self, task: VideoTask, result: VideoResult) -> VideoResult | None:
        """Take the result of a part; return the whole result once it is complete.

        Parameters
        ----------
        task : VideoTask
            One of `tasks`.
        result : VideoResult
            Its result.

        Returns
        -------
        VideoResult or None
            Failed only if every part has failed; else with the `failures` of those that have.
        """
        if result.status.startswith("failed"):
            failed = Failure.of_status(result.status, result.error)
            result = replace(result, failures={extractor.label: failed for extractor in task.extractors})
        self._results.append(result)
        if len(self._results) < len(self._task.extractors):
            return None
        whole = next((one for one in self._results if not one.status.startswith("failed")), result)
        return replace(
            whole,
            warnings=tuple(dict.fromkeys(text for one in self._results for text in one.warnings)),
            rows={label: rows for one in self._results for label, rows in one.rows.items()},
            seconds={name: value for one in self._results for name, value in one.seconds.items()},
            failures={label: failed for one in self._results for label, failed in one.failures.items()},
        )


@dataclass(frozen=True)
class Part:
    """A part of a video's work on a machine that does not join it with the others.

    Parameters
    ----------
    text : str
        What part it is.
    """

    text: str

    def name(self, task: VideoTask) -> str:
        """Return what part of the work the task is."""
        return self.text

    def add(self, task: VideoTask, result: VideoResult) -> VideoResult:
        """Return the result of the part."""
        return result
