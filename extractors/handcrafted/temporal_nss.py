"""Natural-scene statistics in time: of frame differences, of slower bands and of space-time slices.

What changes in natural video, normalised like a picture (MSCN), follows the same family of
distributions as pictures do; compression, noise and stalls change the shape and spread of the fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo

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


@dataclass(frozen=True)
class TemporalNss(PairExtractor):
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
    least_frames: ClassVar[int] = 2
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
        from ._temporal_nss import _TemporalNssSession

        return _TemporalNssSession()
