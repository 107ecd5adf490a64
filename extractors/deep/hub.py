"""Any vision model of the transformers library by its id or folder: ``hf:MODEL_ID_OR_FOLDER``.

VideoMAE, TimeSformer, ViViT, V-JEPA 2, X-CLIP, CLIP, SigLIP and SigLIP 2, DINOv2 and DINOv3. The
vector is what the model itself pools (`KINDS` says how); frames and preprocessing are read from the
model's own configuration files and done by our own code, so that torchvision is not needed. Only
safetensors are loaded, and never code that comes with a model. Extraction looks at a folder or at
what the hub's client has cached; ``vqa-features weights fetch hf:ID`` brings a model there.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from vqa_features import weights as weight_files
from vqa_features.download import is_offline
from vqa_features.errors import DownloadError, ParameterError, WeightsMissing
from vqa_features.extractor import format_value
from vqa_features.specs import WeightsInfo

from . import _sampling
from ._base import DeepExtractor, check_positive, resolve_device, resolve_precision
from ._preprocess import Preprocess

if TYPE_CHECKING:
    from ._hub_net import HubNetwork

_FILES = ("*.json", "*.safetensors")
_PREPROCESSORS = ("video_preprocessor_config.json", "preprocessor_config.json")
#: Pillow's numbers of its resampling kernels, as they stand in the configuration files.
_KERNELS: Mapping[int, Literal["bilinear", "bicubic"]] = {2: "bilinear", 3: "bicubic"}


@dataclass(frozen=True)
class Kind:
    """How one type of model is fed and read.

    Parameters
    ----------
    pooled : {"mean", "cls", "pooler", "image", "video"}
        The vector: mean of the last layer's tokens, its class token, the model's own pooled
        output, or the projected feature of an image-text or video-text model.
    has_cls : bool
        Whether the first token is a class token.
    frames : str
        Entry of the configuration that says how many frames a clip has; "" for image models.
    stride : int
        One frame of so many is taken; 0 spreads the clip over the whole video.
    """

    pooled: Literal["mean", "cls", "pooler", "image", "video"]
    has_cls: bool
    frames: str = ""
    stride: int = 0


KINDS: Mapping[str, Kind] = {
    "videomae": Kind("mean", False, "num_frames", 4),
    "timesformer": Kind("cls", True, "num_frames", 32),
    "vivit": Kind("pooler", True, "num_frames", 2),
    "vjepa2": Kind("mean", False, "frames_per_clip", 2),
    "xclip": Kind("video", True, "num_frames"),
    "clip": Kind("image", True),
    "clip_vision_model": Kind("pooler", True),
    "siglip": Kind("image", False),
    "siglip_vision_model": Kind("pooler", False),
    "siglip2": Kind("image", False),
    "siglip2_vision_model": Kind("pooler", False),
    "dinov2": Kind("pooler", True),
    "dinov2_with_registers": Kind("pooler", True),
    "dinov3_vit": Kind("pooler", True),
}


@dataclass(frozen=True)
class _Model:
    """Puts the model first among the parameters, where the text after ``hf:`` goes."""

    model: str = ""


@dataclass(frozen=True)
class Hub(DeepExtractor, _Model):
    """What a model of the transformers library pools, per clip or per frame.

    Parameters
    ----------
    model : str
        Id on the hub, or a folder.
    weights : {None, "random"}
        The model's own, or a seeded random network.
    fps : float
        Frames looked at per second of video, for image models.
    """

    name: ClassVar[str] = "hf:"
    group: ClassVar[str] = "transformers"
    references: ClassVar[tuple[str, ...]] = ("the model's own card", "transformers, AutoModel")
    weights_info: ClassVar[WeightsInfo | None] = WeightsInfo("huggingface.co", "as the model's card says")

    fps: float = 1.0

    def __post_init__(self) -> None:
        if not self.model:
            raise ParameterError("hf: needs a model: write hf:ID or hf:FOLDER, e.g. hf:MCG-NJU/videomae-base")
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

    @property
    def kind(self) -> Kind:
        """How this type of model is fed and read."""
        return KINDS[read_config(self.model).model_type]

    @property
    def clip_frames(self) -> int:
        """Frames of a clip, 1 for image models."""
        if not self.kind.frames:
            return 1
        config = read_config(self.model)
        return int(getattr(getattr(config, "vision_config", config), self.kind.frames))

    @property
    def dim(self) -> int:  # type: ignore[override]
        """Width of the pooled vector."""
        config = read_config(self.model)
        if self.kind.pooled == "video" or config.model_type == "clip":
            return int(config.projection_dim)
        return int(getattr(config, "vision_config", config).hidden_size)

    @property
    def taps(self) -> Mapping[str, int]:  # type: ignore[override]
        """The transformer's layers, layer1 to the last."""
        config = read_config(self.model)
        vision = getattr(config, "vision_config", config)
        return {f"layer{k}": int(vision.hidden_size) for k in range(1, vision.num_hidden_layers + 1)}

    @property
    def preprocess(self) -> Preprocess:  # type: ignore[override]
        """Resize, crop and normalisation of the model's own configuration."""
        return read_preprocess(self.model)

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Clips as the model's type is used to, or single frames, `fps` per second."""
        if not self.kind.frames:
            return _sampling.every(n_frames, fps, self.fps)
        if self.kind.stride:
            return _sampling.dense(n_frames, self.clip_frames, self.kind.stride, self.clips)
        return _sampling.sparse(n_frames, self.clip_frames, self.clips)

    def weights_sha256(self) -> str | None:
        """SHA-256 of the safetensors file (of several: of their digests). Raises WeightsMissing."""
        return None if self.is_random else folder_sha256(folder_of(self.model))

    def load(self) -> HubNetwork:
        """The network with its weights, on its device; kept for the process."""
        device = resolve_device(self.device)
        precision = resolve_precision(self.precision, device)
        return _loaded(self.model, self.weights_sha256(), device, precision)

    @staticmethod
    def fetch(model: str) -> Path:
        """Bring a model of the hub into its client's cache and return the folder."""
        if is_offline():
            raise DownloadError(f"hf:{model} was not fetched: HF_HUB_OFFLINE or VQA_FEATURES_OFFLINE is set")
        from huggingface_hub import snapshot_download

        try:
            return Path(snapshot_download(model, allow_patterns=list(_FILES)))
        except (OSError, ValueError) as error:  # what the client raises for names, access and network
            raise DownloadError(f"hf:{model} was not fetched: {str(error).splitlines()[0]}") from error


def folder_of(model: str) -> Path:
    """Folder of a model's files: its own, or the one in the hub client's cache.

    Raises
    ------
    WeightsMissing
        If there is none with safetensors in it.
    """
    if Path(model).is_dir():
        folder = Path(model)
    else:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

        try:
            folder = Path(snapshot_download(model, allow_patterns=list(_FILES), local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            raise WeightsMissing(
                f"hf:{model} is neither a folder nor in the hub's cache on this machine; run: "
                f"vqa-features weights fetch hf:{model}"
            ) from None
    if not any(folder.glob("*.safetensors")):
        raise WeightsMissing(
            f"hf:{model} has no .safetensors file in {folder}; pickled weights are not loaded: "
            "choose a revision or a conversion with safetensors"
        )
    return folder


def folder_sha256(folder: Path) -> str:
    """SHA-256 of the one weights file, or of the digests of several in the order of their names."""
    import hashlib

    digests = [weight_files.sha256_of(path) for path in sorted(folder.glob("*.safetensors"))]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


@functools.lru_cache(maxsize=8)
def read_config(model: str) -> Any:
    """Configuration of a model (transformers' object).

    Raises
    ------
    ParameterError
        If the folder has none that is usable, or its type is not in `KINDS`.
    """
    from transformers import AutoConfig

    folder = folder_of(model)
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise ParameterError(f"{folder} has no usable config.json: {str(error).splitlines()[0]}") from error
    if config.model_type not in KINDS:
        raise ParameterError(
            f"hf:{model} is of type {config.model_type!r}; known types are {', '.join(KINDS)}"
        )
    return config


@functools.lru_cache(maxsize=8)
def read_preprocess(model: str) -> Preprocess:
    """The model's own preprocessing, from its preprocessor configuration."""
    import json

    folder = folder_of(model)
    path = next((folder / name for name in _PREPROCESSORS if (folder / name).is_file()), None)
    if path is None:
        raise ParameterError(
            f"hf:{model} says nothing of its preprocessing: {folder} lacks {_PREPROCESSORS[1]}"
        )
    found = json.loads(path.read_text())
    size = found.get("size", {}) if found.get("do_resize", True) else None
    if read_config(model).model_type.startswith("siglip2"):
        vision = getattr(read_config(model), "vision_config", read_config(model))
        side = round(vision.num_patches**0.5) * vision.patch_size
        size = {"height": side, "width": side}
    scale = 255 * float(found.get("rescale_factor", 1 / 255))
    shift = -1.0 if found.get("offset") else 0.0
    normalise = found.get("do_normalize", True)
    means = found.get("image_mean", [0.5] * 3) if normalise else [0.0] * 3
    stds = found.get("image_std", [0.5] * 3) if normalise else [1.0] * 3
    kernel = _KERNELS.get(int(found.get("resample", 2)))
    if kernel is None:
        raise ParameterError(
            f"{path} asks for resampling {found['resample']}; 2 (bilinear) and 3 (bicubic) exist"
        )
    return Preprocess(
        _size(size),
        _size(found.get("crop_size")) if found.get("do_center_crop", False) else None,
        tuple((mean - shift) / scale for mean in means),
        tuple(std / scale for std in stds),
        "pil",
        interpolation=kernel,
    )


def _size(size: Any) -> int | tuple[int, int] | None:
    """A size as configuration files spell it: a number, a short side, or height and width."""
    if size is None or isinstance(size, int):
        return size
    if "shortest_edge" in size:
        return int(size["shortest_edge"])
    return int(size["height"]), int(size["width"])


@functools.lru_cache(maxsize=2)
def _loaded(model: str, digest: str | None, device: str, precision: str) -> HubNetwork:
    import torch

    from . import _hub_net

    network = _hub_net.build(folder_of(model), read_config(model), random=digest is None)
    return network.to(device, torch.bfloat16 if precision == "bf16" else torch.float32)
