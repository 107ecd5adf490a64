"""Texts of strangers do not steer the terminal."""

from __future__ import annotations

import pytest

from vqa_features.progress import printable, say


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢字\n\ttext", "plain é 漢字\n\ttext"),
        ("\x1b[2Jx", r"\x1b[2Jx"),
        ("a\rb\x08c\x7fd", r"a\rb\x08c\x7fd"),
        ("\x9b31m", r"\x9b31m"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("\u2066x", r"\u2066x"),
        ("\ud800", r"\ud800"),
    ],
)
def test_control_characters_are_written_out(
    capsys: pytest.CaptureFixture[str], text: str, shown: str
) -> None:
    assert printable(text) == shown
    say(text)
    assert capsys.readouterr().err == shown + "\n"
