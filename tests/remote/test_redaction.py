"""Texts lose the credentials in addresses, of the environment and of fsspec's configuration."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from vqa_features.errors import ParameterError
from vqa_features.extras import ExtraMissing
from vqa_features.remote.addresses import Access, beside, checked, is_remote, parts_of
from vqa_features.remote.redaction import public_address, redacted


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://h/a.mp4?X-Amz-Signature=s3cr3t", "https://h/a.mp4"),
        ("https://me:s3cr3t@h:8443/a.mp4#s3cr3t", "https://h:8443/a.mp4"),
        ("https://me:s3cr3t/x@h/a.mp4", "https://h/a.mp4"),
        ("https://me:s3cr3t?x@h/a.mp4", "https://h/a.mp4"),
        ("https://h?s3cr3t=a@b/c", "https://h"),
        ("HTTPS://h/a b.mp4?s3cr3t", "https://h/a b.mp4"),
        ("http://me:s3cr3t@h/a.mp4", "http://h/a.mp4"),
        ("simplecache::https://me:s3cr3t@h/a.mp4?s3cr3t", "simplecache::https://h/a.mp4"),
        ("s3://KEY:s3cr3t/+x@bucket/a.mp4", "s3://bucket/a.mp4"),
        ("s3://bucket/a.mp4?X-Amz-Security-Token=s3cr3t", "s3://bucket/a.mp4"),
        ("s3://bucket/what?.mp4", "s3://bucket/what?.mp4"),
        ("s3://bucket/a.mp4?versionId=7", "s3://bucket/a.mp4?versionId=7"),
        ("a folder/clip.mp4", "a folder/clip.mp4"),
    ],
)
def test_the_part_of_an_address_that_is_shown(address: str, shown: str) -> None:
    assert public_address(address) == shown


def test_messages_lose_addresses_parameters_headers_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "abcd/efgh+ijkl")
    monkeypatch.setenv("MY_API_TOKEN", "token-of-somebody")
    fsspec_config = pytest.importorskip("fsspec.config")
    monkeypatch.setitem(fsspec_config.conf, "s3", {"client_kwargs": {"secret": "of-the-configuration"}})
    told = redacted(
        "GET 'https://u:pw@h/a?sig=one' failed; Authorization: AWS4 Credential=two\n"
        "abcd/efgh+ijkl token-of-somebody of-the-configuration X-Amz-Signature=three, (https://h/b?four)."
    )
    for secret in ("pw", "one", "two", "abcd", "somebody", "of-the", "three", "four"):
        assert secret not in told, told
    assert "'https://h/a' failed" in told
    assert told.endswith("(https://h/b).")


def test_addresses_are_those_of_three_schemes() -> None:
    assert all(map(is_remote, ("s3://b/k", "gs://b/k", "https://h/p", "S3://b/k")))
    others = (
        "http://h/p",
        "ftp://h/p",
        "file:///p",
        "simplecache::s3://b/k",
        "concat:a|b",
        "s3:/b/k",
        "a.mp4",
        5,
    )
    assert not any(map(is_remote, others))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("s3://", "names no bucket"),
        ("https:///a.mp4", "names no server"),
        ("s3://KEY:abc/d@bucket/a.mp4", "holds credentials"),
        ("s3://bucket/a.mp4?X-Amz-Signature=abc", "has a query"),
    ],
)
def test_addresses_that_cannot_be_opened_are_one_sentence(address: str, reason: str) -> None:
    with pytest.raises(ParameterError, match=reason) as caught:
        checked(address)
    assert "abc" not in str(caught.value)


def test_a_relative_path_in_a_list_is_relative_to_it() -> None:
    assert beside("s3://b/lists/all.csv", "../v/a.mp4") == "s3://b/v/a.mp4"
    assert beside("https://h/l/all.csv?sig=1", "v/a b.mp4") == "https://h/l/v/a%20b.mp4"
    assert beside("s3://b/all.csv", "https://h/x.mp4") == "https://h/x.mp4"
    assert beside("s3://b/all.csv", "/data/x.mp4") == "/data/x.mp4"
    with pytest.raises(ParameterError, match="leads out of the bucket"):
        beside("s3://b/l/all.csv", "../../x.mp4")
    assert parts_of("https://h/a%20b/c.mp4?x") == ("https", "h", "a b", "c.mp4")


def test_a_package_that_is_missing_is_named_before_the_run() -> None:
    if find_spec("gcsfs"):
        pytest.skip("gcsfs is installed")
    with pytest.raises(ExtraMissing, match="pip install gcsfs"):
        Access().file("gs://bucket/a.mp4")
