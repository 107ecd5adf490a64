"""Columns of RAPIQUE's natural-scene half."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vqa_features.specs import Feature

from .._nss_columns import CODES, SIGNS

_LUMA_MAPS = {
    "Y": "luma",
    "GM": "gradient magnitude",
    "LoG": "Laplacian of Gaussian",
    "DoG1": "difference of Gaussians",
}
_COLOUR_MAPS = {
    "O1": "first opponent colour",
    "O2": "second opponent colour",
    "GMO1": "gradient of the first opponent colour",
    "GMO2": "gradient of the second opponent colour",
    "BY": "blue-yellow log-opponency",
    "RG": "red-green log-opponency",
    "GMBY": "gradient of the blue-yellow log-opponency",
    "GMRG": "gradient of the red-green log-opponency",
    "A": "a*",
    "B": "b*",
    "GMA": "gradient of a*",
    "GMB": "gradient of b*",
}
# name, description, low, high
_STATISTICS = (
    ("ggd_beta", "GGD shape of MSCN coefficients", 0.1, 6.0),
    ("ggd_alpha", "deviation of MSCN coefficients", 0.0, np.inf),
    ("sigma_mean", "mean local deviation", 0.0, np.inf),
    ("sigma_snr2", "(mean / std)^2 of the local deviation", 0.0, np.inf),
    *(
        (f"{way}_{name}", f"AGGD {text} of {way} products", low, high)
        for way in ("H", "V", "D1", "D2")
        for name, text, low, high in (
            ("alpha", "shape", 0.1, 6.0),
            ("mean", "mean", -np.inf, np.inf),
            ("leftstd", "left deviation", 0.0, np.inf),
            ("rightstd", "right deviation", 0.0, np.inf),
        )
    ),
    *(
        (f"log_{way}_{name}", f"{text} of the {way} log-derivative", low, high)
        for way in ("H", "V", "D1", "D2", "mix", "lap", "diag")
        for name, text, low, high in (("beta", "GGD shape", 0.1, 6.0), ("alpha", "deviation", 0.0, np.inf))
    ),
)
#: Maps of logarithms, which have no unit; the others are in code values.
_LOGARITHMS = ("BY", "RG", "GMBY", "GMRG")
_TWO, _EIGHT = "two frames of every second", "eight frames of every second"
_SMALL = "short side at most 512"
_SMALLER = "shrunk twice by 512 / short side, where that is below 1"


def _features(map_: str, what: str, scale: int, frame: str, size: str) -> list[Feature]:
    """Return the columns of one map at one scale."""
    return [
        Feature(
            f"{map_}_s{scale}_{name}",
            f"{text}; {what}, scale {scale}",
            CODES if name == "sigma_mean" and map_ not in _LOGARITHMS else "1",
            low,
            high,
            sign=SIGNS["mean"] if low < 0 else "",
            frame=frame,
            resolution=size if scale == 1 else f"half of: {size}",
        )
        for name, text, low, high in _STATISTICS
    ]


_SPATIAL = tuple(
    feature
    for maps, scales in ((_LUMA_MAPS, (1, 2)), (_COLOUR_MAPS, (2,)))
    for map_, what in maps.items()
    for scale in scales
    for feature in _features(map_, what, scale, _TWO, _SMALL)
)
_TEMPORAL = tuple(
    feature
    for band in range(1, 8)
    for scale in (1, 2)
    for feature in _features(f"haar{band}", f"temporal Haar band {band}", scale, _EIGHT, _SMALLER)
)
_CHANGES = tuple(
    replace(
        one,
        name=f"{one.name}_change",
        description=f"change of: {one.description}",
        low=0.0,
        high=np.inf,
        sign="",
    )
    for one in _SPATIAL
)
FEATURES = (*_SPATIAL, *_CHANGES, *_TEMPORAL)
N_SPATIAL, N_TEMPORAL = len(_SPATIAL), len(_TEMPORAL)
