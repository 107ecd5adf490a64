"""A model of the hub is named with a branch, a tag, a commit or a pull request, and found without network."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hub_folders import edit, refused, vector

from vqa_features import weights
from vqa_features.errors import DownloadError, ParameterError, WeightsMissing
from vqa_features.extractors.deep._hub.folder import split_revision
from vqa_features.pooling import parse_column
from vqa_features.registry import make

pytest.importorskip("transformers")
pytestmark = pytest.mark.usefixtures("no_network")

COMMITS = {"main": "a" * 40, "v1.0": "b" * 40, "refs/pr/3": "c" * 40}


@pytest.fixture
def cache(saved_models, tmp_path, monkeypatch):
    """A cache of the hub's client with three revisions of a model, whose norms differ."""
    import huggingface_hub.constants as of_client

    home = tmp_path / "hub" / "models--someone--tiny"
    for k, (name, commit) in enumerate(COMMITS.items()):
        snapshot = shutil.copytree(saved_models / "dinov2", home / "snapshots" / commit)
        edit(snapshot / "config.json", layer_norm_eps=0.1 * (k + 1))
        (home / "refs" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "refs" / name).write_text(commit)
    monkeypatch.setattr(of_client, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)
    return home / "snapshots"


def test_every_kind_of_revision_is_found_in_the_cache(cache):
    for name, commit in COMMITS.items():
        want = vector(cache / commit)
        np.testing.assert_array_equal(vector(Path(f"someone/tiny@{name}")), want)
        np.testing.assert_array_equal(vector(Path(f"someone/tiny@{commit}")), want)
    np.testing.assert_array_equal(vector(Path("someone/tiny")), vector(cache / COMMITS["main"]))
    assert not np.array_equal(vector(Path("someone/tiny@v1.0")), vector(Path("someone/tiny")))


def test_label_and_identity_say_the_revision(cache):
    identities = []
    for name in ("", "@main", "@v1.0", "@refs/pr/3", "@" + "b" * 40):
        extractor = make(f"hf:someone/tiny{name}")
        assert extractor.label == f"hf:someone/tiny{name}"
        assert make(extractor.label) == extractor
        column = parse_column(f"{extractor.label}.e000.mean")
        assert (column.extractor, column.feature) == (extractor.label, "e000")
        assert extractor.identity()["parameters"]["model"] == f"someone/tiny{name}"
        identities.append(extractor.identity())
    assert identities[2]["files"] == identities[4]["files"] != identities[1]["files"]


def test_random_weights_are_asked_for_after_the_revision(cache):
    extractor = make("hf:someone/tiny@v1.0@random[fps=2]")
    assert (extractor.model, extractor.weights, extractor.fps) == ("someone/tiny@v1.0", "random", 2.0)
    assert extractor.label == "hf:someone/tiny@v1.0@random[fps=2.0]"
    assert make(extractor.label) == extractor
    assert (make("hf:someone/tiny@random").model, make("hf:someone/tiny@random").weights) == (
        "someone/tiny",
        "random",
    )
    branch = make("hf:someone/tiny@random-init")
    assert (branch.model, branch.weights) == ("someone/tiny@random-init", None)
    assert parse_column("hf:a/b@random-init.e000.mean").extractor == "hf:a/b@random-init"
    with pytest.raises(ParameterError, match="weights='random'"):
        type(branch)(model="someone/tiny@random")


def test_a_folder_with_the_sign_in_its_name_is_a_folder(cache, saved_models, tmp_path):
    for name in ("tiny@2024", "tiny@", "someone@home/tiny", "a@b c"):
        shutil.copytree(saved_models / "dinov2", tmp_path / name)
        np.testing.assert_array_equal(vector(Path(name)), vector(saved_models / "dinov2"))
        assert make(f"hf:{name}").label == f"hf:{name}"
    shutil.copytree(saved_models / "dinov2", tmp_path / "someone" / "tiny@v1.0")
    refused(Path("someone/tiny@v1.0"), "a folder here and a model in the hub's cache")


def test_a_revision_that_is_not_here_says_how_to_fetch_it(cache):
    for name in ("v2.0", "d" * 40, "refs/pr/4"):
        with pytest.raises(WeightsMissing, match=f"run: vqa-features weights fetch hf:someone/tiny@{name}"):
            make(f"hf:someone/tiny@{name}").weights_sha256()


WRONG = ["", "../main", "main/../../x", "/etc/passwd", "~", "a b", "x\0", "-x", "a@b", "\udcff", "x" * 300]


@pytest.mark.parametrize("revision", WRONG)
def test_what_is_no_revision_is_refused(cache, revision):
    with pytest.raises(ParameterError, match="must be followed by a branch, a tag, a commit or refs/pr/N"):
        make(f"hf:someone/tiny@{revision}").weights_sha256()
    with pytest.raises((ParameterError, DownloadError)):
        weights.fetch(f"hf:someone/tiny@{revision}")


def test_names_with_the_sign_that_are_no_ids_are_folders():
    assert split_revision("a/b@c/d") == ("a/b", "c/d")
    assert split_revision("b@main") == ("b", "main")
    for folder in ("./a@b", "/x/a@b", "~/a@b", "a/b/c@d"):
        assert split_revision(folder) == (folder, None)
