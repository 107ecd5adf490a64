"""Names and messages as a log or a summary tells them: one line of plain text, without credentials."""

from __future__ import annotations

from ..files.names import escaped_name, visible_text
from ..remote.redaction import public_address, redacted


def public_name(name: str) -> str:
    """Return the path of a video as in the column ``path`` of a table.

    Parameters
    ----------
    name : str
        Path, or address, which loses its credentials.
    """
    return escaped_name(public_address(name))


def public_id(name: str) -> str:
    """Return an id, or another short text of our own, on one line.

    Parameters
    ----------
    name : str
        Any text. An address loses its credentials, what steers a terminal or is no text is escaped.
    """
    return visible_text(public_address(name))


def public_text(text: str) -> str:
    """Return a message on one line, without credentials.

    Parameters
    ----------
    text : str
        Any text, see `vqa_features.remote.redaction.redacted`.
    """
    return visible_text(redacted(text)) if text else ""
