"""What the table computes: rows by dataset, families and their fusion, across datasets, ceilings, cost."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vqa_features.comparison import compare
from vqa_features.comparison.cross import Dataset, cross
from vqa_features.comparison.result import Comparison
from vqa_features.evaluation.noise_ceiling import noise_ceiling
from vqa_features.evaluation.significance import corrected_t

from .cards import Card
from .datasets import Ready

if TYPE_CHECKING:
    import pandas as pd

REGRESSORS = ("svr-rbf", "ridge", "mean")
#: Columns of a comparison's summary that the table keeps.
KEPT = (
    "protocol part table family regressor columns n splits srcc srcc_std srcc_pooled srcc_pooled_low "
    "srcc_pooled_high krcc plcc plcc_raw plcc_test_mapped rmse"
).split()
MODEL = ["protocol", "part", "table", "regressor"]
#: Opinions per video, where the labels have deviations and no counts: number and where it is from.
OPINIONS = {"live-vqa": (29, "viewers kept by its authors (Seshadrinathan et al., 2010)")}


@dataclass(frozen=True)
class Work:
    """How much is computed, and where."""

    splits: int = 100
    jobs: int = 2
    seed: int = 0
    regressors: tuple[str, ...] = REGRESSORS


def rows_of(ready: Ready, work: Work) -> Comparison:
    """Return the comparison of all rows of a dataset, on its official splits or in both protocols."""
    return _compared(ready, ready.tables, work, both=True)


def families_of(ready: Ready, work: Work) -> Comparison | None:
    """Return the comparison of the families and their fusion; None if the dataset has one family."""
    families = ready.families()
    return _compared(ready, families, work, both=False) if len(families) > 1 else None


def _compared(ready: Ready, tables: Any, work: Work, *, both: bool) -> Comparison:
    official = ready.published.splits
    if official is not None:
        protocol, splits = "official", official.first(None, work.splits)
    else:
        protocol, splits = "both" if both else "strict", work.splits
    return compare(
        tables,
        ready.published.labels,
        protocol=protocol,
        splits=splits,
        regressors=list(work.regressors),
        fusion=not both,
        given_scores=ready.scores if both else (),
        seed=work.seed,
        jobs=work.jobs,
    )


def summary_of(dataset: str, comparison: Comparison) -> pd.DataFrame:
    """Return the summary of a comparison as the table keeps it: one row per protocol, row and regressor.

    ``low, high`` are the 95 % interval of the mean SRCC over splits by the corrected resampled t test, or,
    of one split, of the bootstrap over videos.
    """
    found = comparison.summary[KEPT].copy()
    limits = {
        key: _interval(scores["srcc"], float(scores["n_test"].iloc[0] / scores["n_train"].iloc[0]))
        for key, scores in comparison.scores.groupby(MODEL, sort=False)
    }
    of_splits = [limits[key] for key in found[MODEL].itertuples(index=False, name=None)]
    for column, which in (("low", 0), ("high", 1)):
        found[column] = [one[which] for one in of_splits]
        found[column] = found[column].fillna(found[f"srcc_pooled_{column}"])
    found.insert(0, "dataset", dataset)
    return found


def _interval(values: pd.Series, ratio: float) -> tuple[float, float]:
    if len(values) < 2:
        return float("nan"), float("nan")
    test = corrected_t(values, ratio)
    return test.low, test.high


def gains_of(dataset: str, comparison: Comparison) -> pd.DataFrame:
    """Return the differences between families, and between their fusion and each, by regressor."""
    pairs = comparison.significance
    same = pairs[pairs["regressor_a"] == pairs["regressor_b"]]
    kept = "protocol part table_a table_b regressor_a difference low high p p_holm equivalent verdict".split()
    found = same[kept].rename(columns={"regressor_a": "regressor"})
    found.insert(0, "dataset", dataset)
    return found


def across(datasets: Sequence[Ready], work: Work) -> pd.DataFrame:
    """Return the scores of every row that several datasets have, trained on one and tested on another."""
    import pandas as pd

    names = dict.fromkeys(name for ready in datasets for name in ready.features)
    found = []
    for name in names:
        holders = [ready for ready in datasets if name in ready.features]
        if len(holders) < 2:
            continue
        given = {ready.name: Dataset({name: ready.tables[name]}, ready.published.labels) for ready in holders}
        regressors = [one for one in work.regressors if one != "mean"]
        found.append(cross(given, regressors=regressors, seed=work.seed, jobs=work.jobs))
    kept = "table family regressor train test kind srcc srcc_low srcc_high n_train n_test shift".split()
    return pd.concat([one[kept] for one in found], ignore_index=True) if found else pd.DataFrame(columns=kept)


def ceilings(datasets: Sequence[Ready]) -> pd.DataFrame:
    """Return the SRCC and PLCC that the noise of the opinions allows, where deviations are published."""
    import pandas as pd

    rows = []
    for ready in datasets:
        labels = ready.published.labels
        counts, source = labels.counts, "the labels"
        if counts is None and ready.name in OPINIONS:
            number, source = OPINIONS[ready.name]
            counts = labels.mos * 0 + number
        if labels.std is None or counts is None:
            rows.append({"dataset": ready.name, "known": False})
            continue
        known = labels.mos.notna() & labels.std.notna() & counts.notna()
        found = noise_ceiling(labels.mos[known], labels.std[known], counts[known])
        for metric in ("srcc", "plcc"):
            one = found.of(metric)
            rows.append(
                {
                    "dataset": ready.name,
                    "known": True,
                    "metric": metric,
                    "reliability": found.reliability,
                    "ceiling": one.simulated,
                    "low": one.low,
                    "high": one.high,
                    "opinions": float(counts[known].median()),
                    "source": source,
                }
            )
    return pd.DataFrame(rows)


def costs(cards: Sequence[Card], clips: Sequence[Path]) -> pd.DataFrame:
    """Return the seconds that the package's extractor of a row needs per second of video, decoding included.

    Every extractor is run alone in one process; the first clip is run once before, to compile.
    """
    import pandas as pd

    import vqa_features as vf
    from vqa_features.video import Video

    rows = []
    duration = sum(_seconds(Video, clip) for clip in clips)
    for card in cards:
        if card.extractor is None:
            continue
        vf.extract(str(clips[0]), [card.extractor])
        started = time.process_time()
        for clip in clips:
            vf.extract(str(clip), [card.extractor])
        spent = time.process_time() - started
        rows.append({"table": card.name, "extractor": card.extractor, "seconds": spent / duration})
    return pd.DataFrame(rows, columns=["table", "extractor", "seconds"])


def _seconds(opened: Any, clip: Path) -> float:
    with opened(clip) as video:
        return float(video.info.duration_s)


def demo_clips() -> list[Path]:
    """Return the clips that come with the package."""
    import vqa_features.resources as resources

    folder = Path(os.path.dirname(resources.__file__)) / "demo"
    return sorted(folder.glob("*.mp4"))
