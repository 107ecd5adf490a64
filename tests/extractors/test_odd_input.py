"""Which features have no value on odd input, and why: one table for every handcrafted extractor.

A feature is nan exactly where the table says so. A nan that is not listed fails, and a listed nan that
has become a number fails as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from test_contract import HANDCRAFTED, usable

from vqa_features.pooling import columns
from vqa_features.testing import ODD_KINDS, colour, enough_frames, odd_clip, run, textured_clip

FLAT = ("black", "white", "constant")


@dataclass(frozen=True)
class NoValue:
    """Features without a value on inputs of some kinds.

    Parameters
    ----------
    kinds : tuple of str
        Of `ODD_KINDS`.
    features : str
        Regular expression of whole feature names.
    reason : str
        Why there is no value.
    by_rounding : bool
        Rounding noise decides whether there is a value, so both answers pass.
    """

    kinds: tuple[str, ...]
    features: str
    reason: str
    by_rounding: bool = False


EVERYTHING = ".*"
PAIRS = "(h|v|d1|d2)"
NO_SAMPLES = "the field is zero everywhere: a fit has no samples"
ONE_SIDE = "all products have one sign: the fit has no samples on the other side"
CHECKS_ONE_SIDE = "along a line all pixels agree or all alternate: products have one sign"
NO_STRUCTURE = "no block has structure, so that no block is kept"
NO_VARIATION = "a map without variation has no shape, skewness or kurtosis"
NO_FLOW = "nothing moves, and equal frames leave no residual"
NO_PREVIOUS = "there is no frame before the first"
ROUNDING = "the map is constant, and its variation is rounding noise"

#: RAPIQUE's features of one map: nan where the map is flat, of one sign, or a checkerboard.
RAPIQUE_OWN = "ggd_beta|sigma_snr2|log_(H|V|D1|D2|mix|lap|diag)_beta"
RAPIQUE_FLAT = rf"({RAPIQUE_OWN}|(H|V|D1|D2)_(alpha|mean|leftstd|rightstd))(_change)?"
RAPIQUE_ONE_SIDE = rf"({RAPIQUE_OWN}|(H|V|D1|D2)_(alpha|mean|leftstd))(_change)?"
RAPIQUE_CHECKS = r"((H|V)_(alpha|mean|rightstd)|(D1|D2)_(alpha|mean|leftstd))(_change)?"

#: HIGRADE's ratios and shapes of one map; two of its derivatives reach over the border, where they vary.
HIGRADE_FLAT = "(sigma_snr2|mscn_gamma|log_(H|V|D1|D2|mix)_gamma)"

#: FRIQUEE's products of neighbours on one side, and what a Laplacian of zeros leaves out.
FRIQUEE_PAIRS = r"s[12]_(H|V|D1|D2)_(alpha|mean|left_variance)"
FRIQUEE_WAVELET = r"(magnitude|mixed|phase|similarity)_\w+"
MOMENTS = "(skewness|kurtosis)"
#: VIDEVAL's deviations over time, and the motion features but the sharpness of edges.
VIDEVAL_OVER_TIME = r"(?!tlvqm_edge)\w+_std|tlvqm_(?!edge)\w+_mean"

TABLE: dict[str, tuple[NoValue, ...]] = {
    "basics": (
        NoValue(ODD_KINDS, "block_(size|phase_x|phase_y)", "no grid of blocks stands out"),
        NoValue((*FLAT, "checkerboard"), "blur", "blurring a flat or finest-grained picture has no measure"),
        NoValue(("black",), "letterbox|pillarbox", "a black picture does not show what is a bar of it"),
        NoValue(("one frame",), "change|duplicate|frozen|cut|flicker|jerk", NO_PREVIOUS),
        NoValue(("two frames",), "flicker|jerk", "second and third differences need three and four frames"),
    ),
    "blockdetect": (NoValue(FLAT, "block", "without steps there is no quotient of them"),),
    "blurdetect": (NoValue(FLAT, "blur", "a flat picture has no edges"),),
    "brisque": (
        NoValue(("black",), r"\w+_(alpha|mean|left_var|right_var)_s[12]", NO_SAMPLES),
        NoValue(("white", "constant"), rf"{PAIRS}_(alpha|mean|left_var)_s[12]", ONE_SIDE),
        NoValue(
            ("checkerboard",),
            "(h|v)_(alpha|mean|right_var)_s1|(d1|d2)_(alpha|mean|left_var)_s1",
            CHECKS_ONE_SIDE,
        ),
        NoValue((*FLAT, "checkerboard"), "score", "the score needs every feature"),
    ),
    "chipqa": (
        NoValue(FLAT, r"\w+_niqe|niqe_distance", NO_STRUCTURE),
        NoValue(FLAT, rf"{PAIRS}_(alpha|mean)_(half_)?gradient(_change)?", NO_SAMPLES),
        NoValue(FLAT, rf"{PAIRS}_(alpha|mean)_chip_(half_)?(luma|gradient)", NO_SAMPLES),
        NoValue(("black",), rf"(half_)?deviation_{MOMENTS}(_change)?", NO_VARIATION),
        NoValue(("checkerboard",), rf"{PAIRS}_(alpha|mean)_(chip_)?gradient(_change)?", NO_SAMPLES),
        NoValue(
            ("checkerboard",), "(h|v)_(alpha|mean|left_beta|right_beta)_niqe|niqe_distance", CHECKS_ONE_SIDE
        ),
        NoValue(
            ("checkerboard",),
            rf"{PAIRS}_(alpha|mean)_chip_half_(luma|gradient)",
            "the half-size picture is constant, and its variation is rounding noise",
            by_rounding=True,
        ),
        NoValue(("tiny",), r"\w+_niqe|niqe_distance", "the frame is smaller than a block of 96 pixels"),
        NoValue(("tiny",), r"\w+_chip_half_(luma|gradient)", "the half-size frame has no chip"),
        NoValue(("one frame",), EVERYTHING, "frame features begin with the second frame"),
        NoValue(("two frames",), r"\w+_(change|niqe|chip(_half)?_(luma|gradient))|niqe_distance", "no chunk"),
    ),
    "dct-energy": (
        NoValue(FLAT, "(middle|high)_share", "no detail has no share"),
        NoValue(("one frame",), "h", NO_PREVIOUS),
    ),
    "exposure": (
        NoValue(("black", "white", "checkerboard"), "hue|hue_concentration", "all pixels are gray"),
    ),
    "flicker": (NoValue(("one frame", "two frames"), EVERYTHING, "a shot has at least 16 frames"),),
    "flow": (
        NoValue((*FLAT, "checkerboard"), r"(?!mscn_var|undetermined|residual_(rms|gain)|cuts)\w+", NO_FLOW),
        NoValue(("one frame",), EVERYTHING, NO_PREVIOUS),
    ),
    "higrade-1": (
        NoValue(("black",), rf"L_px_s[12]_{HIGRADE_FLAT}", NO_VARIATION),
        NoValue(FLAT, rf"._grad_s[12]_{HIGRADE_FLAT}", NO_VARIATION),
        NoValue(("checkerboard",), rf"[ab]_grad_s[12]_{HIGRADE_FLAT}", NO_VARIATION),
    ),
    "higrade-2": (
        NoValue(("black",), rf"L_px_s[12]_{HIGRADE_FLAT}", NO_VARIATION),
        NoValue(("black",), "L_coh_(mean|std)", "the codes of every block are zero"),
        NoValue(FLAT, "._coh_(skew|kurt)", NO_VARIATION),
        NoValue(("checkerboard",), "[ab]_coh_(skew|kurt)", NO_VARIATION),
    ),
    "interlace": (
        NoValue(("one frame", "two frames"), EVERYTHING, "fields are held against those of both neighbours"),
    ),
    "il-niqe": (NoValue(FLAT, EVERYTHING, "no block has all statistics"),),
    "niqe": (
        NoValue(FLAT, EVERYTHING, NO_STRUCTURE),
        NoValue(("tiny",), EVERYTHING, "the frame is smaller than a block of 96 pixels"),
        NoValue(("checkerboard",), rf"{PAIRS}_\w+_s1", CHECKS_ONE_SIDE),
        NoValue(("checkerboard",), "score", "the distance needs every feature"),
    ),
    "shots": (NoValue(("one frame",), "(?!(cuts|fades|dissolves)$).*", "one frame has no duration"),),
    "siti": (NoValue(("one frame",), "ti", NO_PREVIOUS),),
    "temporal-nss": (
        NoValue(FLAT, rf"{PAIRS}_(alpha|mean|left_var)_(x|y)t", ONE_SIDE),
        NoValue(("black", "white"), r"\w+_(alpha|right_var)_(x|y)t", NO_SAMPLES),
        NoValue(
            ("checkerboard",),
            "(d1|d2|h)_(alpha|mean|right_var)_(x|y)t|v_(alpha|mean|left_var)_(x|y)t",
            "a row over time alternates and stays the same: products have one sign",
        ),
        NoValue(
            (*FLAT, "checkerboard"),
            r"\w+_(alpha|mean|left_var|right_var)_(s1|s2|haar4|haar8)",
            "equal frames differ nowhere",
        ),
        NoValue(("one frame",), EVERYTHING, NO_PREVIOUS),
        NoValue(("two frames",), r"\w+_(haar4|haar8|xt|yt)", "the windows hold 4, 8 and 32 frames"),
    ),
    "temporal-noise": (NoValue(("one frame",), EVERYTHING, NO_PREVIOUS),),
    "timing": (NoValue(("one frame",), EVERYTHING, NO_PREVIOUS),),
    "tlvqm": (NoValue(("one frame", "two frames"), EVERYTHING, "motion needs three frames"),),
    "viideo": (
        NoValue((*FLAT, "checkerboard"), EVERYTHING, "nothing changes"),
        NoValue(("one frame", "two frames"), EVERYTHING, "spans need eleven pairs"),
    ),
    "v-bliinds": (
        NoValue(FLAT, r"\w+_s[12]|niqe", NO_STRUCTURE),
        NoValue(("tiny",), r"\w+_s[12]|niqe", "the frame is smaller than a block of 96 pixels"),
        NoValue(("checkerboard",), rf"{PAIRS}_\w+_s1|niqe", CHECKS_ONE_SIDE),
        NoValue(("one frame",), r"dc_\w+|shape_\w+|motion_\w+", NO_PREVIOUS),
        NoValue(("two frames",), r"dc_\w+", "a change of frame differences needs three frames"),
    ),
    "rapique-nss": (
        NoValue(FLAT, rf"(GM|LoG|DoG1)_s[12]_{RAPIQUE_FLAT}|haar[4-7]_s[12]_{RAPIQUE_FLAT}", NO_SAMPLES),
        NoValue(("black", "white"), rf"(Y|haar[1-3])_s[12]_{RAPIQUE_FLAT}", NO_SAMPLES),
        NoValue(("constant",), rf"(Y|haar[1-3])_s[12]_{RAPIQUE_ONE_SIDE}", ONE_SIDE),
        NoValue((*FLAT, "checkerboard"), rf"(A|B)_s2_{RAPIQUE_ONE_SIDE}", ONE_SIDE),
        NoValue(("black",), rf"(GM)?(O1|O2|BY|RG)_s2_{RAPIQUE_FLAT}", NO_SAMPLES),
        NoValue(("white", "checkerboard"), rf"(GM)?(BY|RG)_s2_{RAPIQUE_FLAT}", NO_SAMPLES),
        NoValue(("white", "constant"), r"(GM)?(O1|O2|BY|RG|A|B)_s2_\w+", ROUNDING, by_rounding=True),
        NoValue(("checkerboard",), rf"(Y|DoG1|haar[1-3])_s1_{RAPIQUE_CHECKS}", CHECKS_ONE_SIDE),
        NoValue(("checkerboard",), rf"haar[4-7]_s[12]_{RAPIQUE_FLAT}", "equal frames differ nowhere"),
        NoValue(("one frame",), r"\w+_change|haar\w+", NO_PREVIOUS),
        NoValue(("two frames",), r"haar\w+", "a chunk is one second"),
    ),
    "friquee": (
        NoValue(("black",), rf"luma_s[12]_(H|V|D1|D2)_(\w+_variance|alpha|mean|{MOMENTS})", NO_SAMPLES),
        NoValue(("black",), rf"(luma|M|S)_s[12]_((sigma|mscn)_{MOMENTS}|mscn_alpha)", NO_VARIATION),
        NoValue(("black",), rf"(M|S)_s[12]_sigma_mscn_(alpha|{MOMENTS})", NO_VARIATION),
        NoValue(("black",), rf"(luma|M|S)_dog_(alpha|(sigma_)?{MOMENTS})", NO_VARIATION),
        NoValue(("black",), r"(RG|BY)_\w+", NO_VARIATION),
        NoValue(("black",), rf"(luma|M|S)_{FRIQUEE_WAVELET}", NO_VARIATION),
        NoValue(FLAT, rf"(luma|M|S)_laplacian_(alpha|{MOMENTS})", NO_VARIATION),
        NoValue((*FLAT, "checkerboard"), rf"chroma_laplacian_{MOMENTS}", NO_VARIATION),
        NoValue((*FLAT, "checkerboard"), rf"chroma_{FRIQUEE_PAIRS}", ONE_SIDE),
        NoValue(("white", "constant"), rf"luma_{FRIQUEE_PAIRS}", ONE_SIDE),
        NoValue(
            ("checkerboard",),
            "luma_s1_((H|V)_(alpha|mean|right_variance)|(D1|D2)_(alpha|mean|left_variance))",
            CHECKS_ONE_SIDE,
        ),
        NoValue(("black", "white", "checkerboard"), r"yellow_\w+", NO_VARIATION),
        NoValue(("white", "constant"), r"(RG|BY)_\w+", ROUNDING, by_rounding=True),
        NoValue((*FLAT, "checkerboard"), rf"\w+_{FRIQUEE_WAVELET}", ROUNDING, by_rounding=True),
    ),
    "videval": (
        NoValue(FLAT, r"brisque_._left_variance_s._(mean|std)|brisque_D1_alpha_s2_mean", ONE_SIDE),
        NoValue(
            FLAT, r"higrade_(log_mix|D1|D2)_gamma_s[12]_mean|friquee_luma_laplacian_alpha_mean", NO_VARIATION
        ),
        NoValue((*FLAT, "checkerboard"), r"friquee_luma_(V_mean|H_alpha)_std", ONE_SIDE),
        NoValue((*FLAT, "checkerboard"), "friquee_chroma_(D1_left_variance_mean|V_alpha_std)", ONE_SIDE),
        NoValue((*FLAT, "checkerboard"), "friquee_chroma_laplacian_skewness_mean", NO_VARIATION),
        NoValue(("black",), rf"friquee_luma_\w+_{MOMENTS}(_s2)?_(mean|std)", NO_VARIATION),
        NoValue(("one frame", "two frames"), VIDEVAL_OVER_TIME, "motion needs three frames, deviations six"),
    ),
}


def listed(name: str, kind: str, by_rounding: bool) -> list[str]:
    """Regular expressions of the table for one extractor and kind."""
    entries = TABLE.get(name, ())
    return [one.features for one in entries if kind in one.kinds and one.by_rounding == by_rounding]


def matched(features: list[str], patterns: list[str]) -> set[str]:
    """The features whose whole name matches one of the patterns."""
    return {one for one in features if any(re.fullmatch(pattern, one) for pattern in patterns)}


@pytest.mark.parametrize("kind", ODD_KINDS)
@pytest.mark.parametrize("name", HANDCRAFTED)
def test_features_have_no_value_exactly_where_the_table_says(name: str, kind: str) -> None:
    extractor = usable(name)
    values = run(extractor, odd_clip(kind, 1 if extractor.scope == "frame" else enough_frames(extractor)))
    assert list(values.index) == columns(extractor, ["mean"])
    assert not np.isinf(values).any()
    undefined = {one for one, value in zip(extractor.feature_names, values, strict=True) if pd.isna(value)}
    expected = matched(extractor.feature_names, listed(name, kind, by_rounding=False))
    either = matched(extractor.feature_names, listed(name, kind, by_rounding=True))
    assert undefined - expected - either == set(), "nan, but not listed"
    assert expected - undefined == set(), "listed as nan, but has a value"


#: Two pixels by two hold no block, window or motion vector of these, and one block has no correlation.
NONE_OF_FOUR_PIXELS = {
    *("flicker", "flow", "gm-log", "interlace", "niqe", "temporal-noise", "v-bliinds"),
    *("blockdetect", "blurdetect", "viideo"),
}


@pytest.mark.parametrize("name", HANDCRAFTED)
def test_four_pixels_have_some_value_but_where_they_hold_no_window(name: str) -> None:
    extractor = usable(name)
    values = run(extractor, colour(textured_clip(enough_frames(extractor)))[:, :2, :2])
    assert not np.isinf(values).any()
    assert np.isnan(values).all() == (name in NONE_OF_FOUR_PIXELS)


def test_every_entry_of_the_table_is_used() -> None:
    assert set(TABLE) <= set(HANDCRAFTED)
    for name, entries in TABLE.items():
        features = usable(name).feature_names if name != "il-niqe" else ["score"]
        for entry in entries:
            assert set(entry.kinds) <= set(ODD_KINDS)
            assert matched(features, [entry.features]), (name, entry.features)
