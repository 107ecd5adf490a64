"""Pristine models from strangers: NIQE's arrays and IL-NIQE's template are checked before use."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
from small_videos import moving

from vqa_features.batch import extract_many
from vqa_features.errors import ParameterError
from vqa_features.extractors.handcrafted.il_niqe import IlNiqe
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
    ("changed", "reason"),
    [
        ({"mean": np.zeros(36) + 1j}, "'mean' holds complex numbers"),
        ({"covariance": np.eye(36) + 1j}, "'covariance' holds complex numbers"),
        ({"mean": np.full(36, np.nan)}, "'mean' is to hold finite numbers"),
        ({"mean": np.array(["a"] * 36)}, "'mean' is to hold finite numbers"),
        ({"mean": np.zeros(35)}, "does not hold a mean of 36"),
        ({"more": np.zeros(80 << 20)}, "its arrays would take 671\\d+ bytes"),
    ],
)
def test_a_bad_model_of_niqe_is_one_sentence(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    file = tmp_path / "model.npz"
    np.savez_compressed(file, **(MODEL | changed))
    with pytest.raises(ParameterError, match=rf"model\.npz cannot be read .*{reason}.*; give live"):
        Niqe(model=str(file)).open(INFO)


def test_a_lying_or_damaged_model_of_niqe_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "model.npz"
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,)}"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mean.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    with pytest.raises(ParameterError, match="declares 99999999999 values of float64"):
        Niqe(model=str(file)).open(INFO)
    np.savez(file, **MODEL)
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ParameterError, match="cannot be read as a model of niqe"):
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


def test_a_worker_reads_a_template_in_a_process_of_its_own(tmp_path: Path) -> None:
    """The child of a worker tells the fault, and the run ends in one sentence."""
    clip = moving(tmp_path / "a.mp4", 3)
    scipy.io.savemat(tmp_path / "t.mat", template(*TEMPLATE[:3]))
    with pytest.raises(ParameterError, match="not enough values"):
        extract_many([clip], [IlNiqe(weights=str(tmp_path / "t.mat"))], jobs=2)
