"""Hold a network to the official code's outputs on weights and inputs made from names.

The expected outputs in tests/data/backbones were computed with the official code on weights and
inputs that depend on nothing but their key and shape; `fill` and `make_input` make them again.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vqa_features.backbones import build_backbone

FOLDER = Path(__file__).resolve().parent.parent / "data" / "backbones"
#: Of the feature's standard deviation. The official code in float32 and float64 differ by 2.2e-6,
#: the smallest mistake that was tried (a wrong epsilon) by more than 1e-5.
SMALL = 1e-5
#: At full size sums are longer.
FULL = 5e-5
_TABLES = (
    "pos_embed",
    "positional_embedding",
    "class_embedding",
    "cls_token",
    "bias_table",
    "temporal_embedding",
    "mask_token",
)


def _normal(text: str, shape: tuple[int, ...]) -> np.ndarray:
    """Standard normal numbers that depend on a text alone (NumPy's frozen legacy generator)."""
    return np.random.RandomState(zlib.crc32(text.encode())).standard_normal(shape)


def fill(key: str, shape: tuple[int, ...], scale: float = 1.0) -> torch.Tensor:
    """The value of a state-dict entry; a small `scale` makes every norm's epsilon matter."""
    normal, leaf = _normal(key, tuple(shape)), key.rsplit(".", 1)[-1]
    if leaf == "running_var":
        value = (1 + 0.1 * np.abs(normal)) * scale * scale
    elif leaf == "running_mean":
        value = 0.1 * normal * scale
    elif any(word in leaf for word in _TABLES):
        value = 0.5 * normal * scale
    elif len(shape) >= 2:
        value = normal / np.sqrt(float(np.prod(shape[1:]))) * scale
    elif leaf in ("weight", "gamma"):
        value = 1 + 0.1 * normal
    else:
        value = 0.1 * normal * scale
    return torch.from_numpy(np.asarray(value, dtype=np.float32))


def make_input(tag: str, shape: list[int]) -> torch.Tensor:
    """The network input of a case."""
    return torch.from_numpy(_normal("input:" + tag, tuple(shape)).astype(np.float32))


def reference(name: str) -> dict[str, Any]:
    """Configuration, keys and cases of one official network."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def cases(*names: str) -> list[tuple[str, int]]:
    """(name, case number) of every case whose expected outputs are here, for parametrisation."""
    return [
        (name, number)
        for name in names
        if (FOLDER / f"{name}.npz").exists()
        for number in range(len(reference(name)["cases"]))
    ]


def keys_of(backbone: str, config: dict[str, Any] | None = None) -> dict[str, list[int]]:
    """State-dict keys and shapes of a network built without memory."""
    with torch.device("meta"):
        network = build_backbone(backbone, config=config)
    return {key: list(value.shape) for key, value in network.state_dict().items()}


def expected_keys(name: str) -> dict[str, list[int]]:
    """State-dict keys and shapes of the official network."""
    return {key: shape for key, (shape, _) in reference(name)["keys"].items()}


def filled_state(shapes: dict[str, Any], scale: float) -> dict[str, torch.Tensor]:
    """Filled entries for {key: (shape, dtype)}, floating ones alone."""
    return {k: fill(k, shape, scale) for k, (shape, dtype) in shapes.items() if "float" in dtype}


def check_case(name: str, number: int, backbone: str, state: dict[str, Any] | None = None) -> None:
    """Assert that our feature is the official one on case `number` of reference `name`.

    `state` gives the official spelling and shapes of the keys where they differ from ours.
    """
    known = reference(name)
    case = known["cases"][number]
    network = build_backbone(backbone, config=known["config"])
    network.load_official(filled_state(state or known["keys"], case["param_scale"]))
    with torch.inference_mode():
        got = network.embed(make_input(case["input_tag"], case["input_shape"]), **case["call"]).numpy()
    with np.load(FOLDER / f"{name}.npz") as stored:
        want = stored[f"case{number}_feature"]
    full = case["input_tag"].rpartition(":")[2] in ("official", "f1", "f2")
    np.testing.assert_allclose(got, want, rtol=0, atol=(FULL if full else SMALL) * want.std())
