"""`compare --dataset`: the official splits of a dataset are its protocol unless another is asked for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.io
from commands import one_error
from commands import run_here as run_in

from vqa_features.datasets import catalogue, loading
from vqa_features.datasets.description import PublishedFile

RANDOM = np.random.default_rng(5)
#: LSVQ repeats names in folders.
LSVQ = [f"{folder}/{k}" for folder in ("yfcc-batch1", "ia-batch2") for k in range(60)]
LSVQ_PARTS = {"LSVQ_TRAIN": LSVQ[:80], "LSVQ_TEST": LSVQ[80:100], "LSVQ_TEST_1080P": LSVQ[100:]}
SCENES = ("City", "Traffic", "Talking", "Newspaper", "Television")
CVD2014 = [f"Test1/{scene}/Test01_{scene}_D{k:02}" for scene in SCENES for k in range(12)]
PERMUTATIONS = 12


def run_here(*arguments: object):
    """Run a command in this process, whose cache is that of the fixture."""
    return run_in(*arguments, cwd=Path.cwd())


def published(file: PublishedFile) -> PublishedFile:
    """Return the entry of the catalogue for the file as it now lies in the cache."""
    content = loading.path_of(file).read_bytes()
    return replace(file, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def labels_file(name: str, ids: list[str]) -> None:
    """Write labels of the published columns."""
    file = loading.folder() / "labels" / f"{name}_metadata.csv"
    file.parent.mkdir(exist_ok=True)
    table = pd.DataFrame(
        {"vid": ids, "mos": RANDOM.uniform(10, 90, len(ids)), "width": 640, "framerate": 25.0}
    )
    table.to_csv(file, index=False)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with small files of the published layout of LSVQ and CVD2014."""
    monkeypatch.setenv("VQA_FEATURES_DATASETS", str(tmp_path / "datasets"))
    monkeypatch.setenv("VQA_FEATURES_OFFLINE", "1")
    (tmp_path / "datasets" / "splits").mkdir(parents=True)
    for name, ids in {**LSVQ_PARTS, "CVD_2014": CVD2014}.items():
        labels_file(name, ids)
    info = {
        "scores": np.zeros(60),
        "ref_ids": np.arange(1.0, 61),
        "video_names": np.array([f"{name}.avi" for name in CVD2014], dtype=object),
        "index": np.array([RANDOM.permutation(60) + 1.0 for _ in range(PERMUTATIONS)]).T,
    }
    lsvq, cvd = catalogue.DATASETS["lsvq"], catalogue.DATASETS["cvd2014"]
    scipy.io.savemat(loading.path_of(cvd.index), info)
    parts = {name: published(file) for name, file in lsvq.parts.items()}
    made = replace(lsvq, labels=published(lsvq.labels), parts=parts)
    monkeypatch.setitem(catalogue.DATASETS, "lsvq", made)
    made = replace(cvd, labels=published(cvd.labels), index=published(cvd.index))
    monkeypatch.setitem(catalogue.DATASETS, "cvd2014", made)
    return tmp_path


def features(folder: Path, dataset: str) -> Path:
    """Write a feature table of all videos of a dataset."""
    mos = loading.load(dataset).labels.mos
    values = mos.to_numpy()[:, None] + RANDOM.normal(0, 10, (len(mos), 3))
    file = folder / f"{dataset}.csv"
    pd.DataFrame(values, pd.Index(mos.index, name="id"), ["x", "y", "z"]).to_csv(file)
    return file


def compared(folder: Path, dataset: str, *options: object) -> tuple[pd.DataFrame, dict, str]:
    """Run `compare`; return scores, settings and page."""
    out = folder / "out"
    table = features(folder, dataset)
    arguments = ("--dataset", dataset, "--features", f"{table}:t:deep", "-o", out)
    done = run_here("compare", "--regressors", "ridge,kernel-ridge", *arguments, *options)
    assert done.returncode == 0, done.stderr
    settings = json.loads((out / "settings.json").read_text())
    return pd.read_csv(out / "scores.csv"), settings, (out / "report.html").read_text()


def test_a_fixed_split_is_the_protocol_of_its_dataset(cache):
    scores, settings, page = compared(cache, "lsvq")
    assert set(scores["protocol"]) == {"official"}
    sizes = scores.groupby("part", sort=False)[["n_train", "n_test"]].first()
    assert sizes.to_dict("index") == {
        "lsvq-test": {"n_train": 80, "n_test": 20},
        "lsvq-1080p": {"n_train": 80, "n_test": 20},
    }
    assert settings["splits_from"] == "official splits of lsvq"
    assert (settings["protocol"], settings["splits"]) == ("official", 1)
    assert any("--protocol strict draws random ones" in text for text in settings["warnings"])
    for text in ("official: lsvq-test", "official: lsvq-1080p", "official splits of lsvq", "as\n  trained"):
        assert text in page
    significance = pd.read_csv(cache / "out" / "significance.csv")
    assert list(significance["part"]) == ["lsvq-test", "lsvq-1080p"]
    assert set(significance["test"]) == {"videos"}


def test_the_first_permutations_are_taken(cache):
    scores, settings, page = compared(cache, "cvd2014", "--splits", 3)
    official = loading.load("cvd2014").splits
    predictions = pd.read_csv(cache / "out" / "predictions.csv")
    tested = predictions.groupby("split")["id"].agg(set)
    assert list(tested) == [set(test) for _, test in official[:3]]
    assert set(scores["split"]) == {0, 1, 2}
    assert settings["splits"] == 3
    told = " ".join(settings["warnings"])
    assert f"the first 3 of {PERMUTATIONS} splits are used" in told
    assert "official: 3 of 3 splits have a group on both sides" in told
    assert "corrected\n  resampled t-test" in page


def test_all_permutations_are_the_default_up_to_a_hundred(cache):
    assert compared(cache, "cvd2014", "--regressors", "ridge")[1]["splits"] == PERMUTATIONS


@pytest.mark.parametrize("name", ["random", "strict"])
def test_random_splits_are_drawn_if_asked_for(cache, name):
    scores, settings, _ = compared(cache, "cvd2014", "--protocol", name, "--splits", 2)
    assert (settings["protocol"], settings["splits_from"], settings["splits"]) == ("strict", "drawn", 2)
    tested = pd.read_csv(cache / "out" / "predictions.csv")
    scenes = tested["id"].map(lambda name: name.split("_")[1])
    assert set(scores["part"]) == {"test"}
    assert set(scenes.groupby(tested["split"]).nunique()) == {1}  # scenes stay whole


@pytest.mark.parametrize(
    ("dataset", "options", "reason"),
    [
        ("lsvq", ["--splits", 5], "official splits of lsvq: 5 splits were asked for, and there is 1"),
        ("cvd2014", ["--splits", 13], "13 splits were asked for, and there are 12"),
        ("lsvq", ["--scheme", "kfold"], "--scheme is for random splits"),
        ("cvd2014", ["--test-size", 0.3], "--test-size is for random splits"),
    ],
)
def test_what_does_not_fit_official_splits_is_refused(cache, dataset, options, reason):
    table = features(cache, dataset)
    done = run_here(
        *("compare", "--dataset", dataset, "--features", table, "--regressors", "ridge"),
        *(*options, "-o", cache / "out"),
    )
    assert done.returncode == 2
    assert reason in done.stderr


def test_official_splits_whose_file_is_missing_are_not_replaced_in_silence(cache):
    table = features(cache, "cvd2014")
    loading.path_of(catalogue.DATASETS["cvd2014"].index).unlink()
    arguments = ("--dataset", "cvd2014", "--features", table, "--regressors", "ridge", "-o", cache / "out")
    text = one_error(run_here("compare", *arguments))
    assert "put CVD2014info.mat at" in text
    assert "--protocol strict" in text
    assert run_here("compare", *arguments, "--protocol", "strict", "--splits", 2).returncode == 0


def split_file(folder: Path) -> Path:
    """Write a split of CVD2014 with validation videos and two test parts."""
    cells = ["train"] * 20 + ["val"] * 10 + ["test"] * 15 + ["test2"] * 15
    file = folder / "s.csv"
    pd.DataFrame({"id": CVD2014, "s": cells}).to_csv(file, index=False)
    return file


def test_a_split_file_replaces_the_official_splits(cache):
    file = split_file(cache)
    scores, settings, _ = compared(cache, "cvd2014", "--split-file", file, "--protocol", "official")
    assert scores.groupby("part")["n_test"].first().to_dict() == {"test": 15, "test2": 15}
    assert set(scores["n_train"]) == {30}
    assert settings["splits_from"] == str(file)
    assert any("10 validation video(s) are joined" in text for text in settings["warnings"])


def test_random_splits_and_a_split_file_contradict_each_other(cache):
    table = features(cache, "cvd2014")
    arguments = ("--dataset", "cvd2014", "--features", table, "-o", cache / "out")
    done = run_here("compare", *arguments, "--split-file", split_file(cache), "--protocol", "random")
    assert "leave out --split-file" in done.stderr
    table = ("--features", table, "--mos", loading.folder() / "labels" / "CVD_2014_metadata.csv")
    done = run_here("compare", *table, "--protocol", "official", "-o", cache / "out")
    assert "--protocol official needs --dataset NAME or --split-file FILE" in done.stderr
