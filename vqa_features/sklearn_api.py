"""A scikit-learn transformer from paths to named feature columns."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from .batch.failures import INCOMPLETE
from .batch.inputs import Input
from .batch.many_videos import extract_many
from .errors import ParameterError
from .files.names import opened_name
from .pooling import check_pools, columns
from .registry import make_all
from .specs import Every, Luma, Sampling


class VideoFeatures(TransformerMixin, BaseEstimator):
    """Features of videos, as the first step of a scikit-learn pipeline; nothing is learned.

    Parameters
    ----------
    extractors : list of str or Extractor, or comma-separated text
        Names or labels.
    pool : str or list of str
        Statistics over time, e.g. ``mean``, ``p10``, ``lowest10s``: see `vqa_features.pools.POOLS`.
    fps, every, offset, frames
        Which frames are used: see `Sampling`. All of them by default.
    luma : {"y", "rgb2gray"}
        Source of luma: the decoder's Y plane, or MATLAB's rgb2gray of the RGB frame.
    jobs : int
        Worker processes.
    store : path, optional
        SQLite file that keeps computed rows, so that cross-validation decodes a video once.
    on_error : {"raise", "nan"}
        For a video that fails, raise VideoFailed, or return a row of nan with a warning.

    See Also
    --------
    extract : The features of one video as a Series.
    extract_many : The features of many videos as a DataFrame.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> import vqa_features as vf
    >>> demo = files("vqa_features.resources") / "demo"
    >>> clips = [demo / "bikes_square.mp4", demo / "city_towers.mp4"]
    >>> features = vf.VideoFeatures("siti", frames=2)
    >>> features.fit_transform(clips).shape
    (2, 2)
    >>> model = make_pipeline(features, StandardScaler(), Ridge()).fit(clips, [2.0, 4.0])
    >>> bool(model.predict(clips[:1])[0] < model.predict(clips[1:])[0])
    True
    """

    def __init__(
        self,
        extractors: Any = ("brisque",),
        *,
        pool: str | Sequence[str] = "mean",
        fps: float | None = None,
        every: Every | None = None,
        offset: int = 0,
        frames: int | None = None,
        luma: Luma = "y",
        jobs: int = 1,
        store: str | os.PathLike[str] | None = None,
        on_error: str = "raise",
    ) -> None:
        self.extractors = extractors
        self.pool = pool
        self.fps = fps
        self.every = every
        self.offset = offset
        self.frames = frames
        self.luma = luma
        self.jobs = jobs
        self.store = store
        self.on_error = on_error

    def fit(self, X: Sequence[str | os.PathLike[str]], y: Any = None) -> Self:
        """Check the parameters; there is nothing to learn.

        Parameters
        ----------
        X : sequence of paths
            Video files; they are not opened.
        y : object
            Ignored.

        Returns
        -------
        VideoFeatures
            The transformer itself.

        Raises
        ------
        ParameterError, UnknownName
            If a parameter is not allowed, or an extractor is not known.
        """
        if self.on_error not in ("raise", "nan"):
            raise ParameterError(f"on_error must be raise or nan, got {self.on_error!r}")
        self.feature_names_out_ = self._names()
        return self

    def transform(self, X: Sequence[str | os.PathLike[str]]) -> NDArray[np.float64]:
        """Return the features of every video.

        Parameters
        ----------
        X : sequence of paths
            Video files.

        Returns
        -------
        ndarray, (n_videos, n_columns) float64
            Rows in the order of `X`.

        Raises
        ------
        ValueError
            If `X` is not one column of paths.
        VideoFailed
            If a video fails and `on_error` is "raise".
        """
        paths = _paths(X)
        if not paths:
            return np.empty((0, len(self._names())))
        distinct = {path: row for row, path in enumerate(dict.fromkeys(paths))}
        table = extract_many(
            [Input(path, id=str(row)) for path, row in distinct.items()],
            self.extractors,
            jobs=self.jobs,
            store=self.store,
            pool=self.pool,
            sampling=Sampling(self.fps, self.every, self.offset, self.frames),
            luma=self.luma,
            on_error="stop" if self.on_error == "raise" else "row",
        )
        failed = table.loc[table["status"].str.startswith("failed"), "path"]
        if len(failed):
            names = ", ".join(Path(path).name for path in failed.head())
            warnings.warn(f"{len(failed)} videos failed and give rows of nan: {names}", stacklevel=2)
        for statuses, how in (
            (["partial", "suspect"], "are partial or suspect"),
            ([INCOMPLETE], "are incomplete and give nan for an extractor that failed"),
        ):
            doubtful = table.loc[table["status"].isin(statuses), "path"]
            if len(doubtful):
                names = ", ".join(Path(path).name for path in doubtful.head())
                warnings.warn(f"{len(doubtful)} videos {how}: {names}", stacklevel=2)
        rows = table[self._names()].to_numpy(dtype=np.float64)
        return rows[[distinct[path] for path in paths]]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns.

        Parameters
        ----------
        input_features : object
            Ignored.

        Returns
        -------
        ndarray of str
            ``<extractor>.<feature>.<pool>``.
        """
        return np.array(self._names(), dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def _names(self) -> list[str]:
        pools = check_pools([self.pool] if isinstance(self.pool, str) else self.pool)
        return [name for extractor in make_all(self.extractors) for name in columns(extractor, pools)]


def _paths(X: Any) -> list[str]:
    """Return the paths of one column; ValueError for anything else."""
    if isinstance(X, str | bytes | os.PathLike):
        raise ValueError(f"X must be a sequence of paths, got the one path {os.fspath(X)!r}; give [path]")
    column = np.asarray(X, dtype=object)
    if column.ndim == 2 and column.shape[1] == 1:
        column = column[:, 0]
    if column.ndim != 1:
        raise ValueError(f"X must be one column of paths, got an array of shape {column.shape}")
    for row, path in enumerate(column):
        if not isinstance(path, str | os.PathLike) or not os.fspath(path):
            raise ValueError(f"row {row} of X must be a path, got {path!r}")
    return [opened_name(path, in_table=True) for path in column]
