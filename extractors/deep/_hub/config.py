"""Configuration of a transformers model: what of ``config.json`` is used.

Only the entries that the library's configuration class of the type declares are used. What would load code,
kernels or quantised weights is refused or left out; the attention is chosen here.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Iterator, Mapping
from typing import Any

from vqa_features.errors import ParameterError
from vqa_features.files.names import escaped_name
from vqa_features.files.reading import reading

from .files import ModelFiles
from .folder import parse_object
from .kinds import KINDS, Kind

_CODE = "code that comes with a model is not run; choose a model of the library's own classes"
_QUANTISED = "quantised weights are not loaded; choose the model in full or half precision"
#: Entries that ask for what is not done, in any configuration file of a model, and what to do instead.
REFUSED = {
    "auto_map": _CODE,
    "quantization_config": _QUANTISED,
    "compression_config": _QUANTISED,
    "peft_config": "adapters are not loaded; merge them into the model and save that",
    "trust_remote_code": _CODE,
}
#: Types whose networks take pictures of any size: without position tables, or with interpolated ones.
ANY_SIZE = frozenset(
    "beit convnext convnextv2 data2vec-vision dinov2 dinov2_with_registers dinov3_convnext dinov3_vit "
    "internvl internvl_vision mlcd mlcd_vision_model regnet resnet siglip2 siglip2_vision_model swin swinv2 "
    "vjepa2".split()
)
#: Entries of published files that the classes understand without declaring them.
_OLD_NAMES = {"qkv_bias"}
#: The greatest whole number of a configuration, of layers, tokens, and tokens times width. The largest
#: published model of these types has 48 layers and 18 432 tokens of width 1408.
_MOST = 1 << 20
_MOST_LAYERS = 512
_MOST_TOKENS = 1 << 17
_MOST_CELLS = 1 << 26


@functools.lru_cache(maxsize=16)
def read_config(files: ModelFiles) -> Any:
    """Return the configuration of a model.

    Parameters
    ----------
    files : ModelFiles
        The model.

    Returns
    -------
    transformers.PretrainedConfig
        Shared by all callers, not to be changed.

    Raises
    ------
    ParameterError
        If it is not usable, its type is not in `KINDS`, or it describes a model of absurd size.
    """
    path = files.folder / "config.json"
    entries = parse_object(files.config, path)
    refuse(entries, escaped_name(path))
    with reading(path, "a model's configuration", ParameterError):
        kind = entries.get("model_type")
        if not isinstance(kind, str) or kind not in KINDS:
            raise ValueError(f"it is of type {kind!r}; known types are {', '.join(KINDS)}")
        for key, value in _numbers(entries):
            most = _MOST_LAYERS if "layers" in key or "depth" in key else _MOST
            if not abs(value) <= most:
                raise ValueError(f"{key} is {value}, at most {most} is allowed")
        from transformers import CONFIG_MAPPING

        config = CONFIG_MAPPING[kind](**_declared(CONFIG_MAPPING[kind], entries))
        _check_size(config, KINDS[kind])
    return config


def refuse(entries: Mapping[str, Any], source: str) -> None:
    """Raise if a configuration asks, at any depth, for code, quantised weights or adapters.

    Parameters
    ----------
    entries : mapping
        The configuration.
    source : str
        Its file, for the message.

    Raises
    ------
    ParameterError
        Naming the entry.
    """
    for key, value in entries.items():
        if key in REFUSED and value:
            raise ParameterError(f"{source} has {key}: {REFUSED[key]}")
        if isinstance(value, Mapping):
            refuse(value, source)


def vision_of(config: Any) -> Any:
    """Return the configuration of the vision tower, which may be the whole.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of the model.

    Returns
    -------
    transformers.PretrainedConfig
    """
    return getattr(config, "vision_config", config)


def patch_of(config: Any) -> tuple[int, int]:
    """Return height and width of the patch that a token stands for.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of the model.

    Returns
    -------
    tuple of int
        In pixels, 1 for networks without patches.

    Raises
    ------
    ValueError
        If they are no whole numbers above zero.
    """
    vision = vision_of(config)
    for name in ("patch_size", "tubelet_size"):
        if hasattr(vision, name):
            return _pair(vision, name)
    return 1, 1


def side_of(config: Any) -> tuple[int, int] | None:
    """Return height and width of the only pictures that a model takes.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of the model.

    Returns
    -------
    tuple of int or None
        In pixels; None if it takes pictures of other sizes too.
    """
    vision = vision_of(config)
    if config.model_type in ANY_SIZE or not hasattr(vision, "image_size"):
        return None
    return _pair(vision, "image_size")


def _declared(cls: Any, entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries that a configuration class declares itself, those of its parts included."""
    from transformers import PretrainedConfig

    common = inspect.signature(PretrainedConfig.__init__).parameters
    own = _OLD_NAMES | {name for name in inspect.signature(cls.__init__).parameters if name[0] != "_"}
    parts = {
        key: getattr(part, "config_class", part) for key, part in getattr(cls, "sub_configs", {}).items()
    }
    found = {}
    for key, value in entries.items():
        part = parts.get(key.removesuffix("_dict"))  # text_config_dict of old files goes before text_config
        if part is not None and isinstance(value, Mapping):
            found[key] = _declared(part, value)
        elif key in own and key not in common:
            found[key] = value
    return found


def _numbers(entries: Any, key: str = "") -> Iterator[tuple[str, float]]:
    """Yield the numbers of a configuration with the name of the entry that holds them."""
    if isinstance(entries, Mapping):
        for name, value in entries.items():
            yield from _numbers(value, name)
    elif isinstance(entries, list):
        for value in entries:
            yield from _numbers(value, key)
    elif isinstance(entries, int | float) and not isinstance(entries, bool):
        yield key, entries


def _check_size(config: Any, kind: Kind) -> None:
    """Raise unless the sizes of the vision tower are counts, and the number of its tokens is sensible."""
    vision = vision_of(config)
    width, layers = _count(vision, "hidden_size"), _count(vision, "num_hidden_layers")
    frames = _count(vision, kind.frames) if kind.frames else 1
    if hasattr(vision, "num_patches"):
        tokens = _count(vision, "num_patches")
    else:
        sides = _pair(vision, "crop_size" if hasattr(vision, "crop_size") else "image_size")
        tokens = math.prod(side // patch for side, patch in zip(sides, patch_of(config), strict=True))
    if not 0 < tokens * frames <= _MOST_TOKENS or tokens * frames * width > _MOST_CELLS:
        raise ValueError(f"it describes {tokens * frames} tokens of width {width} in {layers} layers")


def _count(config: Any, name: str) -> int:
    value = getattr(config, name, None)
    if type(value) is not int or value < 1:
        raise ValueError(f"{name} must be a whole number above zero, got {value!r}")
    return value


def _pair(config: Any, name: str) -> tuple[int, int]:
    """Return height and width of a size given as one number, two, or three with the time before them."""
    value = getattr(config, name)
    sides = list(value)[-2:] if isinstance(value, list | tuple) else [value, value]
    if len(sides) != 2 or any(type(one) is not int or one < 1 for one in sides):
        raise ValueError(f"{name} must be whole numbers above zero, got {value!r}")
    return sides[0], sides[1]
