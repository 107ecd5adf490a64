"""Names that mean something to a page, a script, a figure, a template or a terminal."""

from __future__ import annotations

LONG = "x" * 10_000

HOSTILE_NAMES = (
    "a$a^^b$",
    "$\\frac{",
    "$$",
    "\\n_x^2",
    "_x",
    LONG,
    "",
    " ",
    "</script><script>window.hacked=1</script>",
    '<img src=x onerror="window.hacked=1">',
    "{{ 7*7 }}{% raw %}{#",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "items",
    "rtl\u202egnp.exe\u2066\u200f",
    "line\nbreak\r\t\x00\x1b[31m\x7f\u2028",
    "\u05e9\u05dc\u05d5\u05dd",
    "\u6570\u636e\U0001f600",
    "\ufffe\ufdd0\U0010ffff",
    "javascript:window.hacked=1",
    "'\"` onload=x",
    "../../up",
)
