"""Mean of vectors that arrive one by one."""

from __future__ import annotations

import numpy as np

from vqa_features.extractor import Values


class RunningMean:
    """Mean of the vectors (size,) added so far; nan while there is none."""

    def __init__(self, size: int) -> None:
        self.count = 0
        self._sum = np.zeros(size)

    def add(self, vector: Values) -> None:
        """Take one more vector."""
        self._sum += vector
        self.count += 1

    @property
    def value(self) -> Values:
        """The mean, (size,) float64."""
        return self._sum / self.count if self.count else np.full_like(self._sum, np.nan)
