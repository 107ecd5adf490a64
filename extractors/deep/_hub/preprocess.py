"""Preprocessing of a transformers model, from its own configuration file.

Entries that a file lacks are those of the processor class that it names, or of the model's type, see
`PROCESSORS`. As in the library, null is a value: a step that is null is not done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vqa_features.errors import ParameterError
from vqa_features.files.names import escaped_name
from vqa_features.files.reading import reading

from .._preprocess import Kernel, Preprocess, Resizing
from . import values
from .config import read_config, read_kind
from .files import ModelFiles
from .folder import parse_object, read_small
from .processors import PROCESSORS, processor_of
from .refusals import refuse
from .resizing import Patches, Pixels, ShortAndLong, Within
from .sizes import patch_of, side_of, smallest_of

#: Files of the preprocessing, most specific first; of a nested one, the entry that holds it.
_PREPROCESSORS = (
    ("processor_config.json", "video_processor"),
    ("video_preprocessor_config.json", ""),
    ("processor_config.json", "image_processor"),
    ("preprocessor_config.json", ""),
)
#: Pillow's resampling kernels by the numbers that stand in the configuration files.
_KERNELS: tuple[Kernel, ...] = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")
#: Entries that ask for what is not done, and what to do instead.
_UNDONE = {
    "do_pan_and_scan": "set it to false, so that the whole picture is one input",
    "crop_to_patches": "set it to false, so that the whole picture is one input",
    "pad_size": "pictures are not padded; give a size and crop_size that need no padding",
    "use_square_size": "give size with height and width",
}
#: Classes whose pictures have as many patches as their aspect needs.
_PATCHED = ("Siglip2ImageProcessor", "Qwen2VLImageProcessor")
_MOST_PATCHES = 1 << 14
#: Beginnings of the types that take patches instead of pictures.
_GRIDS = ("siglip2", "qwen")
#: Side below which ConvNeXt's processor crops what it resized.
_CONVNEXT_WARPS = 384


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
        If the folder has no such configuration, a value in it is not usable, the class of the processor is
        not known, or its pictures are none that the model takes.
    """
    config = read_config(files)
    name, entry, content = _find(files, bool(read_kind(files).frames))
    path = files.folder / name
    with reading(path, "a preprocessing configuration", ParameterError):
        whole = parse_object(content, path)
        refuse(whole, path)
        found = whole[entry] if entry else whole
        if not isinstance(found, dict):
            raise ValueError(f"{entry} must be an object, got {found!r}")
        types = (parse_object(files.config, path)["model_type"], config.model_type)
        processor = processor_of(found, types, "video" in name + entry, escaped_name(path))
        return HubPreprocess(_preprocess(processor, found, config), name, hashlib.sha256(content).hexdigest())


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


def _preprocess(processor: str, found: Mapping[str, Any], config: Any) -> Preprocess:
    """Return the preprocessing that the entries of a configuration and its class's defaults describe."""
    settings = {**PROCESSORS[processor], **_older(processor, found, config), **found}
    for key, instead in _UNDONE.items():
        if settings.get(key):
            raise ValueError(f"it asks for {key}, which is not done: {instead}")
    if processor == "LlavaImageProcessor" and settings.get("do_pad"):
        raise ValueError("it asks for do_pad, which is not done: give the size and crop_size of a square")
    resize, crop = _geometry(processor, settings, config)
    _check_fit(resize, crop, config)
    means, stds = _statistics(settings)
    kernel = settings["resample"]
    if type(kernel) is not int or not 0 <= kernel < len(_KERNELS):
        raise ValueError(f"resample must be a number of Pillow's, 0 to {len(_KERNELS) - 1}, got {kernel!r}")
    return Preprocess(resize, crop, means, stds, "pil", interpolation=_KERNELS[kernel])


def _older(processor: str, found: Mapping[str, Any], config: Any) -> dict[str, Any]:
    """Return what a default was when sizes were written as numbers: VideoMAE's crop had the side `size`."""
    side = found.get("size")
    if processor == "VideoMAEImageProcessor" and type(side) is int and side_of(config) == (side, side):
        return {"crop_size": side}
    return {}


_Size = int | tuple[int, int] | Resizing | None


def _geometry(
    processor: str, settings: Mapping[str, Any], config: Any
) -> tuple[_Size, tuple[int, int] | None]:
    """Return what a processor resizes to and what it crops."""
    resizes = values.flag(settings, "do_resize")
    if processor in _PATCHED:
        if not resizes:
            raise ValueError(f"do_resize must be true, since {processor} cuts a picture into whole patches")
        return _patched(processor, settings, config), None
    crop = _exact(settings, "crop_size") if values.flag(settings, "do_center_crop") else None
    if not resizes:
        return None, crop
    if processor == "VJEPA2VideoProcessor":  # its size follows from its crop, whatever is given
        return int(_exact(settings, "crop_size")[0] * 256 / 224), crop
    sides = values.size(settings.get("size"), "size", values.flag(settings, "default_to_square"))
    if processor == "ConvNextImageProcessor":
        return _convnext(sides, settings, crop)
    if "height" in sides:
        return (sides["height"], sides["width"]), crop
    if "max_height" in sides:
        return Within(sides["max_height"], sides["max_width"]), crop
    if "longest_edge" in sides:
        return ShortAndLong(sides["shortest_edge"], sides["longest_edge"]), crop
    return sides["shortest_edge"], crop


def _exact(settings: Mapping[str, Any], name: str) -> tuple[int, int]:
    """Return a size that must have height and width, or be one number for both."""
    sides = values.size(settings.get(name), name, True)
    if "height" not in sides:
        raise ValueError(f"{name} must have height and width, got {settings[name]!r}")
    return sides["height"], sides["width"]


def _convnext(
    sides: Mapping[str, int], settings: Mapping[str, Any], crop: tuple[int, int] | None
) -> tuple[_Size, tuple[int, int] | None]:
    """Return ConvNeXt's sizes: a crop of a larger picture; from 384 pixels the whole without its aspect."""
    if list(sides) != ["shortest_edge"]:
        raise ValueError(f"ConvNextImageProcessor takes shortest_edge as size, got {dict(sides)}")
    side = sides["shortest_edge"]
    if side >= _CONVNEXT_WARPS:
        return (side, side), crop
    if crop not in (None, (side, side)):
        raise ValueError(
            f"crop_size must be the {side} pixels of size, as crop_pct gives a crop of that size"
        )
    part = values.number(settings["crop_pct"], "crop_pct")
    if not 0 < part <= 1:
        raise ValueError(f"crop_pct must be above 0 and at most 1, got {part}")
    return values.count(int(side / part), "size divided by crop_pct", values.MOST_SIDE), (side, side)


def _patched(processor: str, settings: Mapping[str, Any], config: Any) -> Resizing:
    """Return the rule of a class whose pictures keep their aspect in whole patches."""
    patch = values.count(settings["patch_size"], "patch_size", values.MOST_SIDE)
    if patch_of(config) != (patch, patch):
        raise ValueError(f"its patch_size is {patch}, the model has patches of {patch_of(config)}")
    if processor == "Siglip2ImageProcessor":
        if not config.model_type.startswith("siglip2"):
            raise ValueError(f"{processor} is for models of type siglip2, not {config.model_type}")
        return Patches(patch, values.count(settings["max_num_patches"], "max_num_patches", _MOST_PATCHES))
    most = values.MOST_SIDE**2
    sides = values.size(settings["size"], "size", False, most)
    least = values.count(settings.get("min_pixels") or sides.get("shortest_edge"), "min_pixels", most)
    greatest = values.count(settings.get("max_pixels") or sides.get("longest_edge"), "max_pixels", most)
    merged = values.count(settings["merge_size"], "merge_size", values.MOST_SIDE)
    if getattr(config, "spatial_merge_size", merged) != merged:
        raise ValueError(f"its merge_size is {merged}, the model merges {config.spatial_merge_size} patches")
    return Pixels(patch * merged, least, greatest)


def _check_fit(resize: _Size, crop: tuple[int, int] | None, config: Any) -> None:
    """Raise unless the model takes the pictures."""
    sides = crop or (resize if isinstance(resize, tuple) else None)
    smallest = smallest_of(config)
    if min(sides or ((resize,) if isinstance(resize, int) else (smallest,))) < smallest:
        raise ValueError(f"its pictures are smaller than the model's patches of {smallest} pixels")
    wanted = side_of(config)
    if wanted is not None and sides != wanted:
        got = f"of {sides[1]}x{sides[0]}" if sides else "that keep their aspect, without a crop"
        raise ValueError(
            f"it gives pictures {got}, this model of type {config.model_type} takes {wanted[1]}x{wanted[0]} "
            "alone: correct size, do_center_crop and crop_size"
        )
    if config.model_type.startswith(_GRIDS):
        side = patch_of(config)[0] * getattr(config, "spatial_merge_size", 1)
        if not callable(resize) and (sides is None or any(length % side for length in sides)):
            raise ValueError(f"its pictures are not of whole patches of {side} pixels")


def _statistics(settings: Mapping[str, Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and deviation of RGB in 0..1 that stand for rescaling, offset and normalisation."""
    rescales, offset = values.flag(settings, "do_rescale"), values.flag(settings, "offset")
    if offset and not rescales:
        raise ValueError("offset needs do_rescale")
    factor = values.number(settings["rescale_factor"], "rescale_factor") if rescales else 1.0
    if not factor > 0:
        raise ValueError(f"rescale_factor must be above zero, got {factor}")
    normalise = values.flag(settings, "do_normalize")
    means = values.three(settings, "image_mean") if normalise else (0.0,) * 3
    stds = values.three(settings, "image_std") if normalise else (1.0,) * 3
    if not min(stds) > 0:
        raise ValueError(f"image_std must be above zero, got {list(stds)}")
    scale = 255 * factor
    return tuple((mean + offset) / scale for mean in means), tuple(std / scale for std in stds)
