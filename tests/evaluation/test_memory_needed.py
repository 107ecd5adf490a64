"""Memory of kernel methods and ridge: estimated before the work, refused where it is not there, bounded."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from vqa_features.errors import ParameterError
from vqa_features.evaluation import kernel_solvers, memory
from vqa_features.evaluation.kernel_solvers import KernelFold, squared_distances
from vqa_features.evaluation.many_rows import check_needed, needed_bytes
from vqa_features.evaluation.model_search import fit_predict
from vqa_features.evaluation.splits import Split


def test_memory_that_is_not_there_is_refused_in_one_sentence_before_the_work(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 2**32)
    check_needed(["svr-rbf", "ridge", "mean"], 28_013, 60)
    with pytest.raises(ParameterError, match=r"svr-rbf on 28013 .* in 2 processes needs about 5.9 GiB.* 4.0"):
        check_needed(["svr-rbf"], 28_013, 60, 2)
    with pytest.raises(ParameterError, match=r"kernel-ridge on 28013 .*fewer rows"):
        check_needed(["kernel-ridge"], 28_013, 60)
    with pytest.raises(ParameterError, match=r"svr-rbf on 6000 .* needs about 5.4 GiB"):
        check_needed(["svr-rbf"], 6_000, 40_000)
    check_needed(["kernel-ridge"], 5_000, 60, 100)
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    check_needed(["kernel-ridge"], 10**6, 60)


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [("svr-rbf", 2000, 20), ("svr-rbf", 300, 3000), ("kernel-ridge", 1200, 800)],
)
def test_the_memory_needed_is_estimated_within_30_percent(name, rows, columns, few):
    random = np.random.default_rng(0)
    X = random.random((rows + 100, columns))
    split = Split(np.arange(rows), np.arange(rows, rows + 100))
    y = X[:, 0] + X[:, 1] + random.normal(0, 0.3, len(X))
    fit_predict(name, X[:150], y[:150], Split(np.arange(120), np.arange(120, 150)))  # imports, compiles
    tracemalloc.start()
    fit_predict(name, X, y, split)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert needed_bytes(name, rows, columns) == pytest.approx(peak, rel=0.3)


@pytest.mark.parametrize("limit", ["max\n", "1000000\n"])
def test_available_memory_counts_the_limit_of_a_container(limit, tmp_path, monkeypatch):
    (tmp_path / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    5000 kB\n")
    (tmp_path / "memory.max").write_text(limit)
    (tmp_path / "memory.current").write_text("700000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 50000\n")
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    assert memory.available_memory() == (350_000 if limit.startswith("1") else 5000 * 1024)
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "absent")
    monkeypatch.setattr(memory, "_CGROUP", tmp_path / "absent")
    assert memory.available_memory() is None


def test_a_fold_keeps_few_kernels_and_the_same_ones(monkeypatch):
    Z = np.random.default_rng(0).random((60, 3))
    distances = squared_distances(Z, Z)
    gammas = [2.0**power for power in range(-8, 2)]
    roomy = KernelFold(distances, distances[:20], Z[:, 0], 0.1)
    expected = {gamma: roomy.kernels(gamma)[0].copy() for gamma in gammas}
    monkeypatch.setattr(kernel_solvers, "KEPT_BYTES", 3 * (distances.nbytes + distances[:20].nbytes))
    tight = KernelFold(distances, distances[:20], Z[:, 0], 0.1)
    for gamma in [*gammas, *reversed(gammas)]:
        np.testing.assert_array_equal(tight.kernels(gamma)[0], expected[gamma])
        assert len(tight._kernels) <= 3
    assert len(roomy._kernels) == 10


def test_the_kernels_of_a_search_are_bounded(monkeypatch):
    """At 1200 rows all gammas of three folds would be 280 MB."""
    monkeypatch.setattr(kernel_solvers, "KEPT_BYTES", 2**23)
    X = np.random.default_rng(5).normal(size=(1300, 6))
    y = X[:, 0] + X[:, 1] ** 2
    tracemalloc.start()
    fit_predict("svr-rbf", X, y, Split(np.arange(1200), np.arange(1200, 1300)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 110e6


def test_ridge_holds_about_twice_its_table():
    rows, columns = 40_000, 32
    random = np.random.default_rng(0)
    X = random.normal(size=(rows, columns))
    y = X[:, 0] + random.normal(size=rows)
    split = Split(np.arange(30_000), np.arange(30_000, rows))
    fit_predict("ridge", X[:500], y[:500], Split(np.arange(400), np.arange(400, 500)))  # imports
    tracemalloc.start()
    fit_predict("ridge", X, y, split)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.1 * X.nbytes
