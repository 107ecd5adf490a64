"""Colour matrices of H.273: converted by their equations, or named in a warning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from small_videos import FFV1, encode, make_frame, moving, random_planes

from vqa_features.video import Video, colour


def _rgb(bits: int) -> NDArray[np.int64]:
    """Random colours, (h, w, 3), of `bits` bits."""
    return np.random.default_rng(5).integers(0, 2**bits, (24, 32, 3))


def _file(folder: Path, planes: list[NDArray[np.int64]], bits: int, code: int, full: bool = True) -> Path:
    pix_fmt = "yuv444p" if bits == 8 else f"yuv444p{bits}le"
    kind = np.uint8 if bits == 8 else np.uint16
    colour = {"colorspace": code, "color_range": 2 if full else 1}
    coded = [plane.astype(kind) for plane in planes]
    return encode(folder / "a.mkv", [coded], codec="ffv1", pix_fmt=pix_fmt, options=FFV1, colour=colour)


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True])
def test_ycgco_is_converted_by_its_equations(tmp_path: Path, bits: int, full: bool) -> None:
    r, g, b = np.moveaxis(_rgb(8) / 255, -1, 0)
    y, cg, co = r / 4 + g / 2 + b / 4, -r / 4 + g / 2 - b / 4, r / 2 - b / 2
    step, top = 2 ** (bits - 8), 2**bits - 1
    black, spans = (0, (top, top)) if full else (16 * step, (219 * step, 224 * step))
    planes = [np.rint(spans[0] * y + black)] + [np.rint(spans[1] * c + 128 * step) for c in (cg, co)]
    path = _file(tmp_path, [plane.clip(0, top) for plane in planes], bits, 8, full)
    with Video(path) as video:
        (frame,) = video
        assert video.info.color_matrix == "ycgco"
        assert video.outcome.warnings == ()
        # three roundings to code values of the file, of which the narrow range has 219 of 255
        assert np.abs(frame.view("rgb").astype(float) - _rgb(8)).max() <= (2 if bits == 8 else 1)


@pytest.mark.parametrize(("code", "more", "bits"), [(16, 2, 8), (16, 2, 10), (17, 1, 8), (17, 1, 9)])
def test_the_reversible_ycgco_gives_back_every_colour(
    tmp_path: Path, code: int, more: int, bits: int
) -> None:
    rgb = _rgb(bits)
    r, g, b = np.moveaxis(rgb, -1, 0)
    co = r - b
    base = b + (co >> 1)
    cg = g - base
    middle = 1 << (bits + more - 1)
    path = _file(tmp_path, [base + (cg >> 1), cg + middle, co + middle], bits + more, code)
    with Video(path) as video:
        (frame,) = video
        assert video.info.color_matrix == ("ycgco-re" if code == 16 else "ycgco-ro")
        assert (frame.view("rgb") == np.rint(rgb * 255 / (2**bits - 1))).all()
        assert video.outcome.warnings == (f"luma of {video.info.color_matrix} does not use the highest bits",)


@pytest.mark.parametrize(
    ("code", "name", "used"),
    [
        (10, "bt2020-cl", "bt2020"),
        (11, "smpte2085", "bt601"),
        (12, "chroma-derived", "bt601"),
        (13, "chroma-derived-cl", "bt601"),
        (14, "ictcp", "bt2020"),
        (15, "ipt-c2", "bt601"),
        (0, "rgb", "bt601"),
    ],
)
def test_a_matrix_that_is_not_converted_is_named(tmp_path: Path, code: int, name: str, used: str) -> None:
    planes = [np.full((24, 32), value) for value in (90, 120, 140)]
    with Video(_file(tmp_path, planes, 8, code)) as video:
        frames = list(video)
        named = video.info.color_matrix
        warnings = video.outcome.warnings
        rgb = frames[0].view("rgb")
    assert named == name
    assert warnings == (f"colour matrix {name} is not converted: RGB is made with {used}",)
    with Video(_file(tmp_path, planes, 8, {"bt2020": 9, "bt601": 6}[used])) as video:
        assert (next(iter(video)).view("rgb") == rgb).all()
        assert video.outcome.warnings == ()


@pytest.mark.parametrize(("primaries", "matrix"), [(1, 1), (9, 9)])
def test_a_matrix_derived_from_known_primaries_is_theirs(tmp_path: Path, primaries: int, matrix: int) -> None:
    planes = [np.full((24, 32), value) for value in (90, 120, 140)]
    colour = {"colorspace": 12, "color_range": 1, "color_primaries": primaries}
    coded = [plane.astype(np.uint8) for plane in planes]
    derived = encode(
        tmp_path / "b.mkv", [coded], codec="ffv1", pix_fmt="yuv444p", options=FFV1, colour=colour
    )
    named = _file(tmp_path, planes, 8, matrix, full=False)
    with Video(derived) as one, Video(named) as other:
        assert (next(iter(one)).view("rgb") == next(iter(other)).view("rgb")).all()
        assert one.info.color_matrix == "chroma-derived"
        assert one.outcome.warnings == ()


@pytest.mark.parametrize("second", [{"colorspace": 1, "color_range": 1}, {"colorspace": 6, "color_range": 2}])
def test_a_change_of_matrix_or_range_is_told(tmp_path: Path, second: dict[str, int]) -> None:
    first = {"colorspace": 6, "color_range": 1}
    parts = [moving(tmp_path / f"{i}.h264", 5, colour=tags) for i, tags in enumerate((first, second, first))]
    joined, same = tmp_path / "joined.h264", tmp_path / "same.h264"
    joined.write_bytes(parts[0].read_bytes() + parts[1].read_bytes())
    same.write_bytes(parts[0].read_bytes() + parts[2].read_bytes())
    for path, told in ((joined, True), (same, False)):
        with Video(path) as video:
            assert sum(1 for _ in video) == 10
        assert any("colour matrix or range change" in text for text in video.outcome.warnings) == told


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj420p", "yuv422p10le", "yuv444p", "yuv440p", "yuv410p"])
@pytest.mark.parametrize("size", [(38, 54), (37, 53), (1, 2), (64, 48)])
@pytest.mark.parametrize("matrix", ["bt601", "bt709", "bt2020"])
def test_rgb_is_that_of_the_packed_conversion(pix_fmt: str, size: tuple[int, int], matrix: str) -> None:
    frame = make_frame(random_planes(pix_fmt, *size), pix_fmt)
    packed = colour.samples(colour._converted(frame, "rgb24", matrix), 0)
    assert (colour.to_rgb(frame, matrix) == packed.reshape(size[1], size[0], 3)).all()
