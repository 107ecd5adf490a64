"""Exposure and colour of each frame: clipping, light of the display, percentiles of luma, hue, saturation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import Extractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo

CODES = "8-bit codes"
CHANNELS = {"r": "red", "g": "green", "b": "blue"}
#: Reference white of SDR is 1; the peak of PQ is 10000 / 203 of it.
BRIGHTEST = 50.0
LIGHT = (
    Feature("luminance", "mean luminance of the display, 1 is reference white", "1", 0, BRIGHTEST),
    Feature("log_average", "geometric mean of luminance, each at least 0.001", "1", 0.001, BRIGHTEST),
    Feature("dynamic_range", "99th over 1st percentile of luminance, each at least 0.001", "stops", 0, 16),
)
COLOUR = (
    Feature("hue_x", "red axis of the mean colour", "1", -1, 1, sign="above 0: red, below 0: cyan"),
    Feature("hue_y", "green-blue axis of it", "1", -1, 1, sign="above 0: green, below 0: blue"),
    Feature(
        "hue",
        "angle of the mean colour: red 0, green 120, blue 240; its mean over frames is not circular: take "
        "the angle of the means of hue_x and hue_y",
        "degrees",
        0,
        360,
    ),
    Feature(
        "hue_concentration", "length of the mean colour over the mean saturation, 1 for one hue", "1", 0, 1
    ),
    Feature("saturation_mean", "mean saturation, 1 for pure red", "1", 0, 1),
    Feature("saturation_std", "standard deviation of saturation", "1", 0, 0.5),
    Feature("gray_share", "share of pixels with a saturation up to 0.05", "1", 0, 1),
)


@dataclass(frozen=True)
class Exposure(Extractor):
    """21 measures of exposure and colour of each frame.

    Clipped luma lies at the black or white of the declared range, or beyond; clipped R, G and B are 0 or 255
    of full-range RGB. Black bars count; the active area leaves them out.

    Luminance is the display's, made from R, G and B by the transfer and the primaries that the file declares:
    ITU-R BT.1886 without black level (a power of 2.4) for the camera curves of BT.601, BT.709, BT.2020,
    SMPTE 240M, IEC 61966-2-4 and BT.1361; sRGB; powers of 2.2, 2.8 and 1; logarithmic curves; SMPTE ST 428;
    PQ; and HLG with the system gamma 1.2 of a display of 1000 cd/m2. 1 is reference white: the white of SDR,
    and 203 cd/m2 in PQ and HLG. RGB has 8 bits. Where nothing is declared, video has the transfer and
    primaries of BT.709; still pictures and arrays have those of sRGB. Reserved codes give no luminance.

    A gray picture has no `hue` and no `hue_concentration`.
    """

    name: ClassVar[str] = "exposure"
    group: ClassVar[str] = "colour"
    cost: ClassVar[Cost] = "cheap"
    needs: ClassVar[tuple[str, ...]] = ("codes", "rgb")
    sparse: ClassVar[tuple[str, ...]] = ("hue", "hue_concentration")
    column_facts: ClassVar[ColumnFacts] = {"direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = (
        "Rec. ITU-T H.273, Coding-independent code points for video signal type identification",
        "Rec. ITU-R BT.1886, Reference electro-optical transfer function",
        "Rec. ITU-R BT.2100, Image parameter values for high dynamic range television",
        "Report ITU-R BT.2408, Guidance for operational practices in HDR television production",
        "E. Reinhard et al., Photographic tone reproduction for digital images, SIGGRAPH 2002 (log-average)",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """Clipping, light, percentiles of luma, hue and saturation."""
        ends = (("black", "at black"), ("white", "at white"))
        shares = [
            Feature(f"clipped_{end}", f"share of pixels with luma {where} or beyond", "1", 0, 1)
            for end, where in ends
        ]
        shares += [
            Feature(f"clipped_{end}_{channel}", f"share of pixels with {name} {where}", "1", 0, 1)
            for end, where in ends
            for channel, name in CHANNELS.items()
        ]
        levels = [
            Feature(f"luma_p{percent}", f"{percent}th percentile of luma", CODES, 0, 256)
            for percent in (10, 50, 90)
        ]
        return (*shares, *LIGHT, *levels, *COLOUR)

    def reason(self, info: VideoInfo, n_frames: int, missing: Sequence[str]) -> str:
        """Say what has no hue, or no light."""
        if set(missing) <= set(self.sparse):
            return "every pixel is gray"
        if {feature.name for feature in LIGHT} & set(missing):
            declared = f"transfer {info.color_transfer}, primaries {info.color_primaries}"
            return f"no standard defines the light of what is declared ({declared})"
        return super().reason(info, n_frames, missing)

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        from ._session import ExposureSession

        return ExposureSession(info)
