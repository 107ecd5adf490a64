"""Regressors from features to MOS, each a scikit-learn Pipeline.

A pipeline imputes (column means), drops constant columns, scales, and regresses on z-scored MOS, so that
the epsilon of an SVR means the same on every opinion scale. `make` returns it with default hyperparameters,
`grid` lists the values that `vqa_features.evaluation.model_search` searches.

References
----------
The grid C = 2^1 .. 2^10, gamma = 2^-8 .. 2^1 with epsilon 0.1 on min-max scaled columns is that of the
public scripts of VIDEVAL and BVQA_Benchmark (Z. Tu et al., IEEE TIP 2021), made for some 60 columns.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, UnknownName

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

NAMES = ("svr-rbf", "svr-linear", "ridge", "kernel-ridge", "gradient-boosting", "mean")
DEFAULT = ("svr-rbf", "ridge")
BASELINE = "mean"

EPSILON = 0.1
COSTS = tuple(float(c) for c in 2.0 ** np.arange(1, 11))
GAMMAS = tuple(float(g) for g in 2.0 ** np.arange(-8, 2))
LINEAR_COSTS = tuple(float(c) for c in 2.0 ** np.arange(-9, 1))
ALPHAS = tuple(float(a) for a in 10.0 ** np.arange(-2, 5.25, 0.25))
KERNEL_ALPHAS = tuple(float(a) for a in 10.0 ** np.arange(-3, 1.25, 0.25))
KERNEL_GAMMAS = tuple(float(g) for g in 2.0 ** np.arange(-6, 1))
#: Number of columns of the published grid. Squared distances grow with the number of columns, so kernel
#: widths are searched at gamma * 64 / columns: equal kernel shapes for 36 and for 9984 columns.
REFERENCE_COLUMNS = 64


def make(
    name: str,
    *,
    seed: int = 0,
    scale_target: bool = True,
    blocks: Sequence[int] = (),
    weights: Sequence[float] = (),
    components: int | None = None,
) -> Pipeline:
    """Return an unfitted scikit-learn Pipeline from features to MOS.

    Parameters
    ----------
    name : str
        One of `NAMES`, or the import path of any scikit-learn regressor, e.g.
        ``sklearn.ensemble.ExtraTreesRegressor``.
    seed : int
        Becomes `random_state` where the regressor has one.
    scale_target : bool
        False regresses on the MOS as it is (literature mode).
    blocks : sequence of int
        Early fusion: number of columns of each family, in order. Each block is scaled by itself and has one
        share of the variance, whatever its number of columns.
    weights : sequence of float, optional
        Share of each block, in any unit; by default equal.
    components : int, optional
        Number of principal components before the regressor (control for unequal numbers of columns).

    Raises
    ------
    UnknownName
        If the name is unknown and cannot be imported.
    ParameterError
        If the imported object is no regressor, or both `blocks` and `components` are given.

    See Also
    --------
    vqa_features.evaluation.model_search.chosen_pipeline : The pipeline with searched hyperparameters.

    Examples
    --------
    >>> import numpy as np
    >>> import vqa_features as vf
    >>> features = np.arange(20.0)[:, None]
    >>> model = vf.regressors.make("ridge").fit(features, 1 + features[:, 0] / 10)
    >>> round(float(model.predict([[15.0]])[0]), 2)
    2.5
    """
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    estimator = _estimator(name, seed)
    if scale_target and name != BASELINE:
        estimator = TransformedTargetRegressor(estimator, transformer=StandardScaler())
    if len(blocks) < 2:
        return Pipeline([*_preparation(name, components), ("regress", estimator)])
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
        steps = Pipeline([*_preparation(name), ("weigh", weigh)])
        families.append((f"block{number}", steps, slice(int(end) - columns, int(end))))
    return Pipeline([("blocks", ColumnTransformer(families)), ("regress", estimator)])


def weigh_block(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return scaled columns times the weight of their family (a named function, so pipelines pickle)."""
    return values * weight


def _preparation(name: str, components: int | None = None) -> list[tuple[str, Any]]:
    from sklearn.decomposition import PCA
    from sklearn.feature_selection import VarianceThreshold
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    scaler = MinMaxScaler() if name in ("svr-rbf", "kernel-ridge") else StandardScaler()
    first = [("impute", SimpleImputer()), ("constant", VarianceThreshold())]
    if components is None:
        return [*first, ("scale", scaler)]
    reduce = PCA(components, svd_solver="full")
    return [*first, ("standard", StandardScaler()), ("reduce", reduce), ("scale", scaler)]


def _estimator(name: str, seed: int) -> Any:
    from sklearn.dummy import DummyRegressor
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.linear_model import RidgeCV
    from sklearn.svm import SVR

    if name == "svr-rbf":
        return SVR(kernel="rbf", C=8.0, gamma="scale", epsilon=EPSILON)
    if name == "svr-linear":
        return SVR(kernel="linear", C=0.01, epsilon=EPSILON)
    if name == "ridge":
        return RidgeCV(alphas=ALPHAS)
    if name == "kernel-ridge":
        return KernelRidge(kernel="rbf", alpha=0.1)
    if name == "gradient-boosting":
        return HistGradientBoostingRegressor(learning_rate=0.05, max_iter=200, random_state=seed)
    if name == BASELINE:
        return DummyRegressor()
    return _imported(name, seed)


def _imported(path: str, seed: int) -> Any:
    """Return an instance of the regressor class at an import path such as ``package.module.Class``."""
    module_name, _, class_name = path.replace(":", ".").rpartition(".")
    if not module_name:
        raise UnknownName("regressor", path, NAMES, f"known: {', '.join(NAMES)}, or an import path")
    try:
        cls = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise UnknownName("regressor", path, NAMES, f"cannot be imported: {error}") from error
    if not (inspect.isclass(cls) and hasattr(cls, "fit") and hasattr(cls, "predict")):
        raise ParameterError(f"{path} is no scikit-learn regressor: it needs the methods fit and predict")
    accepts_seed = "random_state" in inspect.signature(cls).parameters
    made: Callable[..., Any] = cls
    return made(random_state=seed) if accepts_seed else made()


def grid(name: str, columns: int, *, relative: bool = True, further: int = 0) -> dict[str, tuple[float, ...]]:
    """Return the values of every hyperparameter that is searched, e.g. ``{"C": ..., "gamma": ...}``.

    Parameters
    ----------
    name : str
        A regressor; one without a search gives an empty dict.
    columns : int
        Number of feature columns.
    relative : bool
        Scale kernel widths with the number of columns (see `REFERENCE_COLUMNS`); False in literature mode.
    further : int
        Number of gammas to add above the largest, each twice the one before: more rows support narrower
        kernels.
    """
    factor = REFERENCE_COLUMNS / columns if relative else 1.0
    if name == "svr-rbf":
        return {"C": COSTS, "gamma": _widths(GAMMAS, factor, further)}
    if name == "svr-linear":
        return {"C": tuple(c * factor for c in LINEAR_COSTS)}
    if name == "ridge":
        return {"alpha": ALPHAS}
    if name == "kernel-ridge":
        return {"alpha": KERNEL_ALPHAS, "gamma": _widths(KERNEL_GAMMAS, factor, further)}
    return {}


def _widths(gammas: Sequence[float], factor: float, further: int) -> tuple[float, ...]:
    added = (gammas[-1] * 2.0**step for step in range(1, further + 1))
    return tuple(gamma * factor for gamma in (*gammas, *added))
