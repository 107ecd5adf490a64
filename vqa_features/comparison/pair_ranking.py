"""Pairwise ranking of a finished comparison: of all pairs, of pairs inside a content, and of listed pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, TableError, UnknownName, first_few
from ..evaluation.pair_ranking import PairAccuracy, listed_pair_accuracy, pair_accuracy
from ..tables.ids import aligned, match
from ..tables.labels import Labels
from .checks import ValidityWarnings
from .contents import content_labels
from .notices import with_notices
from .result import BASELINE, Comparison
from .summary import MODEL, pooled_predictions

if TYPE_CHECKING:
    import pandas as pd


def pair_ranking(
    comparison: Comparison,
    labels: Labels | None = None,
    *,
    protocol: str = "strict",
    part: str | None = None,
    margin: float = 0.0,
    level: float = 0.95,
    within: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the share of pairs of videos that every model puts in the order of their MOS.

    The predictions of a video are averaged over the splits that tested it.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    labels : Labels, optional
        With deviations and numbers of opinions, only pairs count whose MOS differ significantly.
    protocol : {"strict", "literature", "official"}
        Which of its protocols.
    part : str, optional
        Name of the test part; it may be left out if there is one.
    margin : float
        Pairs whose MOS differ by no more are left out.
    level : float
        Two-sided confidence at which two MOS differ.
    within : Series, optional
        Source content by video id: only pairs inside one content count (within-content accuracy).

    Returns
    -------
    DataFrame
        One row per model but the baseline: ``table, regressor, accuracy`` (equal predictions count half),
        ``error`` (standard error over drawn videos, or contents), ``pairs, ties, units`` (videos or contents
        in the pairs), as `vqa_features.evaluation.pair_ranking.PairAccuracy`.

    Raises
    ------
    ParameterError, UnknownName
        If the comparison has no such predictions, or labels hold no deviations.
    TableError
        If a tested video has no content, deviation or number of opinions.
    """
    videos = _tested(comparison, protocol, part)
    ids, mos = list(videos.index), videos["mos", ""].to_numpy()
    options: dict[str, Any] = {"margin": margin, "level": level}
    warnings = ValidityWarnings()
    if labels is not None:
        if labels.std is None or labels.counts is None:
            raise ParameterError(
                "labels need the standard deviation and the number of opinions of each video"
            )
        options["std"] = _of_videos(labels.std, ids, "standard deviation")
        options["counts"] = _of_videos(labels.counts, ids, "number of opinions")
    if within is not None:
        options["groups"] = content_labels(list(_of_videos(within, ids, "content")), warnings)
    found = _by_model(videos, lambda predicted: pair_accuracy(predicted, mos, **options))
    return with_notices(found, warnings.all())


def listed_pairs(
    comparison: Comparison, pairs: pd.DataFrame, *, protocol: str = "strict", part: str | None = None
) -> pd.DataFrame:
    """Return the share of listed pairs of videos that every model puts in the right order.

    Such a list comes from a study of pairs (KVQ's pairs of hardly different videos). Every video needs a
    prediction, averaged over the splits that tested it; pairs of other videos are counted in a warning.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    pairs : DataFrame
        Columns ``better`` and ``worse``: ids of the two videos of each pair.
    protocol, part
        As for `pair_ranking`.

    Returns
    -------
    DataFrame
        As `pair_ranking`. ``attrs["warnings"]`` holds the warnings, which are shown as
        `vqa_features.comparison.notices.ValidityNotice` too.

    Raises
    ------
    ParameterError, UnknownName
        If the comparison has no such predictions.
    TableError
        If the list lacks a column, or no pair has two tested videos.
    """
    missing = {"better", "worse"} - set(map(str, pairs.columns))
    if missing:
        raise TableError(
            f"a list of pairs needs the columns better and worse, it lacks {', '.join(sorted(missing))}"
        )
    videos = _tested(comparison, protocol, part)
    listed = list(dict.fromkeys([*pairs["better"], *pairs["worse"]]))
    place = dict(zip(listed, match(listed, videos.index).rows.tolist(), strict=True))
    rows = np.array([[place[name] for name in pairs[side]] for side in ("better", "worse")], dtype=np.intp)
    known = (rows >= 0).all(axis=0)
    if not known.any():
        raise TableError(f"none of the {len(pairs)} pairs has two tested videos: {first_few(listed)}")
    found = _by_model(videos, lambda predicted: listed_pair_accuracy(predicted, *rows[:, known]))
    untested = [name for name in listed if place[name] < 0]
    lost = int((~known).sum())
    return with_notices(
        found,
        [f"{lost} of {len(pairs)} listed pairs hold a video that was not tested: {first_few(untested)}"]
        if lost
        else [],
    )


def _tested(comparison: Comparison, protocol: str, part: str | None) -> pd.DataFrame:
    """Return the pooled predictions of all models but the baseline on one test part."""
    rows = comparison.predictions
    rows = rows[(rows["protocol"] == protocol) & (rows["regressor"] != BASELINE)]
    if rows.empty:
        raise ParameterError(f"the comparison holds no predictions of the protocol {protocol!r}")
    parts = [str(name) for name in rows["part"].unique()]
    if part is None and len(parts) > 1:
        raise ParameterError(f"there are several test parts, name one: {', '.join(parts)}")
    if part is not None and part not in parts:
        raise UnknownName("test part", part, parts, f"there are {', '.join(parts)}")
    return pooled_predictions(rows[rows["part"] == (part or parts[0])])


def _of_videos(values: pd.Series, ids: list[str], what: str) -> pd.Series:
    """Return the values of the videos; a missing one is a TableError."""
    found = aligned(values, ids)
    missing = found.index[found.isna()]
    if len(missing):
        raise TableError(f"{len(missing)} tested video(s) have no {what}: {first_few(list(missing))}")
    return found


def _by_model(videos: pd.DataFrame, accuracy: Callable[[pd.Series], PairAccuracy]) -> pd.DataFrame:
    """Return one row per model."""
    import pandas as pd

    models = videos.drop(columns=[("mos", "")])
    return pd.DataFrame(
        [
            dict(zip(MODEL, model, strict=True)) | accuracy(models[model])._asdict()
            for model in models.columns.tolist()
        ]
    )
