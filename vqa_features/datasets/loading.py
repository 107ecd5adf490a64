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
from ..files.reading import reading
from ..files.regular import open_regular
from ..tables.split_lists import SplitList
from .catalogue import DATASETS
from .description import UNKNOWN, DatasetInfo, PublishedFile

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
    """Return the description of a dataset, or raise UnknownName.

    ``dataset:dimension`` is the dataset with another of its scores as MOS, such as ``finevd:blur``.
    """
    dataset, colon, dimension = name.partition(":")
    if dataset not in DATASETS:
        raise UnknownName("dataset", dataset, DATASETS, f"known: {', '.join(DATASETS)}")
    return DATASETS[dataset].of_dimension(dimension) if colon else DATASETS[dataset]


def described(name: str) -> dict[str, str]:
    """Return what is known of a dataset as texts; what is unknown or not verified is said to be so."""
    one = info(name)
    facts = ("about", "videos", "scale", "direction", "protocol", "licence", "home")
    return {
        "name": one.name,
        **{fact: one.stated(fact) for fact in facts},
        "dimensions": ", ".join(one.dimensions) or "one MOS",
        "tables": ", ".join(one.tables) or "none",
        "groups": "source contents, from the names" if one.group else UNKNOWN,
        "labels": one.stated("labels_at") if one.labels_at else "pinned here",
        "files": "; ".join(f"{file.name} ({file.source.licence})" for file in one.files()) or "none",
        "note": one.note or "none",
    }


def listing() -> list[dict[str, object]]:
    """Return one row per dataset: name, videos, MOS scale, published and cached files, licence, home."""
    return [
        {
            "name": one.name,
            "about": one.stated("about"),
            "videos": one.videos,
            "scale": f"{one.stated('scale')}, {one.stated('direction')}",
            "dimensions": ", ".join(one.dimensions),
            "tables": ", ".join(one.tables),
            "groups": one.group is not None,
            "official splits": one.has_official_splits,
            "protocol": one.stated("protocol"),
            "present": sum(path_of(file).is_file() for file in one.files()),
            "files": len(one.files()),
            "licence": one.stated("licence"),
            "home": one.stated("home"),
            "labels at": one.stated("labels_at"),
            "note": one.note,
        }
        for one in DATASETS.values()
    ]


def path_of(file: PublishedFile) -> Path:
    """Return the path of a file in the cache, present or not."""
    return folder() / file.source.name / file.name


def fetch(name: str) -> list[Path]:
    """Download every file of a dataset that is not in the cache; return the verified paths."""
    dataset = info(name)
    if not dataset.files():
        raise _without_labels(dataset)
    return [ensured(file) for file in dataset.files() if file.url is not None or path_of(file).is_file()]


def _without_labels(dataset: DatasetInfo) -> TableError:
    """Return the error for a dataset without pinned labels; it says where they can be had."""
    return TableError(
        f"{dataset.name} has no published labels here; where to get them: {dataset.stated('labels_at')}; "
        f"home page: {dataset.stated('home')}; give them as the MOS file"
    )


def ensured(file: PublishedFile) -> Path:
    """Return the verified path of a published file; download it if it is missing."""
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
        Name of a dataset, see `vqa_features.datasets.catalogue.DATASETS`; ``dataset:dimension`` for another
        of its scores.

    Returns
    -------
    Published
        Splits of a permutation file are present only if that file is in the cache.

    Raises
    ------
    UnknownName, TableError
        If there is no such dataset, or it has no published labels.
    """
    from ..tables.reading import read_table, with_ids

    dataset = info(name)
    if dataset.labels is None:
        raise _without_labels(dataset)
    labels = _read(dataset, dataset.labels)
    labels, splits = _with_splits(dataset, labels)
    tables = {}
    for table_name, file in dataset.tables.items():
        path = ensured(file)
        table = with_ids(read_table(path), labels.mos.index, str(path))
        tables[table_name] = (table, "handcrafted")
    return Published(tables, labels, splits)


def _with_splits(dataset: DatasetInfo, labels: Labels) -> tuple[Labels, SplitList | None]:
    """Return the labels of all parts and the official splits, None if there are none in the cache."""
    import pandas as pd

    source = f"official splits of {dataset.name}"
    ids = labels.mos.index.to_numpy()
    if dataset.parts:
        tests = {part: _read(dataset, file) for part, file in dataset.parts.items()}
        pairs = tuple((ids, test.mos.index.to_numpy()) for test in tests.values())
        mos = pd.concat([labels.mos, *(test.mos for test in tests.values())])
        return type(labels)(mos, source=labels.source), SplitList(pairs, tuple(tests), source)
    if dataset.test_folders:
        folders = labels.mos.index.str.rpartition("/").get_level_values(0)
        train = ids[~folders.isin(list(dataset.test_folders.values()))]
        pairs = tuple((train, ids[folders == one]) for one in dataset.test_folders.values())
        return labels, SplitList(pairs, tuple(dataset.test_folders), source)
    if dataset.index is None or not path_of(dataset.index).is_file():
        return labels, None
    permuted = official_splits(ensured(dataset.index))
    pairs = tuple((_as_in(labels, train), _as_in(labels, test)) for train, test in permuted)
    return labels, SplitList(pairs, source=source)


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

    from ..tables.labels import Labels, read_labels

    path = ensured(file)
    if dataset.header:
        frame = pd.read_csv(path, names=list(dataset.header), skipinitialspace=True, dtype={0: str})
        frame = frame.set_index(dataset.header[0])
        return Labels(frame[dataset.mos_column].rename("mos"), metadata=frame, source=path.name)
    found = read_labels(
        path,
        id_column=dataset.id_column,
        mos_column=dataset.mos_column,
        std_column=dataset.std_column,
        count_column=dataset.count_column,
    )
    if dataset.differential and dataset.scale is not None:
        found = replace(found, mos=sum(dataset.scale) - found.mos)
    if dataset.group is None:
        return found
    content = [dataset.group(video) for video in found.mos.index]
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
