"""GM-LOG's features of each frame: the view `gm_log`."""

from __future__ import annotations

from collections.abc import Sequence

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views


class _GmLogSession(Session):
    """The 40 features of each frame; keeps nothing between frames."""

    concurrent = True

    def prepare(self, frame: Views) -> Values:
        return frame.gm_log

    def push(self, window: Sequence[Values]) -> Values:
        return window[0]
