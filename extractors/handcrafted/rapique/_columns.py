"""Columns of RAPIQUE's natural-scene half."""

from __future__ import annotations

import numpy as np

from vqa_features.specs import Feature

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
_SPATIAL = tuple(
    Feature(f"{map_}_s{scale}_{name}", f"{text}; {what}, scale {scale}", low=low, high=high)
    for maps, scales in ((_LUMA_MAPS, (1, 2)), (_COLOUR_MAPS, (2,)))
    for map_, what in maps.items()
    for scale in scales
    for name, text, low, high in _STATISTICS
)
_TEMPORAL = tuple(
    Feature(f"haar{band}_s{scale}_{name}", f"{text}; temporal Haar band {band}, scale {scale}", "", low, high)
    for band in range(1, 8)
    for scale in (1, 2)
    for name, text, low, high in _STATISTICS
)
_CHANGES = tuple(Feature(f"{one.name}_change", f"change of: {one.description}", low=0.0) for one in _SPATIAL)
FEATURES = (*_SPATIAL, *_CHANGES, *_TEMPORAL)
N_SPATIAL, N_TEMPORAL = len(_SPATIAL), len(_TEMPORAL)
