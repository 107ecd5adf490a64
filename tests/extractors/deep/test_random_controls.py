"""A random control is a function of its input: every network, every type of `KINDS`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hub_folders import SIDE, tiny_model
from numpy.typing import NDArray
from shallow_networks import DEEP, small

from vqa_features.extractors.deep._hub.kinds import KINDS
from vqa_features.extractors.deep._networks.layers import Backbone
from vqa_features.extractors.deep._preprocess import Preprocess
from vqa_features.extractors.deep._weights.random_weights import randomise

#: Least difference of the vectors of two unlike pictures, in units of the longer one; .14 is the least seen.
VARIES = 0.1
_NOISE = np.random.default_rng(5).integers(0, 256, (2 * SIDE, 2 * SIDE, 3), dtype=np.uint8)
_RAMP = np.broadcast_to(np.arange(0, 8 * SIDE, 4, dtype=np.uint8)[:, None], _NOISE.shape)


def difference(network: Backbone, preprocess: Any, frames: int) -> float:
    """Difference of the vectors of noise and of a ramp, in units of the longer one."""

    def clip(picture: NDArray[np.uint8]) -> torch.Tensor:
        return torch.from_numpy(np.stack([preprocess(picture)] * frames, axis=2))

    with torch.inference_mode():
        one, other = network.embed(torch.cat([clip(_NOISE), clip(_RAMP)]))
    return float((one - other).norm() / max(one.norm(), other.norm()))


@pytest.mark.parametrize("name", DEEP)
def test_a_random_network_varies_with_its_input(name):
    extractor = small(name)
    frames = extractor.windows(200, 25.0).shape[1]
    assert difference(extractor.load(), extractor.preprocess, frames) > VARIES


@pytest.mark.parametrize("kind", KINDS)
def test_a_random_model_of_the_library_varies_with_its_input(kind):
    pytest.importorskip("transformers")
    from vqa_features.extractors.deep._hub.network import HubNetwork

    models = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        models.append(tiny_model(kind).eval())
        randomise(models[-1])
    first, second = (model.state_dict() for model in models)
    assert all(torch.equal(value, second[key]) for key, value in first.items()), "names alone decide"
    frames = 4 if KINDS[kind].frames else 1
    assert difference(HubNetwork(models[0], KINDS[kind]), Preprocess(SIDE, SIDE), frames) > VARIES
