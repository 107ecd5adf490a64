"""A MOS divided among columns, transforms fitted on all videos, and no alarm on published tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.io

from vqa_features.comparison import compare
from vqa_features.comparison.checks import ValidityWarnings, check_leak
from vqa_features.comparison.joint_leaks import check_divided, check_uncorrelated
from vqa_features.comparison.leaks import check_bins, check_fitted, check_missing, check_selected
from vqa_features.tables.reading import read_table


def names(values) -> list[str]:
    return [f"f{number}" for number in range(values.shape[1])]


def divided(values, mos) -> tuple[str, ...]:
    notes = ValidityWarnings()
    check_divided("t", names(values), values, mos, notes)
    return notes.all()


def uncorrelated(values) -> tuple[str, ...]:
    notes = ValidityWarnings()
    check_uncorrelated("t", names(values), values, notes)
    return notes.all()


def summands(columns, noise, rows=600, seed=1) -> tuple[np.ndarray, np.ndarray]:
    """Return columns whose sum is the MOS and some noise, in deviations of the MOS, and the MOS."""
    random = np.random.default_rng(seed)
    mos = random.normal(size=rows)
    values = random.normal(0, 2, (rows, columns))
    values[:, -1] = mos + noise * random.normal(size=rows) - values[:, :-1].sum(axis=1)
    return values, mos


def features(rows=600, seed=2) -> np.ndarray:
    """Return 30 columns of eight causes."""
    random = np.random.default_rng(seed)
    return random.normal(size=(rows, 8)) @ random.normal(size=(8, 30)) + 0.3 * random.normal(size=(rows, 30))


@pytest.mark.parametrize("noise", [0.0, 0.33, 0.7])
@pytest.mark.parametrize("columns", [2, 3, 9])
def test_a_mos_divided_among_columns_is_found_alone_and_beside_features(columns, noise):
    values, mos = summands(columns, noise)
    beside = np.hstack([features(), values, values[:, :1] * 0 + 7])
    for table in (values, beside, np.exp(-1) * beside - 5):
        (text,) = divided(table, mos)
        assert text.endswith("is the MOS divided among columns?")
    assert "f30" in divided(beside, mos)[0]


def test_a_divided_mos_is_warned_of_before_the_result_is_implausible():
    values, mos = summands(4, 0.5)
    ids = [f"v{row}" for row in range(len(mos))]
    frame = pd.DataFrame(values, index=ids).add_prefix("f")
    options = {"splits": 4, "regressors": ["ridge"], "bootstrap": 10}
    found = compare({"t": frame}, pd.Series(mos, ids), **options)
    assert found.summary["srcc"].item() < 0.95
    assert any("is the MOS divided among columns?" in text for text in found.warnings)
    trusted = compare({"t": frame}, pd.Series(mos, ids), trusted=list(frame.columns), **options)
    assert not any("divided among" in text for text in trusted.warnings)


@pytest.mark.parametrize("columns", [2, 9, 60, 280, 400])
def test_columns_without_a_leak_are_not_taken_for_a_divided_mos(columns):
    for seed in range(100 if columns < 100 else 10):
        random = np.random.default_rng(seed)
        mos = random.normal(size=300)
        weak = 0.4 * mos[:, None] + random.normal(size=(300, columns)) + random.normal(size=(300, 1))
        repeated = np.hstack([weak, weak[:, :1], weak[:, :1] + weak[:, 1:2]])
        for values in (random.normal(size=(300, columns)), weak, repeated):
            assert divided(values, mos) == ()


def pls(rows, columns, components=5, seed=1) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.cross_decomposition import PLSRegression

    random = np.random.default_rng(seed)
    noise, mos = random.normal(size=(rows, columns)), random.normal(size=rows)
    return PLSRegression(components).fit(noise, mos).transform(noise), mos


@pytest.mark.parametrize("columns", [30, 300, 900])
def test_components_of_noise_fitted_on_all_mos_are_found_at_any_score(columns):
    values, _ = pls(600, columns)
    for table in (values, np.hstack([features(), values]), values.round(4), values[6:] * 3 + 1):
        (text,) = uncorrelated(table)
        assert "are uncorrelated, as principal components or PLS scores" in text
    assert "(f30 to f34)" in uncorrelated(np.hstack([features(), values, features(seed=3)]))[0]


def test_principal_components_of_all_videos_are_found():
    from sklearn.decomposition import PCA

    for white in (False, True):
        assert uncorrelated(PCA(20, whiten=white).fit_transform(features()))
    assert not uncorrelated(features())


@pytest.mark.parametrize("shape", [(300, 5), (300, 40), (40, 400), (1200, 100)])
def test_independent_columns_are_correlated_by_chance_and_not_told(shape):
    alarms = sum(bool(uncorrelated(np.random.default_rng(seed).normal(size=shape))) for seed in range(60))
    assert alarms <= 1


def test_constant_and_missing_cells_are_no_components():
    values = np.hstack([np.ones((300, 5)), np.full((300, 5), np.nan), features(300)[:, :2]])
    assert uncorrelated(values) == ()


def published(shared) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the ten published tables with their MOS; MOS files are in the same row order."""
    folder = shared / "tables"
    found = {}
    for stem, listed in {
        "videval/KONVID_1K_VIDEVAL_feats": "videval/KONVID_1K",
        "videval/LIVE_VQC_VIDEVAL_feats": "videval/LIVE_VQC",
        "videval/LIVE_VQA_VIDEVAL_feats": "videval/LIVE_VQA",
        "videval/KONVID_1K_NIQE_scores": "videval/KONVID_1K",
        "videval/LIVE_VQC_NIQE_scores": "videval/LIVE_VQC",
        "bvqa_benchmark/KONVID_1K_BRISQUE_feats": "videval/KONVID_1K",
        "bvqa_benchmark/LIVE_VQC_BRISQUE_feats": "videval/LIVE_VQC",
        "sts_bvqa/KoNVid_GM-LOG_STS_resize_feats": "sts_bvqa/KoNVid",
        "sts_bvqa/KoNVid_PAQ2PIQ_STS_resize_feats": "sts_bvqa/KoNVid",
        "sts_bvqa/LIVE_VQC_PAQ2PIQ_STS_resize_feats": "sts_bvqa/LIVE_VQC",
    }.items():
        file = folder / f"{stem}.mat"
        niqe = "NIQE" in stem
        values = scipy.io.loadmat(file)["y_pred"].reshape(-1, 1) if niqe else read_table(file).to_numpy(float)
        mos = pd.read_csv(folder / f"{listed}_metadata.csv").rename(columns=str.lower)["mos"].to_numpy(float)
        found[stem] = np.where(np.isfinite(values), values, np.nan).astype(float), mos
    return found


def test_no_published_table_raises_an_alarm(shared):
    tables = published(shared)
    assert len(tables) == 10
    for values, mos in tables.values():
        notes, columns = ValidityWarnings(), names(values)
        for check in (check_leak, check_bins, check_fitted, check_missing, check_divided):
            check("t", columns, values, mos, notes)
        check_selected("t", values, mos, notes)
        check_uncorrelated("t", columns, values, notes)
        assert notes.all() == ()


def test_few_columns_drawn_from_published_tables_raise_no_alarm(shared):
    random = np.random.default_rng(0)
    for values, mos in published(shared).values():
        for _ in range(100 if values.shape[1] > 12 else 0):
            drawn = values[:, random.choice(values.shape[1], random.integers(2, 13), replace=False)]
            assert divided(drawn, mos) + uncorrelated(drawn) == ()
