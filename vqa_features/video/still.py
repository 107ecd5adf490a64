"""Still pictures as videos of one frame: PNG, JPEG, WebP, TIFF and BMP files.

`picture_header` reads the header. FFmpeg's decoder of the format gets the bytes of the file as one packet, no
demuxer is involved.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import av
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from ..errors import DecodeError
from ..files.closing import ClosedAtExit
from ..frame import Frame
from ..picture import ArrayPicture, rgb2gray
from ..specs import SECOND, Luma, Sampling, VideoInfo
from .colour import MATRICES, conversion_matrix, is_rgb_coded, named, samples, to_rgb
from .light import coding_of, notes_on
from .opening import DECODING_ERRORS, check_chosen
from .outcome import Outcome
from .picture import VideoPicture, with_planar_luma
from .picture_header import MAX_PICTURE_PIXELS, Header, too_large
from .sampling import Enough, Surroundings, select, window
from .sampling_options import check_sampling

Array = NDArray[Any]

#: Largest picture file read, in bytes; it is read as a whole.
MOST_BYTES = 1 << 30
#: Decoder of each format, and its options: PNG and JPEG tell of damage only if asked.
_DECODERS: dict[str, tuple[str, dict[str, str]]] = {
    "PNG": ("png", {"err_detect": "crccheck+explode"}),
    "JPEG": ("mjpeg", {"err_detect": "crccheck+explode"}),
    "MPO": ("mjpeg", {"err_detect": "crccheck+explode"}),
    "WEBP": ("webp", {}),
    "TIFF": ("tiff", {}),
    "BMP": ("bmp", {}),
}


class StillPicture(ClosedAtExit):
    """One picture as a video of one frame at 0 s; it is used as `vqa_features.video.Video` is.

    Parameters
    ----------
    descriptor : int
        The open file; it is closed here.
    path : str
        Its name, for messages.
    sampling : Sampling
        A start above 0 leaves no frame.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        What the view ``luma`` is: "y" is the full-range Y plane of a JPEG, the grey samples, else MATLAB's
        rgb2gray; "pq" and "pu21" are codes of its light on an SDR display.
    max_pixels : int
        Larger pictures are refused before they are decoded.

    Raises
    ------
    DecodeError
        If the picture is damaged, or is of a kind that is not read.
    """

    def __init__(
        self,
        descriptor: int,
        path: str,
        *,
        sampling: Sampling = Sampling(),  # noqa: B008 (frozen)
        luma: Luma = "y",
        max_pixels: int = MAX_PICTURE_PIXELS,
    ) -> None:
        try:
            check_sampling(sampling)
            header = Header.of(descriptor, path)
            if header.width * header.height > max_pixels:
                raise too_large(path, max_pixels, f"{header.width}x{header.height} pixels")
            data = _content(descriptor, path)
            frame = _decoded(data, path, header.format, max_pixels)
        finally:
            os.close(descriptor)
        self._sampling = sampling
        self._luma = luma
        self._given = 0
        self._notes = header.notes
        self._cut = header.format in ("JPEG", "MPO") and data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda")
        self._picture = _picture(frame, header)
        pixels = frame.format
        turned = header.turn.transpose
        self.info = VideoInfo(
            path=path,
            width=frame.height if turned else frame.width,
            height=frame.width if turned else frame.height,
            fps=math.nan,
            frames=1,
            duration_s=None,
            codec=_DECODERS[header.format][0],
            pix_fmt=pixels.name,
            bit_depth=self._picture.bit_depth,
            color_range="full",
            color_matrix=named(MATRICES, frame.colorspace),
            rotation=header.turn.degrees,
            container=header.format.lower(),
        )
        self._coding = coding_of(self.info, luma)
        self._notes += notes_on(self._coding, self.info)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the picture as a frame at 0 s, unless the sampling leaves it out."""
        return self.frames()

    def frames(
        self,
        around: Surroundings = Surroundings(),  # noqa: B008 (a tuple)
        enough: Enough | None = None,
    ) -> Iterator[Frame]:
        """Yield what iteration yields: a picture has no neighbours, and is decoded."""
        inside = list(window([(0.0, self._picture)], self._sampling))
        if not inside:
            raise DecodeError(
                f"{self.info.path!r} is a still picture and has no frame from "
                f"{self._sampling.start_s:g} s on",
                "no frames in range",
            )
        self._given = 1
        check_chosen(self._sampling.offset == 0, 1, self.info.path, self._sampling)
        sampling = replace(self._sampling, every=1) if self._sampling.every == SECOND else self._sampling
        for time, picture in select(inside, sampling, 0.0):
            yield Frame(picture, 0, time, self._luma, coding=self._coding)

    def plan(self, enough: Enough) -> None:
        """Return None: the picture is decoded."""

    def timeline(self) -> None:
        """Return None: a picture is not divided."""

    def again(self, sampling: Sampling) -> StillPicture:
        """Return this picture, which can be read several times."""
        del sampling
        return self

    @property
    def outcome(self) -> Outcome:
        """What happened; a picture that does not decode as a whole is an error before."""
        cut = ("the file has no end of image: its last lines may be missing",) * self._cut
        return Outcome("suspect" if cut else "ok", "", self._notes + cut, self._given, 1)

    def close(self) -> None:
        """Do nothing: the file is closed already."""


def _content(descriptor: int, path: str) -> bytes:
    """Return the bytes of a file."""
    size = os.fstat(descriptor).st_size
    if size > MOST_BYTES:
        raise too_large(path, MOST_BYTES, f"{size} bytes")
    return os.pread(descriptor, size, 0)


def _decoded(data: bytes, path: str, form: str, max_pixels: int) -> av.VideoFrame:
    """Return the one frame of a picture file."""
    name, options = _DECODERS[form]
    codec = av.CodecContext.create(name, "r")
    assert isinstance(codec, VideoCodecContext)
    codec.options = {**options, "max_pixels": str(max_pixels)}
    codec.thread_count = 1
    try:
        frames = [*codec.decode(av.Packet(data)), *codec.decode(None)]
    except DECODING_ERRORS as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DecodeError(f"{path!r} is a damaged {form} picture: {reason}", "decode") from error
    if not frames:
        raise DecodeError(f"{path!r} has no picture that decodes", "no pictures")
    return frames[0]


def _picture(frame: av.VideoFrame, header: Header) -> VideoPicture | _Codes:
    """Return the planes of a picture: of a JPEG as decoded, else its grey or RGB code values."""
    if is_rgb_coded(frame.format) or header.format == "WEBP":
        return _Codes(header.turn(_rgb_codes(frame)))
    frame.color_range = ColorRange.JPEG
    if frame.format.name.startswith(("gray", "ya")):
        return _Codes(header.turn(samples(with_planar_luma(frame), 0)))
    return VideoPicture(frame, header.turn, conversion_matrix(frame))


def _rgb_codes(frame: av.VideoFrame) -> Array:
    """Return RGB of 8 bits, or of 16 where the samples have more than 8."""
    if frame.format.has_palette or frame.format.components[0].bits <= 8:
        return to_rgb(frame, conversion_matrix(frame))
    deep = frame.reformat(format="rgb48le", threads=1)
    return samples(deep, 0).reshape(deep.height, deep.width, 3)


class _Codes(ArrayPicture):
    """Grey or RGB code values of a file; luma of RGB is rgb2gray."""

    def __init__(self, codes: Array) -> None:
        super().__init__(codes, 8 * codes.dtype.itemsize)

    def luma_plane(self) -> Array:
        """Return the grey samples, or rgb2gray of 8-bit RGB."""
        return self._array if self._array.ndim == 2 else rgb2gray(self.rgb())
