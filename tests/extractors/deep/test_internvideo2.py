"""InternVideo2 is the official network in every layout, and takes every official file."""

from argparse import Namespace
from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
import torch
from deep_parity import (
    FOLDER,
    SMALL,
    cases,
    check_case,
    expected_keys,
    filled_state,
    keys_of,
    make_input,
    reference,
)

from vqa_features.backbones import build_backbone
from vqa_features.errors import ParameterError
from vqa_features.extractors.deep._networks import positions
from vqa_features.extractors.deep.internvideo2 import InternVideo2S
from vqa_features.registry import make
from vqa_features.specs import VideoInfo

VARIANTS = {
    "internvideo2-s": "internvideo2_small",
    "internvideo2-b": "internvideo2_base",
    "internvideo2-l": "internvideo2_large",
    "internvideo2-1b": "internvideo2_1B",
    "internvideo2-6b": "internvideo2_6B",
}
REDUCED = (
    "internvideo2_tiny",
    "internvideo2_tiny_tanhgelu",
    "internvideo2_tiny_seppos",
    "internvideo2_tiny_clip",
    "internvideo2_tiny_distill",
    "internvideo2_tiny_stage2",
)
#: What official files hold beside the encoder.
DECODERS = {"clip_decoder", "final_clip_decoder", "mae_decoder"}
TABLES = {"clip_pos_embed", "mae_pos_embed", "img_pos_embed", "clip_img_pos_embed"}


def embed(network, clips, **options):
    with torch.inference_mode():
        return network.embed(clips, **options)


def inputs(name, case=0):
    known = reference(name)["cases"][case]
    return make_input(known["input_tag"], known["input_shape"])


def stored(name, output):
    with np.load(FOLDER / f"{name}.npz") as arrays:
        return arrays[output]


def build(name, **changed):
    return build_backbone("internvideo2", config={**reference(name)["config"], **changed})


def assert_close(got, want):
    np.testing.assert_allclose(got.numpy(), want, rtol=0, atol=SMALL * want.std())


@pytest.mark.parametrize("variant", VARIANTS)
def test_keys_of_each_variant_are_the_official_ones(variant):
    assert keys_of(variant) == expected_keys(VARIANTS[variant])


@pytest.mark.parametrize("name", [*REDUCED, "internvideo2_tiny_ap", *VARIANTS.values()])
def test_keys_of_each_configuration_are_the_official_ones(name):
    assert keys_of("internvideo2", reference(name)["config"]) == expected_keys(name)


@pytest.mark.parametrize(("name", "case"), cases(*REDUCED))
def test_feature_is_the_official_one(name, case):
    check_case(name, case, "internvideo2")


@pytest.mark.slow
def test_feature_at_full_size_is_the_official_one():
    check_case("internvideo2_small", 0, "internvideo2")


@pytest.mark.parametrize("variant", VARIANTS)
def test_named_variants_use_the_gelu_their_weights_were_trained_with(variant):
    with torch.device("meta"):
        assert build_backbone(variant).blocks[0].mlp.act.approximate == "tanh"


def test_position_table_is_the_official_one():
    assert np.array_equal(
        positions.sincos_table((3, 4, 4), 64)[0].numpy(), stored("internvideo2_sincos", "case0_out")
    )


@pytest.mark.parametrize("case", range(3))
def test_position_tables_are_interpolated_as_the_official_code_does(case):
    known = reference("internvideo2_posembed_interp")["cases"][case]
    (frames, new_frames), (side, new_side) = known["t"], known["grid"]
    table = make_input(known["input_tag"], known["input_shape"])
    got = positions.interpolate_table(table, (frames, side, side), (new_frames, new_side, new_side))
    assert np.array_equal(got.numpy(), stored("internvideo2_posembed_interp", f"case{case}_out"))


@pytest.mark.parametrize("case", range(3))
def test_loading_interpolates_a_table_of_other_frames_and_size(case):
    known = reference("internvideo2_posembed_interp")["cases"][case]
    changed = {"embed_dim": 16, "num_frames": known["t"][1], "img_size": 14 * known["grid"][1]}
    network = build("internvideo2_tiny", **changed)
    state = {key: torch.zeros_like(value) for key, value in network.state_dict().items()}
    network.load_official({**state, "pos_embed": make_input(known["input_tag"], known["input_shape"])})
    want = stored("internvideo2_posembed_interp", f"case{case}_out")
    assert np.array_equal(network.pos_embed.detach().numpy(), want)


@pytest.mark.parametrize("name", ["internvideo2_tiny_clip", "internvideo2_tiny"])
@pytest.mark.parametrize(
    ("wrapper", "prefix"), [("module", ""), ("model", "module."), ("module", "vision_encoder.")]
)
@pytest.mark.filterwarnings("ignore:the file holds an encoder")
def test_a_distilled_file_gives_the_attention_pool(name, wrapper, prefix):
    known = reference("internvideo2_tiny_distill")
    network = build(name)
    state = {prefix + key: value for key, value in filled_state(known["keys"], 1.0).items()}
    left_out = network.load_official({wrapper: state})
    assert {key.removeprefix(prefix).partition(".")[0] for key in left_out} <= DECODERS | TABLES
    assert len(left_out) == 13
    assert_close(
        embed(network, inputs("internvideo2_tiny_distill")),
        stored("internvideo2_tiny_distill", "case0_feature"),
    )


def test_a_file_that_ends_at_the_pool_changes_the_layout_with_a_warning():
    network = build("internvideo2_tiny")
    with pytest.warns(UserWarning, match="without fc_norm and classifier"):
        network.load_official(filled_state(reference("internvideo2_tiny_clip")["keys"], 1.0))
    assert network.layout == "clip"


def test_a_damaged_file_does_not_change_the_layout():
    network = build("internvideo2_tiny")
    state = filled_state(reference("internvideo2_tiny")["keys"], 1.0)
    damaged = {
        key: value for key, value in state.items() if not key.startswith(("fc_norm", "blocks.0.norm1"))
    }
    with pytest.raises(
        ParameterError, match=r"3 missing: blocks\.0\.norm1\.weight, fc_norm\.weight, fc_norm\.bias"
    ):
        network.load_official(damaged)
    assert network.layout == "single"


def test_a_stage2_file_loses_its_image_table_in_a_clip_encoder():
    state = filled_state(reference("internvideo2_tiny_stage2")["keys"], 1.0)
    text = {"text_encoder.bert.embeddings.weight": torch.zeros(2), "temp": torch.zeros(())}
    spelled = {f"vision_encoder.{key}": value for key, value in state.items()}
    network = build("internvideo2_tiny_clip")
    left_out = network.load_official({"module": {**spelled, **text}})
    assert {"vision_encoder.img_pos_embed", *text} <= set(left_out)
    assert_close(
        embed(network, inputs("internvideo2_tiny_stage2")),
        stored("internvideo2_tiny_stage2", "case0_feature"),
    )


@pytest.mark.parametrize(
    ("variant", "file"),
    [
        ("internvideo2-s", "internvideo2_small_distill_keys"),
        ("internvideo2-1b", "internvideo2_1B_stage1_pretrain_keys"),
        ("internvideo2-1b", "internvideo2_1B_stage2_vision_keys"),
    ],
)
def test_every_key_of_an_official_file_has_a_place_or_is_left_out_by_name(variant, file):
    with torch.device("meta"):
        network = build_backbone(variant)
        state = {
            f"vision_encoder.{key}": torch.empty(shape) for key, (shape, _) in reference(file)["keys"].items()
        }
        with pytest.warns(UserWarning, match="layout 'clip'"):
            left_out = network.load_official(state)
    assert {key.split(".")[1] for key in left_out} <= DECODERS | TABLES


@pytest.mark.parametrize("name", ["internvideo2_tiny_distill", "internvideo2_tiny_stage2"])
def test_the_aligned_vector_is_the_official_one(name):
    network = build(name)
    network.load_official(filled_state(reference(name)["keys"], 1.0))
    assert_close(embed(network, inputs(name), tap="final_clip_decoder"), stored(name, "case0_x_align"))


def test_an_attentive_probe_adds_its_mlp_before_the_norm():
    probe, plain = build("internvideo2_tiny_ap"), build("internvideo2_tiny")
    keys = reference("internvideo2_tiny_ap")["keys"]
    silent = {
        key: torch.zeros(shape) for key, (shape, _) in keys.items() if key.startswith("extra_mlp.1.fc2.")
    }
    probe.load_official({**filled_state(keys, 1.0), **silent})
    plain.load_official(filled_state(reference("internvideo2_tiny")["keys"], 1.0))
    clips = inputs("internvideo2_tiny")
    # A silent extra MLP adds nothing: the probe is then the fine-tuned network.
    assert torch.equal(embed(probe, clips), embed(plain, clips))
    probe.load_official(filled_state(keys, 1.0))
    assert not torch.allclose(embed(probe, clips), embed(plain, clips), atol=0.1)


def test_one_frame_takes_the_average_table_unless_told_otherwise():
    network = build("internvideo2_tiny_clip")
    network.load_official(filled_state(reference("internvideo2_tiny_clip")["keys"], 1.0))
    picture = inputs("internvideo2_tiny_clip", case=2)
    assert torch.equal(embed(network, picture), embed(network, picture, use_image=True))
    assert not torch.equal(embed(network, picture), embed(network, picture, use_image=False))


def test_more_frames_than_the_table_has_interpolate_it():
    network = build("internvideo2_tiny")
    network.load_official(filled_state(reference("internvideo2_tiny")["keys"], 1.0))
    longer = build("internvideo2_tiny", num_frames=8)
    longer.load_official({**network.state_dict()})
    clips = make_input("internvideo2_tiny:long", [1, 3, 8, 56, 56])
    assert torch.equal(embed(network, clips), embed(longer, clips))


def test_tokens_of_a_layer_reduce_to_their_mean_spread_and_class_token():
    network = build("internvideo2_tiny")
    network.load_official(filled_state(reference("internvideo2_tiny")["keys"], 1.0))
    clips = inputs("internvideo2_tiny")
    both = embed(network, clips, tap=("blocks.1", -1), reduce="mean+cls")
    assert both.shape == (2, 4 * 64)
    assert torch.equal(both[:, :64], embed(network, clips, tap=1, reduce="mean"))
    assert torch.equal(both[:, -64:], embed(network, clips, tap=3, reduce="cls"))


@pytest.mark.parametrize("changed", [{"layout": "stage3"}, {"gelu": "relu"}])
def test_a_configuration_that_is_not_allowed_is_refused(changed):
    with pytest.raises(ParameterError, match="must be"):
        build("internvideo2_tiny", **changed)


@dataclass(frozen=True)
class TinyInternVideo2(InternVideo2S):
    """The named extractor's recipe around a network that runs in milliseconds."""

    name: ClassVar[str] = "internvideo2-tiny"
    config: ClassVar[dict] = reference("internvideo2_tiny")["config"]
    dim: ClassVar[int] = 48


def rows_of(extractor, frames=20):
    """Rows of a clip of noise, driven as the engine drives a session."""
    rng = np.random.default_rng(0)
    session = extractor.open(VideoInfo("", 300, 240, 30.0, frames, None))
    pictures = [
        SimpleNamespace(rgb=rng.integers(0, 256, (240, 300, 3), dtype=np.uint8)) for _ in range(frames)
    ]
    prepared = [session.prepare(picture) for picture in pictures]
    rows = [session.push([prepared[i] for i in window]) for window in extractor.windows(frames, 30.0)]
    return np.concatenate([row for row in (*rows, session.finish()) if row is not None])


def test_the_extractor_gives_one_row_per_clip_from_an_official_file(tmp_path):
    file = tmp_path / "official.pth"
    state = filled_state(reference("internvideo2_tiny")["keys"], 1.0)
    halved = {key: value.half() for key, value in state.items()}
    torch.save({"module": halved, "args": Namespace(lr=1e-3), "epoch": 3}, file)
    values = rows_of(TinyInternVideo2(weights=str(file), clips=2, batch=3))
    assert values.shape == (2, 48)
    assert np.isfinite(values).all()
    assert not np.allclose(values, rows_of(TinyInternVideo2(weights="random", clips=2)))


def test_recipes_are_those_of_the_weights():
    action, multimodal = make("internvideo2-1b@random"), make("internvideo2-6b@random")
    assert action.windows(240, 30.0).shape == (4, 8)
    assert multimodal.windows(240, 30.0).tolist() == [[29, 89, 149, 209]]
    black = np.zeros((90, 160, 3), dtype=np.uint8)
    assert multimodal.preprocess(black).shape == (1, 3, 224, 224)
    with pytest.raises(ParameterError, match="clips and crops must be 1"):
        make("internvideo2-s@random[recipe=multimodal]")
    with pytest.raises(ParameterError, match=r"recipe. must be one of action, multimodal, got 'other'"):
        make("internvideo2-s@random[recipe=other,view=tiles]")
