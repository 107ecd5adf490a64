"""The report of a Comparison as one HTML file that loads nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..comparison.result import BASELINE, FUSION, Comparison
from ..errors import ParameterError
from ..extras import require
from ..files.atomic import write_text
from . import formatting
from .palette import STYLES
from .sections import ProtocolSection
from .thumbnails import Thumbnail, embed
from .tradeoffs import cross_scores, protocol_effects
from .view import ERRORS, METRIC_NAMES, ProtocolView, views_of

COLUMNS = {name: METRIC_NAMES[name] for name in METRIC_NAMES if name != "mae"} | {
    "srcc_pooled": "SRCC, pooled"
}
"""Columns of the summary table and their headings."""
SCRIPTS = ("core.js", "charts.js", "videos.js", "tradeoffs.js", "page.js")


def write_report(
    comparison: Comparison,
    path: str | os.PathLike[str],
    *,
    thumbnails: Mapping[str, Thumbnail] | None = None,
    title: str | None = None,
    figures: bool = True,
) -> Path:
    """Write a comparison as one HTML page, with its figures as PNG and SVG files.

    Parameters
    ----------
    comparison : Comparison
        Result of :func:`vqa_features.compare`.
    path : path
        File to write, ending in ``.html``. The figures go to the folder ``<stem>_figures`` beside it.
    thumbnails : mapping, optional
        Picture by video id: a file path, or the bytes of a JPEG or PNG. The page embeds reduced copies and
        shows them with the videos of largest error and where the pointer rests on a video.
    title : str, optional
        Heading; by default the names of the tables.
    figures : bool
        Write the figure files.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ParameterError
        The path does not end in ``.html``, or the comparison holds no scores.
    ExtraMissing
        The packages of the extra ``report`` are not installed.

    See Also
    --------
    vqa_features.compare : Makes the comparison.
    vqa_features.report.figures : The figures as objects to adapt.

    Examples
    --------
    Eight features that are MOS plus noise, and eight that are noise alone:

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import numpy as np
    >>> import pandas as pd
    >>> from vqa_features.comparison import compare
    >>> from vqa_features.report import write_report
    >>> rng = np.random.default_rng(0)
    >>> mos = pd.Series(rng.normal(3, 1, 60), index=[f"clip{k:02d}" for k in range(60)])
    >>> good, poor = (
    ...     pd.DataFrame(rng.normal(0, 1, (60, 8)), index=mos.index).add_prefix("f") for _ in range(2)
    ... )
    >>> tables = {"good": (good.add(mos, axis=0), "handcrafted"), "poor": (poor, "deep")}
    >>> comparison = compare(tables, mos, splits=10, regressors=["ridge"])
    >>> page = write_report(comparison, Path(mkdtemp(), "report.html"), figures=False)
    >>> "Handcrafted beats deep" in page.read_text(encoding="utf-8")
    True
    """
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        raise ParameterError(f"the report is a web page: its name must end in .html, got {target.name!r}")
    if comparison.scores.empty:
        raise ParameterError("the comparison holds no scores, so there is nothing to report")
    require("the report", ("jinja2", "matplotlib") if figures else ("jinja2",))
    target.parent.mkdir(parents=True, exist_ok=True)
    views = views_of(comparison)
    links: dict[str, str] = {}
    if figures:
        from .figures.files import save_figures

        folder = target.with_name(f"{target.stem}_figures")
        names = save_figures(next(iter(views.values())), folder)
        links = {name: f"{quote(folder.name)}/{name}" for name in names}
    write_text(target, render(views, thumbnails=thumbnails, title=title, links=links))
    return target


def render(
    views: Mapping[str, ProtocolView],
    *,
    thumbnails: Mapping[str, Thumbnail] | None = None,
    title: str | None = None,
    links: Mapping[str, str] | None = None,
) -> str:
    """Return the page as text.

    Parameters
    ----------
    views : mapping
        View of every protocol of one comparison, as `views_of` returns them.
    thumbnails, title
        As in :func:`write_report`.
    links : mapping, optional
        Address of each figure file by the figure's name, without the ending.

    Returns
    -------
    str
        A complete HTML document.
    """
    import jinja2

    comparison = next(iter(views.values())).comparison
    proxy = is_proxy(comparison.settings)
    sections = {name: ProtocolSection(view, proxy) for name, view in views.items()}
    script = "\n".join(_resource(name) for name in SCRIPTS)
    context: dict[str, Any] = {
        "title": title or _title(comparison),
        "version": __version__,
        "proxy": proxy,
        "protocols": list(views),
        "sections": sections,
        "metrics": METRIC_NAMES,
        "columns": COLUMNS,
        "facts": _facts(comparison),
        "settings": {str(key): _setting(value) for key, value in comparison.settings.items()},
        "warnings": [str(warning) for warning in comparison.warnings],
        "effects": protocol_effects(views),
        "transfers": cross_scores(comparison),
        "links": dict(links or {}),
        "styles": STYLES,
        "css": _resource("style.css"),
        "script": script,
        "script_hash": _csp_hash(script),
        "data": _json(
            {
                "target": "proxy" if proxy else "MOS",
                "metrics": METRIC_NAMES,
                "errors": ERRORS,
                "protocols": {name: section.script_data for name, section in sections.items()},
                "thumbnails": embed(thumbnails or {}, _thumbnail_order(sections.values())),
            }
        ),
    }
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(decimal=formatting.decimal, signed=formatting.signed, p_text=formatting.p_text)
    return environment.from_string(_resource("page.html")).render(context)


def is_proxy(settings: Mapping[str, object]) -> bool:
    """Return whether any setting whose name starts with ``target`` contains the word "proxy"."""
    return any(
        "proxy" in str(value).lower() for key, value in settings.items() if str(key).startswith("target")
    )


def _thumbnail_order(sections: Iterable[ProtocolSection]) -> list[str]:
    """Return the video ids, those of the galleries first."""
    galleries, others = [], []
    for section in sections:
        galleries += [video.id for gallery in section.galleries for video in gallery.videos]
        others += list(section.view.videos.index)
    return list(dict.fromkeys([*galleries, *others]))


def _title(comparison: Comparison) -> str:
    scores = comparison.scores
    tables = scores.loc[scores["family"] != FUSION, "table"].unique()
    return " vs ".join(map(str, tables)) if len(tables) <= 4 else f"{len(tables)} feature tables compared"


def _facts(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the counts below the headline, each with its name."""
    scores, predictions = comparison.scores, comparison.predictions
    counts = {
        "videos tested": predictions["id"],
        "splits": scores["split"],
        "feature tables": scores.loc[scores["family"] != FUSION, "table"],
        "regressors": scores.loc[scores["regressor"] != BASELINE, "regressor"],
    }
    return [(f"{values.nunique():,}", name) for name, values in counts.items()]


def _setting(value: object) -> str:
    """Return a setting as text; several lines of JSON where it is nested."""
    if value in (None, ""):
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if not isinstance(value, dict):
        return str(value)
    if any(isinstance(inner, dict | list) for inner in value.values()):
        return json.dumps(value, ensure_ascii=False, default=str, indent=1)
    return ", ".join(f"{key} {inner}" for key, inner in value.items())


def _json(value: object) -> str:
    """Return JSON that cannot close the script element around it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "&<>\u2028":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _csp_hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _resource(name: str) -> str:
    return resources.files(__package__).joinpath("assets", name).read_text(encoding="utf-8")
