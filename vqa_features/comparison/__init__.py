"""Comparison of feature tables on the same splits: protocols, checks, statistics, controls.

`compare_tables` holds `compare`, `protocol` runs one split, `result` holds the tables returned, `saved` reads
them from files. Further analyses: `learning_curve`, `cross`, `ablation`, `diagnosis`, `fixed_set`.
"""

from .compare_tables import compare
from .result import Comparison

__all__ = ["Comparison", "compare"]
