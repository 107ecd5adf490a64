"""A network that is built without memory and read from a file is the saved one, tables included."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from shallow_networks import DEEP, shrunk, small

from vqa_features.extractors.deep._weights import checkpoint
from vqa_features.registry import registry

#: One network of each architecture, the last in the order of their names.
ONE_EACH = list({registry()[name].architecture or name: name for name in DEEP}.values())


@pytest.mark.parametrize("name", ONE_EACH)
def test_a_network_from_its_file_is_the_one_that_was_saved(tmp_path, name):
    cls = shrunk(name)
    saved = small(name).load()
    torch.save(saved.state_dict(), tmp_path / "weights.pth")
    with checkpoint.without_parameters():
        network = cls.network(cls.config)
    assert all(value.is_meta for value in network.parameters())
    checkpoint.read_into(network, tmp_path / "weights.pth")
    # buffers that no file holds (position tables, indices) are among these
    got, want = (dict(one.named_parameters()) | dict(one.named_buffers()) for one in (network, saved))
    assert got.keys() == want.keys()
    for key, value in want.items():
        assert not got[key].is_meta
        assert torch.equal(got[key], value), key


def test_another_thread_builds_with_memory_meanwhile():
    with checkpoint.without_parameters(), ThreadPoolExecutor(1) as pool:
        assert not pool.submit(torch.nn.Linear, 2, 2).result().weight.is_meta
        assert torch.nn.Linear(2, 2).weight.is_meta
    assert not torch.nn.Linear(2, 2).weight.is_meta
