"""The finding of one protocol in words: which model is better, by how much, with what evidence."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from ..comparison.given_scores import NONE
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
    fusions = [
        view.contrasts[model, rivals[0]]
        for model in view.best_of_families
        if model.family == FUSION and (model, rivals[0]) in view.contrasts
    ]
    between = [view.contrasts[pair] for pair in combinations(rivals, 2) if pair in view.contrasts]
    ending = ", judged by a proxy, not by MOS." if proxy else "."
    represented = "; ".join(_represented(view, model, by_family) for model in rivals)
    detail = [
        f"Each {'family' if by_family else 'table'} is represented by its best model: {represented}.",
        *(_fusion_sentence(view, contrast) for contrast in fusions),
    ]
    return Headline(_finding(view, rivals) + ending, " ".join(detail), [*between, *fusions])


def _finding(view: ProtocolView, rivals: list[Model]) -> str:
    """Return the main sentence, without its ending."""
    article = "an" if view.over_videos else "a"
    best = f"{_first(rivals[0])} reaches {article} {view.statistic} of {decimal(view.median_srcc(rivals[0]))}"
    if len(rivals) == 1:
        return best
    contrast = view.contrasts.get((rivals[0], rivals[1]))
    if contrast is None:
        second = f"{_named(rivals[1])} {decimal(view.median_srcc(rivals[1]))}"
        return f"{best}, {second}; the difference was not tested"
    contrast = contrast.reversed() if contrast.difference < 0 else contrast
    return _verdict_sentence(contrast, pairs=len(view.contrasts) // 2) + _other_order(view, contrast)


def _verdict_sentence(contrast: Contrast, pairs: int) -> str:
    first, second = _first(contrast.first), _named(contrast.second)
    size = f"{decimal(contrast.difference)} SRCC [{decimal(contrast.low)}, {decimal(contrast.high)}]"
    if contrast.verdict == "better":
        return f"{first} beats {second} by {size}, corrected {p_text(contrast.p)}"
    if contrast.verdict == "equal":
        return f"{first} and {second} are equal for practical purposes: {size} apart"
    if contrast.low > 0:  # the interval is that of this pair alone, p is corrected for all pairs
        return (
            f"{first} leads {second} by {size}, which does not survive the correction for {pairs} "
            f"tested pairs, {p_text(contrast.p)}"
        )
    pair = f"{_named(contrast.first)} and {second.removesuffix(',')}"
    return f"No evidence of a difference between {pair}: {size}, corrected {p_text(contrast.p)}"


def _other_order(view: ProtocolView, contrast: Contrast) -> str:
    """Return a word on medians that lack the order of the tested difference, which is one of means."""
    medians = {model: view.median_srcc(model) for model in (contrast.first, contrast.second)}
    first, second = (decimal(value) for value in medians.values())
    claims = contrast.verdict in ("better", "worse") or contrast.low * contrast.high > 0
    if first == second:
        return f", though both have the {view.statistic} {first}" if claims else ""
    ahead = medians[contrast.first] - medians[contrast.second]
    if round(contrast.difference, 3) * ahead >= 0:
        return ""
    higher, lower = sorted(medians, key=medians.__getitem__, reverse=True)
    return (
        f", though {_named(higher)} has the higher {view.statistic}, {decimal(medians[higher])} "
        f"against {decimal(medians[lower])}"
    )


def _fusion_sentence(view: ProtocolView, contrast: Contrast) -> str:
    interval = f"{decimal(contrast.difference)} [{decimal(contrast.low)}, {decimal(contrast.high)}]"
    fusion = contrast.first
    name = _first(fusion) if fusion.table == FUSION else f"Fusion by {_named(fusion)}"
    effect = f"{name} {FUSION_EFFECT[contrast.verdict]} {_named(contrast.second)} alone"
    return f"{effect}: {interval}, {p_text(contrast.p)}{_other_order(view, contrast)}."


def _named(model: Model) -> str:
    """Return a model inside a sentence: ``VIDEVAL, svr-rbf,``; a given score has no regressor."""
    return model.name if model.regressor == NONE else f"{model.name}, {model.parts[1]},"


def _first(model: Model) -> str:
    """Return the same at the beginning of a sentence; only the name of a family gets a capital."""
    name = _named(model)
    return sentence(name) if model.table == model.family else name


def _represented(view: ProtocolView, model: Model, by_family: bool) -> str:
    """Return which model represents a family; a table that bears the family's name is not repeated."""
    name = shown(model.family) if by_family else model.name
    means = model.parts[1] if model.table == model.family or not by_family else model.label
    return f"{name} by {means} ({view.statistic} {decimal(view.median_srcc(model))})"
