"""Models that are not loaded, each told in one sentence: layouts of other libraries, and own code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vqa_features.errors import ParameterError
from vqa_features.files.names import escaped_name, escaped_text

_CODE = (
    "the model needs its own code, which is never run; choose a model of the library's own classes (a "
    "conversion to them often has -hf in its name)"
)
_QUANTISED = "quantised weights are not loaded; choose the model in full or half precision"
#: Entries that ask for what is not done, in any configuration file of a model, and what to do instead.
REFUSED = {
    "auto_map": _CODE,
    "quantization_config": _QUANTISED,
    "compression_config": _QUANTISED,
    "peft_config": "adapters are not loaded; merge them into the model and save that",
    "trust_remote_code": _CODE,
}
_CHOOSE = "choose a conversion to the transformers library, whose config.json has a model_type"
#: What a folder holds that has such a file and no configuration of the transformers library.
_LAYOUTS = {
    "adapter_config.json": (
        "an adapter of another model (adapter_config.json); adapters are not loaded: merge it into its model "
        "and save that"
    ),
    "open_clip_config.json": f"a model of open_clip; such models are not loaded: {_CHOOSE}",
    "model_index.json": (
        "a pipeline of diffusers, which has several networks; pipelines are not loaded: give the folder of a "
        "vision model of the transformers library in it"
    ),
    "modules.json": (
        "a model of sentence-transformers; such models are not loaded: give the vision model of the "
        "transformers library that it is made of"
    ),
    "params.json": f"a model in its authors' own layout (params.json), which is not loaded: {_CHOOSE}",
}
#: Entries of a configuration of timm, whose models have no model_type.
_TIMM = ("architecture", "pretrained_cfg")


def refuse_layout(model: str, folder: Path, entries: Mapping[str, Any] | None) -> None:
    """Raise if a folder is none of the transformers library's.

    Parameters
    ----------
    model : str
        Id on the hub, or the folder, as it was given.
    folder : Path
        Its folder.
    entries : mapping or None
        Content of its ``config.json``; None if there is none.

    Raises
    ------
    ParameterError
        Saying what it is.
    """
    kind = None if entries is None else entries.get("model_type")
    if os.path.lexists(folder / "adapter_config.json"):
        found = _LAYOUTS["adapter_config.json"]
    elif kind is not None:
        return
    elif entries is not None and any(key in entries for key in _TIMM):
        name = entries.get("architecture")
        shown = f" ({escaped_text(name)[:100]})" if isinstance(name, str) else ""
        found = f"a model of timm{shown}; such models are not loaded: {_CHOOSE}"
    elif entries is not None and "_class_name" in entries:
        found = f"a part of a pipeline of diffusers; such models are not loaded: {_CHOOSE}"
    else:
        marks = [what for name, what in _LAYOUTS.items() if os.path.lexists(folder / name)]
        if not marks and has_gguf(folder):
            marks = [f"GGUF files alone; {_QUANTISED}"]
        if not marks:
            return
        found = marks[0]
    raise ParameterError(f"hf:{model} holds {found}")


def has_gguf(folder: Path) -> bool:
    """Return whether a folder has weights in the format GGUF."""
    return any(entry.name.endswith(".gguf") for entry in os.scandir(folder))


def refuse(entries: Mapping[str, Any], source: Path) -> None:
    """Raise if a configuration asks, at any depth, for code, quantised weights or adapters.

    Parameters
    ----------
    entries : mapping
        The configuration.
    source : Path
        Its file, for the message.

    Raises
    ------
    ParameterError
        Naming the entry.
    """
    for key, value in entries.items():
        if key in REFUSED and value:
            raise ParameterError(f"{escaped_name(source)} has {key}: {REFUSED[key]}")
        if isinstance(value, Mapping):
            refuse(value, source)
