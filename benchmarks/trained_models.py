"""A small trained model and damage to its file, most of it under a right digest."""

from __future__ import annotations

import io
import random
import warnings
import zipfile
from pathlib import Path

import numpy as np

from .damage import Reader, damaged_json, damaged_zip
from .mutations import mutate

_COLUMNS = 4


def _made(regressor: str, folder: Path) -> Path:
    import vqa_features as vf

    chance = np.random.default_rng(0)
    mos = chance.uniform(1, 5, 30)
    values = mos[:, None] + chance.normal(0, 2, (30, _COLUMNS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = vf.QualityModel(regressor, repetitions=1, search="random10").fit(values, mos)
    return model.save(folder / "model.skops")


def _svr(folder: Path) -> Path:
    return _made("svr-rbf", folder)


def _boosted(folder: Path) -> Path:
    return _made("gradient-boosting", folder)


def _read(file: Path) -> object:
    import vqa_features as vf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return vf.QualityModel.load(file).predict_interval(np.ones((3, _COLUMNS)))


def _damaged(data: bytes, seed: int) -> bytes:
    """Return a model file with damaged bytes, members or schema; the digest is right but for the first."""
    from vqa_features.models.model_file import sealed

    chance = random.Random(seed)
    kind = chance.random()
    if kind < 0.1:
        return mutate(data, seed)
    if kind < 0.5:
        return sealed(damaged_zip(data, seed))
    with zipfile.ZipFile(io.BytesIO(data)) as stored:
        members = {name: stored.read(name) for name in stored.namelist()}
    members["schema.json"] = damaged_json(members["schema.json"], seed)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return sealed(out.getvalue())


TRAINED: dict[str, Reader] = {
    "trained model (svr-rbf)": Reader(_svr, _read, {"model.skops": _damaged}),
    "trained model (gradient-boosting)": Reader(_boosted, _read, {"model.skops": _damaged}),
}
