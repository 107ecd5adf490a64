"""`feature_columns` and `join_tables`: names of features; tables side by side with their settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.batch.replay import Replay
from vqa_features.errors import ParameterError, TableError


@pytest.fixture(scope="module")
def tables(scenes: list[Path]) -> dict[str, pd.DataFrame]:
    return {name: vf.extract_many(scenes[:4], name, frames=2) for name in ("siti", "colorfulness")}


def test_feature_columns_are_those_that_compare_uses(tables: dict[str, pd.DataFrame]) -> None:
    assert vf.feature_columns(tables["siti"]) == ["siti.si.mean", "siti.ti.mean"]
    plain = pd.DataFrame({"id": ["a"], "width": [1920], "mos": [3.0], "sharpness": [0.5], "note": ["x"]})
    assert vf.feature_columns(plain) == ["sharpness"]
    assert vf.feature_columns(plain, use_metadata=True) == ["sharpness", "width"]
    assert vf.feature_columns(plain, trusted=["mos"]) == ["sharpness", "mos"]
    polars = pytest.importorskip("polars")
    assert vf.feature_columns(polars.from_pandas(plain)) == ["sharpness"]


def test_two_runs_side_by_side_are_one_run_of_both(
    tables: dict[str, pd.DataFrame], scenes: list[Path]
) -> None:
    joined = vf.join_tables(tables["siti"], tables["colorfulness"].sample(frac=1, random_state=0))
    both = vf.extract_many(scenes[:4], ["siti", "colorfulness"], frames=2)
    timed = [name for name in both.columns if name.startswith("seconds.")]
    pd.testing.assert_frame_equal(
        joined.drop(columns=timed)[sorted(set(joined) - set(timed))],
        both.drop(columns=timed)[sorted(set(both) - set(timed))],
    )
    decode = tables["siti"]["seconds.decode"] + tables["colorfulness"]["seconds.decode"]
    np.testing.assert_allclose(joined["seconds.decode"], decode)
    assert joined.attrs["settings"] == both.attrs["settings"]


def test_joined_settings_are_written_and_replayed(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    joined = vf.join_tables(*tables.values())
    for name in ("t.parquet", "t.csv"):
        back = vf.read_table(vf.write_table(joined, tmp_path / name))
        replay = Replay.of(back.attrs["settings"], name)
        assert replay.extractors == ("siti", "colorfulness")
        assert replay.sampling == vf.Sampling(frames=2)


def test_tables_of_other_sampling_keep_the_settings_of_each(
    tables: dict[str, pd.DataFrame], scenes: list[Path]
) -> None:
    other = vf.extract_many(scenes[:4], "colorfulness", frames=3).drop(columns=["frames_decoded"])
    joined = vf.join_tables(tables["siti"], other)
    settings = joined.attrs["settings"]
    assert settings["command"] == "join"
    assert [one["sampling"]["frames"] for one in settings["tables"]] == [2, 3]


def test_ids_that_do_not_match_are_named(tables: dict[str, pd.DataFrame]) -> None:
    one, other = tables["siti"].iloc[:3], tables["colorfulness"].iloc[1:]
    with pytest.warns(UserWarning) as caught:  # noqa: PT030 (the texts are compared below)
        joined = vf.join_tables(one, other)
    assert list(joined.index) == list(one.index[1:])
    assert [str(one.message) for one in caught] == [
        f"1 video(s) are in the tables before table 2 only and are left out: {one.index[0]}",
        f"1 video(s) are in table 2 only and are left out: {other.index[-1]}",
    ]
    with pytest.raises(TableError, match="no id of table 2 is in the tables before it"):
        vf.join_tables(one.iloc[:1], other)


def table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(["a", "b", "c"], name="id"))


def test_columns_that_disagree_are_refused_by_name() -> None:
    one = table(**{"siti.si.mean": [1.0, 2.0, np.nan], "mos": [1, 2, 3], "group": ["x", "x", "y"]})
    same = table(**{"siti.si.mean": [1.0, np.nan, 3.0], "mos": [1, 2, 3], "niqe.score.mean": [4, 5, 6]})
    joined = vf.join_tables(one, same)
    assert joined["siti.si.mean"].tolist() == [1.0, 2.0, 3.0]
    assert list(joined.columns) == ["siti.si.mean", "mos", "group", "niqe.score.mean"]
    told = r"table 2 has other values than the tables before it in mos, group, for 2 video\(s\): a, c; drop"
    with pytest.raises(TableError, match=told):
        vf.join_tables(one, table(mos=[9, 2, 3], group=["x", "x", "z"]))
    with pytest.raises(TableError, match="table 3 has other values"):
        vf.join_tables(one, same, table(**{"niqe.score.mean": [4, 5, 7]}))


def test_status_error_and_warnings_tell_of_both_parts() -> None:
    one = table(
        status=["ok", "failed(decode)", "suspect"],
        error=["", "bad", ""],
        warnings=["w", "", "same"],
        x1=[1, np.nan, 3],
    )
    other = table(
        status=["partial", "ok", "ok"], error=["cut", "", None], warnings=["v", "", "same"], x2=[1, 2, 3]
    )
    joined = vf.join_tables(one, other)
    assert joined["status"].tolist() == ["partial", "incomplete", "suspect"]
    assert joined["error"].tolist() == ["cut", "bad", ""]
    assert joined["warnings"].tolist() == ["w; v", "", "same"]
    failed = vf.join_tables(one, other.assign(status=["failed(io)"] * 3))
    assert failed["status"].tolist() == ["incomplete", "failed(decode)", "incomplete"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((), "two tables or more, got 0"),
        ((table(x=[1, 2, 3]),), "two tables or more, got 1"),
        ((table(x=[1, 2, 3]), 3), "table 2 must be a DataFrame, got int"),
        ((np.ones((3, 2)), table(x=[1, 2, 3])), "table 1 has no ids"),
        ((table(x=[1, 2, 3]), table(y=[1, 2, 3]).set_axis(["a", "a", "b"], axis=0)), "occur more than once"),
    ],
)
def test_what_cannot_be_joined_is_told(given: tuple[Any, ...], told: str) -> None:
    with pytest.raises((ParameterError, TableError), match=told):
        vf.join_tables(*given)


def test_a_joined_table_trains_a_model_that_extracts_both(
    tables: dict[str, pd.DataFrame], scenes: list[Path]
) -> None:
    copies = [pd.concat([one] * 5).set_axis([f"v{k}" for k in range(20)]) for one in tables.values()]
    joined = vf.join_tables(*copies)
    joined.attrs = vf.join_tables(*tables.values()).attrs
    names = vf.feature_columns(joined)
    joined[names] += np.random.default_rng(0).normal(0, 1, joined[names].shape)
    mos = joined["siti.si.mean"].rank() / 5 + 1
    model = vf.QualityModel("ridge", repetitions=1, level=0.8, duplicates="warn", trusted=["siti.si.mean"])
    with pytest.warns(UserWarning, match="only 20 videos"):
        model.fit(joined, mos)
    found = model.predict_videos(scenes[:2])
    assert found["mos"].notna().all()
    part = model.predict_videos(pd.DataFrame({"path": scenes[:2]}), start_s=0.2, duration_s=0.3)
    assert part["mos"].notna().all()
    assert not np.allclose(part["mos"], found["mos"])
