"""Pairwise ranking of a finished comparison: of all pairs, of pairs inside a content, and of listed pairs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, TableError, UnknownName, first_few
from ..evaluation.pair_ranking import PairAccuracy, listed_pair_accuracy, pair_accuracy
from ..files.names import id_text, visible_text
from ..tables.ids import aligned, match
from ..tables.labels import Labels
from .checks import ValidityWarnings
from .contents import content_labels
from .notices import KEY, ValidityNotice, notices_of, with_notices
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
    told = ValidityWarnings()
    if labels is not None:
        if labels.std is None or labels.counts is None:
            raise ParameterError(
                "labels need the standard deviation and the number of opinions of each video"
            )
        options["std"] = _of_videos(labels.std, ids, "standard deviation")
        options["counts"] = _of_videos(labels.counts, ids, "number of opinions")
    if within is not None:
        options["groups"] = content_labels(list(_of_videos(within, ids, "content")), told)
    found = _by_model(videos, lambda predicted: pair_accuracy(predicted, mos, **options))
    return with_notices(found, told.all())


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
        As `check_pairs` says.
    """
    videos = _tested(comparison, protocol, part)
    rows = check_pairs(pairs, videos.index)
    known = (rows >= 0).all(axis=0)
    found = _by_model(videos, lambda predicted: listed_pair_accuracy(predicted, *rows[:, known]))
    sides = np.array([pairs["better"], pairs["worse"]], dtype=object)
    untested = list(dict.fromkeys(map(str, sides.T[rows.T < 0])))
    lost = int((~known).sum())
    return with_notices(
        found,
        [f"{lost} of {len(pairs)} listed pairs hold a video that was not tested: {first_few(untested)}"]
        if lost
        else [],
    )


def check_pairs(
    pairs: pd.DataFrame, ids: Iterable[str], source: str = "the list of pairs"
) -> NDArray[np.intp]:
    """Return the positions of the videos of listed pairs among some ids.

    Parameters
    ----------
    pairs : DataFrame
        Columns ``better`` and ``worse``.
    ids : iterable of str
        Ids of videos, each once; see `vqa_features.tables.ids` on how they are matched.
    source : str
        Name of the list in messages.

    Returns
    -------
    (2, pairs) int
        Position of the better and of the worse video of each pair, -1 for one that is not among the ids.

    Raises
    ------
    TableError
        If a column or an id is missing, a video is paired with itself, or no pair has two of the ids.
    """
    missing = {"better", "worse"} - set(map(str, pairs.columns))
    if missing:
        raise TableError(
            f"{source} needs the columns better and worse, it lacks {', '.join(sorted(missing))}"
        )
    sides = [["" if name != name else id_text(name) for name in pairs[side]] for side in ("better", "worse")]
    listed = list(dict.fromkeys(sides[0] + sides[1]))
    if "" in listed:
        number = next(k for k, pair in enumerate(zip(*sides, strict=True)) if "" in pair)
        raise TableError(f"{source}: pair {number + 1} lacks the id of a video")
    place = dict(zip(listed, match(listed, ids).rows.tolist(), strict=True))
    rows = np.array([[place[name] for name in side] for side in sides], dtype=np.intp)
    same = np.array(sides[0]) == np.array(sides[1])
    if same.any():
        number = int(same.argmax())
        raise TableError(
            f"{source}: pair {number + 1} holds one video twice: {visible_text(sides[0][number])[:80]}"
        )
    if not (rows >= 0).all(axis=0).any():
        raise TableError(
            f"{source}: none of the {len(pairs)} pairs has two tested videos: {first_few(listed)}"
        )
    return rows


def with_listed_pairs(comparison: Comparison, pairs: pd.DataFrame) -> Comparison:
    """Return the comparison with the table ``listed_pairs``: `listed_pairs` of every protocol and test part.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    pairs : DataFrame
        As for `listed_pairs`. Its own warnings, and parts that tested no pair, become warnings.
    """
    import pandas as pd

    tables, notes = [], list(notices_of(pairs))
    parts = comparison.predictions[["protocol", "part"]].drop_duplicates()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)  # `with_extra` collects them
        for one in parts.to_dict("records"):
            key = {"protocol": str(one["protocol"]), "part": str(one["part"])}
            place = ", ".join(key.values())
            try:
                table = listed_pairs(comparison, pairs, **key)
            except (TableError, ParameterError) as error:  # the comparison itself is whole
                notes.append(f"{place}: {error}")
                continue
            notes += [f"{place}: {text}" for text in notices_of(table)]
            tables.append(table.assign(**key)[[*key, *table.columns]])
    if not tables:
        told = [f"listed_pairs: {text}" for text in notes]
        return replace(comparison, warnings=(*comparison.warnings, *told))
    found = pd.concat(tables, ignore_index=True)
    found.attrs[KEY] = notes
    return comparison.with_extra("listed_pairs", found)


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
