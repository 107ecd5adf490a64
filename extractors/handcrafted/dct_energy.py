"""Energy of texture in blocks of the DCT, as VCA defines it, and the share of detail in high bands.

Matched is VCA 2.0 with ``--no-lowpass``: blocks of 32 x 32, the integer DCT of H.265, its table of weights,
and products rounded down. Not matched are the rounding of `E` and `L` to whole numbers, and the padding of
8-bit pictures whose sides are no multiple of 32: VCA repeats the pixel after the last one of a line, and
here the last one is repeated. VCA's default halves each block before the DCT, which gives other values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo

ONE = "the sampled frame"
BANDS = "share of the energy of detail in blocks of 32 x 32 at"


@dataclass(frozen=True)
class DctEnergy(PairExtractor):
    """VCA's texture energy, its change and its brightness, and how much detail is fine.

    `h` is nan for the first frame, and both shares for a flat picture.
    """

    name: ClassVar[str] = "dct-energy"
    group: ClassVar[str] = "sharpness"
    cost: ClassVar[Cost] = "cheap"
    separable: ClassVar[bool] = True
    column_facts: ClassVar[ColumnFacts] = {"direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "V. V. Menon, C. Feldmann, H. Amirpour, M. Ghanbari and C. Timmerer, VCA: video complexity analyzer, "
        "ACM MMSys 2022",
        "ITU-T H.265, 8.6.4.2: transform matrix",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """E, h and L, then two shares of bands."""
        return (
            Feature(
                "E",
                "weighted absolute DCT coefficients of a block / 90, mean of the blocks",
                "1",
                0,
                frame=ONE,
            ),
            Feature("h", "absolute change of a block's sum since the last frame / 18, mean of them", "1", 0),
            Feature(
                "L",
                "square root of 128 times the mean luma of a block, mean of the blocks",
                "1",
                0,
                181,
                frame=ONE,
            ),
            Feature(
                "middle_share",
                f"{BANDS} more than 1/4, up to 1/2 of the highest frequency",
                "1",
                0,
                1,
                frame=ONE,
                source="own definition",
            ),
            Feature(
                "high_share",
                f"{BANDS} more than 1/2 of the highest frequency",
                "1",
                0,
                1,
                frame=ONE,
                source="own definition",
            ),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between pairs."""
        from ._dct_energy import DctEnergySession

        return DctEnergySession()
