"""Scores that are not trained here as rows of a comparison: NIQE, VMAF, a published model's predictions.

A given score takes the place of a regressor on the test parts of the same splits. It is oriented by its
declared direction and brought to mean and deviation of the training MOS, which no rank and no linear
correlation sees. The logistic map of PLCC and RMSE is that of every other model: fitted on the training part
(strict, official) or on the test part (literature).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, TableError, first_few
from ..evaluation.splits import Split
from ..evaluation.training_part import Fit, target_scale
from ..tables.ids import aligned
from ..tables.numbers import number_series

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]

#: Regressor of the rows of given scores, and their family unless another is named.
NONE, FAMILY = "none", "given"


@dataclass(frozen=True)
class GivenScore:
    """One score of every video, and its direction.

    Parameters
    ----------
    name : str
        Name in the results, in the place of a table's.
    values : Series
        Score by video id, in any unit.
    higher_is_better : bool
        Direction: True for VMAF and predicted MOS, False for NIQE and DMOS. It is never guessed.
    family : str
        Family in the results.

    Raises
    ------
    ParameterError
        If the values are no Series, or the direction is no truth value.
    TableError
        If an id repeats or no value is a number.
    """

    name: str
    values: pd.Series
    higher_is_better: bool
    family: str = FAMILY

    def __post_init__(self) -> None:
        import pandas as pd

        if not isinstance(self.values, pd.Series):
            raise ParameterError(
                f"score {self.name!r} must be a Series by video id, got {type(self.values).__name__}"
            )
        if not isinstance(self.higher_is_better, bool | np.bool_):
            raise ParameterError(
                f"score {self.name!r}: higher_is_better must be True or False, got {self.higher_is_better!r}"
            )
        if self.values.index.has_duplicates:
            repeated = self.values.index[self.values.index.duplicated()].unique()
            raise TableError(f"score {self.name!r} has an id more than once: {first_few(list(repeated))}")
        object.__setattr__(self, "values", number_series(self.values, f"the score {self.name!r}")[0])

    def joined(self, ids: Sequence[str], *, ignore_case: bool = False) -> GivenScore:
        """Return the score of the compared videos, by their ids.

        Parameters
        ----------
        ids : sequence of str
            Ids of the compared videos.
        ignore_case : bool
            As in `vqa_features.tables.ids.match`.

        Raises
        ------
        TableError
            If a video has no finite score: every model is to be tested on the same videos.
        """
        found = aligned(self.values, ids, ignore_case=ignore_case).astype("float64")
        missing = list(found.index[~np.isfinite(found)])
        if missing:
            raise TableError(
                f"score {self.name!r} has no value for {len(missing)} of {len(ids)} compared videos: "
                f"{first_few(missing)}; add them, or leave these videos out of the MOS"
            )
        return replace(self, values=found)

    def oriented(self, ids: Sequence[str]) -> Values:
        """Return a joined score in the order of `ids`, (videos,): higher is better."""
        found = self.values.loc[list(ids)].to_numpy(dtype=np.float64)
        return found if self.higher_is_better else -found


def given_fit(oriented: Values, mos: Values, split: Split) -> Fit:
    """Return a given score as the outcome of a model on one split.

    Parameters
    ----------
    oriented : (videos,)
        Score of all videos, higher is better (`GivenScore.oriented`).
    mos : (videos,)
        MOS of all videos; only that of the training part is used.
    split : Split
        Row positions of the training and the test part.

    Returns
    -------
    Fit
        The score with mean and deviation of the training MOS; of training videos the same, since nothing
        was fitted to their order.
    """
    centre, unit = target_scale(oriented[split.train])
    middle, spread = target_scale(mos[split.train])
    scaled = middle + (oriented - centre) / unit * spread
    return Fit(scaled[split.test], scaled[split.train], {})


def direction_notes(summary: pd.DataFrame, scores: Sequence[GivenScore]) -> list[str]:
    """Return a sentence on every given score that ranks against its declared direction.

    Parameters
    ----------
    summary : DataFrame
        The ``summary`` of a comparison.
    scores : sequence of GivenScore
        The scores among its rows.
    """
    declared = {score.name: score.higher_is_better for score in scores}
    rows = summary[(summary["regressor"] == NONE) & (summary["srcc"] < 0)]
    return [
        f"{row['table']} ranks against its declared direction ({row['protocol']}, {row['part']}: median SRCC "
        f"{row['srcc']:.3f} with {'higher' if declared[row['table']] else 'lower'} values as better): it is "
        "reported so and not reversed; declare the other direction if that is what the score means"
        for row in rows.to_dict("records")
        if row["table"] in declared
    ]
