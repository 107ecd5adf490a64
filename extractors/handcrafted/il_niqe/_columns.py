"""Columns of IL-NIQE."""

from __future__ import annotations

from vqa_features.specs import Feature

#: Principal components of the template.
N_COMPONENTS = 430
FEATURES = (
    *(
        Feature(
            f"component_{k:03d}",
            f"principal component {k} of the block statistics",
            sign="as the template's axis points",
        )
        for k in range(N_COMPONENTS)
    ),
    Feature("score", "mean distance of the blocks from the template", low=0, direction="lower is better"),
)
