"""Grids of hyperparameters: given by a caller or in a TOML file, checked, listed point by point, as text."""

from __future__ import annotations

import itertools
import json
import math
import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..errors import ParameterError, TableError, UnknownName
from ..files.reading import reading
from ..files.regular import open_regular

Value = float | int | str | bool | None
#: Points of one grid: each is fitted in every inner fold of every split.
MOST_POINTS = 1000
#: Bytes of a file of grids.
MOST_BYTES = 1 << 20
_NAME = re.compile(r"(\w+)=")


def checked_grid(regressor: str, grid: object, known: Collection[str]) -> dict[str, tuple[Value, ...]]:
    """Return a grid whose keys are parameters of the regressor and whose values are plain.

    Parameters
    ----------
    regressor : str
        Name, for messages.
    grid : mapping of str to sequence
        Values of each hyperparameter: finite numbers, texts, truth values or None.
    known : collection of str
        Parameters of the regressor.

    Raises
    ------
    UnknownName
        If a key is no parameter.
    ParameterError
        If the grid is empty, a value is something else or given twice, or there are more than `MOST_POINTS`
        points.
    """
    if not isinstance(grid, Mapping) or not grid:
        raise ParameterError(
            f"the grid of {regressor} must name hyperparameters with lists of values, got {grid!r}"
        )
    found: dict[str, tuple[Value, ...]] = {}
    for key, values in grid.items():
        if key not in known:
            raise UnknownName(
                f"hyperparameter of {regressor}", str(key), known, f"it has {', '.join(sorted(known))}"
            )
        found[key] = _values(f"{regressor}: the grid of {key}", values)
    count = math.prod(len(values) for values in found.values())
    if count > MOST_POINTS:
        raise ParameterError(
            f"the grid of {regressor} has {count} points, at most {MOST_POINTS} are searched"
        )
    return found


def _values(name: str, values: object) -> tuple[Value, ...]:
    if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__len__"):
        raise ParameterError(f"{name} must be a list of values, got {values!r}")
    plain = tuple(one.item() if hasattr(one, "item") else one for one in values)  # type: ignore[attr-defined]
    for one in plain:
        if not (one is None or isinstance(one, bool | int | float | str)):
            raise ParameterError(f"{name} must hold numbers, texts or truth values, got {one!r}")
        if isinstance(one, float) and not math.isfinite(one):
            raise ParameterError(f"{name} must hold finite numbers, got {one!r}")
    if not plain or len({(type(one), one) for one in plain}) < len(plain):
        raise ParameterError(f"{name} must hold at least one value, each once, got {list(plain)!r}")
    return plain


def grids_by_name(grids: object) -> dict[str, Any]:
    """Return the grids of several regressors by name; None are none, another type is a ParameterError."""
    if grids is None:
        return {}
    if not isinstance(grids, Mapping):
        raise ParameterError(
            f"grids must be a mapping from regressor to hyperparameters with lists of values, got {grids!r}"
        )
    return {str(name): grid for name, grid in grids.items()}


def read_grids(path: str | os.PathLike[str]) -> dict[str, dict[str, Any]]:
    """Return the grids of a TOML file: one table per regressor, one list of values per hyperparameter.

    Parameters
    ----------
    path : path
        For example ``[gradient-boosting]`` followed by ``max_iter = [100, 200]``.

    Raises
    ------
    TableError
        If the file cannot be read as TOML, or holds something else.
    """
    with reading(path, "a file of grids"), open_regular(path) as stream:
        text = stream.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES} bytes")
        found = tomllib.loads(text.decode())
    for name, grid in found.items():
        if not isinstance(grid, dict):
            raise TableError(f"{path}: {name} must be a table, [{name}], of lists of values, got {grid!r}")
    return found


def points_of(grid: Mapping[str, Sequence[Value]]) -> list[dict[str, Value]]:
    """Return every point of a grid, the last hyperparameter fastest; an empty grid has one."""
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def edges(chosen: Mapping[str, Any], grid: Mapping[str, Sequence[Any]]) -> tuple[str, ...]:
    """Return which chosen numbers are at an end of their grid, e.g. ``("C highest",)``.

    Hyperparameters with fewer than three numbers have no middle and are not named.

    Parameters
    ----------
    chosen : mapping of str to value
        The point chosen.
    grid : mapping of str to sequence
        The grid that was searched.
    """
    found = []
    for key, value in chosen.items():
        values = grid.get(key, ())
        numbers = [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
        if len(numbers) < 3 or len(numbers) < len(values):
            continue
        if value in (min(numbers), max(numbers)):
            found.append(f"{key} {'lowest' if value == min(numbers) else 'highest'}")
    return tuple(found)


def describe(chosen: Mapping[str, Value]) -> str:
    """Return hyperparameters as text for a reader, e.g. ``C=8.0 gamma=0.5``."""
    return " ".join(f"{key}={json.dumps(value)}" for key, value in chosen.items())


def as_cell(chosen: Mapping[str, Value]) -> str:
    """Return hyperparameters as a cell that `parsed` reads back exactly: JSON, e.g. ``{"C": 8.0}``."""
    return json.dumps(dict(chosen))


def parsed(text: str) -> dict[str, Any]:
    """Return the hyperparameters of a cell that `as_cell` wrote, or of the form of `describe`.

    Parameters
    ----------
    text : str
        A cell of the column ``chosen``; files of earlier versions have the form of `describe`.

    Raises
    ------
    ParameterError
        If it is something else.
    """
    if text.lstrip().startswith("{"):
        return _from_json(text)
    found: dict[str, Any] = {}
    rest, decode = text.strip(), json.JSONDecoder().raw_decode
    while rest:
        name = _NAME.match(rest)
        try:
            if name is None:
                raise ValueError(rest)
            value, end = decode(rest, name.end())
        except ValueError as error:
            raise _no_choice(text) from error
        found[name[1]] = value
        rest = rest[end:].lstrip()
    return found


def _from_json(text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise _no_choice(text) from error


def _no_choice(text: str) -> ParameterError:
    return ParameterError(f"""chosen must be as in scores.csv, such as '{{"C": 8.0}}', got {text!r}""")
