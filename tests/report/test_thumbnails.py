"""Pictures from anywhere: what is embedded, and what is left out, with its reason."""

from __future__ import annotations

import base64
import io
import os
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vqa_features.report import thumbnails
from vqa_features.report.thumbnails import MOST_SIDE, WIDTH, embed

RED = (200, 30, 30)


def picture(kind: str, size: tuple[int, int] = (480, 270), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, RED).save(out, kind, **options)
    return out.getvalue()


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a PNG that declares a size, whatever its data."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def scans(count: int) -> bytes:
    """Return a progressive JPEG whose first scan begins again and again."""
    whole = picture("JPEG", progressive=True)
    at = whole.index(b"\xff\xda")
    return whole[:at] + whole[at : at + 10] * count + whole[at:]


def decoded(address: str) -> Image.Image:
    head, _, text = address.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(text)), formats=["JPEG"])


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_embedded_as_a_small_jpeg(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "still"
    file.write_bytes(picture(kind))
    found = embed({"a": picture(kind), "b": file, "c": str(file)}, ["a", "b", "c"])
    assert found.note == ""
    for address in found.addresses.values():
        assert decoded(address).size == (WIDTH, round(WIDTH * 270 / 480))
        np.testing.assert_allclose(np.asarray(decoded(address)).mean(axis=(0, 1)), RED, atol=3)


def test_the_orientation_of_the_camera_is_applied_and_its_data_are_dropped() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker of the camera"
    found = embed({"a": picture("JPEG", exif=exif)}, ["a"]).addresses["a"]
    assert decoded(found).size == (WIDTH, round(WIDTH * 480 / 270))
    assert b"maker" not in base64.b64decode(found.partition(",")[2])


def test_sixteen_bit_grey_keeps_its_brightness() -> None:
    out = io.BytesIO()
    Image.fromarray(np.full((90, 160), 0x8000, np.uint16)).save(out, "PNG")
    found = embed({"a": out.getvalue()}, ["a"]).addresses["a"]
    np.testing.assert_allclose(np.asarray(decoded(found)), 128, atol=2)


def test_a_very_tall_picture_has_a_limited_height() -> None:
    found = embed({"a": picture("PNG", (20, 4000))}, ["a"]).addresses["a"]
    assert decoded(found).size == (WIDTH, MOST_SIDE)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (png_of(30_000, 30_000), "more than 40 million pixels"),
        (png_of(8_000, 8_000), "more than 40 million pixels"),
        (png_of(2**31 - 1, 2**31 - 1), "more than 40 million pixels"),
        (png_of(0, 7), "no whole"),
        (png_of(480, 270), "no whole"),
        (picture("JPEG")[:600], "no whole"),
        (b"", "no whole"),
        (b"no picture", "no whole"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no whole"),
        (picture("GIF"), "no whole"),
        (picture("BMP"), "no whole"),
        (picture("TIFF"), "no whole"),
        (picture("PPM"), "no whole"),
        (scans(500), "more than 100 scans"),
        ("/dev/zero", "it is a pipe or a device"),
        ("/dev", "it is a folder"),
        ("/absent/still.png", "No such file"),
        ("still\0.png", "null byte"),
        (7, "TypeError"),
    ],
)
def test_a_picture_that_cannot_be_used_is_left_out_with_its_reason(content: object, reason: str) -> None:
    found = embed({"bad": content, "good": picture("PNG")}, ["bad", "good"])  # type: ignore[dict-item]
    assert list(found.addresses) == ["good"]
    assert found.note.startswith("1 of the pictures given are not shown: ")
    assert reason in found.note


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "it is a pipe or a device" in embed({"a": tmp_path / "pipe"}, ["a"]).note


def test_files_stay_closed(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for source in (tmp_path, tmp_path / "absent", "/dev/zero"):
        embed({"a": source}, ["a"])
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(picture("PNG"))
    os.truncate(file, thumbnails.MOST_BYTES + 1)
    assert "larger than 32 MiB (1)" in embed({"a": file}, ["a"]).note


def test_every_picture_is_embedded_or_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "BUDGET", 3000)
    ids = [f"v{k}" for k in range(30)]
    given = {name: picture("PNG") for name in ids} | {"stranger": b""}
    found = embed(given, ids, wanted=set(ids[:20]))
    assert 1 <= len(found.addresses) < 20
    assert sum(map(len, found.addresses.values())) <= 3000
    assert f"{31 - len(found.addresses)} of the pictures" in found.note
    assert "of no tested video (1)" in found.note
    assert "of videos that are not on this page (10)" in found.note


def test_a_picture_of_a_video_beside_the_page_is_not_given_to_another() -> None:
    found = embed({"b/clip": picture("PNG")}, ["a/clip", "b/clip"], wanted={"a/clip"})
    assert found.addresses == {}


MEASURED = """
import io, resource, sys
from PIL import Image
from vqa_features.report.thumbnails import embed
small = io.BytesIO(); Image.new("RGB", (9, 9)).save(small, "PNG")
embed({"a": small.getvalue()}, ["a"])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
embed({"a": sys.stdin.buffer.read()}, ["a"])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def memory_of(content: bytes) -> int:
    """Return what a picture takes in MiB."""
    done = subprocess.run([sys.executable, "-c", MEASURED], input=content, capture_output=True, check=True)
    return int(done.stdout)


def test_what_a_header_declares_takes_no_memory() -> None:
    assert memory_of(png_of(30_000, 30_000)) < 20
    assert memory_of(png_of(6_000, 6_000, bytes((6_000 * 3 + 1) * 6_000))) < 500


def test_mutated_pictures_are_embedded_or_counted() -> None:
    seeds = [picture("PNG", (60, 40)), picture("JPEG", (60, 40)), picture("JPEG", (60, 40), progressive=True)]
    dice = random.Random(0)
    used = 0
    for _ in range(600):
        raw = bytearray(dice.choice(seeds))
        for _ in range(dice.choice((1, 2, 8))):
            raw[dice.randrange(len(raw))] = dice.randrange(256)
        found = embed({"a": bytes(raw)}, ["a"])
        assert bool(found.addresses) != bool(found.note)
        used += bool(found.addresses)
    assert 0 < used < 600
