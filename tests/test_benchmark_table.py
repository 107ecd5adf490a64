"""The public table: a row that follows the template, cards that are refused, the page of saved results."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.table import text
from benchmarks.table.cards import ROWS, read_card, read_rows
from benchmarks.table.results import read_results
from vqa_features.errors import TableError, UnknownName

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "benchmarks" / "table" / "template"
SHARED = Path(os.environ.get("VQA_FEATURES_SHARED", ROOT.parent / "shared")) / "tables"
FILLED = {
    "title": "Three columns",
    "family": "handcrafted",
    "about": "three columns of a published table, of a test",
    "reference": "none",
    "made_with": "a test",
    "licence": "MIT",
}
needs_tables = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the published tables of shared/tables")


def filled(folder: Path, **changes: str) -> Path:
    """Copy the template and fill it in, as step 1 and 3 of the page say."""
    shutil.copytree(TEMPLATE, folder)
    card = (folder / "card.toml").read_text(encoding="utf-8")
    for key, value in (FILLED | changes).items():
        card, count = re.subn(rf'^{key} = "FILL.*"$', f'{key} = "{value}"', card, flags=re.MULTILINE)
        assert count == 1, key
    (folder / "card.toml").write_text(card, encoding="utf-8")
    return folder


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.table", *arguments]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)


@needs_tables
def test_a_row_that_follows_the_template_is_checked_and_in_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vqa_features.datasets.loading import load

    monkeypatch.setenv("VQA_FEATURES_DATASETS", str(SHARED))
    folder = filled(tmp_path / "rows" / "three-columns")
    published = load("live-vqc").tables["videval"][0].iloc[:, [2, 20, 40]]
    published.rename_axis("id").to_csv(folder / "live-vqc.csv")

    checked = run("check", str(folder), "--tables", str(SHARED))
    assert checked.returncode in (0, 1), checked.stderr
    assert "live-vqc: 585 videos" in checked.stdout

    given = [
        "--rows",
        str(folder.parent),
        "--datasets",
        "live-vqc",
        "--splits",
        "3",
        "--shortcut-splits",
        "0",
        "--no-costs",
    ]
    made = run("run", "--tables", str(SHARED), *given, "--jobs", "1", "-o", str(tmp_path / "out"))
    assert made.returncode == 0, made.stderr
    rows = read_results(tmp_path / "out" / "results").rows
    mine = rows[(rows["table"] == "three-columns") & (rows["regressor"] == "ridge")]
    assert set(mine["protocol"]) == {"strict", "literature"}
    assert (mine["columns"] == 3).all()
    assert (mine["srcc"] > 0.1).all()
    assert "Three columns" in (tmp_path / "out" / "benchmark.html").read_text(encoding="utf-8")


def test_the_template_is_refused_until_it_is_filled_in(tmp_path: Path) -> None:
    shutil.copytree(TEMPLATE, tmp_path / "mine")
    with pytest.raises(TableError, match="title must be a text that says what it is"):
        read_card(tmp_path / "mine")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('family = "handcrafted"', 'family = "classic"', "family must be one of handcrafted, deep"),
        ("learned_from = []", 'learned_from = "none"', "learned_from must be a list of names"),
        ("learned_from = []", "", "lacks learned_from"),
        ('live-vqc = "live-vqc.csv"', 'live-vqc = "../other.csv"', "no file beside the card"),
        ('live-vqc = "live-vqc.csv"', "", "features must name a file"),
        ("learned_from = []", 'learned_from = []\nbetter = "lower"', "better belongs to a score"),
    ],
)
def test_a_wrong_card_is_refused_in_one_sentence(tmp_path: Path, old: str, new: str, told: str) -> None:
    folder = filled(tmp_path / "mine")
    (folder / "live-vqc.csv").write_text("id,a\nA001.mp4,1\n", encoding="utf-8")
    card = folder / "card.toml"
    card.write_text(card.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=told):
        read_card(folder)


def test_an_unknown_dataset_or_key_is_named_with_the_closest(tmp_path: Path) -> None:
    folder = filled(tmp_path / "mine")
    card = folder / "card.toml"
    whole = card.read_text(encoding="utf-8")
    card.write_text(whole.replace("live-vqc = ", "live-vcq = "), encoding="utf-8")
    with pytest.raises(UnknownName, match="did you mean 'live-vqc'"):
        read_card(folder)
    card.write_text(whole.replace("licence = ", "license = "), encoding="utf-8")
    with pytest.raises(UnknownName, match="did you mean 'licence'"):
        read_card(folder)


@needs_tables
def test_a_row_without_most_videos_is_refused(tmp_path: Path) -> None:
    folder = filled(tmp_path / "mine")
    (folder / "live-vqc.csv").write_text("id,a\nA001.mp4,1\nA002.mp4,2\n", encoding="utf-8")
    found = run("check", str(folder), "--tables", str(SHARED))
    assert found.returncode == 2
    assert "lacks 583 of 585 videos of live-vqc" in found.stderr


def test_the_page_of_the_documentation_is_that_of_the_saved_results() -> None:
    page = text.PAGE.read_text(encoding="utf-8")
    assert text.filled(page, read_results(), read_rows(ROWS)) == page
