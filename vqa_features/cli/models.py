"""`models`: the models that come with the package, and what is known of a trained model."""

from __future__ import annotations

import json

import click

from ._columns import aligned
from ._json import json_option, print_json


@click.group("models")
def models_command() -> None:
    """List the models that come with the package; show trained models."""


@models_command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the models that come with the package: names for `predict --model`, scores, cost."""
    from ..models.shipped import DEFAULT, row_of, shipped_models

    rows = [row_of(one) for one in shipped_models().values()]
    if as_json:
        print_json([{**row, "default": row["name"] == DEFAULT} for row in rows])
        return
    shown = [
        {
            "name": f"{row['name']} (default)" if row["name"] == DEFAULT else row["name"],
            "videos": row["videos"],
            "SRCC": f"{row['srcc']:.3f}",
            "RMSE": f"{row['rmse']:.2f}",
            f"{row['level']:.0%} interval": f"+- {row['interval']:.2f}",
            "SRCC on other datasets": row["tested"],
        }
        for row in rows
    ]
    click.echo(aligned(shown, list(shown[0])))


@models_command.command("show")
@click.argument("model", metavar="NAME|FILE")
@json_option
def show_command(model: str, as_json: bool) -> None:
    """Print the card of a model that comes with the package, or of a .skops file.

    Data, scores, columns, extractors, settings and versions; of a model of the package also its licence, its
    scores on other datasets and what it must not be used for.
    """
    from dataclasses import asdict

    from ..models.card_text import card_text
    from ..models.shipped import read_named, shipped_of
    from ..models.shipped_text import shipped_text

    card = read_named(model).card
    shipped = shipped_of(model)
    if as_json:
        found = json.loads(card.to_json())
        if shipped is not None:
            found["shipped"] = asdict(shipped)
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    if shipped is not None:
        click.echo(shipped_text(shipped))
    click.echo(card_text(card))
