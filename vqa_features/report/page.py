"""One self-contained HTML page of a Comparison: opens from disk, needs no network, runs no foreign script."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .. import __version__
from ..comparison.result import BASELINE, FUSION, Comparison
from ..errors import ParameterError, VqaError
from ..files.atomic import write_text
from . import tradeoffs
from . import view as digest
from .headline import contrasts, decimal, headline, p_text, signed
from .palette import STYLES
from .thumbnails import Thumbnail, embed
from .view import Model

GALLERY = 6
MATRIX_LIMIT = 8
"""Up to so many models the significance matrix shows all of them, above it the best of each table."""
PANELS = 9
"""Most models drawn video by video: the rivals, then the best of the other tables."""
COLUMNS = {name: digest.METRIC_NAMES[name] for name in digest.METRIC_NAMES if name != "mae"} | {
    "srcc_pooled": "SRCC, pooled"
}
"""Numbers of the summary table and their headings."""
PARTS = ("core.js", "charts.js", "videos.js", "tradeoffs.js", "page.js")


def write_report(
    comparison: Comparison,
    path: str | os.PathLike[str],
    *,
    thumbnails: Mapping[str, Thumbnail] | None = None,
    title: str | None = None,
    figures: bool = True,
) -> Path:
    """Write the page, and beside it every figure as PNG and SVG, and return the page's path.

    Parameters
    ----------
    comparison : Comparison
        What :func:`vqa_features.compare` returned.
    path : path
        The page to write, ending in ``.html``. The figures go to ``<stem>_figures/`` beside it.
    thumbnails : mapping, optional
        A picture (file path, or the bytes of a JPEG or PNG) by video id, shown when a video is pointed at
        and among the failures. They are made small and carried inside the page.
    title : str, optional
        Heading; by default it names the tables.
    figures : bool
        False leaves the figure files out.

    Raises
    ------
    ParameterError
        The path does not end in ``.html``, or the comparison holds no scores.
    VqaError
        The packages of the extra ``report`` are not installed.
    """
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        raise ParameterError(f"the report is a web page: its name must end in .html, got {target.name!r}")
    if comparison.scores.empty:
        raise ParameterError("the comparison holds no scores, so there is nothing to report")
    _check_installed(("jinja2", "matplotlib") if figures else ("jinja2",))
    target.parent.mkdir(parents=True, exist_ok=True)
    links: dict[str, str] = {}
    if figures:
        from .figures.gallery import save_figures

        folder = target.with_name(f"{target.stem}_figures")
        links = {name: f"{quote(folder.name)}/{name}" for name in save_figures(comparison, folder)}
    text = render(comparison, thumbnails=thumbnails, title=title, links=links)
    write_text(target, text)
    return target


def _check_installed(packages: Sequence[str]) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise VqaError(f"the report needs {' and '.join(missing)}: pip install 'vqa-features[report]'")


def render(
    comparison: Comparison,
    *,
    thumbnails: Mapping[str, Thumbnail] | None = None,
    title: str | None = None,
    links: Mapping[str, str] | None = None,
) -> str:
    """Return the page as text; ``links`` gives, by figure name, the address of its file without the
    ending."""
    import jinja2

    summary = digest.summarise(comparison)
    names = digest.protocols(comparison)
    proxy = is_proxy(comparison.settings)
    views = {name: _view(comparison, summary, name, proxy=proxy) for name in names}
    wanted = [video for view in views.values() for video in view["gallery_ids"]]
    everyone = [video for view in views.values() for video in view["data"]["videos"]["ids"]]
    script = "\n".join(_resource(part) for part in PARTS)
    context: dict[str, Any] = {
        "title": title or _title(comparison),
        "version": __version__,
        "proxy": proxy,
        "protocols": names,
        "views": views,
        "summary": [_plain(row) for row in summary.to_dict("records")],
        "metrics": digest.METRIC_NAMES,
        "columns": COLUMNS,
        "facts": _facts(comparison),
        "settings": {str(key): _setting(value) for key, value in comparison.settings.items()},
        "warnings": [str(warning) for warning in comparison.warnings],
        "shortcuts": tradeoffs.shortcuts(summary),
        "reaches": tradeoffs.reaches(comparison),
        "links": dict(links or {}),
        "styles": STYLES,
        "css": _resource("style.css"),
        "script": script,
        "script_hash": _csp_hash(script),
        "data": _json(
            {
                "target": "proxy" if proxy else "MOS",
                "metrics": digest.METRIC_NAMES,
                "errors": digest.ERRORS,
                "protocols": {name: view["data"] for name, view in views.items()},
                "thumbnails": embed(thumbnails or {}, list(dict.fromkeys([*wanted, *everyone]))),
            }
        ),
    }
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(decimal=decimal, signed=signed, p_text=p_text)
    return environment.from_string(_resource("page.html")).render(context)


def is_proxy(settings: Mapping[str, object]) -> bool:
    """Return whether the settings say that the target stands in for MOS: any ``target…`` value that says
    "proxy"."""
    return any(
        "proxy" in str(value).lower() for key, value in settings.items() if str(key).startswith("target")
    )


def _view(comparison: Comparison, summary: pd.DataFrame, protocol: str, *, proxy: bool) -> dict[str, Any]:
    """Return everything that the page shows of one protocol."""
    everyone = digest.models(summary, protocol)
    rivals = digest.rivals(summary, protocol)
    first = rivals[:2]
    best = digest.best_of_each(summary, protocol)
    shown = [*first, *(model for model in best if model not in first)][:PANELS]
    videos = digest.per_video(comparison, protocol, shown)
    found = headline(comparison, protocol, proxy=proxy)
    failures = digest.failures(videos, GALLERY)
    trained = [model for model in everyone if model.role != "baseline"]
    matrix = trained if len(trained) <= MATRIX_LIMIT else best
    tested = contrasts(comparison, protocol)
    return {
        "headline": found,
        "models": everyone,
        "best": shown,
        "left_out": len(best) - len(shown),
        "rivals": first,
        "matrix": matrix,
        "tested": tested,
        "singles": [(k, model) for k, model in enumerate(shown) if model.family != FUSION],
        "residuals": digest.residual_correlation(videos),
        "residuals_given_mos": digest.residual_correlation(videos, given_mos=True),
        "failures": failures,
        "gallery_ids": [failure.id for group in failures.values() for failure in group],
        "data": {
            "models": [_tag(model) for model in everyone],
            "scores": [
                {
                    name: _numbers(digest.split_scores(comparison, protocol, model, name))
                    for name in digest.METRIC_NAMES
                }
                for model in everyone
            ],
            "contrasts": [{**_drawn(one), "p": p_text(one.p)} for one in found.contrasts],
            "videos": {
                "ids": [str(name) for name in videos.index],
                "mos": _numbers(videos["mos"]),
                "digits": 2 if float(np.ptp(videos["mos"])) > 1 else 3,
                "models": [_tag(model) for model in shown],
                "predicted": [_numbers(videos[position]) for position in range(len(shown))],
            },
            "cost": [_drawn(one) for one in tradeoffs.costs(summary, protocol)],
            "curve": [_drawn(one) for one in tradeoffs.curves(comparison, protocol)],
        },
    }


def _drawn(record: NamedTuple) -> dict[str, Any]:
    """Return a record as the script takes it: models by name and role, numbers rounded, lists for arrays."""
    drawn: dict[str, Any] = {}
    for name, value in record._asdict().items():
        if isinstance(value, Model):
            drawn[name] = _tag(value)
        elif isinstance(value, np.ndarray):
            drawn[name] = _numbers(value)
        else:
            drawn[name] = _number(value) if isinstance(value, float) else value
    return drawn


def _tag(model: Model) -> dict[str, str]:
    return {"label": model.label, "table": model.table, "regressor": model.regressor, "role": model.role}


def _title(comparison: Comparison) -> str:
    scores = comparison.scores
    tables = scores.loc[scores["family"] != FUSION, "table"].unique()
    return " vs ".join(map(str, tables)) if len(tables) <= 4 else f"{len(tables)} feature tables compared"


def _facts(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the few numbers that stand under the headline."""
    scores, predictions = comparison.scores, comparison.predictions
    return [
        (f"{predictions['id'].nunique():,}", "videos tested"),
        (f"{scores['split'].nunique():,}", "splits"),
        (f"{scores.loc[scores['family'] != FUSION, 'table'].nunique():,}", "feature tables"),
        (
            f"{scores.loc[scores['regressor'] != BASELINE, 'regressor'].nunique():,}",
            "regressors",
        ),
    ]


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


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return one row of the summary with its model's label and role."""
    model = Model(str(row["table"]), str(row["regressor"]), str(row["family"]))
    return {**{str(key): value for key, value in row.items()}, "model": model}


def _number(value: float) -> float | None:
    """Return a number JSON can hold, rounded to what a picture can show."""
    return float(f"{value:.5g}") if math.isfinite(value) else None


def _numbers(values: ArrayLike) -> list[float | None]:
    return [_number(float(value)) for value in np.asarray(values, dtype=float)]


def _json(value: object) -> str:
    """Return JSON that cannot close the script element holding it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (
        text.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
    )


def _csp_hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _resource(name: str) -> str:
    return resources.files(__package__).joinpath("assets", name).read_text(encoding="utf-8")
