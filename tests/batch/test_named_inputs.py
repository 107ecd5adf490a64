"""Inputs in Python: paths in any form, tables with a column ``path``; sampling and jobs as arguments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.batch.inputs import Input, find_inputs, named_inputs
from vqa_features.errors import ParameterError, TableError
from vqa_features.processes.cores import processes_of

FORMS: dict[str, Callable[[list[Path]], Any]] = {
    "paths": lambda paths: paths,
    "texts": lambda paths: [str(path) for path in paths],
    "tuple": tuple,
    "generator": lambda paths: (path for path in paths),
    "array": lambda paths: np.array([str(path) for path in paths]),
    "series": lambda paths: pd.Series([str(path) for path in paths], index=["x", "y"]),
    "records": lambda paths: [Input(str(path)) for path in paths],
    "frame": lambda paths: pd.DataFrame({"path": [str(path) for path in paths]}),
    "frame of paths": lambda paths: pd.DataFrame({"PATH": paths}),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_paths_gives_the_same_table(form: str, scenes: list[Path]) -> None:
    found = vf.extract_many(FORMS[form](scenes[:2]), "siti", frames=2)
    expected = [vf.extract(path, "siti", frames=2)["siti.si.mean"] for path in scenes[:2]]
    assert found["siti.si.mean"].tolist() == expected
    assert list(found.index) == [path.stem for path in scenes[:2]]
    assert found.attrs["settings"]["inputs"] == [str(path) for path in scenes[:2]]


def test_one_path_needs_no_list(scenes: list[Path]) -> None:
    for one in (scenes[0], str(scenes[0]), Input(str(scenes[0]))):
        assert list(vf.extract_many(one, "siti", frames=1).index) == [scenes[0].stem]


def table_of(scenes: list[Path]) -> dict[str, list[Any]]:
    return {
        "path": [str(scenes[0]), str(scenes[0]), str(scenes[1])],
        "id": ["begin", "later", "other"],
        "start_s": [0.0, 0.2, None],
        "frames": [2, 1, None],
        "mos": [3.5, None, 2],
        "group": ["a", "a", "b"],
        "note": ["x", "y", "z"],
    }


def check_columns_of_a_list(given: Any, scenes: list[Path]) -> None:
    with pytest.warns(UserWarning, match=r"the table: 1 column\(s\) are not used: note"):
        found = vf.extract_many(given, "siti", every=2)
    assert list(found.index) == ["begin", "later", "other"]
    assert found["mos"].tolist()[::2] == [3.5, 2.0]
    assert found["group"].tolist() == ["a", "a", "b"]
    other = vf.extract(scenes[1], "siti", every=2)
    assert found.loc["other", "siti.si.mean"] == other["siti.si.mean"]


def test_a_table_has_the_columns_of_a_list_file(scenes: list[Path]) -> None:
    columns = table_of(scenes)
    del columns["frames"]
    check_columns_of_a_list(pd.DataFrame(columns), scenes)
    check_columns_of_a_list(pd.DataFrame(columns).set_index("id"), scenes)
    check_columns_of_a_list(pd.DataFrame(columns, index=[7, 7, 7]), scenes)


def test_a_table_of_polars_or_arrow_is_one_of_pandas(scenes: list[Path]) -> None:
    pa = pytest.importorskip("pyarrow")
    columns = table_of(scenes)
    del columns["frames"]
    check_columns_of_a_list(pa.table(columns), scenes)
    polars = pytest.importorskip("polars")
    check_columns_of_a_list(polars.DataFrame(columns), scenes)


def test_cells_of_sampling_are_those_of_the_video(scenes: list[Path]) -> None:
    columns = table_of(scenes)
    del columns["note"]
    found = vf.extract_many(pd.DataFrame(columns), "siti")
    assert found["frames_decoded"].tolist()[0] > found["frames_decoded"].tolist()[1]
    one = vf.extract(scenes[0], "siti", start_s=0.2, frames=1)
    assert found.loc["later", "siti.si.mean"] == one["siti.si.mean"]


def test_columns_may_be_named_as_the_options_of_the_command(scenes: list[Path], tmp_path: Path) -> None:
    columns = {"path": [str(scenes[0])], "Start": [0.2], "duration": [0.3]}
    expected = vf.extract(scenes[0], "siti", start_s=0.2, duration_s=0.3)["siti.si.mean"]
    pd.DataFrame(columns).to_csv(tmp_path / "list.csv", index=False)
    for given in (pd.DataFrame(columns), tmp_path / "list.csv"):
        assert vf.extract_many(given, "siti")["siti.si.mean"].item() == expected
    with pytest.raises(TableError, match=r"mean the same, .*: start, start_s"):
        vf.extract_many(pd.DataFrame({"path": ["a.mp4"], "start": [1], "start_s": [1]}), "siti")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (pd.DataFrame({"file": ["a.mp4"]}), "no column 'path'; it has file"),
        (pd.DataFrame({"path": ["a.mp4", None]}), "row 1 of 'the table' has no path"),
        (pd.DataFrame({"path": ["a.mp4"], "fps": ["fast"]}), "fps must be a number, got 'fast'"),
        (pd.DataFrame({"path": ["a.mp4"], "frames": [1.5]}), "frames must be a whole number, got '1.5'"),
        (3, "inputs must be paths or a table with a column 'path', got int"),
        ([["a.mp4"]], "an input must be a path, got list"),
        ([None], "an input must be a path, got NoneType"),
        ([], "no video was named"),
        (pd.DataFrame({"path": []}), "no video was named"),
    ],
)
def test_what_names_no_videos_is_told_in_one_sentence(given: Any, told: str) -> None:
    with pytest.raises((ParameterError, TableError)) as caught:
        vf.extract_many(given, "siti")
    assert told in str(caught.value)


def test_sampling_is_a_record_or_single_options(scenes: list[Path]) -> None:
    whole = {"fps": 4.0, "start_s": 0.1, "duration_s": 0.5}
    one = vf.extract_many(scenes[:1], "siti", **whole)  # type: ignore[arg-type]
    other = vf.extract_many(scenes[:1], "siti", sampling=vf.Sampling(**whole))  # type: ignore[arg-type]
    assert one["siti.si.mean"].equals(other["siti.si.mean"])
    assert one.attrs["settings"]["sampling"] == other.attrs["settings"]["sampling"]
    assert one["siti.si.mean"].item() == vf.extract(scenes[0], "siti", **whole)["siti.si.mean"]  # type: ignore[call-overload]
    with pytest.raises(ParameterError, match="give sampling or fps, not both"):
        vf.extract_many(scenes[:1], "siti", fps=2, sampling=vf.Sampling(fps=2))
    with pytest.raises(ParameterError, match="one of fps, every and frames"):
        vf.extract_many(scenes[:1], "siti", fps=2, frames=2)
    with pytest.raises(ParameterError, match="start_s must be 0 or more"):
        vf.VideoFeatures("siti", start_s=-1).fit(scenes[:1])


def test_the_transformer_samples_a_part_and_takes_cells_of_sampling(scenes: list[Path]) -> None:
    part = vf.VideoFeatures("siti", start_s=0.2, duration_s=0.2).fit_transform(scenes[:1])
    assert part[0].tolist() == vf.extract(scenes[0], "siti", start_s=0.2, duration_s=0.2).tolist()
    table = pd.DataFrame({"path": [scenes[0], scenes[0], scenes[0]], "start_s": [0.0, 0.2, 0.0]})
    features = vf.VideoFeatures("siti", frames=2).fit(table)
    rows = features.transform(table)
    assert rows[0].tolist() == rows[2].tolist() != rows[1].tolist()
    assert features.n_features_in_ == 2
    assert list(features.feature_names_in_) == ["path", "start_s"]


def test_all_cores_are_used_with_minus_one(scenes: list[Path]) -> None:
    assert processes_of(-1) >= 1
    assert processes_of(3) == 3
    with pytest.raises(ParameterError, match="jobs must be above 0, or -1 for one per core, got -2"):
        vf.extract_many(scenes[:1], "siti", jobs=-2)
    one = vf.extract_many(scenes[:2], "siti", frames=2)
    assert vf.extract_many(scenes[:2], "siti", frames=2, jobs=-1)["siti.si.mean"].equals(one["siti.si.mean"])


def test_a_folder_beside_a_record_and_a_list_file(scenes: list[Path], tmp_path: Path) -> None:
    listing = tmp_path / "list.csv"
    listing.write_text(f"path,id\n{scenes[1]},listed\n")
    named = named_inputs([listing, Input(str(scenes[0]), id="record"), str(scenes[2])])
    assert [one.id for one in find_inputs(named)] == ["listed", "record", scenes[2].stem]
