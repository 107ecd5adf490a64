"""Columns that BRISQUE, NIQE and their temporal relatives have in common."""

from __future__ import annotations

from vqa_features.specs import Feature

_NEIGHBOURS = {"h": "left", "v": "upper", "d1": "upper left", "d2": "upper right"}


def scale_features(scale: int, own: Feature, spread: str) -> list[Feature]:
    """Return the 18 columns of one scale.

    `own` is the column beside the shape of the coefficients' own fit (without ``_s1``), `spread`
    what the two sides of the product fits are given as: ``var`` (a variance) or ``beta`` (a scale).
    """
    word = {"var": "variance", "beta": "scale"}[spread]
    found = [
        Feature(f"mscn_alpha_s{scale}", "shape of the fit to the MSCN coefficients", low=0.2, high=10),
        Feature(f"{own.name}_s{scale}", own.description, low=own.low),
    ]
    for product, neighbour in _NEIGHBOURS.items():
        of = f"of the AGGD of products with the {neighbour} neighbour"
        found += [
            Feature(f"{product}_alpha_s{scale}", f"shape {of}", low=0.2, high=10),
            Feature(f"{product}_mean_s{scale}", f"mean {of}"),
            Feature(f"{product}_left_{spread}_s{scale}", f"{word} of the negative side {of}", low=0),
            Feature(f"{product}_right_{spread}_s{scale}", f"{word} of the positive side {of}", low=0),
        ]
    return found
