"""A real S3 server on loopback, a proxy in front of it that drops connections, and an https server."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import socketserver
import ssl
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

#: Planted credentials: no output may hold them.
KEY, SECRET = "AKIAPLANTEDKEYID0001", "plantedSecretKey/abc+0123456789"
BUCKET = "clips"


class S3:
    """moto's server, and a client that fills it."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        self.port = self._server.get_host_and_port()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        import boto3

        self.client: Any = boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )
        self.client.create_bucket(Bucket=BUCKET)

    def put(self, key: str, content: bytes) -> None:
        """Store an object."""
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content)

    @contextlib.contextmanager
    def only_known_credentials(self) -> Iterator[None]:
        """Refuse every credential inside: the server knows none."""
        self._reset_auth("0")
        try:
            yield
        finally:
            self._reset_auth("inf")

    def _reset_auth(self, count: str) -> None:
        plain = {"Content-Type": "text/plain"}
        asked = urllib.request.Request(f"{self.url}/moto-api/reset-auth", count.encode(), plain)
        with urllib.request.urlopen(asked):
            pass

    def stop(self) -> None:
        """End the server."""
        self.client.close()
        self._server.stop()


class DroppingProxy(socketserver.ThreadingTCPServer):
    """Passes bytes on to a port; the first `drops` long answers end after `after` bytes."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, after: int, drops: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.target, self.after, self.drops = port, after, drops
        self.dropped = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Passing(socketserver.BaseRequestHandler):
    server: DroppingProxy

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.target)) as beyond:
            threading.Thread(target=self._requests, args=(beyond,), daemon=True).start()
            passed = 0
            with contextlib.suppress(OSError):
                while data := beyond.recv(16384):
                    passed += len(data)
                    if passed > self.server.after and self.server.dropped < self.server.drops:
                        self.server.dropped += 1
                        self.request.sendall(data[:100])
                        break
                    self.request.sendall(data)
            with contextlib.suppress(OSError):
                self.request.shutdown(socket.SHUT_RDWR)

    def _requests(self, beyond: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := self.request.recv(16384):
                beyond.sendall(data)


Answer = Callable[[ssl.SSLSocket, bytes], None]


class Https(socketserver.ThreadingTCPServer):
    """An https server that answers each request with what `answer` writes."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.certificate = folder / "certificate.pem"
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(_make_certificate(self.certificate))
        self.requests: list[bytes] = []
        self.answer: Answer = lambda sock, request: None
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def address(self, path: str, user: str = "") -> str:
        """Return the address of a path."""
        return f"https://{user}127.0.0.1:{self.port}/{path}"


class _Answering(socketserver.BaseRequestHandler):
    server: Https

    def handle(self) -> None:
        with (
            contextlib.suppress(OSError),
            self.server.context.wrap_socket(self.request, server_side=True) as sock,
        ):
            request = b""
            while b"\r\n\r\n" not in request:
                if not (data := sock.recv(65536)):
                    return
                request += data
            self.server.requests.append(request)
            self.server.answer(sock, request)


def content(body: bytes, tag: str = '"1"', drop: int | None = None) -> Answer:
    """Answer with a body, or from the asked byte on; send `drop` bytes and end the connection, if given."""

    def answer(sock: ssl.SSLSocket, request: bytes) -> None:
        _, _, rest = request.partition(b"Range: bytes=")
        start = int(rest.partition(b"-")[0]) if rest else 0
        lines = [f"HTTP/1.1 {206 if rest else 200} OK", f"Content-Length: {len(body) - start}"]
        lines += [f"ETag: {tag}"] * bool(tag)
        lines += [f"Content-Range: bytes {start}-{len(body) - 1}/{len(body)}"] * bool(rest)
        sent = body[start:] if drop is None else body[start : start + drop]
        sock.sendall("\r\n".join([*lines, "", ""]).encode() + sent)

    return answer


def _make_certificate(file: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.TraditionalOpenSSL
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file
