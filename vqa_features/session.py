"""What an extractor keeps and computes for one video."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frame import Views

Values = NDArray[np.float64]


class Session:
    """State of one extractor for one video; the base class keeps none.

    The engine calls `prepare` once per frame that some window contains, `measure` and then `push` once per
    window, `finish` and `notes` once at the end of the stream, and `close` once, whatever happens. `push` is
    called in the order the windows end, by one thread.

    Attributes
    ----------
    concurrent : bool
        Whether `prepare` and `measure` are pure: what they return follows from their argument and from
        constants of the session alone, and they write to nothing that a call of another thread reads. Then
        the frames of a video are shared among several threads, in any order. Else both are called by one
        thread, in order.
    looks_back : int
        Scope "video": number of earlier frames that each window has before its own; they are None where the
        stream has none. Other scopes ignore it.
    """

    concurrent: bool = False
    looks_back: int = 0

    def prepare(self, frame: Views) -> Any:
        """Return what windows hold of this frame.

        Override it to do the work on single frames here, and to keep small arrays and not frames.

        Parameters
        ----------
        frame : Views
            The declared views of the frame.

        Returns
        -------
        object
            By default the frame itself.
        """
        return frame

    def measure(self, window: Sequence[Any]) -> Any:
        """Return what `push` receives for a window: override it to do the work on pairs and windows here.

        Parameters
        ----------
        window : sequence
            What `prepare` returned for each frame of the window.

        Returns
        -------
        object
            By default the window itself.
        """
        return window

    def push(self, window: Any) -> Values | None:
        """Take the next window, for the work that needs the order.

        A session may hold rows back to compute them in batches: rows are returned in the order of
        the windows, the rest by `finish`. A session of scope "video" returns None here.

        Parameters
        ----------
        window : object
            What `measure` returned: by default the window of prepared frames.

        Returns
        -------
        ndarray or None
            Rows (k, d), one row (d,), or None.
        """
        raise NotImplementedError

    def finish(self) -> Values | None:
        """Return the rows still held back, or, for scope "video", the one row of the video."""
        return None

    def notes(self) -> Sequence[str]:
        """Return what a reader of this video's columns should know; the engine asks after `finish`.

        Returns
        -------
        sequence of str
            Clauses for the warnings of the result.
        """
        return ()

    def close(self) -> None:
        """Release what the session holds (threads, files, device memory).

        The engine calls it exactly once for every opened session: after `finish`, and also where an
        extractor, the decoder or the user ends the extraction early.
        """
