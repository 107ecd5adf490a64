"""What columns say of their values: completed from the class, shown, and missed where it is not said."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from commands import run

import vqa_features as vf
from vqa_features.column_facts import NAMES, undeclared
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, PairExtractor, Session
from vqa_features.registry import registry
from vqa_features.specs import Feature
from vqa_features.testing import check_column_facts

ALL = {"unit": "1", "direction": "none", "resolution": "full size"}


def declare(base: type[Extractor] = Extractor, **changes: Any) -> Extractor:
    """Make an extractor that declares `changes`."""
    body: dict[str, Any] = {
        "name": "mean-luma",
        "group": "artefact",
        "references": ("A paper", "Its release"),
        "features": property(lambda self: (Feature("mean", "mean of luma", low=0),)),
        "open": lambda self, info: Session(),
        "windows": lambda self, n_frames, fps: None,
    }
    return type("MeanLuma", (base,), {**body, **changes})()


def test_a_feature_keeps_what_it_says_and_the_class_says_the_rest() -> None:
    own = Feature("a", "one", "codes", -1, 1, "lower is better", "above 0: up", "the last", "half size", "Me")
    features = property(lambda self: (own, Feature("b", "two", low=0)))
    first, second = declare(features=features, column_facts=ALL).described_features
    assert first == own
    assert second == Feature(
        "b",
        "two",
        "1",
        0,
        direction="none",
        frame="the sampled frame",
        resolution="full size",
        source="A paper",
    )


@pytest.mark.parametrize(
    ("base", "changes", "frame"),
    [
        (Extractor, {"scope": "frame"}, "the sampled frame"),
        (Extractor, {"scope": "clip"}, "the frames of a window, at the time of its first"),
        (Extractor, {"scope": "video"}, "all sampled frames"),
        (Extractor, {"scope": "pair"}, "the sampled frame, with 1 before it in the source"),
        (Extractor, {"scope": "pair", "before": 0}, "the sampled frame"),
        (PairExtractor, {"before": 3}, "the sampled frame, with 3 before it in the source"),
        (PairExtractor, {"after": 1}, "the sampled frame, with 1 before and 1 after it in the source"),
    ],
)
def test_the_frame_follows_from_the_scope(base: type[Extractor], changes: dict[str, Any], frame: str) -> None:
    assert declare(base, **changes).described_features[0].frame == frame


def test_neighbours_in_the_sample_are_told_from_those_in_the_source() -> None:
    assert vf.make("siti[pairs=sampled]").described_features[1].frame.endswith("in the sample")


@pytest.mark.parametrize("fact", ["unit", "direction", "resolution"])
def test_a_column_that_lacks_a_fact_fails(fact: str) -> None:
    check_column_facts(declare(column_facts=ALL))
    with pytest.raises(AssertionError, match=f"mean does not say its {fact}: give it in its Feature"):
        check_column_facts(declare(column_facts={k: v for k, v in ALL.items() if k != fact}))


def test_a_column_without_a_source_fails_unless_a_reference_gives_it() -> None:
    with pytest.raises(AssertionError, match="its source"):
        check_column_facts(declare(column_facts=ALL, references=()))


def test_values_below_zero_need_a_sign_so_forgotten_bounds_are_found() -> None:
    forgotten = Feature("x", "x", **ALL, frame="f", source="s")  # type: ignore[arg-type]
    assert undeclared(forgotten) == ["sign"]
    assert undeclared(Feature("x", "x", low=0, **ALL, frame="f", source="s")) == []  # type: ignore[arg-type]
    assert undeclared(Feature("x", "x", sign="above 0: up", **ALL, frame="f", source="s")) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            {"units": "1"},
            "column_facts may say unit, direction, sign, frame, resolution, source, got 'units'",
        ),
        ({"unit": ""}, "column_facts: unit must be a text, got ''"),
        ({"resolution": 224}, "resolution must be a text, got 224"),
        ({"direction": "better"}, "must be one of higher is better, lower is better, none, got 'better'"),
    ],
)
def test_wrong_facts_are_refused_when_the_class_is_made(facts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence):
        declare(column_facts=facts)


def test_described_columns_are_pickled_with_their_extractor() -> None:
    niqe = vf.make("niqe")
    assert pickle.loads(pickle.dumps(niqe)).described_features == niqe.described_features


def test_describe_gives_every_fact_of_every_column_as_json() -> None:
    for feature in json.loads(run("describe", "niqe", "--json").stdout)["features"]:
        assert {"name", "description", "low", "high", *NAMES} == set(feature)
        assert all(feature[name] for name in NAMES if name != "sign")


def test_describe_tells_a_shared_fact_once_and_another_at_its_column() -> None:
    text = run("describe", "brisque").stdout
    assert text.count("full size (unless a column says another)") == 1
    spaced = " ".join(text.split())
    assert "[-inf, inf] 1 mean of the AGGD of products with the left neighbour (sign: above 0:" in spaced
    assert text.count("(resolution: half size)") == 14  # four of 18 say their sign too


def test_the_resolution_of_a_network_is_that_of_its_input() -> None:
    assert vf.make("resnet-50").described_features[0].resolution == "short side 256, centre crop of 224x224"
    assert vf.make("r3d-18[crops=3]").described_features[0].resolution.endswith("3 crops of 112x112")
    assert vf.make("transnetv2").described_features[0].resolution == "48x27"


#: Variants whose columns differ from those of the default parameters.
VARIANTS = (
    "brisque[scales=1]",
    "brisque[scales=6]",
    "resnet-50[tap=layer1,reduce=mean+std]",
    "r3d-18[weights=random,crops=3]",
    "tlvqm[window=4]",
)
NAMED = [name for name in registry() if not name.endswith(":")]


@pytest.mark.parametrize("label", [*NAMED, *VARIANTS])
def test_every_column_of_every_extractor_says_all_of_itself(label: str) -> None:
    check_column_facts(vf.make(label))
