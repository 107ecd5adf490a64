"""Columns of TLVQM, and the names of the features of a row in order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vqa_features.specs import Feature

# name, description, low, high
LOW_COMPLEXITY = (
    ("motion_intensity", "fourth root of total displacement of the key points over the frame", 0.0, 2.0),
    ("egomotion_density", "density of key points that move like the camera", 0.0, 4.0),
    ("egomotion_intensity", "motion intensity of the points that move like the camera", 0.0, 2.0),
    ("motion_intensity_std", "deviation of displacement over the key points", 0.0, 2.0),
    ("egomotion_intensity_std", "deviation of displacement over the camera's points", 0.0, 2.0),
    ("motion_position", "distance of the centre of motion from the middle of the frame", 0.0, 2.0),
    ("motion_spread", "spread of motion around its centre", 0.0, 1.0),
    ("egomotion_position", "distance of the centre of camera motion from the middle", 0.0, 2.0),
    ("egomotion_spread", "spread of camera motion around its centre", 0.0, 1.0),
    ("motion_prediction_gain", "root of what motion compensation gains in Sobel energy", 0.0, np.inf),
    ("blur", "energy of second derivatives over that of first at strong edges", 0.0, np.inf),
    ("spatial_activity", "fourth root of the deviation of Sobel magnitude", 0.0, 1.5),
    ("interlacing", "likeness of strongest differences between rows and between columns", 0.0, 1.0),
    ("motion_uncertainty", "share of searches without a distinct best match", 0.0, 4.0),
    ("corner_blockiness", "squared ratio of mean and deviation of corner responses", 0.0, np.inf),
    ("jerkiness", "mean root of the change of motion between two frame steps", 0.0, 2.0),
    ("jerkiness_std", "deviation of the root of the change of motion", 0.0, 2.0),
    ("temporal_activity", "fourth root of the mean luma change", 0.0, 1.0),
    ("motion_vertical", "mean vertical motion; 0.5 is none", 0.0, 1.0),
    ("motion_horizontal", "mean horizontal motion; 0.5 is none", 0.0, 1.0),
    ("static_flicker", "mean luma change where nothing moves", 0.0, 1.0),
    ("static_flicker_std", "deviation of luma change where nothing moves", 0.0, 1.0),
    # the rest only help to choose representative frames
    ("egomotion_vertical", "mean vertical camera motion", 0.0, 1.0),
    ("egomotion_horizontal", "mean horizontal camera motion", 0.0, 1.0),
    ("colorfulness", "largest minus smallest of R, G, B over the most colourful tenth", 0.0, 1.0),
    ("egomotion_prediction_gain", "prediction gain of the camera's points", 0.0, np.inf),
    ("motion_density", "density of key points", 0.0, 4.0),
    ("motion_area", "share of the frame that moves", 0.0, 1.0),
)
#: The first of these are pooled into columns.
N_POOLED = 22
#: Position of blur in a row.
BLUR = [name for name, *_ in LOW_COMPLEXITY].index("blur")
HIGH_COMPLEXITY = (
    ("edge_mean", "mean CIELAB Sobel magnitude", 0.0, np.inf),
    ("edge_std", "deviation of CIELAB Sobel magnitude", 0.0, np.inf),
    ("edge_offset", "distance of the centre of edges from the middle of the frame", 0.0, 1.0),
    ("edge_spread", "deviation of edge strength times distance from the middle", 0.0, np.inf),
    ("bright_share", "share of the frame in segments of brightest luma", 0.0, 1.0),
    ("bright_segment", "mean share of one brightest segment", 0.0, 1.0),
    ("dark_share", "share of the frame in segments of darkest luma", 0.0, 1.0),
    ("dark_segment", "mean share of one darkest segment", 0.0, 1.0),
    ("noise_density", "share of impulse-like pixels outside saturated segments", 0.0, 1.0),
    ("noise_mean", "mean CIELAB strength of impulse-like pixels", 0.0, np.inf),
    ("noise_std", "deviation of the CIELAB strength of impulse-like pixels", 0.0, np.inf),
    ("block_strength", "rise of the highest peak in the autocorrelation of edge profiles", 0.0, np.inf),
    ("block_period", "period of that peak over 21 pixels", 0.0, 1.0),
    ("block_peaks", "share of shifts that are local peaks", 0.0, 1.0),
    ("darkness", "area under the cumulative histogram of lightness", 0.0, 1.0),
    ("lightness", "area above the cumulative histogram of lightness", 0.0, np.inf),
    ("chroma", "root mean square of a* and b* over 50", 0.0, np.inf),
    ("chroma_std", "sum of the deviations of a* and b* over 100", 0.0, np.inf),
    ("dct_symmetry", "correlation of the quarters of the DCT spectrum", 0.0, 1.0),
    ("dct_decay", "high diagonal frequencies over low ones", -np.inf, np.inf),
    ("dct_balance", "weaker over stronger of horizontal and vertical frequencies", -np.inf, np.inf),
    ("edge_width", "mean autocorrelation of edges at shifts 2 to 6 over that at 1", -np.inf, np.inf),
    ("edge_width_near", "the same at shifts 2 to 4", -np.inf, np.inf),
    ("edge_width_nearest", "the same at shift 2", -np.inf, np.inf),
    ("ringing_peak", "distance of the highest local peak of edge autocorrelation, over 5", 0.0, 1.5),
    ("ringing_valley", "distance of its deepest local valley, over 5", 0.0, 1.5),
    ("sharp_share", "share of blocks with strong edges of more than mean contrast", 0.0, 1.0),
    ("blurred_share", "share of blocks with strong edges of less than mean contrast", 0.0, 1.0),
    ("sharp_contrast", "mean edge contrast of the sharp blocks", 0.0, np.inf),
    ("blurred_contrast", "mean edge contrast of the blurred blocks", 0.0, np.inf),
)
_REPEATED = "below 0: edges repeat with the opposite sign"
#: What the side of a value means.
SIGNS = {
    "motion_vertical": "above 0.5: content moves down",
    "motion_horizontal": "above 0.5: content moves right",
    "dct_decay": "below 0 only by the ripple of resampling",
    "dct_balance": "below 0 only by the ripple of resampling",
    "edge_width": _REPEATED,
    "edge_width_near": _REPEATED,
    "edge_width_nearest": _REPEATED,
}
_FULL = ("blur", "interlacing")
_EDGES = ("edge_width", "ringing", "sharp_", "blurred_")
_ROWS = "every second frame with its neighbours, in windows of a second"


def _resolution(name: str) -> str:
    """Return the size at which a feature of `HIGH_COMPLEXITY` is computed."""
    return "full size, half size where wider than 1280" if name.startswith(_EDGES) else "full size"


_MEANS = tuple(
    Feature(
        name,
        text,
        low=low,
        high=high,
        sign=SIGNS.get(name, ""),
        frame=_ROWS,
        resolution="full size" if name in _FULL else "half size",
    )
    for name, text, low, high in LOW_COMPLEXITY[:N_POOLED]
)
_CHANGES = tuple(
    replace(
        one,
        name=f"{one.name}_change",
        description=f"deviation over a window of: {one.description}",
        low=0.0,
        high=np.inf,
        sign="",
    )
    for one in _MEANS
)
_CORRELATION = Feature(
    "motion_blur_correlation",
    "correlation of motion intensity and blur in a window",
    low=-1.0,
    high=1.0,
    sign="above 0: more blur where there is more motion",
    frame=_ROWS,
    resolution="half size (motion) and full size (blur)",
)
_SPATIAL = tuple(
    Feature(
        name,
        text,
        low=low,
        high=high,
        sign=SIGNS.get(name, ""),
        frame="one representative frame per second",
        resolution=_resolution(name),
    )
    for name, text, low, high in HIGH_COMPLEXITY
)
FEATURES = (*_MEANS, *_CHANGES, _CORRELATION, *_SPATIAL)
