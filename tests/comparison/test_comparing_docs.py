"""The examples of docs/comparing.md run unchanged."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up
from scipy.stats import spearmanr

from vqa_features.evaluation.grids import parsed

DOCS = Path(__file__).resolve().parents[2] / "docs" / "comparing.md"


def named(rows: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Return made-up tables whose columns are named as extractors name them."""
    tables, mos = made_up(rows, seed)
    names = ["siti.si.mean", "siti.ti.mean", *(f"brisque.mscn_f{i}.mean" for i in range(4))]
    return tables["good"][0].set_axis(names, axis=1), tables["poor"][0], mos


def test_every_python_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    handcrafted, deep, mos = named(60, seed=0)
    other, _, other_mos = named(50, seed=1)
    scenes = pd.Series([f"scene{i // 4}" for i in range(60)], index=mos.index)
    names = {"handcrafted": handcrafted, "deep": deep, "mos": mos, "scenes": scenes}
    names |= {"other": other, "other_mos": other_mos}
    examples = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(examples) == 7
    for example in examples:
        exec(compile(example, str(DOCS), "exec"), names)
    assert (tmp_path / "out" / "scores.csv").is_file()
    _repeats_one_split(names)
    assert {"fusion", "late-fusion", "a/4d", "b/4d"} <= set(names["fused"].summary["table"])


def _repeats_one_split(names: dict[str, object]) -> None:
    """The predictions by hand are those of the comparison to six digits, and so is their SRCC."""
    found, ids = names["found"], np.array(names["ids"])[names["test"]]
    tested, scores = found.predictions, found.scores
    for regressor, by_hand in names["by_hand"].items():
        rows = tested[(tested["split"] == 2) & (tested["regressor"] == regressor)].set_index("id")
        np.testing.assert_allclose(by_hand, rows.loc[ids, "predicted"], atol=5e-7)
        row = scores[(scores["split"] == 2) & (scores["regressor"] == regressor)].iloc[0]
        assert spearmanr(by_hand, rows.loc[ids, "mos"]).statistic == pytest.approx(row["srcc"], abs=5e-7)
    assert parsed(row["chosen"]) == {"C": names["C"], "gamma": names["gamma"]}
