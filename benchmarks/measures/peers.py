"""Independent measures of the same things: FFmpeg's filters, scikit-image, and why they differ from ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import skimage.measure
import skimage.registration
import skimage.restoration
from numpy.typing import NDArray

#: Factor from the codes of a limited-range file to those that FFmpeg's siti measures.
STRETCH = 255 / 219

Planes = list[NDArray[np.float64]]


@dataclass(frozen=True)
class Peer:
    """An independent measure of the same thing.

    Attributes
    ----------
    column : str
        Ours.
    program : str
        Theirs, in words.
    measured : str or callable
        Key of FFmpeg's metadata, or a function of the luma planes of a clip to one number per frame.
    factor : float
        What their values are multiplied by, where both have one unit; nan where they have not.
    least : float
        Least Spearman correlation over the clips.
    largest : float
        Largest relative difference over the clips, where both have one unit.
    reason : str
        Why they are not equal.
    coded : bool
        Whether it is compared on the clips of `coded_clips` instead.
    """

    column: str
    program: str
    measured: str | Callable[[Planes], list[float]]
    factor: float = np.nan
    least: float = 0.99
    largest: float = np.inf
    reason: str = ""
    coded: bool = False


def of_planes(measure: Callable[[NDArray[np.float64]], float]) -> Callable[[Planes], list[float]]:
    """Return a measure of single planes as one of the planes of a clip; every fifth is measured."""
    return lambda planes: [measure(plane) for plane in planes[::5]]


def shifts(planes: Planes) -> list[float]:
    """Lengths of the global shift between every fifth pair of frames, by phase correlation, in pixels."""
    return [
        float(np.hypot(*skimage.registration.phase_cross_correlation(one, other, upsample_factor=10)[0]))
        for one, other in zip(planes[::5], planes[1::5], strict=False)
    ]


def sigmas_of_changes(planes: Planes) -> list[float]:
    """Noise of every fifth difference of two frames by the wavelet estimate, over the root of 2, in codes."""
    return [_sigma(other - one) / 2**0.5 for one, other in zip(planes[::5], planes[1::5], strict=False)]


def _sigma(plane: NDArray[np.float64]) -> float:
    return float(skimage.restoration.estimate_sigma(plane))


EVERY_FIFTH = "every fifth frame"
PEERS = (
    Peer("basics.brightness", "FFmpeg signalstats YAVG", "signalstats.YAVG", 1, largest=1e-4),
    Peer("basics.change", "FFmpeg signalstats YDIF", "signalstats.YDIF", 1, largest=1e-3),
    Peer("basics.change", "FFmpeg scdet mafd", "scd.mafd", 2.55, largest=0.02, reason="theirs is rounded"),
    Peer(
        "basics.change",
        "FFmpeg vmafmotion",
        "vmafmotion.score",
        least=0.85,
        reason="theirs is the difference after a blur, so noise counts less",
    ),
    Peer("basics.entropy", "FFmpeg entropy", "entropy.entropy.normal.Y", 1, largest=1e-4),
    Peer(
        "basics.entropy",
        "scikit-image shannon_entropy",
        of_planes(skimage.measure.shannon_entropy),
        1,
        least=0.97,
        largest=0.02,
        reason=EVERY_FIFTH,
    ),
    Peer(
        "basics.saturation",
        "FFmpeg signalstats SATAVG",
        "signalstats.SATAVG",
        reason="ours is max - min of R, G, B; theirs is the length of (U, V)",
    ),
    Peer(
        "colorfulness.colorfulness",
        "FFmpeg signalstats SATAVG",
        "signalstats.SATAVG",
        least=0.8,
        reason="theirs is a mean, and has no deviation of colour in it",
    ),
    Peer(
        "siti.si",
        "FFmpeg siti",
        "siti.si",
        1 / STRETCH,
        largest=0.02,
        reason="theirs rounds gradients, and clips codes outside 16 to 235",
    ),
    Peer(
        "siti.ti",
        "FFmpeg siti",
        "siti.ti",
        1 / STRETCH,
        largest=0.02,
        reason="theirs clips codes outside 16 to 235",
    ),
    Peer(
        "basics.blur",
        "scikit-image blur_effect",
        of_planes(skimage.measure.blur_effect),
        1,
        largest=0.03,
        reason=EVERY_FIFTH,
    ),
    Peer(
        "basics.blur",
        "FFmpeg blurdetect",
        "blur",
        least=0.85,
        reason="theirs is the width of edges",
    ),
    Peer(
        "basics.noise_wavelet",
        "scikit-image estimate_sigma",
        of_planes(_sigma),
        1,
        least=0.9,
        reason="residue of rounding in flat areas counts in their median; every fifth frame",
    ),
    Peer(
        "basics.noise_immerkaer",
        "scikit-image estimate_sigma",
        of_planes(_sigma),
        least=0.8,
        reason="another filter, in which fine texture counts more",
    ),
    Peer(
        "basics.noise_immerkaer",
        "FFmpeg bitplanenoise",
        "bitplanenoise.0.1",
        least=0.5,
        reason="theirs is the share of changes of the lowest bit, near 1 for most clips",
    ),
    Peer(
        "basics.blockiness",
        "FFmpeg blockdetect",
        "block",
        least=0.8,
        reason="theirs is a quotient without a limit; MPEG-4 at five quantisers",
        coded=True,
    ),
    Peer("exposure.luma_p10", "FFmpeg signalstats YLOW", "signalstats.YLOW", 1, largest=1e-6),
    Peer("exposure.luma_p90", "FFmpeg signalstats YHIGH", "signalstats.YHIGH", 1, largest=1e-6),
    Peer(
        "exposure.saturation_mean",
        "FFmpeg signalstats SATAVG",
        "signalstats.SATAVG",
        reason="ours is the length of a pixel's colour in RGB, theirs in (U, V)",
    ),
    Peer(
        "dct-energy.E",
        "FFmpeg siti, SI",
        "siti.si",
        least=0.8,
        reason="theirs is a deviation of gradients; ours sums weighted coefficients of blocks",
    ),
    Peer(
        "dct-energy.h",
        "FFmpeg siti, TI",
        "siti.ti",
        least=0.7,
        reason="ours is the change of a block's energy, and not that of pixels",
    ),
    Peer(
        "temporal-noise.sigma",
        "scikit-image estimate_sigma of differences",
        sigmas_of_changes,
        least=0.7,
        reason="theirs counts motion of fine texture as noise",
    ),
    Peer(
        "flow.camera_magnitude",
        "scikit-image phase_cross_correlation",
        shifts,
        least=0.7,
        reason="theirs is one shift of the whole frame; every fifth pair",
    ),
)
