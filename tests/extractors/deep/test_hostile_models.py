"""Folders of models from strangers: only what was hashed is loaded, nothing is run or requested."""

import json
import os
import pickle
import shutil

import numpy as np
import pytest
import torch
from hub_folders import edit, refused, vector
from safetensors.torch import load_file, save_file
from small_videos import moving

from vqa_features import extract_many
from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.registry import make

pytest.importorskip("transformers")
pytestmark = pytest.mark.usefixtures("no_network")


def shard(folder, names=("model-1.safetensors", "model-2.safetensors"), **renamed):
    """Split a model's weights; `renamed` are names that the index gives instead."""
    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    shards = {name: dict(list(state.items())[k :: len(names)]) for k, name in enumerate(names)}
    for name, part in shards.items():
        save_file(part, folder / name, {"format": "pt"})
    where = {key: name for name, part in shards.items() for key in part}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": where}))
    return where


def test_shards_give_what_one_file_gives(folder, saved_models):
    shard(folder)
    np.testing.assert_array_equal(vector(folder), vector(saved_models / "dinov2"))


OUTSIDE = [
    "../evil.safetensors",
    "/evil.safetensors",
    "a/b.safetensors",
    "..\\evil.safetensors",
    "..",
    "",
    ".",
]


@pytest.mark.parametrize("name", [*OUTSIDE, "evil.bin", "x" * 100_000, 3, None, ["a"], {}, "\0.safetensors"])
def test_an_index_names_safetensors_of_its_folder_alone(folder, name):
    where = shard(folder)
    state = {key: torch.zeros(1) for key in where}
    save_file(state, folder.parent / "evil.safetensors")
    torch.save(state, folder / "evil.bin")
    index = folder / "model.safetensors.index.json"
    for mapped in (dict.fromkeys(where, name), {**where, next(iter(where)): name}):
        index.write_text(json.dumps({"weight_map": mapped}))
        refused(folder, "a shard is a file in its own folder|only .safetensors files are loaded")


def test_an_index_of_absurd_content_is_refused(folder):
    shard(folder)
    index = folder / "model.safetensors.index.json"
    many = {f"k{k}": f"{k}.safetensors" for k in range(1000)}
    for content, match in (
        (b"[]", "must hold a JSON object"),
        (b"{}", "has no weight_map"),
        (b'{"weight_map": {}}', "has no weight_map"),
        (b'{"weight_map": ["model-1.safetensors"]}', "has no weight_map"),
        (json.dumps({"weight_map": many}).encode(), "names 1000 files, at most 256"),
        (json.dumps({"weight_map": {"a": "absent.safetensors"}}).encode(), "is not there"),
        (json.dumps({"weight_map": {"a": "\udcff.safetensors"}}).encode(), "half a character"),
        (b"[" * 100_000, "nested too deeply"),
    ):
        index.write_bytes(content)
        refused(folder, match)


def test_a_tensor_in_two_shards_is_refused(folder):
    where = shard(folder)
    first, second = sorted(set(where.values()))
    save_file({**load_file(folder / second), **load_file(folder / first)}, folder / second)
    refused(folder, "and in another file")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "preprocessor_config.json"])
def test_links_out_of_a_folder_are_refused(folder, name):
    shutil.move(folder / name, folder.parent / "secret")
    (folder / name).symlink_to("../secret")
    refused(folder, "link out of its folder")
    (folder / name).unlink()
    (folder / name).symlink_to(folder / name)
    refused(folder, "not there, or no regular file|link out of its folder")
    (folder / name).unlink()
    (folder / name).mkdir()
    refused(folder, "no regular file")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of POSIX")
@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "preprocessor_config.json"])
def test_a_pipe_is_not_waited_for(folder, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    refused(folder, "no regular file")


def test_the_cache_of_the_hubs_client_works_and_only_its_blobs(folder, saved_models, tmp_path):
    model = tmp_path / "hub" / "models--someone--tiny"
    snapshot = model / "snapshots" / "0123abc"
    snapshot.mkdir(parents=True)
    (model / "blobs").mkdir()
    shared = tmp_path / "hub" / "blobs" / "ab" / ("ab" * 32)
    shared.parent.mkdir(parents=True)
    for k, path in enumerate(sorted(folder.iterdir())):
        blob = model / "blobs" / f"blob{k}"
        if path.suffix == ".safetensors":  # a file that several models of the cache share
            shutil.move(path, shared)
            blob.symlink_to(f"../../blobs/ab/{shared.name}")
        else:
            shutil.move(path, blob)
        (snapshot / path.name).symlink_to(f"../../blobs/blob{k}")
    np.testing.assert_array_equal(vector(snapshot), vector(saved_models / "dinov2"))
    for place in (
        tmp_path / "elsewhere",
        model / "elsewhere",
        tmp_path / "hub" / "blobs" / "ab" / "elsewhere",
    ):
        shutil.copy(shared, place)
        (snapshot / "model.safetensors").unlink()
        (snapshot / "model.safetensors").symlink_to(place)
        refused(snapshot, "link out of its folder")


def test_a_folder_does_not_replace_a_model_of_the_cache(folder, saved_models, tmp_path, monkeypatch):
    import huggingface_hub.constants as of_client

    model = tmp_path / "hub" / "models--someone--tiny"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text("0123abc")
    shutil.copytree(saved_models / "dinov2", model / "snapshots" / "0123abc")
    monkeypatch.setattr(of_client, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)
    np.testing.assert_array_equal(vector("someone/tiny"), vector(saved_models / "dinov2"))
    shutil.move(folder, tmp_path / "someone" / "tiny")
    edit(tmp_path / "someone" / "tiny" / "config.json", layer_norm_eps=0.5)
    refused("someone/tiny", r"a folder here and a model in the hub's cache: write hf:\./someone/tiny")
    assert not np.array_equal(vector("./someone/tiny"), vector(saved_models / "dinov2"))


def test_pickled_weights_beside_are_not_opened(folder, saved_models):
    (folder / "pytorch_model.bin").write_bytes(b"no pickle")
    (folder / "pytorch_model.bin.index.json").write_text("no JSON")
    np.testing.assert_array_equal(vector(folder), vector(saved_models / "dinov2"))
    (folder / "model.safetensors").unlink()
    refused(folder, r"no \.safetensors weights")


def test_what_a_result_depends_on_is_in_the_identity(folder):
    def identity():
        return json.dumps(make(f"hf:{folder}").identity(), sort_keys=True)

    found = [identity()]
    (folder / "README.md").write_text("not used")
    (folder / "tokenizer.json").write_text("{}")
    assert identity() == found[0]
    edit(folder / "config.json", layer_norm_eps=0.1)
    found.append(identity())
    edit(folder / "preprocessor_config.json", image_mean=[0.1, 0.2, 0.3])
    found.append(identity())
    state = load_file(folder / "model.safetensors")
    save_file({**state, "layernorm.bias": state["layernorm.bias"] + 1}, folder / "model.safetensors")
    found.append(identity())
    shard(folder)
    found.append(identity())
    second = folder / "model-2.safetensors"
    state = load_file(second)
    save_file({key: value + 1 for key, value in state.items()}, second)
    found.append(identity())
    index = folder / "model.safetensors.index.json"
    index.write_text(index.read_text() + " ")
    found.append(identity())
    assert len(set(found)) == len(found)


def test_random_networks_depend_on_the_configuration(folder):
    before = make(f"hf:{folder}@random").identity()
    edit(folder / "config.json", layer_norm_eps=0.1)
    assert make(f"hf:{folder}@random").identity() != before


@pytest.mark.parametrize("file", ["config.json", "preprocessor_config.json"])
def test_an_edited_configuration_gives_no_stale_result_from_a_store(folder, tmp_path, file):
    clip = moving(tmp_path / "clip.mp4", 4)

    def values():
        table = extract_many([clip], [f"hf:{folder}"], store=tmp_path / "results.db", jobs=1)
        return table[[name for name in table.columns if name.startswith("hf")]].to_numpy(float)

    before = values()
    np.testing.assert_array_equal(values(), before)
    edit(folder / file, **({"layer_norm_eps": 0.5} if file == "config.json" else {"image_mean": [0.1] * 3}))
    assert not np.allclose(values(), before)


def test_weights_exchanged_after_they_were_hashed_are_not_loaded(folder):
    extractor = make(f"hf:{folder}")
    extractor.weights_sha256()
    path = folder / "model.safetensors"
    stamp = path.stat()
    state = load_file(path)
    save_file({key: value + 1 for key, value in state.items()}, path, {"format": "pt"})
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert path.stat().st_size == stamp.st_size
    for same in (extractor, pickle.loads(pickle.dumps(extractor))):
        with pytest.raises(ParameterError, match="changed after they were hashed"):
            same.load()


def test_quantised_tensors_are_no_weights(folder):
    path = folder / "model.safetensors"
    state = load_file(path)
    key = "encoder.layer.0.mlp.fc1.weight"
    save_file({**state, key: state[key].to(torch.int8)}, path, {"format": "pt"})
    refused(folder, f"1 missing, {key}")


def test_tensors_of_other_shapes_are_refused(folder):
    path = folder / "model.safetensors"
    state = load_file(path)
    for shape in ((), (0,), (16, 7), (3, 3, 3)):
        save_file({**state, "encoder.layer.0.mlp.fc1.weight": torch.zeros(shape)}, path, {"format": "pt"})
        refused(folder, "cannot be read as a model of transformers")


@pytest.mark.parametrize("content", [b"", b"x" * 100, b"\xff" * 8 + b"{}", b"\x02" + bytes(7) + b"{}"])
def test_damaged_weights_are_refused(folder, content):
    (folder / "model.safetensors").write_bytes(content)
    refused(folder, "cannot be read as a model of transformers")


@pytest.mark.parametrize("model", ["\0", "x" * 5000, "a/b/c/d", "\udcff", "~", ".", "/dev/null"])
def test_names_that_are_no_model_are_refused(model, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ParameterError, WeightsMissing)):
        make(f"hf:{model}").weights_sha256()
