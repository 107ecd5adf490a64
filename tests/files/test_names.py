"""File names as text: the suffixes, the id of a file, and names that are not text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vqa_features.errors import ParameterError
from vqa_features.files.names import (
    ESCAPE,
    escaped_name,
    escaped_text,
    id_text,
    name_parts,
    opened_name,
    utf8_text,
    video_id,
    visible_text,
    without_suffix,
)

#: File names as a disk holds them, with the bytes that escaping has to do with.
NAMES = st.lists(
    st.sampled_from(
        [b"\\", b"x", b"E9", b"5C", b"\xe9", b"\xff", b"\n", b"\x1b", b"a", "é".encode(), b"\xc3"]
    ),
    min_size=1,
    max_size=8,
).map(b"".join)


@settings(deadline=None)
@given(name=NAMES)
def test_every_name_comes_back_from_its_text(name: bytes) -> None:
    text = escaped_name(os.fsdecode(name))
    assert os.fsencode(opened_name(text)) == name
    assert text.encode().decode().isprintable()


@settings(deadline=None)
@given(one=NAMES, other=NAMES)
def test_two_names_never_have_the_same_text(one: bytes, other: bytes) -> None:
    if one != other:
        assert escaped_name(os.fsdecode(one)) != escaped_name(os.fsdecode(other))


@pytest.mark.parametrize("name", ["a b", "%E9.mp4", "back\\slash", "é", "e\u0301", "😀", "\\x41", "שלום"])
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert escaped_name(name) == opened_name(name) == name


def test_a_name_that_is_no_text_is_written_with_its_bytes() -> None:
    assert escaped_name(os.fsdecode(b"caf\xe9.mp4")) == r"caf\xE9.mp4"
    assert escaped_name("a\nb\t.mp4") == r"a\x0Ab\x09.mp4"
    assert escaped_name(r"caf\xE9.mp4") == r"caf\x5CxE9.mp4"


def test_a_message_shows_the_bytes_quoted_or_not() -> None:
    name = os.fsdecode(b"caf\xe9")
    assert escaped_text(f"{name!r} and {name} are no video\n") == "'caf\\xE9' and caf\\xE9 are no video\n"


def test_the_text_opens_the_file_it_was_made_from(tmp_path: Path) -> None:
    odd, plain = tmp_path / os.fsdecode(b"caf\xe9.mp4"), tmp_path / r"caf\xE9.mp4"
    plain.touch()
    assert opened_name(plain) == str(plain)  # only a file of just this name exists
    odd.touch()
    with pytest.raises(ParameterError, match=r"names two files: .*write the first as '.*caf\\x5CxE9\.mp4'"):
        opened_name(plain)
    assert opened_name(plain, in_table=True) == str(odd)
    assert opened_name(escaped_name(plain)) == str(plain)
    assert opened_name(os.fsencode(plain)) == str(plain)
    plain.unlink()
    assert opened_name(escaped_name(odd)) == str(odd)


def test_one_suffix_is_dropped_from_a_file_name() -> None:
    assert video_id("x.mov.mp4") == "x.mov"
    assert [without_suffix(name) for name in ("x.MOV", "x.txt", ".mp4", "10.0", "1.50", "v1.0")] == [
        "x",
        "x.txt",
        ".mp4",
        "10",
        "1.50",
        "v1.0",
    ]


def test_paths_are_cut_at_slashes_of_either_kind_and_not_at_escapes() -> None:
    assert name_parts("/v//a\\b/./c.mp4") == ["v", "a", "b", "c.mp4"]
    assert name_parts(r"v/caf\xE9.mp4") == ["v", r"caf\xE9.mp4"]
    assert name_parts(r"v\x264\a.mp4") == ["v", "x264", "a.mp4"]


@pytest.mark.parametrize(
    ("given", "text"),
    [("001", "001"), ("10e1", "10e1"), (" a ", "a"), (7, "7"), (5115335471.0, "5115335471"), (2.5, "2.5")],
)
def test_an_id_is_text_as_it_was_written(given: object, text: str) -> None:
    assert id_text(given) == text


@settings(deadline=None)
@given(text=st.text(st.characters(), max_size=20))
def test_any_text_can_be_written_and_plain_text_stays(text: str) -> None:
    found = utf8_text(text)
    assert found.encode().decode() == found
    assert "\n".join([found, found]) == utf8_text("\n".join([text, text]))
    if not any("\ud800" <= char <= "\udfff" for char in text):
        assert found == text


@settings(deadline=None)
@given(text=st.text(st.characters(), max_size=20))
def test_a_visible_text_has_no_character_that_acts(text: str) -> None:
    found = visible_text(text)
    assert visible_text(found) == found
    assert not set(found) & set("\0\t\n\r\x1b\x7f\x85\u2028\u202e\u2066\ufffe\uffff\ufdd0\ud800\udfff")


def test_what_acts_is_written_with_its_bytes() -> None:
    assert visible_text("a\u202eb\tc\ud800") == r"a\xE2\x80\xAEb\x09c\xED\xA0\x80"
    assert visible_text("\u05e9\u05dc, e\u0301, \U0001f469\u200d\U0001f52c") == (
        "\u05e9\u05dc, e\u0301, \U0001f469\u200d\U0001f52c"
    )


def test_files_are_written_with_the_same_escapes(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("byte\udcff \ud800", encoding="utf-8", errors=ESCAPE)
    assert file.read_bytes() == rb"byte\xFF \xED\xA0\x80"
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", ESCAPE)


def test_an_id_is_text_that_can_be_written() -> None:
    assert id_text(" clip\udce9 ") == r"clip\xE9"
