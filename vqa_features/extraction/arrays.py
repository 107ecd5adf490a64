"""Frames in memory, given as arrays of any library, as planes or RGB of 8 to 16 bits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from ..files.reading import reason_of

Array = NDArray[Any]

#: Orders of axes that `layout` names: T frames, C channels, H lines, W columns.
LAYOUTS = ("HW", "HWC", "CHW", "THW", "THWC", "TCHW", "CTHW")
#: Whites of float frames that `data_range` names.
DATA_RANGES = (1, 255)
_BITS = range(8, 17)
#: Bits of uint16 samples where none are said, as in 10-bit video.
_USUAL_BITS = 10


class FramesInMemory(NamedTuple):
    """Frames of one shape.

    Attributes
    ----------
    arrays : list of ndarray
        Luma planes (h, w), or RGB (h, w, 3), uint8 or uint16.
    bit_depth : int
        Bits of a sample.
    single : bool
        Whether one picture was given, and not a sequence of frames.
    """

    arrays: list[Array]
    bit_depth: int
    single: bool


def frames_of(
    given: Any,
    *,
    layout: str | None = None,
    data_range: float | None = None,
    bit_depth: int | None = None,
) -> FramesInMemory:
    """Return frames given in any form; see `vqa_features.extract_frames` for the forms.

    Parameters
    ----------
    given : array, or iterable of arrays
        One picture or several frames.
    layout : str, optional
        One of `LAYOUTS`. Without it the shape has to be clear.
    data_range : {1, 255}, optional
        White of float frames.
    bit_depth : int, optional
        Bits of uint16 samples.

    Raises
    ------
    ParameterError
        If the shape is not clear or not allowed, or a sample has no certain meaning.
    """
    _check_options(layout, data_range, bit_depth)
    whole = _array_of(given)
    if whole is None:
        frames = [_upright(one, layout, number) for number, one in enumerate(_listed(given))]
        single = False
    else:
        order = layout or _order_of(whole, channels_first=_is_of("torch", given))
        frames, single = _split(whole, order), "T" not in order
    if not frames or not frames[0].size:
        raise ParameterError("no frames were given; at least one frame of at least one pixel is needed")
    if any(frame.shape != frames[0].shape or frame.dtype != frames[0].dtype for frame in frames):
        raise ParameterError("all frames must have the same shape and type")
    bits = _bits_of(frames[0], bit_depth)
    coded = [_coded(frame, number, data_range, bits) for number, frame in enumerate(frames)]
    return FramesInMemory(coded, bits, single)


def _check_options(layout: str | None, data_range: float | None, bit_depth: int | None) -> None:
    if layout is not None and layout not in LAYOUTS:
        raise ParameterError(f"layout must be one of {', '.join(LAYOUTS)}, got {layout!r}")
    if data_range is not None and data_range not in DATA_RANGES:
        raise ParameterError(f"data_range must be 1 or 255, the white of float frames, got {data_range!r}")
    if bit_depth is not None and bit_depth not in _BITS:
        raise ParameterError(f"bit_depth must be a whole number from 8 to 16, got {bit_depth!r}")


def _is_of(library: str, given: object) -> bool:
    return type(given).__module__.partition(".")[0] == library


def _array_of(given: Any) -> Array | None:
    """Return one array of any library as one of NumPy, None for a collection of frames."""
    if isinstance(given, str | bytes | os.PathLike):
        raise ParameterError(f"frames must be arrays, got the text {given!r:.80}; use extract for a file")
    if isinstance(given, Mapping | set | np.generic) or given is None:
        raise ParameterError(f"frames must be arrays, got {type(given).__name__}")
    if isinstance(given, np.ma.MaskedArray):
        raise ParameterError("a masked array is no picture: give its data, or fill it")
    if isinstance(given, np.ndarray):
        return None if given.dtype == object and given.ndim == 1 else given
    if _is_of("PIL", given):
        return _of_image(given)
    try:
        if _is_of("torch", given):
            tensor = given.detach().cpu()
            return np.asarray(tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor)
        return np.asarray(given) if hasattr(given, "__array__") and hasattr(given, "shape") else None
    except Exception as error:  # the boundary to another library
        raise ParameterError(
            f"the {type(given).__name__} cannot be turned into an array: {reason_of(error)}"
        ) from error


def _of_image(image: Any) -> Array:
    """Return the samples of an image of Pillow, whose mode says what they are."""
    if image.mode not in ("L", "RGB", "I;16"):
        raise ParameterError(
            f"an image of mode {image.mode} is not taken: convert it to L or RGB first, e.g. "
            'image.convert("RGB")'
        )
    return np.asarray(image)


def _listed(given: Any) -> list[Array]:
    """Return the frames of a collection as arrays."""
    if not isinstance(given, Iterable):
        raise ParameterError(f"frames must be arrays or a sequence of arrays, got {type(given).__name__}")
    frames = []
    for number, one in enumerate(given):
        array = _array_of(one)
        try:
            frames.append(np.asarray(one) if array is None else array)
        except ValueError as error:
            raise ParameterError(f"frame {number} is no array: {reason_of(error)}") from error
    return frames


def _order_of(array: Array, channels_first: bool) -> str:
    """Return the layout that a shape has, if it has one only; else ask for it."""
    shape = array.shape
    if array.ndim == 2:
        return "HW"
    if array.ndim == 3:
        if shape[2] == 3:
            _ask(shape, HWC="one RGB picture", THW=f"{shape[0]} grey frames of {shape[1]}x3")
        if shape[0] == 3 and channels_first:
            _ask(shape, CHW="one RGB picture", THW="3 grey frames")
        return "THW"
    if array.ndim == 4:
        last, second = shape[3] == 3, shape[1] == 3
        if last and second:
            _ask(shape, THWC="RGB frames with the channels last", TCHW="with the channels first")
        if last:
            return "THWC"
        if second or shape[0] == 3:
            name = "TCHW" if second else "CTHW"
            raise ParameterError(f"the channels of shape {shape} seem to come first: say layout={name!r}")
    raise ParameterError(
        "frames have the shape (H, W), (H, W, 3), (T, H, W) or (T, H, W, 3), or the one of layout, got "
        f"{shape}"
    )


def _ask(shape: tuple[int, ...], **readings: str) -> NoReturn:
    told = ", or ".join(f"layout={name!r} ({text})" for name, text in readings.items())
    raise ParameterError(f"the shape {shape} can be read in several ways: say {told}")


def _split(array: Array, order: str) -> list[Array]:
    """Return the frames of an array, each (h, w) or (h, w, 3)."""
    if array.ndim != len(order):
        raise ParameterError(f"layout={order!r} has {len(order)} axes, and the shape is {array.shape}")
    if "C" in order:
        array = _channels_last(array, order.index("C"), order)
    return list(array) if "T" in order else [array]


def _upright(array: Array, layout: str | None, number: int) -> Array:
    """Return one frame of a sequence as (h, w) or (h, w, 3)."""
    order = None if layout is None else layout.replace("T", "", 1)
    if layout == "CTHW":
        raise ParameterError("layout='CTHW' is one of a whole array, and a sequence of frames was given")
    if order is None:
        order = {2: "HW", 3: "HWC"}.get(array.ndim)
        if order is None or (order == "HWC" and array.shape[2] != 3):
            raise ParameterError(
                f"frame {number} of the sequence has the shape {array.shape}: a frame is (H, W) or "
                "(H, W, 3), or the one of layout, e.g. layout='CHW'"
            )
    (frame,) = _split(array, order)
    return frame


def _channels_last(array: Array, axis: int, order: str) -> Array:
    channels = array.shape[axis]
    if channels == 1:
        return array.squeeze(axis)
    if channels != 3:
        raise ParameterError(
            f"axis {axis} of layout={order!r} holds the channels, of which there are 3 (RGB) or 1, got "
            f"{channels} in the shape {array.shape}" + ("; leave alpha out" if channels == 4 else "")
        )
    return np.moveaxis(array, axis, -1)


def _bits_of(frame: Array, bit_depth: int | None) -> int:
    """Return the bits of the samples that `_coded` gives."""
    deep = frame.dtype.kind == "u" and frame.dtype.itemsize == 2
    if not deep and bit_depth not in (None, 8):
        raise ParameterError(f"bit_depth={bit_depth} is for uint16 frames, got {frame.dtype}")
    return (bit_depth or _USUAL_BITS) if deep else 8


def _coded(frame: Array, number: int, data_range: float | None, bits: int) -> Array:
    """Return a frame as uint8 or uint16 code values; ParameterError if a sample has no certain meaning."""
    kind, size = frame.dtype.kind, frame.dtype.itemsize
    if kind == "f":
        return _rounded(frame, number, data_range)
    if kind != "u" or size > 2:
        advice = (
            "a mask is no picture" if kind == "b" else "convert whole code values with .astype(numpy.uint8)"
        )
        raise ParameterError(f"frames must be uint8, uint16 or float, got {frame.dtype}: {advice}")
    if data_range is not None and (size, data_range) != (1, 255):
        raise ParameterError(f"data_range={data_range} is for float frames, got {frame.dtype}")
    if size == 1:
        return frame
    if (top := int(frame.max())) >= 1 << bits:
        raise ParameterError(
            f"frame {number} has values up to {top}, beyond {bits} bits: say bit_depth, at least "
            f"{top.bit_length()}"
        )
    return frame.astype(np.uint16, copy=False)


def _rounded(frame: Array, number: int, data_range: float | None) -> NDArray[np.uint8]:
    """Return float samples as 8-bit code values, rounded half up."""
    if data_range is None:
        raise ParameterError("float frames need data_range=1 or data_range=255: which value is white?")
    if not np.isfinite(frame).all():
        raise ParameterError(f"frame {number} holds samples that are not finite (nan or inf)")
    codes = np.floor(frame.astype(np.float64) * (255 / data_range) + 0.5)
    if codes.min() < 0 or codes.max() > 255:
        raise ParameterError(
            f"frame {number} has values from {frame.min():g} to {frame.max():g}, outside 0 to {data_range:g} "
            "of data_range: clip them, or say the other range"
        )
    return codes.astype(np.uint8)
