"""Columns that BRISQUE, NIQE and their temporal relatives have in common."""

from __future__ import annotations

from dataclasses import replace

from vqa_features.specs import Feature

#: Unit of what is measured on code values.
CODES = "8-bit codes"
#: What a statistic below 0 means, by the last word of its name.
SIGNS = {
    "mean": "above 0: neighbours deviate to the same side",
    "skewness": "above 0: the longer tail is above the mean",
    "kurtosis": "above 0: heavier tails than a Gaussian",
}
_NEIGHBOURS = {"h": "left", "v": "upper", "d1": "upper left", "d2": "upper right"}


def size_of_scale(scale: int) -> str:
    """Return the size of the picture at a scale, each of which halves the last; the first is 1."""
    return ("full size", "half size")[scale - 1] if scale <= 2 else f"1/{2 ** (scale - 1)} size"


def field_features(suffix: str, own: Feature, spread: str, resolution: str = "") -> list[Feature]:
    """Return the 18 columns of one field (a scale, a band) of MSCN coefficients.

    `suffix` ends every name, e.g. ``s1``; `own` is the column beside the shape of the coefficients'
    own fit (without suffix), `spread` what the two sides of the product fits are given as: ``var``
    (a variance) or ``beta`` (a scale), `resolution` the size of the field's picture.
    """
    word = {"var": "variance", "beta": "scale"}[spread]
    found = [
        Feature(f"mscn_alpha_{suffix}", "shape of the fit to the MSCN coefficients", low=0.2, high=10),
        Feature(f"{own.name}_{suffix}", own.description, low=own.low),
    ]
    for product, neighbour in _NEIGHBOURS.items():
        of = f"of the AGGD of products with the {neighbour} neighbour"
        found += [
            Feature(f"{product}_alpha_{suffix}", f"shape {of}", low=0.2, high=10),
            Feature(f"{product}_mean_{suffix}", f"mean {of}", sign=SIGNS["mean"]),
            Feature(f"{product}_left_{spread}_{suffix}", f"{word} of the negative side {of}", low=0),
            Feature(f"{product}_right_{spread}_{suffix}", f"{word} of the positive side {of}", low=0),
        ]
    return [replace(one, resolution=resolution) for one in found]
