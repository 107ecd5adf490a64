"""Extractors chosen by a text: labels, families and groups of them, and names that are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .errors import ParameterError, UnknownName, VqaError, WeightsMissing
from .extractor import Extractor
from .extras import ExtraMissing, require
from .registry import make, make_all, registry, split_labels

ALL = "all"


def words() -> list[str]:
    """Return what names several extractors: ``all``, the families, the groups."""
    kinds = [(cls.family, cls.group) for cls in registry().values()]
    return list(dict.fromkeys((ALL, *(family for family, _ in kinds), *sorted(group for _, group in kinds))))


def select(text: str, *, random_weights: bool = False) -> tuple[list[Extractor], list[str]]:
    """Return the extractors that a text names.

    Parameters
    ----------
    text : str
        Separated by commas: labels as for `vqa_features.make`; ``all``, a family or a group, which stand for
        their extractors that can run here; and ``-NAME``, which leaves out an extractor, family or group. The
        order is that of the text. What a group and a label both name is taken once.
    random_weights : bool
        Take networks whose weights are missing as ``NAME@random``.

    Returns
    -------
    extractors : list of Extractor
    notes : list of str
        A sentence for each group of which some extractors cannot run here.

    Raises
    ------
    UnknownName
        If a name is no extractor and no group.
    WeightsMissing, ExtraMissing
        If an extractor that is named by itself cannot run here.
    ParameterError
        If no extractor is left, one is named twice, or what is left out was not chosen.
    """
    items = split_labels(text)
    chosen, notes = list[_Chosen](), list[str]()
    for item in items:
        members = _members(item)
        if members is not None:
            found, left_out = _able(members, random_weights)
            chosen += [_Chosen(one, by_itself=False) for one in found]
            notes += [f"left out of {item}: {left_out}"] if left_out else []
        elif not item.startswith("-"):
            chosen.append(_Chosen(_named(item, random_weights), by_itself=True))
    made = _once_each(chosen)
    for item in items:
        if item.startswith("-"):
            made = _without(made, item[1:].strip())
    if not made:
        why = "; ".join(notes) or "vqa-features list shows all"
        raise ParameterError(f"no extractor is left of {text!r}: {why}")
    return make_all(made), notes


def _members(word: str) -> list[str] | None:
    """Return the names that a family or group stands for, None for another text."""
    known = registry()
    if word in known or word not in words():
        return None
    return [name for name, cls in known.items() if word in (ALL, cls.family, cls.group)]


def _without(made: list[Extractor], word: str) -> list[Extractor]:
    """Return the extractors that a name, label, family or group does not stand for."""
    names = set(_members(word) or [_made(word).label, word])
    left = [one for one in made if not {one.name, one.label} & names]
    if len(left) == len(made):
        raise ParameterError(f"-{word} leaves out none of the extractors that were chosen: take it away")
    return left


def _made(label: str) -> Extractor:
    """Return the extractor of a label; an unknown name is also compared with the groups."""
    try:
        return make(label)
    except UnknownName as error:
        raise error.among(words()) if error.kind == "extractor" else error from None


def _named(label: str, random_weights: bool) -> Extractor:
    """Return the extractor of a label, which must be able to run here."""
    made = _made(label)
    try:
        made.weights_sha256()
    except WeightsMissing:
        random = _at_random(made) if random_weights else None
        if random is None:
            raise
        return random
    return made


def _able(names: Sequence[str], random_weights: bool) -> tuple[list[Extractor], str]:
    """Return the extractors that can run here, and which cannot and why."""
    able: list[Extractor] = []
    left_out: dict[str, list[str]] = {}
    for name in names:
        if name.endswith(":"):
            left_out.setdefault("its label names the model", []).append(name)
            continue
        try:
            require(name, registry()[name].packages)
            able.append(_named(name, random_weights))
        except ExtraMissing as error:
            left_out.setdefault(str(error).partition(" needs ")[2], []).append(name)
        except WeightsMissing:
            left_out.setdefault("no weights here, see vqa-features weights list", []).append(name)
    return able, "; ".join(f"{', '.join(names)} ({why})" for why, names in left_out.items())


def _at_random(extractor: Extractor) -> Extractor | None:
    """Return the same extractor with random weights, None where it has none."""
    name, _, rest = extractor.label.partition("[")
    try:
        return make(f"{name}@random" + (f"[{rest}" if rest else ""))
    except VqaError:
        return None


class _Chosen(NamedTuple):
    """An extractor, and whether its own label or that of a group named it."""

    extractor: Extractor
    by_itself: bool


def _once_each(chosen: Sequence[_Chosen]) -> list[Extractor]:
    """Return each extractor of a group once; a label that is named twice stays, for `make_all` to refuse."""
    taken = {one.extractor.label for one in chosen if one.by_itself}
    found = []
    for one in chosen:
        if one.by_itself or one.extractor.label not in taken:
            found.append(one.extractor)
            taken.add(one.extractor.label)
    return found
