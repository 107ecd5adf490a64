"""Tables in parts in an object store: a real S3 server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vqa_features.errors import ParameterError
from vqa_features.tables.part_layout import NUMBER, TEXT, Block, PartLayout
from vqa_features.tables.part_places import place_of
from vqa_features.tables.part_writer import PartWriter
from vqa_features.tables.reading import read_table

SECRET = "a-secret-of-the-test"
LAYOUT = PartLayout({"path": TEXT, "seconds.siti": NUMBER}, (Block(("siti.si.mean",)),))


@pytest.fixture(scope="module")
def store() -> Iterator[tuple[object, object]]:
    """A file system of S3, and the server behind it."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(
        ip_address="127.0.0.1", port=0, verbose=False
    )
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "key-of-the-test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        import fsspec

        fs = fsspec.filesystem("s3", skip_instance_cache=True)
        fs.mkdir("bucket")
        yield fs, server
    server.stop()


def part(first: int, count: int) -> object:
    places = list(range(first, first + count))
    texts = [f"v{place}" for place in places]
    values = np.array(places, dtype=np.float64)[:, np.newaxis] / 7
    others = {"path": [f"{text}.mp4" for text in texts], "seconds.siti": [0.5] * count}
    return LAYOUT.table(texts, places, others, values, '{"command": "extract"}')


def test_parts_are_put_replaced_and_read(store, tmp_path: Path) -> None:
    fs, _ = store
    for folder, rows in (("s3://bucket/a", 4), ("s3://bucket/a/", 5)):
        place = place_of(folder, True)
        place.check()
        writer = PartWriter(place)
        writer.put(part(2, rows - 2))
        writer.put(part(0, 2))
        if rows == 5:  # the table of before is there until the end
            assert len(read_table(folder, remote=True)) == 4
            assert len([name for name in fs.ls("bucket/a", refresh=True) if name.endswith(".parquet")]) == 2
        writer.write_settings('{"command": "extract"}')
        writer.commit()
        table = read_table(folder, remote=True)
        assert table["siti.si.mean"].tolist() == [place / 7 for place in range(rows)]
        assert list(table.index) == [f"v{place}" for place in range(rows)]
    names = sorted(name.rpartition("/")[2] for name in fs.ls("bucket/a", refresh=True))
    assert names[:2] == ["_SUCCESS", "_settings.json"]
    assert [name.endswith(".parquet") for name in names[2:]] == [True, True]
    fs.get("bucket/a/", f"{tmp_path}/copy/", recursive=True)
    pd.testing.assert_frame_equal(read_table(tmp_path / "copy"), table)


def test_what_is_wrong_with_an_address_is_one_sentence_without_secrets(store, monkeypatch) -> None:
    fs, _ = store
    with pytest.raises(ParameterError, match=r"cannot write .*nobucket.*bucket"):
        place_of("s3://nobucket/a", True).check()
    fs.pipe_file("bucket/other/notes.txt", b"x")
    with pytest.raises(ParameterError, match=r"holds 1 other file"):
        PartWriter(place_of("s3://bucket/other", True))
    for address in (f"s3://me:{SECRET}@bucket/a", f"s3://bucket/a?token={SECRET}"):
        with pytest.raises(ParameterError) as told:
            place_of(address, True)
        assert SECRET not in str(told.value)
    with pytest.raises(ParameterError, match="--remote"):
        read_table("s3://bucket/a")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    import fsspec

    fsspec.filesystem("s3").clear_instance_cache()
    with pytest.raises(ParameterError, match="cannot write 's3://bucket/a/'") as told:
        place_of("s3://bucket/a", True).check()
    assert SECRET not in str(told.value)
    fsspec.filesystem("s3").clear_instance_cache()


def test_a_put_that_fails_is_tried_again(store, monkeypatch) -> None:
    from vqa_features.tables import part_writer

    monkeypatch.setattr(part_writer, "_PAUSE_S", 0.0)
    place = place_of("s3://bucket/again", True)
    writer, real, calls = PartWriter(place), place.put, []

    def put(name: str, content: bytes) -> None:
        calls.append(name)
        if len(calls) < 3:
            raise ConnectionError("reset")
        real(name, content)

    monkeypatch.setattr(place, "put", put)
    writer.put(part(0, 3))
    assert len(calls) == 3
    writer.commit()
    assert len(read_table("s3://bucket/again", remote=True)) == 3
