"""Parameter values in the text of a label: written, and read by the annotations of the extractor's fields."""

from __future__ import annotations

import typing
from typing import Any

from .errors import ParameterError


def split_parameters(text: str | None) -> dict[str, str]:
    """Return the texts of a label's parameters, by name.

    Parameters
    ----------
    text : str or None
        What stands between the brackets: ``key=value,...``.

    Returns
    -------
    dict

    Raises
    ------
    ParameterError
        If a part is not of the form ``key=value``.
    """
    parameters: dict[str, str] = {}
    for part in (text or "").split(","):
        if part.strip():
            key, equals, value = part.partition("=")
            if not equals:
                raise ParameterError(f"a parameter is written key=value, got {part!r}")
            parameters[key.strip()] = value.strip()
    return parameters


def convert(kind: Any, text: str, what: str) -> Any:
    """Return the value that a text means for an annotated type.

    Parameters
    ----------
    kind : type
        int, float, str, bool, a Literal, an optional one of these, or a tuple of one of them.
    text : str
        The value as in a label; the parts of a tuple are joined with ``+``.
    what : str
        Name of the parameter, for the message.

    Returns
    -------
    object

    Raises
    ------
    ParameterError
        If the text is not a value of that type.
    """
    arguments = typing.get_args(kind)
    origin = typing.get_origin(kind)
    if origin is tuple:
        return tuple(convert(arguments[0], part, what) for part in text.split("+"))
    if origin is typing.Literal:
        for allowed in arguments:
            if str(allowed) == text:
                return allowed
        raise ParameterError(f"{what} must be one of {', '.join(map(str, arguments))}, got {text!r}")
    if arguments:  # X | None
        if text == "None" and type(None) in arguments:
            return None
        return convert(next(a for a in arguments if a is not type(None)), text, what)
    if kind is bool:
        if text not in ("True", "False"):
            raise ParameterError(f"{what} must be True or False, got {text!r}")
        return text == "True"
    try:
        return kind(text)
    except ValueError:
        raise ParameterError(f"{what} must be {kind.__name__}, got {text!r}") from None


def format_value(value: Any) -> str:
    """Return the text of a parameter value inside a label; tuples are joined with ``+``.

    Parameters
    ----------
    value : object
        A number, text, None, or a tuple of them.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the text would contain one of ``[],=+``.
    """
    if isinstance(value, tuple):
        return "+".join(format_value(item) for item in value)
    text = str(value)
    if any(mark in text for mark in "[],=+"):
        raise ParameterError(f"a parameter value may not contain any of [],=+, got {text!r}")
    return text
