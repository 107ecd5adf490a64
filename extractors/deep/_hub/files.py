"""Files of a transformers model: which of its folder are used, and their hashes.

Used are ``config.json``, the file of the preprocessing, and the safetensors. Nothing else in a folder is
opened: no pickled weights, no code, no tokenizer, no adapter.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vqa_features.checkpoint_shards import MOST_INDEX, joint_digest, shards_of
from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.files.hashing import sha256_of
from vqa_features.files.inside import inside
from vqa_features.files.reading import reading
from vqa_features.files.regular import open_regular

from .folder import folder_of, parse_object, read_small
from .refusals import has_gguf, refuse, refuse_layout

_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"


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
        return joint_digest(self.index_sha256, digests)

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


def _read_files(model: str, folder: Path) -> ModelFiles:
    """Return the files of a model in its folder."""
    config = read_small(folder, "config.json")
    entries = None if config is None else parse_object(config, folder / "config.json")
    refuse_layout(model, folder, entries)
    if config is None or entries is None:
        raise ParameterError(f"hf:{model} has no config.json in {folder}")
    refuse(entries, folder / "config.json")
    if os.path.lexists(folder / _WEIGHTS):
        inside(folder, _WEIGHTS)
        return ModelFiles(model, folder, config, "", (_WEIGHTS,))
    index = read_small(folder, _INDEX, MOST_INDEX)
    if index is None:
        raise WeightsMissing(
            f"hf:{model} has no .safetensors weights in {folder}: neither {_WEIGHTS} nor {_INDEX} is there; "
            f"{'GGUF' if has_gguf(folder) else 'pickled'} weights are not loaded: choose a conversion with "
            "safetensors, which many models have as a revision (hf:ID@refs/pr/N)"
        )
    return ModelFiles(
        model,
        folder,
        config,
        hashlib.sha256(index).hexdigest(),
        tuple(one.name for one in shards_of(index, folder / _INDEX)),
    )
