"""Both families on the same splits: protocol, statistics, guards, controls.

`compare_tables` is the way in; `protocol` runs one split, `fitting` one model, `outcome` holds what
comes back. Analyses beside the main one: `curves`, `cross`, `controls`, `diagnosis`, `fixed_set`.
"""

from .compare_tables import compare
from .outcome import Comparison

__all__ = ["Comparison", "compare"]
