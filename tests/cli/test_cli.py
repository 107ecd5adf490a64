"""Words in, exit codes out: what every command prints, writes and returns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import one_error, run, run_here
from small_videos import moving

import vqa_features as vf
from vqa_features.tables.reading import read_table


def test_list_prints_every_extractor_once() -> None:
    listed = json.loads(run("list", "--json").stdout)
    assert [row["name"] for row in listed] == list(
        vf.list_extractors().sort_values(["family", "group"], kind="stable").index
    ) or {row["name"] for row in listed} == set(vf.list_extractors().index)
    text = run("list", "--family", "deep").stdout
    assert "r3d-18" in text
    assert "brisque" not in text
    assert run("list", "bris").stdout.splitlines()[1].startswith("brisque")


@pytest.mark.parametrize("words", [("xyz",), ("BRISK",), ("brisque", "--family", "deep"), ("zz*", "--json")])
def test_a_pattern_without_a_match_is_told(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run_here("list", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.strip() == ("[]" if "--json" in words else "")
    assert f"or group {words[0]!r}" in done.stderr
    assert "vqa-features list shows all" in done.stderr
    assert ("did you mean 'brisque'?" in done.stderr) == (words[0] == "BRISK")


def test_a_group_of_the_command_line_is_extracted(scenes: list[Path], tmp_path: Path) -> None:
    words = (
        "extract",
        scenes[0],
        "-e",
        "colour,nss,-exposure",
        "-e",
        "siti,-nss",
        "-o",
        "o.csv",
        "--frames",
        2,
    )
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert read_table(tmp_path / "o.csv").attrs["settings"]["extractors"] == ["colorfulness", "siti"]
    assert ("left out of nss: il-niqe (no weights here" in done.stderr) == (
        vf.list_extractors().loc["il-niqe", "weights"] == "missing"
    )


def test_describe_names_parameters_features_and_references() -> None:
    text = run("describe", "brisque").stdout
    for needed in ("parameters", "features (37)", "references", "Mittal", "lower is better"):
        assert needed in text


def test_extract_writes_a_row_per_video_and_says_what_failed(scenes: list[Path], tmp_path: Path) -> None:
    text, silent, out = tmp_path / "text.mp4", tmp_path / "missing.mp4", tmp_path / "o.parquet"
    text.write_text("hello, I am not a video\n" * 100)
    done = run("extract", scenes[0], text, silent, "-e", "brisque,siti", "-o", out, "--frames", 3)
    assert done.returncode == 1
    assert done.stdout == ""
    table = read_table(out)
    assert list(table["status"]) == ["ok", "failed(not a video)", "failed(missing)"]
    assert str(text) in done.stderr
    assert str(silent) in done.stderr
    expected = vf.extract(scenes[0], "brisque,siti", frames=3)
    np.testing.assert_array_equal(table.loc[scenes[0].stem, expected.index].astype(float), expected)


@pytest.mark.parametrize("suffix", [".csv", ".npz", ".mat", ".parquet"])
def test_every_format_gives_the_same_features_back(scenes: list[Path], tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"o{suffix}"
    assert run("extract", *scenes[:2], "-e", "siti", "-o", out, "--frames", 2).returncode == 0
    table = read_table(out)
    expected = vf.extract_many(scenes[:2], "siti", sampling=vf.Sampling(frames=2))
    names = ["siti.si.mean", "siti.ti.mean"]
    pd.testing.assert_frame_equal(
        table[names].astype(float), expected[names], check_names=False, check_index_type=False
    )
    assert table.attrs["settings"]["extractors"] == ["siti"]


def test_settings_of_a_table_replay_it(scenes: list[Path], tmp_path: Path) -> None:
    first, again = tmp_path / "a.parquet", tmp_path / "b.parquet"
    sampling = ["--every", 9, "--offset", 4, "--duration", 1]
    assert (
        run("extract", scenes[0], "-e", "siti", "-o", first, *sampling, "--pool", "p10,std").returncode == 0
    )
    assert "name at least one video" in run("extract", "--settings", first, "-o", again).stderr
    assert run("extract", scenes[0], "--settings", first, "-o", again).returncode == 0
    drop = ["seconds.decode", "seconds.siti"]
    pd.testing.assert_frame_equal(read_table(first).drop(columns=drop), read_table(again).drop(columns=drop))


def test_per_frame_rows_are_written_too(scenes: list[Path], tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    done = run(
        "extract", scenes[0], "-e", "siti", "-o", tmp_path / "o.csv", "--frames", 5, "--per-frame", rows
    )
    assert done.returncode == 0
    written = pd.read_csv(rows)
    assert list(written["id"]) == [scenes[0].stem] * 5
    assert written["siti.si"].notna().all()


def test_dry_run_without_calibration_decodes_and_writes_nothing(scenes: list[Path], tmp_path: Path) -> None:
    words = ("extract", *scenes, tmp_path / "no.mp4", "-e", "brisque", "-o", "o.csv", "--dry-run")
    done = run_here(*words, "--calibrate", "0", cwd=tmp_path)
    assert done.stderr == ""
    plan = json.loads(done.stdout)
    assert plan["videos"] == 9
    assert len(plan["missing"]) == 1
    assert plan["estimate"] is None
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.needs("torch")
def test_random_weights_need_to_be_allowed_and_say_so(scenes: list[Path], tmp_path: Path) -> None:
    ask = ["extract", scenes[0], "-e", "r3d-18[clips=1]", "-o", tmp_path / "o.csv"]
    env = {**os.environ, "VQA_FEATURES_CACHE": str(tmp_path / "empty")}
    command = [sys.executable, "-m", "vqa_features", *map(str, ask)]
    refused = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert "weights fetch r3d-18" in one_error(refused)
    command.append("--allow-random-weights")
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0
    assert "random" in done.stderr
    assert "r3d-18@random[clips=1].e000.mean" in (tmp_path / "o.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["extract", "x.mp4", "-e", "brisqe", "-o", "o.csv"], "did you mean 'brisque'?"),
        (["extract", "x.mp4", "-e", "brisque[scale=1]", "-o", "o.csv"], "did you mean 'scales'?"),
        (["extract", "x.mp4", "-e", "brisque", "-o", "o.txt"], ".parquet"),
        (["extract", "x.mp4", "-e", "brisque", "-o", "o.csv", "--every", "2", "--fps", "3"], "fps"),
        (["extract", "x.mp4", "-e", "brisque,brisque", "-o", "o.csv"], "twice"),
        (["extract", "x.yuv", "-e", "brisque", "-o", "o.csv", "--raw", "big"], "WxH:PIX_FMT:FPS"),
        (["extract", "-e", "brisque", "-o", "o.csv"], "name at least one video"),
        (["extract", "no_such_folder_*", "-e", "brisque", "-o", "o.csv"], "holds no video"),
        (["describe", "niqee"], "did you mean 'niqe'?"),
        (["lisst"], "did you mean 'list'?"),
        (["compare", "--features", "no.parquet", "--mos", "no.csv", "-o", "out"], "no.csv"),
        (["weights", "fetch", "r3d-81"], "did you mean 'r3d-18'?"),
    ],
)
def test_wrong_usage_gets_one_sentence(arguments: list[str], needed: str, tmp_path: Path) -> None:
    assert needed in one_error(run(*arguments, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_compare_names_ids_that_do_not_match(tmp_path: Path) -> None:
    features = pd.DataFrame({"f": np.arange(20.0)}, index=pd.Index([f"v{i}" for i in range(20)], name="id"))
    features.to_csv(tmp_path / "f.csv")
    other = pd.DataFrame({"id": [f"w{i}" for i in range(20)], "mos": np.arange(20.0)})
    other.to_csv(tmp_path / "mos.csv", index=False)
    done = run(
        "compare", "--features", tmp_path / "f.csv", "--mos", tmp_path / "mos.csv", "-o", tmp_path / "o"
    )
    assert "v0" in one_error(done)


def test_compare_writes_every_table_and_the_report(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    ids = pd.Index([f"v{i:02d}.mp4" for i in range(60)], name="id")
    quality = rng.normal(size=60)
    for name, noise in (("good", 0.3), ("poor", 3.0)):
        values = quality[:, None] + noise * rng.normal(size=(60, 4))
        pd.DataFrame(values, index=ids, columns=[f"f{i}" for i in range(4)]).to_csv(tmp_path / f"{name}.csv")
    pd.DataFrame({"id": [f"v{i:02d}" for i in range(60)], "mos": quality + 0.2 * rng.normal(size=60)}).to_csv(
        tmp_path / "mos.csv", index=False
    )
    done = run(
        "compare",
        *("--features", f"{tmp_path / 'good.csv'}:good:deep"),
        *("--features", f"{tmp_path / 'poor.csv'}:poor:handcrafted"),
        *("--mos", tmp_path / "mos.csv", "--splits", 5, "--regressors", "ridge,mean", "-o", tmp_path / "out"),
    )
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[1].split()
    assert first[:3] == ["strict", "good", "ridge"]
    scores = pd.read_csv(tmp_path / "out" / "scores.csv")
    needed = (
        "protocol split table family regressor srcc krcc plcc_raw plcc plcc_test_mapped rmse seconds".split()
    )
    assert set(needed) <= set(scores.columns)
    assert len(scores) == 5 * 2 * 2
    for name in ("summary.csv", "significance.csv", "predictions.csv", "settings.json", "report.html"):
        assert (tmp_path / "out" / name).stat().st_size > 0


def test_module_and_script_are_the_same_command() -> None:
    with (Path(__file__).parents[2] / "pyproject.toml").open("rb") as handle:
        assert tomllib.load(handle)["build-system"]
    assert run("--version").stdout.strip() == f"vqa-features, version {vf.__version__}"


def test_published_dataset_is_compared_by_name(shared: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "vqa_features", "compare", "--dataset", "konvid-1k"),
            *(
                "--protocol",
                "literature",
                "--splits",
                "3",
                "--regressors",
                "ridge",
                "-o",
                str(tmp_path / "o"),
            ),
        ],
        env={**os.environ, "VQA_FEATURES_DATASETS": str(shared / "tables")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "videval" in done.stdout
    assert run("datasets", "list").stdout.count("konvid-1k") == 1


def test_cross_trains_on_the_row_and_tests_on_the_column(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    for name in ("a", "b"):
        quality = rng.normal(size=40)
        ids = pd.Index([f"{name}{i}" for i in range(40)], name="id")
        values = quality[:, None] + 0.3 * rng.normal(size=(40, 3))
        pd.DataFrame(values, index=ids, columns=["x", "y", "z"]).to_csv(tmp_path / f"{name}.csv")
        pd.DataFrame({"mos": quality}, index=ids).to_csv(tmp_path / f"{name}_mos.csv")
    given = [f"{n}={tmp_path / n}.csv:t:deep,{tmp_path / n}_mos.csv" for n in ("a", "b")]
    done = run(
        *("cross", "--dataset", given[0], "--dataset", given[1], "--regressors", "ridge"),
        *("-o", tmp_path / "out"),
    )
    assert done.returncode == 0, done.stderr
    matrix = pd.read_csv(tmp_path / "out" / "cross.csv").set_index(["train", "test"])["srcc"]
    assert len(matrix) == 4
    assert (matrix > 0.8).all()


def test_extract_says_which_columns_have_no_value(tmp_path: Path) -> None:
    small = moving(tmp_path / "small.mp4", 4)
    done = run("extract", small, "-e", "niqe,siti", "-o", tmp_path / "o.csv")
    assert done.returncode == 0
    assert "niqe: no value in some columns of 1 video(s); the column warnings has the reasons" in done.stderr
    assert "siti: no value" not in done.stderr
    assert "needs 96 pixels" in pd.read_csv(tmp_path / "o.csv")["warnings"][0]
