"""Both families on the same splits: protocol, statistics, guards, controls.

`compare_tables` is the way in; `protocol` runs one split, `result` holds what comes back. Analyses beside
the main one: `learning_curve`, `cross`, `ablation`, `diagnosis`, `fixed_set`.
"""

from .compare_tables import compare
from .result import Comparison

__all__ = ["Comparison", "compare"]
