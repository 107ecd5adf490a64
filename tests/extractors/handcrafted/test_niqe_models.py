"""Files given as NIQE's pristine model that are none: one sentence, and no memory taken."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.extraction import extract_frames
from vqa_features.extractors.handcrafted.niqe import Niqe

PICTURE = np.zeros((1, 96, 192, 3), np.uint8)
GOOD: dict[str, Any] = {"mean": np.zeros(36), "covariance": np.eye(36)}


def npy(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def archive(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, member in members.items():
            made.writestr(f"{name}.npy", member)
    return content.getvalue()


def saved(**arrays: Any) -> bytes:
    content = io.BytesIO()
    np.savez(content, **{**GOOD, **arrays})
    return content.getvalue()


def lying(shape: str) -> bytes:
    """Return an array's file whose header states another shape."""
    return npy(np.zeros(36)).replace(b"(36,)", shape.encode()).replace(b" " * (len(shape) - 5) + b"\n", b"\n")


MEAN = npy(GOOD["mean"])
COVARIANCE = npy(GOOD["covariance"])
MODELS = {
    "no archive": b"text",
    "empty": b"",
    "one array": MEAN,
    "no covariance": archive(mean=MEAN),
    "cut": saved()[:-30],
    "other shape": saved(mean=np.zeros(35)),
    "matrix and column": saved(covariance=np.eye(37)),
    "texts": saved(mean=np.array(["1"] * 36)),
    "complex": saved(mean=np.ones(36) * 1j),
    "nan": saved(mean=np.full(36, np.nan)),
    "objects": saved(mean=np.array([{}] * 36, object)),
    "dates": saved(mean=np.array(["2020-01-01"] * 36, "M8[D]")),
    "bomb": archive(mean=b"\0" * 500_000_000, covariance=COVARIANCE),
    "lying header": archive(mean=lying("(99999999999999,)"), covariance=COVARIANCE),
    "many bytes": saved(more=np.random.default_rng(0).bytes(2_000_000)),
    "no array": archive(mean=b"\x93NUMPY\x09\x09", covariance=COVARIANCE),
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_file_that_is_no_model_is_said(tmp_path: Path, kind: str) -> None:
    model = tmp_path / "odd.npz"
    model.write_bytes(MODELS[kind])
    with pytest.raises(
        ParameterError, match=r"odd\.npz cannot be read as a pristine model: .*niqe\.fit wrote"
    ):
        extract_frames(PICTURE, Niqe(model=str(model)))


def test_a_model_that_is_no_file_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        odd = Niqe(model=str(tmp_path / name))
        for act in (odd.weights_sha256, lambda odd=odd: extract_frames(PICTURE, odd)):
            with pytest.raises(ParameterError, match="it is a "):
                act()
    with pytest.raises(WeightsMissing, match="there is no file"):
        Niqe(model=str(tmp_path / "absent.npz")).weights_sha256()


def test_a_good_model_is_read(tmp_path: Path) -> None:
    model = tmp_path / "good.npz"
    model.write_bytes(saved(mean=np.arange(36)))
    assert extract_frames(PICTURE, Niqe(model=str(model))).to_numpy().size == 37
