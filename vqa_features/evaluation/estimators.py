"""Estimators that a caller brings: import paths and instances, checked and made reproducible."""

from __future__ import annotations

import importlib
import inspect
import os
import reprlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from ..errors import ParameterError, UnknownName
from ..files.reading import reason_of


def built(path: str, seed: int, **parameters: object) -> Any:
    """Return an instance of the class at an import path; `seed` becomes its `random_state` if it has one.

    Parameters
    ----------
    path : str
        ``package.module.Class`` or ``package.module:Class``; the second form also looks in the current
        folder, after everything that is installed.
    seed : int
        Seed.
    **parameters
        Keywords of the class.

    Raises
    ------
    UnknownName
        If there is no such class.
    ParameterError
        If importing or making it fails, or it is no regressor.
    """
    cls = _imported(path)
    if not inspect.isclass(cls):
        raise ParameterError(f"{path} is no scikit-learn regressor: it is no class")
    try:
        if "random_state" in inspect.signature(cls).parameters:
            parameters = {"random_state": seed, **parameters}
        made = cls(**parameters)
    except Exception as error:
        raise ParameterError(
            f"{path} cannot be made without arguments: {reason_of(error)}; give an instance in Python"
        ) from error
    check_regressor(made, path)
    return made


def built_in(folder: str, path: str, seed: int) -> Any:
    """Return `built` as in another folder: a worker process may have been started in a third one.

    Parameters
    ----------
    folder : str
        Taken as the current folder.
    path, seed
        As for `built`.
    """
    with _importable(folder, path.partition(":")[0]):
        return built(path, seed)


def _imported(path: str) -> Any:
    module, colon, name = path.partition(":")
    if not colon:
        module, _, name = path.rpartition(".")
    try:
        with _importable(os.getcwd(), module) if colon else _nowhere():
            return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownName("regressor", path, (), f"cannot be imported: {reason_of(error)}") from error
    except Exception as error:  # whatever the code of a module raises
        raise ParameterError(f"{path} cannot be imported: {reason_of(error)}") from error


@contextmanager
def _nowhere() -> Iterator[None]:
    yield


@contextmanager
def _importable(folder: str, module: str) -> Iterator[None]:
    """Make a module of a folder importable, if nothing that is installed has its name."""
    if not module or find_spec(module.partition(".")[0]) is not None:
        yield
        return
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def copied(estimator: Any, seed: int) -> Any:
    """Return an unfitted copy; every `random_state` that is None, of a step too, becomes `seed`."""
    from sklearn.base import clone

    found = clone(estimator)
    names = [
        name
        for name, value in found.get_params().items()
        if value is None and (name == "random_state" or name.endswith("__random_state"))
    ]
    return found.set_params(**dict.fromkeys(names, seed)) if names else found


def check_regressor(given: Any, name: str) -> None:
    """Raise ParameterError if an object is no instance of a scikit-learn regressor or Pipeline."""
    from sklearn.base import is_classifier, is_clusterer

    if inspect.isclass(given):
        raise ParameterError(f"{name} is a class: give an instance, {given.__name__}()")
    missing = [method for method in ("fit", "predict", "get_params") if not hasattr(given, method)]
    if missing:
        raise ParameterError(
            f"{name} is no scikit-learn regressor: it has no method {missing[0]!r}; "
            "regressors are names, import paths, or estimators"
        )
    if hasattr(given, "__sklearn_tags__") and (is_classifier(given) or is_clusterer(given)):
        raise ParameterError(f"{name} is no regressor: it predicts classes, not MOS")


def named(given: object) -> list[tuple[str, object]]:
    """Return the regressors that a caller lists, each with its name in the results.

    Parameters
    ----------
    given : sequence of str or estimator, or mapping of str to either
        An estimator in a sequence is called by its class.

    Raises
    ------
    ParameterError
        If there is none, it is something else, or two have one name.
    """
    if isinstance(given, Mapping):
        pairs = [(str(name), one) for name, one in given.items()]
    elif isinstance(given, Sequence) and not isinstance(given, str | bytes):
        pairs = [(one if isinstance(one, str) else _class_name(one), one) for one in given]
    else:
        pairs = []
    if not pairs:
        raise ParameterError(
            "regressors must be a list of names such as ['svr-rbf', 'ridge'], or of estimators, "
            f"got {reprlib.repr(given)}"
        )
    if all(isinstance(one, str) for _, one in pairs):  # a name twice is one model
        pairs = list(dict.fromkeys(pairs))
    twice = [name for name, _ in pairs if [other for other, _ in pairs].count(name) > 1]
    if twice:
        raise ParameterError(f"two regressors are called {twice[0]!r}: give a mapping from name to estimator")
    return pairs


def _class_name(given: object) -> str:
    return given.__name__ if inspect.isclass(given) else type(given).__name__
