"""A wrong declaration is refused when its class is made, in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session
from vqa_features.frame import VIEWS
from vqa_features.specs import Feature

VIEW_NAMES = ", ".join(VIEWS)


def declare(**changes: Any) -> type[Extractor]:
    """Make the class of an extractor that declares `changes`."""
    body: dict[str, Any] = {
        "name": "mean-luma",
        "group": "artefact",
        "features": property(lambda self: (Feature("mean", "mean of luma"),)),
        "open": lambda self, info: Session(),
    }
    return type("MeanLuma", (Extractor,), {**body, **changes})


def test_a_right_declaration_is_accepted() -> None:
    assert declare(name="mean-luma2:", cost="heavy", needs=("rgb", "chroma"), version=7).version == 7


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"name": "Mean luma"},
            "name must consist of lower-case letters, digits and hyphens, got 'Mean luma'",
        ),
        ({"name": "-luma"}, "got '-luma'"),
        ({"name": None}, "name must consist of .*, got None"),
        ({"family": "classical"}, "family must be one of handcrafted, deep, got 'classical'"),
        ({"scope": "window"}, "scope must be one of frame, pair, clip, video, got 'window'"),
        ({"cost": "low"}, "cost must be one of cheap, medium, heavy, got 'low'"),
        ({"cost": ["cheap"]}, r"got \['cheap'\]"),
        ({"group": ""}, "group must be a text such as nss or motion, got ''"),
        ({"group": 3}, "got 3"),
        ({"version": 0}, "version must be a whole number from 1, got 0"),
        ({"version": "2"}, "got '2'"),
        ({"version": True}, "got True"),
        (
            {"needs": ("luma", "yuv")},
            rf"needs must name views \({VIEW_NAMES}\), got 'yuv'",
        ),
        (
            {"needs": "luma"},
            rf"needs must be a tuple of views \({VIEW_NAMES}\), got 'luma'",
        ),
        ({"scope": "clip"}, "scope 'clip' and must define features and open and windows; windows is missing"),
        ({"open": Extractor.open}, "must define features and open; open is missing"),
        ({"features": Extractor.features}, "features is missing"),
        ({"features": (Feature("a"), Feature("b"), Feature("a"))}, "names must be distinct, got 'a' twice"),
    ],
)
def test_a_wrong_declaration_names_class_value_and_what_is_allowed(
    changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ParameterError, match=sentence) as caught:
        declare(**changes)
    assert "test_extractor.MeanLuma" in str(caught.value)


def test_an_abstract_base_may_be_incomplete_but_not_wrong() -> None:
    base = type("Base", (Extractor,), {"scope": "clip"})
    assert base.name == ""
    with pytest.raises(ParameterError, match="group must be"):
        type("Named", (base,), {"name": "named"})
    with pytest.raises(ParameterError, match="scope must be one of"):
        type("Wrong", (Extractor,), {"scope": "window"})


def test_equal_feature_names_that_depend_on_parameters_are_found_when_they_are_read() -> None:
    cls = declare(features=property(lambda self: (Feature("mean"), Feature("mean"))))
    with pytest.raises(ParameterError, match="MeanLuma: feature names must be distinct, got 'mean' twice"):
        _ = cls().feature_names


@pytest.mark.parametrize("name", ["", "a.b", "a[1]", "mean luma"])
def test_a_feature_name_must_read_back_from_a_column(name: str) -> None:
    with pytest.raises(ParameterError, match="letters, digits"):
        Feature(name)


def test_the_bounds_of_a_feature_are_in_order() -> None:
    assert Feature("a", low=1, high=1).low == 1
    for low, high in ((2, 1), (float("nan"), 1)):
        with pytest.raises(ParameterError, match="feature a: low must not be above high"):
            Feature("a", low=low, high=high)
