"""Whether two thumbnails are alike without a displacement: then no cut lies between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.cuts import BLOCK, FLAT_BLOCK, FLAT_PICTURE, LEAST
from vqa_features.kernels.jit import SUMMING, jit

#: Share of the limit that leaves room for rounding: the search is in float32, with squares of up to 2 ** 16.
SURE = 0.98


def plainly_alike(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    """Return whether the `cuts.dissimilarity` of two thumbnails is below `cuts.LEAST` without a search.

    Parameters
    ----------
    a, b : ndarray, (48, 64) float32
        In 8-bit codes.

    Returns
    -------
    bool
        True only if `cuts.cut_between` finds no cut between frames of these thumbnails; a search can but
        lower the dissimilarity.
    """
    return bool(unmoved_dissimilarity(a, b) <= SURE * LEAST)


@jit(**SUMMING)
def unmoved_dissimilarity(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Return `cuts.dissimilarity` at a reach of 0."""
    lost = variances = 0.0
    for top in range(0, a.shape[0], BLOCK):
        for left in range(0, a.shape[1], BLOCK):
            p = q = pp = qq = pq = 0.0
            for y in range(top, top + BLOCK):
                for x in range(left, left + BLOCK):
                    v, w = float(a[y, x]), float(b[y, x])
                    p += v
                    q += w
                    pp += v * v
                    qq += w * w
                    pq += v * w
            p, q = p / BLOCK**2, q / BLOCK**2
            pp, qq = max(pp / BLOCK**2 - p * p, 0.0), max(qq / BLOCK**2 - q * q, 0.0)
            common = max(pq / BLOCK**2 - p * q, 0.0)
            explained = common * common / ((pp + FLAT_BLOCK) * (qq + FLAT_BLOCK))
            lost += (pp + qq) * (1 - explained)
            variances += pp + qq
    return lost / (variances + 2 * FLAT_PICTURE)
