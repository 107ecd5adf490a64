"""Folders that are no model of the transformers library are told by what they are, in one sentence."""

import json
import shutil

import pytest
from hub_folders import edit, refused

pytest.importorskip("transformers")
pytestmark = pytest.mark.usefixtures("no_network")

_TIMM = {
    "architecture": "vit_base_patch16_224",
    "num_classes": 1000,
    "num_features": 768,
    "pretrained_cfg": {"input_size": [3, 224, 224], "interpolation": "bicubic", "mean": [0.5, 0.5, 0.5]},
}
_CLIP = {"model_cfg": {"embed_dim": 512}, "preprocess_cfg": {"mean": [0.5, 0.5, 0.5]}}
_PIPELINE = {"_class_name": "StableDiffusionPipeline", "vae": ["diffusers", "AutoencoderKL"]}
_PARTS = [{"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}]
_ADAPTER = {"base_model_name_or_path": "someone/other", "peft_type": "LORA"}
#: Files in the folder of a model that is not the library's, and what is said.
FOREIGN = {
    "timm": ({"config.json": _TIMM}, r"a model of timm \(vit_base_patch16_224\); such models are not loaded"),
    "timm without a name": ({"config.json": {"pretrained_cfg": {}}}, "a model of timm; such"),
    "timm of open_clip": ({"config.json": _TIMM, "open_clip_config.json": _CLIP}, "a model of timm"),
    "open_clip": ({"open_clip_config.json": _CLIP}, "a model of open_clip; such models are not loaded"),
    "sentence-transformers": ({"modules.json": _PARTS}, "a model of sentence-transformers"),
    "diffusers": ({"model_index.json": _PIPELINE}, "a pipeline of diffusers"),
    "a part of diffusers": (
        {"config.json": {"_class_name": "AutoencoderKL"}},
        "a part of a pipeline of diffus",
    ),
    "PEFT": ({"adapter_config.json": _ADAPTER}, "an adapter of another model .* merge it into its model"),
    "GGUF": ({"model-Q4_K_M.gguf": "x"}, "GGUF files alone; quantised weights are not loaded"),
    "the authors' layout": ({"params.json": {"dim": 4096}}, "in its authors' own layout"),
    "nothing": ({"README.md": "x"}, "has no config.json in "),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_models_of_other_libraries_are_named(tmp_path, name):
    files, said = FOREIGN[name]
    for file, content in files.items():
        (tmp_path / file).write_text(json.dumps(content))
    (tmp_path / "model.safetensors").write_bytes(b"")
    refused(tmp_path, said)


def test_a_model_of_the_library_is_used_whatever_lies_beside_it(saved_models, tmp_path):
    folder = shutil.copytree(saved_models / "clip", tmp_path / "clip")
    for file in ("open_clip_config.json", "modules.json", "model_index.json", "params.json", "model.gguf"):
        (folder / file).write_text("no JSON")
    from hub_folders import prepare

    prepare(folder)


@pytest.mark.parametrize("file", ["config.json", "preprocessor_config.json"])
def test_code_of_a_models_own_is_never_run(folder, file):
    edit(folder / file, auto_map={"AutoModel": "modeling_own.Model"})
    refused(folder, f"{file} has auto_map: the model needs its own code, which is never run; choose ")


def test_code_is_told_before_weights_that_are_missing(folder):
    edit(folder / "config.json", model_type="internvideo2", auto_map={"AutoModel": "modeling_own.Model"})
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    refused(folder, "the model needs its own code, which is never run")


def test_types_that_the_library_lacks_need_code_or_a_later_release(folder):
    edit(folder / "config.json", model_type="internvideo2")
    refused(
        folder,
        r"of type 'internvideo2', which transformers [\d.]+ lacks: the model needs its own code, which is "
        "never run, or a later release of the library; known types are .* and the vision towers of .*qwen3_",
    )
    edit(folder / "config.json", model_type="x" * 100_000)
    refused(folder, "is of type 'xxx")


def test_weights_in_other_formats_alone_say_where_safetensors_are(folder):
    (folder / "model.safetensors").rename(folder / "model.gguf")
    refused(folder, r"no \.safetensors weights .* GGUF weights are not loaded: choose .*hf:ID@refs/pr/N")
    (folder / "model.gguf").rename(folder / "pytorch_model.bin")
    refused(folder, "pickled weights are not loaded")
