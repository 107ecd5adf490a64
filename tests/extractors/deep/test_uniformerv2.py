"""UniFormerV2 is the official network, in every released variant."""

import pytest
import torch
from deep_parity import cases, check_case, expected_keys, filled_state, keys_of, make_input, reference

from vqa_features.backbones import build_backbone
from vqa_features.errors import ParameterError
from vqa_features.registry import make

VARIANTS = {
    "uniformerv2-b": "uniformerv2_b16",
    "uniformerv2-l": "uniformerv2_l14",
    "uniformerv2-l-336": "uniformerv2_l14_336",
    "uniformerv2-l-336-frozen": "uniformerv2_l14_336_frozen",
    "uniformerv2-b-ssv2": "uniformerv2_b16_ssv2",
    "uniformerv2-l-ssv2": "uniformerv2_l14_ssv2",
}
REDUCED = ("uniformerv2_tiny", "uniformerv2_tiny_frozen", "uniformerv2_tiny_lmhra")
TINY = reference("uniformerv2_tiny")
STATE = filled_state(TINY["keys"], 1.0)
INPUT = make_input(TINY["cases"][0]["input_tag"], TINY["cases"][0]["input_shape"])


def embed(network, clips=INPUT, **options):
    with torch.inference_mode():
        return network.embed(clips, **options)


@pytest.fixture
def tiny():
    return build_backbone("uniformerv2", config=TINY["config"])


@pytest.fixture
def loaded(tiny):
    tiny.load_official(STATE)
    return tiny


@pytest.mark.parametrize("variant", VARIANTS)
def test_keys_of_each_variant_are_the_official_ones(variant):
    assert keys_of(variant) == expected_keys(VARIANTS[variant])


@pytest.mark.parametrize("name", [*REDUCED, "uniformerv2_tiny_lmhra1", *VARIANTS.values()])
def test_keys_of_each_configuration_are_the_official_ones(name):
    assert keys_of("uniformerv2", reference(name)["config"]) == expected_keys(name)


@pytest.mark.parametrize(("name", "case"), cases(*REDUCED))
def test_feature_is_the_official_one(name, case):
    check_case(name, case, "uniformerv2")


@pytest.mark.slow
def test_feature_at_full_size_is_the_official_one():
    check_case("uniformerv2_b16", 0, "uniformerv2")


@pytest.mark.parametrize(
    ("wrapper", "prefix"),
    [(None, "backbone."), ("model_state", "module.backbone."), ("state_dict", "module.")],
)
def test_official_spellings_load_the_same_weights(tiny, loaded, wrapper, prefix):
    spelled = {prefix + key: value for key, value in STATE.items()}
    left_out = tiny.load_official({wrapper: spelled, "epoch": 5} if wrapper else spelled)
    assert left_out == []
    assert torch.equal(embed(tiny), embed(loaded))


def test_mmactions_spelling_loads_the_same_weights(tiny, loaded):
    own = {"transformer.proj.0.": "transformer.norm.", "transformer.proj.2.": "cls_head.fc_cls."}
    state = {}
    for key, value in STATE.items():
        head = key[: len("transformer.proj.0.")]
        name = own.get(head, head) + key.removeprefix(head)
        state[name if name.startswith("cls_head.") else f"backbone.{name}"] = value
    assert tiny.load_official({"meta": {}, "state_dict": state}) == []
    assert torch.equal(embed(tiny), embed(loaded))


def test_a_classifier_of_other_classes_is_left_out_and_named(tiny, loaded):
    other = {
        **STATE,
        "transformer.proj.2.weight": torch.zeros(710, 64),
        "transformer.proj.2.bias": torch.zeros(710),
    }
    assert tiny.load_official(other) == ["transformer.proj.2.weight", "transformer.proj.2.bias"]
    assert torch.equal(embed(tiny), embed(loaded))


def test_a_missing_and_an_unexpected_key_are_both_named(tiny):
    wrong = {key: value for key, value in STATE.items() if key != "transformer.balance"}
    with pytest.raises(ParameterError, match=r"missing: transformer\.balance.*unexpected: extra"):
        tiny.load_official({**wrong, "extra": torch.zeros(1)})


def test_a_configuration_that_is_not_whole_names_what_it_lacks():
    with pytest.raises(ParameterError, match="config of uniformerv2 lacks 'width'"):
        build_backbone("uniformerv2", config={k: v for k, v in TINY["config"].items() if k != "width"})
    with pytest.raises(ParameterError, match=r"config of video-swin does not fit: .*'patch_size'"):
        build_backbone("video-swin", config={})


def test_a_position_table_of_another_size_is_interpolated(loaded):
    larger = build_backbone("uniformerv2", config={**TINY["config"], "input_resolution": 48})
    larger.load_official(STATE)
    clips = torch.nn.functional.interpolate(INPUT, (4, 48, 48))
    # Made for the size, or meeting it: the same table either way.
    assert torch.equal(embed(larger, clips), embed(loaded, clips))


def test_any_number_of_frames_is_taken(loaded):
    assert embed(loaded, INPUT[:, :, :3]).shape == (2, 64)


def test_tapped_tokens_are_those_of_all_frames(loaded):
    mean = embed(loaded, tap=0, reduce="mean")
    frames = [embed(loaded, INPUT[:, :, t : t + 1], tap=0, reduce="mean") for t in range(4)]
    # The first block sees each frame on its own, so the mean over a clip is the mean of its frames.
    torch.testing.assert_close(mean, torch.stack(frames).mean(0))
    assert embed(loaded, tap=(1, -1), reduce="mean+cls").shape == (2, 4 * 64)


def test_clips_take_one_frame_of_each_segment():
    extractor = make("uniformerv2-b@random")
    assert extractor.windows(240, 30.0)[0].tolist() == [5, 35, 65, 95, 125, 154, 184, 214]
    assert make("uniformerv2-b-ssv2@random").windows(240, 30.0).shape == (1, 16)
    assert make("uniformerv2-l-336-frozen@random").windows(240, 30.0).shape == (3, 8)
