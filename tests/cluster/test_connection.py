"""Connections to clusters of Dask: refusals in one sentence, and versions that are compared."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra cluster is not installed")

from clusters import scheduler

from vqa_features.cluster import connection
from vqa_features.cluster.connection import connected
from vqa_features.cluster.versions import OtherVersions, differences, versions_here
from vqa_features.errors import ParameterError, VqaError

NO_ADDRESSES = (
    *("", "here", "LOCAL", "tcp://host", "tcp://host:", "tcp://host:0", "tcp://host:99999", "tcp://:8786"),
    *("tcp://host:8786/x", "tcp://user:word@host:8786", "http://host:8786", "inproc://1/2"),
)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ParameterError, match="tcp://HOST:PORT"), connected(address):
        pass


def test_a_port_where_nothing_listens_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(VqaError, match="Connection refused"), connected(f"tcp://127.0.0.1:{port}"):
        pass


def test_a_listener_that_is_no_scheduler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(VqaError, match="cannot be used as a Dask"), connected(f"tcp://127.0.0.1:{port}"):
            pass


def test_workers_have_the_versions_of_the_program_or_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WORKERS_S", 0.2)
    (tmp_path / "older.py").write_text("import vqa_features\nvqa_features.__version__ = '0.0.9'\n")
    with scheduler(tmp_path) as started:
        with pytest.raises(VqaError, match="has no workers"), connected(started.address):
            pass
        started.worker()
        with connected(started.address) as client:
            assert client.submit(sum, [1, 2]).result(10) == 3
        started.worker("--preload", str(tmp_path / "older.py"))
        with (
            pytest.raises(OtherVersions, match=r"worker tcp://\S+ has vqa-features 0.0.9 \(here"),
            connected(started.address),
        ):
            pass
        told: list[str] = []
        with connected(started.address, allow_other_versions=True, on_message=told.append):
            pass
        assert "vqa-features 0.0.9" in told[0]
        assert told[1:] == [text for text in told if text.startswith("dashboard: http://127.0.0.1:")]


def test_what_one_side_lacks_is_no_difference() -> None:
    here = versions_here()
    assert {"vqa-features", "libavcodec", "NumPy"} <= here.keys()
    there = {name: text for name, text in here.items() if name != "PyTorch"}
    assert differences(here, there) == differences(there, here) == []
    assert differences(here, here | {"NumPy": "1.0"}) == [f"NumPy 1.0 (here {here['NumPy']})"]
