"""Checks of an extractor's declaration, made once, when its class is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args

from .column_facts import check_facts
from .errors import ParameterError
from .frame import VIEWS
from .specs import Cost, Family, Scope

#: A trailing colon marks a name whose label continues with the first parameter (``hf:MODEL``).
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*:?")
#: Decoded frames that a window may hold on each side.
MOST_NEIGHBOURS = 64
_CHOICES = {"family": get_args(Family), "scope": get_args(Scope), "cost": get_args(Cost)}


def check_declaration(cls: type[Any], base: type[Any]) -> None:
    """Raise ParameterError if the class attributes of an extractor are not allowed.

    Parameters
    ----------
    cls : type
        The new class. Without a name it is an abstract base, and may leave something undeclared.
    base : type
        The class `Extractor`, whose members count as undeclared.

    Raises
    ------
    ParameterError
        Naming the class, the value and what is allowed.
    """
    _check_values(cls)
    declared: Any = vars(cls).get("features")
    if isinstance(declared, tuple):
        check_distinct(cls, [feature.name for feature in declared])
    if cls.name:
        _check_completeness(cls, base)


def check_distinct(cls: type[Any], names: Sequence[str]) -> None:
    """Raise ParameterError if two features of an extractor have the same name.

    Parameters
    ----------
    cls : type
        The extractor's class, for the message.
    names : sequence of str
        The features' names.

    Raises
    ------
    ParameterError
        Naming the class and the name.
    """
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ParameterError(f"{_called(cls)}: feature names must be distinct, got {twice!r} twice")


def _called(cls: type[Any]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _check_values(cls: type[Any]) -> None:
    where = _called(cls)
    for attribute, allowed in _CHOICES.items():
        value = getattr(cls, attribute)
        if value not in allowed:
            raise ParameterError(f"{where}.{attribute} must be one of {', '.join(allowed)}, got {value!r}")
    if cls.name != "" and not (isinstance(cls.name, str) and _NAME.fullmatch(cls.name)):
        raise ParameterError(
            f"{where}.name must consist of lower-case letters, digits and hyphens, got {cls.name!r}"
        )
    if type(cls.version) is not int or cls.version < 1:
        raise ParameterError(f"{where}.version must be a whole number from 1, got {cls.version!r}")
    for attribute in ("before", "after"):
        value = getattr(cls, attribute)
        if type(value) is not int or not 0 <= value < MOST_NEIGHBOURS:
            raise ParameterError(
                f"{where}.{attribute} must be a whole number from 0 to {MOST_NEIGHBOURS - 1}, got {value!r}"
            )
    if not isinstance(cls.needs, tuple):
        raise ParameterError(
            f"{where}.needs must be a tuple of views ({', '.join(VIEWS)}), got {cls.needs!r}"
        )
    for view in cls.needs:
        if view not in VIEWS:
            raise ParameterError(f"{where}.needs must name views ({', '.join(VIEWS)}), got {view!r}")
    check_facts(where, cls.column_facts)


def _check_completeness(cls: type[Any], base: type[Any]) -> None:
    where = _called(cls)
    if not isinstance(cls.group, str) or not cls.group:
        raise ParameterError(f"{where}.group must be a text such as nss or motion, got {cls.group!r}")
    wanted = ["features", "open", *(["windows"] if cls.scope == "clip" else [])]
    for member in wanted:
        if getattr(cls, member) is getattr(base, member):
            raise ParameterError(
                f"{where} has scope {cls.scope!r} and must define {' and '.join(wanted)}; {member} is missing"
            )
