"""ChipQA: statistics of space-time chips, of chroma, gradients and luma, and NIQE's.

Matched is the authors' Python release: gray and CIELAB are OpenCV's 8-bit conversions of RGB, every
fifth frame closes a chunk of five, and the first frame has no features of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Views
from vqa_features.resources import load_arrays
from vqa_features.specs import Checkpoint, Cost, Feature, Scope, VideoInfo

from .._brisque_niqe import field_features
from .._running_mean import RunningMean
from ..niqe import OWN
from ..v_bliinds.extractor import MODEL, MODEL_INFO

_STD = Feature("mscn_std", "deviation of the MSCN coefficients", low=0.0)


def _distribution(prefix: str, of: str) -> list[Feature]:
    return [
        Feature(f"{prefix}_alpha", f"shape of {of}", low=0.2, high=10.0),
        Feature(f"{prefix}_std", f"deviation of {of}", low=0.0),
        Feature(f"{prefix}_skewness", f"skewness of {of}"),
        Feature(f"{prefix}_kurtosis", f"excess kurtosis of {of}", low=-2.0),
    ]


def _field(suffix: str, own: Feature, spread: str, of: str) -> list[Feature]:
    """The 18 columns of a field, their descriptions naming it."""
    columns = field_features(suffix, own, spread)
    return [replace(column, description=f"{column.description}, {of}") for column in columns]


def _frame_features() -> list[Feature]:
    return [
        *_distribution("chroma", "MSCN chroma"),
        *_distribution("half_chroma", "MSCN chroma at half size"),
        *_distribution("chroma_deviation", "the MSCN of local chroma deviation"),
        *_distribution("half_chroma_deviation", "the MSCN of local chroma deviation at half size"),
        *_field("gradient", _STD, "var", "gradient magnitude")[2:],
        *_field("half_gradient", _STD, "var", "gradient magnitude at half size")[2:],
        *_distribution("deviation", "the MSCN of local luma deviation"),
        *_distribution("half_deviation", "the MSCN of local luma deviation at half size"),
    ]


def _chunk_features() -> list[Feature]:
    return [
        *_field("niqe", OWN, "beta", "luma blocks"),
        *_field("half_niqe", OWN, "beta", "luma blocks at half size"),
        Feature("niqe_distance", "distance of the blocks from a pristine model", low=0.0),
        *_field("chip_luma", _STD, "var", "chips of luma"),
        *_field("chip_half_luma", _STD, "var", "chips of luma at half size"),
        *_field("chip_gradient", _STD, "var", "chips of gradient magnitude"),
        *_field("chip_half_gradient", _STD, "var", "chips of gradient magnitude at half size"),
    ]


def _all_features() -> tuple[Feature, ...]:
    frame = _frame_features()
    changes = (
        Feature(f"{one.name}_change", f"deviation over five frames of the {one.description}", low=0.0)
        for one in frame
    )
    return (*frame, *changes, *_chunk_features())


_FEATURES = _all_features()
_N_FRAME, _N_CHUNK = len(_frame_features()), len(_chunk_features())


@dataclass(frozen=True)
class ChipQa(Extractor):
    """56 frame features, their changes, NIQE's 37 statistics and 72 of space-time chips.

    All comes from 8-bit RGB; of a YUV video that is this package's conversion, not OpenCV's.

    Frame features need two frames, all others five, NIQE's a side of 96 pixels (its distance two
    blocks), chips a side of 26 at the size they are cut from.
    """

    name: ClassVar[str] = "chipqa"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "heavy"
    scope: ClassVar[Scope] = "video"
    needs: ClassVar[tuple[str, ...]] = ("rgb",)
    references: ClassVar[tuple[str, ...]] = (
        "J. P. Ebenezer, Z. Shang, Y. Wu, H. Wei, S. Sethuraman and A. C. Bovik, ChipQA: No-reference "
        "video quality prediction via space-time chips, IEEE TIP 30, 2021",
        "authors' release (JoshuaEbenezer/ChipQA 53af39c, chipqa.py)",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (MODEL_INFO,)

    @property
    def features(self) -> tuple[Feature, ...]:
        """Means of 56 frame features, of their deviations over chunks, and of 109 chunk features."""
        return _FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session that keeps the surroundings of the chips of five frames."""
        return _ChipQa()

    def weights_sha256(self) -> str | None:
        """Hash of the pristine model."""
        return MODEL_INFO.sha256


class _ChipQa(Session):
    def __init__(self) -> None:
        self._model = load_arrays(MODEL)
        self._n_frames = 0
        self._grids: list[Any] = []
        self._patches: list[list[Values]] = []  # per frame of the chunk, per field
        self._chunk: list[Values] = []  # frame features of the chunk
        self._frame_mean = RunningMean(_N_FRAME)
        self._change_mean = RunningMean(_N_FRAME)
        self._chunk_mean = RunningMean(_N_CHUNK)

    def push(self, window: Sequence[Views]) -> None:
        from . import _chips, _statistics

        fields, features = _statistics.frame_fields(window[0].rgb)
        if self._n_frames == 0:
            self._grids = [_chips.Grid(field.shape) for field in fields.chip_fields]
        else:
            self._frame_mean.add(features)
            self._chunk.append(features)
        self._n_frames += 1
        pairs = zip(self._grids, fields.chip_fields, strict=True)
        self._patches.append([grid.patches(field) for grid, field in pairs])
        if len(self._patches) == _chips.LENGTH:
            self._close_chunk(fields.gray)

    def finish(self) -> Values:
        return np.concatenate([self._frame_mean.value, self._change_mean.value, self._chunk_mean.value])

    def _close_chunk(self, gray: NDArray[np.float32]) -> None:
        from . import _statistics

        kernel = _statistics
        self._change_mean.add(np.std(self._chunk, axis=0))
        by_field = zip(*self._patches, strict=True)
        chips = [
            kernel.chip_features(list(patches), grid)
            for patches, grid in zip(by_field, self._grids, strict=True)
        ]
        niqe = kernel.niqe_features(gray, self._model["mean"], self._model["covariance"])
        self._chunk_mean.add(np.concatenate([niqe, *chips]))
        self._patches, self._chunk = [], []
