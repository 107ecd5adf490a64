"""Black and white of a frame's luma codes, by the range that the video declares."""

from __future__ import annotations

from vqa_features.frame import Views
from vqa_features.specs import VideoInfo

#: Codes of black and white in 8-bit units (ITU-R BT.601, BT.709 and BT.2100 for limited range).
LIMITED, FULL = (16.0, 235.0), (0.0, 255.0)


def black_and_white(info: VideoInfo, frame: Views) -> tuple[float, float]:
    """Return the luma codes of black and white, in 8-bit units.

    Limited range holds for the Y plane of a video that declares it or no range (`VideoInfo.color_range`).
    Still pictures, arrays and luma made from RGB have full range. The codes are those of the view ``codes``.
    """
    limited = info.color_range == "limited" and frame.luma_source != "rgb2gray"
    return LIMITED if limited else FULL
