"""A page shared by the tests of the report, and a browser if Chromium is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, find_chromium
from synthetic import make_comparison

from vqa_features.comparison.result import Comparison
from vqa_features.report import write_report


@pytest.fixture(scope="session")
def comparison() -> Comparison:
    return make_comparison(full=True)


@pytest.fixture(scope="session")
def page_file(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(comparison, tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="session")
def browser() -> Iterator[Page]:
    if find_chromium() is None:
        pytest.skip("chromium is not installed")
    with Page() as page:
        yield page
