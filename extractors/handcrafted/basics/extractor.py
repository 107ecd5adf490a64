"""Simple measures: light, detail, noise, artefacts, and the change between frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo

from .._cut_mask import notes_on_cuts

CODES = "8-bit codes"
CRETE = "F. Crete et al., The blur effect, SPIE 6492, 2007"
IMMERKAER = "J. Immerkaer, Fast noise variance estimation, CVIU 64(2), 1996"
DONOHO = "D. L. Donoho and I. M. Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 81(3)"
PAIR = "the sampled frame, with the one before it"
PICTURE = (
    Feature("brightness", "mean luma", CODES, 0, 255),
    Feature("contrast", "standard deviation of luma", CODES, 0, 127.5),
    Feature("entropy", "entropy of the luma histogram", "bits", 0, 8),
    Feature("saturation", "mean of the largest less the smallest of R, G, B", CODES, 0, 255),
    Feature("dark_share", "share of pixels within 2 % of black, as the range declares it", "1", 0, 1),
    Feature("bright_share", "share of pixels within 2 % of white, as the range declares it", "1", 0, 1),
    Feature("letterbox", "share of rows in black bars at top and bottom, nan for a black picture", "1", 0, 1),
    Feature("pillarbox", "share of columns in black bars at the sides, nan for a black picture", "1", 0, 1),
    Feature("laplacian_var", "variance of the Laplacian", "squared 8-bit codes", 0),
    Feature("blur", "how little a further blur changes the picture", low=0, high=1, source=CRETE),
    Feature("noise_immerkaer", "noise by Immerkaer's mask", CODES, low=0, source=IMMERKAER),
    Feature("noise_wavelet", "noise by the median diagonal wavelet coefficient", CODES, low=0, source=DONOHO),
    Feature(
        "blockiness",
        "mean step across the lines of the grid that stands out, over the mean step elsewhere, each more 1 "
        "code; 1 where no grid stands out",
        "1",
        1,
        direction="lower is better",
    ),
    Feature(
        "block_size", "distance of the lines of that grid, missing where none stands out", "pixels", 3, 34
    ),
    Feature("block_phase_x", "columns before its first line, missing likewise", "pixels", 0, 34),
    Feature("block_phase_y", "rows before its first line, missing likewise", "pixels", 0, 34),
    Feature(
        "step_density",
        "share of pixels at a small step between two flat runs; wide bands have fewer steps, and noise hides "
        "them: for visible banding see cambi",
        "1",
        0,
        1,
        "lower is better",
    ),
)
CHANGE = (
    Feature(
        "change", "mean absolute difference from the last frame, none across a cut", CODES, 0, 255, frame=PAIR
    ),
    Feature("duplicate", "1 where the frame equals the last one", low=0, high=1, frame=PAIR),
    Feature("frozen", "1 where the mean absolute difference is below 0.1 code", low=0, high=1, frame=PAIR),
    Feature("cut", "1 where the frame begins a shot, found by structure; a flash is none", low=0, high=1),
    Feature(
        "flicker",
        "distance of the brightness of the frame before from the mean of its two neighbours",
        CODES,
        0,
        frame="the frame before the sampled one, with its two neighbours in the source",
    ),
    Feature(
        "jerk",
        "distance of the change to the frame before from the mean of the changes before and after it",
        CODES,
        0,
        frame="the frame before the sampled one, with two before and one after it in the source",
    ),
)


@dataclass(frozen=True)
class Basics(PairExtractor):
    """17 measures of each frame and 6 of the change between frames.

    The measures of change are nan for the first frame; `flicker` needs three frames and `jerk` four. Across a
    cut (docs/cuts.md) there is no `change`, and no `flicker` and `jerk` that includes the pair. Measures that
    need more pixels than the frame has are nan, and so are `blur` of a flat picture and the bars of a black
    one.

    A grid of blocks is looked for at distances of 3.5 to 33 pixels, whole or not, at any place, and with the
    same distance in both directions. It is found where the steps across its lines stand out from those at
    every other place by 5 standard errors in each direction, are more even than elsewhere, and 4 % larger or
    much more even. Regular patterns with equal distances in both directions, such as a checkerboard, are such
    grids. Interpolation to 4/3 or 5/4 of the size, and repeated pixels, leave one in some clean pictures.
    Noise of 2 codes hides all but strong grids, as the deblocking of newer codecs does.
    """

    name: ClassVar[str] = "basics"
    group: ClassVar[str] = "artefact"
    version: ClassVar[int] = 2
    cost: ClassVar[Cost] = "medium"
    separable: ClassVar[bool] = True
    before: ClassVar[int] = 9
    after: ClassVar[int] = 6
    needs: ClassVar[tuple[str, ...]] = ("codes", "rgb", "thumbnail")
    references: ClassVar[tuple[str, ...]] = (CRETE, IMMERKAER, DONOHO)
    column_facts: ClassVar[ColumnFacts] = {
        "unit": "1",
        "direction": "none",
        "resolution": "full size",
        "source": "own definition",
    }

    sparse: ClassVar[tuple[str, ...]] = ("block_size", "block_phase_x", "block_phase_y")

    @property
    def features(self) -> tuple[Feature, ...]:
        """17 measures of the picture, then 6 of its change."""
        return (*(replace(one, frame="the sampled frame") for one in PICTURE), *CHANGE)

    def reason(self, info: VideoInfo, n_frames: int, missing: Sequence[str]) -> str:
        """Say that no grid was found, where nothing else is missing."""
        if set(missing) <= set(self.sparse):
            return "no grid of blocks stands out in any frame"
        return super().reason(info, n_frames, missing)

    def notes(self, values: NDArray[np.float64]) -> Sequence[str]:
        """Say how many pairs lie across a cut."""
        return notes_on_cuts(values[:, self.feature_names.index("cut")], "change, flicker and jerk")

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between windows."""
        from ._session import BasicsSession

        return BasicsSession(info)
