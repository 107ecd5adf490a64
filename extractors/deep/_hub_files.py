"""Files of a transformers model: type, frames per clip, preprocessing and hash."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.files.hashing import sha256_of

from ._preprocess import Preprocess

FILES = ("*.json", "*.safetensors")
#: Files of the preprocessing, most specific first; of a nested one, the entry that holds it.
_PREPROCESSORS = (
    ("processor_config.json", "video_processor"),
    ("video_preprocessor_config.json", ""),
    ("processor_config.json", "image_processor"),
    ("preprocessor_config.json", ""),
)
#: Pillow's numbers of its resampling kernels, as they stand in the configuration files.
_KERNELS: Mapping[int, Literal["bilinear", "bicubic"]] = {2: "bilinear", 3: "bicubic"}


@dataclass(frozen=True)
class Kind:
    """Inputs and output of one type of model.

    Parameters
    ----------
    pooled : {"mean", "cls", "pooler", "image", "video"}
        The vector: mean of the last layer's tokens, its class token, the model's own pooled
        output, or the projected feature of an image-text or video-text model.
    has_cls : bool
        Whether the first token is a class token.
    frames : str
        Entry of the configuration that holds the number of frames of a clip; "" for image models.
    stride : int
        Every `stride`-th frame is taken; 0 spreads the clip over the whole video.
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
        If there is none with safetensors in it.
    """
    if Path(model).is_dir():
        folder = Path(model)
    else:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

        try:
            folder = Path(snapshot_download(model, allow_patterns=list(FILES), local_files_only=True))
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
    """Return the SHA-256 of the weights file, or of the digests of several in the order of their names.

    Parameters
    ----------
    folder : Path
        Folder with safetensors.

    Returns
    -------
    str
    """
    import hashlib

    digests = [sha256_of(path) for path in sorted(folder.glob("*.safetensors"))]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


@functools.lru_cache(maxsize=16)
def read_config(model: str) -> Any:
    """Return the configuration of a model.

    Parameters
    ----------
    model : str
        Id on the hub, or a folder.

    Returns
    -------
    transformers.PretrainedConfig

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


@functools.lru_cache(maxsize=16)
def read_preprocess(model: str) -> Preprocess:
    """Return the model's own preprocessing, from its preprocessor configuration.

    Parameters
    ----------
    model : str
        Id on the hub, or a folder.

    Returns
    -------
    Preprocess

    Raises
    ------
    ParameterError
        If the folder has no such configuration, or it asks for another resampling.
    """
    path, found = _read_preprocessor(model)
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


def _read_preprocessor(model: str) -> tuple[Path, dict[str, Any]]:
    """Return the file of the preprocessing configuration, and its entries.

    A video model takes a video processor before an image processor; an image model takes no video processor.
    """
    import json

    folder = folder_of(model)
    of_video = bool(KINDS[read_config(model).model_type].frames)
    for name, entry in _PREPROCESSORS:
        path = folder / name
        if not path.is_file() or ("video" in name + entry and not of_video):
            continue
        found = json.loads(path.read_text(encoding="utf-8"))
        if not entry:
            return path, found
        if isinstance(found.get(entry), dict):
            return path, found[entry]
    names = " nor ".join(dict.fromkeys(name for name, _ in reversed(_PREPROCESSORS)))
    raise ParameterError(f"hf:{model} has no preprocessing configuration: {folder} has neither {names}")


def _size(size: Any) -> int | tuple[int, int] | None:
    """Return a size given as a number, a short side, or height and width."""
    if size is None or isinstance(size, int):
        return size
    if "shortest_edge" in size:
        return int(size["shortest_edge"])
    return int(size["height"]), int(size["width"])
