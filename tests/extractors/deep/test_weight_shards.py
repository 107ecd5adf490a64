"""Weights in several safetensors files load as one, by their index."""

import json
import os
import re

import pytest
import torch

from vqa_features.backbones import build_backbone
from vqa_features.errors import ParameterError
from vqa_features.registry import make


def test_shards_give_what_one_file_gives_and_all_of_them_are_hashed(tmp_path):
    from safetensors.torch import save_file

    state = dict(build_backbone("mc3-18", weights="random").state_dict())
    parts = {f"model-{k}.safetensors": dict(list(state.items())[k::2]) for k in range(2)}
    for name, part in parts.items():
        save_file(part, tmp_path / name)
    index = tmp_path / "model.safetensors.index.json"
    where = {key: name for name, part in parts.items() for key in part}
    index.write_text(json.dumps({"weight_map": where}))
    network = build_backbone("mc3-18", weights=index)
    assert all(torch.equal(value, state[key]) for key, value in network.state_dict().items())
    extractor = make(f"mc3-18[weights={index}]")
    before = extractor.weights_sha256()
    assert extractor.load().fc.weight.equal(state["fc.weight"])
    save_file(
        {key: value + 1 for key, value in parts["model-1.safetensors"].items()},
        tmp_path / "model-1.safetensors",
    )
    assert extractor.weights_sha256() != before
    (tmp_path / "model-1.safetensors").unlink()
    with pytest.raises(ParameterError, match=r"'model-1\.safetensors' is not there"):
        build_backbone("mc3-18", weights=index)
    (tmp_path / "model-1.safetensors").symlink_to("/dev/null")
    with pytest.raises(ParameterError, match="link out of its folder"):
        build_backbone("mc3-18", weights=index)
    save_file(state, tmp_path / "model-0.safetensors")
    index.write_text(json.dumps({"weight_map": dict.fromkeys(state, "../model.safetensors")}))
    with pytest.raises(ParameterError, match="a shard is a file in its own folder"):
        build_backbone("mc3-18", weights=index)


def sharded(folder, parts, index="model.safetensors.index.json"):
    """Save the parts of a state dict by name of their files, and return their index."""
    from safetensors.torch import save_file

    for name, part in parts.items():
        save_file(part, folder / name)
    where = {key: name for name, part in parts.items() for key in part}
    (folder / index).write_text(json.dumps({"weight_map": where}))
    return folder / index


def thirds():
    """A state dict in three parts by name of the file."""
    state = list(build_backbone("mc3-18", weights="random").state_dict().items())
    return {f"{name}.safetensors": dict(state[k::3]) for k, name in enumerate("abc")}


def test_what_is_wrong_with_a_shard_names_that_shard(tmp_path):
    parts = thirds()
    key, value = next(iter(parts["b.safetensors"].items()))
    parts["c.safetensors"][key] = value.clone()
    index = sharded(tmp_path, parts)
    with pytest.raises(ParameterError, match=rf"c\.safetensors cannot be read .*'{re.escape(key)}' is in it"):
        build_backbone("mc3-18", weights=index)
    os.truncate(tmp_path / "b.safetensors", 1000)
    with pytest.raises(ParameterError, match=r"b\.safetensors cannot be read as a checkpoint"):
        build_backbone("mc3-18", weights=index)


def test_shards_are_read_out_of_the_hubs_cache(tmp_path):
    blobs, snapshot = tmp_path / "models--a--b" / "blobs", tmp_path / "models--a--b" / "snapshots" / "0"
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    parts = thirds()
    index = sharded(snapshot, parts)
    for number, name in enumerate([*parts, index.name]):
        (snapshot / name).rename(blobs / str(number))
        (snapshot / name).symlink_to(f"../../blobs/{number}")
    network = build_backbone("mc3-18", weights=index)
    for part in parts.values():
        assert all(torch.equal(network.state_dict()[key], value) for key, value in part.items())


def test_an_index_of_any_name_is_read_as_one_and_pickled_shards_are_refused(tmp_path):
    index = sharded(tmp_path, thirds(), "model.safetensors.index.fp16.json")
    assert build_backbone("mc3-18", weights=index).fc.weight.shape == (400, 512)
    index = tmp_path / "pytorch_model.bin.index.json"
    index.write_text(json.dumps({"weight_map": {"fc.weight": "pytorch_model-1.bin"}}))
    with pytest.raises(
        ParameterError, match=r"only \.safetensors files are loaded, it names 'pytorch_model-1"
    ):
        build_backbone("mc3-18", weights=index)
