"""The examples in the docstrings of public names give the answers they show."""

from __future__ import annotations

import doctest

import pytest

import vqa_features as vf

#: What users call first has an example.
WITH_EXAMPLE = {
    "VideoFeatures",
    "build_backbone",
    "extract",
    "extract_frames",
    "list_extractors",
    "make",
    "score",
}


@pytest.mark.parametrize("name", sorted(vf.__all__))
def test_the_examples_of_a_public_name_are_right(name: str) -> None:
    value = getattr(vf, name)
    if not getattr(value, "__module__", "").startswith("vqa_features"):  # a module, or numpy's array type
        return
    examples = [one for one in doctest.DocTestFinder().find(value, name, globs={}) if one.examples]
    assert examples or name not in WITH_EXAMPLE
    for example in examples:
        result = doctest.DocTestRunner().run(example)
        assert result.attempted > 0
        assert result.failed == 0
