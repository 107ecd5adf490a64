"""Any vision model of the transformers library by its id or folder: ``hf:MODEL_ID_OR_FOLDER``.

Video transformers, image-text models, image transformers, networks of stages, and vision towers of larger
models: the types of `KINDS` and `TOWERS`, which say the vector of each. Frames and preprocessing are read
from the model's configuration files and done by our own code, so that torchvision is not needed. Only
safetensors are loaded, never code that comes with a model. Extraction reads a folder or the cache of
the hub's client; ``vqa-features weights fetch hf:ID`` downloads a model into that cache. A branch, tag,
commit or pull request (``refs/pr/N``) is named as ``hf:ID@REVISION``.
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
from vqa_features.specs import Checkpoint, Feature

from . import _sampling
from ._base import NETWORKS_KEPT, RANDOM, DeepExtractor, check_positive
from ._device import resolve_device, resolve_precision
from ._hub.config import read_config, read_kind
from ._hub.files import ModelFiles, read_files
from ._hub.folder import FILES, split_revision
from ._hub.kinds import Kind
from ._hub.preprocess import HubPreprocess, read_preprocess
from ._hub.prompts import PairScore, Prompt, checked, columns, read_prompts
from ._hub.sizes import dim_of, layers_of, vision_of
from ._hub.tokens import Tokens, tokenize
from ._hub.towers import known_types
from ._preprocess import Preprocess

if TYPE_CHECKING:
    from ._hub.network import HubNetwork
    from ._hub.text_scores import PromptNetwork


@dataclass(frozen=True)
class _Model:
    """Makes `model` the first parameter, which the text after ``hf:`` sets."""

    model: str = ""


@dataclass(frozen=True)
class Hub(DeepExtractor, _Model):
    """Pooled output of a model of the transformers library, or its scores of texts, per clip or per frame.

    Parameters
    ----------
    model : str
        Id on the hub, as ``ID@REVISION`` for a branch, tag, commit or ``refs/pr/N``, or a folder.
    weights : {None, "random"}
        The model's own, or a seeded random network.
    fps : float
        Frames sampled per second of video, for image models.
    prompts : tuple of str
        For image-text and video-text models: texts whose scores take the place of the embedding.
        ``good/bad`` is a pair of texts of opposite meaning, a text of several words stands alone, and one
        word is the name of a published set (`_hub.prompts.SETS`); ``%2C`` stands for a comma.
    pair_score : {"probability", "difference"}
        What a pair gives: the probability of its first text, or the difference of the two similarities.
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
    prompts: tuple[str, ...] = ()
    pair_score: PairScore = "probability"

    def __post_init__(self) -> None:
        if not self.model:
            raise ParameterError(
                "hf: needs a model: write hf:ID or hf:FOLDER, e.g. hf:MCG-NJU/videomae-base; " + known_types()
            )
        if self.model.endswith(f"@{RANDOM}"):
            raise ParameterError(f"hf:{self.model}: write weights='{RANDOM}' for random weights")
        if self.weights not in (None, RANDOM):
            raise ParameterError(
                f"hf: takes its weights from the model, or random ones; got {self.weights!r}"
            )
        object.__setattr__(self, "prompts", checked(self.prompts, self.pair_score, self.tap))
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

    @functools.cached_property
    def _prompts(self) -> tuple[Prompt, ...]:
        return read_prompts(self.prompts)

    @functools.cached_property
    def _tokens(self) -> Tokens:
        """Tokens of the texts, found once; the tokenizer itself does not travel to the worker processes."""
        return tokenize(self.files, [text for prompt in self._prompts for text in prompt.texts])

    @property
    def scores(self) -> tuple[Feature, ...]:
        """One column per prompt."""
        return columns(self._prompts, self.pair_score) if self.prompts and self._tokens.rows else ()

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
        """Width of the pooled vector, which is left out where there are prompts."""
        return 0 if self.prompts else dim_of(read_config(self.files), self.kind)

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
        if not self.prompts:
            return {**super().identity(), "files": files}
        texts = [prompt.texts for prompt in self._prompts]
        return {**super().identity(), "files": files | dict(self._tokens.files), "texts": texts}

    def load(self) -> HubNetwork | PromptNetwork:
        """Return the network with its weights, on its device; the process keeps it."""
        device = resolve_device(self.device)
        precision = resolve_precision(self.precision, device)
        key = (self.files, self.weights_sha256(), device, precision)
        if not self.prompts:
            return _loaded(*key)
        lengths = tuple(len(prompt.texts) for prompt in self._prompts)
        return _scored(*key, self._tokens.rows, lengths, self.pair_score == "difference")

    @staticmethod
    def fetch(model: str) -> Path:
        """Download a model of the hub into its client's cache.

        Parameters
        ----------
        model : str
            Id on the hub, with ``@REVISION`` or without.

        Returns
        -------
        Path
            The folder of its files.

        Raises
        ------
        DownloadError
            If the network is forbidden or the download fails.
        ParameterError
            If the revision is none.
        """
        name, revision = split_revision(model.removesuffix(f"@{RANDOM}"))
        if is_offline():
            raise DownloadError(f"hf:{model} was not fetched: HF_HUB_OFFLINE or VQA_FEATURES_OFFLINE is set")
        from huggingface_hub import snapshot_download

        with reading(f"hf:{model}", "a model of the hub", DownloadError, "it was not fetched"):
            return Path(snapshot_download(name, revision=revision, allow_patterns=list(FILES)))


@functools.lru_cache(maxsize=NETWORKS_KEPT)
def _loaded(
    files: ModelFiles, digest: str | None, device: str, precision: str, text: bool = False
) -> HubNetwork:
    import torch

    from ._hub import loading

    network = loading.build(files, digest, text=text)
    return network.to(device, torch.bfloat16 if precision == "bf16" else torch.float32)


@functools.lru_cache(maxsize=NETWORKS_KEPT)
def _scored(
    files: ModelFiles,
    digest: str | None,
    device: str,
    precision: str,
    rows: tuple[tuple[int, ...], ...],
    lengths: tuple[int, ...],
    differences: bool,
) -> PromptNetwork:
    from ._hub.text_scores import PromptNetwork

    network = _loaded(files, digest, device, precision, text=True)
    return PromptNetwork(network, rows, lengths, differences).eval().requires_grad_(False)
