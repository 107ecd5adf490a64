"""Checkpoints are found, held to their hashes, and read without executing anything."""

import argparse
import hashlib
import os
import pickle
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from vqa_features import checkpoint_content, weights
from vqa_features.backbones import build_backbone
from vqa_features.errors import DownloadError, ParameterError, UnknownName, WeightsMissing
from vqa_features.extractors.deep._weights import checkpoint, keys
from vqa_features.registry import make, registry
from vqa_features.specs import Checkpoint


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An empty cache folder."""
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "weights"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A file as torchvision publishes it: r3d-18's state dict, here of a random network."""
    path = tmp_path_factory.mktemp("files") / "by_hand.pth"
    torch.save(build_backbone("r3d-18", weights="random").state_dict(), path)
    return path


@pytest.fixture
def unpinned(monkeypatch):
    """r3d-18 with a checkpoint whose digest nobody has published."""
    cls = registry()["r3d-18"]
    made = Checkpoint("kinetics400", "https://example.org/r3d.pth", "BSD-3-Clause")
    monkeypatch.setattr(cls, "checkpoints", (made,))
    return made


def test_every_official_checkpoint_says_where_it_is_from_and_under_which_licence():
    rows = weights.table()
    assert {"r3d-18", "video-swin-b", "uniformer-s", "efficientnet-lite0", "resnet-50"} <= {
        r["name"] for r in rows
    }
    keys = [(row["name"], row["tag"]) for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        assert str(row["url"]).startswith("https://"), row
        assert row["licence"]
        assert Path(str(row["path"])).is_absolute()


def test_weights_that_are_part_of_the_package_are_listed_verified_and_not_imported(saved):
    rows = {row["name"]: row for row in weights.table()}
    for name in ("brisque", "niqe", "v-bliinds", "chipqa"):
        assert rows[name]["present"]
        assert weights.check(name) == rows[name]["sha256"] == make(name).weights_sha256()
    with pytest.raises(ParameterError, match="part of this package"):
        weights.import_file("brisque", saved)


def test_an_imported_file_is_used_and_enters_the_identity(cache, saved, unpinned):
    with pytest.raises(WeightsMissing):
        make("r3d-18").weights_sha256()
    path = weights.import_file("r3d-18", saved)
    assert path == cache / "r3d-18" / "r3d.pth"
    digest = hashlib.sha256(saved.read_bytes()).hexdigest()
    assert make("r3d-18").weights_sha256() == digest == weights.check("r3d-18/kinetics400")
    network = make("r3d-18").load()
    random = build_backbone("r3d-18", weights="random")
    assert all(torch.equal(value, random.state_dict()[key]) for key, value in network.state_dict().items())


def test_a_file_altered_after_first_use_is_refused_before_it_is_read(saved, unpinned):
    path = weights.import_file("r3d-18", saved)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ParameterError, match="has been altered"):
        make("r3d-18").load()


def test_a_file_that_is_not_the_pinned_one_is_refused(saved, cache):
    with pytest.raises(ParameterError, match="the official file 133546016"):
        weights.import_file("r3d-18", saved)
    assert not cache.exists()
    placed = cache / "r3d-18" / "r3d_18-b3b3357e.pth"
    placed.parent.mkdir(parents=True)
    os.link(saved, placed)
    with pytest.raises(ParameterError, match="the official file 133546016"):
        make("r3d-18").load()


def test_the_size_is_compared_before_the_hash(tmp_path):
    path = tmp_path / "short.pth"
    path.write_bytes(b"12345")
    with pytest.raises(ParameterError, match="has 5 bytes, the official file 6"):
        checkpoint_content.verify(path, Checkpoint("tag", "https://example.org/x", "MIT", size=6))


def test_a_path_is_taken_as_it_is(saved):
    extractor = make(f"r3d-18[weights={saved}]")
    assert extractor.weights_sha256() == hashlib.sha256(saved.read_bytes()).hexdigest()
    assert build_backbone("r3d-18", weights=saved).training is False
    with pytest.raises(WeightsMissing, match=r"there is no file /nowhere/x\.pth"):
        make("r3d-18[weights=/nowhere/x.pth]").weights_sha256()


def test_a_file_in_the_current_folder_does_not_replace_a_published_set(saved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path / "cache"))
    (tmp_path / "kinetics400").write_bytes(saved.read_bytes())
    (tmp_path / "own.pth").write_bytes(saved.read_bytes())
    with pytest.raises(WeightsMissing, match="r3d-18"):
        make("r3d-18[weights=kinetics400]").weights_sha256()
    with pytest.raises(ParameterError, match=r"no weights 'own\.pth': .*\./FILE"):
        make("r3d-18[weights=own.pth]").weights_sha256()
    found = make("r3d-18[weights=./own.pth]").weights_sha256()
    assert found == hashlib.sha256(saved.read_bytes()).hexdigest()


def test_unknown_names_and_tags_are_said():
    with pytest.raises(UnknownName, match="did you mean 'r3d-18'"):
        weights.fetch("r3d18")
    with pytest.raises(ParameterError, match="published set \\(kinetics400\\)"):
        weights.fetch("r3d-18/imagenet")
    with pytest.raises(ParameterError, match="no weights 'sports1m'"):
        build_backbone("r3d-18", weights="sports1m")


def test_offline_fetching_says_so(monkeypatch):
    monkeypatch.setenv("VQA_FEATURES_OFFLINE", "1")
    with pytest.raises(DownloadError, match="forbids the network"):
        weights.fetch("r3d-18")


def test_wrappers_prefixes_and_half_precision_are_undone(tmp_path):
    state = {"module.backbone.a": torch.ones(2, dtype=torch.float16), "module.count": torch.tensor(3)}
    path = tmp_path / "wrapped.pth"
    torch.save({"epoch": 3, "args": argparse.Namespace(lr=1.0), "model": OrderedDict(state)}, path)
    read = checkpoint.read(path)
    assert {key: value.dtype for key, value in read.items()} == {
        "module.backbone.a": torch.float32,
        "module.count": torch.int64,
    }
    found, dropped, unexpected = keys.match_keys(read, ["a"], str, drops=["count"])
    assert (list(found), dropped, unexpected) == (["a"], ["module.count"], [])


class Evil:
    """What a poisoned checkpoint holds."""

    def __reduce__(self):
        return os.mkdir, (str(Path(os.environ["VQA_FEATURES_CACHE"] + "-evil")),)


@pytest.mark.parametrize("how", ["torch", "pickle"])
def test_code_in_a_checkpoint_is_not_run(tmp_path, how):
    path = tmp_path / "evil.pth"
    if how == "torch":
        torch.save({"state_dict": {"a": torch.ones(1)}, "payload": Evil()}, path)
    else:
        path.write_bytes(pickle.dumps(Evil(), protocol=2))
    with pytest.raises(ParameterError, match=r"it names 'posix\.mkdir', which is no tensor"):
        checkpoint.read(path)
    assert not Path(os.environ["VQA_FEATURES_CACHE"] + "-evil").exists()


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 truncated"])
def test_a_file_that_is_no_checkpoint_is_said(tmp_path, content):
    path = tmp_path / "broken.pth"
    path.write_bytes(content)
    with pytest.raises(ParameterError, match=r"broken\.pth"):
        checkpoint.read(path)


def test_a_checkpoint_without_tensors_is_said(tmp_path):
    path = tmp_path / "empty.pth"
    torch.save({"epoch": 1}, path)
    with pytest.raises(ParameterError, match="must hold a state dict"):
        checkpoint.read(path)


def test_random_networks_depend_on_names_alone():
    one, other = (build_backbone("mc3-18", weights="random").state_dict() for _ in range(2))
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert make("r3d-18@random").weights_sha256() is None
    assert "random" in make("r3d-18@random").warnings()[0]


def test_build_backbone_names_what_is_wrong():
    with pytest.raises(UnknownName, match="did you mean 'video-swin-t'"):
        build_backbone("video-swin-tt")
    with pytest.raises(ParameterError, match="give a config"):
        build_backbone("video-swin")
