"""Extractors: discovered in the package and among installed plug-ins, made by label, listed."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import pkgutil
import re
import typing
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from .errors import ParameterError, UnknownName, WeightsMissing
from .extractor import Extractor
from .extras import require
from .parameters import convert, split_parameters
from .plugins import BrokenPlugin, classes_of, load_plugins

if TYPE_CHECKING:
    import pandas as pd

_RANDOM = "@random"
_LABEL = re.compile(r"(?P<name>[^\[\]]+?)(?:\[(?P<parameters>[^\[\]]*)\])?")


def registry() -> Mapping[str, type[Extractor]]:
    """Return every usable extractor class by name, sorted: the built-ins, then plug-ins.

    Built-in modules are found by walking the package, plug-ins by their entry points; a plug-in
    that cannot be used is left out (`broken_plugins`), a built-in that cannot be imported raises.

    Returns
    -------
    mapping
        From name to class.

    Raises
    ------
    ParameterError
        If two built-in extractors have the same name.
    """
    return _discovered()[0]


def broken_plugins() -> tuple[BrokenPlugin, ...]:
    """Return the installed plug-ins that are left out, each with the reason."""
    return _discovered()[1]


@functools.cache
def _discovered() -> tuple[Mapping[str, type[Extractor]], tuple[BrokenPlugin, ...]]:
    found: dict[str, type[Extractor]] = {}
    package = importlib.import_module("vqa_features.extractors")
    for module_info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if "._" not in module_info.name:
            for cls in classes_of(importlib.import_module(module_info.name)):
                _add(found, cls)
    plugins, broken = load_plugins(found)
    return dict(sorted({**found, **plugins}.items())), broken


def _add(found: dict[str, type[Extractor]], cls: type[Extractor]) -> None:
    other = found.get(cls.name)
    if other is not None and other is not cls:
        raise ParameterError(
            f"two extractors are called {cls.name!r}: {other.__module__} and {cls.__module__}"
        )
    found[cls.name] = cls


def make(label: str | Extractor) -> Extractor:
    """Return the extractor that a label names.

    Parameters
    ----------
    label : str or Extractor
        ``name`` or ``name[parameter=value,...]``, e.g. ``brisque[scales=3]``. ``@random`` after the
        name sets the parameter ``weights`` to ``random``. A name that ends in a colon (``hf:``) is
        followed by its first parameter. An extractor is returned as it is.

    Returns
    -------
    Extractor

    Raises
    ------
    UnknownName
        If there is no extractor, or no parameter, of that name.
    ParameterError
        If a parameter has a value that is not allowed.

    See Also
    --------
    list_extractors : The names.
    extract : Features of a video; it takes labels as well.

    Examples
    --------
    >>> import vqa_features as vf
    >>> extractor = vf.make("brisque[scales=1]")
    >>> extractor.scales
    1
    >>> extractor.feature_names[:2]
    ['mscn_alpha_s1', 'mscn_var_s1']
    >>> vf.make("brisque[scales=9]")
    Traceback (most recent call last):
        ...
    vqa_features.errors.ParameterError: brisque[scales] must be 1 to 6, got 9
    """
    if isinstance(label, Extractor):
        return label
    match = _LABEL.fullmatch(label.strip())
    if match is None:
        raise ParameterError(f"cannot read the extractor label {label!r}: use name or name[key=value,...]")
    name, parameters = match["name"], split_parameters(match["parameters"])
    if name.endswith(_RANDOM):
        name, parameters["weights"] = name.removesuffix(_RANDOM), "random"
    known = registry()
    if name in known:
        return _build(known[name], parameters)
    scheme, colon, rest = name.partition(":")
    if colon and scheme + ":" in known:
        cls = known[scheme + ":"]
        return _build(cls, {dataclasses.fields(cls)[0].name: rest, **parameters})
    raise UnknownName("extractor", name, known, _hint(name))


def _hint(name: str) -> str:
    """Return where to look for an unknown name, with the plug-ins that might have had it."""
    broken = broken_plugins()
    named = [one for one in broken if one.entry == name] or broken
    return "; ".join(["vqa-features list shows all", *map(str, named)])


def make_all(labels: str | Extractor | Iterable[str | Extractor]) -> list[Extractor]:
    """Return every extractor of a comma-separated text or of a list.

    Parameters
    ----------
    labels : str, Extractor or iterable of them
        Labels as for `make`.

    Returns
    -------
    list of Extractor

    Raises
    ------
    UnknownName
        If there is no extractor, or no parameter, of a name.
    ParameterError
        If a value is not allowed, an extractor is named twice, or none is named.
    ExtraMissing
        If a package that an extractor needs is not installed.
    """
    if isinstance(labels, Extractor):
        labels = [labels]
    if isinstance(labels, str):
        labels = split_labels(labels)
    made = [make(label) for label in labels]
    if not made:
        raise ParameterError("no extractor was named; vqa-features list shows all")
    for name, count in Counter(extractor.label for extractor in made).items():
        if count > 1:
            raise ParameterError(f"the extractor {name!r} is named twice")
        if any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
            raise ParameterError(
                f"the extractor {name!r} has characters that cannot be written to a table: give the file it "
                "names a name of plain text"
            )
    for extractor in made:
        require(extractor.label, extractor.packages)
    return made


def split_labels(text: str) -> list[str]:
    """Return the labels of a comma-separated text; commas between brackets separate parameters."""
    return [part.strip() for part in re.split(r",(?![^\[]*\])", text) if part.strip()]


def _build(cls: type[Extractor], texts: Mapping[str, str]) -> Extractor:
    types = typing.get_type_hints(cls)
    known = [field.name for field in dataclasses.fields(cls) if field.init]
    values: dict[str, Any] = {}
    for key, text in texts.items():
        if key not in known:
            raise UnknownName(f"parameter of {cls.name}", key, known, f"known: {', '.join(known) or 'none'}")
        values[key] = convert(types[key], text, f"{cls.name}[{key}]")
    return cls(**values)


def catalogue(pattern: str | None = None, family: str | None = None) -> list[dict[str, Any]]:
    """Return one dict per extractor, handcrafted ones first.

    Parameters
    ----------
    pattern : str, optional
        Only extractors whose name or group contains or matches this text (globs allowed).
    family : str, optional
        Only this family.

    Returns
    -------
    list of dict
        Keys name, family, group, columns, scope, cost, weights and version.
    """
    found = []
    for name, cls in registry().items():
        if (family and cls.family != family) or (pattern and not _matches(pattern, cls)):
            continue
        extractor = None if name.endswith(":") else cls()
        found.append(
            {
                "name": name,
                "family": cls.family,
                "group": cls.group,
                "columns": len(extractor.features) if extractor else None,
                "scope": cls.scope,
                "cost": cls.cost,
                "weights": weights_state(extractor) if extractor else "named by the label",
                "version": cls.version,
            }
        )
    return sorted(found, key=lambda row: (row["family"] != "handcrafted", row["group"], row["name"]))


def list_extractors(family: str | None = None) -> pd.DataFrame:
    """Return the extractors as a table.

    Parameters
    ----------
    family : {"handcrafted", "deep"}, optional
        Only this family.

    Returns
    -------
    pandas.DataFrame
        Index ``name``; columns family, group, columns (number of features), scope, cost, weights
        and version.

    Raises
    ------
    ParameterError
        If the family is another one.

    See Also
    --------
    make : An extractor by its name.

    Examples
    --------
    >>> import vqa_features as vf
    >>> table = vf.list_extractors("handcrafted")
    >>> int(table.loc["siti", "columns"]), table.loc["siti", "scope"], table.loc["siti", "cost"]
    (2, 'pair', 'cheap')
    """
    import pandas as pd

    if family not in (None, "handcrafted", "deep"):
        raise ParameterError(f"family must be handcrafted or deep, got {family!r}")
    return pd.DataFrame(catalogue(family=family)).set_index("name")


def weights_state(extractor: Extractor) -> str:
    """Return the state of an extractor's weights on this machine.

    Parameters
    ----------
    extractor : Extractor
        An extractor with its parameters.

    Returns
    -------
    {"none needed", "present", "missing"}
    """
    try:
        return "none needed" if extractor.weights_sha256() is None else "present"
    except WeightsMissing:
        return "missing"


def _matches(pattern: str, cls: type[Extractor]) -> bool:
    text = pattern.lower()
    return any(fnmatch(word, text) or text in word for word in (cls.name, cls.group))
