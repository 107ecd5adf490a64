"""`list` and `describe`: the declarations of the extractors."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from ..errors import UnknownName
from ..extractor import Extractor
from ..pooling import VIDEO_POOL
from ..pools import POOL_NAMES
from ..progress import say
from ..registry import broken_plugins, catalogue, make, weights_state
from ..specs import Checkpoint
from ._columns import aligned
from ._completion import extractor_names
from ._json import json_option, print_json
from .failures import WRONG_USAGE


@click.command("list")
@click.argument("pattern", required=False, shell_complete=extractor_names)
@click.option("--family", type=click.Choice(["handcrafted", "deep"]), help="List only this family.")
@json_option
def list_command(pattern: str | None, family: str | None, as_json: bool) -> int:
    """List the extractors, or those whose name or group contains or matches PATTERN.

    Exit code 2 means that there is none.
    """
    found = catalogue(pattern, family)
    for broken in broken_plugins():
        click.echo(f"warning: {broken}", err=True)
    if as_json:
        print_json(found)
    elif found:
        click.echo(aligned(found, ["name", "family", "group", "columns", "scope", "cost", "weights"]))
    if found:
        return 0
    kind = f"{family} extractor" if family else "extractor"
    known = [word for row in catalogue(family=family) for word in (row["name"], row["group"])]
    say(str(UnknownName(f"{kind} or group", pattern or "", known, "vqa-features list shows all")))
    return WRONG_USAGE


@click.command("describe")
@click.argument("name", shell_complete=extractor_names)
@json_option
def describe_command(name: str, as_json: bool) -> None:
    """Describe the extractor NAME."""
    declared = description(make(name))
    if as_json:
        print_json(declared)
        return
    click.echo(f"{declared['label']} (version {declared['version']})\n  {declared['summary']}")
    for key in ("family", "group", "scope", "cost", "weights"):
        click.echo(f"  {key + ':':<9} {declared[key]}")
    for key in ("needs", "pools"):
        click.echo(f"  {key + ':':<9} {', '.join(declared[key])}")
    if declared["licence"]:
        click.echo(f"  {'licence:':<9} {declared['licence']}\n  {'origin:':<9} {declared['origin']}")
    click.echo("parameters")
    for parameter in declared["parameters"]:
        click.echo(f"  {parameter['name']} = {parameter['value']}  ({parameter['type']})")
    for line in _feature_lines(declared["features"]):
        click.echo(line)
    click.echo("references")
    for reference in declared["references"]:
        click.echo(f"  {reference}")


#: Facts that are told once for all columns, and again at a column only where it has another.
_TOLD_ONCE = ("frame", "resolution", "source", "sign")


def _feature_lines(features: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the facts that most columns share, and a line for each column (of an embedding: its ends)."""
    yield f"features ({len(features)})"
    usual = {name: Counter(one[name] for one in features).most_common(1)[0][0] for name in _TOLD_ONCE}
    for name, fact in usual.items():
        if fact:
            others = any(one[name] != fact for one in features)
            yield f"  {name + ':':<11} {fact}{' (unless a column says another)' if others else ''}"
    embedding = len(features) > 300 and features[5]["name"].startswith("e0")
    for one in [*features[:3], None, features[-1]] if embedding else features:
        yield _feature_line(one, usual) if one else "  ..."


def _feature_line(feature: dict[str, Any], usual: dict[str, str]) -> str:
    low, high = feature["low"], feature["high"]
    bounds = f"[{'-inf' if low is None else f'{low:g}'}, {'inf' if high is None else f'{high:g}'}]"
    said = [feature["direction"] if feature["direction"] != "none" else ""]
    said += [f"{name}: {feature[name]}" for name, fact in usual.items() if feature[name] != fact]
    notes = "; ".join(filter(None, said))
    parts = [f"  {feature['name']:<24} {bounds:<14} {feature['unit']:<16}", feature["description"]]
    return " ".join(part for part in [*parts, f"({notes})" if notes else ""] if part)


def _published_weights(extractor: Extractor) -> Checkpoint | None:
    """Return the published set that the parameter ``weights`` names, by default the first."""
    tag = getattr(extractor, "weights", None)
    return next((one for one in extractor.checkpoints if tag in (None, one.tag)), None)


def _kind(extractor: Extractor, field: dataclasses.Field[Any]) -> str:
    """Return what a parameter may be: its choices, or its type."""
    kind = get_type_hints(type(extractor))[field.name]
    return " | ".join(map(str, get_args(kind))) if get_origin(kind) is Literal else str(field.type)


def description(extractor: Extractor) -> dict[str, Any]:
    """Return everything an extractor declares.

    Parameters
    ----------
    extractor : Extractor
        An extractor with its parameters.

    Returns
    -------
    dict
        Plain data for JSON.
    """
    published = _published_weights(extractor)
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
        "pools": [VIDEO_POOL] if extractor.scope == "video" else list(POOL_NAMES),
        "weights": weights_state(extractor),
        "licence": published.licence if published else None,
        "origin": published.url if published else None,
        "parameters": [
            {"name": f.name, "value": getattr(extractor, f.name), "type": _kind(extractor, f)}
            for f in dataclasses.fields(extractor)
        ],
        "features": [
            {
                **dataclasses.asdict(feature),
                "low": None if math.isinf(feature.low) else feature.low,
                "high": None if math.isinf(feature.high) else feature.high,
            }
            for feature in extractor.described_features
        ],
        "references": list(extractor.references),
    }
