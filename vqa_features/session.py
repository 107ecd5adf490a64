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

    The engine calls `prepare` once per frame that some window contains, `push` once per window in
    the order the windows end, `finish` and `notes` once at the end of the stream, and `close` once,
    whatever happens.
    """

    def prepare(self, frame: Views) -> Any:
        """Return what `push` receives for this frame.

        Override it where a clip is buffered, so that small arrays are kept and not frames.

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

    def push(self, window: Sequence[Any]) -> Values | None:
        """Take one window of prepared frames.

        A session may hold rows back to compute them in batches: rows are returned in the order of
        the windows, the rest by `finish`. A session of scope "video" returns None here.

        Parameters
        ----------
        window : sequence
            What `prepare` returned for each frame of the window.

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
