r"""Names of video and picture files: their suffixes, ids made from them, and names that are not text.

A file name is bytes. Those of them that are not UTF-8, and control characters such as a line break, are
written ``\xHH`` in ids, tables, messages and reports (two upper-case hexadecimal digits per byte). Where a
name holds such a sequence by itself, its backslash is written ``\x5C``, so no two names have the same text.
`opened_name` turns the text back into the name.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import unicodedata

from ..errors import ParameterError

#: Suffixes of video files, in lower case.
VIDEO_SUFFIXES = frozenset(
    ".mp4 .m4v .mov .qt .mkv .webm .avi .divx .ogv .ogg .ogm .mpg .mpeg .mpe .m1v .m2v .mp2v .vob "
    ".ts .m2ts .mts .m2t .y4m .flv .f4v .wmv .asf .rm .rmvb .3gp .3gpp .3g2 .dv .mxf .gxf .nut .ivf .obu "
    ".mj2 .mjpg .mjpeg .gif .apng .h263 .h264 .264 .avc .hevc .h265 .265 .h266 .266 .vvc .yuv".split()
)
#: Suffixes of still pictures, in lower case.
PICTURE_SUFFIXES = frozenset(".png .jpg .jpeg .jpe .jfif .webp .tif .tiff .bmp .dib".split())
_BYTE = "[01][0-9A-F]|7F|5C|[89A-F][0-9A-F]"
_ESCAPE = re.compile(rf"\\x({_BYTE})")
_SEPARATOR = re.compile(rf"/|\\(?!x(?:{_BYTE}))")
#: Greatest length of a name on a page, in characters, and of the part of its end that is kept.
MOST_NAME, _TAIL = 80, 12
#: How `repr` writes a byte of a name that is not UTF-8.
_QUOTED = re.compile(r"\\udc([89a-f][0-9a-f])")
_WHOLE = re.compile(r"(\d+)\.0+")
#: Error handler, as of `open`: a lone surrogate is written as `escaped_text` writes it.
ESCAPE = "vqa_features.escape"
#: Characters that change the direction of the text after them.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def escaped_name(name: str | bytes | os.PathLike[str]) -> str:
    r"""Return a file name as text that can be written anywhere.

    Parameters
    ----------
    name : str, bytes or path
        A name as `os.listdir` gives it.

    Returns
    -------
    str
        The same name if it is plain text, else with ``\xHH`` for bytes that are not UTF-8 and for control
        characters.

    Examples
    --------
    >>> import os
    >>> escaped_name(os.fsdecode(b"caf\xe9.mp4"))
    'caf\\xE9.mp4'
    """
    text = _ESCAPE.sub(lambda found: rf"\x5C{found[0][1:]}", os.fsdecode(name))
    return "".join(_escaped(char) if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)


def escaped_text(text: str) -> str:
    r"""Return a message with ``\xHH`` for the bytes of names in it that are not UTF-8, quoted or not."""
    plain = _QUOTED.sub(lambda found: rf"\x{found[1].upper()}", text)
    return "".join(_escaped(char) if unicodedata.category(char) == "Cs" else char for char in plain)


def visible_text(text: str) -> str:
    r"""Return a text that changes nothing around it where it is shown.

    As `escaped_text`, and control characters, line ends, characters that change the direction of the text,
    and code points that are no characters are written ``\xHH`` too.
    """
    return "".join(_escaped(char) if _acts(char) else char for char in escaped_text(text))


def shown(name: object, most: int = MOST_NAME) -> str:
    r"""Return a name as it is shown: nothing in it acts on what is around it, and its length is limited.

    Parameters
    ----------
    name : object
        Any text, such as the id of a video or the name of a table.
    most : int
        Greatest length, at least 24.

    Returns
    -------
    str
        The name, in quotes if it is blank, with ``\xHH`` for what cannot be seen. A longer one is cut in the
        middle and ends in a hash of the whole, so that names that differ look different.

    Examples
    --------
    >>> shown("clip\n1")
    'clip\\x0A1'
    >>> shown("a" * 50, most=30)
    'aaaaaaaaa…aaaaaaaaaaaa #160b4e'
    """
    text = visible_text(str(name))
    if len(text) > most:
        digest = hashlib.sha256(text.encode()).hexdigest()[:6]
        text = f"{text[: most - _TAIL - 9]}…{text[-_TAIL:]} #{digest}"
    return text if text.strip() else f'"{text}"'


def _acts(char: str) -> bool:
    return (
        unicodedata.category(char) in ("Cc", "Zl", "Zp")
        or char in _DIRECTIONS
        or ord(char) & 0xFFFE == 0xFFFE
        or 0xFDD0 <= ord(char) <= 0xFDEF
    )


def utf8_text(text: str) -> str:
    r"""Return a text that can be written as UTF-8, with ``\xHH`` for each lone surrogate."""
    return text.encode("utf-8", ESCAPE).decode()


def _escape_surrogates(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return escaped_text(error.object[error.start : error.end]), error.end


codecs.register_error(ESCAPE, _escape_surrogates)


def plain_text(text: str) -> str:
    """Return a text that can be written as UTF-8; raise ValueError if it holds half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"the text '{escaped_text(text)}' holds half a character") from None
    return text


def _escaped(char: str) -> str:
    """Write a character as bytes; a surrogate that stands for no byte is one of a text, not of a name."""
    stands_for_byte = "\udc80" <= char <= "\udcff"
    found = char.encode("utf-8", "surrogateescape" if stands_for_byte else "surrogatepass")
    return "".join(f"\\x{byte:02X}" for byte in found)


def opened_name(text: str | bytes | os.PathLike[str], *, in_table: bool = False) -> str:
    r"""Return the name of the file that a text means: the inverse of `escaped_name`.

    A text without ``\xHH`` is the name. One with it is the name it was made from, or itself where only a
    file of just that name exists.

    Parameters
    ----------
    text : str, bytes or path
        A name as the user, a table or a list gives it; bytes are the name itself.
    in_table : bool
        It stands in a table: where two files fit, it is the one whose name is written so.

    Raises
    ------
    ParameterError
        If there are two such files, outside a table.
    """
    plain = os.fsdecode(text)
    if isinstance(text, bytes) or _ESCAPE.search(plain) is None:
        return plain
    meant = os.fsdecode(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), _ascii(plain)).encode("latin-1"))
    both = os.path.lexists(plain) and os.path.lexists(meant)
    if not os.path.lexists(plain) or (both and in_table):
        return meant
    if both:
        raise ParameterError(
            f"'{plain}' names two files: one of just this name and one whose name is written so; "
            f"write the first as '{escaped_name(plain)}'"
        )
    return plain


def _ascii(text: str) -> str:
    """Return a text whose characters are the bytes of the name."""
    return os.fsencode(text).decode("latin-1")


def name_parts(name: str) -> list[str]:
    """Return the folders and the last name of a path with slashes of either kind, without empty parts."""
    return [part for part in _SEPARATOR.split(name) if part not in ("", ".")]


def without_suffix(name: str) -> str:
    """Return a name without one suffix of a video or picture, and without the ``.0`` of a whole number."""
    stem, dot, suffix = name.rpartition(".")
    if stem and dot and f".{suffix.lower()}" in VIDEO_SUFFIXES | PICTURE_SUFFIXES:
        return stem
    whole = _WHOLE.fullmatch(name)
    return whole[1] if whole else name


def id_text(name: object) -> str:
    r"""Return an id as text: a whole float counts as an integer, spaces around a text are dropped.

    A lone surrogate is written ``\xHH``.

    Examples
    --------
    >>> id_text(5115335471.0), id_text(" 001")
    ('5115335471', '001')
    """
    if isinstance(name, float) and name.is_integer():
        name = int(name)
    return utf8_text(str(name)).strip()


def video_id(name: object) -> str:
    """Return the id of a video or picture: its name without folder and suffix.

    Only one suffix is dropped, and only here: an id in a table stays as it is (`vqa_features.tables.ids`).

    Parameters
    ----------
    name : str, path or number
        A file name, with slashes of either kind. A whole float counts as an integer.

    Returns
    -------
    str
        The id. A suffix that is not one of `VIDEO_SUFFIXES` and `PICTURE_SUFFIXES` stays.

    Examples
    --------
    >>> video_id("videos/clip.mp4")
    'clip'
    >>> video_id("x.mov.mp4")
    'x.mov'
    >>> video_id("take.1")
    'take.1'
    >>> video_id(5115335471.0)
    '5115335471'
    """
    text = id_text(name)
    return without_suffix((name_parts(text) or [text])[-1])
