"""How a text table is written: encoding, lines before the header, header and separator, from its start."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from ..errors import TableError, first_few
from ..files.regular import open_regular, open_text
from .columns import check_width

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Characters of the start of a file that hold the header and some rows.
_HEAD = 1 << 22
_SAMPLED_ROWS = 20
_BLOCK = 1 << 24
_ENCODING_NAMES = {"cp1252": "Windows-1252"}


class Layout(NamedTuple):
    """How a text table is written."""

    encoding: str
    separator: str
    columns: list[str]
    """Names of the columns; one without a name is called after its place, such as ``unnamed column 1``."""
    skipped: list[str]
    """Lines before the header."""
    header_end: int
    """Number of lines up to the end of the header."""
    sample: list[list[str]]
    """First rows."""

    @property
    def comma_likely(self) -> bool:
        """Whether numbers probably have decimal commas: Excel then separates cells by semicolons."""
        return self.separator == ";"

    def notes(self, file: Path) -> list[str]:
        """Return what was recognised and is not the ordinary case."""
        told = []
        if self.encoding not in ("utf-8", "utf-8-sig"):
            told.append(f"the encoding {_ENCODING_NAMES.get(self.encoding, self.encoding.upper())}")
        if self.separator != _usual_separator(file) and len(self.columns) > 1:
            told.append(f"a {name_of(self.separator)} between cells")
        if any(line.startswith("#") for line in self.skipped):
            told.append(f"{len(self.skipped)} line(s) before the header skipped")
        return [f"read with {', '.join(told)}"] if told else []


def encoding_of(path: Path, kind: str) -> str:
    """Return Python's name of the encoding of a text file; TableError if it is no text."""
    with open_regular(path) as stream:
        start = stream.read(4096)
        for mark, name in _MARKS:
            if start.startswith(mark):
                return name
        if b"\0" in start:
            return _wide_encoding(start, path, kind)
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := stream.read(_BLOCK):
                if decoder.getstate()[0] or not block.isascii():
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _wide_encoding(start: bytes, path: Path, kind: str) -> str:
    """Return UTF-16 of the byte order that the zero bytes of Latin letters show."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) // 4 and min(even, odd) == 0:
        return "utf-16-be" if even else "utf-16-le"
    raise TableError(f"{path} cannot be read as {kind}: it holds zero bytes, so it is no text file")


def recognise(path: Path, kind: str) -> Layout:
    """Return how a file is written.

    Parameters
    ----------
    path : Path
        A text file with a header.
    kind : str
        What the file should be, for messages.

    Raises
    ------
    TableError
        If the file is no text, is empty, names a column twice, or has too many.
    """
    try:
        encoding = encoding_of(path, kind)
        with open_text(path, encoding) as stream:
            head = stream.read(_HEAD)
            complete = not stream.read(1)
    except UnicodeError as error:
        raise undecodable(path, kind, encoding, error) from error
    except OSError as error:
        raise TableError(f"{path} cannot be read as {kind}: {error.strerror or error}") from error
    skipped, named = _first_lines(head)
    body = io.StringIO(head, newline="")
    for _ in skipped:
        body.readline()
    rows = body.read()
    separator = named or _separator(rows, path, complete)
    reader = csv.reader(io.StringIO(rows, newline=""), delimiter=separator, skipinitialspace=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        header_end = len(skipped) + reader.line_num
        sample = list(itertools.islice(reader, _SAMPLED_ROWS))
    except csv.Error as error:
        raise TableError(f"{path} cannot be read as {kind}: {error}") from error
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableError(f"{path} cannot be read as {kind}: it is empty")
    check_width(len(names), path)
    twice = [name for name, count in Counter(filter(None, names)).items() if count > 1]
    if twice:
        raise TableError(f"{path}: {len(twice)} name(s) of columns occur more than once: {first_few(twice)}")
    columns = [name or unnamed(place) for place, name in enumerate(names)]
    regular = [row for row in sample if len(row) >= len(columns)]
    return Layout(encoding, separator, columns, skipped, header_end, regular)


def undecodable(path: Path, kind: str, encoding: str, error: UnicodeError) -> TableError:
    """Return the error that a file of a wrong encoding is refused with."""
    tried = "neither UTF-8 nor Windows-1252" if encoding == "cp1252" else f"not {encoding.upper()}"
    return TableError(f"{path} cannot be read as {kind}: it is {tried} ({error}); save it as UTF-8")


def unnamed(place: int) -> str:
    """Return the name of the column at `place` that has none."""
    return f"unnamed column {place + 1}"


def _first_lines(head: str) -> tuple[list[str], str]:
    """Return the lines before the header, and the separator that one of them names."""
    skipped, named = [], ""
    for line in io.StringIO(head, newline=""):
        text = line.strip()
        if match := re.fullmatch(r'"?sep=(.|\\t)"?', text, re.IGNORECASE):
            named = "\t" if match[1] == "\\t" else match[1]
        elif line.strip("\r\n") == "sep=\t":
            named = "\t"
        elif text.strip(",;|\t ") and not text.startswith("#"):
            break
        skipped.append(line)
    return skipped, named


def _separator(text: str, path: Path, complete: bool) -> str:
    """Return the separator that gives the header most cells, and every sampled row as many."""
    widths = {}
    for mark in SEPARATORS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
        try:
            found = [len(row) for row in itertools.islice(reader, _SAMPLED_ROWS + 1) if any(row)]
        except csv.Error:
            continue
        cut = len(found) > 1 and not complete and len(found) <= _SAMPLED_ROWS
        widths[mark] = found[:-1] if cut else found
    several = [mark for mark, found in widths.items() if found and found[0] > 1]
    regular = [mark for mark in several if len(set(widths[mark])) == 1]
    return max(regular or several, key=lambda mark: widths[mark][0], default=_usual_separator(path))


def _usual_separator(path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tsv" else ","


def name_of(separator: str) -> str:
    """Return the name of a separator for messages."""
    return SEPARATORS.get(separator, repr(separator))
