"""Noise ceiling: reliability by formula, correlations by simulation, panels drawn independently."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from vqa_features.errors import ParameterError
from vqa_features.evaluation.noise_ceiling import PANEL, TRUTH, noise_ceiling, normal_srcc

#: Three standard errors of a correlation of .86 over 4000 videos.
CLOSE = 0.015
#: Shrunk MOS of a skewed quality are less skewed than the quality.
SKEWED = 0.025


def measured(truth, std, counts, seed=0):
    """Return MOS and deviations of single opinions that are drawn one by one."""
    random = np.random.default_rng(seed)
    opinions = [random.normal(t, s, int(n)) for t, s, n in zip(truth, std, counts, strict=True)]
    return np.array([one.mean() for one in opinions]), np.array([one.std(ddof=1) for one in opinions])


def drawn(shape, videos=4000, seed=1):
    random = np.random.default_rng(seed)
    truth = {
        "normal": random.normal(2, 1, videos),
        "skewed": random.gamma(2, 1, videos),
        "even": random.uniform(1, 5, videos),
    }[shape]
    return truth, random.uniform(0.5, 2.5, videos), random.integers(5, 40, videos)


@pytest.mark.parametrize("shape", ["normal", "skewed", "even"])
def test_true_quality_and_a_second_panel_correlate_as_the_ceiling_says(shape):
    truth, std, counts = drawn(shape)
    mos, deviations = measured(truth, std, counts)
    again, _ = measured(truth, std, counts, seed=7)
    found = noise_ceiling(mos, deviations, counts)
    for predictor, values in ((TRUTH, truth), (PANEL, again)):
        assert found.of("plcc", predictor).formula == pytest.approx(pearsonr(values, mos)[0], abs=CLOSE)
        assert found.of("plcc", predictor).simulated == pytest.approx(pearsonr(values, mos)[0], abs=CLOSE)
        close = SKEWED if shape == "skewed" else CLOSE
        assert found.of("srcc", predictor).simulated == pytest.approx(spearmanr(values, mos)[0], abs=close)
    if shape == "normal":
        assert found.of("srcc").formula == pytest.approx(spearmanr(truth, mos)[0], abs=CLOSE)


def test_the_formula_is_classical_test_theory():
    mos = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    found = noise_ceiling(mos, [1.0, 2.0, 1.0, 2.0, 1.0], [4, 16, 4, 16, 4])
    assert found.reliability == pytest.approx(1 - 0.25 / 2.5)
    assert found.error == pytest.approx(0.5)
    assert found.of("plcc").formula == pytest.approx(np.sqrt(0.9))
    assert found.of("plcc", PANEL).formula == pytest.approx(0.9)
    assert found.of("srcc").formula == pytest.approx(6 / np.pi * np.arcsin(np.sqrt(0.9) / 2))


def test_intervals_cover_the_correlation_of_new_panels():
    truth, std, counts = drawn("normal", videos=150)
    inside = 0
    for seed in range(60):
        mos, deviations = measured(truth, std, counts, seed)
        one = noise_ceiling(mos, deviations, counts, seed=seed).of("srcc")
        inside += one.low <= spearmanr(truth, mos)[0] <= one.high
    assert 52 <= inside <= 60


def test_the_interval_of_the_reliability_covers_it_over_drawn_videos():
    true = 1 / (1 + 1.5**2 / 12)
    inside = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        mos = random.normal(0, 1, 200) + random.normal(0, 1.5 / np.sqrt(12), 200)
        found = noise_ceiling(mos, np.full(200, 1.5), np.full(200, 12), seed=seed)
        inside += found.reliability_low <= true <= found.reliability_high
    assert 52 <= inside <= 60


def test_no_noise_allows_a_perfect_score_and_fewer_videos_a_wider_one():
    truth, std, counts = drawn("normal", videos=500)
    assert noise_ceiling(truth, std * 0, counts).of("srcc").low == pytest.approx(1)
    whole, part = (noise_ceiling(truth, std, counts, rows=rows) for rows in (500, 50))
    widths = [one.of("srcc").high - one.of("srcc").low for one in (whole, part)]
    assert widths[1] > 2 * widths[0]
    assert (part.videos, len(part.table()), set(part.table()["metric"])) == (50, 4, {"srcc", "plcc"})


def test_noise_that_explains_all_leaves_no_ceiling():
    truth, std, counts = drawn("normal", videos=50)
    found = noise_ceiling(truth, std * 20, counts)
    assert found.reliability < 0
    assert found.table()[["formula", "simulated", "low", "high"]].isna().all(axis=None)


def test_draws_follow_the_seed():
    truth, std, counts = drawn("normal", videos=50)
    one, same, other = (noise_ceiling(truth, std, counts, seed=seed) for seed in (3, 3, 4))
    assert one == same
    assert one != other


@pytest.mark.parametrize("r", [-1.0, 0.0, 0.5, 1.0])
def test_normal_srcc_keeps_its_ends_and_is_just_below_r(r):
    assert normal_srcc(r) == pytest.approx(r, abs=0.02)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"std": [1.0, 1.0]}, "of one length"),
        ({"std": [1.0, -1.0, 1.0]}, "must not be negative"),
        ({"counts": [3, 0, 3]}, "at least 1"),
        ({"std": [1.0, np.nan, 1.0]}, "finite"),
        ({"mos": [2.0, 2.0, 2.0]}, "all MOS are 2.0"),
        ({"rows": 4}, "3 to 3 rows"),
        ({"draws": 0}, "at least one draw"),
    ],
)
def test_impossible_input_is_one_sentence(changed, text):
    given = {"mos": [1.0, 2.0, 3.0], "std": [1.0, 1.0, 1.0], "counts": [3, 3, 3]}
    with pytest.raises(ParameterError, match=text):
        noise_ceiling(**(given | changed))
    with pytest.raises(ParameterError, match="srcc and plcc"):
        noise_ceiling(**given).of("krcc")
