"""Configuration of a transformers model: what of ``config.json`` is used.

Only the entries that the library's configuration class of the type declares are used. What would load code,
kernels or quantised weights is refused or left out; the attention is chosen here.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from vqa_features.errors import ParameterError
from vqa_features.files.names import escaped_name
from vqa_features.files.reading import reading

from .files import ModelFiles
from .folder import parse_object
from .kinds import KINDS, Kind
from .sizes import check_heads, count, depth_of, dim_of, layers_of, pair, patch_of, vision_of
from .towers import UNKNOWN, known_types, tower_entries

#: Characters of a name that a message shows.
_SHOWN = 100
#: Entries of published files that the classes understand without declaring them.
_OLD_NAMES = {"qkv_bias"}
#: The greatest whole number of a configuration, of layers, tokens, and tokens times width. The largest
#: published model of these types has 48 layers and 18 432 tokens of width 1408.
_MOST = 1 << 20
_MOST_LAYERS = 512
_MOST_TOKENS = 1 << 17
_MOST_CELLS = 1 << 26


def read_config(files: ModelFiles) -> Any:
    """Return the configuration of a model, of its vision tower alone where `TOWERS` has its type.

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
        If it is not usable, its type is neither in `KINDS` nor in `TOWERS`, or it describes a model of absurd
        size.
    """
    return _read(files)[0]


def read_kind(files: ModelFiles) -> Kind:
    """Return what a model takes and which vector is read.

    Parameters
    ----------
    files : ModelFiles
        The model.

    Returns
    -------
    Kind
        Of a tower inside a larger model, the vector is the mean of the tokens.

    Raises
    ------
    ParameterError
        As `read_config`.
    """
    return _read(files)[1]


@functools.lru_cache(maxsize=16)
def _read(files: ModelFiles) -> tuple[Any, Kind]:
    """Return the configuration of a model and its kind."""
    path = files.folder / "config.json"
    entries = parse_object(files.config, path)
    with reading(path, "a model's configuration", ParameterError):
        tower = tower_entries(entries)
        name = tower.get("model_type")
        if not isinstance(name, str) or name not in KINDS:
            raise ParameterError(f"{escaped_name(path)} is of type {_named(name)}; {known_types()}")
        kind = KINDS[name] if tower is entries else replace(KINDS[name], pooled="mean", inside=True)
        for key, value in _numbers(tower):
            most = _MOST_LAYERS if "layers" in key or "depth" in key else _MOST
            if not abs(value) <= most:
                raise ValueError(f"{key} is {value}, at most {most} is allowed")
        from transformers import CONFIG_MAPPING

        config = CONFIG_MAPPING[name](**_declared(CONFIG_MAPPING[name], tower))
        _check_size(config, kind)
    return config, kind


def _named(name: Any) -> str:
    """Return a type of model that is not known, and why it is not."""
    from transformers import CONFIG_MAPPING, __version__

    shown = repr(name)[:_SHOWN]
    if not isinstance(name, str):
        return shown
    if name in UNKNOWN:
        return f"{shown}: {UNKNOWN[name]}"
    if name not in CONFIG_MAPPING:
        return (
            f"{shown}, which transformers {__version__} lacks: the model needs its own code, which is never "
            "run, or a later release of the library"
        )
    return shown


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
    layers = depth_of(config, kind)
    if layers > _MOST_LAYERS:
        raise ValueError(f"it describes {layers} layers, at most {_MOST_LAYERS} are allowed")
    width = max(*layers_of(config, kind).values(), dim_of(config, kind))
    check_heads(config, kind)
    frames = count(vision, kind.frames) if kind.frames else 1
    if hasattr(vision, "num_patches"):
        tokens = count(vision, "num_patches")
    else:
        sizes = [name for name in ("crop_size", "image_size") if hasattr(vision, name)]
        sides = pair(vision, sizes[0]) if sizes else patch_of(config)
        tokens = math.prod(side // patch for side, patch in zip(sides, patch_of(config), strict=True))
    if not 0 < tokens * frames <= _MOST_TOKENS or tokens * frames * width > _MOST_CELLS:
        raise ValueError(f"it describes {tokens * frames} tokens of width {width} in {layers} layers")
