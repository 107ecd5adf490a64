"""A cluster that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clusters import Scheduler, scheduler


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    with scheduler(tmp_path_factory.mktemp("cluster")) as started:
        yield started
