"""Servers that lie, stall and never end, and odd folders: one sentence, in bounded time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from vqa_features.errors import DownloadError
from vqa_features.files.connection import Limits
from vqa_features.files.download import download

BODY = np.random.default_rng(1).bytes(300_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
LIMITS = Limits(most_bytes=1_000_000, window_s=30, least_bytes=10_000)
HASTY = Limits(window_s=0.2, least_bytes=10_000)
OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = OK + b"Content-Length: 300000\r\n\r\n" + BODY

Answer = Callable[[socket.socket, bytes], None]


class Server(socketserver.ThreadingTCPServer):
    """Answers every request with what `answer` writes to the socket."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: Answer = raw(WHOLE)
        self.requests: list[bytes] = []
        self.ended = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/weights.pth"


class Handler(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            chunk = self.request.recv(65536)
            if not chunk:
                return
            request += chunk
        self.server.requests.append(request)
        with contextlib.suppress(OSError):
            self.server.answer(self.request, request)


def raw(content: bytes) -> Answer:
    return lambda sock, _request: sock.sendall(content)


def drip(start: bytes, more: bytes = b"x", pause_s: float = 0.02) -> Answer:
    """Send `start`, then `more` again and again."""

    def answer(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(start)
        while True:
            sock.sendall(more)
            time.sleep(pause_s)

    return answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("VQA_FEATURES_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


def refused(server: Server, folder: Path, **options: object) -> str:
    """Return the sentence of a download that fails within five seconds and leaves no file."""
    start = time.monotonic()
    with pytest.raises(DownloadError) as told:
        download(server.url, folder / "w.pth", pause_s=0, **{"limits": LIMITS, **options})  # type: ignore[arg-type]
    assert time.monotonic() - start < 5
    assert not (folder / "w.pth").exists()
    text = str(told.value)
    assert len(text) < 600
    assert text.isprintable()
    return text


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"\x1b[31mnonsense\r\n\r\n", r"4 attempts in a row: BadStatusLine: \\x1B\[31mnonsense"),
        (b"", "4 attempts in a row"),
        (b"HTTP/1.1 999999 Odd\r\n\r\n", "4 attempts in a row"),
        (b"HTTP/1.1 200 " + b"O" * 100_000 + b"\r\n\r\n", "4 attempts in a row: LineTooLong"),
        (OK + b"X: " + b"a" * 100_000, "4 attempts in a row: LineTooLong"),
        (OK + b"X: y\r\n" * 200, "4 attempts in a row: HTTPException: got more than 100 headers"),
        (b"HTTP/1.1 404 \x1b[2JGone\r\n\r\n", r"answers 404 \\x1B\[2JGone"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "answers 204"),
        (OK + b"Content-Length: 0\r\n\r\n", "has 0 bytes; from 1"),
    ],
    ids=["status", "nothing", "number", "long-status", "long-header", "headers", "escape", "204", "empty"],
)
def test_answers_that_are_no_answers(server: Server, tmp_path: Path, answer: bytes, reason: str) -> None:
    server.answer = raw(answer)
    text = refused(server, tmp_path)
    assert re.search(reason, text), text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "length",
    [
        b"",
        b"Content-Length: many\r\n",
        b"Content-Length: -5\r\n",
        b"Content-Length: \xb2\r\n",
        b"Content-Length: 1e5\r\n",
        b"Content-Length: \r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 300000\r\n",
    ],
)
@pytest.mark.parametrize("size", [None, 300_000])
def test_a_file_of_unknown_length_is_not_read(
    server: Server, tmp_path: Path, length: bytes, size: int | None
) -> None:
    server.answer = drip(OK + length + b"\r\n", b"-1\r\n" + BODY, 0)
    assert "does not say how long the file is" in refused(server, tmp_path, size=size)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("length", "size", "reason"),
    [
        (2_000_000, None, "has 2000000 bytes; from 1 to 1000000 are fetched"),
        (10**40, None, "from 1 to 1000000 are fetched"),
        (300_000, 299_999, "has 300000 bytes, expected 299999"),
        (10**15, 10**15, "bytes do not fit on the disk"),
    ],
)
def test_a_file_too_large_is_refused_before_it_is_read(
    server: Server, tmp_path: Path, length: int, size: int | None, reason: str
) -> None:
    server.answer = drip(OK + b"Content-Length: %d\r\n\r\n" % length, BODY, 0)
    assert reason in refused(server, tmp_path, size=size)
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_goes_on_is_read_to_its_length_alone(server: Server, tmp_path: Path) -> None:
    server.answer = drip(WHOLE, BODY, 0)
    assert download(server.url, tmp_path / "w.pth", limits=LIMITS) == SHA256


@pytest.mark.parametrize(
    "answer",
    [
        drip(b"HTTP/1.1"),
        drip(OK, b"X"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(OK + b"Content-Length: 300000\r\n\r\n"),
        drip(OK + b"Content-Length: 300000\r\n\r\n", b"", 1),
        drip(b"", b"", 1),
    ],
    ids=["status", "header", "continue", "body", "no-body", "nothing"],
)
def test_a_server_that_is_too_slow_is_given_up(server: Server, tmp_path: Path, answer: Answer) -> None:
    server.answer = answer
    assert "less than 10000 bytes came in 0.2 s" in refused(server, tmp_path, limits=HASTY)
    assert len(server.requests) == 4


def test_a_server_that_drops_after_a_few_bytes_is_given_up(server: Server, tmp_path: Path) -> None:
    server.answer = raw(OK + b"Content-Length: 300000\r\n\r\n" + b"x" * 100)
    assert "ended after 100 of 300000 bytes" in refused(server, tmp_path)
    assert len(server.requests) == 4


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "x-odd\x7f"])
def test_an_encoded_body_is_refused(server: Server, tmp_path: Path, coding: str) -> None:
    header = f"Content-Encoding: {coding}\r\nContent-Length: 300000\r\n\r\n".encode("latin-1")
    server.answer = raw(OK + header + BODY)
    assert "it comes encoded as" in refused(server, tmp_path)


@pytest.mark.parametrize(
    "content_range",
    [
        b"",
        b"nonsense",
        b"bytes 200000-299999/*nonsense",
        b"bytes 100000-199999/300000",
        b"bytes 100000-299999/400000",
        b"bytes 100000-99999/300000",
        b"bytes 100000-" + b"9" * 5000 + b"/300000",
        b"bytes \xb2-299999/300000",
    ],
)
def test_another_part_than_the_one_asked_for_starts_over(
    server: Server, tmp_path: Path, content_range: bytes
) -> None:
    (tmp_path / "w.pth.part").write_bytes(BODY[:100_000])

    def answer(sock: socket.socket, request: bytes) -> None:
        if b"Range:" not in request:
            return sock.sendall(WHOLE)
        header = b"HTTP/1.1 206 Partial Content\r\nContent-Length: 200000\r\nContent-Range: "
        return sock.sendall(header + content_range + b"\r\n\r\n" + BODY[100_000:])

    server.answer = answer
    assert download(server.url, tmp_path / "w.pth", pause_s=0, limits=LIMITS) == SHA256
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/weights.pth", r"its redirects \(302\) lead nowhere"),
        ("file:///etc/passwd", r"its redirects \(302\) lead nowhere"),
        ("ftp://127.0.0.1/a", "only https"),
        ("http://example.org/a", "only https"),
        ("http://[::1/a", "only https|4 attempts"),
        ("http://127.0.0.1:port/a", "4 attempts in a row"),
        ("", r"lead nowhere|attempts"),
    ],
)
def test_redirects_that_lead_nowhere(server: Server, tmp_path: Path, location: str, reason: str) -> None:
    server.answer = raw(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n".encode())
    assert re.search(reason, refused(server, tmp_path))


def test_redirects_are_counted(server: Server, tmp_path: Path) -> None:
    def answer(sock: socket.socket, _request: bytes) -> None:
        location = f"/{len(server.requests)}"
        sock.sendall(f"HTTP/1.1 301 Moved\r\nLocation: {location}\r\n\r\n".encode())

    server.answer = answer
    assert "lead nowhere" in refused(server, tmp_path)
    assert len(server.requests) <= 11


def test_a_server_elsewhere_cannot_redirect_to_this_machine() -> None:
    from urllib.request import Request

    from vqa_features.files.connection import _SafeRedirects

    for target in ("http://localhost:8080/admin", "https://127.0.0.1/"):
        with pytest.raises(DownloadError, match="redirects to this machine"):
            _SafeRedirects().redirect_request(
                Request("https://example.org/a.pth"), None, 302, "Found", {}, target
            )


@pytest.mark.parametrize("tag", [b"", b"\xff\xfe", b"a\r\nX: y", b"x" * 10_000, "€".encode()])
def test_a_tag_that_is_none_starts_over(server: Server, tmp_path: Path, tag: bytes) -> None:
    (tmp_path / "w.pth.part").write_bytes(b"x" * 100)
    (tmp_path / "w.pth.part.tag").write_bytes(tag)
    assert download(server.url, tmp_path / "w.pth", limits=LIMITS) == SHA256
    assert b"\r\nX: y" not in server.requests[0]


def test_a_tag_that_is_a_folder_or_a_pipe_is_said(server: Server, tmp_path: Path) -> None:
    (tmp_path / "w.pth.part.tag").mkdir()
    assert "w.pth.part.tag cannot be written: it is a folder" in refused(server, tmp_path)
    (tmp_path / "w.pth.part.tag").rmdir()
    os.mkfifo(tmp_path / "w.pth.part.tag")
    assert "w.pth.part.tag cannot be written: it is a pipe" in refused(server, tmp_path)


def test_a_partial_file_that_is_not_ours_is_left_alone(server: Server, tmp_path: Path) -> None:
    part, victim = tmp_path / "w.pth.part", tmp_path / "victim"
    victim.write_bytes(b"mine")
    part.symlink_to(victim)
    assert "w.pth.part cannot be written: it is a link; delete it" in refused(server, tmp_path)
    part.unlink()
    os.link(victim, part)
    assert "second name of a file" in refused(server, tmp_path)
    part.unlink()
    os.mkfifo(part)
    assert "it is a pipe or a device" in refused(server, tmp_path)
    part.unlink()
    part.mkdir()
    assert "w.pth.part cannot be written: " in refused(server, tmp_path)
    assert victim.read_bytes() == b"mine"
    assert server.requests == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs files of several users")
def test_a_partial_file_of_another_user_is_left_alone(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "w.pth.part"
    part.write_bytes(b"planted")
    os.chown(part, 65534, -1)
    assert "w.pth.part cannot be written: it is another user's" in refused(server, tmp_path)
    assert part.read_bytes() == b"planted"


def test_a_target_that_is_a_folder_and_a_folder_that_is_a_file_are_said(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(DownloadError, match="taken cannot be written: "):
        download(server.url, tmp_path / "taken", limits=LIMITS)
    (tmp_path / "file").write_text("")
    with pytest.raises(
        DownloadError, match=r"cannot be written: (Not a directory|File exists); .*VQA_FEATURES_CACHE"
    ):
        download(server.url, tmp_path / "file" / "w.pth", limits=LIMITS)
    with pytest.raises(DownloadError, match="cannot be written: "):
        download(server.url, tmp_path / ("n" * 300), limits=LIMITS)


def test_a_full_disk_keeps_what_arrived(server: Server, tmp_path: Path) -> None:
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom vqa_features.files.download import download\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: download(sys.argv[1], Path(sys.argv[2]), pause_s=0)\n"
        "except OSError as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, server.url, str(tmp_path / "w.pth")], capture_output=True, text=True
    )
    assert "DownloadError" in done.stdout, done.stderr
    assert "w.pth.part cannot be written: File too large" in done.stdout
    assert (tmp_path / "w.pth.part").read_bytes() == BODY[:100_000]


@pytest.fixture
def tls(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server behind TLS, with a certificate that this process trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *made.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.url = f"https://localhost:{server.server_address[1]}/weights.pth"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return server


def test_https_is_read_at_the_least_speed_too(tls: Server, tmp_path: Path) -> None:
    assert download(tls.url, tmp_path / "whole.pth", limits=LIMITS) == SHA256
    tls.answer = drip(OK, b"X")
    assert "less than 10000 bytes came in 0.2 s" in refused(tls, tmp_path, limits=HASTY)


def test_a_certificate_that_is_not_trusted_is_refused(
    tls: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "CERTIFICATE_VERIFY_FAILED" in refused(tls, tmp_path)
    assert tls.requests == []
