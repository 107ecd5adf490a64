"""What every column says of its values, completed from the declaration of its extractor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, TypedDict, get_args

from .errors import ParameterError
from .specs import Direction, Feature, Scope


class ColumnFacts(TypedDict, total=False):
    """Facts that the columns of an extractor have in common, by the names of the fields of `Feature`."""

    unit: str
    direction: Direction
    sign: str
    frame: str
    resolution: str
    source: str


NAMES = tuple(ColumnFacts.__annotations__)


class _Declared(Protocol):
    """The part of an extractor that is read here."""

    @property
    def scope(self) -> Scope: ...
    @property
    def before(self) -> int: ...
    @property
    def after(self) -> int: ...
    @property
    def every_frame(self) -> bool: ...
    @property
    def references(self) -> tuple[str, ...]: ...
    @property
    def column_facts(self) -> ColumnFacts: ...
    @property
    def features(self) -> tuple[Feature, ...]: ...


def described(extractor: _Declared) -> tuple[Feature, ...]:
    """Return the columns of an extractor, each with all that is declared of it.

    Parameters
    ----------
    extractor : Extractor
        Its `column_facts`, `references` and scope complete its features.

    Returns
    -------
    tuple of Feature
        A fact that nothing declares is "".
    """
    source = extractor.references[0] if extractor.references else ""
    facts: dict[str, Any] = {"frame": frames_seen(extractor), "source": source, **extractor.column_facts}
    return tuple(
        replace(one, **{name: fact for name, fact in facts.items() if not getattr(one, name)})
        for one in extractor.features
    )


def frames_seen(extractor: _Declared) -> str:
    """Return from which frames a row is computed and for which it stands, as its scope says."""
    if extractor.scope == "pair":
        where = "sample" if getattr(extractor, "pairs", "") == "sampled" else "source"
        sides = {"before": extractor.before, "after": extractor.after}
        seen = " and ".join(f"{n} {side}" for side, n in sides.items() if n)
        return "the sampled frame" + (f", with {seen} it in the {where}" if seen else "")
    return {
        "frame": "the sampled frame",
        "clip": "the frames of a window, at the time of its first",
        "video": "all frames of the source" if extractor.every_frame else "all sampled frames",
    }[extractor.scope]


def undeclared(feature: Feature) -> list[str]:
    """Return the names of the facts that a column does not say.

    Parameters
    ----------
    feature : Feature
        One of `Extractor.described_features`.

    Returns
    -------
    list of str
        ``sign`` where values can be negative and nothing says what that means.
    """
    missing = [name for name in ("description", *NAMES) if name != "sign" and not getattr(feature, name)]
    return missing + ["sign"] * (feature.low < 0 and not feature.sign)


def check_facts(where: str, facts: Mapping[str, object]) -> None:
    """Raise ParameterError unless `column_facts` of a class names facts and says each in words.

    Parameters
    ----------
    where : str
        The class, for the message.
    facts : mapping
        Its `column_facts`.

    Raises
    ------
    ParameterError
        Naming the class, the value and what is allowed.
    """
    for name, fact in facts.items():
        if name not in NAMES:
            raise ParameterError(f"{where}.column_facts may say {', '.join(NAMES)}, got {name!r}")
        if not isinstance(fact, str) or not fact:
            raise ParameterError(f"{where}.column_facts: {name} must be a text, got {fact!r}")
    direction = facts.get("direction")
    if direction is not None and direction not in get_args(Direction):
        raise ParameterError(
            f"{where}.column_facts: direction must be one of {', '.join(get_args(Direction))}, "
            f"got {direction!r}"
        )
