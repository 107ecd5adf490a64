"""Every reader of files from outside: how to make a small valid file, how to damage it, how to read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from .damage import (
    Damage,
    damage_database,
    damaged_json,
    damaged_safetensors,
    damaged_zip,
)
from .mutations import mutate

ROWS = 12
_IDS = [f"clip_{k:02d}" for k in range(ROWS)]
_SETTINGS = {
    "command": "extract",
    "extractors": ["siti"],
    "pool": ["mean"],
    "luma": "y",
    "sampling": {"fps": 2.0, "every": None, "offset": 0, "frames": None, "start_s": 0.0, "duration_s": None},
    "raw": {"width": 16, "height": 16, "pix_fmt": "gray", "fps": 25},
}


@dataclass(frozen=True)
class Reader:
    """One way in.

    Parameters
    ----------
    make : callable
        Makes a valid file, or a folder's files, below the folder it is given; returns what `read` is given.
    read : callable
        Reads it as a command would.
    damaged : mapping
        File below the folder, and the damage done to its bytes.
    in_place : mapping
        The same for damage that is done to the file itself.
    """

    make: Callable[[Path], Path]
    read: Callable[[Path], object]
    damaged: dict[str, Damage] = field(default_factory=dict)
    in_place: dict[str, Callable[[Path, int], None]] = field(default_factory=dict)


def _frame() -> Any:
    import pandas as pd

    values = np.random.default_rng(0).normal(size=(ROWS, 3))
    table = pd.DataFrame(
        values, columns=["siti.si.mean", "siti.ti.mean", "x.y"], index=pd.Index(_IDS, name="id")
    )
    table["status"] = "ok"
    table.attrs["settings"] = _SETTINGS
    return table


def _table(suffix: str, folder: Path) -> Path:
    from vqa_features import write_table

    return write_table(_frame(), folder / f"table{suffix}")


def _utf16(folder: Path) -> Path:
    file = folder / "table.csv"
    _frame().to_csv(file, sep=";", encoding="utf-16")
    return file


def _read_table(file: Path) -> object:
    from vqa_features import read_table

    return read_table(file)


def _replay(file: Path) -> object:
    from vqa_features import read_table
    from vqa_features.batch.replay import Replay

    return Replay.of(read_table(file).attrs["settings"], str(file))


def _mat73(folder: Path) -> Path:
    """Write a VSFA-format file, which is a table, a file of MOS and a file of splits in one."""
    import h5py

    file = folder / "table.mat"
    with h5py.File(file, "w", userblock_size=512) as out:
        out["feats_mat"] = np.random.default_rng(0).normal(size=(3, ROWS))
        out["scores"] = np.linspace(1, 5, ROWS)[None]
        out["ref_ids"] = np.arange(ROWS, dtype=float)[None]
        out["index"] = np.stack([np.random.default_rng(k).permutation(ROWS) for k in range(4)]).astype(float)
        names = out.create_dataset("video_names", (1, ROWS), dtype=h5py.ref_dtype)
        cells = out.create_group("#refs#")
        for place, name in enumerate(_IDS):
            cells[str(place)] = np.frombuffer(name.encode("utf-16-le"), np.uint16)[:, None]
            names[0, place] = cells[str(place)].ref
    head = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
    file.write_bytes(head.ljust(512, b"\0") + file.read_bytes()[512:])
    return file


def _labels(suffix: str, folder: Path) -> Path:
    import pandas as pd

    table = pd.DataFrame({"id": _IDS, "mos": np.linspace(1, 5, ROWS), "group": ["a", "b"] * (ROWS // 2)})
    file = folder / f"labels{suffix}"
    if suffix == ".parquet":
        table.to_parquet(file)
    else:
        table.to_csv(file, index=False)
    return file


def _read_labels(file: Path) -> object:
    from vqa_features.tables.labels import read_labels

    return read_labels(file)


def _read_vsfa(file: Path) -> object:
    from vqa_features.datasets.loading import official_splits

    return _read_labels(file), official_splits(file), _read_table(file)


def _list(folder: Path) -> Path:
    file = folder / "list.csv"
    rows = [f"{name}.mp4,{name},2.0,3.5" for name in _IDS]
    file.write_text("\n".join(["path,id,fps,mos", *rows]))
    return file


def _read_list(file: Path) -> object:
    from vqa_features.batch.path_list import read_list

    return read_list(file)


def _split(folder: Path) -> Path:
    file = folder / "splits.csv"
    rows = [f"{name},{'train' if k % 3 else 'test'},train" for k, name in enumerate(_IDS)]
    file.write_text("\n".join(["id,one,two", *rows]))
    return file


def _plain_mat(folder: Path) -> Path:
    """Write what compression hides from damage: a MATLAB 5 file with cells and a struct."""
    from scipy.io import savemat

    file = folder / "table.mat"
    names = np.array(_IDS, dtype=object)
    values = np.random.default_rng(0).normal(size=(ROWS, 3))
    savemat(file, {"feats_mat": values, "id": names, "about": {"made": 1.0}}, do_compression=False)
    return file


def _read_split(file: Path) -> object:
    from vqa_features.cli._tables import read_splits

    return read_splits(str(file), 0.2)


TABLES = {
    "csv": Reader(partial(_table, ".csv"), _read_table, {"table.csv": mutate}),
    "csv in UTF-16": Reader(_utf16, _read_table, {"table.csv": mutate}),
    "settings beside a csv": Reader(
        partial(_table, ".csv"), _replay, {"table.csv.settings.json": damaged_json}
    ),
    "parquet": Reader(partial(_table, ".parquet"), _replay, {"table.parquet": mutate}),
    "npz": Reader(partial(_table, ".npz"), _replay, {"table.npz": damaged_zip}),
    "mat 5": Reader(partial(_table, ".mat"), _replay, {"table.mat": mutate}),
    "mat 5, not compressed": Reader(_plain_mat, _read_table, {"table.mat": mutate}),
    "mat 7.3": Reader(_mat73, _read_vsfa, {"table.mat": mutate}),
    "labels csv": Reader(partial(_labels, ".csv"), _read_labels, {"labels.csv": mutate}),
    "labels parquet": Reader(partial(_labels, ".parquet"), _read_labels, {"labels.parquet": mutate}),
    "list of videos": Reader(_list, _read_list, {"list.csv": mutate}),
    "split file": Reader(_split, _read_split, {"splits.csv": mutate}),
}


def _state() -> dict[str, Any]:
    import torch

    generator = torch.Generator().manual_seed(0)
    return {f"layer{k}.weight": torch.randn(4, 4, generator=generator) for k in range(3)}


def _pth(folder: Path) -> Path:
    import torch

    file = folder / "weights.pth"
    torch.save({"state_dict": _state(), "epoch": 3}, file)
    return file


def _old_pth(folder: Path) -> Path:
    import torch

    file = folder / "weights.pth"
    torch.save({"model": _state()}, file, _use_new_zipfile_serialization=False)
    return file


def _safetensors(folder: Path) -> Path:
    from safetensors.torch import save_file

    file = folder / "weights.safetensors"
    save_file(_state(), file, {"format": "pt"})
    return file


def _read_checkpoint(file: Path) -> object:
    from vqa_features.extractors.deep import _checkpoint

    return _checkpoint.read(file)


def _hub(folder: Path) -> Path:
    import torch
    import transformers

    torch.manual_seed(0)
    tiny = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    config = transformers.VideoMAEConfig(**tiny, image_size=32, patch_size=16, num_frames=4)
    transformers.AutoModel.from_config(config).save_pretrained(folder / "model", max_shard_size="20KB")
    processor = {
        "do_resize": True,
        "size": {"shortest_edge": 32},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": 32, "width": 32},
        "do_normalize": True,
        "image_mean": [0.48, 0.46, 0.41],
        "image_std": [0.27, 0.26, 0.28],
    }
    (folder / "model" / "preprocessor_config.json").write_text(json.dumps(processor))
    return folder / "model"


def _read_hub(folder: Path) -> object:
    from vqa_features.extractors.deep import _hub_net
    from vqa_features.registry import make

    extractor: Any = make(f"hf:{folder}")
    found = extractor.identity(), extractor.preprocess, extractor.dim
    _hub_net.build(extractor.files, extractor.weights_sha256())
    return found


def _niqe(folder: Path) -> Path:
    random = np.random.default_rng(0)
    file = folder / "niqe.npz"
    np.savez_compressed(file, mean=random.normal(size=36), covariance=np.eye(36))
    return file


def _read_niqe(file: Path) -> object:
    from vqa_features.extractors.handcrafted import niqe

    return niqe._load(str(file))


def _template(folder: Path) -> Path:
    from scipy.io import savemat

    cell = np.empty((1, 4), object)
    for place, shape in enumerate(((1, 430), (430, 430), (1, 468), (468, 430))):
        cell[0, place] = np.zeros(shape)
    file = folder / "templateModel.mat"
    savemat(file, {"templateModel": cell}, do_compression=True)
    return file


def _read_template(file: Path) -> object:
    from vqa_features.extractors.handcrafted.il_niqe._session import read_template

    return read_template(file)


_HUB_JSON = ("config.json", "preprocessor_config.json", "model.safetensors.index.json")
MODELS = {
    "pth": Reader(_pth, _read_checkpoint, {"weights.pth": damaged_zip}),
    "pth of old torch": Reader(_old_pth, _read_checkpoint, {"weights.pth": mutate}),
    "safetensors": Reader(_safetensors, _read_checkpoint, {"weights.safetensors": damaged_safetensors}),
    **{f"hf: {name}": Reader(_hub, _read_hub, {f"model/{name}": damaged_json}) for name in _HUB_JSON},
    "NIQE's model": Reader(_niqe, _read_niqe, {"niqe.npz": damaged_zip}),
    "IL-NIQE's template": Reader(_template, _read_template, {"templateModel.mat": mutate}),
}


def _store(folder: Path) -> Path:
    from vqa_features.batch.store import Store
    from vqa_features.specs import Rows, VideoResult

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
    from vqa_features.specs import VideoResult

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
READERS: dict[str, Reader] = {**TABLES, **MODELS, **OTHERS}
