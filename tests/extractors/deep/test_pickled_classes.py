"""What training scripts pickle beside the weights: plain data is passed over, other classes are refused."""

import argparse
import collections
import datetime
import decimal
import os
import pathlib
import sys
import types
import uuid

import numpy as np
import pytest
import torch

from vqa_features.errors import ParameterError
from vqa_features.extractors.deep._weights import checkpoint


class Settings(dict):
    """What configurations are kept in: a dictionary whose entries are attributes too."""

    def __init__(self, *given, **entries):
        super().__init__(*given, **entries)
        self.__dict__["frozen"] = True


class Called(Settings):
    """A configuration that is pickled as a call of its class."""

    def __reduce_ex__(self, protocol):
        return type(self), (dict(self),)


class History:
    """OpenMMLab's log of one number: an array, and the methods that are called for it."""

    def __init__(self):
        self.numbers = np.arange(3.0)
        self.methods = {"mean": type(self).mean}

    def mean(self):
        return self.numbers.mean()


@pytest.fixture
def named(monkeypatch):
    """Give a class another module and name while it is pickled."""

    def name(cls, text):
        module, _, leaf = text.rpartition(".")
        parts = module.split(".")
        for k in range(len(parts)):
            monkeypatch.setitem(
                sys.modules, ".".join(parts[: k + 1]), types.ModuleType(".".join(parts[: k + 1]))
            )
        made = type(leaf, (cls,), {"__module__": module, "__qualname__": leaf})
        for method in [one for one in vars(cls).values() if isinstance(one, types.FunctionType)]:
            if not method.__name__.startswith("__"):
                copy = types.FunctionType(method.__code__, {}, method.__name__)
                copy.__module__, copy.__qualname__ = module, f"{leaf}.{method.__name__}"
                setattr(made, method.__name__, copy)
        setattr(sys.modules[module], leaf, made)
        return made

    return name


CONFIGURATIONS = [
    *("utils.easydict.EasyDict", "easydict.EasyDict", "fvcore.common.config.CfgNode", "yacs.config.CfgNode"),
    *("mmcv.utils.config.ConfigDict", "mmengine.config.config.ConfigDict", "lib.tools.AttrDict"),
]


def saved(path, content, old):
    torch.save(content, path, _use_new_zipfile_serialization=not old)
    return checkpoint.read(path)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("cls", [Settings, Called])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_configurations_of_any_project_are_dictionaries(tmp_path, named, name, cls, old):
    made = named(cls, name)
    one = made(model=made(depth=12), lr=1e-4)
    assert saved(tmp_path / "a.pth", {"config": one, "model": {"a": torch.ones(2)}}, old)["a"].tolist() == [
        1,
        1,
    ]
    inside = made(state_dict=made(a=torch.arange(3.0)))
    assert saved(tmp_path / "b.pth", inside, old)["a"].tolist() == [0, 1, 2]


PLAIN = {
    "namespace": lambda: argparse.Namespace(lr=1.0, output=pathlib.Path("x")),
    "NumPy number": lambda: np.float64(81.3),
    "NumPy count": lambda: np.int64(3),
    "NumPy truth": lambda: np.bool_(True),
    "NumPy text": lambda: np.str_("best"),
    "NumPy array": lambda: np.eye(3, dtype=np.float32),
    "NumPy type": lambda: np.dtype("float32"),
    "NumPy class": lambda: np.float32,
    "defaultdict": lambda: collections.defaultdict(list, {"a": [1]}),
    "counter": lambda: collections.Counter("abca"),
    "path": lambda: pathlib.PurePosixPath("/runs/1"),
    "time": lambda: [datetime.datetime(2022, 3, 1), datetime.timedelta(1), datetime.UTC],
    "set": lambda: {1, 2},
    "complex": lambda: 1j,
    "decimal": lambda: decimal.Decimal("1.5"),
    "id": lambda: uuid.UUID(int=3),
    "bytes": lambda: b"\x00\xff",
    "key that is no text": lambda: {(1, 2): torch.ones(1), np.int64(3): 4, None: 5},
    "size": lambda: torch.Size([3, 4]),
    "device": lambda: torch.device("cuda:1"),
    "type": lambda: torch.bfloat16,
}


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("kind", PLAIN)
def test_plain_data_beside_the_weights_is_passed_over(tmp_path, kind, old):
    content = {"best": PLAIN[kind](), "model": {"a": torch.arange(3.0)}, "again": PLAIN[kind]()}
    assert saved(tmp_path / "a.pth", content, old)["a"].tolist() == [0, 1, 2]


def test_the_training_log_of_openmmlab_is_passed_over(tmp_path, named):
    made = named(History, "mmengine.logging.history_buffer.HistoryBuffer")
    content = {"message_hub": {"log": made()}, "state_dict": {"a": torch.ones(1)}}
    assert saved(tmp_path / "a.pth", content, old=False)["a"].tolist() == [1]


def test_newer_protocols_of_pickle_are_read(tmp_path):
    content = {"epoch": np.float64(3), "set": {1}, "model": {"a": torch.ones(2), "b": torch.ones(2, 3).T}}
    for protocol in (3, 4, 5):
        torch.save(content, tmp_path / "a.pth", pickle_protocol=protocol)
        found = checkpoint.read(tmp_path / "a.pth")
        assert found["a"].tolist() == [1, 1]
        assert found["b"].shape == (3, 2)


class Anything:
    """An object of a training program."""


REFUSED = [
    *("omegaconf.dictconfig.DictConfig", "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"),
    *("project.train.Trainer", "numpy.lib.npyio.Dataset", "torchx.optim.AdamW"),
]


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_class_is_refused_by_its_name_in_one_sentence(tmp_path, named, name):
    torch.save({"x": named(Anything, name)(), "model": {"a": torch.ones(1)}}, tmp_path / "a.pth")
    with pytest.raises(ParameterError) as caught:
        checkpoint.read(tmp_path / "a.pth")
    told = str(caught.value)
    assert told.startswith(f"{tmp_path}/a.pth cannot be read as a checkpoint: it names {name!r}, which is no")
    assert "save its state dict alone" in told
    assert not set("\n\x1b…") & set(told)


@pytest.mark.parametrize("function", [os.system, eval, exec, print, torch.load, np.load, setattr, __import__])
def test_functions_are_refused_by_name(tmp_path, function):
    torch.save({"f": function, "model": {"a": torch.ones(1)}}, tmp_path / "a.pth")
    with pytest.raises(ParameterError, match=rf"it names '\w+(\.\w+)*\.{function.__name__}'"):
        checkpoint.read(tmp_path / "a.pth")


def test_a_program_is_refused(tmp_path):
    torch.jit.script(torch.nn.Linear(1, 1)).save(tmp_path / "a.pt")
    with pytest.raises(ParameterError, match="TorchScript program; code is not run"):
        checkpoint.read(tmp_path / "a.pt")
