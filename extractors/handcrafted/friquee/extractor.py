"""FRIQUEE: statistics of luma, chroma, cone-response, hue and saturation maps, 560 features.

Matched is the authors' release (extractFRIQUEEFeatures.m, its vector friqueeALL) with its complex
wavelet part (C-DIIVINE) of four maps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

from .._nss_columns import CODES, SIGNS

_MAPS = {"luma": "luma", "chroma": "chroma", "M": "M-cone response", "S": "S-cone response"}
_WAYS = {"H": "horizontal", "V": "vertical", "D1": "diagonal", "D2": "other diagonal"}
_INF = np.inf
# name, description, low, high
_Row = tuple[str, str, float, float]
_PRODUCTS: tuple[_Row, ...] = (
    *(
        (f"{way}_{name}", f"AGGD {text} of {words} products", low, high)
        for way, words in _WAYS.items()
        for name, text, low, high in (
            ("alpha", "shape", 0.2, 10.0),
            ("mean", "mean", -_INF, _INF),
            ("left_variance", "left variance", 0.0, _INF),
            ("right_variance", "right variance", 0.0, _INF),
        )
    ),
    *(
        (f"{way}_{name}", f"{name} of {words} products", low, _INF)
        for way, words in _WAYS.items()
        for name, low in (("skewness", -_INF), ("kurtosis", 1.0))
    ),
)
_SIGMA: tuple[_Row, ...] = (
    ("sigma_kurtosis", "kurtosis of the local deviation", 1.0, _INF),
    ("sigma_skewness", "skewness of the local deviation", -_INF, _INF),
    ("sigma_mean", "mean local deviation", 0.0, _INF),
)


def _fit(prefix: str, of: str) -> tuple[_Row, ...]:
    return (
        (f"{prefix}_alpha", f"GGD shape of {of}", 0.2, 10.0),
        (f"{prefix}_std", f"deviation of {of}", 0.0, _INF),
        (f"{prefix}_kurtosis", f"kurtosis of {of}", 1.0, _INF),
        (f"{prefix}_skewness", f"skewness of {of}", -_INF, _INF),
    )


_MSCN = _fit("mscn", "MSCN coefficients")
_SIGMA_MSCN = _fit("sigma_mscn", "MSCN coefficients of the local deviation")
_YELLOW: tuple[_Row, ...] = (
    ("yellow_sigma_misfit", "misfit of a GGD to the yellow map's local deviation", 0.0, _INF),
    ("yellow_misfit", "misfit of a GGD to the yellow map", 0.0, _INF),
)
_BANDS: tuple[_Row, ...] = (
    ("dog_alpha", "GGD shape of the band-passed local deviation", 0.2, 10.0),
    ("dog_std", "deviation of the band-passed local deviation", 0.0, _INF),
    ("dog_skewness", "skewness of the band-passed local deviation", -_INF, _INF),
    ("dog_kurtosis", "kurtosis of the band-passed local deviation", 1.0, _INF),
    ("dog_sigma_skewness", "skewness of that band's own local deviation", -_INF, _INF),
    ("dog_sigma_kurtosis", "kurtosis of that band's own local deviation", 1.0, _INF),
    ("laplacian_alpha", "GGD shape of the finest Laplacian band", 0.2, 10.0),
    ("laplacian_std", "deviation of the finest Laplacian band", 0.0, _INF),
    ("laplacian_skewness", "skewness of the finest Laplacian band", -_INF, _INF),
    ("laplacian_kurtosis", "kurtosis of the finest Laplacian band", 1.0, _INF),
)
_OPPONENCIES: tuple[_Row, ...] = tuple(
    (f"{name}_{statistic}", f"{text} of the {words} opponency", low, _INF)
    for name, words in (("RG", "red-green"), ("BY", "blue-yellow"))
    for statistic, text, low in (
        ("alpha", "AGGD shape", 0.2),
        ("left_std", "left deviation", 0.0),
        ("right_std", "right deviation", 0.0),
        ("kurtosis", "kurtosis", 1.0),
        ("skewness", "skewness", -_INF),
    )
)
_COLOUR: tuple[_Row, ...] = (
    ("hue_mean", "mean hue in degrees", 0.0, 360.0),
    ("hue_std", "deviation of the hue", 0.0, _INF),
    ("saturation_mean", "mean saturation", 0.0, 1.0),
    ("saturation_std", "deviation of the saturation", 0.0, _INF),
)
_ORIENTATIONS = range(1, 7)
_GROUPS = (*(f"o{k}" for k in _ORIENTATIONS), "s1", "s2")
_WAVELET: tuple[_Row, ...] = (
    *((f"magnitude_{g}_log_scale", f"log scale of wavelet magnitudes, {g}", -_INF, _INF) for g in _GROUPS),
    *((f"magnitude_{g}_shape", f"shape of wavelet magnitudes, {g}", -_INF, _INF) for g in _GROUPS),
    *(
        (f"mixed_o{k}_std", f"deviation of mixed differences of magnitudes, o{k}", 0.0, _INF)
        for k in _ORIENTATIONS
    ),
    *((f"mixed_o{k}_gamma", f"GGD shape of mixed differences, o{k}", 0.2, 10.0) for k in _ORIENTATIONS),
    *(
        (f"phase_{way}_s{s}_o{k}", f"concentration of {words} relative phase, scale {s}", 0.0, 1.0)
        for way, words in (("H", "horizontal"), ("V", "vertical"))
        for s in (1, 2)
        for k in _ORIENTATIONS
    ),
    *(
        (f"similarity_{pair}_o{k}", f"complex-wavelet similarity of {words}, orientation {k}", 0.0, 1.0)
        for pair, words in (
            ("s3_s2", "scales 3 and 2"),
            ("s2_s1", "scales 2 and 1"),
            ("s2_high", "scale 2 and the high-pass band"),
            ("s1_high", "scale 1 and the high-pass band"),
            ("s3_s1", "scales 3 and 1"),
        )
        for k in _ORIENTATIONS
    ),
)


def _scales(rows: tuple[_Row, ...]) -> tuple[_Row, ...]:
    return tuple(
        (f"s{scale}_{name}", f"{text}, scale {scale}", low, high)
        for scale in (1, 2)
        for name, text, low, high in rows
    )


def _of(map_: str, rows: tuple[_Row, ...]) -> list[Feature]:
    named = ((f"{map_}_{name}", f"{_MAPS[map_]}: {text}", low, high) for name, text, low, high in rows)
    return _plain(tuple(named))


def _plain(rows: tuple[_Row, ...]) -> list[Feature]:
    return [
        Feature(
            name,
            text,
            _unit(name),
            low,
            high,
            sign=_SIGNS[name.rpartition("_")[2]] if low < 0 else "",
            resolution=_resolution(name),
        )
        for name, text, low, high in rows
    ]


_SIGNS = {
    **SIGNS,
    "scale": "above 0: a scale above 1",
    "shape": "below 0 only where the fit fails",
}


def _unit(name: str) -> str:
    """Return the unit of a column: what is not normalised is in that of its map."""
    if name.startswith("hue"):
        return "degrees"
    in_codes = not name.startswith(("M_", "S_"))  # a white cone response is near 1
    return CODES if in_codes and name.endswith(("sigma_mean", "laplacian_std")) else "1"


def _resolution(name: str) -> str:
    if "similarity" in name:
        return "bands of full, half and quarter size"
    return "half size" if "s2" in name.split("_") else "full size"


_FEATURES = (
    *_of("luma", _scales((*_PRODUCTS, *_SIGMA, *_MSCN))),
    *_plain(_YELLOW),
    *_of("luma", _BANDS),
    *_of("chroma", (*_scales((*_PRODUCTS, *_SIGMA, *_MSCN, *_SIGMA_MSCN)), *_BANDS)),
    *_of("M", (*_scales((*_SIGMA, *_MSCN, *_SIGMA_MSCN)), *_BANDS)),
    *_of("S", (*_scales((*_SIGMA, *_MSCN, *_SIGMA_MSCN)), *_BANDS)),
    *_plain((*_OPPONENCIES, *_COLOUR)),
    *(feature for map_ in _MAPS for feature in _of(map_, _WAVELET)),
)


@dataclass(frozen=True)
class Friquee(Extractor):
    """FRIQUEE's feature maps in luma, chroma, LMS and hue-saturation (Ghadiyaram and Bovik 2017)."""

    name: ClassVar[str] = "friquee"
    group: ClassVar[str] = "nss"
    cost: ClassVar[Cost] = "heavy"
    scope: ClassVar[Scope] = "frame"
    needs: ClassVar[tuple[str, ...]] = ("rgb", "gray")
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none"}
    references: ClassVar[tuple[str, ...]] = (
        "D. Ghadiyaram and A. C. Bovik, Perceptual quality prediction on authentically distorted images "
        "using a bag of features approach, Journal of Vision 17(1), 2017; the release's friqueeALL",
        "Y. Zhang, A. K. Moorthy, D. M. Chandler and A. C. Bovik, C-DIIVINE, Signal Processing: Image "
        "Communication 29(7), 2014",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """74 of luma and yellow, 80 of chroma, 74 of cones, 4 of hue and saturation, 4 x 82 of wavelets."""
        return _FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        from ._session import _FriqueeSession

        return _FriqueeSession()
