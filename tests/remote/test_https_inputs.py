"""Videos at https addresses: credentials go to their own server alone, redirects and drops are bounded."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from object_stores import Answer, Https, content
from small_videos import moving

import vqa_features as vf
from vqa_features.files.connection import _is_here
from vqa_features.remote import https, scratch

pytest.importorskip("cryptography")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Https]:
    made = Https(tmp_path_factory.mktemp("https"))
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    noise = b"\0" * 400_000
    return moving(tmp_path / "clip.mp4", 4).read_bytes() + noise


@pytest.fixture(autouse=True)
def trusted(server: Https, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    monkeypatch.setattr(scratch, "_PAUSE_S", 0.01)
    server.requests.clear()


def row_of(address: str, **options: object) -> tuple[str, str, str]:
    """Return path, status and error of one address."""
    table = vf.extract_many(address, "siti", remote=True, **options)  # type: ignore[arg-type]
    path, status, error = table[["path", "status", "error"]].iloc[0]
    return path, status, error


def moved(to: str) -> Answer:
    return lambda sock, _: sock.sendall(f"HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n".encode())


def refusal(code: int) -> Answer:
    return lambda sock, _: sock.sendall(f"HTTP/1.1 {code} No\r\nContent-Length: 0\r\n\r\n".encode())


def test_a_signed_address_is_fetched_once_and_shown_without_its_query(server: Https, video: bytes) -> None:
    server.answer = content(video)
    path, status, _ = row_of(server.address("a/my%20clip.mp4?sig=s3cr3t&x=1", user="me:p%40ss@"))
    assert (path, status) == (server.address("a/my%20clip.mp4"), "ok")
    (request,) = server.requests
    assert request.startswith(b"GET /a/my%20clip.mp4?sig=s3cr3t&x=1 HTTP")
    assert b"Authorization: Basic " + base64.b64encode(b"me:p@ss") in request
    assert list(vf.extract_many(server.address("my%20clip.mp4"), "siti", remote=True).index) == ["my clip"]


def test_a_list_at_an_address_keeps_its_credentials_to_itself(server: Https, video: bytes) -> None:
    listing = b"path\nv/a.mp4\nhttps://127.0.0.1:%d/b.mp4?sig=other\n" % server.port

    def answer(sock: ssl.SSLSocket, request: bytes) -> None:
        (content(listing) if b"list.csv" in request else content(video))(sock, request)

    server.answer = answer
    table = vf.extract_many(server.address("l/list.csv?sig=mine"), "siti", remote=True)
    assert list(table.path) == [server.address("l/v/a.mp4"), server.address("b.mp4")]
    assert set(table.status) == {"ok"}
    asked = [request.split(b" ")[1] for request in server.requests]
    assert asked == [b"/l/list.csv?sig=mine", b"/l/v/a.mp4", b"/b.mp4?sig=other"]
    assert "sig=" not in str(table.attrs)


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:9/a.mp4", "http://example.org/a.mp4", "file:///etc/passwd", "ftp://h/a.mp4", ""],
)
def test_redirects_to_other_schemes_are_refused(server: Https, target: str) -> None:
    server.answer = moved(target)
    _, status, error = row_of(server.address("a.mp4?sig=s3cr3t"))
    assert status == "failed(redirect)", error
    assert "s3cr3t" not in error


def test_a_redirect_takes_no_password_along(server: Https, video: bytes) -> None:
    def answer(sock: ssl.SSLSocket, request: bytes) -> None:
        (content(video) if b"/other.mp4" in request else moved("/other.mp4"))(sock, request)

    server.answer = answer
    assert row_of(server.address("a.mp4", user="me:word@"))[1] == "ok"
    assert [b"Authorization" in request for request in server.requests] == [True, False]


def test_names_of_this_machine_and_of_its_own_network_are_known() -> None:
    here = ["localhost", "a.localhost.", "127.0.0.2", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"]
    here += ["169.254.169.254", "[fe80::1%25eth0]", "0.0.0.0", "0x7f.1"]
    assert all(_is_here(f"https://{host}/latest/meta-data") for host in here)
    assert not any(_is_here(f"https://{host}/") for host in ("example.org", "10.0.0.1", "[2001:db8::1]"))


@pytest.mark.parametrize(
    ("code", "kind"),
    [(404, "missing"), (401, "permission"), (403, "permission"), (400, "permission"), (503, "io")],
)
def test_refusals_are_rows(server: Https, code: int, kind: str) -> None:
    server.answer = refusal(code)
    assert row_of(server.address("a.mp4"))[1] == f"failed({kind})"


def test_a_connection_that_drops_is_resumed_where_it_ended(server: Https, video: bytes) -> None:
    server.answer = content(video, drop=300_000)
    assert row_of(server.address("a.mp4"))[1] == "ok"
    assert [b"Range: bytes=300000-" in request for request in server.requests] == [False, True]
    assert b'If-Range: "1"' in server.requests[1]
    server.answer = content(video, drop=1000)
    _, status, error = row_of(server.address("a.mp4"))
    assert status == "failed(io)"
    assert "the connection ended (3000 of" in error


def test_a_file_that_changes_between_two_connections_is_an_error(server: Https, video: bytes) -> None:
    def answer(sock: ssl.SSLSocket, request: bytes) -> None:
        content(video, tag=f'"{len(server.requests)}"', drop=300_000)(sock, request)

    server.answer = answer
    assert row_of(server.address("a.mp4"))[1] == "failed(changed)"


def test_a_slow_server_and_one_without_a_length_are_given_up(
    server: Https, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https, "_WINDOW_S", 0.2)
    monkeypatch.setattr(scratch, "_ATTEMPTS", 1)
    ended = []

    def slow(sock: ssl.SSLSocket, _: bytes) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        sock.settimeout(2)
        ended.append(sock.recv(1))

    server.answer = slow
    _, status, error = row_of(server.address("a.mp4"))
    assert (status, "too slow" in error) == ("failed(io)", True)
    server.answer = lambda sock, _: sock.sendall(b"HTTP/1.1 200 OK\r\n\r\nabc")
    _, status, error = row_of(server.address("a.mp4"))
    assert (status, "how long it is" in error) == ("failed(io)", True)


def test_a_certificate_that_is_not_trusted_is_said(server: Https, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    _, status, error = row_of(server.address("a.mp4"))
    assert (status, "certificate" in error) == ("failed(io)", True)
