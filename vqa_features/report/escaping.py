"""Names from anywhere as text of LaTeX and of GitHub's Markdown: nothing in them is a command."""

from __future__ import annotations

import re
import unicodedata

from .formatting import shown

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # in braces, because after a line break of a table they would be its argument
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    # babel gives them a meaning in some languages, and fonts draw them as curly quotes
    '"': r"{\ttfamily\char34}",
    "`": r"{\ttfamily\char96}",
    # otherwise two of them, or one with another character, become one sign
    "'": "'{}",
    "-": "-{}",
    ",": ",{}",
    "!": "!{}",
    "?": "?{}",
}
_SINGLE = {"'", "-", ",", "!", "?"}
"""Characters that may stand as they are unless the next one is one of these, too."""
_ACCENTS = {
    "\u0300": r"\`",
    "\u0301": r"\'",
    "\u0302": r"\^",
    "\u0303": r"\~",
    "\u0308": r"\"",
    "\u030a": r"\r",
    "\u030c": r"\v",
    "\u0327": r"\c",
}
_SIGNS = {
    "\u2013": "--",
    "\u2014": "---",
    "\u2018": "`{}",
    "\u2019": "'{}",
    "\u201c": "``",
    "\u201d": "''{}",
    "\u2026": r"\dots{}",
    "\u2212": "$-$",
    "\u00d7": r"$\times$",
    "\u00b7": r"$\cdot$",
}
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~$&@!]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def latex(text: str) -> str:
    r"""Return text that LaTeX sets as it is, with any engine and without a package.

    Parameters
    ----------
    text : str
        One line of text.

    Returns
    -------
    str
        ASCII. A Latin letter with an accent is written by its command; any other character outside ASCII is
        written as its number, because no font has all of them: ``[U+6570]``.

    Examples
    --------
    >>> print(latex("50%_$a é 数"))
    50\%\_\$a \'{e} {[}U+6570{]}
    """
    characters = unicodedata.normalize("NFC", text)
    found = []
    for char, following in zip(characters, [*characters[1:], ""], strict=True):
        if char in _SINGLE and following not in _SINGLE | {"`"}:
            found.append(char)
        elif char in _LATEX:
            found.append(_LATEX[char])
        elif char == " " and following == " ":
            found.append(r"\ ")
        elif " " <= char <= "\x7e":
            found.append(char)
        else:
            found.append(_SIGNS.get(char) or _accented(char))
    return "".join(found)


def _accented(char: str) -> str:
    base, *marks = list(unicodedata.normalize("NFD", char))
    if len(marks) == 1 and marks[0] in _ACCENTS and base.isascii() and base.isalpha():
        letter = {"i": r"\i", "j": r"\j"}.get(base, base)
        return f"{_ACCENTS[marks[0]]}{{{letter}}}"
    return f"{{[}}U+{ord(char):04X}{{]}}"


def markdown(text: str) -> str:
    r"""Return text that GitHub's Markdown shows as it is, also in a cell of a table.

    Parameters
    ----------
    text : str
        One line of text.

    Examples
    --------
    >>> print(markdown("a|b_c <i>"))
    a\|b\_c \<i\>
    """
    return _MARKDOWN.sub(lambda found: f"\\{found[0]}", text)


def latex_name(name: object) -> str:
    """Return a name as `shown` shows it, for LaTeX."""
    return latex(shown(name))


def markdown_name(name: object) -> str:
    """Return a name as `shown` shows it, for Markdown."""
    return markdown(shown(name))
