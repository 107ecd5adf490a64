"""Deep extractors with the real recipes, whose networks are random, shallow and see small pictures."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

from vqa_features.extractors.deep._base import DeepExtractor
from vqa_features.registry import make, registry

DEEP = [name for name, cls in registry().items() if cls.family == "deep" and not name.endswith(":")]


def shallow(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with one or two blocks per stage."""
    changed = dict(config)
    for key, value in config.items():
        if key in ("depth", "depths", "layers"):
            changed[key] = [1] * len(value) if isinstance(value, list) else 2
    if "return_list" in config:
        changed["return_list"] = [0, 1]
    if "clip_embed_dim" in config:  # the vector's width is not that of the blocks
        changed["embed_dim"] = 16 * config["num_heads"]
    return changed


@cache
def shrunk(name: str) -> type[DeepExtractor]:
    """The extractor's class with a shallow network and, for video networks, a small picture."""
    cls: Any = registry()[name]
    body: dict[str, Any] = {"config": shallow(dict(cls.config))}
    preprocess = make(f"{name}@random").preprocess
    if preprocess.crop is not None and cls.group != "cnn":
        side = (
            4 * cls.config.get("patch_size", 16) if "layers" in cls.config or "img_size" in cls.config else 64
        )
        for key in {"img_size", "input_resolution"} & set(cls.config):
            body["config"][key] = side
        resize = side + 8 if isinstance(preprocess.resize, int) else (side + 8, side + 16)
        body["preprocess"] = dataclasses.replace(preprocess, resize=resize, crop=side)
    if cls.group == "quality-network":
        body["preprocess"] = dataclasses.replace(preprocess, resize=(64, 64))
    return type(f"Shallow{cls.__name__}", (cls,), body)


def small(name: str, **changes: Any) -> DeepExtractor:
    """The extractor with random weights, one short clip and one crop."""
    cls = shrunk(name)
    names = {field.name for field in dataclasses.fields(cls)}
    few: dict[str, Any] = {"clips": 1, "crops": 1}
    if name.startswith(("video-swin", "uniformer-", "r", "mc", "slowfast", "i3d", "x3d", "mvit")):
        few["frames"] = 4
    if cls.group == "quality-network":
        few["frames"] = 8
    parameters = {key: value for key, value in few.items() if key in names} | changes
    return cls(weights="random", **parameters)
