"""``compare --pairs``: listed pairs of videos in the results, on the page and in a repeated run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import one_error, run_here

IDS = [f"v{k:02d}" for k in range(40)]
GIVEN = (
    "--features f.csv:f:handcrafted --mos mos.csv --splits 3 --regressors ridge,mean --bootstrap 5".split()
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(8)
    mos = np.linspace(1, 5, 40)
    pd.DataFrame({"id": IDS, "mos": mos}).to_csv(tmp_path / "mos.csv", index=False)
    feature = mos + random.normal(0, 0.5, 40)
    pd.DataFrame({"id": IDS, "siti.si.mean": feature}).to_csv(tmp_path / "f.csv", index=False)
    text = "".join(f"{better}.mp4;{worse}\n" for worse, better in zip(IDS[:20], IDS[20:], strict=True))
    (tmp_path / "pairs.csv").write_text(f"better;worse\n{text}{IDS[0]};elsewhere\n")
    return tmp_path


def test_pairs_are_a_table_a_section_and_repeated_from_the_settings(folder: Path) -> None:
    done = run_here("compare", *GIVEN, "--pairs", "pairs.csv", "-o", "out", cwd=folder)
    assert done.returncode == 0, done.stderr
    found = pd.read_csv(folder / "out" / "listed_pairs.csv")
    predictions = pd.read_csv(folder / "out" / "predictions.csv")
    mine = predictions[predictions["regressor"] == "ridge"].groupby("id")["predicted"].mean()
    pairs = [(b, w) for w, b in zip(IDS[:20], IDS[20:], strict=True) if {b, w} <= set(mine.index)]
    assert found[["protocol", "part", "table", "regressor"]].to_numpy().tolist() == [
        ["strict", "test", "f", "ridge"]
    ]
    assert found["pairs"].item() == len(pairs)
    assert found["accuracy"].item() == pytest.approx(np.mean([mine[b] > mine[w] for b, w in pairs]))
    assert f"{21 - len(pairs)} of 21 listed pairs hold a video that was not tested" in done.stderr
    assert "pairs.csv: read with a semicolon between cells" in done.stderr
    assert "Listed pairs in the right order" in (folder / "out" / "report.html").read_text("utf-8")

    files = ["--features", "f.csv:f:handcrafted", "--mos", "mos.csv"]
    again = run_here("compare", "--settings", "out", *files, "-o", "again", cwd=folder)
    assert "name the file of the run again, --pairs with 'pairs.csv'" in one_error(again)
    again = run_here(
        "compare", "--settings", "out", *files, "--pairs", "pairs.csv", "-o", "again", cwd=folder
    )
    assert again.returncode == 0, again.stderr
    assert (folder / "again" / "listed_pairs.csv").read_text() == (
        folder / "out" / "listed_pairs.csv"
    ).read_text()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("better,other\nv01,v02\n", "pairs.csv needs the columns better and worse, it lacks worse"),
        ("better,worse\nv01,\n", "pairs.csv: pair 1 lacks the id of a video"),
        ("better,worse\nv01,v02\nv03, v03\n", "pairs.csv: pair 2 holds one video twice: v03"),
        ("better,worse\nx,y\n", "pairs.csv: none of the 1 pairs has two tested videos: x, y"),
        ("better,worse\nv01\n", "line 2 of pairs.csv has 1 cell(s)"),
        ("better,worse\n", "a header but no rows"),
        ("", "pairs.csv"),
    ],
)
def test_a_mistaken_list_is_one_sentence_before_the_work(folder: Path, content: str, told: str) -> None:
    (folder / "pairs.csv").write_text(content)
    done = run_here("compare", *GIVEN, "--pairs", "pairs.csv", "-o", "out", cwd=folder)
    assert told in one_error(done)
    assert not (folder / "out").exists()


def test_pairs_that_no_split_tested_are_a_warning_and_the_results_are_kept(folder: Path) -> None:
    mos = pd.read_csv(folder / "mos.csv")
    splits = pd.DataFrame({"id": mos["id"], "s": ["train"] * 30 + ["test"] * 10})
    splits.to_csv(folder / "splits.csv", index=False)
    (folder / "pairs.csv").write_text("better,worse\nv05,v01\n")
    given = [*GIVEN[:4], "--regressors", "ridge,mean", "--bootstrap", "5", "--split-file", "splits.csv"]
    done = run_here("compare", *given, "--pairs", "pairs.csv", "-o", "out", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "listed_pairs: strict, test: the list of pairs: none of the 1 pairs has two tested" in done.stderr
    assert (folder / "out" / "summary.csv").is_file()
    assert not (folder / "out" / "listed_pairs.csv").exists()
