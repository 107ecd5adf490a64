"""UniFormer is the authors' network."""

import pytest
import torch
from deep_parity import cases, check_case, expected_keys, keys_of, reference

from vqa_features.backbones import build_backbone
from vqa_features.registry import make

NAMED = {"uniformer_s": "uniformer-s", "uniformer_b": "uniformer-b"}
TINY = ("uniformer_tiny", "uniformer_tiny_split", "uniformer_tiny_std")


@pytest.mark.parametrize("name", [*NAMED, *TINY])
def test_keys_are_the_authors(name):
    assert keys_of("uniformer", reference(name)["config"]) == expected_keys(name)
    if name in NAMED:
        assert keys_of(NAMED[name]) == expected_keys(name), "the named variant is the reference's"


@pytest.mark.parametrize(("name", "case"), cases(*NAMED, *TINY))
def test_feature_is_the_authors(name, case):
    check_case(name, case, "uniformer")


def test_mmaction_spelling_loads():
    network = build_backbone("uniformer-s", weights="random")
    state = {
        "cls_head.fc_cls." + key.removeprefix("head.")
        if key.startswith("head.")
        else f"backbone.{key}": value
        for key, value in network.state_dict().items()
    }
    other = build_backbone("uniformer-s")
    assert other.load_official({"state_dict": state}) == []
    assert all(torch.equal(value, other.state_dict()[key]) for key, value in network.state_dict().items())


def test_taps_are_the_blocks():
    extractor = make("uniformer-s[tap=-1+blocks2.0]")
    assert extractor.tap == ("blocks4.2", "blocks2.0")
    assert len(extractor.features) == 512 + 128
    with torch.device("meta"):
        assert list(extractor.taps) == build_backbone("uniformer-s").stages()
