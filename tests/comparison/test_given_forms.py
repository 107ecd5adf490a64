"""`compare` takes tables and MOS as users have them; every form gives the same result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.errors import ParameterError, TableError

RANDOM = np.random.default_rng(5)
IDS = [f"clip{number:02d}" for number in range(40)]
MOS = pd.Series(RANDOM.uniform(1, 5, 40), index=IDS)
TABLE = pd.DataFrame(
    MOS.to_numpy()[:, None] + RANDOM.normal(0, 0.5, (40, 3)), index=IDS, columns=["x0", "x1", "x2"]
)
GROUPS = pd.Series([f"scene{number // 4}" for number in range(40)], index=IDS)
FAST: dict[str, Any] = {"splits": 3, "regressors": ["ridge"], "bootstrap": 20}


def scores(tables: Any, mos: Any = MOS, groups: Any = None, **options: Any) -> pd.DataFrame:
    return vf.compare(tables, mos, groups, **FAST, **options).scores.drop(columns="seconds")


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    return scores({"features": TABLE})


@pytest.mark.parametrize(
    ("tables", "mos", "ids"),
    [
        (TABLE, MOS, None),
        (TABLE.sample(frac=1, random_state=1), MOS, None),
        (TABLE.reset_index(names="id"), MOS, None),
        (TABLE.reset_index(drop=True), MOS, IDS),
        (TABLE.to_numpy(), MOS, IDS),
        (TABLE.to_numpy(), MOS, pd.Index(IDS)),
        (TABLE.to_numpy().tolist(), MOS, iter(IDS)),
        (TABLE.to_numpy(), MOS.to_numpy(), IDS),
        (TABLE, MOS.tolist(), IDS),
        ({"features": TABLE.to_numpy()}, MOS, None),
        (TABLE.to_numpy(), MOS, None),
    ],
)
def test_every_form_of_tables_and_mos_gives_the_same_scores(
    tables: Any, mos: Any, ids: Any, expected: pd.DataFrame
) -> None:
    pd.testing.assert_frame_equal(scores(tables, mos, ids=ids), expected)


def test_a_table_may_have_its_family(expected: pd.DataFrame) -> None:
    found = vf.compare((TABLE, "deep"), MOS, **FAST).scores
    assert set(found["family"]) == {"deep"}
    assert found["srcc"].equals(expected["srcc"])


def test_polars_and_arrow_tables_are_taken_without_an_import_of_ours(expected: pd.DataFrame) -> None:
    pa = pytest.importorskip("pyarrow")
    plain = TABLE.reset_index(names="id")
    pd.testing.assert_frame_equal(scores(pa.Table.from_pandas(plain)), expected)
    polars = pytest.importorskip("polars")
    frame = polars.from_pandas(plain)
    pd.testing.assert_frame_equal(scores(frame), expected)
    pd.testing.assert_frame_equal(scores({"features": frame}), expected)
    rows, ids = frame.drop("id"), frame["id"]
    pd.testing.assert_frame_equal(scores(rows, polars.Series(MOS.to_numpy()), ids=ids), expected)
    pd.testing.assert_frame_equal(scores(rows, MOS), expected)  # in the order of the MOS


class Subclass(pd.DataFrame):
    """A table of a library that builds on pandas."""


class Interchanged:
    """A table of a library that knows the interchange protocol alone."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> Any:
        return self._frame.__dataframe__(nan_as_null, allow_copy)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_tables_of_other_libraries_keep_their_ids(expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(scores(Subclass(TABLE)), expected)
    found = scores(Interchanged(TABLE.reset_index(names="id").astype({"id": object})))
    pd.testing.assert_frame_equal(found, expected)


def test_groups_are_taken_in_the_order_of_the_ids() -> None:
    by_id = scores(TABLE, groups=GROUPS)
    pd.testing.assert_frame_equal(scores(TABLE.to_numpy(), MOS.tolist(), GROUPS.tolist(), ids=IDS), by_id)


@pytest.mark.parametrize(
    ("tables", "mos", "ids", "told"),
    [
        (3, MOS, None, "tables must be a DataFrame or array, or a mapping from name to them, got int"),
        ([], MOS, None, "got list"),
        ({}, MOS, None, "no feature table"),
        (np.zeros(4), MOS, None, "got ndarray"),
        (TABLE.to_numpy(), MOS, IDS[:-1], "the table 'features' has 40 rows, and ids has 39"),
        (TABLE, MOS.to_numpy(), None, "mos without ids needs ids="),
        (TABLE, MOS.to_numpy()[:-1], IDS, "mos has 39 values, and there are 40 ids"),
        (TABLE.to_numpy(), MOS, [*IDS[:-1], IDS[0]], "occur more than once"),
        (TABLE.to_numpy()[:-1], MOS, None, "39 rows"),
        (np.array([["a", "b"]] * 40), MOS, None, "rows of numbers"),
        (TABLE, "mos.csv", None, "the MOS must be a Series"),
    ],
)
def test_what_cannot_be_joined_is_told(tables: Any, mos: Any, ids: Any, told: str) -> None:
    with pytest.raises((ParameterError, TableError)) as caught:
        vf.compare(tables, mos, ids=ids, **FAST)
    assert told in str(caught.value)


def test_a_model_takes_polars_tables_too() -> None:
    polars = pytest.importorskip("polars")
    model = vf.QualityModel("ridge", repetitions=1)
    with pytest.warns(UserWarning, match="predicts from tables only"):
        expected = model.fit(TABLE, MOS).predict(TABLE)
    frame = polars.from_pandas(TABLE.reset_index(names="id"))
    with pytest.warns(UserWarning, match="predicts from tables only"):
        found = model.fit(frame, MOS).predict(frame)
    pd.testing.assert_series_equal(found, expected, check_names=False)
