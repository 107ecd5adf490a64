"""Configurations of models from strangers: code, kernels and absurd sizes; each is refused or not used."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from hub_folders import PREPROCESSOR, edit, refused, save_larger, save_model, vector

from vqa_features.errors import ParameterError
from vqa_features.extractors.deep import hub
from vqa_features.registry import make

pytest.importorskip("transformers")
pytestmark = pytest.mark.usefixtures("no_network")

_MADE = Path("made-by-a-model")


REFUSED = {
    "auto_map": {"AutoModel": "evil.Model", "AutoConfig": "evil.Config", "AutoImageProcessor": "evil.P"},
    "quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True},
    "compression_config": {"format": "dense"},
    "peft_config": {"base_model_name_or_path": "someone/other"},
    "trust_remote_code": True,
}


@pytest.mark.parametrize("file", ["config.json", "preprocessor_config.json"])
@pytest.mark.parametrize("key", REFUSED)
def test_what_asks_for_code_or_other_weights_is_refused(folder, monkeypatch, file, key):
    monkeypatch.chdir(folder.parent)
    (folder / "evil.py").write_text(
        f"import os; os.mkdir({str(_MADE)!r})\nclass Model: pass\nConfig = P = Model\n"
    )
    edit(folder / file, **{key: REFUSED[key]})
    refused(folder, f"{file} has {key}: ")
    assert not _MADE.exists()


def test_it_is_refused_at_any_depth_and_in_a_nested_processor(saved_models, folder):
    clip = shutil.copytree(saved_models / "clip", folder.parent / "clip")
    edit(clip / "config.json", vision_config={"quantization_config": {"quant_method": "gptq"}})
    refused(clip, "config.json has quantization_config")
    nested = {"image_processor": {**PREPROCESSOR, "auto_map": {"AutoImageProcessor": "evil.P"}}}
    (folder / "processor_config.json").write_text(json.dumps(nested))
    refused(folder, "processor_config.json has auto_map")


def test_an_adapter_is_refused(folder):
    adapter = {"base_model_name_or_path": "someone/other", "peft_type": "LORA"}
    (folder / "adapter_config.json").write_text(json.dumps(adapter))
    refused(folder, "holds an adapter")


UNUSED = {
    "attn_implementation": "kernels-community/flash-attn",
    "_attn_implementation": "kernels-community/flash-attn",
    "_attn_implementation_internal": "eager",
    "use_kernels": True,
    "dtype": "float16",
    "torch_dtype": "float16",
    "quantization_config": {},
    "transformers_weights": "../evil.bin",
    "fusion_config": {"patch_embeddings": True},
    "base_model_tp_plan": {"x": "y"},
    "return_dict": False,
    "output_attentions": True,
    "name_or_path": "someone/other",
    "tokenizer_class": "evil.Tokenizer",
    "custom_pipelines": {"x": {"impl": "evil.P"}},
    "num_labels": 10**6,
}


@pytest.mark.parametrize("key", UNUSED)
def test_what_is_no_part_of_the_architecture_is_not_used(folder, saved_models, key):
    edit(folder / "config.json", **{key: UNUSED[key]})
    np.testing.assert_array_equal(vector(folder), vector(saved_models / "dinov2"))


def test_code_tokenizers_and_gguf_files_in_a_folder_are_not_opened(folder, saved_models, monkeypatch):
    monkeypatch.chdir(folder.parent)
    code = f"import os; os.mkdir({str(_MADE)!r})\n"
    for name in ("modeling_dinov2.py", "configuration_dinov2.py", "__init__.py", "tokenization_x.py"):
        (folder / name).write_text(code)
    for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json", "model.gguf"):
        (folder / name).write_bytes(b"\xff")
    opened = []
    watching = [True]
    sys.addaudithook(
        lambda event, what: opened.append(str(what[0])) if event == "open" and watching else None
    )
    hub._loaded.cache_clear()
    found = vector(folder)
    watching.clear()
    np.testing.assert_array_equal(found, vector(saved_models / "dinov2"))
    inside = {Path(name).name for name in opened if name.startswith(str(folder))}
    assert inside == {"config.json", "model.safetensors", "preprocessor_config.json"}
    assert not _MADE.exists()


ABSURD = {
    "num_hidden_layers": [10**12, 10**9, 513, 0, -1, 1.5, "2", [2], True, 10**400],
    "hidden_size": [1 << 40, 1 << 20, 1 << 16, 0, "16"],
    "num_attention_heads": [0, 1 << 20, "2", 5],
    "image_size": [1 << 40, 1 << 20, 0, -32, [32], [32, 32, 32, 32, 0], "32", 8],
    "patch_size": [0, -1, 1 << 40, 64, "16"],
    "mlp_ratio": [1 << 20, 1e300, float("nan"), float("inf"), -1],
    "num_channels": [1 << 20],
    "hidden_act": ["absent", 3, {}, "../x"],
    "model_type": ["bert", "../dinov2", 3, ["dinov2"], {}],
    "layer_norm_eps": ["x", float("inf")],
}


@pytest.mark.parametrize("key", ABSURD)
def test_absurd_configurations_are_refused_before_memory_is_taken(folder, key):
    for value in ABSURD[key]:
        edit(folder / "config.json", **{key: value})
        refused(folder, "cannot be read as|is of type")


STAGED = {
    "swin": {
        "depths": [
            *([1, 0], [1, -1], [1, 1.5], [1, "2"], [1, True], [], 3, [1], [1, 2, 1], [[1], [2]]),
            *([513, 1], [300] * 2, [1] * 5000, [1, 10**12]),
        ],
        "embed_dim": [0, -8, 1 << 20, 1 << 40, 8.5, "8", [8, 16], True],
        "num_heads": [[1], [0, 1], [1, 3], [1, "2"], 2, [1 << 20] * 2],
        "window_size": [0, -1, "4", 1 << 40],
        "image_size": [0, 1 << 20, "32"],
        "patch_size": [0, 1 << 40, "4"],
    },
    "convnext": {
        "depths": [[1, 0], [1], [1, 2, 1], [400, 400], "12", {}],
        "hidden_sizes": [[8], [8, 0], [8, -16], [8, 1 << 40], [8, "16"], 16, [8, 16, 32], [1 << 20] * 2],
        "num_stages": [0, 1, 3, 1 << 30, "2"],
    },
    "hiera": {
        "depths": [[1], [1, 0], [513, 1]],
        "embed_dim": [0, 1 << 40, "8"],
        "embed_dim_multiplier": [0, -1, 1e300, float("nan"), float("inf"), "2", 1 << 20],
        "num_heads": [[1], [0, 1], [5, 5], 2],
        "image_size": [[0, 32], [1 << 20, 1 << 20], [32], "32"],
        "masked_unit_size": [[0, 0], [3], "2"],
        "query_stride": [[0, 0], [3, 3], "2"],
    },
    "resnet": {
        "depths": [[1], [1, 0], [513, 1]],
        "hidden_sizes": [[8, 0], [8], [1 << 40, 8]],
        "embedding_size": [0, 1 << 40, "8"],
        "layer_type": ["absent", 3],
    },
    "qwen2_vl_vision": {
        "depth": [0, 513, 1 << 40, "2"],
        "embed_dim": [0, 1 << 40, "16"],
        "num_heads": [0, 3, 1 << 20],
        "spatial_merge_size": [0, -1, "2"],
    },
    "videoprism_vision_model": {
        "num_spatial_layers": [0, 513, "1"],
        "num_temporal_layers": [0, 512, -1],
        "tubelet_size": [[1, 0, 16], "16", [1, 16]],
    },
}


@pytest.mark.parametrize("kind", STAGED)
def test_absurd_sizes_of_other_networks_are_refused(tmp_path, kind):
    folder = save_model(tmp_path / kind, kind)
    plain = (folder / "config.json").read_text()
    for key, values in STAGED[kind].items():
        for value in values:
            edit(folder / "config.json", **{key: value})
            refused(folder, "cannot be read as")
            (folder / "config.json").write_text(plain)


def test_absurd_towers_of_larger_models_are_refused(tmp_path):
    folder = save_larger(tmp_path / "internvl", "internvl")
    tower = json.loads((folder / "config.json").read_text())["vision_config"]
    for vision in (None, 3, [], {**tower, "hidden_size": 1 << 40}, {**tower, "num_hidden_layers": 513}):
        edit(folder / "config.json", vision_config=vision)
        refused(folder, "cannot be read as")


@pytest.mark.parametrize("key", ["hidden_size", "mlp_ratio", "num_hidden_layers"])
def test_random_weights_are_bounded_by_the_stored_ones_too(folder, key):
    edit(folder / "config.json", **{key: 480})
    with pytest.raises(ParameterError, match=r"config\.json describes [0-9]+ weights, the files hold 19072"):
        make(f"hf:{folder}@random").load()


def test_a_video_model_of_endless_clips_is_refused(saved_models, tmp_path):
    folder = shutil.copytree(saved_models / "videomae", tmp_path / "video")
    for frames in (10**9, 1 << 20, 0, -4, "4", [4]):
        edit(folder / "config.json", num_frames=frames)
        refused(folder, "cannot be read as a model's configuration")


@pytest.mark.parametrize("file", ["config.json", "preprocessor_config.json"])
def test_files_that_are_no_configuration_are_refused(folder, file):
    for content, match in (
        (b"", "cannot be read as"),
        (b"[]", "must hold a JSON object"),
        (b"3", "must hold a JSON object"),
        (b'"x"', "must hold a JSON object"),
        (b"\xff\xfe\xff", "cannot be read as"),
        (b'{"a": ' * 100_000, "nested too deeply"),
        (b'{"size": 1, "size": 2}', "twice"),
        (b" " * (1 << 20) + b"{}", "more than 1048576 bytes"),
        (b'{"size": ' + b"9" * 10_000 + b"}", "cannot be read as|is of type"),
    ):
        (folder / file).write_bytes(content)
        refused(folder, match)


PROCESSORS = {
    "size": ["x", 0, -1, 10**9, 1.5, True, [32], [0, 32], {}, {"height": 32}, {"longest_edge": 9}],
    "crop_size": [0, 4, float("nan"), {"height": 0, "width": 32}, {"height": 1 << 40, "width": 1}],
    "do_resize": ["yes", 1, []],
    "do_center_crop": ["no", 0],
    "do_normalize": ["x", {}],
    "offset": [1, "x"],
    "rescale_factor": [0, -1, "x", float("nan"), float("inf"), [1], True],
    "image_mean": [0.5, [0.5], [0.5] * 4, ["x"] * 3, [float("nan")] * 3, [[0.5]] * 3, {}, "0.5", [True] * 3],
    "image_std": [[0, 1, 1], [-0.5] * 3, [float("inf")] * 3, [0.5, 0.5], 1, [None] * 3],
    "resample": [6, -1, "bicubic", 3.0, True, [3]],
}


@pytest.mark.parametrize("key", PROCESSORS)
def test_bad_values_of_a_processor_are_named(folder, key):
    for value in PROCESSORS[key]:
        edit(folder / "preprocessor_config.json", **{key: value})
        refused(
            folder, r"preprocessor_config\.json cannot be read as a (preprocessing|model.s) configuration"
        )


def test_a_nested_processor_must_be_an_object(folder):
    for value in (3, [], "x", False):
        (folder / "processor_config.json").write_text(json.dumps({"image_processor": value}))
        refused(folder, "image_processor must be an object")
