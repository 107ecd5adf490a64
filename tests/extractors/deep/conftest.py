"""Fixtures of the tests of deep extractors."""

import shutil
import socket

import pytest


@pytest.fixture(scope="session")
def saved_models(tmp_path_factory):
    """Tiny random models, as transformers saves them, in folders of their types."""
    pytest.importorskip("transformers")
    from hub_folders import save_models

    return save_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def folder(saved_models, tmp_path):
    """A copy of the image model."""
    return shutil.copytree(saved_models / "dinov2", tmp_path / "model")


@pytest.fixture
def no_network(monkeypatch):
    """Every request fails the test."""
    asked = []

    def refuse(*arguments):
        asked.append(arguments)
        raise OSError("a request to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield
    assert asked == []
