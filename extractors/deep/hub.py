"""Any vision model of the transformers library by its id or folder: ``hf:MODEL_ID_OR_FOLDER``.

Video transformers, image-text models, image transformers, networks of stages, and vision towers of larger
models: the types of `KINDS` and `TOWERS`, which say the vector of each. Frames and preprocessing are read
from the model's configuration files and done by our own code, so that torchvision is not needed. Only
safetensors are loaded, never code that comes with a model. Extraction reads a folder or the cache of
the hub's client; ``vqa-features weights fetch hf:ID`` downloads a model into that cache.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.errors import DownloadError, ParameterError
from vqa_features.extras import EXTRAS
from vqa_features.files.download import is_offline
from vqa_features.files.reading import reading
from vqa_features.parameters import format_value
from vqa_features.specs import Checkpoint

from . import _sampling
from ._base import NETWORKS_KEPT, DeepExtractor, check_positive
from ._device import resolve_device, resolve_precision
from ._hub.config import read_config, read_kind
from ._hub.files import ModelFiles, read_files
from ._hub.folder import FILES
from ._hub.kinds import Kind
from ._hub.preprocess import HubPreprocess, read_preprocess
from ._hub.sizes import dim_of, layers_of, vision_of
from ._hub.towers import known_types
from ._preprocess import Preprocess

if TYPE_CHECKING:
    from ._hub.network import HubNetwork


@dataclass(frozen=True)
class _Model:
    """Makes `model` the first parameter, which the text after ``hf:`` sets."""

    model: str = ""


@dataclass(frozen=True)
class Hub(DeepExtractor, _Model):
    """Pooled output of a model of the transformers library, per clip or per frame.

    Parameters
    ----------
    model : str
        Id on the hub, or a folder.
    weights : {None, "random"}
        The model's own, or a seeded random network.
    fps : float
        Frames sampled per second of video, for image models.
    """

    name: ClassVar[str] = "hf:"
    version: ClassVar[int] = 3
    group: ClassVar[str] = "transformers"
    packages: ClassVar[tuple[str, ...]] = EXTRAS["deep"]
    references: ClassVar[tuple[str, ...]] = ("the model's own card", "transformers, AutoModel")
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        Checkpoint("model", "https://huggingface.co", "as the model's card says"),
    )

    fps: float = 1.0

    def __post_init__(self) -> None:
        if not self.model:
            raise ParameterError(
                "hf: needs a model: write hf:ID or hf:FOLDER, e.g. hf:MCG-NJU/videomae-base; " + known_types()
            )
        if self.weights not in (None, "random"):
            raise ParameterError(
                f"hf: takes its weights from the model, or random ones; got {self.weights!r}"
            )
        super().__post_init__()
        check_positive(self, "fps")

    @property
    def label(self) -> str:
        """``hf:MODEL``, with ``@random`` and changed parameters as for every extractor."""
        name, _, rest = super().label.partition("[")
        parameters = [part for part in rest.rstrip("]").split(",") if part and not part.startswith("model=")]
        name = name.replace("hf:", f"hf:{format_value(self.model)}", 1)
        return name + (f"[{','.join(parameters)}]" if parameters else "")

    @functools.cached_property
    def files(self) -> ModelFiles:
        """Files of the model, whose configuration is read once; it travels to the worker processes."""
        return read_files(self.model)

    @functools.cached_property
    def _sha256(self) -> str:
        """SHA-256 of the weights, found once: what is loaded later, in any process, must still have it."""
        return self.files.weights_sha256()

    @functools.cached_property
    def _preprocessing(self) -> HubPreprocess:
        return read_preprocess(self.files)

    @property
    def kind(self) -> Kind:
        """Inputs and output of this type of model."""
        return read_kind(self.files)

    @property
    def clip_frames(self) -> int:
        """Frames of a clip, 1 for image models."""
        if not self.kind.frames:
            return 1
        return int(getattr(vision_of(read_config(self.files)), self.kind.frames))

    @property
    def dim(self) -> int:  # type: ignore[override]
        """Width of the pooled vector."""
        return dim_of(read_config(self.files), self.kind)

    @property
    def taps(self) -> Mapping[str, int]:  # type: ignore[override]
        """Layers of a transformer, layer1 to the last; of a network of stages, stage1 to the last."""
        return layers_of(read_config(self.files), self.kind)

    @property
    def preprocess(self) -> Preprocess:  # type: ignore[override]
        """Resize, crop and normalisation of the model's own configuration."""
        return self._preprocessing.preprocess

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Return the clips of the model's type, or single frames, `fps` per second."""
        if not self.kind.frames:
            return _sampling.every(n_frames, fps, self.fps)
        if self.kind.stride:
            return _sampling.dense(n_frames, self.clip_frames, self.kind.stride, self.clips)
        return _sampling.sparse(n_frames, self.clip_frames, self.clips)

    def weights_sha256(self) -> str | None:
        """Return the SHA-256 of the safetensors file (of several: of their index and digests).

        Raises
        ------
        WeightsMissing
            If the model is not on this machine.
        """
        return None if self.is_random else self._sha256

    def identity(self) -> dict[str, Any]:
        """Return what a stored value depends on: also the model's configuration and preprocessing files."""
        files = {
            "config.json": hashlib.sha256(self.files.config).hexdigest(),
            self._preprocessing.name: self._preprocessing.sha256,
        }
        return {**super().identity(), "files": files}

    def load(self) -> HubNetwork:
        """Return the network with its weights, on its device; the process keeps it."""
        device = resolve_device(self.device)
        precision = resolve_precision(self.precision, device)
        return _loaded(self.files, self.weights_sha256(), device, precision)

    @staticmethod
    def fetch(model: str) -> Path:
        """Download a model of the hub into its client's cache.

        Parameters
        ----------
        model : str
            Id on the hub.

        Returns
        -------
        Path
            The folder of its files.

        Raises
        ------
        DownloadError
            If the network is forbidden or the download fails.
        """
        if is_offline():
            raise DownloadError(f"hf:{model} was not fetched: HF_HUB_OFFLINE or VQA_FEATURES_OFFLINE is set")
        from huggingface_hub import snapshot_download

        with reading(f"hf:{model}", "a model of the hub", DownloadError, "it was not fetched"):
            return Path(snapshot_download(model, allow_patterns=list(FILES)))


@functools.lru_cache(maxsize=NETWORKS_KEPT)
def _loaded(files: ModelFiles, digest: str | None, device: str, precision: str) -> HubNetwork:
    import torch

    from ._hub import loading

    return loading.build(files, digest).to(device, torch.bfloat16 if precision == "bf16" else torch.float32)
