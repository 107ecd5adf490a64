"""Columns of ChipQA."""

from __future__ import annotations

from dataclasses import replace

from vqa_features.specs import Feature

from .._nss_columns import SIGNS, field_features
from ..niqe import OWN

_STD = Feature("mscn_std", "deviation of the MSCN coefficients", low=0.0)


def _distribution(prefix: str, of: str) -> list[Feature]:
    return [
        Feature(f"{prefix}_alpha", f"shape of {of}", low=0.2, high=10.0),
        Feature(f"{prefix}_std", f"deviation of {of}", low=0.0),
        Feature(f"{prefix}_skewness", f"skewness of {of}", sign=SIGNS["skewness"]),
        Feature(f"{prefix}_kurtosis", f"excess kurtosis of {of}", low=-2.0, sign=SIGNS["kurtosis"]),
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
        Feature(
            "niqe_distance",
            "distance of the blocks from a pristine model",
            low=0.0,
            direction="lower is better",
            resolution="full and half size",
        ),
        *_field("chip_luma", _STD, "var", "chips of luma"),
        *_field("chip_half_luma", _STD, "var", "chips of luma at half size"),
        *_field("chip_gradient", _STD, "var", "chips of gradient magnitude"),
        *_field("chip_half_gradient", _STD, "var", "chips of gradient magnitude at half size"),
    ]


def _all_features() -> tuple[Feature, ...]:
    """All columns: what is of a half-size picture says so in its name."""
    frame = _frame_features()
    changes = (
        Feature(f"{one.name}_change", f"deviation over five frames of the {one.description}", low=0.0)
        for one in frame
    )
    in_chunks = (
        replace(one, frame="groups of five sampled frames") for one in (*changes, *_chunk_features())
    )
    single = (replace(one, frame="all sampled frames but the first") for one in frame)
    return tuple(
        replace(one, resolution="half size") if "half_" in one.name or one.name.endswith("_half") else one
        for one in (*single, *in_chunks)
    )


FEATURES = _all_features()
#: Features of one frame, and of a chunk of five frames.
N_FRAME, N_CHUNK = len(_frame_features()), len(_chunk_features())
