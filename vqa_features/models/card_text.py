"""The card of a model as text for the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from ..errors import first_few
from ..evaluation.grids import describe
from ..files.names import visible_text
from .card import Card
from .sources import Source

_KEY = 15
_MOST_WARNINGS = 5


def card_text(card: Card) -> str:
    """Return a card as lines of a name and a text; control characters of names are written out.

    Parameters
    ----------
    card : Card
        Of a trained model.
    """
    return lines_text(_lines(card))


def lines_text(lines: Iterable[tuple[str, str]]) -> str:
    """Return names and texts as aligned lines; a line without a name continues the one before.

    Parameters
    ----------
    lines : iterable of (str, str)
        Name and text of each.
    """
    return "\n".join(f"{name + ':' if name else '':<{_KEY}}{visible_text(text)}" for name, text in lines)


def _lines(card: Card) -> Iterator[tuple[str, str]]:
    data, scores = card.data, card.performance
    grouped = "without groups" if data.groups is None else f"in {data.groups} groups kept whole"
    yield "trained on", f"{data.videos} videos {grouped}; {', '.join(data.tables)}"
    named = ", ".join(filter(None, (data.mos_source, data.mos_column and f"column {data.mos_column}")))
    scale = "scale not given" if data.scale is None else f"scale {data.scale[0]:g} to {data.scale[1]:g}"
    span = f"{data.mos_low:g} to {data.mos_high:g} ({scale}), {data.direction_text}"
    yield "MOS", f"{span}{f'; {named}' if named else ''}"
    yield "SHA-256", f"{data.sha256} (ids, MOS, columns and values)"
    hyper = describe(dict(card.chosen)) or "none"
    yield "regressor", f"{card.regressor}, {hyper} (searched: {card.searched}), seed {card.seed}"
    yield (
        "scores",
        (
            f"SRCC {_number(scores.srcc)} ({_number(scores.srcc_lowest)} to {_number(scores.srcc_highest)}), "
            f"PLCC {_number(scores.plcc)}, RMSE {_number(scores.rmse)}"
        ),
    )
    yield (
        "",
        f"out of fold, {card.repetitions} x {card.folds} folds, each video by models that did not see it",
    )
    yield (
        "interval",
        f"MOS +- {_number(scores.half_width)}, level {card.level:g}, conformal from the same predictions",
    )
    curve = card.curve
    shape = "constant" if curve.is_constant else f"logistic from {curve.low:.4g} to {curve.high:.4g}"
    yield "map to MOS", f"{shape}, never decreasing"
    yield (
        "range",
        (f"extrapolates if farther outside than {card.span.limit:.3g} range widths, mean over columns"),
    )
    yield "columns", f"{len(card.columns)}: {first_few(card.columns, 3)}"
    for source in card.sources:
        yield from _source_lines(source)
    for text in card.warnings[:_MOST_WARNINGS]:
        yield "warning", text
    if len(card.warnings) > _MOST_WARNINGS:
        yield "", f"and {len(card.warnings) - _MOST_WARNINGS} more warnings (models show --json)"
    yield "made with", ", ".join(f"{name} {one}" for name, one in card.made_with.items())


def _source_lines(source: Source) -> Iterator[tuple[str, str]]:
    count = f"{len(source.columns)} columns of table {source.name}"
    if source.settings is None:
        yield "features", f"{count}, not made by extract: predicts from tables only"
        return
    for label, identity in source.identities().items():
        weights = f", weights {str(identity['weights'])[:12]}" if identity.get("weights") else ""
        yield "features", f"{label} version {identity.get('version')}{weights}"
    sampling = source.settings["sampling"]
    frames = ", ".join(f"{key} {value}" for key, value in sampling.items() if value) or "all frames"
    pools = ", ".join(source.settings["pool"])
    area = f"{source.settings.get('area', 'full')} area"
    decoding = f"decoding version {source.settings['decoding']}"
    yield (
        "",
        f"{count}; {frames}; pools {pools}; luma {source.settings['luma']}; {area}; {decoding}",
    )


def _number(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "none"
