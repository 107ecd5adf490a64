"""A thousand damaged files: each reader gives a result or one sentence, and changes nothing else."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from benchmarks.outside_readers import MODELS, READERS
from benchmarks.reader_mutations import faults, run

_DEEP = [name for name in MODELS if "IQE" not in name]


@pytest.mark.slow
def test_no_damaged_file_ends_the_driver_or_a_traceback() -> None:
    names = [name for name in READERS if name not in _DEEP or find_spec("transformers")]
    count = 1000 * len(names) // len(READERS)
    found = run(names, count, jobs=2, seed=1_000_000)
    assert faults(found) == []
    assert set(found) == set(names)
    assert sum(sum(counts.values()) for counts in found.values()) >= count
    refused = sum(count for counts in found.values() for told, count in counts.items() if told != "read")
    assert refused > count / 4
