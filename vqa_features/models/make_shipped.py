"""Train the models that come with the package: `make models`, or this module with ``python -m``.

Published tables and labels come from the cache of datasets, see `vqa_features.datasets.loading`; what is
missing there is downloaded. Two runs with the same versions of packages give the same predictions.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..comparison.notices import ValidityNotice
from ..datasets.loading import info, load
from ..datasets.scores import load_score
from ..errors import DownloadError
from ..evaluation import metrics
from ..evaluation.scale_alignment import Affine, inlsa, usual
from ..files.atomic import write_text
from ..progress import say
from ..tables.labels import Labels
from .published_tables import named_table
from .quality_model import QualityModel
from .shipped import CARDS, OUT_OF_FOLD, SUFFIX, ShippedModel

Values = NDArray[np.float64]

FOLDER = Path(__file__).parent.parent / "resources" / "models"
#: The dataset whose MOS scale the models have, and the measurement that maps other MOS onto it.
REFERENCE, MEASUREMENT = "konvid-1k", "niqe"
SCALE = (1.0, 5.0)
MAPPED_DECIMALS = 6
REGRESSOR = "svr-rbf"
JOINED, _AND = "+", " and "

_MOS = "MOS on the scale of KoNViD-1k, 1 (bad) to 5 (excellent); higher is better"
_COSTS = {
    "videval": "every second frame: about 1.3 s per second of 960x540 video at 30 fps on one core",
    "brisque": "one frame of every second: about 0.03 s per second of 960x540 video on one core",
}
_NAMES = {"videval": "VIDEVAL", "brisque": "BRISQUE"}
_TITLES = {"konvid-1k": "KoNViD-1k", "live-vqc": "LIVE-VQC"}
_NOT_FOR = (
    "telling which of two videos is better where their predictions differ by less than the interval; single "
    "frames of a video",
    "kinds of video that the training set lacks: computer graphics, games, animation, screens, HDR, more "
    "than 1080 lines, professional content (YouTube-UGC has many of them: see the tests on other datasets)",
    "comparing codecs, bit rates or settings on one content (LIVE-VQA is such a dataset: see the tests); a "
    "full-reference measure does that",
    "decisions about people; accepting a service without asking viewers",
)
_NOT_FOR_RESEARCH = (
    "commercial use without asking the authors of LIVE-VQC: videos and opinions are published for research"
)


@dataclass(frozen=True)
class Recipe:
    """What one model is trained on and tested on."""

    table: str
    datasets: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the model."""
        return f"{self.table}-{JOINED.join(self.datasets)}"


RECIPES = (
    Recipe("videval", ("konvid-1k",), ("live-vqc", "youtube-ugc", "live-vqa")),
    Recipe("brisque", ("konvid-1k",), ("live-vqc", "youtube-ugc")),
    Recipe("videval", ("konvid-1k", "live-vqc"), ("youtube-ugc", "live-vqa")),
    Recipe("brisque", ("konvid-1k", "live-vqc"), ("youtube-ugc",)),
)


class Training(NamedTuple):
    """Table and labels of one or several datasets; of several, the ids begin with the dataset's name."""

    name: str
    """Files of the tables."""
    table: pd.DataFrame
    labels: Labels
    maps: Mapping[str, Affine]
    """By dataset: from its MOS to that of the labels."""
    datasets: pd.Series
    """By id: the dataset."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train every model and write the files; returns the exit code."""
    import argparse

    parser = argparse.ArgumentParser(prog="make_shipped", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=FOLDER, help="folder to write to")
    given = parser.parse_args(arguments)
    given.output.mkdir(parents=True, exist_ok=True)
    cards, left_out = [], {}
    for recipe in RECIPES:
        say(f"training {recipe.name}")
        training = training_of(recipe)
        model = trained(training)
        file = model.save(given.output / (recipe.name + SUFFIX))
        cards.append(asdict(_card(recipe, training, model, file)))
        left_out[recipe.name] = model.out_of_fold_["predicted"]
    write_text(given.output / CARDS, json.dumps(cards, indent=1) + "\n")
    _write_out_of_fold(given.output / OUT_OF_FOLD, left_out)
    return 0


def training_of(recipe: Recipe) -> Training:
    """Return table and labels of a recipe, the MOS on the scale of `REFERENCE`.

    Parameters
    ----------
    recipe : Recipe
        Names table and datasets.

    Raises
    ------
    DownloadError, TableError
        If a published file cannot be had, or is another one.
    """
    published = {name: load(name) for name in recipe.datasets}
    maps = _maps({name: one.labels.mos for name, one in published.items()})
    tables, mos = [], []
    for name, one in published.items():
        table, opinions = named_table(one, recipe.table), one.labels.mos.astype(float)
        if len(published) > 1:
            table.index = pd.Index([f"{name}/{video}" for video in table.index])
            opinions.index = pd.Index([f"{name}/{video}" for video in opinions.index])
        tables.append(table)
        mapped = maps[name](opinions)
        if (
            len(published) > 1
        ):  # the last bits of a map depend on the linear algebra, and an SVR on the last bits
            mapped = mapped.round(MAPPED_DECIMALS)
        mos.append(pd.Series(mapped, opinions.index, name="mos"))
    joined = pd.concat(tables)
    joined.attrs = tables[0].attrs
    files = [info(name).tables[recipe.table].name for name in recipe.datasets]
    labels = Labels(
        pd.concat(mos), source=_AND.join(Path(one.labels.source).name for one in published.values())
    )
    names = np.repeat(recipe.datasets, [len(one) for one in tables])
    return Training(_AND.join(files), joined, labels, maps, pd.Series(names, joined.index))


def trained(training: Training) -> QualityModel:
    """Return the model of a training set, fitted as the shipped ones are.

    Parameters
    ----------
    training : Training
        From `training_of`.
    """
    model = QualityModel(REGRESSOR, seed=0, scale=SCALE, duplicates="warn")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)  # they are in the card
        return model.fit({training.name: training.table}, training.labels)


def _maps(opinions: Mapping[str, pd.Series]) -> dict[str, Affine]:
    if len(opinions) == 1:
        return dict.fromkeys(opinions, Affine(1.0, 0.0))
    measured = {}
    for name, mos in opinions.items():
        values = load_score(name, MEASUREMENT).loc[mos.index].to_numpy(float)
        kept = usual(values)
        measured[name] = (mos.to_numpy(float)[kept], values[kept])
    return inlsa(measured, REFERENCE)


def _card(recipe: Recipe, training: Training, model: QualityModel, file: Path) -> ShippedModel:
    scores, card = model.card_.performance, model.card_
    joint = len(recipe.datasets) > 1
    features = f"{_NAMES[recipe.table]} ({len(card.columns)} features), {card.regressor}"
    titles = " and ".join(_TITLES[name] for name in recipe.datasets)
    return ShippedModel(
        name=recipe.name,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        about=f"{features}, trained on {titles}",
        cost=_COSTS[recipe.table],
        mos=_MOS + ("; LIVE-VQC's were mapped to it by INLSA with NIQE" if joint else ""),
        licence="tables and labels: MIT, (c) 2020 Zhengzhong Tu (resources/models/NOTICE.txt)",
        trained_on=tuple(_trained_on(recipe, training, model, name) for name in recipe.datasets),
        **{key: round(value, 6) for key, value in scores._asdict().items()},
        level=card.level,
        tested_on=tuple(one for name in recipe.others if (one := scores_on(recipe, model, name))),
        not_for=(*_NOT_FOR, *([_NOT_FOR_RESEARCH] if joint else [])),
    )


def _trained_on(recipe: Recipe, training: Training, model: QualityModel, name: str) -> dict[str, Any]:
    dataset = info(name)
    assert dataset.labels is not None
    table, found = dataset.tables[recipe.table], model.out_of_fold_
    own = found.loc[training.datasets.index[training.datasets == name].intersection(found.index)]
    return {
        "dataset": name,
        "videos": len(own),
        "table": table.name,
        "labels": dataset.labels.name,
        "addresses": [table.url, dataset.labels.url],
        "licence": dataset.licence,
        "gain": round(training.maps[name].gain, 6),
        "offset": round(training.maps[name].offset, 6),
        "srcc": _rounded(metrics.srcc(own["predicted"].to_numpy(), own["mos"].to_numpy())),
    }


def scores_on(recipe: Recipe, model: QualityModel, name: str) -> dict[str, Any] | None:
    """Return the scores on another dataset, None if its files are not here and cannot be downloaded.

    Parameters
    ----------
    recipe : Recipe
        Names the table.
    model : QualityModel
        Trained by it.
    name : str
        The dataset.

    Returns
    -------
    dict or None
        A mapping of `vqa_features.models.shipped.ShippedModel.tested_on`.
    """
    try:
        published = load(name)
    except DownloadError as error:
        say(f"note: {recipe.name} is not tested on {name}: {error}")
        return None
    table = named_table(published, recipe.table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)  # rows without values have no part
        found = model.predict_interval(table)
    mos = published.labels.mos.loc[found.index].to_numpy(float)
    known = found["mos"].notna().to_numpy() & np.isfinite(mos)
    predicted: Values = found["mos"].to_numpy(float)[known]
    return {
        "dataset": name,
        "videos": int(known.sum()),
        "srcc": _rounded(metrics.srcc(predicted, mos[known])),
        "plcc": _rounded(metrics.plcc(predicted, mos[known])),
        "extrapolates": _rounded(float(found["extrapolates"].to_numpy()[known].mean())),
    }


def _write_out_of_fold(file: Path, left_out: Mapping[str, pd.Series]) -> None:
    """Write the out-of-fold predictions of every model by dataset and video."""
    columns = {}
    for recipe in RECIPES:
        found = left_out[recipe.name]
        if len(recipe.datasets) == 1:
            found = found.set_axis([f"{recipe.datasets[0]}/{video}" for video in found.index])
        columns[recipe.name] = found.round(4)
    write_text(file, pd.DataFrame(columns).sort_index().to_csv(index_label="video"))


def _rounded(value: float) -> float:
    return round(float(value), 6)


if __name__ == "__main__":
    raise SystemExit(main())
