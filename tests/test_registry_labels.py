"""Labels make extractors: names, parameters of every type, lists, and what is refused."""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from vqa_features.errors import ParameterError, UnknownName, WeightsMissing
from vqa_features.extractor import Extractor
from vqa_features.registry import (
    _discovered,
    broken_plugins,
    catalogue,
    list_extractors,
    make,
    make_all,
    registry,
    weights_state,
)

NETWORKS_3D = {"i3d-r50", "mc3-18", "r2plus1d-18", "r3d-18", "slowfast-r50", "transnetv2", "x3d-m"}
EFFICIENTNETS = {f"efficientnet-lite{number}" for number in range(3)}


def values(label: str, *names: str) -> tuple[object, ...]:
    extractor = make(label)
    return tuple(getattr(extractor, name) for name in names)


def test_names_are_sorted_and_name_their_class() -> None:
    known = registry()
    assert list(known) == sorted(known)
    assert all(issubclass(cls, Extractor) and cls.name == name for name, cls in known.items())
    assert {"brisque", "siti", "hf:", "r3d-18"} <= set(known)
    assert registry() is known


def test_a_label_without_parameters_is_the_published_method() -> None:
    assert make("brisque") == make(" brisque ") == make("brisque[]") == registry()["brisque"]()
    assert type(make("siti")) is registry()["siti"]


def test_an_extractor_is_its_own_label() -> None:
    extractor = make("brisque[scales=3]")
    assert make(extractor) is extractor
    assert make_all(extractor) == [extractor]


def test_parameters_take_the_type_of_their_field() -> None:
    assert values("brisque[scales=3]", "scales") == (3,)
    assert values("niqe[model=live]", "model") == ("live",)
    assert values("tlvqm[window=7]", "window") == (7,)
    assert values("tlvqm[window=None]", "window") == (None,)
    label = "resnet-50[ fps = 0.5 , reduce=mean+std, precision=fp32,tap=layer1+layer2]"
    assert values(label, "fps", "reduce", "precision", "tap") == (
        0.5,
        ("mean", "std"),
        "fp32",
        ("layer1", "layer2"),
    )


def test_random_after_a_name_sets_the_weights() -> None:
    assert values("r3d-18@random", "weights") == ("random",)
    assert values("r3d-18@random[clips=2]", "weights", "clips") == ("random", 2)
    assert make("r3d-18@random") == make("r3d-18[weights=random]")
    assert make("r3d-18").weights is None  # type: ignore[attr-defined]


def test_a_scheme_takes_the_rest_of_the_name_as_its_first_parameter() -> None:
    assert values("hf:some/model[fps=2]", "model", "fps") == ("some/model", 2.0)
    assert make("hf:some/model").name == "hf:"


@pytest.mark.parametrize(
    ("label", "error", "message"),
    [
        ("brisk", UnknownName, "did you mean 'brisque'"),
        ("nothing:here", UnknownName, "unknown extractor 'nothing:here'"),
        ("hf", UnknownName, "unknown extractor 'hf'"),
        ("brisque[", ParameterError, r"cannot read the extractor label 'brisque\['"),
        ("", ParameterError, "cannot read the extractor label ''"),
        ("brisque[scales]", ParameterError, "a parameter is written key=value, got 'scales'"),
        ("brisque[scales=two]", ParameterError, r"brisque\[scales\] must be int, got 'two'"),
        ("brisque[sclaes=2]", UnknownName, "unknown parameter of brisque 'sclaes'.*known: scales"),
        ("colorfulness[x=1]", UnknownName, "known: none"),
        ("siti[x=1]", UnknownName, "known: pairs"),
        ("resnet-50[precision=fp8]", ParameterError, r"precision\] must be one of .*fp32.*, got 'fp8'"),
        ("resnet-50[reduce=mean+none]", ParameterError, r"reduce\] must be one of .*, got 'none'"),
        ("tlvqm[window=wide]", ParameterError, r"tlvqm\[window\] must be int, got 'wide'"),
        ("brisque[scales=None]", ParameterError, r"brisque\[scales\] must be int, got 'None'"),
    ],
)
def test_what_no_extractor_is_called_is_named(label: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make(label)


@pytest.mark.needs("torch")
def test_a_text_of_labels_is_cut_at_commas_outside_brackets() -> None:
    made = make_all("siti, tlvqm[window=7],resnet-50[clips=2,fps=3],")
    assert [extractor.label for extractor in made] == [
        "siti",
        "tlvqm[window=7]",
        "resnet-50[clips=2,fps=3.0]",
    ]
    assert make_all(["siti", make("brisque")]) == [make("siti"), make("brisque")]


@pytest.mark.parametrize("labels", ["", " , ", []])
def test_no_label_is_an_error(labels: str | list[str]) -> None:
    with pytest.raises(ParameterError, match="no extractor was named"):
        make_all(labels)


def test_the_same_extractor_twice_is_an_error_and_another_setting_is_not() -> None:
    with pytest.raises(ParameterError, match="the extractor 'siti' is named twice"):
        make_all("siti,brisque,siti")
    with pytest.raises(ParameterError, match="the extractor 'brisque' is named twice"):
        make_all("brisque,brisque[scales=2]")
    assert len(make_all("brisque,brisque[scales=3]")) == 2


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install a distribution with an entry point per given module text; the registry is read anew."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(entries: str, **modules: str) -> None:
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
        folder = tmp_path / "plugins-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: plugins\nVersion: 1\n")
        (folder / "entry_points.txt").write_text(f"[vqa_features.extractors]\n{entries}\n")
        _discovered.cache_clear()

    yield install
    _discovered.cache_clear()
    for name in ("plug_module", "plug_class", "plug_parts"):
        sys.modules.pop(name, None)


PLUG_IN = """
from dataclasses import dataclass
from vqa_features.extractor import Extractor
from vqa_features.specs import Feature

@dataclass(frozen=True)
class {cls}(Extractor):
    name = {name!r}
    group = "plug-ins"
    on: bool = True

    @property
    def features(self):
        return (Feature("x"),)

    def open(self, info):
        raise NotImplementedError
"""


def test_entry_points_add_a_class_or_every_named_class_of_a_module(plugins) -> None:
    parts = PLUG_IN.format(cls="Part", name="part")
    module = "from plug_parts import Part\n" + PLUG_IN.format(cls="A", name="plug-a")
    module += PLUG_IN.format(cls="B", name="plug-b") + PLUG_IN.format(cls="Base", name="")
    single = PLUG_IN.format(cls="C", name="plug-c")
    entries = "one = plug_module\ntwo = plug_class:C\nagain = plug_class:C"
    before = set(registry())
    plugins(entries, plug_module=module, plug_parts=parts, plug_class=single)
    # the imported class Part and the nameless Base are not added
    assert set(registry()) - before == {"plug-a", "plug-b", "plug-c"}
    assert list(registry()) == sorted(registry())


def test_a_plug_in_with_the_name_of_a_built_in_is_left_out_and_named(plugins) -> None:
    built_in = registry()["siti"]
    plugins("one = plug_class:C", plug_class=PLUG_IN.format(cls="C", name="siti"))
    assert registry()["siti"] is built_in
    (broken,) = broken_plugins()
    assert "plug_class.C is called 'siti', the name of" in broken.reason


def test_a_true_or_false_parameter_is_written_out(plugins) -> None:
    plugins("one = plug_class:C", plug_class=PLUG_IN.format(cls="C", name="plug-c"))
    assert values("plug-c[on=True]", "on") == (True,)
    assert values("plug-c[on=False]", "on") == (False,)
    with pytest.raises(ParameterError, match=r"plug-c\[on\] must be True or False, got 'yes'"):
        make("plug-c[on=yes]")


def test_the_catalogue_describes_the_default_parameters() -> None:
    rows = {row["name"]: row for row in catalogue()}
    assert rows["siti"] == {
        "name": "siti",
        "family": "handcrafted",
        "group": "temporal",
        "columns": 2,
        "scope": "pair",
        "cost": "cheap",
        "weights": "none needed",
        "version": 2,
    }
    assert set(rows) == set(registry())
    assert (rows["hf:"]["columns"], rows["hf:"]["weights"]) == (None, "named by the label")
    assert rows["brisque"]["weights"] == "present"


def test_the_catalogue_lists_handcrafted_first_then_by_group_and_name() -> None:
    order = [(row["family"], row["group"], row["name"]) for row in catalogue()]
    handcrafted = [key for key in order if key[0] == "handcrafted"]
    deep = [key for key in order if key[0] == "deep"]
    assert order == sorted(handcrafted) + sorted(deep)
    assert handcrafted
    assert deep


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("siti", {"siti"}),
        ("SITI", {"siti"}),
        ("higrade-?", {"higrade-1", "higrade-2"}),
        ("igrad", {"higrade-1", "higrade-2"}),
        ("cnn", {*NETWORKS_3D, *EFFICIENTNETS, "resnet-50"}),
        ("3d-*", NETWORKS_3D),
        ("nothing", set()),
    ],
)
def test_the_catalogue_is_searched_by_name_and_group(pattern: str, expected: set[str]) -> None:
    assert {row["name"] for row in catalogue(pattern)} == expected


def test_the_catalogue_can_be_limited_to_a_family() -> None:
    deep = catalogue(family="deep")
    assert {row["family"] for row in deep} == {"deep"}
    assert len(deep) + len(catalogue(family="handcrafted")) == len(catalogue()) == len(registry())
    assert catalogue("siti", "deep") == []
    assert [row["name"] for row in catalogue("siti", "handcrafted")] == ["siti"]


def test_extractors_are_listed_as_a_table_by_name() -> None:
    found = list_extractors("handcrafted")
    assert isinstance(found, pd.DataFrame)
    assert found.index.name == "name"
    assert found.loc["siti", "columns"] == 2
    assert set(found["family"]) == {"handcrafted"}
    assert len(list_extractors()) == len(registry())
    with pytest.raises(ParameterError, match="family must be handcrafted or deep, got 'shallow'"):
        list_extractors("shallow")


def test_weights_are_not_needed_present_or_missing() -> None:
    @dataclasses.dataclass(frozen=True)
    class Learned(type(make("colorfulness"))):  # type: ignore[misc]
        answer: str | None = None

        def weights_sha256(self) -> str | None:
            if self.answer == "missing":
                raise WeightsMissing("get them")
            return self.answer

    assert weights_state(Learned()) == "none needed"
    assert weights_state(Learned("0" * 64)) == "present"
    assert weights_state(Learned("missing")) == "missing"


def test_every_label_of_the_catalogue_is_made_again_from_its_label() -> None:
    for name in registry():
        if not name.endswith(":"):
            assert make(make(name).label) == make(name)
            assert re.fullmatch(r"[a-z0-9-]+", name)


@pytest.mark.parametrize("name", ["caf\udce9.npz", "a\x1bx.npz", "a\nb.npz"])
def test_a_label_that_no_table_can_hold_is_refused_before_the_work(name: str) -> None:
    with pytest.raises(ParameterError, match="plain text"):
        make_all(f"niqe[model=./{name}]")
    assert make_all("niqe[model=./caf\u00e9\u3000x.npz]")
