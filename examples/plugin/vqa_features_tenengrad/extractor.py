"""The declaration and the session of ``tenengrad``; `vqa-features list` imports this module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vqa_features import ColumnFacts, Extractor, Feature, ParameterError, Session, Values, VideoInfo, Views


@dataclass(frozen=True)
class Tenengrad(Extractor):
    """Mean squared Sobel gradient of luma; one value per frame.

    Parameters
    ----------
    size : {3, 5, 7}
        Aperture of the Sobel operator, in pixels.
    """

    size: int = 3

    name: ClassVar[str] = "tenengrad"
    group: ClassVar[str] = "sharpness"
    needs: ClassVar[tuple[str, ...]] = ("luma",)
    references: ClassVar[tuple[str, ...]] = ("Krotkov, Focusing, IJCV 1(3), 1988, without its threshold",)
    column_facts: ClassVar[ColumnFacts] = {"direction": "none", "resolution": "full size"}

    def __post_init__(self) -> None:
        if self.size not in (3, 5, 7):
            raise ParameterError(f"tenengrad[size] must be 3, 5 or 7, got {self.size}")

    @property
    def features(self) -> tuple[Feature, ...]:
        """One column, the energy."""
        return (Feature("energy", "mean squared Sobel gradient of luma", "squared code values", low=0),)

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        return _TenengradSession(self.size)


class _TenengradSession(Session):
    concurrent = True  # prepare is pure: several threads may share the frames

    def __init__(self, size: int) -> None:
        from ._sobel import mean_squared_gradient  # OpenCV is imported when a video is opened

        self._energy = mean_squared_gradient
        self._size = size

    def prepare(self, frame: Views) -> Values:
        return np.array([self._energy(frame.luma, self._size)])

    def push(self, window: Sequence[Values]) -> Values:
        (energy,) = window
        return energy
