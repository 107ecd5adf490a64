"""Still pictures are videos of one frame: right planes for every kind, or one sentence."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

import vqa_features as vf
from vqa_features.errors import DecodeError
from vqa_features.frame import Frame
from vqa_features.picture import rgb2gray
from vqa_features.specs import Sampling
from vqa_features.video import open_video
from vqa_features.video.picture_header import MAX_PICTURE_PIXELS
from vqa_features.video.still import StillPicture

#: JPEG: FFmpeg's and libjpeg's inverse transforms, and their interpolations of chroma, round differently.
JPEG_LUMA, JPEG_RGB = 1, 4
LOSSLESS = {"png": {}, "webp": {"lossless": True}, "tiff": {}, "bmp": {}}


def content(image: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def colours(height: int = 47, width: int = 61) -> NDArray[np.uint8]:
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(0).normal(0, 4, (height, width, 3))
    smooth = np.stack([3 * x + y, 255 - 2 * x, 4 * y], axis=-1) % 256 * 0.8 + 20
    return (smooth + noise).clip(0, 255).astype(np.uint8)


def frame_of(path: Path, data: bytes) -> tuple[Frame, StillPicture]:
    path.write_bytes(data)
    with open_video(path) as opened:
        assert isinstance(opened, StillPicture)
        (frame,) = opened
        return frame, opened


def refusal(path: Path, data: bytes) -> DecodeError:
    path.write_bytes(data)
    with pytest.raises(DecodeError) as caught:
        open_video(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("form", LOSSLESS)
def test_lossless_formats_give_the_pixels_and_their_gray(form: str, tmp_path: Path) -> None:
    pixels = colours()
    frame, opened = frame_of(tmp_path / f"a.{form}", content(Image.fromarray(pixels), form, **LOSSLESS[form]))
    assert np.array_equal(frame.view("rgb"), pixels)
    assert np.array_equal(frame.view("luma"), rgb2gray(pixels))
    info, outcome = opened.info, opened.outcome
    assert (info.width, info.height, info.frames, info.container, info.still) == (61, 47, 1, form, True)
    assert (outcome.status, outcome.warnings, outcome.frames_decoded, outcome.frames_expected) == (
        "ok",
        (),
        1,
        1,
    )


@pytest.mark.parametrize(
    ("image", "form", "options"),
    [
        (Image.fromarray(colours()).quantize(64), "png", {}),
        (Image.fromarray(colours()).quantize(4), "png", {"bits": 2}),
        (Image.fromarray(colours()).quantize(64), "tiff", {"compression": "tiff_lzw"}),
        (Image.fromarray(colours()).quantize(64), "bmp", {}),
        (Image.fromarray(colours()).convert("1"), "png", {}),
        (Image.fromarray(colours()).convert("1"), "tiff", {"compression": "group4"}),
        (Image.fromarray(colours()).convert("L"), "png", {}),
        (Image.fromarray(colours()).convert("L"), "bmp", {}),
        (Image.fromarray(colours()).convert("L"), "tiff", {"compression": "packbits"}),
        (Image.fromarray(colours()), "tiff", {"compression": "tiff_deflate"}),
    ],
)
def test_palettes_gray_and_one_bit_give_the_picture_that_is_shown(
    image: Image.Image, form: str, options: dict[str, Any], tmp_path: Path
) -> None:
    frame, _ = frame_of(tmp_path / f"a.{form}", content(image, form, **options))
    shown = np.asarray(image.convert("RGB"))
    assert np.array_equal(frame.view("rgb"), shown)
    assert np.array_equal(frame.view("luma"), rgb2gray(shown))


def test_sixteen_bits_are_kept_in_luma(tmp_path: Path) -> None:
    deep = np.random.default_rng(1).integers(0, 65536, (33, 47), dtype=np.uint16)
    for form in ("png", "tiff"):
        frame, opened = frame_of(tmp_path / "a", content(Image.fromarray(deep), form))
        assert np.array_equal(frame.view("luma"), (deep / 256).astype(np.float32))
        assert opened.info.bit_depth == 16


def test_sixteen_bit_colour_is_that_of_the_array(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")  # comes with scikit-image
    deep = np.random.default_rng(1).integers(0, 65536, (33, 47, 3), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", deep, photometric="rgb")
    frame, _ = frame_of(tmp_path / "b.tif", (tmp_path / "a.tif").read_bytes())
    assert np.array_equal(frame.view("rgb"), np.rint(deep / 256).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"progressive": True}, {"quality": 50}])
def test_luma_of_a_jpeg_is_its_full_range_y_plane(options: dict[str, Any], tmp_path: Path) -> None:
    data = content(Image.fromarray(colours()), "jpeg", **options)
    with Image.open(io.BytesIO(data)) as image:
        image.draft("YCbCr", None)
        y = np.asarray(image)[..., 0].astype(int)
    frame, opened = frame_of(tmp_path / "a.jpg", data)
    assert np.abs(frame.view("luma") - y).max() <= JPEG_LUMA
    off = np.abs(frame.view("rgb") - np.asarray(Image.open(io.BytesIO(data))).astype(int))
    assert off.max() <= JPEG_RGB if options == {"subsampling": 0} else off.mean() < 2
    assert opened.info.color_range == "full"


def test_a_gray_jpeg_has_its_samples_in_every_channel(tmp_path: Path) -> None:
    data = content(Image.fromarray(colours()).convert("L"), "jpeg", quality=95)
    frame, _ = frame_of(tmp_path / "a.jpg", data)
    assert (
        np.abs(frame.view("luma") - np.asarray(Image.open(io.BytesIO(data))).astype(int)).max() <= JPEG_LUMA
    )
    assert np.array_equal(frame.view("rgb")[..., 1], frame.view("luma"))


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "tiff"])
def test_every_orientation_of_exif_is_turned_upright(form: str, tmp_path: Path) -> None:
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        data = content(
            Image.fromarray(colours()),
            form,
            exif=exif,
            **({"subsampling": 0} if form == "jpeg" else LOSSLESS[form]),
        )
        with Image.open(io.BytesIO(data)) as image:
            upright = np.asarray(ImageOps.exif_transpose(image)).astype(int)
        frame, opened = frame_of(tmp_path / "a", data)
        assert (opened.info.height, opened.info.width) == upright.shape[:2] == frame.view("luma").shape
        assert np.abs(frame.view("rgb") - upright).max() <= (JPEG_RGB if form == "jpeg" else 0), orientation


def test_alpha_is_ignored_with_a_word(tmp_path: Path) -> None:
    pixels = colours()
    for mode, layers in (("RGBA", [pixels, pixels[..., 0]]), ("LA", [pixels[..., 1], pixels[..., 0]])):
        image = Image.fromarray(np.dstack(layers), mode)
        frame, opened = frame_of(tmp_path / "a.png", content(image, "png"))
        assert opened.outcome.warnings == ("alpha is ignored",)
        assert np.array_equal(frame.view("rgb")[..., 1], layers[0][..., 1] if mode == "RGBA" else layers[0])


@pytest.mark.parametrize("form", ["tiff", "mpo"])
def test_of_several_pictures_in_a_file_the_first_is_used_with_a_word(form: str, tmp_path: Path) -> None:
    first = Image.fromarray(colours())
    data = content(first, form, save_all=True, append_images=[Image.fromarray(colours()[::-1])])
    frame, opened = frame_of(tmp_path / "a", data)
    assert opened.outcome.warnings == ("the file holds several pictures: the first one is used",)
    assert np.abs(frame.view("rgb") - colours().astype(int)).mean() < 10


def test_an_animated_png_is_a_video(tmp_path: Path) -> None:
    others = [Image.fromarray(np.roll(colours(), k, axis=1)) for k in (1, 2)]
    data = content(Image.fromarray(colours()), "png", save_all=True, append_images=others)
    (tmp_path / "a.png").write_bytes(data)
    with open_video(tmp_path / "a.png") as opened:
        assert not isinstance(opened, StillPicture)
        assert len(list(opened)) == 3


def odd_tiff(**options: Any) -> bytes:
    tifffile = pytest.importorskip("tifffile")
    file = io.BytesIO()
    array = options.pop("array", colours())
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("told", "data"),
    [
        ("a CMYK picture", lambda: content(Image.fromarray(colours()).convert("CMYK"), "jpeg")),
        ("a CMYK picture", lambda: content(Image.fromarray(colours()).convert("CMYK"), "tiff")),
        ("colour space LAB", lambda: content(Image.fromarray(colours()).convert("LAB"), "tiff")),
        ("real numbers", lambda: odd_tiff(array=colours()[..., 0].astype(np.float32))),
        ("signed", lambda: odd_tiff(array=colours()[..., 0].astype(np.int16))),
        ("32-bit", lambda: content(Image.fromarray(colours()[..., 0].astype(np.int32)), "tiff")),
        ("in tiles", lambda: odd_tiff(tile=(16, 16))),
        ("BigTIFF", lambda: odd_tiff(bigtiff=True)),
        ("compression 7", lambda: content(Image.fromarray(colours()), "tiff", compression="jpeg")),
        (
            "animated WebP",
            lambda: content(
                Image.fromarray(colours()),
                "webp",
                save_all=True,
                append_images=[Image.fromarray(colours()[::-1])],
            ),
        ),
    ],
)
def test_kinds_that_are_not_read_are_named(told: str, data: Any, tmp_path: Path) -> None:
    error = refusal(tmp_path / "a", data())
    assert error.kind == "unsupported"
    assert told in str(error)
    assert "save it as PNG" in str(error)


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "tiff", "bmp"])
def test_a_picture_that_is_cut_is_never_ok(form: str, tmp_path: Path) -> None:
    whole = content(Image.fromarray(colours()), form)
    for cut in (len(whole) // 2, len(whole) // 4, 100):
        assert refusal(tmp_path / f"a.{form}", whole[:-cut]).kind in ("decode", "not a video")


def test_a_jpeg_without_its_end_is_suspect(tmp_path: Path) -> None:
    whole = content(Image.fromarray(colours()), "jpeg")
    for data, status in ((whole[:-2], "suspect"), (whole + b"\0" * 9, "ok"), (whole + whole, "ok")):
        assert frame_of(tmp_path / "a.jpg", data)[1].outcome.status == status


@pytest.mark.parametrize("form", ["png", "jpeg"])
def test_changed_bytes_of_png_and_jpeg_are_found(form: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    data = bytearray(content(Image.fromarray(noise), form))
    middle = len(data) // 2
    data[middle : middle + 24] = bytes(byte ^ 0x5A for byte in data[middle : middle + 24])
    assert refusal(tmp_path / "a", bytes(data)).kind == "decode"


def test_other_contents_under_the_name_of_a_picture(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.png", b"").kind == "empty"
    assert refusal(tmp_path / "a.jpg", b"<html>404 Not Found</html>").kind == "not a video"
    assert refusal(tmp_path / "a.png", b"\x89PNG\r\n\x1a\n" + bytes(99)).kind in ("decode", "not a video")
    frame, _ = frame_of(tmp_path / "a.jpg", content(Image.fromarray(colours()), "png"))  # a PNG called .jpg
    assert np.array_equal(frame.view("rgb"), colours())


def test_a_picture_that_is_too_large_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    for side in (11_600, 16_000):
        image = Image.new("1", (side, side))
        assert side * side > MAX_PICTURE_PIXELS
        error = refusal(tmp_path / "a.png", content(image, "png"))
        assert error.kind == "too large"
        assert f"at most {MAX_PICTURE_PIXELS}" in str(error)


def test_tiny_and_odd_pictures_are_read(tmp_path: Path) -> None:
    for height, width in ((1, 1), (1, 9), (7, 1), (3, 5)):
        for form in ("png", "jpeg", "bmp"):
            frame, _ = frame_of(
                tmp_path / f"a.{form}", content(Image.fromarray(colours(height, width)), form)
            )
            assert frame.view("luma").shape == (height, width)


def test_sampling_of_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(colours()).save(path)
    some = (Sampling(fps=2), Sampling(frames=5), Sampling(every=3), Sampling(every="second"))
    for sampling in (*some, Sampling(duration_s=1)):
        with open_video(path, sampling=sampling) as opened:
            assert len(list(opened)) == 1
    with open_video(path, sampling=Sampling(start_s=1)) as opened, pytest.raises(DecodeError, match="still"):
        list(opened)


@pytest.mark.parametrize("form", ["png", "tiff", "bmp"])
@pytest.mark.parametrize("kind", ["grey", "colour"])
def test_brisque_and_niqe_of_a_file_are_those_of_its_array(form: str, kind: str, tmp_path: Path) -> None:
    pixels = colours(200, 240)
    pixels = pixels[..., 1] if kind == "grey" else pixels
    Image.fromarray(pixels).save(tmp_path / f"a.{form}")
    for name in ("brisque", "niqe"):
        assert vf.score(tmp_path / f"a.{form}", name) == vf.score([pixels], name)


def test_damaged_pictures_are_read_or_refused_in_our_words(tmp_path: Path) -> None:
    random, image, refused = np.random.default_rng(7), Image.fromarray(colours(24, 32)), list[str]()
    for form in ("png", "jpeg", "webp", "tiff", "bmp", "mpo"):
        whole = content(image, form)
        for _ in range(60):
            data = bytearray(whole)
            for place in random.integers(0, min(len(data), int(random.choice([64, 400]))), 3):
                data[place] = random.integers(0, 256)
            path = tmp_path / f"a.{form}"
            path.write_bytes(bytes(data))
            try:
                with open_video(path) as opened:
                    for frame in opened:
                        assert frame.view("rgb").shape[:2] == frame.view("luma").shape
            except DecodeError as error:
                refused.append(str(error))
    assert len(refused) > 60
    assert not [text for text in refused if "\n" in text or len(text) > 600]
