"""Names and messages as a log or a summary tells them: one line of plain text, without credentials."""

from __future__ import annotations

from ..files.names import escaped_name, visible_text
from ..remote.redaction import public_address, redacted


def public_name(name: str) -> str:
    """Return the path of a video as in the column ``path`` of a table.

    Parameters
    ----------
    name : str
        Path, or address, of which credentials are left out.
    """
    return escaped_name(public_address(name))


def public_text(text: str) -> str:
    """Return an id or a message; what steers a terminal or is no text is escaped.

    Parameters
    ----------
    text : str
        Any text. Addresses in it lose their credentials.
    """
    return visible_text(redacted(text) if "://" in text else text)
