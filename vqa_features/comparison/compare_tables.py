"""Handcrafted and deep features on the same splits: `compare`.

Neither this module nor its package is called ``compare``, so that ``vqa_features.compare`` stays the
function whatever is imported first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import __version__
from ..errors import ParameterError
from ..evaluation import regressors
from ..evaluation.model_search import DEFAULT_SEARCH, SEARCHES, Protocol, Search
from ..evaluation.splits import Scheme, Split, given_splits, literature_splits, strict_splits
from ..tables.io import with_ids
from ..tables.labels import Labels
from .checks import Duplicates, Notes, check_chance, check_duplicates, check_splits
from .costs import seconds_per_video
from .joining import join
from .protocol import Block, Plan, Videos, run
from .result import BASELINE, Comparison
from .summary import Pooled, significance_of_pairs, summarise

if TYPE_CHECKING:
    import pandas as pd

PROTOCOLS = ("strict", "literature", "both")


def compare(
    tables: Mapping[str, Any],
    mos: pd.Series | Labels,
    groups: pd.Series | Mapping[str, object] | None = None,
    protocol: Literal["strict", "literature", "both"] = "strict",
    splits: int | Iterable[tuple[ArrayLike, ArrayLike]] = 100,
    regressors: Sequence[str] | None = None,
    seed: int = 0,
    jobs: int = 1,
    *,
    fusion: bool = False,
    components: int | None = None,
    search: Search | None = None,
    scheme: Scheme = "holdout",
    test_size: float = 0.2,
    folds: int = 5,
    margin: float = 0.01,
    bootstrap: int = 1000,
    duplicates: Duplicates = "error",
    use_metadata: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Compare feature tables by how well regressors on them predict MOS of unseen videos.

    Parameters
    ----------
    tables : mapping of str to DataFrame or (DataFrame, family)
        Feature tables indexed by video id. The family is read from the column names' extractors unless given.
    mos : Series or Labels
        MOS by video id (with groups and opinion deviations, if `Labels`). Literature mode splits in this
        row order.
    groups : Series or mapping, optional
        Source content of each video, by id; kept on one side of every strict split.
    protocol : {"strict", "literature", "both"}
        See ``docs/comparing.md``.
    splits : int or iterable of (train, test)
        Number of splits, or the splits themselves as arrays of video ids.
    regressors : sequence of str, optional
        Names or import paths, see `vqa_features.evaluation.regressors.make`; default svr-rbf, ridge and the
        baseline mean.
    seed : int
        Decides strict splits, inner folds and bootstrap. Literature splits have published seeds.
    jobs : int
        Processes; the numbers do not depend on it.
    fusion : bool
        Add the tables ``fusion`` (columns joined, families weighted by what each explains) and
        ``late-fusion`` (stacking).
    components : int, optional
        The equal-dimension control: add each table again, reduced to this many principal components inside
        the fold, as ``<name>/<components>d``.
    search : {"refine", "full", "random10"}, optional
        How hyperparameters are searched, see `vqa_features.evaluation.model_search.fit_predict`.
    scheme, test_size, folds
        See `vqa_features.evaluation.splits.strict_splits`.
    margin : float
        Difference in SRCC that counts as none in the equivalence test.
    bootstrap : int
        Resamples of the videos for intervals.
    duplicates : {"error", "warn", "group"}
        What to do with videos that are equal in every table but in no common group.
    use_metadata : bool
        Let numeric columns such as width or bitrate be features.
    progress : callable, optional
        Called with (splits done, splits in all).

    Raises
    ------
    TableError, ParameterError, UnknownName
        If tables and MOS do not fit, a leak is found, or a parameter is not allowed.
    """
    if protocol not in PROTOCOLS:
        raise ParameterError(f"protocol must be one of {', '.join(PROTOCOLS)}, got {protocol!r}")
    if search is not None and search not in SEARCHES:
        raise ParameterError(f"search must be one of {', '.join(SEARCHES)}, got {search!r}")
    names = _check_regressors(regressors, seed)
    notes = Notes()
    blocks, videos, labels = prepare(tables, mos, groups, notes, duplicates, use_metadata)
    if fusion and len(blocks) < 2:
        raise ParameterError(f"fusion needs at least two feature tables, got {len(blocks)}")
    if components is not None:
        _check_components(components, blocks, len(videos.ids))
    given = None if isinstance(splits, int) else _by_position(splits, videos.ids)
    costs = seconds_per_video(tables)

    parts = []
    todo: tuple[Protocol, ...] = ("strict", "literature") if protocol == "both" else (protocol,)
    for current in todo:
        as_given = current == "literature" or given is not None
        ordered, rows = (blocks, videos) if as_given else by_id_order(blocks, videos)
        if given is not None:
            chosen = given
        elif current == "literature":
            chosen = literature_splits(len(rows.ids), _count(splits), test_size)
        else:
            chosen = strict_splits(len(rows.ids), rows.groups, _count(splits), test_size, seed, scheme, folds)
        check_splits(chosen, rows.groups, current, notes)
        plan = Plan(current, chosen, names, search, seed, fusion, components)
        scores, predictions = run(plan, ordered, rows, jobs, progress)
        by_id = None if rows.groups is None else dict(zip(rows.ids, rows.groups, strict=True))
        pooled = Pooled.of(predictions, by_id, bootstrap, seed)
        summary = summarise(scores, predictions, pooled, costs)
        significance = significance_of_pairs(scores, pooled, margin=margin)
        parts.append((scores, summary, significance, predictions))
        if current == "strict":
            trained = summary[summary["regressor"] != BASELINE]
            best = trained.groupby("table", sort=False)["srcc"].max()
            check_chance({str(name): float(value) for name, value in best.items()}, notes)
    import pandas as pd

    scores, summary, significance, predictions = (
        pd.concat(same, ignore_index=True) for same in zip(*parts, strict=True)
    )
    settings = {
        "protocol": protocol,
        "splits": splits if isinstance(splits, int) else len(given or ()),
        "splits_given": given is not None,
        "scheme": scheme,
        "test_size": test_size,
        "folds": folds,
        "seed": seed,
        "regressors": list(names),
        "search": search,
        "searched": {name: search or DEFAULT_SEARCH[name] for name in todo},
        "fusion": fusion,
        "components": components,
        "margin": margin,
        "bootstrap": bootstrap,
        "duplicates": duplicates,
        "use_metadata": use_metadata,
        "mos": labels.source,
        "videos": len(videos.ids),
        "groups": None if videos.groups is None else len(np.unique(videos.groups)),
        "tables": {block.name: _about(block, tables[block.name]) for block in blocks},
        "versions": {"vqa_features": __version__, **{name: version(name) for name in _LIBRARIES}},
    }
    return Comparison(scores, summary, significance, predictions, settings, notes.all())


def prepare(
    tables: Mapping[str, Any],
    mos: pd.Series | Labels,
    groups: pd.Series | Mapping[str, object] | None,
    notes: Notes,
    duplicates: Duplicates = "error",
    use_metadata: bool = False,
) -> tuple[list[Block], Videos, Labels]:
    """Join tables and labels under all guards; rows are in the labels' order."""
    labels = _labels(mos, groups)
    blocks, videos = join(tables, labels, notes, use_metadata=use_metadata)
    values = {block.name: block.values for block in blocks}
    tied = check_duplicates(values, videos.ids, videos.groups, duplicates, notes)
    return blocks, videos._replace(groups=tied), labels


def _check_components(components: int, blocks: Sequence[Block], rows: int) -> None:
    smallest = min(min(len(block.columns) for block in blocks), rows // 2)
    if not 1 <= components <= smallest:
        raise ParameterError(
            f"components must be from 1 to {smallest} (the smallest table, half the videos), got {components}"
        )


_LIBRARIES = ("numpy", "scipy", "scikit-learn", "pandas")


def _check_regressors(names: Sequence[str] | None, seed: int) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(names if names is not None else (*regressors.DEFAULT, BASELINE)))
    if isinstance(names, str) or not chosen:
        raise ParameterError(
            f"regressors must be a list of names such as ['svr-rbf', 'ridge'], got {names!r}"
        )
    for name in chosen:
        regressors.make(name, seed=seed)
    return chosen


def _labels(mos: pd.Series | Labels, groups: pd.Series | Mapping[str, object] | None) -> Labels:
    import pandas as pd

    if isinstance(mos, Labels):
        labels = mos
    else:
        series = pd.Series(mos)
        labels = Labels(with_ids(series.to_frame("mos"), series.index, "the MOS")["mos"].astype(np.float64))
    if groups is None:
        return labels
    given = pd.Series(groups)
    found = with_ids(given.to_frame("groups"), given.index, "groups")["groups"]
    return Labels(labels.mos, found, labels.std, labels.counts, labels.metadata, labels.source)


def _by_position(splits: Iterable[tuple[ArrayLike, ArrayLike]], ids: Sequence[str]) -> list[Split]:
    """Turn splits of ids into row positions; ids without features are left out."""
    position = {name: row for row, name in enumerate(ids)}

    def rows(part: ArrayLike) -> NDArray[np.intp]:
        found = [position[name] for name in map(str, np.asarray(part)) if name in position]
        return np.array(found, dtype=np.intp)

    return given_splits([(rows(train), rows(test)) for train, test in splits], len(ids))


def by_id_order(blocks: list[Block], videos: Videos) -> tuple[list[Block], Videos]:
    """Return rows sorted by id, so that the order in files means nothing to seeded splits."""
    order = np.argsort(np.array(videos.ids), kind="stable")

    def sort(values: NDArray[Any] | None) -> Any:
        return None if values is None else values[order]

    rows = Videos(
        [videos.ids[row] for row in order],
        videos.mos[order],
        sort(videos.groups),
        sort(videos.std),
        sort(videos.counts),
    )
    return [block._replace(values=block.values[order]) for block in blocks], rows


def _count(splits: object) -> int:
    if not isinstance(splits, int) or splits < 1:
        raise ParameterError(f"splits must be a whole number of at least 1, got {splits!r}")
    return splits


def _about(block: Block, given: Any) -> dict[str, Any]:
    table = given[0] if isinstance(given, tuple) else given
    return {
        "family": block.family,
        "columns": len(block.columns),
        "rows": len(table),
        "settings": table.attrs.get("settings", {}),
    }
