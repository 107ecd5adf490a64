"""A server of models that answers nonsense gives one sentence."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from vqa_features import weights
from vqa_features.errors import DownloadError

pytest.importorskip("transformers")


@pytest.fixture
def answering(monkeypatch, tmp_path):
    """A server on the loopback that the hub's client asks; the fixture sets its answer."""
    import huggingface_hub.constants as of_client

    class Answer(BaseHTTPRequestHandler):
        body = b""
        asked: ClassVar[list[str]] = []

        def do_GET(self):
            Answer.asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.body)))
            self.end_headers()
            self.wfile.write(self.body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(of_client, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(of_client, "HF_HUB_CACHE", str(tmp_path / "cache"))
    for name in ("HF_HUB_OFFLINE", "VQA_FEATURES_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    yield Answer
    server.shutdown()
    server.server_close()


NONSENSE = [b"", b"[]", b"3", b"{}", b"<html>", b'{"siblings": 3}', b'{"sha": "../../x"}']


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_of_a_server_is_one_sentence(answering, body):
    answering.body = body
    with pytest.raises(
        DownloadError, match=r"hf:someone/tiny cannot be read as .*; it was not fetched"
    ) as said:
        weights.fetch("hf:someone/tiny")
    assert "\n" not in str(said.value)


def test_the_revision_of_a_model_is_asked_for(answering):
    answering.body = b"{}"
    for label in ("hf:someone/tiny@refs/pr/7", "hf:someone/tiny@refs/pr/7@random"):
        answering.asked.clear()
        with pytest.raises(DownloadError):
            weights.fetch(label)
        assert any("someone/tiny/revision/refs%2Fpr%2F7" in path for path in answering.asked)
