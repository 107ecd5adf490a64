"""The examples of docs/python.md run unchanged, and give what the page says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf

DOCS = Path(__file__).resolve().parent.parent / "docs" / "python.md"


@pytest.mark.slow
@pytest.mark.needs("torch", "efficientnet_lite_pytorch")
def test_every_python_example_runs(
    scenes: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clips").mkdir()
    few = scenes[:4]
    for path in few:
        shutil.copy(path, tmp_path / "clips")
    labels = pd.DataFrame({"id": [path.stem for path in few], "mos": np.linspace(1, 5, len(few))})
    labels.to_csv(tmp_path / "mos.csv", index=False)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    examples = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(examples) == 7
    for example in examples:
        exec(compile(example, str(DOCS), "exec"), names)
    assert set(names["best"]) == {"videofeatures__extractors", "videofeatures__pool"}


def test_every_name_of_the_page_is_public() -> None:
    named = set(re.findall(r"`(?:vf\.)?([a-zA-Z_]+)\(", DOCS.read_text(encoding="utf-8")))
    functions = named - {"predict_videos"}
    assert {"extract", "compare", "join_tables", "feature_columns", "VideoFeatures"} <= functions
    assert functions <= set(vf.__all__), functions - set(vf.__all__)
