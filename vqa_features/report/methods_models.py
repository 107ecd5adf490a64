"""Sentences on the regressors of a comparison: preparation of columns, hyperparameters and their search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..comparison.given_scores import NONE
from ..comparison.options import recipe
from ..comparison.result import BASELINE, FUSION
from ..evaluation.regressors import EPSILON, REFERENCE_COLUMNS
from ..evaluation.training_part import INNER_FOLDS, MOST_SEARCHED_ROWS
from .formatting import listed, shown
from .provenance import truth_of
from .view import ProtocolView

_SCALERS = {
    "minmax": "columns scaled to 0 .. 1",
    "standard": "columns standardised",
    "none": "columns not scaled",
}
_SEARCHES = {
    "refine": "searched from a coarse sub-grid towards the best point",
    "full": "every point searched",
    "random10": "ten random points searched",
    "full, in closed form": "every point compared in closed form",
}
_UNSEARCHED = {
    "defaults": "default hyperparameters, not searched",
    "given": "hyperparameters as given, not searched",
    "nothing": "no hyperparameters",
}


def model_sentences(view: ProtocolView) -> list[str]:
    """Return sentences on how every model of one protocol was fitted."""
    strict = recipe(view.protocol_name) == "strict"
    settings, truth = view.comparison.settings, truth_of(view.comparison.settings)
    recipes, searched = settings.get("recipes"), settings.get("searched")
    if not isinstance(recipes, Mapping) or not isinstance(searched, Mapping):
        found = dict.fromkeys(view.scores["regressor"])
        names = [shown(name) for name in found if name not in (BASELINE, NONE)]
        return [f"Regressors: {listed(names)}."] if names else []
    used = [name for name in recipes if name in set(view.scores["regressor"])]
    words = searched.get(view.protocol, {})
    told = []
    if used:
        told.append(
            "Missing cells were replaced by the mean of their column and constant columns were dropped, in "
            "every training part by itself."
        )
    trained = [name for name in used if name != BASELINE]
    told += [_regressor(name, recipes[name], str(words.get(name, "")), strict) for name in trained]
    if trained:
        told.append(
            f"The regressors were fitted on z-scored {truth}."
            if strict
            else f"The regressors were fitted on the {truth} as they are."
        )
        told += _inner(view, [recipes[name] for name in trained], strict)
    if BASELINE in used:
        told.append(f"The baseline predicts the mean of the {truth} of the training part.")
    return [*told, *_added(view), *_given(view)]


def _regressor(name: str, how: Mapping[str, Any], searched: str, strict: bool) -> str:
    """Return one sentence on a regressor: scaling, grid and search."""
    kind, _, subsample = searched.partition("; ")
    scaling = _SCALERS.get(str(how.get("scaler")), "")
    search, grid = str(how.get("search")), how.get("grid") or {}
    told = [scaling]
    if search == "svr":
        told.append(f"epsilon {EPSILON:g}")
    if search in _UNSEARCHED:
        told.append(_UNSEARCHED[search])
    else:
        told += [_values(key, values, how, strict, subsample) for key, values in grid.items()]
        told.append(_SEARCHES.get(kind, kind))
    if subsample:
        told.append(subsample)
    return f"{shown(name)}: {'; '.join(filter(None, told))}."


def _values(key: str, values: Sequence[Any], how: Mapping[str, Any], strict: bool, subsample: str) -> str:
    """Return the values of one hyperparameter that were searched."""
    scaled = strict and key in (how.get("per_column") or ())
    factor = f", times {REFERENCE_COLUMNS} / number of columns" if scaled else ""
    added = ""
    if key == "gamma" and strict and subsample:
        added = (
            f", and one more above, twice the one before, for each doubling of {MOST_SEARCHED_ROWS:,} rows"
        )
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < len(values) or len(values) <= 5:
        return f"{shown(key)} {', '.join(_text(value) for value in values)}{factor}{added}"
    return f"{shown(key)} {len(values)} values from {min(numbers):g} to {max(numbers):g}{factor}{added}"


def _text(value: object) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if number else shown(value)


def _inner(view: ProtocolView, recipes: Sequence[Mapping[str, Any]], strict: bool) -> list[str]:
    """Return sentences on how hyperparameters were chosen inside the training part."""
    grouped = strict and isinstance(view.comparison.settings.get("groups"), int)
    kinds = {str(how.get("search")) for how in recipes}
    unit = "group" if grouped else "video"
    told = []
    if kinds & {"svr", "grid"}:
        folds = f"{INNER_FOLDS} {'shuffled' if strict else 'contiguous'} inner folds"
        whole = ", groups whole" if grouped else ""
        told.append(
            f"Points of a grid were compared by the mean R2 over {folds} of the training part{whole}."
        )
        told.append(
            "The preparation of the columns was fitted again in every inner fold."
            if strict
            else "The preparation of the columns was fitted once on the training part, for all inner folds."
        )
    if "ridge" in kinds:
        told.append(f"Searches in closed form compare the squared error of each {unit} left out.")
    return told


def _given(view: ProtocolView) -> list[str]:
    """Return a sentence on the scores that were not trained, with their directions."""
    given = view.comparison.settings.get("given_scores")
    if not isinstance(given, Mapping) or not given:
        return []
    better = [
        f"{shown(name)} ({'higher' if how.get('higher_is_better') else 'lower'} is better)"
        for name, how in given.items()
    ]
    return [
        f"Scores that were not trained: {', '.join(better)}; each was brought to the mean and the deviation "
        f"of the {truth_of(view.comparison.settings)} of the training part."
    ]


def _added(view: ProtocolView) -> list[str]:
    """Return sentences on fusion and on reduced tables, where the run added them."""
    settings = view.comparison.settings
    told = []
    if settings.get("fusion") is True and (view.scores["family"] == FUSION).any():
        told.append(
            "Early fusion joins the columns of all tables, each table weighted by the share of variance it "
            "explains out of fold; late fusion stacks the out-of-fold predictions with non-negative weights."
        )
    if settings.get("components"):
        told.append(
            f"Each table was also reduced to {settings['components']} principal components, fitted in every "
            "training part."
        )
    return told
