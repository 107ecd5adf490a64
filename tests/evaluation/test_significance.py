"""Statistics against independent computations and published worked examples."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from vqa_features.errors import ParameterError
from vqa_features.evaluation import conformal, paired_tests
from vqa_features.evaluation.metrics import srcc
from vqa_features.evaluation.scale_alignment import Affine, inlsa
from vqa_features.evaluation.significance import (
    bootstrap_srcc,
    corrected_t,
    critical_difference,
    holm,
    percentile_interval,
)

#: Two double-precision ways to the same number.
ROUNDING = 1e-10


@pytest.fixture
def differences():
    return np.random.default_rng(0).normal(0.02, 0.03, 100)


def test_without_overlap_the_corrected_t_is_the_paired_t(differences):
    found = corrected_t(differences, 0.0)
    t, p = scipy.stats.ttest_1samp(differences, 0)
    assert (found.t, found.p) == pytest.approx((t, p), abs=ROUNDING)
    interval = scipy.stats.ttest_1samp(differences, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx(tuple(interval), abs=ROUNDING)


def test_at_80_20_and_100_splits_the_naive_t_is_5_1_times_too_large(differences):
    ratio = corrected_t(differences, 0.0).t / corrected_t(differences, 0.25).t
    assert ratio == pytest.approx(np.sqrt(1 + 100 * 0.25), abs=ROUNDING)
    assert ratio == pytest.approx(5.1, abs=0.01)


def test_the_corrected_t_follows_its_published_formula():
    d = np.array([0.01, 0.03, -0.01, 0.02, 0.05])
    # Nadeau and Bengio 2003, section 3: variance (1/J + n_test/n_train) s^2, J - 1 degrees of freedom.
    by_hand = d.mean() / np.sqrt((1 / 5 + 0.25) * d.var(ddof=1))
    found = corrected_t(d, 0.25)
    assert found.t == pytest.approx(by_hand, abs=ROUNDING)
    assert found.p == pytest.approx(2 * scipy.stats.t.sf(by_hand, 4), abs=ROUNDING)


def test_the_corrected_t_holds_its_level_where_the_naive_one_does_not():
    """Two equally good models over overlapping resamples of one sample: false alarms near 5 %, naively far
    more."""
    random = np.random.default_rng(5)
    false_alarms = {0.0: 0, 0.25: 0}
    repeats = 300
    for _ in range(repeats):
        gap = random.normal(0, 1, 200)  # difference in error on every video, mean 0 in truth
        d = [gap[random.permutation(200)[:40]].mean() for _ in range(50)]
        for ratio in false_alarms:
            false_alarms[ratio] += corrected_t(d, ratio).p < 0.05
    assert false_alarms[0.25] / repeats < 0.09
    assert false_alarms[0.0] / repeats > 0.3


def test_equivalence_is_two_one_sided_tests(differences):
    small = differences - differences.mean() + 0.001
    found = corrected_t(small, 0.0, margin=0.01)
    above = scipy.stats.ttest_1samp(small, -0.01, alternative="greater").pvalue
    below = scipy.stats.ttest_1samp(small, 0.01, alternative="less").pvalue
    assert found.p_equivalence == pytest.approx(max(above, below), abs=ROUNDING)
    assert found.p_equivalence < 0.05 < found.p


def test_equal_models_are_equal_and_never_significant():
    found = corrected_t(np.zeros(10), 0.25)
    assert (found.t, found.p, found.p_equivalence) == (0.0, 1.0, 0.0)


def test_holm_matches_its_worked_example():
    # R: p.adjust(c(.01, .04, .03, .005), "holm") gives .03 .06 .06 .02 (also in Holm's own step-down by
    # hand).
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02], atol=ROUNDING)
    assert holm([0.6, 0.9]).max() == 1.0


def test_the_bootstrap_interval_covers_and_pairs():
    random = np.random.default_rng(1)
    mos = random.normal(size=300)
    models = np.column_stack([mos + random.normal(0, 0.7, 300), mos + random.normal(0, 0.8, 300)])
    draws = bootstrap_srcc(models, mos, samples=400)
    low, high = percentile_interval(draws[:, 0])
    assert low < srcc(models[:, 0], mos) < high
    # Fisher's interval, with the variance of ranks (Bonett and Wright 2000).
    r = srcc(models[:, 0], mos)
    half = 1.96 * np.sqrt((1 + r**2 / 2) / 297) * (1 - r**2)
    assert (high - low) / 2 == pytest.approx(half, rel=0.25)
    # Both models see the same draws of videos, so their scores rise and fall together.
    assert np.std(draws[:, 0] - draws[:, 1]) < np.hypot(*draws.std(axis=0))


def test_a_bootstrap_over_groups_is_wider_when_groups_agree():
    random = np.random.default_rng(2)
    group = np.repeat(np.arange(20), 10)
    mos = random.normal(size=20)[group] + random.normal(0, 0.1, 200)
    model = (mos + random.normal(0, 1, 20)[group])[:, None]
    alone = bootstrap_srcc(model, mos, samples=300).std()
    assert bootstrap_srcc(model, mos, group, samples=300).std() > 1.5 * alone


def test_the_critical_difference_is_demsars():
    # Demsar 2006, section 3.2.2: 4 classifiers, 14 data sets, alpha .05: CD = 2.569 sqrt(4 * 5 / (6 * 14))
    # = 1.25.
    scores = np.random.default_rng(3).normal(size=(14, 4))
    assert critical_difference(scores).critical_difference == pytest.approx(1.25, abs=0.005)
    # The same with alpha .10: 2.291 sqrt(...) = 1.12.
    assert critical_difference(scores, alpha=0.1).critical_difference == pytest.approx(1.12, abs=0.005)


def test_cliques_join_models_that_do_not_differ():
    scores = np.column_stack([np.arange(30.0) + gap for gap in (10, 9.9, 0)])
    scores[::2, 0] -= 0.2  # the first two swap ranks on every second block
    found = critical_difference(scores)
    assert found.cliques == [(0, 1)]
    np.testing.assert_allclose(found.mean_ranks, [1.5, 1.5, 3])
    assert found.friedman_p < 1e-6


def test_meng_rosenthal_rubin_follows_its_equations_and_its_simulation():
    # Equations 1 to 3 of the paper, written out for r = .5, .3, r_x = .4, N = 103.
    mean_square = (0.25 + 0.09) / 2
    f = 0.6 / (2 * (1 - mean_square))
    h = (1 - f * mean_square) / (1 - mean_square)
    by_hand = (np.arctanh(0.5) - np.arctanh(0.3)) * np.sqrt(100 / (2 * 0.6 * h))
    assert paired_tests.meng_rosenthal_rubin(0.5, 0.3, 0.4, 103).z == pytest.approx(by_hand, abs=ROUNDING)
    random = np.random.default_rng(4)
    truth = np.array([[1, 0.6, 0.6], [0.6, 1, 0.5], [0.6, 0.5, 1]])
    z = []
    for _ in range(1500):
        sample = np.corrcoef(random.multivariate_normal(np.zeros(3), truth, 100).T)
        z.append(paired_tests.meng_rosenthal_rubin(sample[0, 1], sample[0, 2], sample[1, 2], 100).z)
    assert np.std(z) == pytest.approx(1, abs=0.06)
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.05, abs=0.02)


def test_the_influence_of_a_video_on_srcc_is_that_of_leaving_it_out():
    random = np.random.default_rng(6)
    y = random.normal(size=400)
    x = y + random.normal(0, 0.7, 400)
    whole = scipy.stats.spearmanr(x, y)[0]
    without = [scipy.stats.spearmanr(np.delete(x, k), np.delete(y, k))[0] for k in range(400)]
    jackknife = 399 * (whole - np.array(without))
    ours = paired_tests._rank_influence(x, y)
    np.testing.assert_allclose(ours - ours.mean(), jackknife - jackknife.mean(), atol=0.05)
    assert np.std(ours) == pytest.approx(np.std(jackknife), rel=0.02)


@pytest.mark.parametrize(("r", "shared"), [(0.8, 0.0), (0.95, 0.0), (0.95, 0.7)])
def test_the_test_of_two_rank_correlations_holds_its_level(r, shared):
    random = np.random.default_rng(11)
    found = []
    for _ in range(1500):
        y, common, *own = random.normal(size=(4, 200))
        noise = [np.sqrt(shared) * common + np.sqrt(1 - shared) * each for each in own]
        a, b = (r * y + np.sqrt(1 - r * r) * each for each in noise)
        between = [srcc(*two) for two in ((a, y), (b, y), (a, b))]
        approximate = paired_tests.meng_rosenthal_rubin(*between, 200).p
        found.append((paired_tests.compare_correlations(a, b, y).p < 0.05, approximate < 0.05))
    ours, liberal = np.mean(found, axis=0)
    assert 0.03 < ours < 0.065  # .05 within 1.7 standard errors above; slightly conservative at .95
    assert liberal > 0.065  # what this test replaces


def test_the_test_of_two_rank_correlations_at_its_limits():
    y = np.arange(30.0)
    noisy = y + np.random.default_rng(1).normal(0, 5, 30)
    assert paired_tests.compare_correlations(noisy, 2 * noisy + 1, y) == (0.0, 1.0)
    ahead = paired_tests.compare_correlations(noisy, np.zeros(30), y)
    assert ahead.z > 3
    assert paired_tests.compare_correlations(np.zeros(30), noisy, y).z == -ahead.z
    assert paired_tests.compare_correlations(y, noisy, y).z > 0  # a perfect order has no Fisher z
    assert paired_tests.compare_correlations(y, y, y).p == 1
    with pytest.raises(ParameterError, match="at least 4 videos"):
        paired_tests.compare_correlations([1, 2, 3], [2, 1, 3], [1, 2, 3])


def test_the_f_test_is_that_of_the_table():
    mos = np.zeros(34)
    a, b = np.tile([1.0, -1.0], 17), np.tile([2.0, -2.0], 17)
    found = paired_tests.compare_errors(a, b, mos)
    assert found.ratio == pytest.approx(4)
    assert found.p == pytest.approx(2 * (1 - scipy.stats.f.cdf(4, 30, 30)), abs=ROUNDING)
    assert paired_tests.compare_errors(a, a, mos).p == 1


def test_krasula_areas_agree_with_scikit_learn():
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(6)
    mos = random.uniform(1, 5, 40)
    predicted = mos + random.normal(0, 0.8, 40)
    found = paired_tests.krasula(predicted, mos, np.full(40, 0.8), np.full(40, 20))
    i, j = np.triu_indices(40, 1)
    different = np.abs(mos[i] - mos[j]) / np.sqrt(2 * 0.64 / 20) > scipy.stats.norm.ppf(0.975)
    gap = predicted[i] - predicted[j]
    assert found.different_similar == pytest.approx(roc_auc_score(different, np.abs(gap)), abs=ROUNDING)
    truth = (mos[i] > mos[j])[different]
    both = np.concatenate([truth, ~truth]), np.concatenate([gap[different], -gap[different]])
    assert found.better_worse == pytest.approx(roc_auc_score(*both), abs=ROUNDING)
    assert found.correct == pytest.approx(np.mean((gap[different] > 0) == truth))
    assert (found.different_pairs, found.similar_pairs) == (different.sum(), (~different).sum())


def test_a_perfect_model_distinguishes_every_pair():
    mos = np.linspace(1, 5, 20)
    found = paired_tests.krasula(mos, mos, np.full(20, 0.5), np.full(20, 30))
    assert (found.better_worse, found.correct) == (1, 1)


def test_conformal_intervals_have_the_stated_coverage():
    random = np.random.default_rng(8)
    covered = []
    for _ in range(400):
        width = conformal.half_width(np.zeros(50), random.standard_t(3, 50), 0.9)
        covered.append(conformal.coverage(np.zeros(50), random.standard_t(3, 50), width))
    # Exact coverage for n = 50 is ceil(51 * .9) / 51 = .902.
    assert np.mean(covered) == pytest.approx(46 / 51, abs=0.01)


def test_too_few_residuals_give_an_infinite_interval():
    assert conformal.half_width(np.zeros(5), np.ones(5), 0.9) == np.inf


def test_inlsa_gives_the_published_maps(shared):
    """Published (VIDEVAL, demo_eval_BVQA_feats_all_combined.py): distortion .0253 + .7132 d for LIVE-VQC and
    -.0993 + 1.1241 d for KoNViD-1k on YouTube-UGC's scale; so from LIVE-VQC to KoNViD-1k."""
    from scipy.io import loadmat

    data = {}
    for name, low, high in (("KONVID_1K", 1, 5), ("LIVE_VQC", 0, 100)):
        stored = loadmat(shared / "tables" / "videval" / f"{name}_NIQE_scores.mat")
        mos, niqe = stored["MOS"].ravel(), stored["y_pred"].ravel()
        spread = 3 * scipy.stats.median_abs_deviation(niqe, scale="normal")
        kept = np.abs(niqe - np.median(niqe)) <= spread  # as the original leaves outliers of NIQE out
        data[name] = ((high - np.clip(mos[kept], low, high)) / (high - low), niqe[kept])
    found = inlsa(data, "KONVID_1K")
    assert found["KONVID_1K"] == Affine(1, 0)
    assert found["LIVE_VQC"].gain == pytest.approx(0.7132 / 1.1241, abs=1e-4)
    assert found["LIVE_VQC"].offset == pytest.approx((0.0253 + 0.0993) / 1.1241, abs=1e-4)


def test_inlsa_recovers_a_known_scale():
    random = np.random.default_rng(9)
    measured = random.normal(size=(400, 3))
    quality = measured @ [1, 0.5, -0.3]
    data = {"a": (quality[:200], measured[:200]), "b": (20 * quality[200:] + 50, measured[200:])}
    found = inlsa(data, "a")["b"]
    assert found.gain == pytest.approx(1 / 20, rel=1e-6)
    assert found.offset == pytest.approx(-50 / 20, rel=1e-6)


def test_inlsa_refuses_measurements_that_fall_with_the_mos_of_one_set():
    x = np.linspace(0, 1, 50)
    with pytest.raises(ParameterError, match="do not rise"):
        inlsa({"a": (x, x), "b": (-x, x)}, "a")
