"""Frames in memory: shapes, layouts, types and libraries; what is not clear is a question."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage.data import astronaut

import vqa_features as vf
from vqa_features.errors import DecodeError, ParameterError
from vqa_features.extraction.arrays import LAYOUTS, frames_of

RGB = np.stack([astronaut()[:120, k : k + 200] for k in (0, 4, 9, 20)])
GREY = np.ascontiguousarray(RGB[..., 1])
NAMES = ["brisque", "siti"]
Arrays = NDArray[Any]


def values(frames: Any, **options: Any) -> list[float]:
    return vf.extract_frames(frames, NAMES, **options).tolist()


@pytest.mark.parametrize(
    ("given", "layout", "expected"),
    [
        (GREY, None, GREY),
        (GREY, "THW", GREY),
        (RGB, None, RGB),
        (RGB, "THWC", RGB),
        (RGB.transpose(0, 3, 1, 2), "TCHW", RGB),
        (RGB.transpose(3, 0, 1, 2), "CTHW", RGB),
        (GREY[:, None], "TCHW", GREY),
        (GREY[..., None], "THWC", GREY),
        (GREY[0], None, GREY[:1]),
        (GREY[0], "HW", GREY[:1]),
        (RGB[0], "HWC", RGB[:1]),
        (RGB[0].transpose(2, 0, 1), "CHW", RGB[:1]),
        (GREY[:3], None, GREY[:3]),
        (list(GREY), None, GREY),
        (list(RGB), None, RGB),
        (tuple(RGB), "THWC", RGB),
        ([frame.transpose(2, 0, 1) for frame in RGB], "CHW", RGB),
        ([frame.transpose(2, 0, 1) for frame in RGB], "TCHW", RGB),
        ([Image.fromarray(frame) for frame in RGB], None, RGB),
        ([GREY[0, :, :3], GREY[1, :, :3]], None, GREY[:2, :, :3]),
    ],
)
def test_every_layout_gives_the_same_frames(given: Any, layout: str | None, expected: Arrays) -> None:
    found = frames_of(given, layout=layout)
    assert np.array_equal(np.stack(found.arrays), expected)
    assert found.single == (isinstance(given, np.ndarray) and "T" not in (layout or "T" * (given.ndim > 2)))


def test_generators_object_arrays_and_arrays_of_other_libraries() -> None:
    class Elsewhere:
        """An array of a library that nobody here knows."""

        shape = GREY.shape

        def __array__(self, dtype: Any = None, copy: Any = None) -> Arrays:
            return GREY

    several = np.empty(len(GREY), dtype=object)
    several[:] = list(GREY)
    for given in ((frame for frame in GREY), iter(list(GREY)), several, Elsewhere()):
        assert values(given) == values(GREY)
    assert frames_of(Image.fromarray(GREY[0])).single


@pytest.mark.parametrize("function", [vf.extract_frames, vf.score])
@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ((512, 512, 3), ("HWC", "THW")),
        ((4, 120, 3), ("HWC", "THW")),
        ((3, 120, 3), ("HWC", "THW")),
        ((4, 3, 120, 3), ("THWC", "TCHW")),
        ((4, 3, 120, 160), ("TCHW",)),
        ((3, 4, 120, 160), ("CTHW",)),
    ],
)
def test_a_shape_that_is_not_clear_is_a_question(
    function: Callable[[Arrays, str], Any], shape: tuple[int, ...], names: tuple[str, ...]
) -> None:
    with pytest.raises(ParameterError, match="layout=") as caught:
        function(np.zeros(shape, np.uint8), "niqe")
    assert all(f"layout='{name}'" in str(caught.value) for name in names)
    assert str(shape) in str(caught.value)


@pytest.mark.parametrize(
    ("given", "layout", "told"),
    [
        (RGB, "RGB", "layout must be one of"),
        (RGB, "HWC", "has 3 axes, and the shape is (4, 120, 200, 3)"),
        (GREY[0], "THW", "has 3 axes"),
        (GREY, "TCHW", "has 4 axes"),
        (RGB, "TCHW", "axis 1 of layout='TCHW' holds the channels"),
        (np.zeros((2, 8, 8, 4), np.uint8), "THWC", "leave alpha out"),
        (np.zeros((2, 8, 8, 4), np.uint8), None, "got (2, 8, 8, 4)"),
        (np.zeros((1, 2, 8, 8, 3), np.uint8), None, "got (1, 2, 8, 8, 3)"),
        (np.zeros(9, np.uint8), None, "got (9,)"),
        (np.array(3, np.uint8), None, "got ()"),
        (np.zeros((0, 8, 8), np.uint8), None, "no frames were given"),
        (np.zeros((2, 0, 8), np.uint8), None, "no frames were given"),
        ([], None, "no frames were given"),
        (iter([]), None, "no frames were given"),
        ([GREY[0], GREY[0, 1:]], None, "same shape and type"),
        ([GREY[0], RGB[0]], None, "same shape and type"),
        ([GREY[0], GREY[1].astype(np.uint16)], None, "same shape and type"),
        ([GREY], None, "frame 0 of the sequence has the shape (4, 120, 200)"),
        ([1, 2, 3], None, "frame 0 of the sequence has the shape ()"),
        ([[[1, 2], [3]]], None, "frame 0 is no array"),
        (list(RGB), "CTHW", "one of a whole array"),
        ("clip.mp4", None, "use extract for a file"),
        (Path("clip.mp4"), None, "use extract for a file"),
        (None, None, "got NoneType"),
        (7, None, "got int"),
        ({"a": GREY}, None, "got dict"),
        (np.ma.masked_array(GREY, GREY > 9), None, "masked"),
        (Image.fromarray(RGB[0]).quantize(8), None, "mode P is not taken"),
    ],
)
def test_what_is_no_sequence_of_frames_is_told(given: Any, layout: str | None, told: str) -> None:
    with pytest.raises(ParameterError) as caught:
        vf.extract_frames(given, "siti", layout=layout)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("white", [1, 255])
def test_float_frames_are_those_of_8_bits_when_white_is_said(kind: type, white: int) -> None:
    for frames in (GREY, RGB):
        assert values((frames / (255 / white)).astype(kind), data_range=white) == values(frames)


@pytest.mark.parametrize(
    ("frames", "options", "told"),
    [
        (GREY / 255, {}, "float frames need data_range=1 or data_range=255"),
        (GREY / 1.0, {"data_range": 1}, "outside 0 to 1 of data_range"),
        (GREY / 255 - 0.5, {"data_range": 1}, "outside 0 to 1 of data_range"),
        (np.where(GREY > 99, np.nan, 0.5), {"data_range": 1}, "frame 0 holds samples that are not finite"),
        (np.full((2, 9, 9), np.inf), {"data_range": 255}, "not finite"),
        (GREY / 255, {"data_range": 2}, "data_range must be 1 or 255"),
        (GREY, {"data_range": 1}, "data_range=1 is for float frames, got uint8"),
        (GREY.astype(np.uint16), {"data_range": 255}, "is for float frames, got uint16"),
        (GREY > 99, {}, "got bool: a mask is no picture"),
        (GREY.astype(np.int32), {}, "got int32: convert"),
        (GREY.astype(np.int64), {}, "got int64: convert"),
        (GREY.astype(np.int8), {}, "got int8"),
        (GREY.astype(np.uint32), {}, "got uint32"),
        (GREY.astype(complex), {}, "got complex128"),
        (GREY.astype(object), {}, "got object"),
        (GREY.astype(str), {}, "uint8, uint16 or float"),
        (GREY.astype(np.uint16) * 200, {}, "beyond 10 bits: say bit_depth, at least 16"),
        (GREY.astype(np.uint16) * 16, {"bit_depth": 11}, "at least 12"),
        (GREY, {"bit_depth": 10}, "bit_depth=10 is for uint16 frames, got uint8"),
        (GREY / 255, {"data_range": 1, "bit_depth": 12}, "bit_depth=12 is for uint16 frames"),
        (GREY.astype(np.uint16), {"bit_depth": 17}, "bit_depth must be a whole number from 8 to 16"),
    ],
)
def test_samples_without_a_certain_meaning_are_refused(
    frames: Arrays, options: dict[str, Any], told: str
) -> None:
    for call in (lambda: values(frames, **options), lambda: vf.score(frames, "niqe", **options)):
        with pytest.raises(ParameterError) as caught:
            call()
        assert told in str(caught.value)


def test_order_of_bytes_strides_and_locks_change_no_value() -> None:
    locked = GREY.copy()
    locked.flags.writeable = False
    wide = np.zeros((4, 240, 400), np.uint8)
    wide[:, ::2, ::2] = GREY
    turned = np.ascontiguousarray(GREY[:, ::-1, ::-1])
    deep = GREY.astype(np.uint16) * 4
    expected = values(GREY)
    for same in (locked, wide[:, ::2, ::2], turned[:, ::-1, ::-1], np.asfortranarray(GREY)):
        assert values(same) == expected
    assert values(deep.astype(">u2")) == values(deep)
    assert values(RGB[::-1][::-1]) == values(np.asfortranarray(RGB)) == values(RGB)
    assert np.array_equal(locked, GREY)


def test_a_tensor_is_its_array() -> None:
    torch = pytest.importorskip("torch")
    grey, rgb = torch.from_numpy(GREY), torch.from_numpy(RGB)
    assert values(grey) == values(GREY)
    assert values(rgb.permute(0, 3, 1, 2), layout="TCHW") == values(RGB)
    assert values((rgb / 255).requires_grad_(), data_range=1) == values(RGB)
    assert values([one / 255 for one in grey.to(torch.bfloat16)], data_range=1)
    assert vf.score(grey[0], "niqe") == vf.score(GREY[0], "niqe")
    with pytest.raises(ParameterError, match=r"layout='CHW'.*layout='THW'"):
        values(rgb[0].permute(2, 0, 1))  # three channels, or three frames
    with pytest.raises(ParameterError, match="say layout='TCHW'"):
        values(rgb.permute(0, 3, 1, 2))


def test_torch_is_not_imported_for_arrays() -> None:
    code = (
        "import sys, numpy as np, vqa_features as vf\n"
        "vf.extract_frames(np.zeros((2, 32, 32), np.uint8), 'siti')\n"
        "assert not {'torch', 'polars', 'PIL'} & set(sys.modules), sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_score_takes_the_same_forms() -> None:
    one = vf.score(RGB[0], "niqe", layout="HWC")
    assert one == vf.score(RGB[:1], "niqe") == vf.score([RGB[0]], "niqe")
    assert one == vf.score(RGB[0].transpose(2, 0, 1) / 255, "niqe", layout="CHW", data_range=1)
    deep = GREY.astype(np.uint16) * 256
    assert vf.score(deep, "niqe", bit_depth=16) == pytest.approx(vf.score(GREY, "niqe"), rel=1e-5)
    with pytest.raises(ParameterError, match=r"layout is for arrays, and 'a\.mp4' is a file"):
        vf.score("a.mp4", "niqe", layout="HWC")


def test_one_picture_is_refused_by_methods_that_need_more_frames() -> None:
    with pytest.raises(DecodeError, match="temporal-nss reads 2 frames, and this is a still picture"):
        vf.extract_frames(GREY[0], "temporal-nss")
    assert vf.extract_frames(GREY[:1], "temporal-nss").isna().all()  # a sequence of one frame
    table = vf.extract_frames(GREY[0], "brisque", per_frame=True)
    assert list(table.index) == [0.0]


def test_every_layout_is_named_in_the_documentation() -> None:
    text = str(vf.extract_frames.__doc__)
    assert all(f'"{layout}"' in text for layout in LAYOUTS)
