"""The finding of one protocol in words: which family is better, by how much, with what evidence."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from ..comparison.result import FUSION
from .formatting import decimal, p_text, sentence, shown
from .view import Contrast, Model, ProtocolView

MOST_RIVALS = 3
"""Greatest number of rivals that the headline names."""
FUSION_EFFECT = {
    "better": "improves on",
    "worse": "is worse than",
    "equal": "is equal for practical purposes to",
    "open": "shows no clear gain over",
}
"""Effect of fusing the families by the verdict on the fusion."""


class Headline(NamedTuple):
    """The text at the top of the page and the tests it rests on."""

    sentence: str
    detail: str
    contrasts: list[Contrast]


def headline(view: ProtocolView, *, proxy: bool = False) -> Headline:
    """Return the finding of one protocol in words.

    Each family is represented by its model of highest median SRCC. A single family is represented by the best
    models of its tables.

    Parameters
    ----------
    view : ProtocolView
        The protocol to report.
    proxy : bool
        The target is a proxy of MOS, and the sentence says so.

    Returns
    -------
    Headline
    """
    rivals = view.rivals[:MOST_RIVALS]
    if not rivals:
        return Headline("Only the baseline was run.", "", [])
    by_family = len({model.family for model in rivals}) > 1
    names = {model: shown(model.family) if by_family else model.name for model in rivals}
    fusions = [
        view.contrasts[model, rivals[0]]
        for model in view.best_of_families
        if model.family == FUSION and (model, rivals[0]) in view.contrasts
    ]
    between = [view.contrasts[pair] for pair in combinations(rivals, 2) if pair in view.contrasts]
    ending = ", judged by a proxy, not by MOS." if proxy else "."
    represented = "; ".join(_represented(view, model, names[model]) for model in rivals)
    detail = [
        f"Each {'family' if by_family else 'table'} is represented by its best model: {represented}.",
        *(_fusion_sentence(contrast, names[rivals[0]]) for contrast in fusions),
    ]
    return Headline(_finding(view, rivals, names) + ending, " ".join(detail), [*between, *fusions])


def _finding(view: ProtocolView, rivals: list[Model], names: dict[Model, str]) -> str:
    """Return the main sentence, without its ending."""
    article = "an" if view.over_videos else "a"
    name, value = sentence(names[rivals[0]]), decimal(view.median_srcc(rivals[0]))
    best = f"{name} reaches {article} {view.statistic} of {value}"
    if len(rivals) == 1:
        return best
    contrast = view.contrasts.get((rivals[0], rivals[1]))
    if contrast is None:
        second = f"{names[rivals[1]]} {decimal(view.median_srcc(rivals[1]))}"
        return f"{best}, {second}; the difference was not tested"
    return _verdict_sentence(contrast, names, pairs=len(view.contrasts) // 2)


def _verdict_sentence(contrast: Contrast, names: dict[Model, str], pairs: int) -> str:
    if contrast.difference < 0:
        contrast = contrast.reversed()
    first, second = names[contrast.first], names[contrast.second]
    size = f"{decimal(contrast.difference)} SRCC [{decimal(contrast.low)}, {decimal(contrast.high)}]"
    if contrast.verdict == "better":
        return f"{sentence(first)} beats {second} by {size}, corrected {p_text(contrast.p)}"
    if contrast.verdict == "equal":
        return f"{sentence(first)} and {second} are equal for practical purposes: {size} apart"
    if contrast.low > 0:  # the interval is that of this pair alone, p is corrected for all pairs
        return (
            f"{sentence(first)} leads {second} by {size}, which does not survive the correction for {pairs} "
            f"tested pairs, {p_text(contrast.p)}"
        )
    return f"No evidence of a difference between {first} and {second}: {size}, corrected {p_text(contrast.p)}"


def _fusion_sentence(contrast: Contrast, rival: str) -> str:
    interval = f"{decimal(contrast.difference)} [{decimal(contrast.low)}, {decimal(contrast.high)}]"
    return f"Fusion {FUSION_EFFECT[contrast.verdict]} {rival} alone: {interval}, {p_text(contrast.p)}."


def _represented(view: ProtocolView, model: Model, name: str) -> str:
    """Return which model represents a family; a table that bears the family's name is not repeated."""
    means = model.parts[1] if model.table == model.family else model.label
    return f"{name} by {means} ({view.statistic} {decimal(view.median_srcc(model))})"
