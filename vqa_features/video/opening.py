"""Open a video file without access to any other file, and explain failures in one sentence.

FFmpeg's own ``open`` interprets names and contents: ``concat:`` names, playlists and manifests reach
other files and the network, a FIFO blocks for ever, a header can request any amount of memory. Here
this program opens the file, which must be a regular one. FFmpeg gets only its bytes and may use no
protocol, only the formats of `FORMATS`, and no picture above the pixel cap.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import av
import av.container
import av.error

from ..errors import DecodeError
from ..files.names import PICTURE_SUFFIXES, VIDEO_SUFFIXES
from ..files.regular import opened_descriptor
from ..specs import RawFormat, Sampling

#: Containers that may be opened: video files and elementary streams, nothing that lists other files.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,ogg,mpeg,mpegts,mpegvideo,yuv4mpegpipe,flv,asf,"
    "rawvideo,gif,apng,mjpeg,h264,hevc,ivf,obu,nut,mxf,dv,gxf,h263,rm"
)
#: Largest picture decoded unless told otherwise: 8192 x 4352, an 8K frame.
MAX_PIXELS = 8192 * 4352
#: Bytes handed to FFmpeg at a time: few calls into Python, small beside a decoded frame.
BUFFER_BYTES = 1 << 18
#: Text that is not UTF-8 in a file's metadata must not stop its decoding. PyAV 19 sees to that itself and
#: no longer takes the argument.
_METADATA_OPTIONS: dict[str, Any] = (
    {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
)

#: Streams of which nothing is decoded when a file is opened for its packets.
_STREAMS = 64
#: Everything PyAV was seen to raise on a broken file (`av.error.FFmpegError` covers most).
DECODING_ERRORS = (av.error.FFmpegError, OSError, MemoryError, UnicodeDecodeError, ValueError)


#: Suffixes of headerless files.
HEADERLESS = (".yuv", ".raw")
#: Containers with a signature that samples do not have by chance, by FFmpeg's first name.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]*://")
_SIGNED = ("mov", "matroska", "avi", "ogg", "flv", "asf", "gif", "apng", "yuv4mpegpipe")


def raw_of(path: str, raw: RawFormat | None) -> RawFormat | None:
    """Return the geometry that holds for a file: `raw`, but None where its suffix names another format.

    Parameters
    ----------
    path : str
        The file.
    raw : RawFormat or None
        Geometry of headerless files.
    """
    suffix = os.path.splitext(path)[1].lower()
    return raw if suffix in HEADERLESS or suffix not in VIDEO_SUFFIXES | PICTURE_SUFFIXES else None


class Reader:
    """Bytes of an open file, with a position of its own, so that several can share a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes from the position on."""
        data = os.pread(self._descriptor, size, self._position)
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position."""
        start = {
            os.SEEK_SET: 0,
            os.SEEK_CUR: self._position,
            os.SEEK_END: os.fstat(self._descriptor).st_size,
        }[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "seek before the start of the file")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position


def open_video_file(path: str) -> int:
    """Return a read-only descriptor of the regular file `path`; never blocks.

    Raises
    ------
    DecodeError
        With kind missing, permission, not a regular file, empty or io.
    """
    try:
        descriptor = opened_descriptor(path, os.O_RDONLY)
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        if number in (errno.EINVAL, errno.EISDIR, errno.ENXIO):
            raise DecodeError(f"{path!r} is not a regular file", "not a regular file") from None
        kind = {errno.EACCES: "permission", errno.EPERM: "permission"}.get(number or 0)
        if kind is None:
            absent = (None, errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
            kind = "missing" if number in absent else "io"
        reason = os.strerror(number) if number else str(error)
        if kind == "missing" and _ADDRESS.match(path):
            reason += "; addresses are opened of s3, gs and https alone, and with --remote (remote=True)"
        raise DecodeError(f"cannot open {path!r}: {reason}", kind) from None
    if os.fstat(descriptor).st_size == 0:
        os.close(descriptor)
        raise DecodeError(f"{path!r} is empty (0 bytes)", "empty")
    return descriptor


def open_container(
    descriptor: int, path: str, raw: RawFormat | None, max_pixels: int, *, undecoded: bool = False
) -> av.container.InputContainer:
    """Return PyAV's container over the bytes of `descriptor`; messages and `raw` depend on `path`.

    FFmpeg decodes first pictures to learn what the header does not say. With `undecoded` it does not: the
    packets of a container that names their times are the same, and are read sooner. It is no container to
    decode from.
    """
    options = {
        "protocol_whitelist": "none",
        "format_whitelist": FORMATS,
        "max_pixels": str(max_pixels),
    }
    name = None
    raw = raw_of(path, raw)
    if raw is not None and not path.lower().endswith(HEADERLESS):
        with suppress(DecodeError):
            container = open_container(descriptor, path, None, max_pixels)
            if container.format.name.partition(",")[0] in _SIGNED:
                return container
            container.close()
    if raw is not None:
        check_pixels(path, raw.width, raw.height, max_pixels)
        name = "rawvideo"
        options |= {
            "video_size": f"{raw.width}x{raw.height}",
            "pixel_format": raw.pix_fmt,
            "framerate": str(raw.fps),
        }
    reader: Any = Reader(descriptor)
    more = _METADATA_OPTIONS | ({"stream_options": [{"skip_frame": "all"}] * _STREAMS} if undecoded else {})
    try:
        return av.open(
            reader,
            "r",
            format=name,
            options=options,
            buffer_size=BUFFER_BYTES,
            io_open=_refuse,
            **more,
        )
    except DECODING_ERRORS as error:
        raise explain(error, path, opening=True) from error


def demux(container: av.container.InputContainer) -> Iterator[av.Packet[Any]]:
    """Yield the packets of the streams that were known when the container was opened.

    PyAV raises IndexError for a packet of a stream that appears later, and skips those when asked again.
    """
    while True:
        try:
            yield from container.demux()
        except IndexError:
            continue
        return


def _refuse(url: str, flags: int, options: dict[str, str]) -> Any:
    """Refuse to open a further file; FFmpeg calls this instead of its own ``open``."""
    raise PermissionError(errno.EPERM, f"a video may not open {url!r}")


def check_pixels(path: str, width: int, height: int, max_pixels: int) -> None:
    """Raise DecodeError(kind="too large") for a picture above the pixel cap."""
    if width * height > max_pixels:
        raise DecodeError(
            f"{path!r} has pictures of {width}x{height}, allowed are {max_pixels} pixels: "
            "raise max_pixels if the file is trusted",
            "too large",
        )


def explain(error: BaseException, path: str, *, opening: bool = False) -> DecodeError:
    """Return the DecodeError that says what `error` of PyAV means for the file `path`."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, DecodeError):
        return error
    if isinstance(error, MemoryError):
        return DecodeError(f"{path!r} asks for more memory than there is", "memory")
    if not isinstance(error, av.error.FFmpegError) and isinstance(error, OSError):
        return DecodeError(f"reading {path!r} failed: {reason}", "io")
    if not opening:
        return DecodeError(f"decoding {path!r} failed: {reason}", "decode")
    if isinstance(error, av.error.ArgumentError):
        return DecodeError(
            f"{path!r} is no container this program opens (allowed: {FORMATS}, and pictures in PNG, JPEG, "
            "WebP, TIFF and BMP)",
            "unsupported",
        )
    hint = "; a headerless YUV file needs raw=RawFormat(...)" if path.lower().endswith(HEADERLESS) else ""
    return DecodeError(f"{path!r} is not a video, or is damaged at its start: {reason}{hint}", "not a video")


def check_chosen(chosen: int, inside: int, path: str, sampling: Sampling) -> None:
    """Raise DecodeError if no frame is sampled.

    Parameters
    ----------
    chosen, inside : int
        Number of frames that are sampled, and of those in the part asked for.
    path : str
        The file.
    sampling : Sampling
        The options.

    Raises
    ------
    DecodeError
        Of the kind ``no frames in range``.
    """
    if not inside:
        raise DecodeError(f"{path!r} has no frame from {sampling.start_s:g} s on", "no frames in range")
    if not chosen:
        frames = "1 frame" if inside == 1 else f"{inside} frames"
        where = f" from {sampling.start_s:g} s on" if sampling.start_s else ""
        raise DecodeError(
            f"{path!r} gave {frames}{where}, and the offset {sampling.offset} is beyond the last: give one "
            f"below {inside}",
            "no frames in range",
        )
