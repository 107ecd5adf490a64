"""Settings of a comparison: everything that decided its numbers."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import __version__
from ..evaluation.regressors import Regressor
from ..pooling import parse_column
from ..tables.feature_table import FeatureTable
from ..tables.labels import Labels
from .blocks import Block, Prepared
from .options import Options
from .protocol import searched

if TYPE_CHECKING:
    import pandas as pd

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "pandas")


def settings_of(
    options: Options,
    tables: Sequence[FeatureTable],
    prepared: Prepared,
    labels: Labels,
    scores: pd.DataFrame,
) -> dict[str, Any]:
    """Return what made a comparison, enough to run it again.

    Parameters
    ----------
    options : Options
        Options of the run.
    tables : sequence of FeatureTable
        Feature tables as given.
    prepared : Prepared
        The same tables joined.
    labels : Labels
        Opinion scores as given.
    scores : DataFrame
        Scores of the run.
    """
    splits, models, groups = options.splits, options.models, prepared.videos.groups
    return {
        "protocol": splits.protocol,
        "splits": splits.fitted,
        "splits_given": splits.given is not None,
        "splits_from": splits.source,
        **splits.drawn,
        "validation": splits.validation,
        "seed": options.run.seed,
        "regressors": list(models.regressors),
        "search": models.search,
        "searched": searched(models, scores),
        "grids": {one.name: dict(one.grid) for one in models.records if one.search == "grid"},
        "recipes": {one.name: _recipe(one) for one in models.records},
        "given_scores": {
            one.name: {"higher_is_better": bool(one.higher_is_better), "family": one.family}
            for one in models.scores
        },
        "fusion": models.fusion,
        "components": models.components,
        "margin": options.statistics.margin,
        "bootstrap": options.statistics.bootstrap,
        "logistic": options.statistics.logistic,
        "analyses": list(options.analyses.names),
        "error_by": list(options.analyses.error_by),
        "duplicates": options.inputs.duplicates,
        "use_metadata": options.inputs.use_metadata,
        "ignore_case": options.inputs.ignore_case,
        "trusted": list(options.inputs.trusted),
        "mos": labels.source,
        "videos": len(prepared.videos.ids),
        "groups": None if groups is None else len(np.unique(groups)),
        "tables": {
            block.name: _table(block, table) for block, table in zip(prepared.blocks, tables, strict=True)
        },
        "versions": {"vqa_features": __version__, **{name: version(name) for name in _LIBRARIES}},
        "platform": {
            "system": platform.platform(),
            "machine": platform.machine(),
            "python": platform.python_version(),
        },
    }


def _recipe(regressor: Regressor) -> dict[str, Any]:
    return {
        "scaler": regressor.scaler,
        "search": regressor.search,
        "grid": {key: list(values) for key, values in regressor.grid.items()},
        "per_column": list(regressor.per_column),
    }


def _table(block: Block, table: FeatureTable) -> dict[str, Any]:
    return {
        "family": block.family,
        "columns": len(block.columns),
        "rows": len(table.frame),
        **_origin(block.columns),
        "settings": table.frame.attrs.get("settings", {}),
    }


def _origin(columns: Sequence[str]) -> dict[str, list[str]]:
    """Return the extractors and the pools that the names of columns say, each once."""
    parsed = [column for name in columns if (column := parse_column(str(name))) is not None]
    return {
        "extractors": list(dict.fromkeys(column.label for column in parsed)),
        "pools": list(dict.fromkeys(column.pool for column in parsed)),
    }
