"""The recipes of the cookbook, and the examples on file formats and sampling, run as they are written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import run_here
from made_up_videos import made_up
from small_videos import encode

import vqa_features as vf
from vqa_features.video import Video

DOCS = Path(__file__).resolve().parent.parent / "docs"
#: A code block, and the package it needs where the comment above it names one.
BLOCK = re.compile(
    r"^(?:<!-- needs (?P<needs>\w+) -->\n)?```(?P<language>bash|python)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, scenes: list[Path]) -> Path:
    """What a reader has: clips, a longer video, tables and MOS of two datasets."""
    place = tmp_path_factory.mktemp("reader")
    (place / "clips").mkdir()
    for scene in scenes:
        (place / "clips" / scene.name).symlink_to(scene)
    write_film(place / "film.mp4", [scene for scene in scenes if scene.name.startswith("bikes")])
    ids = [scene.stem for scene in scenes]
    clips = pd.DataFrame({"path": [f"clips/{i}.mp4" for i in ids], "mos": np.linspace(1, 5, len(ids))})
    clips.assign(scene=[i.partition("_")[0] for i in ids]).to_csv(place / "clips.csv", index=False)
    write_dataset(place, "handcrafted.parquet", "deep.parquet", "mos.csv", seed=0)
    write_dataset(place, "other.parquet", "", "other.csv", seed=1)
    if find_spec("tokenizers") and find_spec("transformers"):
        from text_models import save_text_model

        save_text_model(place / "clip-model", "clip")
    return place


def write_film(path: Path, scenes: list[Path]) -> None:
    """Write a video of 150 frames at 25 frames per second, of several scenes."""
    planes = []
    for scene in scenes:
        with Video(scene) as video:
            for frame in video:
                luma = np.array(frame.view("luma"))
                planes.append(
                    [luma, *(np.full((luma.shape[0] // 2, luma.shape[1] // 2), 128, np.uint8),) * 2]
                )
    encode(path, planes[:150], rate=25, options={"preset": "ultrafast"})


def write_dataset(place: Path, handcrafted: str, deep: str, labels: str, seed: int) -> None:
    """Write made-up features with the names of real ones, and their MOS."""
    tables, mos = made_up(60, seed)
    names = ["siti.si.mean", "siti.ti.mean", *(f"brisque.mscn_f{i}.mean" for i in range(4))]
    vf.write_table(tables["good"][0].set_axis(names, axis=1), place / handcrafted)
    if deep:
        vf.write_table(tables["poor"][0].rename(columns=lambda name: f"net.{name}.mean"), place / deep)
    scenes = [f"scene{i // 4}" for i in range(len(mos))]
    mos.to_frame().assign(scene=scenes).to_csv(place / labels, index_label="id")


@pytest.fixture
def run_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Run every block of a page in order, in the reader's folder; return the folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MPLBACKEND", "Agg")

    def run(page: str) -> Path:
        names: dict[str, Any] = {}
        for block in BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")):
            if block["needs"] and find_spec(block["needs"]) is None:
                continue
            if block["language"] == "python":
                exec(compile(block["text"], page, "exec"), names)
                continue
            for line in block["text"].splitlines():
                program, *arguments = shlex.split(line, comments=True)
                assert program == "vqa-features"
                done = run_here(*arguments, cwd=folder)
                assert done.returncode == 0, (line, done.stderr)
        return folder

    return run


def test_recipes_of_extraction(run_page: Callable[[str], Path]) -> None:
    folder = run_page("cookbook-extract.md")
    assert (folder / "features.csv.settings.json").is_file()
    rows = pd.read_parquet(folder / "rows.parquet")
    assert {"id", "time_s"} <= {*rows.columns, *rows.index.names}
    assert "niqe.score.highest0_5s" in pd.read_csv(folder / "pools.csv").columns
    assert pd.read_csv(folder / "part.csv")["brisque.score.mean"].notna().all()
    more = vf.read_table(folder / "more.parquet")
    assert (more["status"] == "ok").all()
    assert len(more) == 8
    assert {"timeline.png", "features.png", "own.npz"} <= {path.name for path in folder.iterdir()}
    if (folder / "clip-model").is_dir():
        (prompts,) = (c for c in vf.read_table(folder / "prompts.parquet") if "good-photo_bad-photo" in c)
        assert prompts == "hf:clip-model[prompts=clip-iqa].good-photo_bad-photo.mean"


@pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
def test_recipes_of_comparison(run_page: Callable[[str], Path]) -> None:
    """The columns that the page names for a paper's numbers are in the results."""
    folder = run_page("cookbook-compare.md") / "joined"
    page = (DOCS / "cookbook-compare.md").read_text(encoding="utf-8")
    table = page.partition("## Where each number")[2].partition("##")[0]
    told = re.findall(r"`(\w+)\.csv`: (.*) \|$", table, re.MULTILINE)
    assert len(told) >= 6
    for file, named in told:
        columns = set(pd.read_csv(folder / f"{file}.csv", nrows=1).columns)
        assert set(re.findall(r"`(\w+)`", named)) <= columns, file


@pytest.mark.parametrize("page", ["file-formats.md", "sampling.md", "run-log.md"])
def test_examples_of_other_pages(page: str, run_page: Callable[[str], Path]) -> None:
    run_page(page)
