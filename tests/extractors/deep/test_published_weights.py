"""The tables of published weights: every row says what is known of it, and can be told from the others."""

import re
from urllib.parse import urlsplit

import pytest

from vqa_features import weights
from vqa_features.registry import registry

ROWS = weights.table()
PUBLISHED = {name: cls.checkpoints for name, cls in registry().items() if not name.endswith(":")}
EVERY = [(name, one) for name, many in PUBLISHED.items() for one in many]


def test_every_row_says_where_it_was_seen_or_that_it_was_not_verified():
    for row in ROWS:
        assert re.match(r"(seen (in|on) |not verified($|: ))", str(row["seen"])), row


def test_no_two_sets_of_an_extractor_share_a_tag_or_a_file():
    for name, many in PUBLISHED.items():
        for what in ("tag", "file_name"):
            values = [getattr(one, what) for one in many]
            assert len(set(values)) == len(values), (name, what, values)


@pytest.mark.parametrize(("name", "one"), EVERY, ids=lambda value: getattr(value, "tag", value))
def test_an_address_is_https_and_names_the_file_that_is_fetched(name, one):
    url = urlsplit(one.url)
    assert url.scheme == "https"
    assert re.fullmatch(r"[a-z0-9.-]+\.[a-z]+", url.netloc), one.url
    assert url.path.startswith("/")
    assert not re.search(r"\s", one.url)
    if not (one.by_hand or one.package or one.bundled):
        assert re.search(r"\.(pth|pyth|pt|bin|ckpt|safetensors)$", url.path), one.url


def test_the_default_of_a_network_can_be_fetched_where_one_of_its_sets_can():
    for name, many in PUBLISHED.items():
        alive = [one for one in many if one.seen.startswith("seen") and not one.by_hand]
        assert not alive or many[0] in alive, name


def test_a_digest_is_in_lower_case_and_equals_the_one_in_the_name_of_its_file():
    for name, one in EVERY:
        if one.sha256:
            assert re.fullmatch(r"[0-9a-f]{8}|[0-9a-f]{64}", one.sha256), (name, one.tag)
        named = re.search(r"-([0-9a-f]{8})\.pth$", one.url)
        if named:
            assert str(one.sha256).startswith(named[1]), one.url


def test_a_set_that_completes_another_names_one_that_is_whole():
    completing = [(name, one) for name, one in EVERY if one.base]
    assert {name for name, _ in completing} == {
        f"internvideo2-{size}" for size in ("s", "b", "l", "1b", "6b")
    }
    for name, one in completing:
        (base,) = [other for other in PUBLISHED[name] if other.tag == one.base]
        assert base.base is None
