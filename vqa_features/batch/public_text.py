"""Names and messages as a log or a summary tells them: one line of plain text, without credentials."""

from __future__ import annotations

from ..files.names import escaped_name, visible_text
from ..remote.addresses import is_remote


def public_name(name: str) -> str:
    """Return the path of a video as in the column ``path`` of a table.

    Parameters
    ----------
    name : str
        Path, or address, whose query is left out.
    """
    return escaped_name(name.partition("?")[0] if is_remote(name) else name)


def public_text(text: str) -> str:
    """Return an id or a message; what steers a terminal or is no text is escaped.

    Parameters
    ----------
    text : str
        Any text. Addresses in it lose their queries.
    """
    if "://" in text:
        text = " ".join(word.partition("?")[0] if is_remote(word) else word for word in text.split(" "))
    return visible_text(text)
