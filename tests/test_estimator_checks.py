"""scikit-learn's checks of `VideoFeatures` and `QualityModel`; each failure is expected for a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pytest
import sklearn
from PIL import Image
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

import vqa_features as vf

CLIPS = 6
#: The lists below are of the checks of these versions.
RECENT = tuple(int(part) for part in sklearn.__version__.split(".")[:2]) >= (1, 8)
needs_recent = pytest.mark.skipif(not RECENT, reason="scikit-learn before 1.8 has other checks")


class OfNumbers(vf.VideoFeatures):
    """The transformer on rows of numbers, as the checks give them: a row stands for one of a few pictures."""

    pictures = ""
    #: Rows by path: the pictures are decoded once and not in every check.
    known: ClassVar[dict[str, Any]] = {}

    def fit(self, X: Any, y: Any = None) -> Self:
        super().fit(self._paths(X), y)
        self.n_features_in_ = np.asarray(X).shape[1]
        return self

    def transform(self, X: Any) -> Any:
        paths = self._paths(X)
        new = sorted(set(paths) - set(self.known))
        self.known.update(zip(new, super().transform(new), strict=True))
        return np.array([self.known[path] for path in paths])

    def _paths(self, X: Any) -> list[str]:
        rows = np.asarray(X)
        if rows.ndim != 2:
            raise ValueError(f"Reshape your data: X must be one column of paths, got {rows.shape}")
        return [f"{self.pictures}/{int(abs(row.sum()) * 1000) % CLIPS}.png" for row in rows]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.one_d_array = tags.input_tags.string = False
        return tags


#: What the stand-in cannot pass, and why; `VideoFeatures` itself gets paths.
NUMBERS = {
    "check_complex_data": "a row of complex numbers stands for a picture here; a path is a text",
    "check_dtype_object": "objects other than paths are refused, by the test of paths and not of numbers",
    "check_estimators_empty_data_messages": "no paths give no rows, as documented",
    "check_estimators_nan_inf": "a path is not nan; the table has a test of its own for missing paths",
    "check_estimator_sparse_tag": "paths are never sparse",
    "check_estimator_sparse_array": "paths are never sparse",
    "check_estimator_sparse_matrix": "paths are never sparse",
    "check_n_features_in_after_fitting": "a table of videos may have further columns: only path counts",
}
#: Checks that `QualityModel` fails, and why.
MODEL = {
    "check_fit_score_takes_y": "the second argument is called mos, as in compare",
    "check_n_features_in_after_fitting": "columns are found by name, further ones are ignored",
    "check_positive_only_tag_during_fit": "its data hold equal rows, which are refused as equal videos",
    "check_complex_data": "complex numbers are refused in words of our own",
    "check_dtype_object": "the error is a ParameterError (ValueError), the check wants a TypeError",
    "check_estimators_empty_data_messages": "a table without columns is refused in words of our own",
    "check_estimators_nan_inf": "missing values are imputed, and infinite ones count as missing",
    "check_regressors_no_decision_function": "its target is a column of X, which is refused as a leak",
    "check_supervised_y_2d": "one column of MOS is taken without a warning",
    "check_fit2d_1sample": "fewer than 10 videos are refused in words of our own",
    "check_fit2d_predict1d": "one row without its axis is refused in words of our own",
}


@parametrize_with_checks([vf.VideoFeatures("siti")])
def test_the_transformer_passes_the_checks_of_estimators_of_text(estimator: Any, check: Any) -> None:
    check(estimator)


def unexpected(estimator: Any, expected: dict[str, str]) -> tuple[dict[str, str], set[str]]:
    """Return the failures that are not expected, and expected ones that passed."""
    results = check_estimator(estimator, expected_failed_checks=expected, on_fail=None, on_skip=None)
    failed = {one["check_name"]: repr(one["exception"]) for one in results if one["status"] == "failed"}
    as_expected = {one["check_name"] for one in results if one["status"] == "xfail"}
    return failed, set(expected) - as_expected


@needs_recent
@pytest.mark.filterwarnings("ignore")
def test_the_transformer_passes_the_checks_of_transformers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    for number in range(CLIPS):
        Image.fromarray(random.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(tmp_path / f"{number}.png")
    monkeypatch.setattr(OfNumbers, "pictures", str(tmp_path))
    assert unexpected(OfNumbers("colorfulness"), NUMBERS) == ({}, set())


@needs_recent
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_model_passes_the_checks_of_regressors() -> None:
    model = vf.QualityModel("ridge", repetitions=1, level=0.5)
    assert unexpected(model, MODEL) == ({}, set())


def test_what_is_no_training_is_told() -> None:
    model = vf.QualityModel("ridge")
    with pytest.raises(ValueError, match="requires y to be passed"):
        model.fit(np.ones((20, 2)), None)
    with pytest.raises(ValueError, match="sparse matrices are not taken"):
        model.fit(pytest.importorskip("scipy.sparse").eye(20), np.arange(20.0))
    with pytest.raises(NotFittedError):
        model.predict(np.ones((2, 2)))


def test_parameters_are_checked_in_fit() -> None:
    for wrong, told in (
        ({"extractors": "nothing"}, "unknown extractor"),
        ({"pool": "total"}, "pool"),
        ({"fps": -1}, "fps must be above 0"),
        ({"frames": 2, "every": 3}, "one of fps, every and frames"),
        ({"luma": "red"}, "luma must be one of y, rgb2gray"),
        ({"area": "inner"}, "area must be one of full, active"),
        ({"jobs": 0}, "jobs must be above 0"),
        ({"on_error": "skip"}, "on_error must be raise or nan"),
    ):
        features = vf.VideoFeatures("siti").set_params(**wrong)  # and not here
        with pytest.raises((ValueError, LookupError), match=told):
            features.fit(["a.mp4"])


def test_attributes_of_the_input_are_those_of_scikit_learn(scenes: list[Path]) -> None:
    import pandas as pd

    features = vf.VideoFeatures("siti", frames=1)
    assert features.fit(scenes[:2]).n_features_in_ == 1
    assert not hasattr(features, "feature_names_in_")
    table = pd.DataFrame({"path": [str(path) for path in scenes[:2]]})
    assert list(features.fit(table).feature_names_in_) == ["path"]
    with pytest.raises(ValueError, match="feature names"):
        features.transform(table.rename(columns={"path": "file"}))
