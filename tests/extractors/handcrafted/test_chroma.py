"""Methods that read chroma planes declare what they take of frames without them."""

from __future__ import annotations

import numpy as np
import pytest
from yuv_clips import PlanePicture

from vqa_features import ParameterError, extract_frames
from vqa_features.extractors.handcrafted._chroma import stored_chroma
from vqa_features.frame import Frame, Views
from vqa_features.kernels.colour import chroma_at_luma_size
from vqa_features.kernels.resize import imresize
from vqa_features.picture import ArrayPicture
from vqa_features.registry import registry

READERS = sorted(name for name, cls in registry().items() if "chroma" in cls.needs)
NEEDS = ("luma", "chroma", "rgb")


def views(picture: ArrayPicture | PlanePicture, needs: tuple[str, ...] = NEEDS) -> Views:
    return Views(Frame(picture, 0, 0.0, "rgb2gray"), needs)


@pytest.mark.parametrize("shape", [(61, 83), (8, 12), (1, 1), (1, 9), (3, 2), (2, 1)])
@pytest.mark.parametrize("halved", [(True, True), (False, True), (False, False)])
def test_chroma_at_luma_size_has_the_bits_of_the_resize(
    shape: tuple[int, int], halved: tuple[bool, bool]
) -> None:
    stored = tuple((side + 1) // 2 if half else side for side, half in zip(shape, halved, strict=True))
    chroma = np.random.default_rng(0).integers(0, 1024, (2, *stored)).astype(np.float32) / 4
    size = tuple(
        2 * side if half and whole > side else side
        for side, half, whole in zip(stored, halved, shape, strict=True)
    )
    for got, plane in zip(chroma_at_luma_size(chroma, shape), chroma, strict=True):
        assert np.array_equal(got, imresize(plane, size)[: shape[0], : shape[1]])


def test_three_methods_read_chroma() -> None:
    assert READERS == ["rapique-nss", "tlvqm", "videval"]


@pytest.mark.parametrize("name", READERS)
def test_a_method_that_reads_chroma_declares_its_substitute(name: str) -> None:
    cls = registry()[name]
    assert dict(cls.substitutes) == {"chroma": "rgb"}
    assert "rgb" in cls.needs


@pytest.mark.parametrize("name", sorted(set(registry()) - set(READERS)))
def test_no_other_method_declares_a_substitute(name: str) -> None:
    assert dict(registry()[name].substitutes) == {}


def test_stored_planes_are_returned_as_they_are() -> None:
    rng = np.random.default_rng(0)
    luma, chroma = (rng.integers(0, 256, shape, dtype=np.uint8) for shape in ((8, 8), (2, 4, 4)))
    np.testing.assert_array_equal(stored_chroma(views(PlanePicture((luma, chroma), 8))), chroma)


def test_rgb_frames_have_the_chroma_of_bt601() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    pixels[0, 0], pixels[0, 1] = (255, 0, 0), (0, 0, 255)
    u, v = stored_chroma(views(ArrayPicture(pixels)))
    np.testing.assert_array_equal(u, [[90, 240], [128, 128]])
    np.testing.assert_array_equal(v, [[240, 110], [128, 128]])


def test_an_undeclared_view_is_an_error_and_not_a_substitute() -> None:
    frame = views(ArrayPicture(np.zeros((2, 2, 3), np.uint8)), ("luma", "rgb"))
    with pytest.raises(ParameterError, match="declared needs"):
        stored_chroma(frame)


@pytest.mark.parametrize("name", ["tlvqm", "rapique-nss"])
def test_a_gray_array_is_rgb_of_three_equal_channels(name: str) -> None:
    gray = np.random.default_rng(0).integers(0, 256, (4, 48, 64), dtype=np.uint8)
    colour = np.repeat(gray[..., None], 3, axis=3)
    np.testing.assert_array_equal(
        extract_frames(gray, name, fps=8), extract_frames(colour, name, fps=8, luma="rgb2gray")
    )
