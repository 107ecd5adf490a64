"""Reference pages of the site, written from the declarations: extractors, commands, names of Python."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from types import ModuleType
from typing import Any

import vqa_features as vf
from vqa_features.cli import COMMANDS
from vqa_features.extractor import Extractor
from vqa_features.registry import catalogue, registry
from vqa_features.specs import Checkpoint, Feature

#: Coordinates of an embedding that are shown at each end.
_SHOWN = 3
#: Facts of columns that stand beside each; those that all columns share are told once instead.
_OWN = ("description", "unit", "range")
_SHARED = ("direction", "sign", "frame", "resolution", "source")


def pages() -> dict[str, str]:
    """Return every reference page: its path below docs/ and its Markdown."""
    found = {"reference/extractors.md": _extractors()}
    for name, cls in registry().items():
        found[f"reference/extractors/{_file(name)}.md"] = _extractor(name, cls)
    found["reference/commands.md"] = _commands()
    for name, (module, _) in COMMANDS.items():
        found[f"reference/commands/{name}.md"] = _command(name, module)
    found["reference/python.md"] = _python()
    for name in _public():
        found[f"reference/python/{name}.md"] = _name(name)
    return found


def _extractors() -> str:
    lines = ["# Extractors", "", _EXTRACTORS, ""]
    for family in ("handcrafted", "deep"):
        rows = [
            (
                f"[{row['name']}](extractors/{_file(row['name'])}.md)",
                row["group"],
                row["columns"] or "as the model",
                row["scope"],
                row["cost"],
            )
            for row in catalogue(family=family)
        ]
        lines += [f"## {family.capitalize()}", "", *_table("name group columns scope cost".split(), rows), ""]
    return "\n".join([*lines, *_toctree("extractors/*")])


_EXTRACTORS = """Every extractor with its columns. A column of a table is named
`<extractor>.<feature>.<pool>`, for example `brisque.mscn_alpha_s1.mean`. The pages are written from
the declarations that the program uses; `vqa-features describe NAME` prints the same."""


def _extractor(name: str, cls: type[Extractor]) -> str:
    lines = [f"# {name}", "", *_directive("autoclass", f"{cls.__module__}.{cls.__qualname__}"), ""]
    if name.endswith(":"):
        lines += [
            f"The label continues with the parameter: `{name}MODEL`. Its columns are those of the model.",
            "",
        ]
        return "\n".join([*lines, *_references(cls.references)])
    extractor = cls()
    facts = {
        "family": cls.family,
        "group": cls.group,
        "version": cls.version,
        "rows": _ROWS[cls.scope],
        "views of a frame": ", ".join(cls.needs),
        "cost": cls.cost,
        "least frames": cls.least_frames,
        "least pixels in the shorter direction": cls.least_side,
        "further packages": ", ".join(cls.packages) or "none",
        "columns": len(extractor.features),
    }
    lines += [*_table(["declared", ""], list(facts.items())), ""]
    lines += [*_references(cls.references), *_checkpoints(cls.checkpoints)]
    lines += _features(extractor.described_features)
    return "\n".join(lines)


_ROWS = {
    "frame": "one per frame",
    "pair": "one per frame, from the frame and the one before",
    "clip": "one per window of frames",
    "video": "one per video",
}


def _references(references: Sequence[str]) -> Iterator[str]:
    if references:
        yield from ["## References", "", *(f"- {_cell(text)}" for text in references), ""]


def _checkpoints(checkpoints: Sequence[Checkpoint]) -> Iterator[str]:
    if checkpoints:
        rows = [
            (f"`{one.tag}`", one.licence, f"`{one.url}`", one.file_name, one.pinned) for one in checkpoints
        ]
        heads = ["`weights=`", "licence", "origin", "file", "held to"]
        yield from ["## Weights", "", *_table(heads, rows), ""]


def _features(features: Sequence[Feature]) -> Iterator[str]:
    """Yield what all columns share, and a table of the rest; of an embedding its ends are shown."""
    facts = [{**asdict(one), "range": _range(one)} for one in features]
    shared = {name: facts[0][name] for name in _SHARED if len({one[name] for one in facts}) == 1}
    embedding = len(features) > 40 and features[0].name.startswith("e0")
    shown = [*facts[:_SHOWN], None, *facts[-_SHOWN:]] if embedding else facts
    heads = [*_OWN, *(name for name in _SHARED if name not in shared)]
    rows = [
        (f"`{one['name']}`", *(one[name] for name in heads))
        if one
        else ("…", f"{len(features) - 2 * _SHOWN} more", *[""] * (len(heads) - 1))
        for one in shown
    ]
    yield from ["## Columns", ""]
    yield from (f"- {name} of every column: {_cell(fact)}" for name, fact in shared.items() if fact)
    yield from ["", *_table(["feature", *heads], rows), ""]


def _range(feature: Feature) -> str:
    if math.isinf(feature.low) and math.isinf(feature.high):
        return "unbounded"
    low, high = (f"{value:g}".replace("inf", "∞").replace("-", "−") for value in (feature.low, feature.high))
    return f"{low}\u00a0…\u00a0{high}"


def _commands() -> str:
    rows = [(f"[{name}](commands/{name}.md)", text) for name, (_, text) in COMMANDS.items()]
    lines = [
        "# Commands",
        "",
        *_directive("click", "vqa_features.cli:cli", prog="vqa-features", nested="none"),
    ]
    return "\n".join([*lines, "", *_table(["command", "does"], rows), "", *_toctree("commands/*")])


def _command(name: str, module: str) -> str:
    target = f"vqa_features.cli.{module}:{name.replace('-', '_')}_command"
    return "\n".join(_directive("click", target, prog=f"vqa-features {name}", nested="full"))


def _public() -> dict[str, Any]:
    """Return the public names of Python with what they are."""
    from vqa_features import testing

    return {name: getattr(vf, name) for name in sorted(vf.__all__)} | {"testing": testing}


def _python() -> str:
    rows = [(f"[{name}](python/{name}.md)", _summary(value)) for name, value in _public().items()]
    lines = ["# Python", "", "`import vqa_features as vf` gives these names.", ""]
    return "\n".join([*lines, *_table(["name", ""], rows), "", *_toctree("python/*")])


def _summary(value: Any) -> str:
    ours = inspect.ismodule(value) or value.__module__.startswith("vqa_features")
    return (inspect.getdoc(value) or "").partition("\n\n")[0] if ours else str(value)


def _name(name: str) -> str:
    value = _public()[name]
    if isinstance(value, ModuleType):
        block = _directive("automodule", value.__name__, members="")
    elif not value.__module__.startswith("vqa_features"):  # a name for a type of another package
        block = _directive("py:data", f"vqa_features.{name}", type=str(value))
    elif inspect.isclass(value):
        block = _directive("autoclass", f"vqa_features.{name}", members="")
    else:
        block = _directive("autofunction", f"vqa_features.{name}")
    return "\n".join([f"# {name}", "", *block])


def _directive(kind: str, argument: str, **options: str) -> list[str]:
    given = [f"   :{key}: {value}".rstrip() for key, value in options.items()]
    return ["```{eval-rst}", f".. {kind}:: {argument}", *given, "```"]


def _toctree(pattern: str) -> list[str]:
    return ["```{toctree}", ":hidden:", ":glob:", "", pattern, "```", ""]


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")


def _file(name: str) -> str:
    return name.rstrip(":")
