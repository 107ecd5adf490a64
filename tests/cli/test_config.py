"""Options from ``vqa-features.toml``: what wins, what is said and recorded, what a stranger's may not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
import pytest
from commands import one_error, run_here
from made_up_videos import made_up

from vqa_features.cli import cli
from vqa_features.cli._config import ALLOWED, NAME, read_configuration, use
from vqa_features.cli._request import Request
from vqa_features.tables.reading import read_table

SECTION = (
    '[extract]\nextractors = ["siti", "colour"]\npool = ["mean", "p10"]\nframes = 3\nluma = "rgb2gray"\n'
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VQA_FEATURES_CONFIG", raising=False)
    return tmp_path


def asked(*words: str, config: str | None = None) -> Request:
    """What a command line of `extract` asks for, with the configuration of the current folder."""
    context = click.Context(cli)
    context.invoked_subcommand = "extract"
    use(context, config)
    command = cli.get_command(context, "extract")
    assert command is not None
    return Request.of(command.make_context("extract", [*words, "-o", "o.csv"], parent=context))


def test_the_command_line_wins_over_the_file_and_the_file_over_defaults(folder: Path) -> None:
    Path(NAME).write_text(SECTION)
    found = asked("v")
    assert (found.extractors, found.pool, found.luma) == ("siti,colour", "mean,p10", "rgb2gray")
    assert found.sampling.frames == 3
    found = asked("v", "-e", "niqe", "--pool", "mean", "--luma", "y", "--every", "2")
    assert (found.extractors, found.pool, found.luma) == ("niqe", "mean", "y")
    assert (found.sampling.frames, found.sampling.every) == (None, 2)


def test_a_table_of_settings_wins_over_the_file(folder: Path, scenes: list[Path]) -> None:
    words = ("extract", scenes[0], "-e", "siti", "--frames", "2", "-o", "t.csv")
    assert run_here(*words, cwd=folder).returncode == 0
    Path(NAME).write_text(SECTION)
    found = asked("v", "--settings", "t.csv", "--luma", "y")
    assert (found.extractors, found.pool, found.luma, found.sampling.frames) == ("siti", "mean", "y", 2)


def test_which_file_was_used_is_said_and_recorded(folder: Path, scenes: list[Path]) -> None:
    Path(NAME).write_text(SECTION + "csv-safe = true\n")
    done = run_here("extract", scenes[0], "-o", "o.csv", "--quiet", "--no-csv-safe", cwd=folder)
    assert done.returncode == 0, done.stderr
    said = f"note: {NAME} sets extractors, pool, frames, luma, csv-safe, where neither the command line nor"
    assert done.stderr.startswith(said)
    settings = read_table("o.csv").attrs["settings"]
    assert settings["config"]["file"] == NAME
    assert settings["config"]["options"] == {
        **{"extractors": ["siti", "colour"], "pool": "mean,p10", "frames": 3, "luma": "rgb2gray"}
    }
    assert "csv_safe" not in settings
    assert settings["pool"] == ["mean", "p10"]
    words = ("--settings", "o.csv", "-o", "p.csv", "--no-config", "--quiet")
    again = run_here("extract", scenes[0], *words, cwd=folder)
    assert again.stderr == ""
    assert read_table("p.csv").attrs["settings"]["pool"] == ["mean", "p10"]


def test_the_file_is_named_by_the_option_or_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(NAME).write_text('[list]\nfamily = "deep"\n')
    Path("other.toml").write_text('[list]\nfamily = "handcrafted"\njson = true\n')

    def listed(*words: str) -> str:
        done = run_here("list", "r*", *words, cwd=folder)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "rapique" not in listed()
    assert json.loads(listed("--config", "other.toml"))[0]["name"] == "rapique-nss"
    assert {row["family"] for row in json.loads(listed("--config=other.toml"))} == {"handcrafted"}
    assert "rapique-nss" in listed("--config", "other.toml", "--no-json")
    assert "r3d-18" in listed("--no-config")
    assert "rapique-nss" in listed("--no-config")
    monkeypatch.setenv("VQA_FEATURES_CONFIG", "other.toml")
    assert json.loads(listed())[0]["name"] == "rapique-nss"
    assert "rapique" not in listed("--config", NAME)
    monkeypatch.setenv("VQA_FEATURES_CONFIG", "")
    assert "rapique-nss" in listed()
    done = run_here("list", "--config", "no.toml", cwd=folder)
    assert one_error(done) == "error: no.toml cannot be read as a configuration: No such file or directory"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[extract", "cannot be read as a configuration"),
        ("[extract]\npool = 'a'\npool = 'b'", "cannot be read as a configuration"),
        ("\xff", "cannot be read as a configuration"),
        ("x = " + "[" * 5000, "cannot be read as a configuration"),
        ("#" * 70_000, "more than 65536 bytes"),
        ("jobs = 2", "'jobs' stands in no section of a command: write it below one, as [demo]"),
        ("[extrakt]\njobs = 2", "unknown section in vqa-features.toml 'extrakt'; did you mean 'extract'?"),
        (
            "[extract]\njob = 2",
            "unknown option in [extract] of vqa-features.toml 'job'; did you mean 'jobs'?",
        ),
        ("[weights]\njson = true", "'json' stands in no section of a command: write it below one, as [wei"),
        ("[weights.lost]\njson = true", "unknown section in vqa-features.toml 'lost'; did you mean 'list'?"),
        ("[extract]\njobs = 'two'", "[extract] 'jobs' has another type: 'two'; it takes a whole number"),
        ("[extract]\njobs = 2.5", "has another type: 2.5; it takes a whole number"),
        ("[extract]\njobs = true", "has another type: True; it takes a whole number"),
        ("[extract]\njobs = 0", "'jobs' is 0: a configuration takes 1 to"),
        ("[extract]\nluma = 'rgb'", "'luma': 'rgb' is not one of 'y', 'rgb2gray'"),
        ("[extract]\ncsv-safe = 'yes'", "has another type: 'yes'; it takes true or false"),
        ("[extract]\npool = [1]", "has another type: [1]; it takes a text"),
        ("[extract]\nfps = '5'", "has another type: '5'; it takes a number"),
        ("[extract]\nevery = 'third'", "'every': must be a whole number from 1, or second"),
        ("[extract.pool]\na = 1", "has another type"),
        ("[extract]\n'a\\u001bb' = 1", "'a"),
    ],
)
def test_a_bad_file_is_one_sentence(folder: Path, text: str, told: str) -> None:
    Path(NAME).write_bytes(text.encode("latin-1"))
    for words in (("doctor",), ("extract", "v.mp4", "-e", "siti", "-o", "o.csv")):
        error = one_error(run_here(*words, cwd=folder))
        assert told in error
        assert NAME in error
        assert len(error) < 600
        assert "\x1b" not in error
    assert os.listdir() == [NAME]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[extract]\noutput = 'x.csv'", "'output' may not stand in a configuration, since it names what is"),
        ("[extract]\nstore = 'x'", "give --store on the command line"),
        ("[extract]\nper-frame = 'x.csv'", "give --per-frame"),
        ("[extract]\nsettings = 'x'", "give --settings"),
        ("[compare]\nfeatures = ['/etc/passwd']", "give --features"),
        ("[compare]\nmos = '/etc/passwd'", "give --mos"),
        ("[compare]\ndataset = 'konvid-1k'", "since it may fetch files from the network"),
        ("[compare]\ngrid = 'x.toml'", "give --grid"),
        ("[compare]\nduplicates = 'warn'", "since it switches off a check"),
        ("[compare]\ntrust = ['f']", "since it switches off a check"),
        ("[predict]\nmodel = 'x.skops'", "give --model"),
        ("[extract]\nremote = true", "since it opens the network"),
        ("[extract]\ncluster = 'local'", "since it names machines"),
        ("[extract]\nshard = '1/2'", "since it leaves out videos"),
        ("[extract]\nquiet = true", "since it switches off messages"),
        ("[extract]\nallow_random_weights = true", "since it switches off a check"),
        ("[demo]\nclips = '/'", "give --clips"),
        ("[compare]\nregressors = 'os:system'", "[compare] 'regressors' names code, 'os:system'"),
        ("[train]\nregressor = 'evil.module:Run'", "names code, 'evil.module:Run'"),
        ("[extract]\nextractors = 'siti,niqe[model=/tmp/m.mat]'", "names the file '/tmp/m.mat'"),
        ("[extract]\nextractors = ['all', '-niqe', 'niqe[model=../m]']", "names the file '../m'"),
        ("[extract]\njobs = 4000", "a configuration takes 1 to"),
        ("[list]\nhelp = true", "unknown option in [list]"),
    ],
)
def test_a_stranger_s_file_names_no_file_no_code_and_no_network(folder: Path, text: str, told: str) -> None:
    Path(NAME).write_text(text)
    (folder / "evil").mkdir()
    (folder / "evil" / "__init__.py").write_text("")
    (folder / "evil" / "module.py").write_text("open('ran', 'w').close()\n")
    assert told in one_error(run_here("list", cwd=folder))
    assert sorted(os.listdir()) == ["evil", NAME]


def test_a_link_or_a_pipe_in_its_place_is_not_read(folder: Path) -> None:
    Path("secret").write_text("password = 1\n")
    os.symlink("secret", NAME)
    error = one_error(run_here("list", cwd=folder))
    assert error == f"error: {NAME} is a symbolic link and is not read: name its file with --config"
    os.unlink(NAME)
    os.mkfifo(NAME)
    assert "it is a pipe or a device" in one_error(run_here("list", cwd=folder))
    assert run_here("list", "--no-config", cwd=folder).returncode == 0


def options(group: click.Group) -> list[click.Option]:
    found: list[click.Option] = []
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            found += options(command)
        elif command is not None:
            found += [one for one in command.params if isinstance(one, click.Option)]
    return found


def test_no_allowed_option_names_a_file_and_every_allowed_one_exists() -> None:
    known = options(cli)
    assert {str(one.name) for one in known} >= ALLOWED
    words = ("file", "folder", "table to write", "checkpoint")
    for one in known:
        text = f"{one.metavar or ''} {one.help or ''}".lower()
        if one.name in ALLOWED - {"excel", "raw", "splits", "validation", "error_by"} and not one.is_flag:
            assert not any(word in text for word in words), (one.name, text)


def test_every_allowed_flag_can_be_unset(folder: Path) -> None:
    flags = [one for one in options(cli) if one.is_flag and one.name in ALLOWED]
    assert len(flags) > 10
    assert all(one.secondary_opts == [f"--no-{max(one.opts, key=len)[2:]}"] for one in flags)


def test_results_of_compare_record_it(folder: Path) -> None:
    tables, mos = made_up()
    tables["good"][0].rename_axis("id").to_csv("a.csv")
    mos.to_frame().rename_axis("id").to_csv("mos.csv")
    text = "[compare]\nregressors = ['ridge', 'mean']\nsplits = 2\nbootstrap = 10\nfusion = false\n"
    Path(NAME).write_text(text)
    words = ("--features", "a.csv", "--mos", "mos.csv", "--splits", "3", "-o", "o")
    done = run_here("compare", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    settings = json.loads(Path("o/settings.json").read_text())
    assert settings["config"]["options"] == {"regressors": "ridge,mean", "bootstrap": 10, "fusion": False}
    assert settings["command"]["options"]["splits"] == 3
    assert settings["command"]["options"]["regressors"] == "ridge,mean"


def test_the_example_of_the_page_is_a_configuration(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
    file = tmp_path / "example.toml"
    file.write_text(page.partition("```toml\n")[2].partition("```")[0])
    assert {"extract", "compare"} <= set(read_configuration(str(file), cli).options)
