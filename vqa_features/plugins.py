"""Extractors of other distributions, found through the entry-point group ``vqa_features.extractors``.

A plug-in that cannot be used is left out and recorded, so that all other extractors go on working.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from .errors import ParameterError, WeightsMissing
from .extractor import Extractor

ENTRY_POINT_GROUP = "vqa_features.extractors"


@dataclass(frozen=True)
class BrokenPlugin:
    """A plug-in, or one extractor of it, that is left out.

    Parameters
    ----------
    entry : str
        Name of the entry point.
    distribution : str
        Name and version of the distribution that declares it.
    reason : str
        Why it is left out.
    """

    entry: str
    distribution: str
    reason: str

    def __str__(self) -> str:
        return f"the plug-in {self.entry!r} of {self.distribution} is left out: {self.reason}"


def load_plugins(
    known: Mapping[str, type[Extractor]],
) -> tuple[dict[str, type[Extractor]], tuple[BrokenPlugin, ...]]:
    """Load every installed plug-in.

    Parameters
    ----------
    known : mapping
        The built-in extractors by name; a plug-in may not take one of their names.

    Returns
    -------
    found : dict
        Classes of the usable plug-ins, by name.
    broken : tuple of BrokenPlugin
        The others, each with the reason.
    """
    found: dict[str, type[Extractor]] = {}
    broken: list[BrokenPlugin] = []
    for entry in sorted(
        entry_points(group=ENTRY_POINT_GROUP), key=lambda one: (_distribution(one), one.name)
    ):
        try:
            classes = _classes(entry)
        except (Exception, SystemExit) as error:  # whatever a foreign module does when it is imported
            broken.append(_broken(entry, error))
            continue
        for cls in classes:
            try:
                _check_usable(cls, known, found)
            except (Exception, SystemExit) as error:  # whatever a foreign class does when it is made
                broken.append(_broken(entry, error))
            else:
                found[cls.name] = cls
    return found, tuple(broken)


def classes_of(module: ModuleType) -> list[type[Extractor]]:
    """Return the extractor classes a module defines itself and names.

    Parameters
    ----------
    module : module
        An imported module.

    Returns
    -------
    list of type
    """
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, Extractor)
        and value.__module__ == module.__name__
        and vars(value).get("name")
    ]


def _classes(entry: EntryPoint) -> list[type[Extractor]]:
    """Return the classes of one entry point, which names a class or a module."""
    loaded = entry.load()
    if isinstance(loaded, ModuleType):
        classes = classes_of(loaded)
        if not classes:
            raise ParameterError(f"the module {loaded.__name__} defines no extractor")
        return classes
    if not (inspect.isclass(loaded) and issubclass(loaded, Extractor) and loaded.name):
        raise ParameterError(f"{entry.value} must be a module or an Extractor class with a name")
    return [loaded]


def _check_usable(
    cls: type[Extractor], known: Mapping[str, type[Extractor]], found: Mapping[str, type[Extractor]]
) -> None:
    """Raise if a class takes a name that is in use, or cannot be made with its defaults."""
    other = known.get(cls.name) or found.get(cls.name)
    if other is not None and other is not cls:
        raise ParameterError(
            f"{cls.__module__}.{cls.__qualname__} is called {cls.name!r}, the name of "
            f"{other.__module__}.{other.__qualname__}"
        )
    if cls.name.endswith(":"):  # its first parameter comes from the label
        return
    extractor = cls()
    if not extractor.feature_names:
        raise ParameterError(f"{cls.__module__}.{cls.__qualname__} has no features")
    try:
        extractor.weights_sha256()
    except WeightsMissing:
        return


def _distribution(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unknown distribution"


def _broken(entry: EntryPoint, error: BaseException) -> BrokenPlugin:
    text = str(error) if isinstance(error, ParameterError) else f"{type(error).__name__}: {error}"
    return BrokenPlugin(entry.name, _distribution(entry), " ".join(text.split()))
