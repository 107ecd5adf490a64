"""Feature tables as JSON: written, read back, and files from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.errors import TableError


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "path": ["a.mp4", "é\n.mp4", 'c".mp4', "d.mp4"],
            "error": ["", None, "x", ""],
            "frames_expected": pd.array([1, None, 3, 4], "Int64"),
            "video.cropped": [True, False, True, False],
            "siti.si.mean": [0.1, np.nan, 1 / 3, -np.inf],
            "siti.ti.mean": [np.float32(0.5), 1e-300, np.inf, 5e300],
        },
        index=pd.Index(["001", "b", "é", "=1"], name="id"),
    )


def test_a_table_is_read_back_with_its_settings(tmp_path: Path) -> None:
    made = table()
    file = vf.write_table(made, tmp_path / "t.json", {"command": "extract", "fps": 2})
    back = vf.read_table(file)
    assert list(back.index) == list(made.index)
    assert list(back.columns) == list(made.columns)
    assert list(back["path"]) == list(made["path"])
    for name in ("siti.si.mean", "siti.ti.mean", "frames_expected"):
        np.testing.assert_array_equal(back[name].to_numpy(float), made[name].to_numpy(float, na_value=np.nan))
    assert back.attrs["settings"] == {"command": "extract", "fps": 2}
    assert sorted(one.name for one in tmp_path.iterdir()) == ["t.json"]


def test_the_file_is_json_as_the_standard_has_it(tmp_path: Path) -> None:
    def refuse(text: str) -> None:
        raise AssertionError(text)

    text = vf.write_table(table(), tmp_path / "t.json", {}).read_text(encoding="utf-8")
    found = json.loads(text, parse_constant=refuse)
    assert list(found) == ["settings", "columns", "rows"]
    assert found["columns"] == ["id", *table().columns]
    assert found["rows"][1]["siti.si.mean"] is None
    assert found["rows"][3]["siti.si.mean"] == "-inf"
    assert found["rows"][0] == {
        **{"id": "001", "path": "a.mp4", "error": "", "frames_expected": 1, "video.cropped": True},
        **{"siti.si.mean": 0.1, "siti.ti.mean": 0.5},
    }


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    back = vf.read_table(vf.write_table(table().iloc[:0], tmp_path / "t.json", {}))
    assert list(back.columns) == list(table().columns)
    assert len(back) == 0


@pytest.mark.parametrize(
    "lines",
    [
        '[{"id": "a", "f": 1}, {"id": "b", "f": null, "g": 2.5}]',
        '{"rows": [{"id": "a", "f": 1}, {"id": "b", "g": 2.5}]}',
    ],
)
def test_rows_of_other_programs_are_read(tmp_path: Path, lines: str) -> None:
    (tmp_path / "t.json").write_text(lines)
    back = vf.read_table(tmp_path / "t.json")
    np.testing.assert_array_equal(back[["f", "g"]].to_numpy(float), [[1, np.nan], [np.nan, 2.5]])
    assert list(back.index) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cannot be read as a feature table"),
        ("{", "cannot be read as a feature table"),
        ('{"seed": 1}', "holds no table: a list of objects is needed"),
        ("[1, 2]", "holds no table"),
        ("3", "holds no table"),
        ('[{"id": "a", "f": NaN}]', "NaN, which is no JSON"),
        ('[{"id": "a", "f": [1]}]', "'f' of row 1 is a list or an object"),
        ('[{"id": "a", "f": {}}]', "'f' of row 1 is a list or an object"),
        ('[{"id": "a", "f": 1, "f": 2}]', "names 'f' twice"),
        ('[{"id": "a", "f": 1}, {"id": "a", "f": 2}]', "occur more than once"),
        ("[" * 100_000, "nested too deeply"),
        ("\ufeff[]" * 3, "cannot be read"),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "t.json").write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=told) as caught:
        vf.read_table(tmp_path / "t.json")
    assert "t.json" in str(caught.value)
    assert "\n" not in str(caught.value)
