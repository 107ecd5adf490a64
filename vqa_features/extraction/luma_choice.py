"""Which extractors take luma in perceptual codes of light."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from ..errors import ParameterError
from ..extractor import Extractor
from ..specs import PERCEPTUAL, Luma

#: Views that are luma.
_LUMA = {"luma", "half_unit_luma", "gm_log"}


def check_luma(luma: Luma, extractors: Iterable[Extractor]) -> None:
    """Raise ParameterError if luma is none of the sources, or an extractor does not take it.

    A method of luma and stored chroma makes colours of both, which are codes of one curve only.

    Parameters
    ----------
    luma : {"y", "rgb2gray", "pq", "pu21"}
        Source of luma.
    extractors : iterable of Extractor
        What is computed.
    """
    if luma not in get_args(Luma):
        raise ParameterError(f"luma must be one of {', '.join(get_args(Luma))}, got {luma!r}")
    if luma not in PERCEPTUAL:
        return
    both = [one.name for one in extractors if "chroma" in one.needs and _LUMA & set(one.needs)]
    if both:
        raise ParameterError(
            f"luma {luma} is not for extractors that make colours of luma and chroma, which must be codes of "
            f"one curve: leave out {', '.join(both)}, or take luma y"
        )
