"""Files of models: read back to the last digit, and refused when damaged, foreign or forged."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from noisy_clips import made_up
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

import vqa_features as vf
from vqa_features.errors import ParameterError, TableError
from vqa_features.models import model_file
from vqa_features.models.allowed_types import check_objects
from vqa_features.models.model_file import sealed

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
SAVED = [*vf.regressors.NAMES, "sklearn.ensemble.ExtraTreesRegressor", "sklearn.linear_model.BayesianRidge"]
FRESH = """
import sys, pandas as pd, vqa_features as vf
table = vf.read_table(sys.argv[2])
print(vf.QualityModel.load(sys.argv[1]).predict_interval(table).to_json(double_precision=15))
"""


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return made_up(40)[0]


@pytest.fixture(scope="module")
def saved(table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = vf.QualityModel("svr-rbf", repetitions=1).fit(table, made_up(40)[1])
    return model.save(tmp_path_factory.mktemp("models") / "model.skops")


def forged(saved: Path, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A model file whose members were changed and whose digest is right."""
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sealed(made.getvalue())


def refused(path: Path, match: str) -> None:
    with pytest.raises(TableError, match=match) as error:
        vf.QualityModel.load(path)
    assert "\n" not in str(error.value)
    assert path.name in str(error.value)


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("regressor", SAVED)
def test_a_fresh_process_gives_the_same_numbers(
    regressor: str, parts: int, table: pd.DataFrame, tmp_path: Path
) -> None:
    tables: Any = {"a": table[table.columns[:2]], "b": table[table.columns[2:]]} if parts == 2 else table
    model = vf.QualityModel(regressor, repetitions=1, search="random10").fit(tables, made_up(40)[1])
    file = model.save(tmp_path / "model.skops")
    here = vf.QualityModel.load(file)
    pd.testing.assert_frame_equal(
        here.predict_interval(table), model.predict_interval(table), rtol=0, atol=1e-12
    )
    assert here.card_.to_json() == model.card_.to_json()
    if regressor == "gradient-boosting" and parts == 2:
        vf.write_table(table, tmp_path / "table.parquet")
        done = subprocess.run(
            [sys.executable, "-c", FRESH, str(file), str(tmp_path / "table.parquet")],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
        found = pd.DataFrame(json.loads(done.stdout))
        expected = model.predict_interval(table)
        assert found.index.tolist() == expected.index.tolist()
        for name in ("mos", "low", "high"):
            assert np.abs(found[name] - expected[name]).max() < 1e-9


def test_every_changed_byte_is_refused(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    places = {*range(0, len(content), max(1, len(content) // 300)), *range(len(content) - 150, len(content))}
    file = tmp_path / "altered.skops"
    for place in sorted(places):
        changed = bytearray(content)
        changed[place] ^= 1 << (place % 8)
        file.write_bytes(changed)
        refused(file, "SHA-256 is another|does not end as one does")


@pytest.mark.parametrize("kept", [0, 1, 100, -1, -64, -200])
def test_a_cut_file_is_refused(saved: Path, tmp_path: Path, kept: int) -> None:
    file = tmp_path / "cut.skops"
    file.write_bytes(saved.read_bytes()[:kept])
    refused(file, "does not end as one does")
    file.write_bytes(saved.read_bytes() + b"more")
    refused(file, "does not end as one does")


class Trap:
    """Unpickling it makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.file}",)


def test_foreign_files_are_refused_and_run_nothing(saved: Path, tmp_path: Path) -> None:
    mark = tmp_path / "it-ran"
    plain = make_pipeline(Ridge()).fit(np.arange(12.0).reshape(6, 2), np.arange(6.0))
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("schema.json", "{}")
    foreign = {
        "pickle": pickle.dumps(Trap(mark)),
        "model pickle": pickle.dumps(plain),
        "skops": skops.io.dumps(plain),
        "zip": zipped.getvalue(),
        "text": b"a model",
        "video": b"\0\0\0\x18ftypmp42",
    }
    for name, content in foreign.items():
        file = tmp_path / f"{name}.skops"
        file.write_bytes(content)
        refused(file, "does not end as one does")
        if zipfile.is_zipfile(file):
            file.write_bytes(sealed(content))
            refused(file, "cannot be read as a model")
    assert not mark.exists()
    with pytest.raises(TableError, match="there is no model at"):
        vf.QualityModel.load(tmp_path / "nothing.skops")
    with pytest.raises(TableError, match="it is a folder"):
        vf.QualityModel.load(tmp_path)
    os.mkfifo(tmp_path / "pipe.skops")
    refused(tmp_path / "pipe.skops", "pipe")


def in_schema(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, bytes]], None]:
    def changed(members: dict[str, bytes]) -> None:
        schema = json.loads(members["schema.json"])
        change(schema)
        members["schema.json"] = json.dumps(schema).encode()

    return changed


def hostile_node(kind: str, module: str, name: str, **more: Any) -> Callable[[dict[str, bytes]], None]:
    node = {"__loader__": kind, "__module__": module, "__class__": name, "__id__": 987654321, **more}
    return in_schema(lambda schema: schema["content"].update(pipeline=node))


def _text(value: str) -> dict[str, Any]:
    return {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": json.dumps(value),
        "is_json": True,
    }


@pytest.mark.parametrize(
    "change",
    [
        hostile_node("FunctionNode", "os", "system"),
        hostile_node("TypeNode", "subprocess", "Popen"),
        hostile_node("ObjectNode", "vqa_features.registry", "make", content=None),
        hostile_node("ConstructorFromReduceNode", "builtins", "eval", content=_text("1")),
        hostile_node("MethodNode", "builtins", "function", content={"obj": _text("a"), "func": "format"}),
        hostile_node("OperatorFuncNode", "operator", "methodcaller", attrs=_text("a")),
        hostile_node("PartialNode", "functools", "partial", content={}),
        hostile_node("ReduceNode", "builtins", "exec"),
        hostile_node("ObjectNode", "sklearn.neighbors._regression", "KNeighborsRegressor", content=None),
        hostile_node("FunctionNode", "numpy", "load"),
        hostile_node("TypeNode", "builtins", "eval"),
        hostile_node("JsonNode", "os", "str", content="1"),
        hostile_node("DictNode", "collections", "OrderedDict", content={}, key_types=_text("a")),
        in_schema(lambda schema: schema["content"]["card"].pop("__module__")),
        in_schema(lambda schema: schema.update(__loader__=["DictNode"])),
    ],
)
def test_a_type_that_is_not_on_the_list_is_refused(saved: Path, tmp_path: Path, change: Any) -> None:
    file = tmp_path / "forged.skops"
    file.write_bytes(forged(saved, change))
    refused(file, "may not hold|has no kind, module or class")


def test_a_random_generator_may_only_be_that_of_scikit_learn(table: pd.DataFrame, tmp_path: Path) -> None:
    model = vf.QualityModel("gradient-boosting", repetitions=1).fit(table, made_up(40)[1])
    file = model.save(tmp_path / "model.skops")

    def change(members: dict[str, bytes]) -> None:
        text = members["schema.json"].replace(b'\\"PCG64\\"', b'\\"seed\\"')
        assert text != members["schema.json"]
        members["schema.json"] = text

    file.write_bytes(forged(file, change))
    refused(file, "another random generator")


def large_array(members: dict[str, bytes]) -> None:
    name = max((name for name in members if name.endswith(".npy")), key=lambda one: len(members[one]))
    made = io.BytesIO()
    np.lib.format.write_array_header_1_0(made, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)})
    members[name] = made.getvalue() + bytes(64)


def objects(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.endswith(".npy"))
    made = io.BytesIO()
    np.save(made, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    members[name] = made.getvalue()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (large_array, "declares"),
        (objects, "declares|allow_pickle|Object arrays"),
        (lambda members: members.update({"code.py": b"print(1)"}), "is no array"),
        (lambda members: members.pop("schema.json"), "schema.json"),
        (lambda members: members.update({"schema.json": b"[" * 100_000}), "nested"),
        (lambda members: members.update({"schema.json": b'{"a": NaN}'}), "NaN"),
        (lambda members: members.update({"zeros.npy": bytes(600 << 20)}), "would take"),
        (in_schema(lambda schema: schema["content"].pop("claimed")), "something else"),
        (in_schema(lambda schema: schema["content"].update(card=_text("{}"))), "another version"),
        (in_schema(lambda schema: schema["content"].update(card=_text('{"format": 1}'))), "card is damaged"),
    ],
)
def test_a_forged_archive_is_one_sentence(saved: Path, tmp_path: Path, change: Any, match: str) -> None:
    file = tmp_path / "forged.skops"
    file.write_bytes(forged(saved, change))
    refused(file, match)


def in_card(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, bytes]], None]:
    def changed(schema: dict[str, Any]) -> None:
        card = json.loads(json.loads(schema["content"]["card"]["content"]))
        change(card)
        schema["content"]["card"] = _text(json.dumps(card))

    return in_schema(changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card.update(format=2),
        lambda card: card.pop("curve"),
        lambda card: card.update(extra=1),
        lambda card: card["curve"].update(high=-100.0),
        lambda card: card["curve"].update(width=0.0),
        lambda card: card["span"].update(low=[1.0]),
        lambda card: card["sources"][0]["columns"].append("f9"),
        lambda card: card["sources"][0].update(columns=["f0"] * 6),
        lambda card: card["sources"][0].update(columns=[1, 2, 3, 4, 5, 6]),
        lambda card: card["sources"][0].update(settings={"command": "extract"}),
        lambda card: card["sources"][0].update(settings=[1]),
        lambda card: card["data"].update(direction="sideways"),
        lambda card: card["data"].update(scale=[1]),
        lambda card: card["data"].update(videos="many"),
        lambda card: card.update(level=7),
        lambda card: card.update(chosen=[]),
        lambda card: card.update(warnings=[{}]),
        lambda card: card.update(performance={"srcc": 1.0}),
        lambda card: card["data"].update(mos_low="low"),
        lambda card: card["data"].update(groups={}),
    ],
)
def test_a_forged_card_is_one_sentence(saved: Path, tmp_path: Path, change: Any) -> None:
    file = tmp_path / "forged.skops"
    file.write_bytes(forged(saved, in_card(change)))
    refused(file, "model|version")


def test_a_model_that_predicts_other_numbers_here_is_refused(saved: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        schema = json.loads(members["schema.json"])
        name = schema["content"]["claimed"]["file"]
        claimed = np.load(io.BytesIO(members[name]))
        made = io.BytesIO()
        claimed[3] += 1e-3
        np.save(made, claimed)
        members[name] = made.getvalue()

    file = tmp_path / "other.skops"
    file.write_bytes(forged(saved, change))
    refused(file, "predicts other numbers with scikit-learn")


def fitted(regressor: str) -> Any:
    table, mos = made_up(40)
    return vf.QualityModel(regressor, repetitions=1).fit(table, mos).pipeline_


def test_arrays_that_compiled_code_would_leave_are_refused() -> None:
    svr = fitted("svr-rbf")
    check_objects(svr)
    inner = svr[-1].regressor_
    inner._dual_coef_ = inner._dual_coef_[:, :3]
    with pytest.raises(ValueError, match="do not fit together"):
        check_objects(svr)
    boosted = fitted("gradient-boosting")
    check_objects(boosted)
    nodes = boosted[-1].regressor_._predictors[5][0].nodes
    nodes["left"][0] = 1 << 30
    with pytest.raises(ValueError, match="nodes that it does not have"):
        check_objects(boosted)
    nodes["left"][0] = 1
    nodes["feature_idx"][0] = 99
    with pytest.raises(ValueError, match="columns that it does not have"):
        check_objects(boosted)
    nodes["feature_idx"][0] = 0
    nodes["is_categorical"][0] = 1
    with pytest.raises(ValueError, match="divides categories"):
        check_objects(boosted)
    trees = fitted("sklearn.ensemble.ExtraTreesRegressor")
    check_objects(trees)
    trees[-1].regressor_.estimators_[7].tree_.children_left[0] = 0
    with pytest.raises(ValueError, match="nodes that it does not have"):
        check_objects(trees)


@pytest.mark.parametrize(
    "regressor", ["sklearn.neighbors.KNeighborsRegressor", "sklearn.neural_network.MLPRegressor"]
)
def test_a_regressor_that_no_file_may_hold_is_said_before_the_training(
    regressor: str, tmp_path: Path
) -> None:
    with pytest.raises(ParameterError, match="cannot be saved: it holds the type"):
        vf.QualityModel(regressor).check_savable()
    vf.QualityModel("svr-linear").check_savable()


def test_names_of_model_files(saved: Path, tmp_path: Path) -> None:
    model = vf.QualityModel.load(saved)
    with pytest.raises(ParameterError, match=r"must end in \.skops"):
        model.save(tmp_path / "model.pkl")
    made = model.save(tmp_path / "new" / "folder" / "Model.SKOPS")
    assert vf.QualityModel.load(made).get_params()["regressor"] == "svr-rbf"
    assert [one.name for one in made.parent.iterdir()] == ["Model.SKOPS"]


def test_no_random_bytes_are_a_model(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(100):
        content = random.bytes(int(random.integers(18, 400)))
        head = b"PK\x05\x06" + content + model_file._MARK
        file = tmp_path / f"{number}.skops"
        file.write_bytes(head + hashlib.sha256(head).hexdigest().encode() if number % 2 else content)
        refused(file, "cannot be read as a model")
