"""A scikit-learn transformer from paths to named feature columns."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import validate_data

from .batch.failures import INCOMPLETE
from .batch.inputs import Input, named_inputs
from .batch.many_videos import extract_many
from .batch.options import Workers
from .errors import ParameterError
from .extraction.active_area import check_area
from .files.names import opened_name
from .pooling import check_pools, columns
from .registry import make_all
from .specs import Area, Every, Luma, RawFormat, Sampling
from .tables.foreign import as_frame
from .video.sampling_options import sampling_of

if TYPE_CHECKING:
    import pandas as pd


class VideoFeatures(TransformerMixin, BaseEstimator):
    """Features of videos, as the first step of a scikit-learn pipeline; nothing is learned.

    Parameters
    ----------
    extractors : list of str or Extractor, or comma-separated text
        Names or labels.
    pool : str or list of str
        Statistics over time, e.g. ``mean``, ``p10``, ``lowest10s``: see `vqa_features.pools.POOLS`.
    fps, every, offset, frames, start_s, duration_s
        Which frames are used: see `Sampling`. All of them by default.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        Source of luma: the Y plane, MATLAB's gray of the RGB frame, or light in codes of PQ or PU21.
    area : {"full", "active"}
        Use the whole pictures, or what lies between black bars.
    raw : RawFormat, optional
        Geometry of headerless YUV files.
    jobs : int
        Worker processes, -1 for one per core.
    threads : int
        Threads that share the frames of one video; no feature depends on it.
    store : path, optional
        SQLite file that keeps computed rows, so that cross-validation decodes a video once.
    on_error : {"raise", "nan"}
        For a video that fails, raise VideoFailed, or return a row of nan with a warning.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns of X: 1 for paths.
    feature_names_in_ : ndarray of str
        Their names, where X was a DataFrame.

    Notes
    -----
    Parameters are checked in `fit`. A transformer that was not fitted transforms too.

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
        start_s: float = 0.0,
        duration_s: float | None = None,
        luma: Luma = "y",
        area: Area = "full",
        raw: RawFormat | None = None,
        jobs: int = 1,
        threads: int = 1,
        store: str | os.PathLike[str] | None = None,
        on_error: str = "raise",
    ) -> None:
        self.extractors = extractors
        self.pool = pool
        self.fps = fps
        self.every = every
        self.offset = offset
        self.frames = frames
        self.start_s = start_s
        self.duration_s = duration_s
        self.luma = luma
        self.area = area
        self.raw = raw
        self.jobs = jobs
        self.threads = threads
        self.store = store
        self.on_error = on_error

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters; there is nothing to learn.

        Parameters
        ----------
        X : sequence of paths, or DataFrame
            Videos, which are not opened. A DataFrame of several columns has a column ``path`` and may have
            columns of sampling, see `vqa_features.batch.inputs.named_inputs`.
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
        ValueError
            If `X` is not one column of paths.
        """
        if self.on_error not in ("raise", "nan"):
            raise ParameterError(f"on_error must be raise or nan, got {self.on_error!r}")
        if self.luma not in get_args(Luma):
            raise ParameterError(f"luma must be one of {', '.join(get_args(Luma))}, got {self.luma!r}")
        check_area(self.area)
        self._sampling()
        Workers(self.jobs, threads=self.threads)
        self.feature_names_out_ = self._names()
        _videos(X)
        validate_data(self, X, reset=True, skip_check_array=True, ensure_2d=False)
        self.n_features_in_ = _n_columns(X)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the features of every video.

        Parameters
        ----------
        X : sequence of paths, or DataFrame
            Videos, as in `fit`.

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
        videos = _videos(X)
        validate_data(self, X, reset=False, skip_check_array=True, ensure_2d=False)
        if not videos:
            return np.empty((0, len(self._names())))
        keys = [(one.path, *sorted(one.sampling.items())) for one in videos]
        distinct = dict(zip(keys, videos, strict=True))
        place = {key: row for row, key in enumerate(distinct)}
        table = extract_many(
            [replace(one, id=str(place[key]), extra={}) for key, one in distinct.items()],
            self.extractors,
            jobs=self.jobs,
            threads=self.threads,
            store=self.store,
            pool=self.pool,
            sampling=self._sampling(),
            luma=self.luma,
            area=self.area,
            raw=self.raw,
            on_error="stop" if self.on_error == "raise" else "row",
        )
        _tell_failures(table)
        rows = table[self._names()].to_numpy(dtype=np.float64)
        return rows[[place[key] for key in keys]]

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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def _names(self) -> list[str]:
        pools = check_pools([self.pool] if isinstance(self.pool, str) else self.pool)
        return [name for extractor in make_all(self.extractors) for name in columns(extractor, pools)]

    def _sampling(self) -> Sampling:
        return sampling_of(
            fps=self.fps,
            every=self.every,
            offset=self.offset,
            frames=self.frames,
            start_s=self.start_s,
            duration_s=self.duration_s,
        )


def _tell_failures(table: pd.DataFrame) -> None:
    """Warn of videos that failed or are not whole."""
    status = table["status"]
    for found, how in (
        (status.str.startswith("failed"), "failed and give rows of nan"),
        (status.isin(["partial", "suspect"]), "are partial or suspect"),
        (status == INCOMPLETE, "are incomplete and give nan for an extractor that failed"),
    ):
        if found.any():
            names = ", ".join(Path(path).name for path in table.loc[found, "path"].head())
            warnings.warn(f"{found.sum()} videos {how}: {names}", stacklevel=3)


def _n_columns(X: Any) -> int:
    """Return the number of columns of what `_videos` takes."""
    shape: tuple[int, ...] = getattr(X, "shape", ())
    return int(shape[1]) if len(shape) == 2 else 1


def _videos(X: Any) -> list[Input]:
    """Return the videos of X; ValueError if it is neither a column of paths nor a table with one."""
    frame = as_frame(X)
    if frame is not None and len(frame.columns) > 1 and "path" in frame.columns:
        return [one for one in named_inputs(frame) if isinstance(one, Input)]
    return [Input(path) for path in _paths(X if frame is None else frame)]


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
