"""One decoded frame and its views: computed on first use, shared, read-only.

An extractor declares the names of the views it needs and receives `Views`, which gives access to
no others; so the declaration says what is computed and shared.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from .errors import ParameterError
from .kernels.perceptual_codes import Coding
from .picture import Array, Picture, rgb2gray
from .specs import PERCEPTUAL, Luma

#: `index` of a frame that the sampling did not choose.
UNSAMPLED = -1


class Frame:
    """One frame of the sampled stream; `view(name)` computes and keeps a view.

    Parameters
    ----------
    picture : Picture
        Where the samples come from.
    index : int
        0-based position in the sampled stream; `UNSAMPLED` for a frame that is only a neighbour of others.
    time_s : float
        Presentation time in seconds, nan if unknown.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        Source of the view ``luma``: the decoder's Y plane, MATLAB's rgb2gray of RGB, which the
        image releases use, or perceptual codes of the light of the Y plane.
    source : int, optional
        0-based position among all frames of the part of the video that is used; `index` by default.
    coding : Coding, optional
        For "pq" and "pu21": what the codes of the Y plane are, and the curve.

    Raises
    ------
    ParameterError
        If `coding` is missing, or given for another source.
    """

    def __init__(
        self,
        picture: Picture,
        index: int,
        time_s: float,
        luma: Luma = "y",
        *,
        source: int | None = None,
        coding: Coding | None = None,
    ) -> None:
        if (coding is None) == (luma in PERCEPTUAL):
            raise ParameterError(f"coding is for luma {' and '.join(PERCEPTUAL)}, luma is {luma!r}")
        self.picture = picture
        self.index = index
        self.time_s = time_s
        self.source = index if source is None else source
        self.luma_source: Luma = luma
        self.coding = coding
        self._views: dict[str, Array] = {}
        self._computing = threading.RLock()

    @property
    def sampled(self) -> bool:
        """Whether the sampling chose it."""
        return self.index != UNSAMPLED

    def view(self, name: str) -> Array:
        """Return a view, computing it on first use; threads that ask at once get the same array.

        Parameters
        ----------
        name : str
            A name in `VIEWS`.

        Returns
        -------
        ndarray
            Read-only.
        """
        found = self._views.get(name)
        if found is not None:
            return found
        with self._computing:
            found = self._views.get(name)
            if found is None:
                found = VIEWS[name](self)
                found.flags.writeable = False
                self._views[name] = found
            return found


class Views:
    """The views of one frame that an extractor declared, as attributes.

    Parameters
    ----------
    frame : Frame
        The frame.
    needs : tuple of str
        Declared names; reading another one raises ParameterError.
    """

    __slots__ = ("_frame", "_needs")

    def __init__(self, frame: Frame, needs: tuple[str, ...]) -> None:
        self._frame = frame
        self._needs = needs

    @property
    def index(self) -> int:
        """0-based position in the sampled stream."""
        return self._frame.index

    @property
    def sampled(self) -> bool:
        """Whether the sampling chose it; else it is only a neighbour of a sampled frame."""
        return self._frame.sampled

    @property
    def source(self) -> int:
        """0-based position among all frames of the part of the video that is used."""
        return self._frame.source

    @property
    def time_s(self) -> float:
        """Presentation time in seconds."""
        return self._frame.time_s

    @property
    def luma_source(self) -> Luma:
        """Source of the view ``luma``."""
        return self._frame.luma_source

    @property
    def has_chroma(self) -> bool:
        """Whether the view ``chroma`` exists: RGB and gray arrays have no chroma planes."""
        self._check("chroma")
        return self._frame.picture.chroma_planes() is not None

    def declared(self) -> dict[str, Array]:
        """Return every declared view that the frame has, by name."""
        has_chroma = self._frame.picture.chroma_planes() is not None
        return {name: getattr(self, name) for name in self._needs if name != "chroma" or has_chroma}

    def __getattr__(self, name: str) -> Array:
        if name.startswith("__"):
            raise AttributeError(name)
        self._check(name)
        return self._frame.view(name)

    def _check(self, name: str) -> None:
        if name not in self._needs:
            raise ParameterError(
                f"view {name!r} is not among the declared needs {list(self._needs)}: "
                "add it to the extractor's `needs`"
            )


VIEWS: dict[str, Callable[[Frame], Array]] = {}


def view(function: Callable[[Frame], Array]) -> Callable[[Frame], Array]:
    """Register a function as the view of its name.

    Parameters
    ----------
    function : callable
        From a `Frame` to an array.

    Returns
    -------
    callable
        The function itself.
    """
    VIEWS[function.__name__] = function
    return function


@view
def luma(frame: Frame) -> Array:
    """Luma in 8-bit units, (h, w): the view ``codes``, or perceptual codes of light, 0 to 255, float32."""
    if frame.coding is None:
        return frame.view("codes").view()
    return frame.coding.of(frame.picture.luma_plane(), frame.picture.bit_depth)


@view
def codes(frame: Frame) -> Array:
    """Luma as it is coded, in 8-bit code units, (h, w): uint8 as decoded, or float32 for deeper formats."""
    if frame.luma_source == "rgb2gray":
        return frame.view("gray")
    plane = frame.picture.luma_plane()
    if plane.dtype == np.uint8:
        return plane.view()
    return np.multiply(plane, 2.0 ** (8 - frame.picture.bit_depth), dtype=np.float32)


@view
def rgb(frame: Frame) -> Array:
    """Full-range RGB, (h, w, 3) uint8."""
    return frame.picture.rgb().view()


@view
def gray(frame: Frame) -> Array:
    """MATLAB's rgb2gray of the view ``rgb``, (h, w) uint8."""
    return rgb2gray(frame.view("rgb"))


@view
def chroma(frame: Frame) -> Array:
    """U and V in 8-bit code units, (2, ch, cw) at the stored chroma size: uint8 or float32."""
    planes = frame.picture.chroma_planes()
    if planes is None:
        raise ParameterError("this frame has no chroma planes; RGB or gray input gives none")
    both = np.stack(planes)
    if both.dtype == np.uint8:
        return both
    return np.multiply(both, 2.0 ** (8 - frame.picture.bit_depth), dtype=np.float32)


@view
def thumbnail(frame: Frame) -> Array:
    """Mean of the view ``codes`` in the cells of a small fixed grid, (48, 64) float32."""
    from .kernels.cuts import thumbnail

    return thumbnail(frame.view("codes"))


@view
def gm_log(frame: Frame) -> Array:
    """The 40 GM-LOG features of the view ``luma``, (40,) float64."""
    from .kernels.gm_log import gm_log_features

    return gm_log_features(frame.view("luma"))


@view
def lab(frame: Frame) -> Array:
    """8-bit L*a*b* of the view ``rgb``, by the ICC profile of sRGB (white D50), (h, w, 3) uint8."""
    from .kernels.lab8 import srgb_to_lab8

    return srgb_to_lab8(frame.view("rgb"))


@view
def lab_statistics(frame: Frame) -> Array:
    """Log-derivative statistics of L*, a* and b* of the view ``lab`` at two scales, (3, 36) float64."""
    from .kernels.log_statistics import statistics_of_maps

    return statistics_of_maps(np.moveaxis(frame.view("lab"), 2, 0))


@view
def half_unit_luma(frame: Frame) -> Array:
    """Luma in 0..1 at half size by `imresize`, (ceil(h / 2), ceil(w / 2)) float64: TLVQM's and VIDEVAL's."""
    from .kernels.resize import imresize

    return imresize(np.asarray(frame.view("luma"), np.float64) / 255, 0.5)
