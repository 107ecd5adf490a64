"""Columns that BRISQUE, NIQE and their temporal relatives have in common."""

from __future__ import annotations

from vqa_features.specs import Feature

_NEIGHBOURS = {"h": "left", "v": "upper", "d1": "upper left", "d2": "upper right"}


def field_features(suffix: str, own: Feature, spread: str) -> list[Feature]:
    """Return the 18 columns of one field (a scale, a band) of MSCN coefficients.

    `suffix` ends every name, e.g. ``s1``; `own` is the column beside the shape of the coefficients'
    own fit (without suffix), `spread` what the two sides of the product fits are given as: ``var``
    (a variance) or ``beta`` (a scale).
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
            Feature(f"{product}_mean_{suffix}", f"mean {of}"),
            Feature(f"{product}_left_{spread}_{suffix}", f"{word} of the negative side {of}", low=0),
            Feature(f"{product}_right_{spread}_{suffix}", f"{word} of the positive side {of}", low=0),
        ]
    return found
