"""The rows of a run of `extract` on their way to its outputs: kept for a file, passed on to parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..batch.many_videos import ExtractionRun
from ..batch.options import Extraction
from ..batch.part_rows import PartRows, frames_layout, table_layout
from ..batch.tally import Tally
from ._config import used
from .outputs import Outputs, Written

if TYPE_CHECKING:
    import pandas as pd


class Collected:
    """Takes the rows of a run, counts them and writes them.

    Parameters
    ----------
    extraction : Extraction
        What is computed.
    outputs : Outputs
        Where the rows go.
    """

    def __init__(self, extraction: Extraction, outputs: Outputs) -> None:
        self.tally = Tally(extraction)
        self._extraction, self._outputs = extraction, outputs
        self._frames: list[pd.DataFrame] = []
        self._good: set[str] = set()
        self._run: ExtractionRun | None = None
        self._parts: PartRows | None = None
        self._frame_parts: PartRows | None = None
        self.columns = 0

    def open(self, run: ExtractionRun) -> None:
        """Get ready for the rows of a run."""
        self._run, outputs = run, self._outputs
        settings = {**run.settings, **used()}
        if outputs.table_parts is not None:
            layout = table_layout(self._extraction, run.named)
            self._parts = outputs.table_parts.open(layout, run.named, settings)
            self.columns = layout.width
        if outputs.frame_parts is not None:
            layout = frames_layout(self._extraction)
            self._frame_parts = outputs.frame_parts.open(layout, run.named, settings)

    def on_row(self, name: str, row: dict[str, Any]) -> None:
        """Take the row of a video."""
        assert self._run is not None
        self.tally.add(row)
        if self._parts is None:
            self._run.keep(name, row)
        else:
            self._parts.add(name, row)
            if self._outputs.frame_file is not None and not str(row["status"]).startswith("failed"):
                self._good.add(name)

    @property
    def on_rows(self) -> Callable[[pd.DataFrame], None] | None:
        """What takes per-frame rows; None if nobody wants them."""
        return None if self._outputs.per_frame is None else self._take_frames

    def _take_frames(self, frames: pd.DataFrame) -> None:
        if self._frame_parts is None:
            self._frames.append(frames)
        else:
            self._frame_parts.add_frames(frames)

    def write(self, complete: bool) -> Written:
        """Write what was computed, where it harms nothing, and return where it is.

        Parameters
        ----------
        complete : bool
            Whether every video has its row.
        """
        assert self._run is not None
        outputs, any_good = self._outputs, self.tally.good > 0
        if outputs.table_parts is None:
            table = self._run.table()
            self.columns = table.shape[1]
            alone = replace(outputs, per_frame=outputs.frame_file, frame_parts=None)
            written = alone.write(table, self._frames, complete)
        else:
            written = Written(*outputs.table_parts.finish(complete, any_good))
            if outputs.frame_file is not None and (self.tally.rows or complete):
                settings = {**self._run.settings, **used()}
                outputs.write_frames(self._frames, settings, complete and any_good, self._good, written.notes)
        if outputs.frame_parts is not None:
            written.notes.extend(outputs.frame_parts.finish(complete, any_good)[1])
        return written
