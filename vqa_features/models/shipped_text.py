"""What is known of a model that comes with the package, as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from .card_text import lines_text
from .shipped import ShippedModel


def shipped_text(model: ShippedModel) -> str:
    """Return what the card of a trained model does not have, as lines of a name and a text.

    Parameters
    ----------
    model : ShippedModel
        From `vqa_features.models.shipped.shipped_models`.
    """
    return lines_text(_lines(model))


def _lines(model: ShippedModel) -> Iterator[tuple[str, str]]:
    yield "model", f"{model.name}: {model.about}"
    yield "predicts", model.mos
    yield "cost", model.cost
    yield "licence", model.licence
    for one in model.trained_on:
        moved = (
            ""
            if (one["gain"], one["offset"]) == (1, 0)
            else f", MOS x {one['gain']:.5f} + {one['offset']:.4f}"
        )
        yield (
            "data",
            f"{one['dataset']}: {one['videos']} videos, {one['table']}, {one['labels']}{moved}; dataset: "
            f"{one['licence']}",
        )
    yield "SRCC inside", f"{model.srcc:.4f}, out of fold{_by_dataset(model)}"
    if not model.tested_on:
        yield "SRCC outside", "none measured"
    for one in model.tested_on:
        yield (
            "SRCC outside",
            f"{one['dataset']} {one['srcc']:.4f} ({one['videos']} videos, {one['extrapolates']:.0%} of them "
            "outside the training range)",
        )
    for text in model.not_for:
        yield "not for", text


def _by_dataset(model: ShippedModel) -> str:
    """Return the SRCC of each of several datasets in words."""
    if len(model.trained_on) < 2:
        return ""
    told = ", ".join(f"{one['dataset']} {one['srcc']:.4f}" for one in model.trained_on)
    return f", of both datasets together; of each by itself: {told} (means of the repetitions)"
