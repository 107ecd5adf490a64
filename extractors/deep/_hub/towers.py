"""Vision towers inside larger models: their part of the configuration, and of the names of the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from .kinds import KINDS

#: Types of models with a language model behind the tower, and the type of their tower; "" where the
#: configuration of the tower names it.
TOWERS: Mapping[str, str] = {
    "internvl": "internvl_vision",
    "qwen2_vl": "qwen2_vl_vision",
    "qwen2_5_vl": "qwen2_5_vl_vision",
    "qwen3_vl": "qwen3_vl_vision",
    "llava": "",
    "llava_onevision": "",
    "vipllava": "",
    "paligemma": "",
    "gemma3": "",
    "aya_vision": "",
}
_TIMM = "its image tower is a model of the timm library, which is not used"
#: Types that cannot be known, and why.
UNKNOWN: Mapping[str, str] = {
    "pe_video": _TIMM,
    "pe_video_encoder": _TIMM,
    "pe_audio_video": _TIMM,
    "perception_lm": _TIMM,
    "fast_vlm": _TIMM,
    "gemma3n": _TIMM,
    "timm_wrapper": _TIMM,
    "timm_backbone": _TIMM,
    "vit_mae": "its encoder drops patches at random",
}
#: What the names of a tower's weights begin with, in files of different years.
_PREFIXES = ("model.vision_tower.", "model.visual.", "vision_tower.", "visual.")

T = TypeVar("T")


def known_types() -> str:
    """Return in words which types of models are known.

    Returns
    -------
    str
    """
    return f"known types are {', '.join(KINDS)}, and the vision towers of {', '.join(TOWERS)}"


def tower_entries(entries: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the configuration of the vision tower, which is the whole where the type is not in `TOWERS`.

    Parameters
    ----------
    entries : mapping
        Entries of ``config.json``.

    Returns
    -------
    mapping
        With the type of the tower as its ``model_type``.

    Raises
    ------
    ValueError
        If a larger model has no configuration of a tower.
    """
    kind = entries.get("model_type")
    if not isinstance(kind, str) or kind not in TOWERS:
        return entries
    tower = entries.get("vision_config")
    if not isinstance(tower, Mapping):
        raise ValueError(f"a model of type {kind} must have an object vision_config, got {tower!r}")
    # the pooling layer of SigLIP is in the files of no larger model
    return {**tower, "model_type": TOWERS[kind] or tower.get("model_type"), "vision_use_head": False}


def tower_weights(weights: Mapping[str, T]) -> dict[str, T]:
    """Return what belongs to the vision tower of a larger model, under the tower's own names.

    Parameters
    ----------
    weights : mapping
        By the names of the whole model.

    Returns
    -------
    dict
    """
    return {
        name.removeprefix(prefix): value
        for name, value in weights.items()
        for prefix in _PREFIXES
        if name.startswith(prefix)
    }
