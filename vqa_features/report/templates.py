"""Templates and other files of the pages, and the environment in which they are rendered."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from .. import __version__
from ..plots.palette import STYLES
from . import formatting

STYLESHEETS = ("style.css", "analyses.css")
_FILTERS = ("decimal", "significant", "signed", "sentence", "p_text", "shown")


def resource(name: str) -> str:
    """Return the text of a file that the pages are made of."""
    return resources.files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


def csp_hash(script: str) -> str:
    """Return what the content security policy of a page calls its only script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def render_template(name: str, context: Mapping[str, Any], text: str | None = None) -> str:
    """Return a page; every value is escaped unless the template says ``safe``.

    Parameters
    ----------
    name : str
        Template, which may import others.
    context : mapping
        Values by name; ``version``, ``styles``, ``css`` and ``written``, the time, are added.
    text : str, optional
        Content of a template that is not among the files of the pages; it may import these.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda one: text if one == name and text else resource(one)),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for filter_name in _FILTERS:
        environment.filters[filter_name] = getattr(formatting, filter_name)
    css = "\n".join(resource(name) for name in STYLESHEETS)
    common = {"version": __version__, "styles": STYLES, "css": css, "written": _now()}
    return environment.get_template(name).render({**common, **context})


def _now() -> str:
    """Return the time as ``28 November 2026, 07:15 UTC``, that of SOURCE_DATE_EPOCH where it is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return f"{now.day} {now:%B %Y, %H:%M} UTC"
