"""Natural-scene statistics in time: of frame differences, of slower bands and of space-time slices.

What changes in natural video, normalised like a picture (MSCN), follows the same family of
distributions as pictures do; compression, noise and stalls change the shape and spread of the fit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features import kernels
from vqa_features.extractor import Extractor, Session
from vqa_features.frame import Views
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

from ._brisque_niqe import field_features

#: Suffix of each group of 18 columns, and what it is measured on.
FIELDS = {
    "s1": "the difference of two frames",
    "s2": "the difference of two frames, halved",
    "haar4": "the halved 4-frame Haar band",
    "haar8": "the halved 8-frame Haar band",
    "xt": "horizontal space-time slices",
    "yt": "vertical space-time slices",
}
#: Frames of the longest band, of a slice, and of the shortest slice at the end of a video.
LONGEST = 8
SLICE = 32
SHORTEST_SLICE = 8


@dataclass(frozen=True)
class TemporalNss(Extractor):
    """BRISQUE's 18 statistics of six fields that show what changes from frame to frame.

    s1, s2: the difference from the last frame, at full and half size; nan for the first frame.
    haar4, haar8: sum of the newer minus sum of the older half of 4 and of 8 halved frames, divided
    by the square root of half their number, so that white noise has the same spread in each band; nan
    until there are as many frames. xt, yt: the three rows (columns) at a quarter, a half and three
    quarters of the frame over 32 frames, one answer per 32 frames (and one for the rest, if it is 8
    frames or more), at the last of them, and nan in between. Equal frames have variance 0 and no
    fit (nan).
    """

    name: ClassVar[str] = "temporal-nss"
    group: ClassVar[str] = "temporal"
    version: ClassVar[int] = 2
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "pair"
    references: ClassVar[tuple[str, ...]] = (
        "M. A. Saad, A. C. Bovik and C. Charrier, Blind prediction of natural video quality, IEEE TIP 23(3), "
        "2014 (natural statistics of frame differences)",
        "Z. Tu et al., RAPIQUE, IEEE OJSP 2, 2021 (statistics of temporal Haar bands)",
        "A. Mittal, A. K. Moorthy and A. C. Bovik, No-reference image quality assessment in the spatial "
        "domain, IEEE TIP 21(12), 2012 (the statistics)",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """18 columns for each of the six fields."""
        return tuple(
            feature
            for suffix, what in FIELDS.items()
            for feature in field_features(
                suffix, Feature("mscn_var", f"variance of the MSCN coefficients of {what}", low=0), "var"
            )
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps 8 halved frames, and the rows and 6 lines of up to 32."""
        return _TemporalNss()


class _TemporalNss(Session):
    def __init__(self) -> None:
        self._halved: deque[NDArray[np.float32]] = deque(maxlen=LONGEST)
        self._rows: list[NDArray[np.float32]] = []
        self._columns: list[NDArray[np.float32]] = []
        self._held: list[NDArray[np.float64]] = []

    def prepare(self, frame: Views) -> NDArray[Any]:
        return frame.luma

    def push(self, window: Sequence[Any]) -> NDArray[np.float64] | None:
        previous, current = window
        natural_scene = kernels.brisque_niqe
        values = np.full((len(FIELDS), 18), np.nan)
        if previous is not None:
            difference = np.subtract(current, previous, dtype=np.float32)
            values[:2] = natural_scene.brisque_features(difference).reshape(2, 18)
        self._halved.append(kernels.resize.halve(current))
        for i, span in ((2, 4), (3, 8)):
            if len(self._halved) >= span:
                values[i] = natural_scene.brisque_statistics(self._haar(span)[None])
        self._keep_lines(current)
        self._held.append(values)
        return self._slice() if len(self._rows) == SLICE else None

    def finish(self) -> NDArray[np.float64] | None:
        return self._slice() if self._held else None

    def _slice(self) -> NDArray[np.float64]:
        """Give the held rows, the last of them with the statistics of the slices of all."""
        if len(self._rows) >= SHORTEST_SLICE:
            for i, lines in ((4, self._rows), (5, self._columns)):
                self._held[-1][i] = kernels.brisque_niqe.brisque_statistics(np.stack(lines, axis=1))
        rows = np.array(self._held).reshape(len(self._held), -1)
        for kept in (self._held, self._rows, self._columns):
            kept.clear()
        return rows

    def _haar(self, span: int) -> NDArray[np.float32]:
        frames = list(self._halved)[-span:]
        band = np.zeros_like(frames[0])
        for older, newer in zip(frames[: span // 2], frames[span // 2 :], strict=True):
            band += newer
            band -= older
        return band * np.float32((span / 2) ** -0.5)

    def _keep_lines(self, plane: NDArray[Any]) -> None:
        height, width = plane.shape
        quarters = np.array([1, 2, 3])
        self._rows.append(plane[quarters * height // 4].astype(np.float32))
        self._columns.append(plane[:, quarters * width // 4].T.astype(np.float32))
