"""Tasks on a Dask cluster: the results of local processes, whatever workers are lost."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import run
from split_work import fails, kills, spans, times, waits

import vqa_features as vf
from vqa_features.cluster.connection import connected
from vqa_features.comparison.cross import Dataset, cross
from vqa_features.errors import ParameterError, VqaError
from vqa_features.evaluation import on_cluster
from vqa_features.evaluation.on_cluster import ClusterWorkers, chosen_workers
from vqa_features.evaluation.parallel import Processes

pytest.importorskip("distributed", reason="the extra cluster is not installed")

from clusters import scheduler
from distributed import Client

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
SCENES = 20


@pytest.fixture(scope="module")
def client():
    with connected("local", workers=2) as found:
        yield found


@pytest.fixture
def workers(client):
    return ClusterWorkers(client)


def made_up(seed: int = 0) -> tuple[dict[str, tuple[pd.DataFrame, str]], pd.Series, dict[str, str]]:
    random = np.random.default_rng(seed)
    ids = [f"v{number:02d}" for number in range(3 * SCENES)]
    mos = pd.Series(random.uniform(1, 5, len(ids)), ids, name="mos")

    def table(noise: float) -> pd.DataFrame:
        names = ["brisque.a.mean", "brisque.b.mean", "siti.si.mean"]
        return pd.DataFrame(mos.to_numpy()[:, None] + random.normal(0, noise, (len(ids), 3)), ids, names)

    groups = {name: str(number % SCENES) for number, name in enumerate(ids)}
    return {"good": (table(1), "handcrafted"), "poor": (table(2), "deep")}, mos, groups


def test_results_are_those_of_processes_in_the_order_of_the_tasks(workers):
    told: list[tuple[int, int]] = []
    found = workers.results(times, 3, range(30), lambda *done: told.append(done))
    assert found == Processes(2).results(times, 3, range(30)) == [3 * task for task in range(30)]
    assert told == [(done, 30) for done in range(1, 31)]


def test_an_error_of_a_task_is_raised_as_it_is(workers):
    with pytest.raises(LookupError, match="told"):
        workers.results(fails, "told", range(8))


def test_splits_give_the_tables_of_a_local_run(client):
    tables, mos, groups = made_up()
    chosen = {"splits": 5, "regressors": ["ridge"], "bootstrap": 50}
    here = vf.compare(tables, mos, groups, **chosen)
    there = vf.compare(tables, mos, groups, **chosen, cluster=client)
    exact = ["split", "table", "id", "mos", "predicted"]
    pd.testing.assert_frame_equal(here.predictions[exact], there.predictions[exact], check_exact=True)
    for name, table in there.tables().items():
        # MINPACK fits the logistic maps: two local runs differ where the predictions do not determine one.
        before = here.tables()[name].drop(columns="seconds", errors="ignore")
        after = table.drop(columns="seconds", errors="ignore")
        pd.testing.assert_frame_equal(before, after, rtol=1e-6, obj=name)
    assert set(here.settings) == set(there.settings)


def test_cross_gives_the_rows_of_a_local_run(client):
    datasets = {}
    for seed, name in enumerate("ab"):
        tables, mos, _ = made_up(seed)
        new = f"{name}{{}}".format
        renamed = {key: (frame.rename(new), family) for key, (frame, family) in tables.items()}
        datasets[name] = Dataset(renamed, mos.rename(new))
    here = cross(datasets, regressors=["ridge"])
    pd.testing.assert_frame_equal(
        cross(datasets, regressors=["ridge"], cluster=client), here, check_exact=True
    )


def test_the_command_does_not_record_the_cluster(client, tmp_path):
    tables, mos, _ = made_up()
    mos.rename_axis("id").to_csv(tmp_path / "mos.csv")
    tables["good"][0].rename_axis("id").to_csv(tmp_path / "good.csv")
    words = ("--splits", "3", "--regressors", "ridge", "--no-stills", "--bootstrap", "20", "-o", "out")
    address = client.scheduler.address
    done = run(
        *("compare", "--features", "good.csv", "--mos", "mos.csv", *words, "--cluster", address), cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    settings = (tmp_path / "out" / "settings.json").read_text()
    assert "--splits 3" in settings
    assert "cluster" not in settings
    assert address not in settings


def test_a_task_whose_worker_is_lost_runs_again_at_most_twice(workers, tmp_path):
    (tmp_path / "twice").mkdir()
    assert workers.results(kills, (str(tmp_path / "twice"), 2), range(6)) == list(range(6))
    (tmp_path / "always").mkdir()
    with pytest.raises(VqaError, match=r"task 3 of 6 lost its worker 3 times: workers crashed"):
        workers.results(kills, (str(tmp_path / "always"), 9), range(6))
    # the program hears of the third loss when the scheduler has begun the task once more
    assert len(list((tmp_path / "always").iterdir())) in (3, 4)


def test_memory_is_asked_of_the_smallest_worker_before_the_work(client, workers):
    client.wait_for_workers(2, timeout=30)  # a test before ends workers, which are started again
    workers.check_memory(["svr-rbf", "ridge"], 6000, 60, 100)
    with pytest.raises(ParameterError, match=r"svr-rbf on 10000000 .* worker tcp://127.* with more memory"):
        workers.check_memory(["svr-rbf"], 10**7, 60, 100)


def test_a_worker_of_several_threads_runs_one_task_at_a_time():
    with Client(processes=False, n_workers=1, threads_per_worker=3, dashboard_address=None) as client:
        found = ClusterWorkers(client).results(spans, 0.05, range(4))
    ordered = sorted(found)
    assert all(end <= start for (_, end), (start, _) in pairwise(ordered))


def test_a_scheduler_that_is_gone_or_has_no_workers_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(on_cluster, "ABSENCE_S", 0.5)
    with scheduler(tmp_path) as started:
        started.worker()
        with connected(started.address) as client:
            workers = ClusterWorkers(client)
            assert workers.results(times, 2, range(3)) == [0, 2, 4]
            _once_begun(tmp_path, started.workers[0].kill)
            with pytest.raises(VqaError, match=r"no workers for 0.5 s"):
                workers.results(waits, str(tmp_path), range(2))
            (tmp_path / "begun").unlink()
            started.worker()
            _once_begun(tmp_path, started.process.kill)
            with pytest.raises(VqaError, match=f"scheduler {started.address} is gone"):
                workers.results(waits, str(tmp_path), range(2))


def test_what_is_no_cluster_is_refused():
    with pytest.raises(ParameterError, match="got 'somewhere'"), chosen_workers(1, "somewhere"):
        pass


def _once_begun(folder: Path, action) -> None:
    """Do something once a task has said that it is begun."""

    def wait() -> None:
        while not (folder / "begun").exists():
            time.sleep(0.02)
        action()

    threading.Thread(target=wait, daemon=True).start()
