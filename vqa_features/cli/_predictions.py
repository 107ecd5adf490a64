"""Predictions as aligned rows for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..files.names import visible_text
from ._columns import aligned

if TYPE_CHECKING:
    import pandas as pd

    from ..models.card import Card

OUTSIDE = "outside the training range"


def predictions_text(table: pd.DataFrame, level: float) -> str:
    """Return one line per row: id, MOS, the ends of the interval, and what is to be known of the row.

    Parameters
    ----------
    table : DataFrame
        As `vqa_features.models.videos.predictions` returns it.
    level : float
        Coverage of the interval.
    """
    interval = f"{level:.0%} interval".replace("%", " %")
    rows = [
        {
            "id": visible_text(str(name)),
            "MOS": _number(row["mos"]),
            interval: "" if row["mos"] != row["mos"] else f"{_number(row['low'])} to {_number(row['high'])}",
            "status": visible_text(_status(row)),
        }
        for name, row in table.iterrows()
    ]
    return aligned(rows, ["id", "MOS", interval, "status"])


def scale_text(card: Card, name: str) -> str:
    """Return in one line what the numbers of a model mean.

    Parameters
    ----------
    card : Card
        The model's.
    name : str
        Name or file of the model.
    """
    data = card.data
    low, high = data.scale if data.scale is not None else (data.mos_low, data.mos_high)
    return (
        f"model {name}: MOS {low:g} to {high:g}, {data.direction_text}; card: vqa-features models show {name}"
    )


def _status(row: pd.Series) -> str:
    told = [str(row["status"] or "ok"), OUTSIDE if row["extrapolates"] else "", str(row["error"] or "")]
    return ", ".join(filter(None, told))


def _number(value: float) -> str:
    return "" if value != value else f"{value:.2f}"
