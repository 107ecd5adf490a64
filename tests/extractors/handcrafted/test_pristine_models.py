"""Pristine models from strangers: NIQE's arrays and IL-NIQE's template are checked before use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

from vqa_features.errors import ParameterError
from vqa_features.extractors.handcrafted.il_niqe._session import read_template
from vqa_features.extractors.handcrafted.niqe import Niqe
from vqa_features.specs import VideoInfo

INFO = VideoInfo("a", 192, 192, 25, 1, 0.04)
MODEL = {"mean": np.zeros(36), "covariance": np.eye(36)}
TEMPLATE = (np.zeros(430), np.eye(430), np.zeros(468), np.zeros((468, 430)))


def template(*parts: Any) -> dict[str, Any]:
    cell = np.empty((1, len(parts)), object)
    cell[0, :] = parts
    return {"templateModel": cell}


@pytest.mark.parametrize(
    "changed",
    [
        {"mean": np.zeros(36) + 1j},
        {"covariance": np.eye(36) + 1j},
        {"mean": np.full(36, np.nan)},
        {"mean": np.array(["a"] * 36)},
        {"mean": np.zeros(35)},
    ],
)
def test_a_model_of_niqe_that_holds_other_numbers_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    file = tmp_path / "model.npz"
    np.savez_compressed(file, **(MODEL | changed))
    with pytest.raises(ParameterError, match=r"model\.npz cannot be read as .* finite numbers; give live"):
        Niqe(model=str(file)).open(INFO)


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (template(TEMPLATE[0] + 1j, *TEMPLATE[1:]), "complex numbers"),
        (template(*TEMPLATE[:2], np.full(468, np.inf), TEMPLATE[3]), "finite numbers"),
        (template(*TEMPLATE[:3]), "not enough values"),
        (template(np.zeros(7), *TEMPLATE[1:]), "cannot reshape"),
        ({"templateModel": 1}, "not enough values"),
        ({"other": 1}, "templateModel"),
    ],
)
def test_a_bad_template_is_one_sentence(tmp_path: Path, stored: dict[str, Any], reason: str) -> None:
    scipy.io.savemat(tmp_path / "t.mat", stored, do_compression=True)
    with pytest.raises(ParameterError, match=rf"t\.mat cannot be read as IL-NIQE's .*{reason}"):
        read_template(tmp_path / "t.mat")
