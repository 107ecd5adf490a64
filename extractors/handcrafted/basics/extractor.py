"""Simple measures: light, detail, noise, artefacts, and the change between frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo

CODES = "8-bit codes"
PICTURE = (
    Feature("brightness", "mean luma", CODES, 0, 255),
    Feature("contrast", "standard deviation of luma", CODES, 0, 127.5),
    Feature("entropy", "entropy of the luma histogram", "bits", 0, 8),
    Feature("saturation", "mean of the largest less the smallest of R, G, B", CODES, 0, 255),
    Feature("dark_share", "share of pixels within 2 % of black, as the range declares it", "1", 0, 1),
    Feature("bright_share", "share of pixels within 2 % of white, as the range declares it", "1", 0, 1),
    Feature("letterbox", "share of rows in black bars at top and bottom, nan for a black picture", "1", 0, 1),
    Feature("pillarbox", "share of columns in black bars at the sides, nan for a black picture", "1", 0, 1),
    Feature("laplacian_var", "variance of the Laplacian", low=0),
    Feature("blur", "how little a further blur changes the picture", low=0, high=1),
    Feature("noise_immerkaer", "noise by Immerkaer's mask", CODES, low=0),
    Feature("noise_wavelet", "noise by the median diagonal wavelet coefficient", CODES, low=0),
    Feature("blockiness", "steps across 8 x 8 borders over steps elsewhere, 1 for none", low=0),
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
    Feature("change", "mean absolute difference from the last frame, none across a cut", CODES, 0, 255),
    Feature("duplicate", "1 where the frame equals the last one", low=0, high=1),
    Feature("frozen", "1 where the mean absolute difference is below 0.1 code", low=0, high=1),
    Feature("cut", "1 where the frame begins a shot, found by structure; a flash is none", low=0, high=1),
    Feature("flicker", "distance of the last brightness from the mean of its two neighbours", CODES, low=0),
    Feature("jerk", "distance of the last change from the mean of its two neighbours", CODES, low=0),
)


@dataclass(frozen=True)
class Basics(PairExtractor):
    """14 measures of each frame and 6 of the change between frames.

    The measures of change are nan for the first frame; `flicker` needs three frames and `jerk` four. Across a
    cut (docs/cuts.md) there is no `change`, and no `flicker` and `jerk` that includes the pair. Measures that
    need more pixels than the frame has are nan, and so are `blur` of a flat picture and the bars of a black
    one.
    """

    name: ClassVar[str] = "basics"
    group: ClassVar[str] = "artefact"
    version: ClassVar[int] = 2
    cost: ClassVar[Cost] = "medium"
    before: ClassVar[int] = 9
    after: ClassVar[int] = 6
    needs: ClassVar[tuple[str, ...]] = ("luma", "rgb", "thumbnail")
    references: ClassVar[tuple[str, ...]] = (
        "F. Crete et al., The blur effect, SPIE 6492, 2007",
        "J. Immerkaer, Fast noise variance estimation, CVIU 64(2), 1996",
        "D. L. Donoho and I. M. Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 81(3)",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """14 measures of the picture, then 6 of its change."""
        return (*PICTURE, *CHANGE)

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between windows."""
        from ._session import BasicsSession

        return BasicsSession(info)
