"""SI and TI of ITU-T P.910: how much detail a frame has and how much changed since the last one.

By default they are computed on luma codes in 8-bit units as decoded (the plain definition of the editions
before 2023). FFmpeg's ``siti`` filter stretches limited-range codes to 0 .. 255 first: its numbers are
255 / 219 times these where no code lies outside 16 .. 235. With ``domain=pq`` or ``domain=pu21`` they are
computed on perceptual codes of the light of a display (edition of 2023), SDR and HDR on one scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError
from vqa_features.extractor import PairExtractor, Session
from vqa_features.kernels.perceptual_codes import Curve, Hdr, hdr_of
from vqa_features.specs import Cost, Feature, VideoInfo

Domain = Literal["code", Curve]
Light = Literal["auto", Hdr]
CodeRange = Literal["auto", "limited", "full"]


@dataclass(frozen=True)
class SiTi(PairExtractor):
    """Spatial information of every frame, temporal information of every frame but the first.

    `si` is nan for a frame with fewer than 3 pixels in a direction, `ti` for the first frame.

    Parameters
    ----------
    domain : {"code", "pq", "pu21"}
        Luma codes as decoded, or codes of PQ (SMPTE ST 2084) or PU21 of the light of a display, 0 to 255.
        The latter are made of the decoder's codes, whatever the request's ``luma`` is.
    hdr : {"auto", "sdr", "hdr10", "hlg", "hlg-siti-tools"}
        What the codes are, for ``pq`` and ``pu21``: a display of BT.1886 from .1 to 300 cd/m2, PQ itself, or
        HLG at 1000 cd/m2; ``auto`` follows the transfer of the file. ``hlg-siti-tools`` is the curve
        of siti-tools 0.6.0, which subtracts a constant that ITU-R BT.2100 adds.
    code_range : {"auto", "limited", "full"}
        Codes of black and white, for ``pq`` and ``pu21``; ``auto`` follows the file, and takes limited range
        where a video names none. Codes beyond them are clipped.
    """

    name: ClassVar[str] = "siti"
    group: ClassVar[str] = "temporal"
    version: ClassVar[int] = 2
    needs: ClassVar[tuple[str, ...]] = ("luma", "codes")
    cost: ClassVar[Cost] = "cheap"
    separable: ClassVar[bool] = True
    least_side: ClassVar[int] = 3
    column_facts: ClassVar[ColumnFacts] = {
        "unit": "8-bit codes",
        "direction": "none",
        "resolution": "full size",
    }
    references: ClassVar[tuple[str, ...]] = (
        "ITU-T P.910, Subjective video quality assessment methods for multimedia applications",
        "R. Mantiuk and M. Azimi, PU21: A novel perceptually uniform encoding for adapting existing quality "
        "metrics for HDR, PCS 2021",
    )

    domain: Domain = "code"
    hdr: Light = "auto"
    code_range: CodeRange = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        allowed = {"domain": Domain, "hdr": Light, "code_range": CodeRange}
        for name, kind in allowed.items():
            if getattr(self, name) not in get_args(kind):
                raise ParameterError(
                    f"siti: {name} must be one of {', '.join(get_args(kind))}, got {getattr(self, name)!r}"
                )
        if self.domain == "code" and (self.hdr, self.code_range) != ("auto", "auto"):
            raise ParameterError(
                "siti: hdr and code_range say what light codes are: give domain=pq or pu21 too"
            )

    def identity(self) -> dict[str, Any]:
        """Return the identity; that of the default domain is that of before there were others."""
        found = super().identity()
        if self.domain == "code":
            kept = {key: found["parameters"][key] for key in ("pairs",)}
            return {**found, "parameters": kept}
        return found

    @property
    def features(self) -> tuple[Feature, ...]:
        """SI and TI."""
        unit = "8-bit codes" if self.domain == "code" else f"codes of {self.domain.upper()}, 0 to 255"
        return (
            Feature("si", "standard deviation of the Sobel magnitude", unit, 0, frame="the sampled frame"),
            Feature("ti", "standard deviation of the difference from the last frame", unit, 0),
        )

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between pairs."""
        from ._siti import PerceptualPlanes, _SiTiSession

        if self.domain == "code":
            return _SiTiSession()
        hdr = hdr_of(info.color_transfer) if self.hdr == "auto" else self.hdr
        limited = None if self.code_range == "auto" else self.code_range == "limited"
        return _SiTiSession(PerceptualPlanes(info, self.domain, hdr, limited).of)
