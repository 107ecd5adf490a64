"""CAMBI: how visible the bands are into which few codes divide smooth areas.

Matched is libvmaf's feature ``cambi`` with its default options. It takes luma as codes of limited range on a
display of BT.1886, whatever the file says. Not offered: the comparison with a reference (``full_ref``), heat
maps, the transfer function of PQ (``eotf``), an encoding of another size or depth, and the approximation of
large pictures. libvmaf refuses pictures of which both sides are below 216 pixels; the same arithmetic gives a
number here. A frame of 1920x1080 takes about 0.03 s where much of it is smooth, and 0.005 s where little is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Views
from vqa_features.specs import Cost, Feature, VideoInfo


@dataclass(frozen=True)
class Cambi(Extractor):
    """Contrast-aware multiscale banding index of each frame (Tandon et al. 2021).

    Pictures of less than 10 bits are smoothed against dither first, so that a banded picture has another
    score when it is stored in 10 bits.
    """

    name: ClassVar[str] = "cambi"
    group: ClassVar[str] = "artefact"
    needs: ClassVar[tuple[str, ...]] = ("codes",)
    cost: ClassVar[Cost] = "cheap"
    column_facts: ClassVar[ColumnFacts] = {
        "unit": "1",
        "direction": "none",
        "resolution": "full size, and halved four times",
    }
    references: ClassVar[tuple[str, ...]] = (
        "P. Tandon, M. Afonso, J. Sole and L. Krasula, CAMBI: Contrast-aware multiscale banding index, "
        "PCS 2021",
        "libvmaf's cambi, within 1e-6",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """One column, the score."""
        return (
            Feature(
                "score",
                "visibility of banding: 0 for none, slightly annoying from about 5 on",
                "1",
                0,
                31,
                "lower is better",
                resolution="full size, and halved four times",
            ),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        return _CambiSession(info.bit_depth)


class _CambiSession(Session):
    concurrent = True

    def __init__(self, bit_depth: int) -> None:
        from ._cambi import cambi

        self._cambi = cambi
        self._bit_depth = bit_depth

    def prepare(self, frame: Views) -> Values:
        return np.array([self._cambi(frame.codes, self._bit_depth < 10)])

    def push(self, window: Sequence[Values]) -> Values:
        return window[0]
