"""Validation videos of given splits: joined to the training part, or used to choose hyperparameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

import vqa_features as vf
from vqa_features.comparison.analyses import NAMES
from vqa_features.errors import ParameterError
from vqa_features.evaluation import many_rows, training_part
from vqa_features.evaluation.grids import parsed
from vqa_features.evaluation.model_search import chosen_pipeline
from vqa_features.tables.split_lists import SplitList, read_split_file

RNG = np.random.default_rng(21)
IDS = [f"v{k:03d}" for k in range(150)]
QUALITY = RNG.uniform(1, 5, 150)
MOS = pd.Series(QUALITY, IDS)
X = np.column_stack([np.sin(QUALITY), QUALITY + RNG.normal(0, 0.8, 150), RNG.normal(0, 1, (150, 2))])
TABLE = (pd.DataFrame(X, IDS, ["siti.a.mean", "siti.b.mean", "niqe.c.mean", "niqe.d.mean"]), "handcrafted")
TRAIN, VAL, TEST = np.arange(80), np.arange(80, 110), np.arange(110, 150)
SPLITS = SplitList((([*IDS[:110]], IDS[110:]),), ("test",), "made up", validations=(IDS[80:110],))
QUICK = {"bootstrap": 10, "search": "full"}


def by_hand(name: str, grid: list[dict[str, float]]) -> tuple[dict[str, float], np.ndarray]:
    """Return the point of highest R^2 on the validation videos, and the test predictions of its model."""
    y = MOS.to_numpy()
    fits = [chosen_pipeline(name, point).fit(X[TRAIN], y[TRAIN]).predict(X[VAL]) for point in grid]
    best = grid[int(np.argmax([r2_score(y[VAL], one) for one in fits]))]
    both = np.concatenate([TRAIN, VAL])
    return best, chosen_pipeline(name, best).fit(X[both], y[both]).predict(X[TEST])


def points(name: str) -> list[dict[str, float]]:
    """Return the grid of four columns."""
    grid = vf.regressors.grid(name, 4)
    first, *others = grid
    if not others:
        return [{first: value} for value in grid[first]]
    return [{first: a, others[0]: b} for a in grid[first] for b in grid[others[0]]]


@pytest.mark.parametrize("name", ["svr-rbf", "svr-linear", "ridge", "kernel-ridge"])
def test_the_point_of_highest_score_on_the_validation_videos_is_chosen(name: str) -> None:
    found = vf.compare({"a": TABLE}, MOS, splits=SPLITS, regressors=[name], validation="search", **QUICK)
    chosen, predicted = by_hand(name, points(name))
    given = parsed(found.scores["chosen"].item())
    assert given == pytest.approx(chosen)
    tested = found.predictions.set_index("id").loc[IDS[110:]]
    np.testing.assert_allclose(tested["predicted"], predicted, atol=2e-3)
    assert any("chosen on 30 validation video(s)" in text for text in found.warnings)
    assert found.scores["n_train"].item() == 110


def test_without_a_wish_they_are_joined_as_training_videos() -> None:
    joined = vf.compare({"a": TABLE}, MOS, splits=SPLITS, regressors=["ridge"], **QUICK)
    plain = vf.compare({"a": TABLE}, MOS, splits=[(IDS[:110], IDS[110:])], regressors=["ridge"], **QUICK)
    pd.testing.assert_frame_equal(joined.predictions, plain.predictions)
    assert any("30 validation video(s) are joined to the training part" in text for text in joined.warnings)


def test_the_map_and_the_interval_come_from_the_validation_videos() -> None:
    found = vf.compare({"a": TABLE}, MOS, splits=SPLITS, regressors=["ridge"], validation="search", **QUICK)
    chosen, _ = by_hand("ridge", points("ridge"))
    y = MOS.to_numpy()
    left_out = chosen_pipeline("ridge", chosen).fit(X[TRAIN], y[TRAIN]).predict(X[VAL])
    errors = np.sort(np.abs(left_out - y[VAL]))
    assert found.scores["interval"].item() == pytest.approx(errors[int(np.ceil(31 * 0.9)) - 1])
    raw = found.predictions["predicted"].to_numpy()
    mapped = vf.metrics.fit_logistic(left_out, y[VAL])(raw)
    np.testing.assert_allclose(found.predictions["mapped"], mapped, rtol=1e-6)


def test_splits_without_validation_videos_cannot_be_searched_so() -> None:
    options = {"regressors": ["ridge"], "validation": "search", **QUICK}
    with pytest.raises(ParameterError, match="split 0 has no validation videos"):
        vf.compare({"a": TABLE}, MOS, splits=[(IDS[:110], IDS[110:])], **options)
    with pytest.raises(ParameterError, match="needs given splits with validation videos"):
        vf.compare({"a": TABLE}, MOS, splits=5, **options)
    with pytest.raises(ParameterError, match="validation videos belong to the training part too"):
        SplitList(((IDS[:80], IDS[110:]),), ("test",), validations=(IDS[80:110],)).trainings()


def test_fusion_and_analyses_take_them_too() -> None:
    tables = {
        "a": TABLE,
        "b": (
            TABLE[0].iloc[:, 1:].set_axis(["brisque.x.mean", "brisque.y.mean", "piqe.z.mean"], axis=1),
            "deep",
        ),
    }
    pairs = SplitList(
        (*SPLITS.pairs, (IDS[40:], IDS[:40])), validations=(IDS[80:110], IDS[60:100]), source="made up"
    )
    names = [name for name in NAMES if name not in ("noise_ceiling", "pair_analysis")]
    found = vf.compare(
        tables,
        MOS,
        splits=pairs,
        regressors=["ridge"],
        validation="search",
        fusion=True,
        analyses=names,
        **QUICK,
    )
    assert set(found.extras) == set(names)
    assert np.isfinite(found.scores[["srcc", "plcc", "interval"]]).all(axis=None)
    curve = found.extras["learning_curve"].query("table == 'a'")
    assert curve["srcc"].iloc[-1] == pytest.approx(found.summary.set_index("table").loc["a", "srcc"])


def test_written_splits_hold_them(tmp_path: Path) -> None:
    options = {"regressors": ["ridge"], "validation": "search", **QUICK}
    found = vf.compare({"a": TABLE}, MOS, splits=SPLITS, **options)
    found.splits.to_csv(tmp_path / "splits.csv", index=False)
    again = vf.compare({"a": TABLE}, MOS, splits=read_split_file(tmp_path / "splits.csv"), **options)
    pd.testing.assert_frame_equal(again.predictions, found.predictions)


def test_many_rows_are_searched_on_the_validation_videos_of_the_subsample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (many_rows, training_part):
        monkeypatch.setattr(module, "MOST_SEARCHED_ROWS", 60)
        monkeypatch.setattr(module, "SEARCHED_ROWS", 50)
    found = vf.compare(
        {"a": TABLE}, MOS, splits=SPLITS, regressors=["svr-rbf"], validation="search", bootstrap=10
    )
    assert np.isfinite(found.scores["interval"].item())
    assert found.scores["srcc"].item() > 0.6
