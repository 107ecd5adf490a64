"""Files of a transformers model: which of its folder are used, and their hashes.

Used are ``config.json``, the file of the preprocessing, and the safetensors. Nothing else in a folder is
opened: no pickled weights, no code, no tokenizer, no adapter.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.files.hashing import sha256_of
from vqa_features.files.names import escaped_name
from vqa_features.files.reading import parse_json, reading

FILES = ("*.json", "*.safetensors")
#: Greatest sizes in bytes of a configuration, and of the index that names the shard of every tensor.
MOST_CONFIG = 1 << 20
MOST_INDEX = 32 << 20
MOST_SHARDS = 256
_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
#: Name of a file that several models of the hub client's cache share.
_SHARED_BLOB = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class ModelFiles:
    """Content of the configuration files of a model, read once, and the names of its weight files.

    Parameters
    ----------
    model : str
        Id on the hub, or the folder, as it was given.
    folder : Path
        Folder of the files.
    config : bytes
        Content of ``config.json``.
    index_sha256 : str
        SHA-256 of the index of the shards, empty where one file holds all tensors.
    shards : tuple of str
        Names of the safetensors files.
    """

    model: str
    folder: Path
    config: bytes
    index_sha256: str
    shards: tuple[str, ...]

    def weights_sha256(self, digests: list[str] | None = None) -> str:
        """Return the SHA-256 of the weights file, or of the index and the digests of all shards.

        Parameters
        ----------
        digests : list of str, optional
            SHA-256 of each shard, where they are known.

        Returns
        -------
        str
        """
        if digests is None:
            with reading(self.folder, "a model", WeightsMissing):
                digests = [sha256_of(inside(self.folder, name)) for name in self.shards]
        if not self.index_sha256:
            return digests[0]
        return hashlib.sha256("".join((self.index_sha256, *digests)).encode()).hexdigest()

    def open_shards(self) -> Iterator[BinaryIO]:
        """Yield the weight files, open for reading; the caller closes them."""
        for name in self.shards:
            yield open_regular(inside(self.folder, name))


def read_files(model: str) -> ModelFiles:
    """Return the files of a model; the weights are not read.

    Parameters
    ----------
    model : str
        Id on the hub, or a folder.

    Returns
    -------
    ModelFiles

    Raises
    ------
    WeightsMissing
        If there is no such model on this machine, or it has no safetensors.
    ParameterError
        If a file is none that may be used: the sentence names it.
    """
    with reading(model, "a model of transformers", ParameterError):
        return _read_files(model, folder_of(model))


def folder_of(model: str) -> Path:
    """Return the folder of a model's files: its own, or the one in the hub client's cache.

    Parameters
    ----------
    model : str
        Id on the hub, or a folder.

    Returns
    -------
    Path

    Raises
    ------
    WeightsMissing
        If there is none.
    """
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, allow_patterns=list(FILES), local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        raise WeightsMissing(
            f"hf:{model} is neither a folder nor in the hub's cache on this machine; run: "
            f"vqa-features weights fetch hf:{model}"
        ) from None


def inside(folder: Path, name: str) -> Path:
    """Return the real path of a model's file, which is in the folder or among the blobs of its cache.

    The hub's client keeps a model as ``models--NAME/snapshots/REVISION``, a folder of links to
    ``models--NAME/blobs``, whose files may be links to ``blobs/XX/HASH`` beside ``models--NAME``.

    Parameters
    ----------
    folder : Path
        Folder of the model.
    name : str
        Name of the file, without a folder.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If it is a link to a file elsewhere, or no regular file.
    """
    real, home = Path(os.path.realpath(folder / name)), Path(os.path.realpath(folder))
    model = home.parent.parent
    is_cached = home.parent.name == "snapshots" and model.name.startswith("models--")
    is_blob = real.parent == model / "blobs" or (
        real.parent.parent == model.parent / "blobs" and _SHARED_BLOB.fullmatch(real.name)
    )
    if real.parent != home and not (is_cached and is_blob):
        raise ParameterError(
            f"{escaped_name(folder / name)} is a link out of its folder; give the file itself"
        )
    if not real.is_file():
        raise ValueError(f"{name!r} is not there, or no regular file")
    return real


def open_regular(path: Path) -> BinaryIO:
    """Return a file open for reading; a link, a pipe or a device put in its place is refused.

    Parameters
    ----------
    path : Path
        Real path of the file.

    Returns
    -------
    binary file

    Raises
    ------
    OSError
        If it cannot be opened or is no regular file.
    """
    return open(path, "rb", opener=_regular)


def _regular(path: str, flags: int) -> int:
    """Return the descriptor of a regular file; a pipe is not waited for."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is no regular file", path)


def parse_object(content: bytes, path: Path) -> dict[str, Any]:
    """Return the entries of a JSON object.

    Parameters
    ----------
    content : bytes
        Content of a file.
    path : Path
        The file, for messages.

    Returns
    -------
    dict

    Raises
    ------
    ParameterError
        If it is no JSON object.
    """
    found = parse_json(content, path, "a model's configuration", ParameterError)
    if not isinstance(found, dict):
        raise ParameterError(f"{escaped_name(path)} must hold a JSON object, got {type(found).__name__}")
    return found


def read_small(folder: Path, name: str, most: int = MOST_CONFIG) -> bytes | None:
    """Return the content of a file of a model, None if there is none.

    Parameters
    ----------
    folder : Path
        Folder of the model.
    name : str
        Name of the file.
    most : int
        Greatest size in bytes.

    Returns
    -------
    bytes or None

    Raises
    ------
    ParameterError
        If it is larger, elsewhere, or cannot be read.
    """
    if not os.path.lexists(folder / name):
        return None
    with reading(folder / name, "a model's configuration", ParameterError):
        with open_regular(inside(folder, name)) as stream:
            content = stream.read(most + 1)
        if len(content) > most:
            raise ValueError(f"it has more than {most} bytes")
        return content


def _read_files(model: str, folder: Path) -> ModelFiles:
    """Return the files of a model in its folder."""
    if os.path.lexists(folder / "adapter_config.json"):
        raise ParameterError(
            f"hf:{model} holds an adapter of another model (adapter_config.json); adapters are not loaded: "
            "merge it into its model and save that"
        )
    config = read_small(folder, "config.json")
    if config is None:
        raise ParameterError(f"hf:{model} has no config.json in {folder}")
    if os.path.lexists(folder / _WEIGHTS):
        inside(folder, _WEIGHTS)
        return ModelFiles(model, folder, config, "", (_WEIGHTS,))
    index = read_small(folder, _INDEX, MOST_INDEX)
    if index is None:
        raise WeightsMissing(
            f"hf:{model} has no .safetensors weights in {folder}: neither {_WEIGHTS} nor {_INDEX} is there; "
            "pickled weights are not loaded: choose a revision or a conversion with safetensors"
        )
    return ModelFiles(model, folder, config, hashlib.sha256(index).hexdigest(), _shards(folder, index))


def _shards(folder: Path, index: bytes) -> tuple[str, ...]:
    """Return the names of the files that an index names, in order: safetensors files of the folder."""
    named = parse_object(index, folder / _INDEX).get("weight_map")
    with reading(folder / _INDEX, "an index of weights", ParameterError):
        if not isinstance(named, Mapping) or not named:
            raise ValueError("it has no weight_map from tensors to files")
        for name in named.values():
            if not isinstance(name, str) or name != os.path.basename(name) or "\\" in name or "\0" in name:
                raise ValueError(f"a shard is a file in its own folder, it names {name!r}")
            if not name.endswith(".safetensors"):
                raise ValueError(f"only .safetensors files are loaded, it names {name!r}")
        names = tuple(sorted(set(named.values())))
        if len(names) > MOST_SHARDS:
            raise ValueError(f"it names {len(names)} files, at most {MOST_SHARDS} are loaded")
        for name in names:
            inside(folder, name)
        return names
