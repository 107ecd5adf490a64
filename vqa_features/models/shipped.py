"""Models that come with the package: their names, their cards and their files.

They lie in ``resources/models`` and are written by `vqa_features.models.make_shipped`. ``cards.json`` says of
each what it was trained on, how it did there and on other datasets, and what it is not for.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import TableError, UnknownName
from ..files.names import escaped_name

if TYPE_CHECKING:
    import pandas as pd

    from .model_file import Stored

#: The model of ``predict`` without ``--model``.
DEFAULT = "videval-konvid-1k"
#: By name: the model with the same features and a wider training range.
WIDER = {name: f"{name}+live-vqc" for name in (DEFAULT, "brisque-konvid-1k")}
SUFFIX = ".skops"
CARDS = "cards.json"
OUT_OF_FOLD = "out_of_fold.csv"
_FOLDER = "models"
_RESOURCES = "vqa_features.resources"


@dataclass(frozen=True)
class ShippedModel:
    """What is known of a model that comes with the package, beside its card.

    Parameters
    ----------
    name : str
        Name for `vqa_features.QualityModel.load` and ``--model``.
    sha256 : str
        Of its file.
    about : str
        Features, regressor and datasets in one line.
    cost : str
        Measured computing time.
    mos : str
        What a prediction means: scale, its ends, the dataset whose scale it is.
    licence : str
        Licence of the tables that it was trained on.
    trained_on : tuple of mapping
        For each dataset: ``dataset``, ``videos``, ``table``, ``labels`` and their ``addresses``, ``licence``,
        ``gain`` and ``offset`` (its MOS onto the scale of the model), ``srcc`` (out of fold, of its videos).
    srcc, srcc_lowest, srcc_highest, plcc, rmse, half_width, level : float
        Strict cross-validated scores, see `vqa_features.models.training.Performance`.
    tested_on : tuple of mapping
        For each other dataset: ``dataset``, ``videos``, ``srcc``, ``plcc``, ``extrapolates`` (share of its
        videos outside the training range).
    not_for : tuple of str
        What it must not be used for.
    """

    name: str
    sha256: str
    about: str
    cost: str
    mos: str
    licence: str
    trained_on: tuple[Mapping[str, Any], ...]
    srcc: float
    srcc_lowest: float
    srcc_highest: float
    plcc: float
    rmse: float
    half_width: float
    level: float
    tested_on: tuple[Mapping[str, Any], ...]
    not_for: tuple[str, ...]

    @property
    def tested_text(self) -> str:
        """SRCC on other datasets in words."""
        told = [f"{one['dataset']} {one['srcc']:.3f}" for one in self.tested_on]
        return ", ".join(told) or "none measured"


@functools.cache
def shipped_models() -> dict[str, ShippedModel]:
    """Return the models that come with the package by name, the default first."""
    text = files(_RESOURCES).joinpath(_FOLDER, CARDS).read_text("utf-8")
    entries: list[dict[str, Any]] = json.loads(text)
    found = {}
    for entry in entries:
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
        }
        found[str(entry["name"])] = ShippedModel(**plain)
    return found


def list_models() -> pd.DataFrame:
    """Return one row per model that comes with the package, the default first.

    Returns
    -------
    DataFrame
        Index ``name``; columns about, videos, srcc (strict, out of fold), tested (SRCC on other datasets),
        rmse and interval (half its width, at ``level``) in MOS, cost, licence.

    See Also
    --------
    QualityModel.load : Load one by its name.

    Examples
    --------
    >>> import vqa_features as vf
    >>> vf.list_models().index[0]
    'videval-konvid-1k'
    """
    import pandas as pd

    return pd.DataFrame([row_of(one) for one in shipped_models().values()]).set_index("name")


def row_of(model: ShippedModel) -> dict[str, object]:
    """Return what a list of models says of one."""
    return {
        "name": model.name,
        "about": model.about,
        "videos": sum(int(one["videos"]) for one in model.trained_on),
        "srcc": model.srcc,
        "tested": model.tested_text,
        "rmse": model.rmse,
        "interval": model.half_width,
        "level": model.level,
        "cost": model.cost,
        "licence": model.licence,
    }


def shipped_of(given: str | os.PathLike[str]) -> ShippedModel | None:
    """Return the model of a name, or None where a file is meant.

    A name of a model is that model. A file is meant by what ends in .skops, has a folder, or exists.

    Parameters
    ----------
    given : str or path
        What a user gives as a model.

    Raises
    ------
    UnknownName
        If it is neither.
    """
    name, models = os.fspath(given), shipped_models()
    if name in models:
        return models[name]
    if os.path.basename(name) != name or Path(name).suffix == SUFFIX or os.path.lexists(name):
        return None
    raise UnknownName("model", name, models, f"a file of train, or one of {', '.join(models)}")


@contextmanager
def file_of(model: ShippedModel) -> Iterator[Path]:
    """Give the file of a model for as long as the context lasts, after a check of its SHA-256.

    Parameters
    ----------
    model : ShippedModel
        From `shipped_models`.

    Raises
    ------
    TableError
        If the file is missing or another one than was installed.
    """
    with as_file(files(_RESOURCES).joinpath(_FOLDER, model.name + SUFFIX)) as file:
        try:
            found = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            raise TableError(
                f"the model {model.name} is not at {escaped_name(file)}: {error.strerror}"
            ) from error
        if found != model.sha256:
            raise TableError(
                f"{escaped_name(file)} was altered: it has SHA-256 {found}, and came with "
                f"{model.sha256}: install vqa-features again"
            )
        yield file


def read_named(given: str | os.PathLike[str]) -> Stored:
    """Return what a model file, or a model that comes with the package, holds.

    Parameters
    ----------
    given : str or path
        A file, or a name of `list_models`.

    Raises
    ------
    UnknownName, TableError
        As in `shipped_of`, `file_of` and `vqa_features.models.model_file.read_model`.
    """
    from .model_file import read_model

    model = shipped_of(given)
    if model is None:
        return read_model(given)
    with file_of(model) as file:
        return read_model(file)
