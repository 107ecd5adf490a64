"""Preprocessing of a transformers model, from its own configuration file."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vqa_features.errors import ParameterError
from vqa_features.files.names import escaped_name
from vqa_features.files.reading import reading

from .._preprocess import Preprocess
from .config import read_config, read_kind, refuse
from .files import ModelFiles
from .folder import parse_object, read_small
from .sizes import smallest_of, vision_of

#: Files of the preprocessing, most specific first; of a nested one, the entry that holds it.
_PREPROCESSORS = (
    ("processor_config.json", "video_processor"),
    ("video_preprocessor_config.json", ""),
    ("processor_config.json", "image_processor"),
    ("preprocessor_config.json", ""),
)
#: Pillow's numbers of its resampling kernels, as they stand in the configuration files.
_KERNELS: Mapping[int, Literal["bilinear", "bicubic"]] = {2: "bilinear", 3: "bicubic"}
#: Greatest side in pixels of a resized or cropped picture.
_MOST_SIDE = 4096


@dataclass(frozen=True)
class HubPreprocess:
    """Preprocessing of a model, and the file that says it.

    Parameters
    ----------
    preprocess : Preprocess
        What is done.
    name : str
        Name of the file.
    sha256 : str
        Its SHA-256.
    """

    preprocess: Preprocess
    name: str
    sha256: str


def read_preprocess(files: ModelFiles) -> HubPreprocess:
    """Return the model's own preprocessing, from its preprocessor configuration.

    Parameters
    ----------
    files : ModelFiles
        The model.

    Returns
    -------
    HubPreprocess

    Raises
    ------
    ParameterError
        If the folder has no such configuration, a value in it is not usable, or it asks for another
        resampling.
    """
    config = read_config(files)
    name, entry, content = _find(files, bool(read_kind(files).frames))
    path = files.folder / name
    with reading(path, "a preprocessing configuration", ParameterError):
        whole = parse_object(content, path)
        refuse(whole, escaped_name(path))
        found = whole[entry] if entry else whole
        if not isinstance(found, dict):
            raise ValueError(f"{entry} must be an object, got {found!r}")
        return HubPreprocess(_preprocess(found, config), name, hashlib.sha256(content).hexdigest())


def _find(files: ModelFiles, of_video: bool) -> tuple[str, str, bytes]:
    """Return name, entry and content of the file of the preprocessing configuration.

    A video model takes a video processor before an image processor; an image model takes no video processor.
    """
    for name, entry in _PREPROCESSORS:
        if "video" in name + entry and not of_video:
            continue
        content = read_small(files.folder, name)
        if content is None:
            continue
        if not entry or parse_object(content, files.folder / name).get(entry) is not None:
            return name, entry, content
    names = " nor ".join(dict.fromkeys(name for name, _ in reversed(_PREPROCESSORS)))
    raise ParameterError(
        f"hf:{files.model} has no preprocessing configuration: {files.folder} has neither {names}"
    )


def _preprocess(found: dict[str, Any], config: Any) -> Preprocess:
    """Return the preprocessing that the entries of a configuration describe."""
    size = _size(found, "size") if _flag(found, "do_resize", True) else None
    if config.model_type.startswith("siglip2"):
        vision = vision_of(config)
        side = _side(round(vision.num_patches**0.5) * vision.patch_size, "the square of num_patches")
        size = (side, side)
    crop = _size(found, "crop_size") if _flag(found, "do_center_crop", False) else None
    smallest = smallest_of(config)
    if min(_sides(crop) or _sides(size) or (smallest,)) < smallest:
        raise ValueError(f"its pictures are smaller than the model's patches of {smallest} pixels")
    scale = 255 * _number(_given(found, "rescale_factor", 1 / 255), "rescale_factor")
    if not scale > 0:
        raise ValueError(f"rescale_factor must be above zero, got {scale / 255}")
    shift = -1.0 if _flag(found, "offset", False) else 0.0
    normalise = _flag(found, "do_normalize", True)
    means = _three(found, "image_mean") if normalise else (0.0,) * 3
    stds = _three(found, "image_std") if normalise else (1.0,) * 3
    if not min(stds) > 0:
        raise ValueError(f"image_std must be above zero, got {list(stds)}")
    kernel = _given(found, "resample", 2)
    if type(kernel) is not int or kernel not in _KERNELS:
        raise ValueError(f"it asks for resampling {kernel!r}; 2 (bilinear) and 3 (bicubic) exist")
    return Preprocess(
        size,
        crop,
        tuple((mean - shift) / scale for mean in means),
        tuple(std / scale for std in stds),
        "pil",
        interpolation=_KERNELS[kernel],
    )


def _sides(size: int | tuple[int, int] | None) -> tuple[int, ...]:
    return () if size is None else size if isinstance(size, tuple) else (size,)


def _given(found: Mapping[str, Any], name: str, default: Any) -> Any:
    """Return a value of a configuration; null means that it is not given."""
    value = found.get(name)
    return default if value is None else value


def _flag(found: Mapping[str, Any], name: str, default: bool) -> bool:
    """Return a value that is true, false or not given."""
    value = _given(found, name, default)
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false, got {value!r}")
    return value


def _number(value: Any, name: str) -> float:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} must be a number, got {value!r}")
    return float(value)


def _three(found: Mapping[str, Any], name: str) -> tuple[float, ...]:
    """Return one number for each channel of RGB."""
    value = _given(found, name, [0.5] * 3)
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError(f"{name} must be a list of three numbers, got {value!r}")
    return tuple(_number(one, name) for one in value)


def _size(found: Mapping[str, Any], name: str) -> int | tuple[int, int] | None:
    """Return a size given as a number, a short side, or height and width; None where it is not given."""
    value = found.get(name)
    if value is None:
        return None
    if isinstance(value, dict):
        known = [key for key in ("shortest_edge", "height", "width") if value.get(key) is not None]
        if known not in (["shortest_edge"], ["height", "width"]):
            raise ValueError(f"{name} must have shortest_edge, or height and width, got {value!r}")
        sides = tuple(_side(value[key], name) for key in known)
        return sides[0] if len(sides) == 1 else (sides[0], sides[1])
    return _side(value, name)


def _side(value: Any, name: str) -> int:
    """Return the side of a picture in pixels."""
    side = _number(value, name)
    if side != int(side) or not 1 <= side <= _MOST_SIDE:
        raise ValueError(f"{name} must be 1 to {_MOST_SIDE} pixels, got {value!r}")
    return int(side)
