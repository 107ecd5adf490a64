"""Checkpoint files from strangers: damaged, lying about sizes, made to expand; each ends in one sentence."""

import collections
import contextlib
import os
import zipfile

import numpy as np
import pytest
import torch

from vqa_features.backbones import build_backbone
from vqa_features.errors import ParameterError
from vqa_features.extractors.deep._weights import checkpoint, pickles

#: How `torch.save` writes a tensor of one element: offset 0, shape (1,), stride (1,).
_ONE_ELEMENT = b"K\x00K\x01\x85q\x08K\x01\x85"


def refused(path, match):
    """The file is refused in one sentence that names it."""
    with pytest.raises(ParameterError, match=match) as caught:
        checkpoint.read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [0, 1, 7, 8, 9, 60, -1])
@pytest.mark.parametrize("suffix", [".safetensors", ".pth", ".old.pth"])
def test_truncated_files_are_one_sentence(tmp_path, suffix, cut):
    path = tmp_path / f"cut{suffix}"
    save(path, {"a": torch.ones(100)})
    path.write_bytes(path.read_bytes()[:cut])
    refused(path, "cannot be read as")


def save(path, state):
    """Write a state dict in the format that the name asks for."""
    if path.name.endswith(".safetensors"):
        from safetensors.torch import save_file

        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=not path.name.endswith(".old.pth"))


@pytest.mark.parametrize("name", ["a.safetensors", "a.pth", "a.old.pth"])
def test_what_is_read_is_what_was_saved(tmp_path, name):
    state = {
        "odd.mask": torch.tensor([True, False, True]),
        "double": torch.randn(2, 3, dtype=torch.float64),
        "half": torch.randn(5).half(),
        "brain": torch.randn(2, 2).bfloat16(),
        "scalar": torch.tensor(1.5),
        "none": torch.zeros(0, 4),
        "count": torch.arange(3),
    }
    save(tmp_path / name, state)
    found = checkpoint.read(tmp_path / name)
    with open(tmp_path / name, "rb") as stream:
        again = checkpoint.read(stream)
    assert found.keys() == again.keys() == state.keys()
    for key, value in state.items():
        want = value.float() if value.is_floating_point() else value
        torch.testing.assert_close(found[key], want, rtol=0, atol=0)
        torch.testing.assert_close(again[key], want, rtol=0, atol=0)


def test_what_is_loaded_is_the_open_file_not_what_has_its_name_now(tmp_path):
    path = tmp_path / "a.pth"
    save(path, {"a": torch.ones(2)})
    save(tmp_path / "other.pth", {"a": torch.zeros(2)})
    with open(path, "rb") as stream:
        os.replace(tmp_path / "other.pth", path)
        assert checkpoint.read(stream)["a"].tolist() == [1, 1]


@pytest.mark.parametrize("name", ["a.pth", "a.old.pth"])
def test_a_tensor_expanded_from_a_few_bytes_is_refused(tmp_path, name):
    save(tmp_path / name, {"a": torch.zeros(1, dtype=torch.float16).expand(1 << 40)})
    refused(tmp_path / name, r"'a' of shape \(1099511627776,\) is expanded from 2 bytes")


def test_many_names_of_one_storage_are_refused(tmp_path):
    one = torch.zeros(1000, dtype=torch.float16)
    torch.save({f"k{k}": one for k in range(1000)}, tmp_path / "many.pth")
    refused(tmp_path / "many.pth", "its tensors have 2000000 bytes, the file has")
    torch.save({"a": one, "tied": one}, tmp_path / "tied.pth")
    assert len(checkpoint.read(tmp_path / "tied.pth")) == 2


def rewrite(path, change=lambda name, data: data, compression=zipfile.ZIP_STORED):
    """Write the archive of a checkpoint again with changed members."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, change(name, data))


def test_a_compressed_archive_is_refused(tmp_path):
    path = tmp_path / "bomb.pth"
    torch.save({"a": torch.zeros(1 << 22)}, path)
    rewrite(path, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 18
    refused(path, "its archive is compressed")


@pytest.mark.parametrize("place", ["before", "after", "comment"])
def test_an_archive_with_a_second_directory_is_refused(tmp_path, place):
    path = tmp_path / "two.pth"
    torch.save({"a": torch.ones(2)}, path)
    content = path.read_bytes()
    if place == "comment":
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = b"PK\5\6" + bytes(18)
    else:
        path.write_bytes(content + content if place == "before" else content + bytes(40))
    refused(path, "the directory of its archive is not at its end")


def test_a_storage_larger_than_its_record_is_refused(tmp_path):
    path = tmp_path / "lies.pth"
    torch.save({"a": torch.ones(1)}, path)
    rewrite(path, lambda name, data: data.replace(b"cpuq\x06K\x01", b"cpuq\x06J\x00\x00\x00\x10"))
    refused(path, "cannot be read as")


def test_a_storage_larger_than_an_old_file_is_refused(tmp_path):
    path = tmp_path / "lies.old.pth"
    save(path, {"a": torch.ones(1)})
    content = path.read_bytes()
    assert _ONE_ELEMENT in content
    lie = b"K\x00\x8a\x06\x00\x00\x00\x00\x00\x01\x85q\x08K\x01\x85"
    path.write_bytes(content.replace(_ONE_ELEMENT, lie))
    refused(path, "cannot be read as")


def test_containers_that_hold_themselves_end(tmp_path):
    for key in ("state_dict", "model", "other"):
        content = {"epoch": 1}
        content[key] = content
        torch.save(content, tmp_path / "cycle.pth")
        refused(tmp_path / "cycle.pth", "must hold a state dict of tensors, got dict")
    one, other = {}, {}
    one["model"], other["state_dict"] = other, one
    torch.save(one, tmp_path / "pair.pth")
    refused(tmp_path / "pair.pth", "must hold a state dict")
    endless = []
    endless.append(endless)
    torch.save({"args": endless, "model": {"a": torch.ones(1)}}, tmp_path / "beside.pth")
    assert checkpoint.read(tmp_path / "beside.pth")["a"].tolist() == [1]


class Call:
    """What pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


CALLS = {
    "bytearray": (bytearray, 1 << 40),
    "os.mkdir": (os.mkdir, "made-by-a-checkpoint"),
    "eval": (eval, "1"),
    "torch.load": (torch.load, "x"),
    "a sparse tensor": (torch.sparse_coo_tensor, ((0, 1),)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", ["a.pth", "a.old.pth"])
def test_calls_in_a_pickle_are_refused(tmp_path, monkeypatch, call, name):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / name, {"model": {"a": torch.ones(1)}, "x": Call(*CALLS[call])})
    refused(tmp_path / name, "cannot be read as a checkpoint")
    assert not (tmp_path / "made-by-a-checkpoint").exists()


def test_a_bytearray_of_a_terabyte_is_refused_by_its_name(tmp_path):
    path = tmp_path / "bytes.pth"
    torch.save({"a": torch.ones(1), "x": Call(*CALLS["bytearray"])}, path, pickle_protocol=2)
    refused(path, "bytearray', which is no tensor")


ODD_TENSORS = {
    "sparse": lambda: torch.eye(3).to_sparse(),
    "meta": lambda: torch.empty(1 << 40, device="meta"),
    "complex": lambda: torch.ones(2, dtype=torch.complex64),
    "8-bit float": lambda: torch.ones(2).to(torch.float8_e4m3fn),
    "quantised": lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ODD_TENSORS)
def test_tensors_that_are_no_plain_ones_are_refused(tmp_path, kind):
    torch.save({"a": ODD_TENSORS[kind](), "b": torch.ones(1)}, tmp_path / "odd.pth")
    refused(tmp_path / "odd.pth", "which is no tensor|is no plain tensor")


@pytest.mark.parametrize("content", [[1], 3, "text", None, {"a": 1}, {"model": {}}, {1: torch.ones(1)}])
def test_other_content_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "other.pth")
    refused(tmp_path / "other.pth", "must hold a state dict|must have a name")


def test_a_deeply_nested_pickle_is_refused(tmp_path):
    deep = b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b"."
    (tmp_path / "deep.pth").write_bytes(deep)
    refused(tmp_path / "deep.pth", "cannot be read as")


def test_an_endless_pickle_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pickles, "MOST_PICKLE", 1 << 16)
    for name in ("long.pth", "long.old.pth"):
        save(tmp_path / name, {"a": torch.ones(1), "log": list(range(1 << 16))})
        refused(tmp_path / name, "its pickle has more than 65536 bytes")


def test_whole_numbers_are_no_weights(tmp_path):
    state = build_backbone("efficientnet-lite0", weights="random").state_dict()
    key = next(key for key, value in state.items() if value.ndim == 4)
    torch.save({**state, key: torch.ones(state[key].shape, dtype=torch.int8)}, tmp_path / "int8.pth")
    with pytest.raises(ParameterError, match=r"of another type: .* torch\.int8 for torch\.float32"):
        build_backbone("efficientnet-lite0", weights=tmp_path / "int8.pth")


@pytest.mark.parametrize("name", ["video-swin-t", "uniformer-s", "internvideo2-s"])
def test_tensors_of_odd_shapes_are_one_sentence(tmp_path, name):
    network = build_backbone(name)
    state = network.state_dict()
    rng = np.random.default_rng(0)
    keys = [key for key, value in state.items() if value.ndim and value.is_floating_point()]
    for shape in ((), (0,), (2, 3, 5, 7)):
        changed = {key: torch.zeros(shape) for key in rng.choice(keys, 3)}
        torch.save({**state, **changed}, tmp_path / "odd.pth")
        with pytest.raises(ParameterError):
            checkpoint.read_into(network, tmp_path / "odd.pth")


def test_what_the_fitting_of_weights_meets_is_one_sentence(tmp_path):
    network = build_backbone("internvideo2-s")
    network.load_official = lambda state: state["a"].read().reshape(7)
    torch.save({"a": torch.ones(2)}, tmp_path / "odd.pth")
    with pytest.raises(ParameterError, match=r"odd\.pth cannot be read as weights of .*: RuntimeError"):
        checkpoint.read_into(network, tmp_path / "odd.pth")


def test_names_with_control_characters_do_not_reach_the_terminal(tmp_path):
    torch.save({"\x1b[31m\udc80" + "x" * 100_000: torch.ones(1)}, tmp_path / "names.pth")
    with pytest.raises(ParameterError) as caught:
        build_backbone("r3d-18", weights=tmp_path / "names.pth")
    assert len(str(caught.value)) < 2000
    str(caught.value).encode()


def test_mutated_checkpoints_end_in_one_sentence(tmp_path):
    state = collections.OrderedDict(a=torch.randn(4, 3), b=torch.randn(5).half(), c=torch.tensor(2))
    seeds = {}
    for name in ("m.safetensors", "m.pth", "m.old.pth"):
        save(tmp_path / name, state)
        seeds[name] = (tmp_path / name).read_bytes()
    rng = np.random.default_rng(11)
    read = 0
    for _ in range(300):
        name = str(rng.choice(list(seeds)))
        content = bytearray(seeds[name])
        for place in rng.integers(0, min(len(content), 900), rng.integers(1, 6)):
            content[place] = rng.integers(256)
        (tmp_path / name).write_bytes(content[: None if rng.random() < 0.8 else rng.integers(len(content))])
        with contextlib.suppress(ParameterError):
            checkpoint.read(tmp_path / name)
            read += 1
    assert read < 150
