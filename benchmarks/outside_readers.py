"""Every reader of files from outside: tables, models, stores, records and pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .damage import Reader, damage_database
from .model_readers import MODELS
from .mutations import mutate
from .table_readers import TABLES
from .trained_models import TRAINED


def _store(folder: Path) -> Path:
    from vqa_features.batch.store import Store
    from vqa_features.video_task import Rows, VideoResult

    video = folder / "clip.mp4"
    video.write_bytes(b"x" * 500)
    with Store(folder / "store.db") as store:
        name = store.video_hash(video)
        for k in range(6):
            rows = Rows(np.arange(4.0), np.arange(4), np.full((4, 3), float(k)))
            result = VideoResult("clip", str(video), "ok", rows={"e": rows})
            pooled = {} if k % 2 else {"pools": ["mean"], "pooled": np.arange(3.0)}
            store.save(name, f"key{k}", result, "e", **pooled)
    return folder / "store.db"


def _read_store(file: Path) -> object:
    from vqa_features.batch.store import Store
    from vqa_features.video_task import VideoResult

    video = file.with_name("clip.mp4")
    with Store(file) as store:
        name = store.video_hash(video)
        found = [store.load(name, f"key{k}", ["mean"], widths=(3, 3)) for k in range(6)]
        found.append(store.unreadable())
        store.save(name, "key9", VideoResult("clip", str(video), "failed(decode)", "x"), "e")
    return found


def _record(folder: Path) -> Path:
    file = folder / "weights.pth"
    file.write_bytes(b"x" * 100)
    _read_record(file)
    return file


def _read_record(file: Path) -> object:
    from vqa_features.files.hashing import hold_to_record, recorded

    hold_to_record(file, "ab" * 32)
    return recorded(file)


def _picture(folder: Path) -> Path:
    import cv2

    random = np.random.default_rng(0)
    for name in ("a.png", "a.jpg"):
        cv2.imwrite(str(folder / name), random.integers(0, 255, (24, 32, 3), np.uint8))
    return folder


def _read_pictures(folder: Path) -> object:
    from vqa_features.report.thumbnails import embed

    return embed({name: folder / name for name in ("a.png", "a.jpg")}, ["a.png", "a.jpg"])


OTHERS = {
    "store": Reader(_store, _read_store, in_place={"store.db": damage_database}),
    "record of a checkpoint": Reader(_record, _read_record, {"weights.pth.sha256": mutate}),
    "thumbnails": Reader(_picture, _read_pictures, {"a.png": mutate, "a.jpg": mutate}),
}
READERS: dict[str, Reader] = {**TABLES, **MODELS, **TRAINED, **OTHERS}
