"""The types that a model file may name, and checks of the objects they make.

skops rebuilds objects from a schema that names node kinds and types. A file may name only what this list
holds; everything else is refused before anything is imported or made. Compiled code of scikit-learn trusts
the arrays of trees and support vectors, so their shapes and indices are checked before they are used.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sized
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Estimators, as public names; what follows a colon is an attribute of the module before it.
_ESTIMATORS = (
    *("sklearn.pipeline:Pipeline", "sklearn.compose:ColumnTransformer"),
    *("sklearn.compose:TransformedTargetRegressor", "sklearn.feature_selection:VarianceThreshold"),
    *("sklearn.impute:SimpleImputer", "sklearn.preprocessing:MinMaxScaler"),
    *("sklearn.preprocessing:StandardScaler", "sklearn.preprocessing:FunctionTransformer"),
    *("sklearn.svm:SVR", "sklearn.linear_model:RidgeCV", "sklearn.kernel_ridge:KernelRidge"),
    *("sklearn.ensemble:HistGradientBoostingRegressor", "sklearn.dummy:DummyRegressor"),
    *("sklearn.linear_model:LinearRegression", "sklearn.linear_model:Ridge", "sklearn.linear_model:Lasso"),
    *("sklearn.linear_model:LassoCV", "sklearn.linear_model:ElasticNet", "sklearn.linear_model:ElasticNetCV"),
    *("sklearn.linear_model:BayesianRidge", "sklearn.linear_model:HuberRegressor"),
    *("sklearn.ensemble:RandomForestRegressor", "sklearn.ensemble:ExtraTreesRegressor"),
    *("sklearn.tree:DecisionTreeRegressor", "sklearn.tree:ExtraTreeRegressor"),
    # parts of gradient boosting
    *("sklearn._loss:HalfSquaredError", "sklearn._loss.link:IdentityLink", "sklearn._loss.link:Interval"),
    "sklearn.ensemble._hist_gradient_boosting.binning:_BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor:TreePredictor",
)
#: Compiled; its classes name another module in scikit-learn 1.6 than in later versions.
_LOSS = "sklearn._loss._loss:CyHalfSquaredError"
_SCALARS = "bool float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()
_OTHERS = {
    "DictNode": ("builtins.dict",),
    "ListNode": ("builtins.list",),
    "TupleNode": ("builtins.tuple",),
    "SliceNode": ("builtins.slice",),
    "JsonNode": ("builtins.str",),
    "TypeNode": ("builtins.str", "builtins.int"),
    "DTypeNode": ("numpy.dtype",),
    "NdArrayNode": ("numpy.ndarray", *(f"numpy.{name}" for name in _SCALARS)),
    "FunctionNode": ("vqa_features.evaluation.pipelines.weigh_block",),
    "TreeNode": ("sklearn.tree._tree.Tree",),
    "RandomStateNode": ("numpy.random.mtrand.RandomState",),
    "RandomGeneratorNode": ("numpy.random._generator.Generator",),
}
_GENERATOR = '"PCG64"'


@functools.cache
def allowed() -> frozenset[tuple[str, str]]:
    """Return every pair of a node kind and a type that a model file may hold."""
    import importlib

    pairs = {(kind, name) for kind, names in _OTHERS.items() for name in names}
    kinds = {**dict.fromkeys(_ESTIMATORS, "ObjectNode"), _LOSS: "LossNode"}
    for path, kind in kinds.items():
        module, _, name = path.partition(":")
        cls = getattr(importlib.import_module(module), name)
        pairs.add((kind, f"{cls.__module__}.{cls.__qualname__}"))
    return frozenset(pairs)


def types_in(schema: object) -> Iterator[tuple[str, str]]:
    """Yield the node kind and the type of every node of a skops schema, wherever it stands.

    Parameters
    ----------
    schema : object
        Content of ``schema.json``.

    Raises
    ------
    ValueError
        If a node is incomplete, or names a random generator that scikit-learn does not use.
    """
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        if not isinstance(node, Mapping):
            continue
        waiting += node.values()
        if {"__loader__", "__class__", "__module__"} & set(node):
            parts = [node.get(key) for key in ("__loader__", "__module__", "__class__")]
            if not all(isinstance(part, str) for part in parts):
                raise ValueError("a node of its schema has no kind, module or class")
            if parts[0] == "RandomGeneratorNode" and _generator_of(node) != _GENERATOR:
                raise ValueError("it names another random generator than scikit-learn's")
            yield str(parts[0]), f"{parts[1]}.{parts[2]}"


def _generator_of(node: Mapping[str, Any]) -> object:
    try:
        return node["content"]["bit_generator"]["content"]["bit_generator"]["content"]
    except (KeyError, TypeError):
        return None


def check_schema(schema: object) -> None:
    """Raise ValueError if a skops schema names a type that is not allowed."""
    foreign = sorted(
        {f"{name} ({kind})" for kind, name in types_in(schema)} - {f"{b} ({a})" for a, b in allowed()}
    )
    if foreign:
        shown = foreign[0] if len(foreign[0]) <= 120 else foreign[0][:120] + "…"
        raise ValueError(f"it holds the type {shown}, which a model file may not hold")


def check_objects(estimator: object, seen: set[int] | None = None) -> None:
    """Raise ValueError if compiled code would read outside the arrays of an estimator or of its parts.

    Parameters
    ----------
    estimator : object
        A fitted estimator; its attributes are followed.
    seen : set of int, optional
        Objects that have been checked.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.svm import SVR
    from sklearn.tree import DecisionTreeRegressor

    seen = set() if seen is None else seen
    if id(estimator) in seen:
        return
    seen.add(id(estimator))
    if isinstance(estimator, SVR) and hasattr(estimator, "support_"):  # a part that is not fitted has none
        _check_vectors(estimator)
    elif isinstance(estimator, HistGradientBoostingRegressor) and hasattr(estimator, "_predictors"):
        for (predictor,) in estimator._predictors:
            _check_nodes(predictor.nodes, estimator.n_features_in_)
    elif isinstance(estimator, DecisionTreeRegressor) and hasattr(estimator, "tree_"):
        _check_tree(estimator.tree_)
    parts: Any = ()
    if isinstance(estimator, list | tuple):
        parts = estimator
    elif isinstance(estimator, dict):
        parts = estimator.values()
    elif type(estimator).__module__.startswith("sklearn."):
        parts = getattr(estimator, "__dict__", {}).values()
    for part in parts:
        check_objects(part, seen)


def _check_vectors(svr: Any) -> None:
    """Hold the arrays of a support vector regressor against one another."""
    vectors, weights = svr.support_vectors_, svr._dual_coef_
    count = len(vectors)
    whole = (
        vectors.shape == (count, svr.n_features_in_)
        and weights.shape == (1, count) == svr.dual_coef_.shape
        and svr._intercept_.shape == (1,) == svr.intercept_.shape
        and svr.support_.shape == (count,)
        and svr._n_support.shape == (2,)
        and svr._n_support[0] == count
        and svr.kernel in ("rbf", "linear", "poly", "sigmoid")
        and not svr._sparse
        and {one.dtype for one in (vectors, weights, svr._intercept_)} == {np.dtype(np.float64)}
        and svr.support_.dtype == svr._n_support.dtype == np.dtype(np.int32)
    )
    if not whole:
        raise ValueError("its support vectors do not fit together")


def _check_nodes(nodes: Any, columns: int) -> None:
    """Hold the nodes of a tree of gradient boosting to columns that there are and to later nodes."""
    if nodes["is_categorical"].any():
        raise ValueError("a tree of it divides categories, which features are not")
    inner = np.flatnonzero(~nodes["is_leaf"].astype(bool))
    _check_children(
        nodes["left"][inner], nodes["right"][inner], nodes["feature_idx"][inner], inner, nodes, columns
    )


def _check_tree(tree: Any) -> None:
    """Hold the nodes of a tree to columns that there are and to later nodes."""
    left, right = tree.children_left, tree.children_right
    inner = np.flatnonzero((left != -1) | (right != -1))
    _check_children(left[inner], right[inner], tree.feature[inner], inner, left, tree.n_features)


def _check_children(
    left: Any, right: Any, feature: Any, inner: NDArray[np.intp], nodes: Sized, columns: int
) -> None:
    children = np.stack([left, right]).astype(np.int64)
    if not len(nodes) or np.any(children <= inner) or np.any(children >= len(nodes)):
        raise ValueError("a tree of it names nodes that it does not have")
    if np.any(feature.astype(np.int64) < 0) or np.any(feature.astype(np.int64) >= columns):
        raise ValueError("a tree of it names columns that it does not have")
