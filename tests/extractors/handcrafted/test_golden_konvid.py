"""Published tables of KoNViD-1k, computed by their authors in MATLAB, identified from the clips alone.

Recipe of the tables: Y plane; one frame of every second, ``every="second"``; the mean.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.io

import vqa_features as vf

#: Of 1200 rows, in units of the table's standard deviations; what is left is noise of flat areas.
MEDIAN_Z = 0.02
#: Relative difference of the mean NIQE score.
NIQE = 0.01


@pytest.fixture(scope="module")
def rows(shared: Path) -> pd.DataFrame:
    """BRISQUE and NIQE of the nine clips by the recipe, indexed by row of the tables."""
    names = pd.read_csv(shared / "tables/videval/KONVID_1K_metadata.csv", dtype=str)["flickr_id"]
    table = {}
    for clip in sorted((shared / "clips/konvid-1k").glob("*.mp4")):
        row = vf.extract(clip, ["brisque", "niqe"], every="second")
        table[int(names.index[names == clip.stem][0])] = row
    assert len(table) == 9
    return pd.DataFrame(table).T


def test_published_brisque_row_is_the_nearest_of_all(shared: Path, rows: pd.DataFrame) -> None:
    table = scipy.io.loadmat(shared / "tables/bvqa_benchmark/KONVID_1K_BRISQUE_feats.mat")["feats_mat"]
    ours = rows.filter(regex=r"^brisque\.(?!score)").to_numpy(float)
    spread = np.nanstd(table, axis=0)
    medians = []
    for row, features in zip(rows.index, ours, strict=True):
        z = (table - features) / spread
        assert np.nanargmin(np.square(z).sum(axis=1)) == row
        medians.append(np.median(np.abs(z[row])))
    assert sum(median <= MEDIAN_Z for median in medians) == 9


def test_published_niqe_scores_are_reproduced(shared: Path, rows: pd.DataFrame) -> None:
    published = scipy.io.loadmat(shared / "tables/videval/KONVID_1K_NIQE_scores.mat")["y_pred"].ravel()
    ours = rows["niqe.score.mean"].to_numpy(float)
    assert (np.abs(ours / published[rows.index] - 1) <= NIQE).all()
