"""Every spelling of saved weights loads as the plain one: wrappers, prefixes, names of other projects."""

import functools
import re

import pytest
import torch
from deep_parity import make_input, reference

from vqa_features.backbones import build_backbone
from vqa_features.errors import ParameterError
from vqa_features.extractors.deep._networks.positions import sinusoid_table
from vqa_features.extractors.deep._weights import checkpoint
from vqa_features.extractors.deep._weights.random_weights import randomise

NETWORKS = {
    "r3d-18": {"layers": [1, 1, 1, 1], "widths": [4, 8, 8, 8], "num_classes": 3},
    "video-swin": {
        **{"patch_size": [2, 4, 4], "embed_dim": 8, "depths": [1, 2], "num_heads": [1, 2]},
        **{"window_size": [2, 3, 3], "num_classes": 3},
    },
    "uniformer": "uniformer_tiny",
    "uniformerv2": "uniformerv2_tiny",
    "internvideo-mae": "iv1_videomae_tiny",
    "internvideo-mm": "iv1_mm_tiny",
    "internvideo2": "internvideo2_tiny",
}


def built(name):
    config = NETWORKS[name]
    return build_backbone(name, config=reference(config)["config"] if isinstance(config, str) else config)


@functools.cache
def weights(name):
    """Random weights of a network, no two of them alike."""
    network = built(name)
    randomise(network)
    for number, value in enumerate(network.parameters()):
        value.data += 0.01 * number
    return {key: value.clone() for key, value in network.state_dict().items()}


def loaded(name, content, path):
    """State of the network after a file of this content was loaded as extraction loads it."""
    if path.suffix == ".safetensors":
        from safetensors.torch import save_file

        save_file(content, path)
    else:
        torch.save(content, path)
    with checkpoint.without_parameters():
        network = built(name)
    checkpoint.read_into(network, path)
    return network.state_dict()


def check(name, content, path):
    want = weights(name)
    got = loaded(name, content, path)
    assert got.keys() == want.keys()
    for key, value in want.items():
        assert not got[key].is_meta
        torch.testing.assert_close(got[key], value, rtol=0, atol=0, msg=key)


PREFIXES = [
    *(
        "",
        "module.",
        "_orig_mod.",
        "module._orig_mod.",
        "model.",
        "net.",
        "backbone.",
        "encoder.",
        "model.backbone.",
    ),
    *("vision_encoder.", "visual_encoder.", "vision_tower.", "vision_model.", "visual.", "video_encoder."),
    *("video_model.", "model.vision_tower.vision_model."),
]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", NETWORKS)
def test_prefixes_of_training_scripts_and_of_larger_models(tmp_path, name, prefix):
    spelled = {prefix + key: value for key, value in weights(name).items()}
    check(name, spelled, tmp_path / "a.safetensors")


WRAPPERS = {
    "lightning": lambda state: {
        "state_dict": {f"model.{k}": v for k, v in state.items()},
        "hyper_parameters": {},
    },
    "slowfast": lambda state: {"model_state": state, "cfg": "text"},
    "deepspeed": lambda state: {"module": state, "dp_world_size": 8, "ds_config": {}},
    "nested": lambda state: {"model": {"state_dict": state}},
    "averaged alone": lambda state: {"state_dict_ema": state},
    "averaged by timm": lambda state: {"model_ema": {f"module.{k}": v for k, v in state.items()}},
    "averaged beside": lambda state: {"model": state, "model_ema": {k: 0 * v for k, v in state.items()}},
    "half precision": lambda state: {
        "model": {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    },
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("name", ["video-swin", "internvideo-mae"])
def test_wrappers_of_training_scripts(tmp_path, name, wrapper):
    content = WRAPPERS[wrapper](weights(name))
    if wrapper != "half precision":
        check(name, content, tmp_path / "a.pth")
        return
    got = loaded(name, content, tmp_path / "a.pth")
    for key, value in weights(name).items():
        torch.testing.assert_close(got[key], value.half().float() if value.is_floating_point() else value)


@pytest.mark.parametrize("name", ["uniformerv2", "internvideo-mae"])
def test_of_a_whole_image_text_model_the_tower_is_read_and_the_rest_left_out_by_name(tmp_path, name):
    state = weights(name)
    text = {key: torch.zeros(2) for key in [*state, "logit_scale"]}  # the same names, in the text tower
    content = {**{f"visual.{key}": value for key, value in state.items()}, **text}
    check(name, content, tmp_path / "a.pth")
    assert set(built(name).load_official(content)) == set(text)


def by_the_library(state, biases):
    """VideoMAE's weights in the names of the transformers library."""
    names = (
        (r"^patch_embed\.proj\.", "embeddings.patch_embeddings.projection."),
        (r"^blocks\.(\d+)\.", r"encoder.layer.\1."),
        (r"\.attn\.proj\.", ".attention.output.dense."),
        (r"\.attn\.([qv])_bias", lambda found: f".attention.attention.{biases[found[1]]}"),
        (r"\.mlp\.fc1\.", ".intermediate.dense."),
        (r"\.mlp\.fc2\.", ".output.dense."),
        (r"\.norm1\.", ".layernorm_before."),
        (r"\.norm2\.", ".layernorm_after."),
    )
    found = {}
    for key, value in state.items():
        if key.startswith(("head.", "fc_norm.")):
            found[key.replace("head.", "classifier.")] = value
            continue
        for ours, theirs in names:
            key = re.sub(ours, theirs, key)
        if ".attn.qkv." in key:
            for part, one in zip(("query", "key", "value"), value.chunk(3), strict=True):
                found["videomae." + key.replace(".attn.qkv.", f".attention.attention.{part}.")] = one.clone()
        else:
            found[f"videomae.{key}"] = value
    return found


@pytest.mark.parametrize("biases", [{"q": "q_bias", "v": "v_bias"}, {"q": "query.bias", "v": "value.bias"}])
def test_videomae_of_the_transformers_library(tmp_path, biases):
    spelled = by_the_library(weights("internvideo-mae"), biases)
    check("internvideo-mae", spelled, tmp_path / "a.safetensors")
    check("internvideo-mae", spelled, tmp_path / "a.bin")


def library_model(cls, **changes):
    """A tiny VideoMAE of the transformers library, with the configuration of ours."""
    from transformers import VideoMAEConfig

    known = reference("iv1_videomae_tiny")["config"]
    config = VideoMAEConfig(
        image_size=known["img_size"],
        patch_size=known["patch_size"],
        tubelet_size=known["tubelet_size"],
        num_frames=known["all_frames"],
        hidden_size=known["embed_dim"],
        num_hidden_layers=known["depth"],
        num_attention_heads=known["num_heads"],
        intermediate_size=int(known["embed_dim"] * known["mlp_ratio"]),
        layer_norm_eps=known.get("layernorm_eps", 1e-6),
        num_labels=known["num_classes"],
        **{"decoder_num_hidden_layers": 1, "decoder_hidden_size": 12, "decoder_num_attention_heads": 2},
        **{"decoder_intermediate_size": 24},
        **changes,
    )
    torch.manual_seed(0)
    return cls(config).eval()


def model_input():
    known = reference("iv1_videomae_tiny")["config"]
    return [1, 3, known["all_frames"], known["img_size"], known["img_size"]]


def test_the_librarys_own_videomae_gives_our_feature(tmp_path):
    transformers = pytest.importorskip("transformers")
    model = library_model(transformers.VideoMAEForVideoClassification, use_mean_pooling=True)
    model.fc_norm.eps = model.config.layer_norm_eps
    model.save_pretrained(tmp_path)
    network = built("internvideo-mae").eval()
    checkpoint.read_into(network, tmp_path / "model.safetensors")
    clip = make_input("fine-tuned", model_input())
    seen = []
    model.classifier.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0]))
    with torch.inference_mode():
        model(pixel_values=clip.transpose(1, 2))
        torch.testing.assert_close(network.embed(clip), seen[0], rtol=0, atol=1e-5)


def by_mmaction(state):
    """VideoMAE's weights in mmaction's names; it stores the fixed position table too."""
    names = (
        ("patch_embed.proj.", "patch_embed.projection."),
        (".mlp.fc1.", ".mlp.layers.0.0."),
        (".mlp.fc2.", ".mlp.layers.1."),
    )
    found = {}
    for key, value in state.items():
        for ours, theirs in names:
            key = key.replace(ours, theirs)
        found[key.replace("head.", "cls_head.fc_cls.") if key.startswith("head.") else f"backbone.{key}"] = (
            value
        )
    return found


def test_videomae_of_mmaction(tmp_path):
    state = weights("internvideo-mae")
    dim = state["fc_norm.weight"].shape[0]
    spelled = {**by_mmaction(state), "backbone.pos_embed": sinusoid_table(8, dim)}
    check("internvideo-mae", {"state_dict": spelled, "meta": {}}, tmp_path / "a.pth")
    learned = {**spelled, "backbone.pos_embed": sinusoid_table(8, dim) + 0.1}
    torch.save(learned, tmp_path / "learned.pth")
    with pytest.raises(ParameterError, match=r"1 unexpected: backbone\.pos_embed"):
        checkpoint.read_into(built("internvideo-mae"), tmp_path / "learned.pth")


@pytest.mark.parametrize("prefix", ["model_ema.", "ema_model.module.", "ema."])
def test_averages_among_the_plain_weights_are_left_out_by_name(tmp_path, prefix):
    state = weights("r3d-18")
    averages = {f"{prefix}{key}": 0 * value for key, value in state.items()}
    content = {"state_dict": {**averages, **{f"model.{key}": value for key, value in state.items()}}}
    check("r3d-18", content, tmp_path / "a.pth")
    assert built("r3d-18").load_official(content) == list(averages)


def test_the_counter_of_torchs_averaged_model_is_left_out_by_name():
    model = torch.optim.swa_utils.AveragedModel(built("r3d-18"))
    assert built("r3d-18").load_official(model.state_dict()) == ["n_averaged"]


def test_of_a_pretrained_videomae_of_the_library_the_encoder_is_read(tmp_path):
    transformers = pytest.importorskip("transformers")
    model = library_model(transformers.VideoMAEForPreTraining, use_mean_pooling=False)
    model.save_pretrained(tmp_path)
    network = built("internvideo-mae").eval()
    with pytest.warns(UserWarning, match="pre-trained encoder"):
        left_out = network.load_official(dict(model.state_dict()))
    decoder = ("decoder.", "encoder_to_decoder.", "mask_token")
    assert left_out == [key for key in model.state_dict() if key.startswith(decoder)]
    clip = make_input("pretrained", model_input())
    with torch.inference_mode():
        tokens = model.videomae(pixel_values=clip.transpose(1, 2)).last_hidden_state
        torch.testing.assert_close(network.embed(clip), tokens.mean(1), rtol=0, atol=1e-5)
