"""Natural-scene statistics in time: of frame differences, of slower bands and of space-time slices.

What changes in natural video, normalised like a picture (MSCN), follows the same family of
distributions as pictures do; compression, noise and stalls change the shape and spread of the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo

from ._cut_mask import CUTS, notes_on_cuts
from ._nss_columns import field_features

#: Suffix of each group of 18 columns, and what it is measured on.
FIELDS = {
    "s1": "the difference of two frames",
    "s2": "the difference of two frames, halved",
    "haar4": "the halved 4-frame Haar band",
    "haar8": "the halved 8-frame Haar band",
    "xt": "horizontal space-time slices",
    "yt": "vertical space-time slices",
}
HALVED = ("s2", "haar4", "haar8")
#: Frames before the sampled one that a row is made of.
FRAMES = {"s1": 1, "s2": 1, "haar4": 3, "haar8": 7, "xt": 31, "yt": 31}


@dataclass(frozen=True)
class TemporalNss(PairExtractor):
    """BRISQUE's 18 statistics of six fields that show what changes from frame to frame.

    s1, s2: the difference from the frame before, at full and half size. haar4, haar8: sum of the newer minus
    sum of the older half of 4 and of 8 halved frames that end with the row's, divided by the square root of
    half their number, so that white noise has the same spread in each band. xt, yt: the rows (columns) at a
    quarter, a half and three quarters of the picture over the 32 frames that end with the row's, under the
    replicated border, because a border of zeros would enter 6 of 32 rows. Slices do not overlap: a row has
    one if no other row had one in the 31 frames before it. What is left at the end of a video is no slice,
    so that a slice means the same whatever the length. A field whose frames are not all there, or do not
    belong to one shot (docs/cuts.md), is nan; equal frames have variance 0 and no fit (nan).
    """

    name: ClassVar[str] = "temporal-nss"
    group: ClassVar[str] = "temporal"
    version: ClassVar[int] = 3
    cost: ClassVar[Cost] = "cheap"
    before: ClassVar[int] = 37
    after: ClassVar[int] = 6
    needs: ClassVar[tuple[str, ...]] = ("luma", "thumbnail")
    least_frames: ClassVar[int] = 2
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "M. A. Saad, A. C. Bovik and C. Charrier, Blind prediction of natural video quality, IEEE TIP 23(3), "
        "2014 (natural statistics of frame differences)",
        "Z. Tu et al., RAPIQUE, IEEE OJSP 2, 2021 (statistics of temporal Haar bands)",
        "A. Mittal, A. K. Moorthy and A. C. Bovik, No-reference image quality assessment in the spatial "
        "domain, IEEE TIP 21(12), 2012 (the statistics)",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """18 columns for each of the six fields, and `cuts`."""
        fields = []
        for suffix, what in FIELDS.items():
            own = Feature("mscn_var", f"variance of the MSCN coefficients of {what}", low=0)
            size = "half size" if suffix in HALVED else ""
            found = field_features(suffix, own, "var", size)
            fields += [
                replace(one, frame=f"the sampled frame, with {FRAMES[suffix]} before it") for one in found
            ]
        return (*fields, CUTS)

    def notes(self, values: NDArray[np.float64]) -> Sequence[str]:
        """Say how many pairs lie across a cut."""
        return notes_on_cuts(values[:, -1], "values, nor do bands and slices that have such a pair")

    def open(self, info: VideoInfo) -> Session:
        """Return a session; windows keep 6 lines of 44 frames, and 14 pictures of densely sampled ones."""
        from ._temporal_nss import TemporalNssSession

        return TemporalNssSession(sampled=self.pairs == "sampled")

    def reason(self, info: VideoInfo, n_frames: int, missing: Sequence[str]) -> str:
        """Return that bands and slices need more frames, where that is why."""
        lacking = {name.rpartition("_")[2] for name in missing}
        if self.least_frames <= n_frames < 32 and lacking <= {"haar4", "haar8", "xt", "yt"}:
            return f"bands need 4 and 8 frames in a row, space-time slices 32, and {n_frames} were read"
        return super().reason(info, n_frames, missing)
