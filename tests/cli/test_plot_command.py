"""`plot`: every kind of figure from real videos and tables, and what is refused."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from commands import one_error, run_here
from noisy_clips import made_up, make_clips

import vqa_features as vf

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
START = {".png": b"\x89PNG\r\n", ".svg": b"<?xml", ".pdf": b"%PDF-"}
MODEL = ("--model", "m.skops")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a real clip, made clips with a model of them, and a table."""
    place = tmp_path_factory.mktemp("plotted")
    shutil.copy(str(files("vqa_features.resources") / "demo/bikes_square.mp4"), place / "bikes.mp4")
    mos = make_clips(place / "clips")
    table = vf.extract_many([place / "clips"], ["brisque"], pool=["mean"])
    vf.QualityModel("ridge", repetitions=1).fit(table, mos).save(place / "m.skops")
    vf.write_table(made_up(30)[0].assign(group=["a", "b"] * 15), place / "table.parquet")
    return place


@pytest.mark.parametrize(
    ("arguments", "suffix"),
    [
        (["trace", "bikes.mp4", "-f", "siti.ti,brisque.score", "-f", "flow.order", "--fps", "5"], ".png"),
        (
            ["trace", "bikes.mp4", "-f", "siti", "--stills", "0", "--start", "0.2", "--duration", "0.2"],
            ".svg",
        ),
        (["distribution", "table.parquet", "-c", "f1,f2", "-c", "f[34]", "--by", "group"], ".pdf"),
        (["distribution", "clips", "-e", "siti", "--fps", "5", "--by", "status"], ".png"),
        (
            ["mscn", "bikes.mp4", "--time", "0.1", "--field", "d1", "--scale", "2", "--luma", "rgb2gray"],
            ".svg",
        ),
        (["flow", "bikes.mp4", "--time", "0.3", "--luma", "rgb2gray"], ".pdf"),
        (["quality", "bikes.mp4"], ".png"),
        (["explanation", "clips/clip09.mp4", *MODEL, "--by", "extractor", "--count", "3"], ".svg"),
        (["timeline", "clips/clip09.mp4", *MODEL, "--window", "0.1", "--stills", "2"], ".png"),
    ],
)
def test_every_kind_of_figure_is_written(folder: Path, arguments: list[str], suffix: str) -> None:
    file = folder / f"figure{suffix}"
    file.unlink(missing_ok=True)
    done = run_here("plot", *arguments, "-o", file.name, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert (f"figure in {file.name}" in done.stderr) is ("--quiet" not in arguments)
    assert file.read_bytes().startswith(START[suffix])


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["trase", "bikes.mp4"], "unknown kind of figure 'trase'; did you mean 'trace'?"),
        (["trace", "bikes.mp4", "-f", "siti.tj"], "unknown feature 'tj'; did you mean 'ti'?"),
        (["trace", "bikes.mp4", "-f", "brisqe.score"], "unknown extractor 'brisqe'; did you mean 'brisque'?"),
        (["distribution", "table.parquet", "-c", "g1"], "unknown column 'g1'; did you mean 'f1'?"),
        (["distribution", "table.parquet", "--by", "grup"], "unknown column 'grup'; did you mean 'group'?"),
        (["distribution", "table.parquet", "--fps", "2"], "--fps samples videos: name extractors with -e"),
        (["mscn", "bikes.mp4", "--field", "x"], "unknown field 'x'"),
        (["flow", "bikes.mp4", "--time", "70"], "has no frame from 70 s on"),
        (["flow", "no.mp4"], "No such file or directory"),
        (["quality", "clips/clip00.mp4"], "two textured blocks of 96x96 pixels"),
        (["explanation", "bikes.mp4", "--model", "no.skops"], "there is no model at no.skops"),
        (["timeline", "clips", *MODEL], "not a regular file"),
    ],
)
def test_what_cannot_be_drawn_is_refused(folder: Path, arguments: list[str], match: str) -> None:
    told = run_here("plot", *arguments, "-o", "refused.png", cwd=folder)
    assert match in one_error(told, code=told.returncode)
    assert told.returncode in (2, 3)
    assert not (folder / "refused.png").exists()


@pytest.mark.parametrize(
    ("output", "match"),
    [
        ("figure.jpg", "must end in .png, .svg, .pdf"),
        ("figure", "must end in .png, .svg, .pdf"),
        ("clips.png/a.png", "clips.png"),
    ],
)
def test_a_figure_of_another_name_is_refused_before_the_work(folder: Path, output: str, match: str) -> None:
    (folder / "clips.png").write_bytes(b"a file")
    assert match in one_error(run_here("plot", "flow", "bikes.mp4", "-o", output, cwd=folder))


def test_the_help_lists_the_kinds_and_the_default_model(folder: Path) -> None:
    told = run_here("plot", "timeline", "--help", cwd=folder).stdout
    assert "default: videval-konvid-1k" in " ".join(told.split())
    done = run_here("plot", "--help", cwd=folder)
    assert done.returncode == 0
    for kind in "trace distribution mscn flow quality explanation timeline".split():
        assert f"  {kind} " in done.stdout
