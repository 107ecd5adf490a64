"""`list` and `describe`: what the declarations say."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import click

from ..extractor import Extractor
from ..registry import catalogue, make, weights_state
from ._columns import aligned


@click.command("list")
@click.argument("pattern", required=False)
@click.option("--family", type=click.Choice(["handcrafted", "deep"]), help="List only this family.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(pattern: str | None, family: str | None, as_json: bool) -> None:
    """List the extractors, or those whose name or group contains PATTERN."""
    found = catalogue(pattern, family)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    if not found:
        click.echo(f"no extractor matches {pattern!r}", err=True)
        return
    click.echo(aligned(found, ["name", "family", "group", "columns", "scope", "cost", "weights"]))


@click.command("describe")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def describe_command(name: str, as_json: bool) -> None:
    """Describe the extractor NAME."""
    extractor = make(name)
    if as_json:
        click.echo(json.dumps(description(extractor), indent=2))
        return
    told = description(extractor)
    click.echo(f"{told['label']} (version {told['version']})\n  {told['summary']}")
    for key in ("family", "group", "scope", "cost", "weights"):
        click.echo(f"  {key + ':':<9} {told[key]}")
    click.echo(f"  {'needs:':<9} {', '.join(told['needs'])}")
    if told["licence"]:
        click.echo(f"  {'licence:':<9} {told['licence']}\n  {'origin:':<9} {told['origin']}")
    click.echo("parameters")
    for parameter in told["parameters"]:
        click.echo(f"  {parameter['name']} = {parameter['value']}  ({parameter['type']})")
    click.echo(f"features ({len(told['features'])})")
    for feature in _abridged(told["features"]):
        click.echo(feature if isinstance(feature, str) else _feature_line(feature))
    click.echo("references")
    for reference in told["references"]:
        click.echo(f"  {reference}")


def _abridged(features: list[dict[str, Any]]) -> list[Any]:
    """All features, or the first and last of a long row of embedding coordinates."""
    if len(features) <= 300 or not features[5]["name"].startswith("e0"):
        return features
    return [*features[:3], "  ...", features[-1]]


def _feature_line(feature: dict[str, Any]) -> str:
    low, high = (("-inf" if v is None else f"{v:g}") for v in (feature["low"], feature["high"]))
    high = "inf" if feature["high"] is None else high
    bounds = f"[{low}, {high}]"
    parts = [f"  {feature['name']:<24} {bounds:<14}", feature["unit"], feature["description"]]
    if feature["direction"] != "none":
        parts.append(f"({feature['direction']})")
    return " ".join(part for part in parts if part)


def description(extractor: Extractor) -> dict[str, Any]:
    """Everything an extractor declares, as plain data."""
    info = extractor.weights_info
    return {
        "label": extractor.label,
        "name": extractor.name,
        "version": extractor.version,
        "summary": (type(extractor).__doc__ or "").strip().partition("\n")[0],
        "family": extractor.family,
        "group": extractor.group,
        "scope": extractor.scope,
        "cost": extractor.cost,
        "needs": list(extractor.needs),
        "weights": weights_state(extractor),
        "licence": info.licence if info else None,
        "origin": info.origin if info else None,
        "parameters": [
            {"name": f.name, "value": getattr(extractor, f.name), "type": str(f.type)}
            for f in dataclasses.fields(extractor)
        ],
        "features": [
            {
                **dataclasses.asdict(feature),
                "low": None if math.isinf(feature.low) else feature.low,
                "high": None if math.isinf(feature.high) else feature.high,
            }
            for feature in extractor.features
        ],
        "references": list(extractor.references),
    }
