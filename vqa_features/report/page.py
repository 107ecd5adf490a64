"""The report of a Comparison as one HTML file that loads nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .. import caches
from ..comparison.result import Comparison
from ..errors import ParameterError
from ..extras import EXTRAS, require
from ..files.atomic import atomic_path
from ..files.writable import check_file
from ..tables.ids import match
from . import formatting
from .analyses import ranks_of
from .analyses import sections_of as analyses_of
from .figure_data import write_figure_data
from .figure_folder import DATA_ENDING, ENDINGS, check_figures, figures_of
from .messages import warnings_context
from .methods import methods_of
from .provenance import MOST_TITLE, facts_of, is_proxy, title_of
from .sections import MOST_MODELS, ProtocolSection
from .settings_words import command_line_of, settings_in_words
from .stills import Stills, stills_of
from .templates import csp_hash, render_template, resource
from .thumbnails import Thumbnail, embed
from .tradeoffs import protocol_effects, shown_transfers
from .view import ERRORS, METRIC_NAMES, ProtocolView, views_of

if TYPE_CHECKING:
    from .stills import Videos

COLUMNS = {name: METRIC_NAMES[name] for name in METRIC_NAMES if name != "mae"} | {
    "srcc_pooled": "SRCC, pooled"
}
"""Columns of the summary table and their headings."""
SCRIPTS = ("core.js", "charts.js", "videos.js", "table.js", "tradeoffs.js", "page.js")


def write_report(
    comparison: Comparison,
    path: str | os.PathLike[str],
    *,
    thumbnails: Mapping[str, Thumbnail] | None = None,
    videos: Videos | None = None,
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
        shows them with the videos of largest error and where the pointer rests on a video. It says how many
        are not shown, and why.
    videos : mapping or DataFrame, optional
        File of each video by id, or a table with the column ``path``. A still of the middle of the videos of
        largest error is decoded and shown where `thumbnails` has no picture; else their cards say why not.
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
        The path does not end in ``.html``, a file cannot be written or is not one of an earlier report, or
        the comparison holds no scores.
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
    >>> "good, ridge, beats poor, ridge, by" in page.read_text(encoding="utf-8")
    True
    """
    if figures:
        caches.prepare()
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        raise ParameterError(f"the report is a web page: its name must end in .html, got {target.name!r}")
    if comparison.scores.empty:
        raise ParameterError("the comparison holds no scores, so there is nothing to report")
    require("the report", EXTRAS["report"] if figures else ("jinja2",))
    check_file(target)
    if figures:
        check_figures(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    views = views_of(comparison)
    sections = sections_of(views)
    with ExitStack() as all_or_none:
        part = all_or_none.enter_context(atomic_path(target))  # entered first, so it is renamed last
        links: dict[str, dict[str, str]] = {}
        if figures:
            from .figures.files import draw_figures

            folder = figures_of(target)
            drawn = draw_figures(next(iter(views.values())), folder, all_or_none)
            data = write_figure_data(list(sections.values()), folder, all_or_none)
            links = _links(folder, dict.fromkeys(drawn, ENDINGS), {name: [DATA_ENDING] for name in data})
        text = render(
            views, thumbnails=thumbnails, videos=videos, title=title, links=links, sections=sections
        )
        part.write_text(text, encoding="utf-8", newline="")
    return target


def render(
    views: Mapping[str, ProtocolView],
    *,
    thumbnails: Mapping[str, Thumbnail] | None = None,
    videos: Videos | None = None,
    title: str | None = None,
    links: Mapping[str, Mapping[str, str]] | None = None,
    sections: Mapping[str, ProtocolSection] | None = None,
) -> str:
    """Return the page as text.

    Parameters
    ----------
    views : mapping
        View of every protocol of one comparison, as `views_of` returns them.
    thumbnails, videos, title
        As in :func:`write_report`.
    links : mapping, optional
        Address of each file of a figure by what it is (``PNG``), by the figure's name.
    sections : mapping, optional
        What `sections_of` returns for these views, if it was needed before.

    Returns
    -------
    str
        A complete HTML document.
    """
    comparison = next(iter(views.values())).comparison
    proxy = is_proxy(comparison.settings)
    sections = sections or sections_of(views)
    ids, on_page = _picture_order(sections.values())
    stills = _stills(videos, thumbnails or {}, sections.values())
    pictures = embed({**stills.pictures, **(thumbnails or {})}, ids, on_page)
    transfers, models_of_cross = shown_transfers(comparison)
    script = "\n".join(resource(name) for name in SCRIPTS)
    context: dict[str, Any] = {
        "title": formatting.shown(title or title_of(comparison), MOST_TITLE),
        "proxy": proxy,
        "protocols": list(views),
        "sections": sections,
        "metrics": METRIC_NAMES,
        "columns": _columns(views),
        "single": all(view.over_videos for view in views.values()),
        "facts": facts_of(comparison),
        "methods": methods_of(views),
        "settings": settings_in_words(comparison.settings),
        "command_line": command_line_of(comparison.settings),
        **warnings_context(comparison.warnings, _names(comparison)),
        "analyses": {name: analyses_of(view) for name, view in views.items()},
        "ranks": {name: ranks_of(view) for name, view in views.items()},
        "effects": protocol_effects(views)[:MOST_MODELS],
        "transfers": transfers,
        "models_of_cross": models_of_cross,
        "picture_note": " ".join(filter(None, [pictures.note, stills.note])),
        "no_still": {} if stills.note else stills.missing,
        "links": {name: dict(places) for name, places in (links or {}).items()},
        "script": script,
        "script_hash": csp_hash(script),
        "data": _data(sections, pictures.addresses, proxy),
    }
    return render_template("page.html", context)


def sections_of(views: Mapping[str, ProtocolView]) -> dict[str, ProtocolSection]:
    """Return the section of every view of one comparison."""
    return {name: ProtocolSection(view, is_proxy(view.comparison.settings)) for name, view in views.items()}


def _columns(views: Mapping[str, ProtocolView]) -> dict[str, str]:
    """Return the columns of the summary table; predictions of a single split are not pooled."""
    single = all(view.over_videos for view in views.values())
    return {name: label for name, label in COLUMNS.items() if not (single and name == "srcc_pooled")}


def _links(folder: Path, *files: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """Return the addresses of files, given as endings by name, relative to the page."""
    found: dict[str, dict[str, str]] = {}
    for name, endings in (item for one in files for item in one.items()):
        places = {
            ending[1:].upper(): f"{quote(os.fsencode(folder.name))}/{name}{ending}" for ending in endings
        }
        found.setdefault(name, {}).update(places)
    return found


def _data(sections: Mapping[str, ProtocolSection], pictures: Mapping[str, str], proxy: bool) -> str:
    """Return the data of the scripts as JSON."""
    return _json(
        {
            "target": "proxy" if proxy else "MOS",
            "metrics": METRIC_NAMES,
            "errors": ERRORS,
            "protocols": {name: section.script_data for name, section in sections.items()},
            "thumbnails": {formatting.shown(name): address for name, address in pictures.items()},
        }
    )


def _stills(
    videos: Videos | None, thumbnails: Mapping[str, Thumbnail], sections: Iterable[ProtocolSection]
) -> Stills:
    """Return stills of the videos in the galleries that have no picture."""
    if videos is None:
        return Stills({}, {})
    ids = [video.id for section in sections for gallery in section.galleries for video in gallery.videos]
    ids = list(dict.fromkeys(ids))
    rows = match(ids, list(thumbnails)).rows
    return stills_of(videos, [name for name, row in zip(ids, rows, strict=True) if row < 0])


def _names(comparison: Comparison) -> set[str]:
    """Return the names by which warnings of one kind differ."""
    scores = comparison.scores
    return {*scores["table"].astype(str), *scores["regressor"].astype(str), *scores["protocol"].astype(str)}


def _picture_order(sections: Iterable[ProtocolSection]) -> tuple[list[str], set[str]]:
    """Return the ids of all videos, those of the galleries first, and the ids on the page."""
    galleries: list[str] = []
    others: list[str] = []
    on_page: set[str] = set()
    for section in sections:
        galleries += [video.id for gallery in section.galleries for video in gallery.videos]
        others += list(section.view.videos.index)
        on_page.update(section.view.videos.index[section.excerpt.rows])
    return list(dict.fromkeys([*galleries, *others])), on_page


def _json(value: object) -> str:
    """Return JSON that cannot close the script element around it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "&<>\u2028":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
