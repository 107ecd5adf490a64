"""Feature tables and MOS of videos that do not exist, with known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd


def made_up(rows: int = 60, seed: int = 0) -> tuple[dict[str, tuple[pd.DataFrame, str]], pd.Series]:
    """Return a good and a poor table of 60 videos, and their MOS."""
    random = np.random.default_rng(seed)
    ids = [f"clip{i:03d}" for i in range(rows)]
    quality = random.uniform(1, 5, rows)
    good = quality[:, None] + random.normal(0, 0.8, (rows, 6))
    poor = quality[:, None] + random.normal(0, 3.0, (rows, 12))
    tables = {
        "good": (pd.DataFrame(good, index=ids).add_prefix("g"), "handcrafted"),
        "poor": (pd.DataFrame(poor, index=ids).add_prefix("p"), "deep"),
    }
    return tables, pd.Series(quality, index=ids, name="mos")
