"""What the codes of a video are, for luma in perceptual codes of the light of a display.

A change of a display or of a curve raises `DECODING_VERSION`.
"""

from __future__ import annotations

from ..kernels.perceptual_codes import HLG_DISPLAY, SDR_DISPLAY, Coding, Curve, hdr_of
from ..specs import Luma, VideoInfo

#: Begins the warning that says what luma is.
LUMA_IS = "luma is light in codes of"


def coding_of(info: VideoInfo, luma: Luma) -> Coding | None:
    """Return what makes perceptual codes of the luma of a video, None for luma that is no such code.

    Parameters
    ----------
    info : VideoInfo
        Names transfer and range. Every transfer but PQ and HLG is taken as SDR.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        Source of luma.
    """
    curves: dict[Luma, Curve] = {"pq": "pq", "pu21": "pu21"}
    if luma not in curves:
        return None
    return Coding(curves[luma], hdr_of(info.color_transfer), info.color_range == "limited")


def notes_on(coding: Coding | None, info: VideoInfo) -> tuple[str, ...]:
    """Return what was taken for the light of the display, one warning, none without a coding."""
    if coding is None:
        return ()
    displays = {
        "sdr": f"SDR of BT.1886 from {SDR_DISPLAY[0]:g} to {SDR_DISPLAY[1]:g} cd/m2",
        "hdr10": "PQ",
        "hlg": f"HLG from {HLG_DISPLAY[0]:g} to {HLG_DISPLAY[1]:g} cd/m2",
    }
    extent = "limited" if coding.limited else "full"
    return (
        f"{LUMA_IS} {coding.curve.upper()}: transfer {info.color_transfer} is taken as "
        f"{displays[coding.hdr]}, {extent} range; scores fitted to SDR codes are on another scale",
    )
