"""Whatever a reader of outside files raises becomes one sentence."""

from __future__ import annotations

import json

import pytest

from vqa_features.errors import ParameterError, TableError
from vqa_features.files.names import escaped_text
from vqa_features.files.reading import MOST_JSON, parse_json, reading


class PanicException(BaseException):
    pass


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (MemoryError(), "it needs more memory than there is"),
        (RecursionError("maximum recursion depth exceeded"), "it is nested too deeply"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (ValueError("odd\nlines"), "odd lines"),
        (KeyError("x"), "KeyError: 'x'"),
        (EOFError(), "EOFError"),
        (ValueError("\ud800"), r"\xED\xA0\x80"),
        (PanicException("index out of range"), "PanicException: index out of range"),
    ],
)
def test_every_failure_is_one_sentence(raised, reason):
    with pytest.raises(TableError) as told, reading("a.mat", "a table", advice="export it again"):
        raise raised
    assert str(told.value) == f"a.mat cannot be read as a table: {reason}; export it again"
    assert told.value.__cause__ is raised


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), SystemExit(3), ParameterError("ours")])
def test_ends_and_our_own_errors_pass(raised):
    with pytest.raises(type(raised)) as passed, reading("a.mat", "a table"):
        raise raised
    assert passed.value is raised


def test_a_long_reason_is_cut():
    with pytest.raises(TableError) as told, reading("a.mat", "a table"):
        raise ValueError("x" * 10_000)
    assert len(str(told.value)) < 400


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"{", "Expecting"),
        (b"[" * 200_000, "nested too deeply"),
        (b"\xff\xfe\xfa", "utf-16"),
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b" " * (MOST_JSON + 1), "at most"),
        ("1" * 5000, "integer string"),
    ],
)
def test_bad_json_is_one_sentence(text, reason):
    with pytest.raises(ParameterError, match=reason) as told:
        parse_json(text, "config.json", "a configuration", ParameterError)
    assert str(told.value).startswith("config.json cannot be read as a configuration: ")
    assert "\n" not in str(told.value)


def test_numbers_that_are_not_finite_are_read_where_they_are_allowed():
    for text in ("[NaN]", "[-Infinity]", "[1e999]"):
        with pytest.raises(TableError):
            parse_json(text, "x")
    found = parse_json("[NaN, -Infinity, 1e999]", "x", finite=False)
    assert repr(found) == "[nan, -inf, inf]"


def test_json_is_returned():
    assert parse_json(json.dumps({"a": [1, None]}), "x") == {"a": [1, None]}


def test_surrogates_of_a_text_can_be_printed():
    assert escaped_text("a\ud800b").encode() == rb"a\xED\xA0\x80b"
