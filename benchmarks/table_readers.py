"""Readers of tables, labels, lists and splits, with a small valid file for each and the damage done to it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from .damage import Reader, damaged_json, damaged_zip
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
    rows = [
        f"{name},{'train' if k % 3 else 'test'},{'train' if k % 4 else 'test'}" for k, name in enumerate(_IDS)
    ]
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


def _comparison(folder: Path) -> Path:
    import pandas as pd

    from vqa_features import compare

    table = _frame().drop(columns="status")
    mos = pd.Series(np.linspace(1, 5, ROWS), _IDS)
    tables = {"one": (table[["siti.si.mean"]], "handcrafted"), "two": (table, "deep")}
    found = compare(tables, mos, splits=2, regressors=["ridge"], bootstrap=2)
    return found.save(folder / "run")


def _read_comparison(folder: Path) -> object:
    from vqa_features.comparison.saved import read_comparison

    return read_comparison(folder)


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
    "folder of a comparison": Reader(
        _comparison,
        _read_comparison,
        {f"run/{name}.csv": mutate for name in ("scores", "summary", "significance", "predictions", "splits")}
        | {"run/settings.json": damaged_json},
    ),
    "split file": Reader(_split, _read_split, {"splits.csv": mutate}),
}
