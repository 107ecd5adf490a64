"""The steps before a regressor: imputation, constant columns, scaling, families weighted as blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Scaler = Literal["minmax", "standard", "none"]


def assembled(
    estimator: Any,
    scaler: Scaler,
    scale_target: bool,
    blocks: Sequence[int] = (),
    weights: Sequence[float] = (),
    components: int | None = None,
) -> Pipeline:
    """Return the unfitted pipeline around an estimator, see `vqa_features.evaluation.regressors.make`.

    Parameters
    ----------
    estimator : estimator
        Becomes the step ``regress``.
    scaler : {"minmax", "standard", "none"}
        Scaling of the columns.
    scale_target : bool
        Regress on z-scored MOS.
    blocks, weights, components
        As for `make`.

    Raises
    ------
    ParameterError
        If both `blocks` and `components` are given.
    """
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    if scale_target:
        estimator = TransformedTargetRegressor(estimator, transformer=StandardScaler())
    if len(blocks) < 2:
        return Pipeline([*_preparation(scaler, components), ("regress", estimator)])
    if components is not None:
        raise ParameterError(
            "components reduce one table, not several joined: give either blocks or components"
        )
    ends = np.cumsum(blocks)
    shares = np.asarray(weights or [1.0] * len(blocks)) / np.sum(weights or [1.0] * len(blocks))
    families = []
    for number, (end, columns, share) in enumerate(zip(ends, blocks, shares, strict=True)):
        weight = float(np.sqrt(share * ends[-1] / columns))
        weigh = FunctionTransformer(weigh_block, kw_args={"weight": weight})
        steps = Pipeline([*_preparation(scaler), ("weigh", weigh)])
        families.append((f"block{number}", steps, slice(int(end) - columns, int(end))))
    return Pipeline([("blocks", ColumnTransformer(families)), ("regress", estimator)])


def weigh_block(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return scaled columns times the weight of their family (a named function, so pipelines pickle)."""
    return values * weight


def _preparation(scaler: Scaler, components: int | None = None) -> list[tuple[str, Any]]:
    from sklearn.decomposition import PCA
    from sklearn.feature_selection import VarianceThreshold
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    scalers = {"minmax": MinMaxScaler, "standard": StandardScaler}
    last = [("scale", scalers[scaler]())] if scaler in scalers else []
    first = [("impute", SimpleImputer()), ("constant", VarianceThreshold())]
    if components is None:
        return [*first, *last]
    reduce = PCA(components, svd_solver="full")
    return [*first, ("standard", StandardScaler()), ("reduce", reduce), *last]
