"""The answer in words: which family is better, by how much, and whether the data can say so."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from ..comparison.result import FUSION, Comparison
from .view import Model, best_of_each, summarise
from .view import rivals as find_rivals

VERDICTS = {"a": "better", "b": "worse", "equivalent": "equal", "open": "open"}
"""The words of the significance table, told of its model a."""
TURNED = {"better": "worse", "worse": "better"}


class Contrast(NamedTuple):
    """The tested difference in SRCC between two models, first minus second."""

    first: Model
    second: Model
    difference: float
    low: float
    high: float
    p: float
    """Corrected for the overlap of training parts and, where several pairs were tested, for their number."""
    verdict: str
    """``better``, ``worse``, ``equal`` (inside the margin that counts as equal) or ``open``, of the first."""

    def turned(self) -> Contrast:
        """Return the same finding as second minus first."""
        verdict = TURNED.get(self.verdict, self.verdict)
        return Contrast(self.second, self.first, -self.difference, -self.high, -self.low, self.p, verdict)


class Headline(NamedTuple):
    """What stands at the top of the page."""

    sentence: str
    detail: str
    contrasts: list[Contrast]


def decimal(value: float, digits: int = 3) -> str:
    """Return a number the way the field prints correlations: ``.783``, ``−.030``, ``–`` when it is
    missing."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{abs(value):.{digits}f}"
    text = text[1:] if text.startswith("0.") else text
    return f"−{text}" if value < 0 and float(text) != 0 else text


def signed(value: float, digits: int = 3) -> str:
    """Return a difference with its sign: ``+.031``, ``−.030``, ``.000``."""
    text = decimal(value, digits)
    return f"+{text}" if math.isfinite(value) and round(value, digits) > 0 else text


def p_text(p: float) -> str:
    """Return ``p < .001`` or ``p = .012``."""
    if not math.isfinite(p):
        return "p unknown"
    return "p < .001" if p < 0.001 else f"p = {decimal(p)}"


def contrasts(comparison: Comparison, protocol: str) -> dict[tuple[Model, Model], Contrast]:
    """Return every tested pair of SRCCs of one protocol, in both directions."""
    rows = comparison.significance
    if rows.empty:
        return {}
    rows = rows[(rows["protocol"] == protocol) & (rows["metric"] == "srcc")]
    family = comparison.scores.drop_duplicates("table").set_index("table")["family"]
    found: dict[tuple[Model, Model], Contrast] = {}
    for row in rows.to_dict("records"):
        first = Model(row["table_a"], row["regressor_a"], family[row["table_a"]])
        second = Model(row["table_b"], row["regressor_b"], family[row["table_b"]])
        size = (float(row["difference"]), float(row["low"]), float(row["high"]), float(row["p_holm"]))
        one = Contrast(first, second, *size, VERDICTS[row["verdict"]])
        found[first, second], found[second, first] = one, one.turned()
    return found


def headline(comparison: Comparison, protocol: str, *, proxy: bool = False) -> Headline:
    """Return the finding of one protocol in words.

    Each family is represented by its model of highest median SRCC; with a single family its two best tables
    are held against each other.
    """
    summary = summarise(comparison)
    srcc = _medians(summary, protocol)
    rivals = find_rivals(summary, protocol)
    by_family = len({model.family for model in rivals}) > 1
    if not rivals:
        return Headline("Only the baseline was run.", "", [])
    names = {model: model.family if by_family else model.table for model in rivals}
    tested = contrasts(comparison, protocol)
    fused = [model for model in best_of_each(summary, protocol, "family") if model.family == FUSION]
    shown = [
        tested[pair]
        for pair in [*_pairs(rivals[:3]), *((fusion, rivals[0]) for fusion in fused)]
        if pair in tested
    ]

    if len(rivals) == 1:
        sentence = f"{_capital(names[rivals[0]])} reaches a median SRCC of {decimal(srcc[rivals[0]])}"
    elif (rivals[0], rivals[1]) in tested:
        sentence = _sentence(tested[rivals[0], rivals[1]], names, len(tested) // 2)
    else:
        best, second = rivals[:2]
        sentence = (
            f"{_capital(names[best])} reaches a median SRCC of {decimal(srcc[best])}, {names[second]} "
            f"{decimal(srcc[second])}; the difference was not tested"
        )
    ending = ", judged by a proxy, not by MOS." if proxy else "."
    who = "; ".join(
        f"{names[model]} by {_means(model)} (median SRCC {decimal(srcc[model])})" for model in rivals[:3]
    )
    detail = f"Each {'family' if by_family else 'table'} is represented by its best model: {who}."
    for fusion in fused:
        if (fusion, rivals[0]) in tested:
            detail += " " + _fusion_sentence(tested[fusion, rivals[0]], names[rivals[0]])
    return Headline(sentence + ending, detail, shown)


def _sentence(found: Contrast, names: dict[Model, str], pairs: int) -> str:
    if found.difference < 0:
        found = found.turned()
    first, second = names[found.first], names[found.second]
    size = f"{decimal(found.difference)} SRCC [{decimal(found.low)}, {decimal(found.high)}]"
    if found.verdict == "better":
        return f"{_capital(first)} beats {second} by {size}, corrected {p_text(found.p)}"
    if found.verdict == "equal":
        return f"{_capital(first)} and {second} are equal for practical purposes: {size} apart"
    if found.low > 0:  # clear for this pair alone, but it was picked among many
        return (
            f"{_capital(first)} leads {second} by {size}, which does not survive the correction for {pairs} "
            f"tested pairs, {p_text(found.p)}"
        )
    return f"No evidence of a difference between {first} and {second}: {size}, corrected {p_text(found.p)}"


def _fusion_sentence(found: Contrast, rival: str) -> str:
    size = f"{decimal(found.difference)} [{decimal(found.low)}, {decimal(found.high)}], {p_text(found.p)}"
    effect = {
        "better": "gains",
        "worse": "loses",
        "equal": "changes nothing that matters",
        "open": "shows no clear gain",
    }
    return f"Fusing the families {effect[found.verdict]} over {rival} alone: {size}."


def _means(model: Model) -> str:
    """Return table and regressor; the table is left unsaid where it has the family's name."""
    return model.regressor if model.table == model.family else model.label


def _medians(summary: pd.DataFrame, protocol: str) -> dict[Model, float]:
    rows = summary[summary["protocol"] == protocol]
    return {
        Model(row["table"], row["regressor"], row["family"]): float(row["srcc"])
        for row in rows.to_dict("records")
    }


def _pairs(rivals: list[Model]) -> list[tuple[Model, Model]]:
    return [(first, second) for i, first in enumerate(rivals) for second in rivals[i + 1 :]]


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
