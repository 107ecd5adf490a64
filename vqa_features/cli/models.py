"""`models`: what is known of a trained model."""

from __future__ import annotations

import click

from ._json import json_option


@click.group("models")
def models_command() -> None:
    """Show trained models."""


@models_command.command("show")
@click.argument("file")
@json_option
def show_command(file: str, as_json: bool) -> None:
    """Print the card of the model FILE: data, scores, columns, extractors, settings and versions."""
    from ..models.card_text import card_text
    from ..models.model_file import read_model

    card = read_model(file).card
    click.echo(card.to_json() if as_json else card_text(card))
