"""Video Swin is torchvision's network, and loads the authors' and mmaction's weights."""

import pytest
import torch
from deep_parity import cases, check_case, expected_keys, filled_state, keys_of, reference

from vqa_features.backbones import build_backbone
from vqa_features.errors import ParameterError
from vqa_features.registry import make

TORCHVISION = {"tv_swin3d_t": "video-swin-t", "tv_swin3d_s": "video-swin-s", "tv_swin3d_b": "video-swin-b"}
AUTHORS = (
    "vswin_swin_tiny_patch244_window877",
    "vswin_swin_small_patch244_window877",
    "vswin_swin_base_patch244_window877",
    "vswin_swin_base_patch244_window1677",
)


def bare_keys(name):
    """The authors' keys as the reference outputs were made: no prefix, no classifier."""
    keys = reference(name)["keys_in_checkpoint"]
    return {
        key.removeprefix("backbone."): value for key, value in keys.items() if not key.startswith("cls_head")
    }


@pytest.mark.parametrize("name", TORCHVISION)
def test_keys_are_torchvisions(name):
    assert keys_of("video-swin", reference(name)["config"]) == expected_keys(name)
    assert keys_of(TORCHVISION[name]) == expected_keys(name), "the named variant is the reference's"


@pytest.mark.parametrize(("name", "case"), cases(*TORCHVISION))
def test_feature_is_torchvisions(name, case):
    check_case(name, case, "video-swin")


@pytest.mark.parametrize(("name", "case"), cases(*AUTHORS))
def test_feature_is_the_authors(name, case):
    check_case(name, case, "video-swin", bare_keys(name))


@pytest.mark.parametrize("name", AUTHORS)
def test_every_key_of_the_authors_files_has_a_place(name):
    config = reference(name)["config"]
    with torch.device("meta"):
        network = build_backbone("video-swin", config=config)
    own = network.state_dict()
    official = reference(name)["keys_in_checkpoint"]
    renamed = {network.rename(key.removeprefix("backbone.")): shape for key, (shape, _) in official.items()}
    assert renamed == {key: list(value.shape) for key, value in own.items()}


def test_wrapped_prefixed_and_mmaction_spellings_give_the_same_network():
    name = AUTHORS[0]
    state = filled_state(bare_keys(name), 1.0)
    mmaction = {
        "backbone." + key.replace("norm.", "norm3.", 1): state[key] for key in ("norm.weight", "norm.bias")
    }
    mmaction |= {f"backbone.{key}": value for key, value in state.items() if not key.startswith("norm.")}
    mmaction |= {"cls_head.fc_cls.weight": torch.zeros(174, 768), "cls_head.fc_cls.bias": torch.zeros(174)}
    networks = []
    for spelling in (state, {"meta": {}, "state_dict": mmaction}):
        network = build_backbone("video-swin", config=reference(name)["config"])
        dropped = network.load_official(spelling)
        networks.append(network.state_dict())
    assert dropped == ["cls_head.fc_cls.weight", "cls_head.fc_cls.bias"], "another set of classes is left out"
    one, other = networks
    assert all(torch.equal(one[key], other[key]) for key in one if not key.startswith("head."))


def test_missing_and_unexpected_keys_are_listed():
    network = build_backbone("video-swin-t")
    state = dict(network.state_dict())
    state["stranger"] = state.pop("norm.weight")
    with pytest.raises(ParameterError, match=r"1 missing: norm\.weight; 1 unexpected: stranger"):
        network.load_official(state)


def test_a_tap_reads_a_stage_of_the_network():
    network = build_backbone("video-swin-t", weights="random")
    clip = torch.randn(2, 3, 4, 33, 40, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        last = network.embed(clip, tap=-1)
        both = network.embed(clip, tap=("features.0", "features.6"), reduce="mean+std")
    assert last.shape == (2, 768)
    assert both.shape == (2, 2 * (96 + 768))
    torch.testing.assert_close(both[:, 192:960], last)
    assert list(make("video-swin-t").taps) == network.stages()


def test_the_window_16_variant_has_the_authors_recipe():
    extractor = make("video-swin-b-w16@random")
    windows = extractor.windows(300, 25.0)
    assert windows.shape == (4, 32)
    assert windows[0].tolist() == list(range(29, 93, 2))
    assert extractor.crops == 3
    assert keys_of("video-swin-b-w16") == keys_of("video-swin", reference(AUTHORS[3])["config"])
