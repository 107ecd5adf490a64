"""Safetensors files from strangers: the header is checked before a tensor is made."""

import json
import struct

import numpy as np
import pytest

from vqa_features.errors import ParameterError
from vqa_features.extractors.deep._weights import checkpoint


def refused(path, match):
    """The file is refused in one sentence that names it."""
    with pytest.raises(ParameterError, match=match) as caught:
        checkpoint.read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def safetensors(path, header, data=b"", length=None):
    """A file with this header: JSON text, or what is written as JSON."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)
    return path


def entry(shape=(2,), offsets=(0, 8), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


BAD_HEADERS = {
    "empty": (b"", "shorter than its header"),
    "length of an exabyte": (struct.pack("<Q", 1 << 60) + b"{}", "shorter than its header"),
    "no JSON": ((b"{x", b""), "cannot be read as"),
    "not UTF-8": ((b'{"\xff": 1}', b""), "cannot be read as"),
    "nested deeply": ((b"[" * 200_000, b""), "nested too deeply"),
    "a list": (([], b""), "no JSON object"),
    "a key twice": ((b'{"a": 1, "a": 2}', b""), "'a' twice"),
    "entry is a number": (({"a": 1}, b""), "not made of dtype"),
    "entry without shape": (({"a": {"dtype": "F32", "data_offsets": [0, 8]}}, bytes(8)), "not made of dtype"),
    "8-bit floats": (({"a": entry((8,), dtype="F8_E4M3")}, bytes(8)), "of type 'F8_E4M3'"),
    "type is a list": (({"a": {**entry(), "dtype": ["F32"]}}, bytes(8)), "is of type"),
    "negative side": (({"a": entry((-2,))}, bytes(8)), "no lists of counts"),
    "side is a float": (({"a": entry((2.0,))}, bytes(8)), "no lists of counts"),
    "side is true": (({"a": entry((True, 2))}, bytes(8)), "no lists of counts"),
    "terabytes of one byte": (({"a": entry((1 << 40,), (0, 1), "U8")}, b"x"), "does not have 1 bytes"),
    "shape overflows": (({"a": entry((1 << 61, 1 << 61, 1 << 61))}, bytes(8)), "does not have 8 bytes"),
    "offsets reversed": (({"a": entry(offsets=(8, 0))}, bytes(8)), "does not have -8 bytes"),
    "three offsets": (({"a": entry(offsets=(0, 4, 8))}, bytes(8)), "no lists of counts"),
    "bytes used twice": (({"a": entry(), "b": entry()}, bytes(8)), "'b' begins at byte 0, not where"),
    "a gap": (({"a": entry(offsets=(8, 16))}, bytes(16)), "'a' begins at byte 8"),
    "more data than tensors": (({"a": entry()}, bytes(9)), "the file has 9"),
    "less data than tensors": (({"a": entry()}, bytes(7)), "the file has 7"),
    "no tensor": (({"__metadata__": {}}, b""), "must hold a state dict"),
}


@pytest.mark.parametrize("kind", BAD_HEADERS)
def test_bad_safetensors_are_one_sentence(tmp_path, kind):
    content, match = BAD_HEADERS[kind]
    path = tmp_path / "bad.safetensors"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        safetensors(path, *content)
    refused(path, match)


def test_tensors_at_odd_addresses_are_read(tmp_path):
    header = {"a": entry((1,), (0, 1), "U8"), "b": entry((2,), (1, 9))}
    path = safetensors(tmp_path / "odd.safetensors", header, b"\x07" + np.float32([1.5, -2]).tobytes())
    found = checkpoint.read(path)
    assert (found["a"].tolist(), found["b"].tolist()) == ([7], [1.5, -2.0])
