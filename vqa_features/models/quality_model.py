"""`QualityModel`: a scikit-learn estimator from feature tables to MOS with an interval, kept in a file."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin

from ..comparison.checks import Duplicates
from ..comparison.notices import ValidityNotice
from ..evaluation.conformal import LEVEL
from ..evaluation.regressors import make
from ..evaluation.training_part import Search
from .card import Card, Direction
from .explainable import Explainable
from .fitting import Parameters, fitted
from .model_file import Stored, check_savable, write_model
from .prediction import Matrix, interval_table, matrix_of
from .shipped import read_named
from .training_tables import Tables, training_records

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from ..batch.inputs import Named

Values = NDArray[np.float64]


class QualityModel(Explainable, RegressorMixin, BaseEstimator):
    """A regressor from feature tables to MOS, with an interval, a training range and a card.

    Parameters
    ----------
    regressor : str or estimator
        See `vqa_features.evaluation.regressors.find`.
    seed : int
        Seed of folds, searches and the regressor.
    search : {"refine", "full", "random10"}
        Search of hyperparameters, see `vqa_features.evaluation.model_search.fit_predict`.
    repetitions : int
        Repetitions of the 5-fold cross-validation behind scores, map and interval.
    level : float
        Coverage of the interval.
    direction : {"higher", "lower"}
        Whether higher or lower MOS is better; DMOS is lower. Only the card tells it.
    scale : (float, float), optional
        Ends of the MOS scale. Predictions and intervals are held to them.
    duplicates : {"error", "warn", "group"}
        How to handle equal and nearly equal videos, as in `vqa_features.compare`.
    trusted : sequence of str
        Columns that are features whatever they are called and however well they rank.
    jobs : int
        Processes of the cross-validation, -1 for one per core; results do not depend on it.
    progress : callable, optional
        Called with (fits done, fits in all).

    Attributes
    ----------
    card_ : vqa_features.models.card.Card
        What is known of the fitted model.
    pipeline_ : sklearn.pipeline.Pipeline
        From the columns `feature_names_in_` to MOS, before the monotone map.
    out_of_fold_ : DataFrame
        By video id ``mos`` and ``predicted``: the prediction by models that did not see the video, mapped to
        MOS, mean over the repetitions. Only after `fit`; a file does not keep it.
    feature_names_in_ : ndarray of str
        Columns that the model needs.
    n_features_in_ : int
        Number of them.
    background_ : (rows, columns) ndarray or None
        Sample of the training rows, for `explain`; None if the model was loaded from a file without one.

    See Also
    --------
    compare : Which regressor and which features predict best.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import vqa_features as vf
    >>> random = np.random.default_rng(0)
    >>> mos = pd.Series(random.uniform(1, 5, 60), index=[f"clip{i}" for i in range(60)])
    >>> features = pd.DataFrame(mos.to_numpy()[:, None] + random.normal(0, 0.3, (60, 4)), index=mos.index)
    >>> table = features.add_prefix("f")
    >>> model = vf.QualityModel("ridge").fit(table, mos)
    >>> found = model.predict_interval(table)
    >>> list(found.columns)
    ['mos', 'low', 'high', 'extrapolates']
    >>> bool(((found["low"] < found["mos"]) & (found["mos"] < found["high"])).all())
    True
    """

    card_: Card
    pipeline_: Pipeline
    background_: Values | None
    out_of_fold_: pd.DataFrame

    def __init__(
        self,
        regressor: Any = "svr-rbf",
        *,
        seed: int = 0,
        search: Search = "refine",
        repetitions: int = 3,
        level: float = LEVEL,
        direction: Direction = "higher",
        scale: tuple[float, float] | None = None,
        duplicates: Duplicates = "error",
        trusted: Sequence[str] = (),
        jobs: int = 1,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.regressor = regressor
        self.seed = seed
        self.search = search
        self.repetitions = repetitions
        self.level = level
        self.direction = direction
        self.scale = scale
        self.duplicates = duplicates
        self.trusted = trusted
        self.jobs = jobs
        self.progress = progress

    def fit(self, table: Tables, mos: Any, groups: Any = None) -> Self:
        """Train on the videos that have features and MOS, after the checks of `vqa_features.compare`.

        Parameters
        ----------
        table : DataFrame, mapping of str to DataFrame, or (videos, columns)
            Features by video id, e.g. from `extract_many` or `read_table`. Several tables are put side by
            side; each is scaled by itself and has an equal share of the variance.
        mos : Series, mapping or Labels, or (videos,)
            MOS by video id, or in the rows' order.
        groups : Series or mapping, or (videos,), optional
            Source content of each video; kept on one side of every fold.

        Returns
        -------
        QualityModel
            The fitted model. What limits its validity is warned of, and kept in its card.

        Raises
        ------
        TableError, ParameterError, UnknownName
            If tables and MOS do not match, a leak is found, or a parameter is not allowed.
        """
        parameters = self._parameters()
        records, labels = training_records(table, mos, groups)
        stored, self.out_of_fold_ = fitted(records, labels, parameters)
        self._take(stored)
        for text in self.card_.warnings:
            warnings.warn(text, ValidityNotice, stacklevel=2)
        return self

    def predict(self, table: Tables) -> pd.Series[float]:
        """Return the predicted MOS of every row.

        Parameters
        ----------
        table : DataFrame, mapping of str to DataFrame, or (videos, columns)
            Has the columns `feature_names_in_`, in any order, among others. A table of `extract` is held to
            the extractors and the sampling of the training.

        Returns
        -------
        Series
            By the rows' index; nan where an extractor, or a table, has no value at all for a video. Single
            missing values are replaced by the mean of the training videos, with a warning.

        Raises
        ------
        TableError
            If there is no row, a column is missing, or an extractor or a setting differs from training.
        """
        return self.predict_interval(table)["mos"]

    def predict_interval(self, table: Tables) -> pd.DataFrame:
        """Return the predicted MOS of every row with its interval.

        Parameters
        ----------
        table : DataFrame, mapping of str to DataFrame, or (videos, columns)
            As for `predict`.

        Returns
        -------
        DataFrame
            Columns ``mos``, ``low`` and ``high`` (the interval that holds the MOS of a new video of the same
            kind with probability `level`), and ``extrapolates``: whether the features lie outside the
            training range (`vqa_features.models.training_range`), where the interval promises nothing.
        """
        self._check_fitted()
        given = matrix_of(self.card_.sources, table)
        for text in given.notes:
            warnings.warn(text, ValidityNotice, stacklevel=2)
        return self.predicted(given)

    def predict_videos(
        self, inputs: Named, jobs: int = 1, *, start_s: float = 0.0, duration_s: float | None = None
    ) -> pd.DataFrame:
        """Return one row of predictions per video; the features are extracted as in training.

        Parameters
        ----------
        inputs : path, iterable of paths, or DataFrame
            As in `vqa_features.extract_many`.
        jobs : int
            Worker processes, -1 for one per core.
        start_s, duration_s : float
            Part of each video that is rated, in seconds; its frames are sampled as in training.

        Returns
        -------
        DataFrame
            Index ``id``; columns path, status, mos, low, high, extrapolates, error. A failed video is a row.

        Raises
        ------
        TableError
            If `extract` did not write the table of the training, or an extractor has another version here.
        """
        from .videos import predict_videos

        self._check_fitted()
        return predict_videos(self, inputs, jobs, start_s=start_s, duration_s=duration_s)

    def predicted(self, given: Matrix) -> pd.DataFrame:
        """Return what `predict_interval` returns, of features that have been checked."""
        return interval_table(self.card_, self.pipeline_, given)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model to a file ending in .skops; return its path.

        Raises
        ------
        ParameterError
            If the name ends in another suffix, or the regressor is none that a file may hold.
        """
        self._check_fitted()
        return write_model(path, Stored(self.card_, self.pipeline_, self.background_))

    def check_savable(self) -> None:
        """Raise ParameterError, before a long training, if a model of this regressor cannot be saved."""
        few = np.random.default_rng(0).normal(size=(24, 3))
        pipeline = make(self._parameters().record, seed=self.seed, blocks=(1, 2)).fit(few, few[:, 0])
        check_savable(pipeline, str(self.regressor))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Return the model of a file, or one that comes with the package; no code of the file is run.

        Parameters
        ----------
        path : path or str
            A file that `save` wrote, or a name of `vqa_features.list_models`.

        Raises
        ------
        TableError, UnknownName
            If it is neither, was damaged, or holds what a model file may not hold.
        """
        stored = read_named(path)
        card, data = stored.card, stored.card.data
        model = cls(
            card.regressor,
            seed=card.seed,
            search=cast("Search", card.search),
            repetitions=card.repetitions,
            level=card.level,
            direction=data.direction,
            scale=data.scale,
        )
        model._take(stored)
        return model

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "card_")

    def _take(self, stored: Stored) -> None:
        self.card_, self.pipeline_, self.background_ = stored
        self.feature_names_in_ = np.array(self.card_.columns, dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)

    def _check_fitted(self) -> None:
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self)

    def _parameters(self) -> Parameters:
        """Return the parameters, checked."""
        return Parameters(**self.get_params(deep=False))
