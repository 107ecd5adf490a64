"""InternVideo's generative and multimodal encoders are the official networks."""

import numpy as np
import pytest
import torch
from deep_parity import (
    FOLDER,
    SMALL,
    cases,
    check_case,
    expected_keys,
    fill,
    filled_state,
    keys_of,
    make_input,
    reference,
)

from vqa_features.backbones import build_backbone
from vqa_features.errors import ParameterError
from vqa_features.extractors.deep._networks.positions import sinusoid_table
from vqa_features.extractors.deep.internvideo import decimated
from vqa_features.registry import make

MAE = {
    "internvideo-mae-b": "iv1_videomae_base",
    "internvideo-mae-l": "iv1_videomae_large",
    "internvideo-mae-h": "iv1_videomae_huge",
}
MM = {"internvideo-mm-b": "iv1_mm_b16", "internvideo-mm-l": "iv1_mm_l14"}
REDUCED_MAE = ("iv1_videomae_tiny", "iv1_videomae_tiny_gamma", "iv1_videomae_tiny_encoder")


def embed(network, clips, **options):
    with torch.inference_mode():
        return network.embed(clips, **options)


def inputs(name):
    case = reference(name)["cases"][0]
    return make_input(case["input_tag"], case["input_shape"])


def stored(name, output):
    with np.load(FOLDER / f"{name}.npz") as arrays:
        return arrays[output]


@pytest.mark.parametrize("variant", MAE | MM)
def test_keys_of_each_variant_are_the_official_ones(variant):
    assert keys_of(variant) == expected_keys((MAE | MM)[variant])


@pytest.mark.parametrize("name", [*REDUCED_MAE, *MAE.values()])
def test_keys_of_each_generative_configuration_are_the_official_ones(name):
    assert keys_of("internvideo-mae", reference(name)["config"]) == expected_keys(name)


@pytest.mark.parametrize("name", ["iv1_mm_tiny", *MM.values()])
def test_keys_of_each_multimodal_configuration_are_the_official_ones(name):
    assert keys_of("internvideo-mm", reference(name)["config"]) == expected_keys(name)


@pytest.mark.parametrize(("name", "case"), cases(*REDUCED_MAE))
def test_generative_feature_is_the_official_one(name, case):
    check_case(name, case, "internvideo-mae")


@pytest.mark.parametrize(("name", "case"), cases("iv1_mm_tiny"))
def test_multimodal_feature_is_the_official_one(name, case):
    check_case(name, case, "internvideo-mm")


def test_position_table_is_the_official_one():
    assert np.array_equal(sinusoid_table(32, 64).numpy(), stored("iv1_sinusoid_table", "out_32_64"))


def test_videomae_2s_hub_spelling_without_a_classifier_gives_the_same_feature():
    known = reference("iv1_videomae_tiny")
    case = known["cases"][0]
    state = filled_state(known["keys"], case["param_scale"])
    network = build_backbone("internvideo-mae", config=known["config"])
    hub = {f"model.{key}": value for key, value in state.items() if not key.startswith("head.")}
    assert network.load_official(hub) == []
    want = stored("iv1_videomae_tiny", "case0_feature")
    np.testing.assert_allclose(
        embed(network, inputs("iv1_videomae_tiny")).numpy(), want, rtol=0, atol=SMALL * want.std()
    )


def test_a_pretraining_file_makes_the_encoder_of_its_layout():
    known = reference("iv1_videomae_tiny_encoder")
    network = build_backbone("internvideo-mae", config=reference("iv1_videomae_tiny")["config"])
    file = {f"encoder.{key}": fill(key, shape) for key, (shape, _) in known["keys"].items()}
    decoder = {"decoder.norm.weight": torch.ones(8), "mask_token": torch.zeros(1, 1, 8)}
    with pytest.warns(UserWarning, match="pre-trained encoder"):
        left_out = network.load_official(
            {"module": {**file, **decoder, "encoder_to_decoder.weight": torch.ones(8, 64)}}
        )
    assert left_out == ["decoder.norm.weight", "mask_token", "encoder_to_decoder.weight"]
    want = stored("iv1_videomae_tiny_encoder", "case0_feature")
    got = embed(network, inputs("iv1_videomae_tiny_encoder")).numpy()
    np.testing.assert_allclose(got, want, rtol=0, atol=SMALL * want.std())


def test_every_key_of_a_pretraining_file_has_a_place_or_is_left_out_by_name():
    known = reference("iv1_videomae_base_pretrain_keys")["keys"]
    with torch.device("meta"):
        network = build_backbone("internvideo-mae-b")
        state = {key: torch.empty(shape) for key, (shape, _) in known.items()}
        with pytest.warns(UserWarning, match="pre-trained encoder"):
            left_out = network.load_official(state)
    assert {key.partition(".")[0] for key in left_out} == {"encoder_to_decoder", "mask_token"}


def test_a_file_without_any_norm_is_refused():
    known = reference("iv1_videomae_tiny")
    state = {key: value for key, value in filled_state(known["keys"], 1.0).items() if "fc_norm" not in key}
    with pytest.raises(ParameterError, match=r"missing: fc_norm\.weight, fc_norm\.bias"):
        build_backbone("internvideo-mae", config=known["config"]).load_official(state)


def test_other_frames_and_sizes_interpolate_the_position_table():
    network = build_backbone(
        "internvideo-mae", weights="random", config=reference("iv1_videomae_tiny")["config"]
    )
    assert embed(network, torch.zeros(1, 3, 8, 48, 40)).shape == (1, 64)


@pytest.mark.parametrize("prefix", ["clip.", "module.clip.", ""])
def test_only_the_visual_tower_of_a_multimodal_file_is_loaded(prefix):
    known = reference("iv1_mm_tiny")
    network = build_backbone("internvideo-mm", config=known["config"])
    visual = {prefix + key: value for key, value in filled_state(known["keys"], 1.0).items()}
    text = {
        f"{prefix}transformer.resblocks.0.ln_1.weight": torch.ones(8),
        f"{prefix}positional_embedding": torch.ones(77, 8),
        f"{prefix}logit_scale": torch.ones(()),
    }
    assert network.load_official({"state_dict": {**text, **visual}}) == list(text)
    for option, output in ({}, "case0_feature"), ({"tap": "projected"}, "case0_embed"):
        want = stored("iv1_mm_tiny", output)
        got = embed(network, inputs("iv1_mm_tiny"), **option).numpy()
        np.testing.assert_allclose(got, want, rtol=0, atol=SMALL * want.std())


def test_a_decoder_beside_both_towers_is_left_out_too():
    known = reference("iv1_mm_tiny")
    network = build_backbone("internvideo-mm", config=known["config"])
    visual = {f"clip.{key}": value for key, value in filled_state(known["keys"], 1.0).items()}
    assert network.load_official({**visual, "caption.cls.weight": torch.ones(8)}) == ["caption.cls.weight"]


def test_clips_are_every_fourth_frame_from_the_first_to_the_last():
    clips = decimated(300, frames=16, stride=4, clips=5)
    assert clips.shape == (5, 16)
    assert clips[0].tolist() == list(range(0, 64, 4))
    assert clips[-1].tolist() == list(range(236, 300, 4))
    assert decimated(300, 16, 4, clips=1)[0, 0] == 4 * ((75 - 16) // 2)


@pytest.mark.parametrize("n", [1, 3, 30])
def test_a_short_video_repeats_its_last_frame(n):
    clips = decimated(n, frames=16, stride=4, clips=5)
    assert clips.shape == (5, 16)
    assert clips.max() == (n - 1) // 4 * 4


def test_the_multimodal_clip_spans_the_video():
    assert make("internvideo-mm-b@random").windows(240, 30.0).tolist() == [
        [0, 34, 68, 102, 136, 170, 204, 239]
    ]


@pytest.mark.parametrize(
    "label",
    ["internvideo-mm-b@random[clips=2]", "internvideo-mae-b@random[frames=7]", "internvideo-mae-b[stride=0]"],
)
def test_a_parameter_that_is_not_allowed_is_refused(label):
    with pytest.raises(ParameterError):
        make(label)


def test_there_is_no_class_token_to_reduce_to():
    network = build_backbone(
        "internvideo-mae", weights="random", config=reference("iv1_videomae_tiny")["config"]
    )
    assert embed(network, inputs("iv1_videomae_tiny"), tap=-1, reduce="mean+std").shape == (2, 128)
    with pytest.raises(ParameterError, match="no class token"):
        embed(network, inputs("iv1_videomae_tiny"), tap=-1, reduce="cls")
