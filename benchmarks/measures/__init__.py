"""Trial of our own measures: against known truth, beside independent programs, under harmless changes."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("VQA_FEATURES_SHARED", ROOT.parent / "shared"))
PAGE = ROOT / "docs" / "measures.md"

sys.path.append(str(ROOT / "tests" / "support"))  # the analytic videos, which the tests use too

#: The measures of this project; all other extractors are published methods.
OWN = (
    *("basics", "flow", "siti", "colorfulness", "temporal-nss", "dct-energy"),
    *("cambi", "shots", "timing", "interlace", "temporal-noise", "exposure", "flicker"),
)
