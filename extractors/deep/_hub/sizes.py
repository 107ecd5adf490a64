"""Sizes of a vision tower, from its configuration alone: layers and their widths, patches, the vector."""

from __future__ import annotations

from typing import Any

from .kinds import KINDS, Kind

#: Side in pixels of the first cells of networks whose configuration does not name it: two convolutions of
#: stride 2, or one of stride 4.
_STEM = 4
#: Entries that some types have beside the depths, with the number of stages.
_COUNTS = ("num_stages", "num_encoder_blocks")


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


def depth_of(config: Any, kind: Kind) -> int:
    """Return the number of layers, those of all stages added.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of the model.
    kind : Kind
        Of its type.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If a depth is no whole number above zero.
    """
    vision = vision_of(config)
    if kind.depth == "depths":
        return sum(_counts(vision.depths, "depths"))
    return sum(count(vision, name) for name in kind.depth.split("+"))


def layers_of(config: Any, kind: Kind) -> dict[str, int]:
    """Return the width of every layer of a transformer, or of every stage of a network of stages.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of the model.
    kind : Kind
        Of its type.

    Returns
    -------
    dict
        ``layer1`` or ``stage1`` to the last.

    Raises
    ------
    ValueError
        If a size is no whole number above zero, or the lists do not fit each other.
    """
    vision = vision_of(config)
    if kind.depth != "depths":
        width = count(vision, kind.width)
        return {f"layer{k}": width for k in range(1, depth_of(config, kind) + 1)}
    depths, widths = _counts(vision.depths, "depths"), getattr(vision, kind.width)
    if isinstance(widths, list | tuple):
        sizes = _counts(widths, kind.width)
    else:
        first, growth = count(vision, kind.width), float(getattr(vision, "embed_dim_multiplier", 2))
        sizes = [int(first * growth**k) for k in range(len(depths))]
    stages = [len(sizes), *(count(vision, name) for name in _COUNTS if hasattr(vision, name))]
    if set(stages) != {len(depths)} or min(sizes) < 1:
        raise ValueError(f"{len(depths)} depths do not fit {kind.width} {widths!r} in {max(stages)} stages")
    return {f"stage{k}": size for k, size in enumerate(sizes, 1)}


def check_heads(config: Any, kind: Kind) -> None:
    """Raise unless the attention heads of every layer or stage divide its width.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of the model.
    kind : Kind
        Of its type.

    Raises
    ------
    ValueError
        If they do not, or are no whole numbers above zero.
    """
    vision, widths = vision_of(config), list(layers_of(config, kind).values())
    name = "num_heads" if hasattr(vision, "num_heads") else "num_attention_heads"
    heads = getattr(vision, name, 1)
    each = _counts(heads if isinstance(heads, list | tuple) else [heads] * len(widths), name)
    if len(each) != len(widths) or any(width % one for width, one in zip(widths, each, strict=True)):
        raise ValueError(f"{heads!r} attention heads do not divide the widths {list(dict.fromkeys(widths))}")


def dim_of(config: Any, kind: Kind) -> int:
    """Return the width of the vector.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of the model, of sizes that `layers_of` takes.
    kind : Kind
        Of its type.

    Returns
    -------
    int
    """
    return int(getattr(config, kind.dim)) if kind.dim else [*layers_of(config, kind).values()][-1]


def patch_of(config: Any) -> tuple[int, int]:
    """Return height and width of the patch that a token of the first layer stands for.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of the model.

    Returns
    -------
    tuple of int
        In pixels.

    Raises
    ------
    ValueError
        If they are no whole numbers above zero.
    """
    vision = vision_of(config)
    given = [name for name in ("patch_stride", "patch_size", "tubelet_size") if hasattr(vision, name)]
    return pair(vision, given[0]) if given else (_STEM, _STEM)


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
    if KINDS[config.model_type].any_size or getattr(vision, "is_native", False):
        return None
    return pair(vision, "image_size") if hasattr(vision, "image_size") else None


def smallest_of(config: Any) -> int:
    """Return the side of the smallest picture, which gives one token of the last layer.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of the model.

    Returns
    -------
    int
        In pixels.
    """
    stages = len(layers_of(config, KINDS[config.model_type])) if hasattr(vision_of(config), "depths") else 1
    return min(patch_of(config)) * 2 ** (stages - 1)


def count(config: Any, name: str) -> int:
    """Return a whole number above zero of a configuration; anything else is a ValueError.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of a model or of a part of it.
    name : str
        Of the entry.

    Returns
    -------
    int
    """
    return _counts([getattr(config, name, None)], name)[0]


def pair(config: Any, name: str) -> tuple[int, int]:
    """Return height and width of a size given as one number, two, or three with the time before them.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of a model or of a part of it.
    name : str
        Of the entry.

    Returns
    -------
    tuple of int

    Raises
    ------
    ValueError
        If they are no whole numbers above zero.
    """
    value = getattr(config, name)
    sides = list(value)[-2:] if isinstance(value, list | tuple) else [value, value]
    if len(sides) != 2 or any(type(one) is not int or one < 1 for one in sides):
        raise ValueError(f"{name} must be whole numbers above zero, got {value!r}")
    return sides[0], sides[1]


def _counts(values: Any, name: str) -> list[int]:
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{name} must be a list of whole numbers above zero, got {values!r}")
    for value in values:
        if type(value) is not int or value < 1:
            raise ValueError(f"{name} must be a whole number above zero, got {value!r}")
    return list(values)
