"""Texts of strangers do not steer the terminal."""

from __future__ import annotations

import pytest

from vqa_features.progress import printable, say


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢字\ntext", "plain é 漢字\ntext"),
        ("\x1b[2Jx", r"\x1B[2Jx"),
        ("a\rb\x08c\x7fd", r"a\x0Db\x08c\x7Fd"),
        ("\x9b31m", r"\xC2\x9B31m"),
        ("gpj.\u202eexe", r"gpj.\xE2\x80\xAEexe"),
        ("\u2066x", r"\xE2\x81\xA6x"),
        ("\ud800", r"\xED\xA0\x80"),
    ],
)
def test_control_characters_are_written_out(
    capsys: pytest.CaptureFixture[str], text: str, shown: str
) -> None:
    assert printable(text) == shown
    say(text)
    assert capsys.readouterr().err == shown + "\n"
