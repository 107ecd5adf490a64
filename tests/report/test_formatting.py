from __future__ import annotations

import math

import pytest

from vqa_features.report.formatting import decimal, p_text, signed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.7834, ".783"),
        (-0.03, "−.030"),
        (1.0, "1.000"),
        (-0.0001, ".000"),
        (math.nan, "–"),
        (12.5, "12.500"),
    ],
)
def test_numbers_are_printed_as_correlations_are(value, text):
    assert decimal(value) == text


def test_differences_have_a_sign_unless_they_round_to_zero():
    assert [signed(value) for value in (0.031, -0.03, 0.0004, -0.0004, math.nan)] == [
        "+.031",
        "−.030",
        ".000",
        ".000",
        "–",
    ]


def test_small_p_is_a_bound():
    assert p_text(1e-9) == "p < .001"
    assert p_text(0.0123) == "p = .012"
