"""Tables for a paper: what is bold, what is marked, and names that LaTeX or Markdown would obey."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hostile_names import HOSTILE_NAMES
from synthetic import baseline_alone, make_comparison

from vqa_features.comparison.result import Comparison
from vqa_features.errors import ParameterError
from vqa_features.report import write_paper
from vqa_features.report.escaping import latex, markdown
from vqa_features.report.formatting import shown
from vqa_features.report.paper import FILES, summary_md, summary_table, summary_tex
from vqa_features.report.view import ProtocolView, views_of

LONE = "lone\ud800 byte\udcff"
NAMES = [
    *HOSTILE_NAMES,
    LONE,
    "\\input{/etc/passwd}",
    "\\write18{touch /tmp/x}",
    "a & b % c # d",
    "[1cm]",
    "*",
    "a--b---c",
    "``quoted'' ,,low'' ?`!`",
    "a  b   c",
    "|a|b|",
    "**bold** _it_ ~~gone~~ `code`",
    "[link](javascript:1) ![](x)",
    "www.example.org http://example.org",
    "é ñ ü ç å š ﬁ ø ł",
    "^^5c^^41",
    '"a "ck',
]
GIVEN = tuple(name for name in NAMES if name != LONE)
ENGINE = next((name for name in ("pdflatex", "lualatex", "xelatex", "tectonic") if shutil.which(name)), None)

# What TeX makes of its commands: a reader of the few that names may be written with.
_WORDS = {
    "textbackslash": "\\", "textasciicircum": "^", "textasciitilde": "~", "textless": "<", "textgreater": ">",
    "textbar": "|", "dots": "…",
}  # fmt: skip
_MARKS = dict(zip("`'^~\"rvc", "\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327", strict=True))
_TOKEN = re.compile(
    r"\\ttfamily\\char(?P<code>\d+)|\\(?P<accent>[`'^~\"]|[rvc](?=\{))\{\\?(?P<letter>[a-zA-Z])\}"
    r"|\\(?P<word>[a-zA-Z]+)(?:\{\})?|\\(?P<sign>.)|(?P<maths>\$-\$|\$\\times\$|\$\\cdot\$)"
    r"|(?P<ligature>---|--|``|''|,,|\?`|!`)|(?P<brace>[{}])|(?P<plain>.)"
)


def set_by_tex(text: str) -> str:
    """Return what TeX prints of escaped text; fail on anything that it would obey."""
    found, depth = [], 0
    for token in _TOKEN.finditer(text):
        kind, value = str(token.lastgroup), token[0]
        if kind == "code":
            found.append(chr(int(token["code"])))
        elif kind == "letter":
            found.append(unicodedata.normalize("NFC", token["letter"] + _MARKS[token["accent"]]))
        elif kind == "word":
            found.append(_WORDS[token["word"]])
        elif kind == "sign":
            assert token["sign"] in "{}$&#%_ ", value
            found.append(token["sign"])
        elif kind == "brace":
            depth += 1 if value == "{" else -1
            assert depth >= 0, text
        elif kind == "maths":
            found.append({"$-$": "−", "$\\times$": "×", "$\\cdot$": "·"}[value])
        elif kind == "ligature":
            found.append({"---": "—", "--": "–", "``": "“", "''": "”"}[value])
        else:
            assert value not in '\\$&#%_^~`"', value
            found.append(value)
    assert depth == 0
    return re.sub(r"\[U\+([0-9A-F]+)\]", lambda code: chr(int(code[1], 16)), "".join(found))


@pytest.mark.parametrize("name", NAMES)
def test_latex_prints_a_name_as_it_is_shown(name: str) -> None:
    text = shown(name)
    written = latex(text)
    assert written.isascii()
    assert "\n" not in written
    printed = set_by_tex(written)
    assert printed == unicodedata.normalize("NFC", text)
    assert not re.match(r"[\[*]", written)


@pytest.mark.parametrize(
    "text", ["a--b", "``a''", ",,a", "?`", "!`", "---", "'''", "-,-", "a 'b' c", "x -- y", "don't"]
)
def test_no_two_signs_of_a_name_become_another(text: str) -> None:
    assert set_by_tex(latex(text)) == text


@pytest.mark.parametrize("char", [chr(code) for code in range(32, 127)])
def test_every_ascii_character_is_printed(char: str) -> None:
    assert set_by_tex(latex(f"a{char}b{char}{char}")) == f"a{char}b{char}{char}"


def text_of_markdown(text: str) -> list[list[str]]:
    """Return the cells of the first table of a page, as an independent program reads them."""
    markdown_it = pytest.importorskip("markdown_it")
    tokens = (
        markdown_it.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    )
    rows: list[list[str]] = []
    for token in tokens[: [token.type for token in tokens].index("table_close")]:
        if token.type == "tr_open":
            rows.append([])
        if token.type == "inline" and rows:
            kinds = {child.type for child in token.children}
            assert kinds <= {"text", "strong_open", "strong_close", "text_special"}, (token.content, kinds)
            rows[-1].append("".join(child.content for child in token.children))
    return rows


@pytest.mark.parametrize("name", NAMES)
def test_markdown_shows_a_name_as_it_is(name: str) -> None:
    rows = text_of_markdown(f"| a | b |\n|---|---|\n| {markdown(shown(name))} | x |\n")
    assert rows[1] == [shown(name).strip(), "x"]


@pytest.fixture(scope="module")
def hostile() -> Comparison:
    return make_comparison(splits=3, tables=GIVEN, protocols=("strict",))


def test_the_tables_hold_every_hostile_name_once_for_each_regressor(hostile: Comparison) -> None:
    views = views_of(hostile)
    rows = text_of_markdown(summary_md(views))
    assert {len(row) for row in rows} == {10}
    names = sorted(row[0] for row in rows[1:] if row[1] == "ridge")
    assert names == sorted(shown(name).strip() for name in GIVEN)
    body = summary_tex(views).split("\\midrule\n")[1].split("\\bottomrule")[0].splitlines()
    cells = [re.split(r"(?<!\\)&", line.removesuffix(r" \\")) for line in body]
    assert {len(row) for row in cells} == {10}
    printed = sorted(set_by_tex(row[0].strip()) for row in cells if row[1].strip() == "ridge")
    assert printed == sorted(unicodedata.normalize("NFC", shown(name)).strip() for name in GIVEN)


@pytest.mark.skipif(ENGINE is None, reason="no LaTeX is installed")
def test_latex_compiles_the_table_of_hostile_names(hostile: Comparison, tmp_path: Path) -> None:
    write_paper(hostile, tmp_path)
    main = tmp_path / "main.tex"
    main.write_text(
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\\input{summary.tex}\\end{document}"
    )
    flags = [] if ENGINE == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error"]
    done = subprocess.run(
        [str(ENGINE), *flags, "main.tex"], cwd=tmp_path, capture_output=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "main.pdf").stat().st_size > 0


def scored(comparison: Comparison, **values: list[float]) -> Comparison:
    """Return the comparison with given values of its summary, in its order."""
    return replace(comparison, summary=comparison.summary.assign(**values))


def view_of(verdicts: dict[tuple[str, str], str], srcc: dict[str, float]) -> ProtocolView:
    """Return the view of tables of given SRCC and verdicts, each with the regressor ridge."""
    comparison = make_comparison(40, 3, tuple(srcc), ("strict",))
    keep = comparison.summary["regressor"] != "svr-rbf"
    summary = comparison.summary[keep].reset_index(drop=True)
    summary["srcc"] = [srcc[row.table] if row.regressor == "ridge" else 0.0 for row in summary.itertuples()]
    pairs = comparison.significance
    pairs = pairs[(pairs["regressor_a"] == "ridge") & (pairs["regressor_b"] == "ridge")].copy()
    found = [verdicts.get((row.table_a, row.table_b)) for row in pairs.itertuples()]
    pairs = pairs.assign(verdict=found)[[verdict is not None for verdict in found]]
    scores = comparison.scores[comparison.scores["regressor"] != "svr-rbf"]
    predictions = comparison.predictions[comparison.predictions["regressor"] != "svr-rbf"]
    return ProtocolView(
        replace(comparison, summary=summary, significance=pairs, scores=scores, predictions=predictions)
    )


def test_those_not_told_from_the_best_are_marked() -> None:
    verdicts = {("a", "b"): "open", ("a", "c"): "equivalent", ("a", "d"): "a"}
    view = view_of(verdicts, {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6, "e": 0.5})
    table = summary_table(view)
    marks = {model.table: cells[0].mark for model, _, cells in table.rows if model.role != "baseline"}
    assert marks == {"a": "", "b": "open", "c": "equal", "d": "", "e": "untested"}
    assert [cells[0].best for _, _, cells in table.rows] == [True, False, False, False, False, False]
    assert all(not cell.mark for _, _, cells in table.rows for cell in cells[1:])
    tex, md = summary_tex({"strict": view}), summary_md({"strict": view})
    assert r"\textbf{.900} &" in tex
    assert r".800\textsuperscript{\textdagger} &" in tex
    assert r".700\textsuperscript{\textdaggerdbl} &" in tex
    assert "| **.900** |" in md
    assert "| .800† |" in md
    assert "| .700‡ |" in md
    assert "| .600 |" in md
    assert "| .500ⁿ |" in md
    assert "† the difference is not significant, ‡ equal within the margin, ⁿ not tested." in md
    assert "corrected resampled t-test over the splits in SRCC, Holm's correction over" in md


def test_without_a_test_nothing_looks_tested() -> None:
    view = view_of({}, {"a": 0.9, "b": 0.8})
    text = summary_md({"strict": view})
    assert "| .800ⁿ |" in text
    assert "ⁿ The difference from the model of best SRCC was not tested." in text
    assert "Differences between models were not tested." in text
    assert "t-test" not in text


def test_ties_at_the_printed_digits_are_all_bold_and_least_error_is_best() -> None:
    comparison = make_comparison(40, 3, ("brisque", "videval"), ("strict",))
    rows = len(comparison.summary)
    rmse = [0.5, 0.30004, 0.9, 0.30001, 0.6, 0.9][:rows]
    table = summary_table(ProtocolView(scored(comparison, rmse=rmse)))
    at = [metric.name for metric in table.metrics].index("rmse")
    bold = [cells[at].text for _, _, cells in table.rows if cells[at].best]
    assert bold == [".300", ".300"]


def test_values_that_are_missing_are_dashes_and_never_the_best() -> None:
    comparison = make_comparison(40, 3, ("brisque", "videval"), ("strict",))
    srcc = [np.nan if one == "videval" else 0.5 for one in comparison.summary["table"]]
    pairs = comparison.significance.assign(p_holm=np.nan, p=np.nan)
    comparison = replace(scored(comparison, srcc=srcc), significance=pairs)
    table = summary_table(ProtocolView(comparison))
    failed = [
        cells[0] for model, _, cells in table.rows if model.table == "videval" and model.role != "baseline"
    ]
    assert {cell.text for cell in failed} == {"–"}
    assert not any(cell.best for cell in failed)
    assert {cell.mark for cell in failed} == {"untested"}
    assert " -- " in summary_tex(views_of(comparison))


def test_every_protocol_and_part_has_a_table() -> None:
    comparison = make_comparison(splits=3)
    halves = ("easy", "hard")
    parted = replace(
        comparison,
        **{
            name: pd.concat(
                [getattr(comparison, name).assign(part=part) for part in halves], ignore_index=True
            )
            for name in ("scores", "summary", "significance", "predictions")
        },
    )
    views = views_of(parted)
    tex = summary_tex(views)
    assert tex.count(r"\begin{table}") == tex.count(r"\end{tabular}") == 4
    assert len(set(re.findall(r"\\label\{(.*?)\}", tex))) == 4
    assert "protocol literature, test part hard" in tex
    assert summary_md(views).count("## ") == 4


def test_a_table_of_the_baseline_alone(tmp_path: Path) -> None:
    write_paper(baseline_alone(make_comparison(splits=3)), tmp_path)
    assert "training mean" in (tmp_path / "summary.md").read_text()


def test_the_files_are_utf8_and_replaced_together(tmp_path: Path, hostile: Comparison) -> None:
    files = write_paper(hostile, tmp_path / "new")
    assert [file.name for file in files] == list(FILES)
    for file in files:
        file.read_bytes().decode("utf-8")
    before = [file.read_bytes() for file in files]
    with pytest.raises(ParameterError, match="holds no scores"):
        write_paper(replace(hostile, scores=hostile.scores.iloc[:0]), tmp_path / "new")
    assert [file.read_bytes() for file in files] == before
    write_paper(make_comparison(splits=3), tmp_path / "new")
    assert all(file.read_bytes() != old for file, old in zip(files, before, strict=True))
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(FILES)
