"""Handcrafted and deep features on the same splits: `compare`.

Neither this module nor its package is called ``compare``, so that ``vqa_features.compare`` stays the
function whatever is imported first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from ..evaluation.on_cluster import Cluster
from ..evaluation.splits import Scheme
from ..evaluation.training_part import Search
from ..tables.feature_table import feature_tables
from ..tables.given import GivenTables, given_labels
from ..tables.labels import Labels
from .checks import Duplicates
from .given_scores import GivenScore
from .options import (
    AnalysisOptions,
    GivenRegressors,
    InputOptions,
    Logistic,
    ModelOptions,
    Options,
    ProtocolChoice,
    SplitOptions,
    StatisticsOptions,
    Validation,
)
from .result import Comparison
from .run_options import RunOptions
from .running import run_comparison

if TYPE_CHECKING:
    import pandas as pd


def compare(
    tables: GivenTables,
    mos: pd.Series | Mapping[str, float] | Labels | Sequence[float],
    groups: pd.Series | Mapping[str, object] | Sequence[object] | None = None,
    protocol: ProtocolChoice = "strict",
    splits: int | Iterable[tuple[ArrayLike, ArrayLike]] = 100,
    regressors: GivenRegressors | None = None,
    seed: int = 0,
    jobs: int = 1,
    *,
    cluster: Cluster | None = None,
    fusion: bool = False,
    components: int | None = None,
    search: Search | None = None,
    grids: Mapping[str, Mapping[str, Sequence[object]]] | None = None,
    scheme: Scheme = "holdout",
    test_size: float = 0.2,
    folds: int = 5,
    validation: Validation = "join",
    margin: float = 0.01,
    bootstrap: int = 1000,
    logistic: Logistic = "logistic4",
    analyses: Sequence[str] = (),
    error_by: Sequence[str] = (),
    duplicates: Duplicates = "error",
    use_metadata: bool = False,
    ignore_case: bool = False,
    trusted: Sequence[str] = (),
    given_scores: Sequence[GivenScore] = (),
    progress: Callable[[int, int], None] | None = None,
    ids: Iterable[object] | None = None,
) -> Comparison:
    """Return how well regressors on each feature table predict the MOS of unseen videos.

    Every table and regressor sees the same splits.

    Parameters
    ----------
    tables : DataFrame or array, or mapping of str to them or to (table, family)
        Feature tables by video id: the index, or a column ``id`` beside numbered rows. Tables of polars and
        pyarrow are converted. An array has the columns ``x0``, ``x1`` ... Rows without ids are in the order
        of `ids`, else of `mos`. Without a family, the extractors in the column names decide.
    mos : Series, mapping or Labels; or sequence in the order of the ids or rows
        MOS by video id; `Labels` may hold groups and opinion deviations. Literature mode splits in this
        row order.
    groups : Series or mapping, or sequence in the order of the ids or rows, optional
        Source content of each video, by id; kept on one side of every strict split.
    protocol : {"strict", "literature", "both", "official"}
        See ``docs/comparing.md``; ``official`` needs `splits`.
    splits : int or iterable of (train, test)
        Number of splits, or the splits themselves as arrays of video ids. Pairs of the same training part
        are test parts of one model; `vqa_features.tables.split_lists.SplitList` names them.
    regressors : sequence or mapping of str, optional
        Names, import paths and estimators, see `vqa_features.evaluation.regressors.find`; a mapping names
        them. Default: svr-rbf, ridge and the baseline mean.
    seed : int
        Seed of strict splits, inner folds and bootstrap. Literature splits have published seeds.
    jobs : int
        Number of processes, -1 for one per core; results do not depend on it.
    cluster : str or distributed.Client, optional
        Where the splits run instead: ``tcp://HOST:PORT`` of a Dask scheduler, ``local`` for a cluster of
        `jobs` workers on this machine, or a client; see ``docs/cluster.md``. Results do not depend on it.
    fusion : bool
        Add the tables ``fusion`` (columns joined, families weighted by what each explains) and
        ``late-fusion`` (stacking).
    components : int, optional
        Equal-dimension control: add each table reduced to this many principal components inside the fold,
        as ``<name>/<components>d``.
    search : {"refine", "full", "random10"}, optional
        Search of hyperparameters, see `vqa_features.evaluation.model_search.fit_predict`.
    grids : mapping of str to mapping, optional
        Values to search, by regressor: ``{"gradient-boosting": {"max_iter": [100, 400]}}``.
    scheme : {"holdout", "kfold", "leave-one-group-out"}
        Kind of strict splits, see `vqa_features.evaluation.splits.strict_splits`.
    test_size : float
        Share of the videos (of the groups) in the test part of a hold-out.
    folds : int
        Number of folds of ``kfold``.
    validation : {"join", "search"}
        Use of the validation videos of given splits: as further training videos, or to choose hyperparameters
        in the place of inner folds; the model is then fitted on both.
    margin : float
        Largest difference in SRCC that counts as none in the equivalence test.
    bootstrap : int
        Number of bootstrap resamples for intervals.
    logistic : {"logistic4", "logistic5"}
        Map from predictions to MOS before PLCC and RMSE, see `vqa_features.metrics.fit_logistic`.
    analyses : sequence of str
        Further tables in `Comparison.extras`, of `vqa_features.comparison.analyses.ANALYSES`, on the first
        protocol.
    error_by : sequence of str
        Properties of the videos to divide the errors by: ``mos``, columns of the MOS file or of the tables'
        ``video.*``; the tables ``error_by_<property>``.
    duplicates : {"error", "warn", "group"}
        How to handle equal and nearly equal videos in no common group (a few of these are a warning).
    use_metadata : bool
        Use numeric metadata columns, such as width or bitrate, as features.
    ignore_case : bool
        Join ids that differ in upper and lower case only; see `vqa_features.tables.ids`.
    trusted : sequence of str
        Columns that are features whatever they are called (``score``) and however well they rank, and
        names of `given_scores` that may rank as well.
    given_scores : sequence of GivenScore
        Scores to test beside the models without training, see `vqa_features.comparison.given_scores`.
    progress : callable, optional
        Called with (splits done, splits in all).
    ids : iterable, optional
        Video ids in the row order of tables, `mos` and `groups` that have none.

    Returns
    -------
    Comparison
        Scores, summary, significance and predictions as DataFrames, settings and warnings.

    Raises
    ------
    TableError, ParameterError, UnknownName
        If tables and MOS do not match, a leak is found, or a parameter is not allowed.

    See Also
    --------
    write_report : Write the comparison as an HTML page.
    vqa_features.comparison.cross.cross : Train on one dataset, test on another.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import vqa_features as vf
    >>> random = np.random.default_rng(0)
    >>> mos = pd.Series(random.uniform(1, 5, 60), index=[f"clip{i}" for i in range(60)])
    >>> def table(noise):
    ...     values = mos.to_numpy()[:, None] + random.normal(0, noise, (60, 4))
    ...     return pd.DataFrame(values, index=mos.index).add_prefix("f")
    >>> tables = {"good": (table(0.3), "handcrafted"), "poor": (table(3.0), "deep")}
    >>> comparison = vf.compare(tables, mos, splits=20, regressors=["ridge"], bootstrap=100)
    >>> comparison.summary.set_index("table")["srcc"].idxmax()
    'good'
    >>> comparison.significance["verdict"].item()
    'a'
    """
    options = Options(
        SplitOptions.of(protocol, splits, scheme, test_size, folds, validation),
        ModelOptions.of(regressors, search, fusion, components, grids, given_scores),
        StatisticsOptions(margin, bootstrap, logistic),
        InputOptions(duplicates, use_metadata, ignore_case, trusted),
        RunOptions(seed, jobs, progress, cluster),
        AnalysisOptions(analyses, error_by),
    )
    records = feature_tables(tables, ids)
    rows = next((len(record.frame) for record in records if not record.has_ids), None)
    labels = given_labels(mos, groups, ids, rows)
    with options.run.workers() as workers:
        return run_comparison(records, labels, options, workers)
