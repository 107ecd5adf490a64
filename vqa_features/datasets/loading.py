"""Published labels, feature tables and official splits of video quality datasets, cached and verified.

Every file has a pinned public address, a size and a SHA-256. It is read from ``<source>/<file name>`` in
`folder()` and downloaded if it is missing. If the environment variable VQA_FEATURES_DATASETS names a folder
of that layout, nothing is downloaded. The videos come from the home pages of the datasets.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import TableError, UnknownName
from ..files.cache import cache_folder
from ..files.names import video_id
from ..files.reading import reading
from ..files.regular import open_regular
from ..tables.split_lists import SplitList
from .catalogue import DATASETS, DatasetInfo, PublishedFile

if TYPE_CHECKING:
    import pandas as pd

    from ..tables.labels import Labels


_AGAIN = "delete it and fetch again"


class Published(NamedTuple):
    """Feature tables, labels and official splits of a dataset, for `vqa_features.compare`."""

    tables: dict[str, Any]
    labels: Labels
    splits: SplitList | None
    """Official splits as pairs of id arrays, with the names of fixed test parts."""


def folder() -> Path:
    """Where files are kept: $VQA_FEATURES_DATASETS, else ``datasets`` in the cache."""
    given = os.environ.get("VQA_FEATURES_DATASETS")
    return Path(given) if given else cache_folder() / "datasets"


def info(name: str) -> DatasetInfo:
    """Return the description of a dataset, or raise UnknownName."""
    if name not in DATASETS:
        raise UnknownName("dataset", name, DATASETS, f"known: {', '.join(DATASETS)}")
    return DATASETS[name]


def files(dataset: DatasetInfo) -> list[PublishedFile]:
    """Return every published file of a dataset."""
    optional = [dataset.labels, *dataset.tables.values(), *dataset.parts.values(), dataset.index]
    return [file for file in optional if file is not None]


def listing() -> list[dict[str, object]]:
    """Return one row per dataset: name, videos, MOS scale, published and cached files, licence, home."""
    return [
        {
            "name": one.name,
            "videos": one.videos,
            "scale": f"{one.scale[0]:g} .. {one.scale[1]:g}, {one.direction}",
            "tables": ", ".join(one.tables),
            "groups": one.group is not None,
            "official splits": bool(one.parts or one.index),
            "present": sum(path_of(file).is_file() for file in files(one)),
            "files": len(files(one)),
            "licence": one.licence,
            "home": one.home,
            "note": one.note,
        }
        for one in DATASETS.values()
    ]


def path_of(file: PublishedFile) -> Path:
    """Return the path of a file in the cache, present or not."""
    return folder() / file.source / file.name


def fetch(name: str) -> list[Path]:
    """Download every file of a dataset that is not in the cache; return the verified paths."""
    dataset = info(name)
    if not files(dataset):
        raise TableError(f"{name} has no published files: {dataset.note}; {dataset.home}")
    return [_ensure(file) for file in files(dataset) if file.url is not None or path_of(file).is_file()]


def _ensure(file: PublishedFile) -> Path:
    """Return the verified path of a file; download it if it is missing."""
    path = path_of(file)
    if not path.is_file():
        if file.url is None:
            raise TableError(f"{file.name} has no public address; put it at {path}")
        from ..files.download import download

        download(file.url, path, sha256=file.sha256, size=file.size)
    with reading(path, "a published file"), open_regular(path) as stream:
        if (size := os.fstat(stream.fileno()).st_size) != file.size:
            raise TableError(f"{path} has {size} bytes, the published file {file.size}: {_AGAIN}")
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != file.sha256:
        raise TableError(f"{path} has SHA-256 {digest}, the published file {file.sha256}: {_AGAIN}")
    return path


def load(name: str) -> Published:
    """Return the tables, labels and official splits of a dataset; download what is missing.

    Higher MOS is better in all datasets: differential scores (LIVE-VQA) are mirrored on their scale.

    Parameters
    ----------
    name : str
        Name of a dataset, see `vqa_features.datasets.catalogue.DATASETS`.

    Returns
    -------
    Published
        Splits of a permutation file are present only if that file is in the cache.

    Raises
    ------
    UnknownName, TableError
        If there is no such dataset, or it has no published labels.
    """
    import pandas as pd

    from ..tables.reading import read_table, with_ids

    dataset = info(name)
    if dataset.labels is None:
        raise TableError(f"{name} has no published labels: {dataset.note}; {dataset.home}")
    labels = _read(dataset, dataset.labels)
    splits, source = None, f"official splits of {name}"
    if dataset.parts:
        tests = {part: _read(dataset, file) for part, file in dataset.parts.items()}
        train = labels.mos.index.to_numpy()
        pairs = tuple((train, test.mos.index.to_numpy()) for test in tests.values())
        splits = SplitList(pairs, tuple(tests), source)
        mos = pd.concat([labels.mos, *(test.mos for test in tests.values())])
        labels = type(labels)(mos, source=labels.source)
    elif dataset.index is not None and path_of(dataset.index).is_file():
        permuted = official_splits(_ensure(dataset.index))
        splits = SplitList(
            tuple((_as_in(labels, train), _as_in(labels, test)) for train, test in permuted), source=source
        )
    tables = {}
    for table_name, file in dataset.tables.items():
        path = _ensure(file)
        table = with_ids(read_table(path), labels.mos.index, str(path))
        tables[table_name] = (table, "handcrafted")
    return Published(tables, labels, splits)


def _as_in(labels: Labels, ids: Any) -> Any:
    """Return the ids of a split as the labels write them."""
    from ..tables.ids import match

    found = match(ids, labels.mos.index)
    if not found.found.all():
        raise TableError(f"an official split names {(~found.found).sum()} video(s) that the labels lack")
    return labels.mos.index.to_numpy()[found.rows]


def _read(dataset: DatasetInfo, file: PublishedFile) -> Labels:
    """Return the labels of one file, with groups derived from the ids."""
    import pandas as pd

    from ..tables.labels import read_labels

    path = _ensure(file)
    found = read_labels(
        path,
        id_column=dataset.id_column,
        mos_column=dataset.mos_column,
        std_column=dataset.std_column,
        count_column=dataset.count_column,
    )
    if dataset.differential:
        found = replace(found, mos=sum(dataset.scale) - found.mos)
    if dataset.group is None:
        return found
    content = [dataset.group(video_id(video)) for video in found.mos.index]
    groups = pd.Series(content, index=found.mos.index, name="content")
    return replace(found, groups=groups)


def require_splits(name: str, splits: SplitList | None) -> SplitList | None:
    """Return the official splits of a loaded dataset, None if it has none.

    Raises
    ------
    TableError
        If the dataset has a file of official permutations that is not on this machine.
    """
    index = info(name).index
    if splits is None and index is not None:
        raise TableError(
            f"{name} has official splits, and their file is not here: put {index.name} at {path_of(index)}, "
            "or ask for random splits with --protocol strict"
        )
    return splits


def official_splits(path: str | os.PathLike[str], test_size: float = 0.2) -> list[tuple[Any, Any]]:
    """Return the splits of a VSFA-format file as pairs of id arrays.

    Parameters
    ----------
    path : path
        The MATLAB file.
    test_size : float
        As in `vqa_features.evaluation.splits.splits_from_index`.

    Raises
    ------
    TableError
        If it is no such file.
    ParameterError
        If its permutations are none.
    """
    from ..evaluation.splits import splits_from_index
    from ..tables.vsfa import read_vsfa

    with reading(path, "official splits"):
        info = read_vsfa(Path(path))
        if info.index is None:
            raise ValueError("it lacks index, the permutations of the reference numbers")
        splits = splits_from_index(info.index, info.reference_ids, test_size)
    ids = info.videos["id"].to_numpy()
    return [(ids[train], ids[test]) for train, test in splits]


def as_frame() -> pd.DataFrame:
    """Return `listing` as a DataFrame indexed by name."""
    import pandas as pd

    return pd.DataFrame(listing()).set_index("name")
