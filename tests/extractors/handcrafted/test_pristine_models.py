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
        {"covariance": np.where(np.eye(36) > 0, np.nan, 0)},
        {"covariance": np.full((36, 36), np.inf)},
        {"covariance": np.eye(36, 35)},
    ],
)
def test_a_model_of_niqe_that_holds_other_numbers_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    file = tmp_path / "model.npz"
    np.savez_compressed(file, **(MODEL | changed))
    with pytest.raises(ParameterError, match=r"model\.npz cannot be read as .* finite numbers; give live"):
        Niqe(model=str(file)).open(INFO)


def _with_eigenvalue(value: float) -> np.ndarray:
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(36, 36)))[0]
    return turn @ np.diag([value, *np.ones(35)]) @ turn.T


@pytest.mark.parametrize(
    ("covariance", "reason"),
    [
        (np.eye(36) + np.eye(36, k=1), "its covariance must be symmetric"),
        (np.zeros((36, 36)), "got inf"),
        (-np.eye(36), "got inf"),
        (_with_eigenvalue(-0.1), "got inf"),
        (
            _with_eigenvalue(1e-9),
            "eigenvalues above 0 that differ by a factor of 1e\\+08 at most, got 1e\\+09",
        ),
    ],
)
def test_a_covariance_that_gives_no_distance_is_refused(
    tmp_path: Path, covariance: np.ndarray, reason: str
) -> None:
    file = tmp_path / "model.npz"
    np.savez_compressed(file, mean=MODEL["mean"], covariance=covariance)
    with pytest.raises(ParameterError, match=rf"model\.npz cannot be read as .*{reason}.*give live"):
        Niqe(model=str(file)).open(INFO)
    np.savez_compressed(file, mean=MODEL["mean"], covariance=_with_eigenvalue(1e-7))
    assert Niqe(model=str(file)).open(INFO) is not None


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
