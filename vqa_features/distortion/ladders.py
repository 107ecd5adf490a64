"""Ladders of distortions: one physical parameter at growing strengths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from ..errors import ParameterError, UnknownName
from . import changes
from .packet_loss import packet_loss
from .version import Change, Version

_X265 = "log-level=none:pools=1:frame-threads=1"


@dataclass(frozen=True)
class Ladder:
    """One kind of distortion.

    Attributes
    ----------
    name : str
        Name, as ``--ladder`` takes it.
    parameter : str
        What a strength is, with its unit.
    strengths : tuple of float
        From weak to strong.
    version : callable
        From a strength to the version of that strength.
    """

    name: str
    parameter: str
    strengths: tuple[float, ...]
    version: Callable[[float], Version]


def _encoded(codec: str, options: Callable[[float], dict[str, str]], crf: float) -> Version:
    return Version(codec, options(crf))


def _scaled(factor: float) -> Version:
    smaller = f"scale=trunc(iw/{factor:g}/2+0.5)*2:trunc(ih/{factor:g}/2+0.5)*2:flags=bicubic+accurate_rnd"
    return Version(filters=f"{smaller},scale={{w}}:{{h}}:flags=bicubic+accurate_rnd")


def _blurred(sigma: float) -> Version:
    return Version(filters=f"gblur=sigma={sigma:g}:planes=1,gblur=sigma={sigma / 2:g}:planes=6")


def _changed(change: Callable[..., object], sign: float, strength: float) -> Version:
    made: Change = partial(change, sign * strength)  # type: ignore[assignment]
    return Version(change=made)


def _h264(crf: float) -> dict[str, str]:
    # mbtree of x264 gives another stream in one run of four where it uses AVX-512
    return {"crf": f"{crf:g}", "preset": "veryfast", "mbtree": "0"}


def _hevc(crf: float) -> dict[str, str]:
    return {"crf": f"{crf:g}", "preset": "ultrafast", "x265-params": _X265}


def _av1(crf: float) -> dict[str, str]:
    return {"crf": f"{crf:g}", "preset": "10", "svtav1-params": "lp=1"}


_ALL = (
    Ladder("h264", "CRF of x264", (23, 28, 33, 38, 43, 48), partial(_encoded, "libx264", _h264)),
    Ladder("hevc", "CRF of x265", (23, 28, 33, 38, 43, 48), partial(_encoded, "libx265", _hevc)),
    Ladder("av1", "CRF of SVT-AV1", (28, 35, 42, 49, 56, 63), partial(_encoded, "libsvtav1", _av1)),
    Ladder("scale", "width and height divided by", (1.5, 2, 3, 4, 6, 8), _scaled),
    Ladder("blur", "standard deviation of a Gaussian, luma pixels", (0.5, 1, 1.5, 2, 3, 5), _blurred),
    Ladder(
        "noise",
        "standard deviation of luma, codes of 8 bits",
        (1, 2, 4, 8, 16, 32),
        partial(_changed, changes.noise, 1),
    ),
    Ladder("frame-drop", "pictures left out, %", (5, 10, 20, 30, 45, 60), partial(_changed, changes.drop, 1)),
    Ladder(
        "freeze", "share of every second, %", (10, 20, 35, 50, 70, 90), partial(_changed, changes.freeze, 1)
    ),
    Ladder(
        "flicker",
        "amplitude of luma, codes of 8 bits",
        (1, 2, 4, 8, 16, 24),
        partial(_changed, changes.flicker, 1),
    ),
    Ladder(
        "brightness",
        "luma darker by, codes of 8 bits",
        (4, 8, 16, 32, 48, 64),
        partial(_changed, changes.brightness, -1),
    ),
    Ladder(
        "banding",
        "step of luma, codes of 8 bits",
        (2, 4, 8, 16, 32, 64),
        partial(_changed, changes.banding, 1),
    ),
    Ladder("packet-loss", "slices lost, %", (1, 2, 4, 8, 16, 32), partial(_changed, packet_loss, 1)),
)
#: Every ladder by its name.
LADDERS = MappingProxyType({ladder.name: ladder for ladder in _ALL})


def ladders_of(names: str | Sequence[str] | None = None) -> tuple[Ladder, ...]:
    """Return ladders by their names, without repetition; all of them by default.

    Parameters
    ----------
    names : str or sequence of str, optional
        Names, or one text with commas.

    Raises
    ------
    UnknownName
        If a ladder is not known.
    ParameterError
        If none is named.
    """
    if names is None:
        return _ALL
    listed = names.split(",") if isinstance(names, str) else list(names)
    wanted = list(dict.fromkeys(name.strip() for name in listed if name.strip()))
    if not wanted:
        raise ParameterError(f"no ladder is named: known are {', '.join(LADDERS)}")
    for name in wanted:
        if name not in LADDERS:
            raise UnknownName("ladder", name, list(LADDERS), f"known: {', '.join(LADDERS)}")
    return tuple(LADDERS[name] for name in wanted)
