"""`compare --settings`: a run repeated exactly, and settings from a stranger."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from commands import one_error, run_here
from made_up_videos import made_up

FILES = ("--features", "good.csv:a:handcrafted", "--features", "poor.csv:b", "--mos", "mos.csv")
OPTIONS = ("--splits", "3", "--seed", "7", "--group", "scene", "--regressors", "ridge,svr-linear,mean")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with tables, a grid and the results ``out`` of a run on them."""
    folder = tmp_path_factory.mktemp("ran")
    tables, mos = made_up()
    for name, (table, _) in tables.items():
        table.rename_axis("id").to_csv(folder / f"{name}.csv")
    labels = mos.to_frame().assign(scene=[f"s{row // 4}" for row in range(60)])
    labels.rename_axis("id").to_csv(folder / "mos.csv")
    (folder / "grid.toml").write_text("[svr-linear]\nC = [0.01, 0.1]\n")
    done = run_here("compare", *FILES, *OPTIONS, "--grid", "grid.toml", "-o", "out", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(ran: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder that a test may change."""
    return Path(shutil.copytree(ran, tmp_path / "copy"))


def repeat(folder: Path, *options: str, files: tuple[str, ...] = (*FILES, "--grid", "grid.toml")):
    return run_here("compare", "--settings", "out", *files, *options, "-o", "again", cwd=folder)


def results(folder: Path) -> dict[str, pd.DataFrame]:
    names = ("scores", "summary", "significance", "predictions", "splits")
    return {
        name: pd.read_csv(folder / f"{name}.csv").drop(columns="seconds", errors="ignore") for name in names
    }


def test_a_run_is_repeated_exactly_from_files_of_other_names(folder: Path) -> None:
    for name, moved in (("good", "g"), ("poor", "p"), ("mos", "m")):
        (folder / f"{name}.csv").rename(folder / f"{moved}.csv")
    moved = ("--features", "p.csv", "--mos", "m.csv", "--features", "g.csv", "--grid", "grid.toml")
    done = repeat(folder, "--jobs", "2", files=moved)
    assert "note: splits, scores and predictions are those of the run" in done.stderr
    for (name, before), after in zip(
        results(folder / "out").items(), results(folder / "again").values(), strict=True
    ):
        pd.testing.assert_frame_equal(before, after, rtol=1e-6, atol=1e-6, obj=name)


def test_splits_are_written_as_a_split_file(folder: Path) -> None:
    splits = pd.read_csv(folder / "out" / "splits.csv", index_col="id")
    assert list(splits.columns) == ["strict-0", "strict-1", "strict-2"]
    tested = results(folder / "out")["predictions"]
    for number, column in enumerate(splits):
        assert set(splits.index[splits[column] == "test"]) == set(tested.loc[tested["split"] == number, "id"])
        assert set(splits[column]) == {"train", "test"}
    again = run_here(
        "compare",
        *FILES,
        "--split-file",
        "out/splits.csv",
        "--regressors",
        "ridge",
        "-o",
        "again",
        cwd=folder,
    )
    assert again.returncode == 0, again.stderr
    before = results(folder / "out")["scores"].query("regressor == 'ridge'")["srcc"]
    assert list(results(folder / "again")["scores"]["srcc"]) == pytest.approx(list(before))


@pytest.mark.parametrize("name", ["good.csv", "poor.csv", "mos.csv", "grid.toml"])
def test_a_changed_input_is_refused_by_name(folder: Path, name: str) -> None:
    with (folder / name).open("a") as file:
        file.write("\n")
    told = one_error(repeat(folder))
    assert f"{name} has changed since the run" in told


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ((), "name the file of the run again, --features with 'good.csv'"),
        (FILES[:2], "--features with 'poor.csv'"),
        (FILES[:4], "--mos with 'mos.csv'"),
        (FILES, "--grid with 'grid.toml'"),
        ((*FILES, "--features", "mos.csv:c", "--grid", "grid.toml"), "--features mos.csv: the run"),
        (
            (*FILES, "--grid", "grid.toml", "--split-file", "out/splits.csv"),
            "--split-file out/splits.csv: the run",
        ),
    ],
)
def test_every_file_of_the_run_is_named_again_and_no_other(
    folder: Path, files: tuple[str, ...], told: str
) -> None:
    done = repeat(folder, files=files)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (folder / "again").exists()


@pytest.mark.parametrize(
    ("option", "name", "value", "was"),
    [
        (("--seed", "0"), "seed", 0, "--seed (was 7)"),  # the default, given
        (("--seed", "8"), "seed", 8, "--seed (was 7)"),
        (("--splits", "2"), "splits", 2, "--splits (was 3)"),
        (("--margin", "0.02"), "margin", 0.02, "--margin (was 0.01)"),
    ],
)
def test_an_option_of_the_command_line_wins(
    folder: Path, option: tuple[str, str], name: str, value: object, was: str
) -> None:
    done = repeat(folder, *option)
    assert done.returncode == 0, done.stderr
    assert f"note: not the run of out again: the command line changes {was}" in done.stderr
    options = json.loads((folder / "again" / "settings.json").read_text())["command"]["options"]
    before = json.loads((folder / "out" / "settings.json").read_text())["command"]["options"]
    assert options == {**before, name: value}


def test_an_option_equal_to_the_recorded_one_is_the_same_run(folder: Path) -> None:
    done = repeat(folder, "--seed", "7")
    assert done.returncode == 0
    assert "note: splits, scores and predictions are those of the run" in done.stderr


def change(folder: Path, edit: Callable[[dict], object]) -> str:
    """Return what a repetition from changed settings says."""
    file = folder / "out" / "settings.json"
    settings = json.loads(file.read_text())
    edit(settings)
    file.write_text(json.dumps(settings))
    done = repeat(folder)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "again").exists()
    return done.stderr


OPTION_FAULTS = {
    "a text for a number": ("seed", "7"),
    "a number for a text": ("group_column", 3),
    "a fraction for a whole number": ("splits", 2.5),
    "true for a number": ("splits", True),
    "a number for a flag": ("fusion", 1),
    "below the range": ("splits", 0),
    "above the range": ("test_size", 1.5),
    "an unknown choice": ("protocol", "loose"),
    "null for a number": ("seed", None),
    "a list": ("scheme", ["holdout"]),
    "an object": ("regressors", {"a": 1}),
    "a long text": ("group_column", "x" * 20_000),
    "an unknown data set": ("dataset", "../../etc"),
}


@pytest.mark.parametrize("fault", OPTION_FAULTS)
def test_an_option_of_another_type_or_range_is_refused(folder: Path, fault: str) -> None:
    name, value = OPTION_FAULTS[fault]
    told = change(folder, lambda settings: settings["command"]["options"].update({name: value}))
    assert "settings.json cannot be repeated" in told or "unknown dataset" in told


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: s["command"]["options"].pop("seed"),
        lambda s: s["command"]["options"].update(exec="rm"),
        lambda s: s["command"].update(options=[]),
        lambda s: s["command"].pop("files"),
        lambda s: s["command"]["files"].update(output=[]),
        lambda s: s["command"]["files"].update(specs="good.csv"),
        lambda s: s["command"]["files"]["specs"][0].update(sha256="0"),
        lambda s: s["command"]["files"]["specs"][0].update(path=3),
        lambda s: s["command"]["files"]["specs"][0].update(extra="x"),
        lambda s: s["command"]["files"]["specs"].append(None),
    ],
)
def test_fields_that_are_not_declared_are_refused(folder: Path, edit: Callable[[dict], object]) -> None:
    assert "settings.json cannot be repeated" in change(folder, edit)


def test_settings_choose_no_file(folder: Path) -> None:
    secret = folder / "secret.csv"
    secret.write_bytes((folder / "good.csv").read_bytes() + b"\n")
    entry = {"path": "secret.csv", "sha256": sha256(secret.read_bytes()).hexdigest()}
    told = change(folder, lambda settings: settings["command"]["files"]["specs"][0].update(entry))
    assert "name the file of the run again, --features with 'secret.csv'" in told


def test_code_is_named_again(folder: Path) -> None:
    (folder / "own_models.py").write_text("open('ran', 'w').close()\n")
    told = change(folder, lambda s: s["command"]["options"].update(regressors="own_models:Own,mean"))
    assert "names code, 'own_models:Own': if you trust it, repeat the option, --regressors" in told
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"seed": 1}', '{"command": 3}', '{"a": NaN}', "\xff"])
def test_a_file_that_is_no_settings_is_refused(folder: Path, text: str) -> None:
    (folder / "out" / "settings.json").write_text(text, encoding="latin-1")
    assert "settings.json" in one_error(repeat(folder))


def test_a_link_and_a_missing_folder_are_refused(folder: Path) -> None:
    file = folder / "out" / "settings.json"
    file.rename(folder / "other.json")
    assert "settings.json" in one_error(repeat(folder))
    file.symlink_to(folder / "other.json")
    assert "symbolic link" in one_error(repeat(folder))


def test_a_run_in_python_says_that_it_cannot_be_repeated(folder: Path) -> None:
    from vqa_features.comparison import compare

    tables, mos = made_up()
    compare(tables, mos, splits=2, regressors=["ridge"], bootstrap=10).save(folder / "out")
    assert "only a run of the command line can be repeated" in one_error(repeat(folder))


def test_results_that_differ_are_told_with_the_versions(folder: Path) -> None:
    file = folder / "out" / "settings.json"
    settings = json.loads(file.read_text())
    settings["results"]["scores"] = "0" * 64
    settings["versions"]["numpy"] = "1.0"
    file.write_text(json.dumps(settings))
    assert "to six digits" in repeat(folder).stderr  # the file of scores is compared number by number
    scores = pd.read_csv(folder / "out" / "scores.csv")
    scores.assign(srcc=scores["srcc"] + 1e-4).to_csv(folder / "out" / "scores.csv", index=False)
    done = repeat(folder)
    assert done.returncode == 0, done.stderr
    assert "warning: scores differ from those of the run that is repeated (numpy 1.0 then" in done.stderr
    warnings = json.loads((folder / "again" / "settings.json").read_text())["warnings"]
    assert any("scores differ" in text for text in warnings)


@pytest.mark.parametrize("option", ["--group", "--id", "--mos-column"])
def test_a_column_beside_a_data_set_is_refused(option: str, tmp_path: Path) -> None:
    told = one_error(
        run_here("compare", "--dataset", "konvid-1k", option, "scene", "-o", "out", cwd=tmp_path)
    )
    assert f"{option} names a column of the file of --mos" in told
