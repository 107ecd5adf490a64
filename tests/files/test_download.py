"""A file arrives whole and right, or not at all, whatever the server does."""

import hashlib
import http.server
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from vqa_features.errors import DownloadError
from vqa_features.files.download import download

CONTENT = np.random.default_rng(0).bytes(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """A server on this machine that misbehaves as its attributes say."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.kind = "application/octet-stream"
        self.tag = '"one"'
        self.drop_after: int | None = None
        self.announce: int | None = None
        self.statuses: list[int] = []
        self.ranges = True
        self.asked: list[str | None] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/weights.pth"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_args):
        pass

    def do_GET(self):
        server = self.server
        wanted = self.headers.get("Range")
        server.asked.append(wanted)
        if server.statuses:
            self.send_error(server.statuses.pop(0))
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and server.ranges else 0
        if self.headers.get("If-Range", server.tag) != server.tag:
            start = 0
        if start >= len(server.content) > 0:
            self.send_error(416)
            return
        rest = server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}"
            )
        self.send_header("ETag", server.tag)
        self.send_header("Content-Type", server.kind)
        self.send_header("Content-Length", str(len(rest) if server.announce is None else server.announce))
        self.end_headers()
        self.wfile.write(rest if server.drop_after is None else rest[: server.drop_after])


@pytest.fixture
def server(monkeypatch):
    for name in ("VQA_FEATURES_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


def test_the_file_arrives_whole(server, tmp_path):
    seen = []
    target = tmp_path / "new" / "weights.pth"
    digest = download(
        server.url, target, sha256=SHA256, size=len(CONTENT), progress=lambda *s: seen.append(s)
    )
    assert digest == SHA256
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["weights.pth"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_dropped_connections_continue_where_they_stopped(server, tmp_path):
    server.drop_after = 700_000
    target = tmp_path / "weights.pth"
    assert download(server.url, target, pause_s=0) == SHA256
    assert server.asked == [None, *(f"bytes={k * 700_000}-" for k in range(1, 5))]


def test_a_later_call_continues_an_earlier_one(server, tmp_path):
    server.drop_after, server.ranges = 1_000_000, True
    target = tmp_path / "weights.pth"
    (tmp_path / "weights.pth.part").write_bytes(CONTENT[:2_500_000])
    assert download(server.url, target, pause_s=0) == SHA256
    assert server.asked == ["bytes=2500000-"]


def test_a_server_without_ranges_starts_over(server, tmp_path):
    server.ranges = False
    (tmp_path / "weights.pth.part").write_bytes(b"stale")
    assert download(server.url, tmp_path / "weights.pth") == SHA256


def test_a_file_that_changed_on_the_server_starts_over(server, tmp_path):
    (tmp_path / "weights.pth.part").write_bytes(b"x" * 100)
    (tmp_path / "weights.pth.part.tag").write_text('"another"')
    assert download(server.url, tmp_path / "weights.pth") == SHA256


def test_a_part_longer_than_the_file_starts_over(server, tmp_path):
    (tmp_path / "weights.pth.part").write_bytes(CONTENT + b"more")
    assert download(server.url, tmp_path / "weights.pth", pause_s=0) == SHA256


def test_a_server_that_announces_too_much_is_given_up(server, tmp_path):
    server.announce = len(CONTENT) + 1000
    server.ranges = False
    with pytest.raises(DownloadError, match=r"4 attempts in a row.*3000000 of 3001000 bytes"):
        download(server.url, tmp_path / "weights.pth", pause_s=0)
    assert not (tmp_path / "weights.pth").exists()


def test_a_server_that_announces_too_little_gives_another_file(server, tmp_path):
    server.announce = 1_000_000
    with pytest.raises(DownloadError, match="has SHA-256"):
        download(server.url, tmp_path / "weights.pth", sha256=SHA256)
    with pytest.raises(DownloadError, match="has 1000000 bytes, expected 3000000"):
        download(server.url, tmp_path / "weights.pth", size=len(CONTENT))
    assert list(tmp_path.iterdir()) == []


def test_a_web_page_is_not_weights(server, tmp_path):
    server.content, server.kind = b"<!DOCTYPE html><p>Sign in</p>", "text/html; charset=utf-8"
    with pytest.raises(DownloadError, match=r"web page.*weights import"):
        download(server.url, tmp_path / "weights.pth")
    assert list(tmp_path.iterdir()) == []


def test_another_file_is_thrown_away(server, tmp_path):
    with pytest.raises(DownloadError, match="thrown away"):
        download(server.url, tmp_path / "weights.pth", sha256="0" * 64)
    assert not (tmp_path / "weights.pth").exists()
    assert not (tmp_path / "weights.pth.part").exists()


@pytest.mark.parametrize(("statuses", "outcome"), [([503, 429], SHA256), ([404], None), ([500] * 4, None)])
def test_busy_servers_are_asked_again_and_refusals_are_not(server, tmp_path, statuses, outcome):
    server.statuses = list(statuses)
    if outcome:
        assert download(server.url, tmp_path / "weights.pth", pause_s=0) == outcome
    else:
        with pytest.raises(DownloadError, match=str(statuses[0])):
            download(server.url, tmp_path / "weights.pth", pause_s=0)
        assert len(server.asked) == len(statuses)


@pytest.mark.parametrize("name", ["VQA_FEATURES_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_nothing_is_asked_for(server, tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, "1")
    with pytest.raises(DownloadError, match="forbids the network"):
        download(server.url, tmp_path / "weights.pth")
    assert server.asked == []


@pytest.mark.parametrize("url", ["http://example.org/a.pth", "file:///etc/passwd", "ftp://example.org/a"])
def test_only_https_is_fetched(server, tmp_path, url):
    with pytest.raises(DownloadError, match="only https"):
        download(url, tmp_path / "a.pth", pause_s=0)


def test_two_at_once_give_one_file(server, tmp_path):
    target = tmp_path / "weights.pth"
    digests = []
    threads = [
        threading.Thread(target=lambda: digests.append(download(server.url, target))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digests == [SHA256] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["weights.pth"]


def test_many_at_once_ask_once_for_each_file(server, tmp_path):
    server.content = CONTENT[:1000]
    digest = hashlib.sha256(server.content).hexdigest()
    targets = [tmp_path / f"{k}.pth" for k in range(20)] * 8
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda target: download(server.url, target, pause_s=0), sorted(targets)))
    assert found == {digest}
    assert len(server.asked) == len(list(tmp_path.iterdir())) == 20
