"""`cross` on the command line: names, columns, ids, scales, joint training, files and page."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import one_error, run_here

from vqa_features.datasets import catalogue, loading

COLUMNS = ["x", "y", "z", "u", "v"]


def write(folder: Path, name: str, seed: int, *, gain: float = 1.0, direction: float = 1.0) -> None:
    """Write features, MOS with columns of unusual names, and measurements of one dataset."""
    random = np.random.default_rng(seed)
    quality = random.uniform(1, 5, 60)
    ids = [f"{name}{k:02d}" for k in range(60)]
    values = quality[:, None] + random.normal(0, 1.5, (60, 5))
    pd.DataFrame(values, pd.Index(ids, name="id"), COLUMNS).to_csv(folder / f"{name}.csv")
    mos = pd.DataFrame({"opinion": gain * direction * quality + (6 if direction < 0 else 0)})
    mos.insert(0, "clip", ids)
    mos["place"] = [f"scene{k // 6}" for k in range(60)]
    mos["other"] = random.permutation(60)
    mos.to_csv(folder / f"{name}_mos.csv", index=False)
    pd.DataFrame({"id": ids, "niqe": -quality + random.normal(0, 0.2, 60)}).to_csv(
        folder / f"{name}_niqe.csv", index=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cross")
    write(place, "a", 1)
    write(place, "b", 2, gain=20)
    write(place, "c", 3)
    write(place, "d", 4, direction=-1)
    return place


def given(*names: str) -> list[str]:
    """Return the options of datasets."""
    datasets = [f"{name}={name}.csv:t:deep,{name}_mos.csv" for name in names]
    columns = ["--id", "clip", "--mos-column", "opinion", "--regressors", "ridge", "--group", "place"]
    return [*(word for one in datasets for word in ("--dataset", one)), *columns]


def crossed(folder: Path, *arguments: object) -> tuple[pd.DataFrame, dict, str, str, str]:
    """Run `cross`; return rows, settings, page, stdout and stderr."""
    done = run_here("cross", *arguments, "-o", "out", cwd=folder)
    assert done.returncode == 0, done.stderr
    out = folder / "out"
    settings = json.loads((out / "settings.json").read_text("utf-8"))
    page = (out / "report.html").read_text("utf-8")
    return pd.read_csv(out / "cross.csv"), settings, page, done.stdout, done.stderr


def test_columns_of_all_datasets_and_of_one(folder):
    rows, settings, _, _, _ = crossed(folder, *given("a", "b"))
    assert set(rows["n_test"]) == {60}
    assert [one["groups"] for one in settings["datasets"].values()] == [10, 10]
    other, made, _, _, _ = crossed(folder, *given("a", "b"), "--mos-column", "b=other")
    assert made["datasets"]["b"]["highest"] == 59
    equal = rows[rows["test"] == "a"].set_index("train")["srcc"]["a"]
    assert other[other["test"] == "a"].set_index("train")["srcc"]["a"] == equal
    done = run_here("cross", *given("a", "b"), "--id", "c=clip", "-o", "out", cwd=folder)
    assert done.returncode == 2
    assert "no column 'c=clip'" in done.stderr


def test_scales_are_aligned_by_a_file_of_each_dataset(folder):
    measures = [f"--measure={name}={name}_niqe.csv:niqe" for name in "abc"]
    options = [*given("a", "b", "c"), *measures, "--align", "inlsa", "--reference", "a"]
    rows, settings, page, text, _ = crossed(folder, *options, "--joint", "leave-one-out")
    assert settings["datasets"]["b"]["gain"] == pytest.approx(1 / 20, rel=0.15)
    assert (settings["align"], settings["reference"]) == ("inlsa", "a")
    assert set(rows.loc[rows["kind"] == "joint", "train"]) == {"a+b", "a+c", "b+c"}
    assert rows.loc[rows["kind"] != "within", "rmse"].notna().all()
    assert "t, ridge: RMSE on one scale, trained on the row" in text
    assert "b+c" in text
    assert "gain × MOS + offset" in page
    assert "RMSE on one scale" in page
    for path, digest in settings["files"].items():
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == digest
    assert {"a.csv", "a_mos.csv", "a_niqe.csv"} <= set(settings["files"])


def test_a_column_of_the_tables_is_a_measurement(folder):
    rows, settings, _, _, _ = crossed(folder, *given("a", "b"), "--measure", "x", "--align", "inlsa")
    assert settings["reference"] == "a"
    assert rows["rmse"].notna().all()
    done = run_here("cross", *given("a", "b"), "--measure", "q", "--align", "inlsa", "-o", "out", cwd=folder)
    assert "column to measure a by 'q'" in one_error(done)


def test_without_an_alignment_no_error_is_compared(folder):
    _, _, page, text, _ = crossed(folder, *given("a", "b"))
    assert "RMSE on one scale" not in text + page
    assert "RMSE, test map" in page


def test_named_training_sets_and_ranks(folder):
    rows, settings, page, _, _ = crossed(
        folder, *given("a", "b", "c"), "--align", "rank", "--joint", "a+b", "--joint", "c+b"
    )
    joint = rows[rows["kind"] == "joint"]
    assert dict(zip(joint["train"], joint["test"], strict=True)) == {"a+b": "c", "b+c": "a"}
    assert settings["joint"] == ["a+b", "b+c"]
    assert "a+<wbr>b" in page


def test_scores_of_opposite_direction_are_on_stderr_in_the_settings_and_on_the_page(folder):
    _, settings, page, _, told = crossed(folder, *given("a", "d"))
    sentence = "models trained on a rank the videos of d in the opposite order"
    assert f"warning: {sentence}" in told
    assert any(text.startswith(sentence) for text in settings["warnings"])
    assert sentence in page


def test_videos_that_two_datasets_share_are_on_the_page(folder):
    options = [*given("a", "c"), "--dataset", "b=a.csv:t:deep,a_mos.csv"]
    _, _, page, _, told = crossed(folder, *options)
    assert "warning: a and b share 60 video(s) by their features" in told
    assert "a and b share 60 video(s) by their features" in page


def test_columns_that_are_the_mos_are_refused_and_can_be_trusted(folder):
    for name in "ac":
        frame = pd.read_csv(folder / f"{name}.csv")
        mos = pd.read_csv(folder / f"{name}_mos.csv")["opinion"]
        frame.assign(oracle=mos).to_csv(folder / f"{name}_leak.csv", index=False)
    options = [text.replace(".csv:t", "_leak.csv:t") for text in given("a", "c")]
    done = run_here("cross", *options, "-o", "out", cwd=folder)
    assert "a: t: the column 'oracle' is the MOS" in one_error(done)
    rows, settings, _, _, told = crossed(folder, *options, "--trust", "oracle")
    assert rows["srcc"].min() > 0.95
    assert settings["trusted"] == ["oracle"]
    assert "plausible" not in told


def test_tables_without_ids_get_those_of_another_file(folder):
    frame = pd.read_csv(folder / "a.csv").sample(frac=1, random_state=0)
    np.savez(folder / "turned.npz", feats_mat=frame[COLUMNS].to_numpy())
    frame[["id"]].to_csv(folder / "order.csv", index=False)
    plain = pd.read_csv(folder / "c.csv")
    np.savez(folder / "plain.npz", feats_mat=plain[COLUMNS].to_numpy())
    options = [
        *("--dataset", "a=turned.npz:t:deep,a_mos.csv", "--dataset", "c=plain.npz:t:deep,c_mos.csv"),
        *("--id", "clip", "--mos-column", "opinion", "--group", "place", "--regressors", "ridge"),
    ]
    rows, _, _, _, told = crossed(folder, *options, "--ids", "a/t=order.csv:id")
    assert "c: t has no ids" in told
    assert "--ids c/t=CSV:COLUMN" in told
    expected, _, _, _, _ = crossed(folder, *given("a", "c"))
    assert np.allclose(rows["srcc"], expected["srcc"], atol=1e-9)
    done = run_here("cross", *options, "--ids", "t=order.csv:id", "-o", "out", cwd=folder)
    assert "--ids is DATASET/TABLE=CSV:COL" in one_error(done)


def test_rows_as_json_and_nothing_else_when_quiet(folder):
    rows, _, _, text, told = crossed(folder, *given("a", "b"), "--json", "--quiet")
    found = json.loads(text)
    assert told == ""
    assert [one["srcc"] for one in found] == pytest.approx(rows["srcc"])
    assert [one["rmse"] for one in found if one["kind"] == "across"] == [None, None]


def test_progress_and_fusion(folder):
    options = given("a", "b")
    for name in "ab":
        frame = pd.read_csv(folder / f"{name}.csv", index_col="id")
        (frame + np.random.default_rng(0).normal(size=frame.shape)).to_csv(folder / f"{name}_2.csv")
    more = [f"--dataset={name}={name}_2.csv:second:handcrafted,{name}_mos.csv" for name in "ab"]
    rows, _, page, _, told = crossed(folder, *options, *more, "--fusion", "--duplicates", "warn")
    assert list(rows["table"].unique()) == ["t", "second", "fusion", "late-fusion"]
    assert "cross: 4/4" in told
    assert "late-fusion" in page
    rows, _, _, _, _ = crossed(folder, *options, *more, "--tables", "second")
    assert list(rows["table"].unique()) == ["second"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--dataset", "a=a.csv,a_mos.csv", "--dataset", "a=a.csv:u,b_mos.csv"], "is given two MOS files"),
        (["--dataset", "=a.csv,a_mos.csv"], "--dataset is NAME=FEATURES,MOS"),
        (["--dataset", "a="], "--dataset is NAME=FEATURES,MOS"),
        (["--dataset", "a=,a_mos.csv"], "--dataset is NAME=FEATURES,MOS"),
        (["--dataset", "nowhere"], "dataset 'nowhere'"),
        (["--dataset", "konvid=a.csv"], "did you mean 'konvid-1k'"),
        (["--dataset", "lbvd=a.csv"], "LBVD_subjectivedata.xlsx"),
    ],
)
def test_a_mistaken_dataset_is_one_sentence(folder, arguments, told):
    others = ["--dataset", "c=c.csv,c_mos.csv"]
    done = run_here("cross", *arguments, *others, "-o", "out", cwd=folder)
    assert told in one_error(done)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--joint", "leave-one-out", "--joint", "a+b"], "stands alone"),
        (["--joint", "a+x"], "dataset 'x'"),
        (["--joint", "a"], "at least two datasets and leaves one"),
        (["--joint", "a+b"], "are not on one scale"),
        (["--reference", "a"], "needs measurements of every dataset"),
        (["--measure", "x", "--measure", "y"], "one column of the tables"),
        (["--measure", "q=a_niqe.csv"], "dataset in --measure 'q'"),
        (["--measure", "a=a_mos.csv", "--align", "inlsa"], "write --measure a=FILE:COLUMN"),
        (["--tables", "t,u"], "table of a 'u'"),
        (["--ids", "q/t=order.csv:id"], "dataset in --ids 'q'"),
        (["--search", "all"], "is not one of"),
        (["--regressors", "rigde"], "did you mean 'ridge'"),
    ],
)
def test_a_mistaken_option_is_one_sentence(folder, arguments, told):
    done = run_here("cross", *given("a", "b", "c"), *arguments, "-o", "out", cwd=folder)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_published_labels_and_tables(tmp_path, monkeypatch):
    monkeypatch.setenv("VQA_FEATURES_DATASETS", str(tmp_path / "published"))
    monkeypatch.setenv("VQA_FEATURES_OFFLINE", "1")
    labels = catalogue.DATASETS["live-yt-gaming"].labels
    path = loading.path_of(labels)
    path.parent.mkdir(parents=True)
    random, quality = np.random.default_rng(0), np.random.default_rng(1).uniform(1, 99, 60)
    ids = [f"Game{k // 6}-{k % 6:03}" for k in range(60)]
    text = "vid,mos\n" + "".join(f"{name},{mos}\n" for name, mos in zip(ids, quality, strict=True))
    path.write_text(text)
    made = replace(labels, size=len(text), sha256=hashlib.sha256(text.encode()).hexdigest())
    entry = replace(catalogue.DATASETS["live-yt-gaming"], labels=made)
    monkeypatch.setitem(catalogue.DATASETS, "live-yt-gaming", entry)
    values = quality[:, None] / 25 + random.normal(0, 1.5, (60, 5))
    pd.DataFrame(values, pd.Index(ids, name="id"), COLUMNS).to_csv(tmp_path / "gaming.csv")
    write(tmp_path, "a", 1)
    options = ["--dataset", "live-yt-gaming=gaming.csv:t:deep", "--dataset", "a=a.csv:t:deep,a_mos.csv"]
    columns = ["--id", "clip", "--mos-column", "opinion", "--regressors", "ridge"]
    _, settings, _, _, _ = crossed(tmp_path, *options, *columns)
    assert settings["datasets"]["live-yt-gaming"]["groups"] == 10
    done = run_here("cross", *options, *columns, "--id", "live-yt-gaming=vid", "-o", "out", cwd=tmp_path)
    assert "labels of live-yt-gaming are the published ones" in done.stderr
    done = run_here("cross", "--dataset", "live-yt-gaming", *options[2:], *columns, "-o", "o", cwd=tmp_path)
    assert "live-yt-gaming has no published tables" in done.stderr
