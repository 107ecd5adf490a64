"""Every type of model gives, on a real clip, what the library's own processor and model give."""

import json
from importlib.resources import files

import numpy as np
import pytest
import torch
from hub_folders import PREPROCESSOR, SIDE, TINY, save_larger, save_model
from safetensors.torch import load_file, save_file
from shared_data import SHARED, is_present

from vqa_features import extract_frames
from vqa_features.demo.degrade import read_frames
from vqa_features.errors import ParameterError
from vqa_features.extractors.deep._hub.kinds import KINDS
from vqa_features.extractors.deep._hub.loading import class_of
from vqa_features.extractors.deep._hub.towers import TOWERS, UNKNOWN
from vqa_features.registry import make

transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.usefixtures("no_network")

DEMO = files("vqa_features.resources.demo") / "bikes_square.mp4"
KONVID = SHARED / "clips" / "konvid-1k" / "3339962845.mp4"
SQUARE = {"size": {"height": SIDE, "width": SIDE}}
SHORT = {"size": {"shortest_edge": SIDE + 4}, "crop_size": {"height": SIDE, "width": SIDE}}
#: The library's own processors that need no torchvision, by what they are called with.
PROCESSORS = {
    "ViTImageProcessorPil": (SQUARE, ["vit", "vit_msn", "swin", "swinv2", "ijepa"]),
    "DeiTImageProcessorPil": ({**SHORT, **SQUARE}, ["deit"]),
    "BeitImageProcessorPil": (SQUARE, ["beit", "data2vec-vision"]),
    "BitImageProcessorPil": (SHORT, ["dinov2", "dinov2_with_registers", "hiera", "pixio"]),
    "ConvNextImageProcessorPil": (
        {"size": {"shortest_edge": SIDE}},
        ["convnext", "convnextv2", "resnet", "regnet"],
    ),
    "PvtImageProcessorPil": (SQUARE, ["pvt_v2"]),
    "CLIPImageProcessorPil": (
        SHORT,
        [
            *("clip", "clip_vision_model", "metaclip_2", "metaclip_2_vision_model"),
            *("aimv2", "aimv2_vision_model", "mlcd", "mlcd_vision_model"),
        ],
    ),
    "SiglipImageProcessorPil": (SQUARE, ["siglip", "siglip_vision_model"]),
    "Siglip2ImageProcessorPil": ({"max_num_patches": 12}, ["siglip2", "siglip2_vision_model"]),
    "GotOcr2ImageProcessorPil": (SQUARE, ["internvl_vision"]),
    "Qwen2VLImageProcessorPil": (
        {"patch_size": 16, "size": {"shortest_edge": SIDE**2, "longest_edge": 12 * SIDE**2}},
        ["qwen2_vl_vision", "qwen2_5_vl_vision", "qwen3_vl_vision"],
    ),
    "VideoMAEImageProcessorPil": (SHORT, ["videomae", "timesformer", "xclip"]),
}
PROCESSOR_OF = {kind: (name, call) for name, (call, kinds) in PROCESSORS.items() for kind in kinds}
FROM_POOLER = {"vivit", "hiera", "swin", "swinv2", "convnext", "convnextv2", "dinov3_convnext", "resnet"} | {
    *("regnet", "beit", "data2vec-vision", "mlcd", "mlcd_vision_model", "pixio", "tipsv2_vision_model"),
    *("dinov2", "dinov2_with_registers", "dinov3_vit", "clip_vision_model", "metaclip_2_vision_model"),
    *("siglip_vision_model", "siglip2_vision_model", "aimv2_vision_model"),
}
FROM_FIRST = {"vit", "deit", "vit_msn", "timesformer"}


@pytest.fixture(scope="module")
def clip():
    """Frames of a real video."""
    frames, _ = read_frames(KONVID if is_present() else DEMO)
    return np.stack([frame.to_ndarray(format="rgb24") for frame in frames[:8]])


def asked(kind, model, inputs):
    """The vector of a type, asked for as the documentation of the model says."""
    if hasattr(model, "get_image_features"):
        return model.get_image_features(**inputs).pooler_output
    if hasattr(model, "get_video_features"):
        return model.get_video_features(**inputs).pooler_output.flatten(1)
    if "image_grid_thw" in inputs:
        inputs = {"hidden_states": inputs["pixel_values"], "grid_thw": inputs["image_grid_thw"]}
    output = model(**inputs)
    if kind in FROM_POOLER:
        return output.pooler_output.flatten(1)
    tokens = output.last_hidden_state
    if kind in FROM_FIRST:
        return tokens[:, 0]
    if kind.startswith("qwen"):
        return tokens.mean(0)[None]
    if kind == "internvl_vision":
        return tokens[:, 1:].mean(1)
    return tokens.flatten(2).mean(2) if tokens.ndim == 4 else tokens.mean(1)


def fed(kind, extractor, window, processor):
    """Arguments of the model: from its own processor, or, where that needs torchvision, from our pixels."""
    name = KINDS[kind].pixels
    if processor is None:
        pixels = np.concatenate([extractor.preprocess(frame) for frame in window])
        return {name: torch.from_numpy(pixels)[None] if KINDS[kind].frames else torch.from_numpy(pixels)}
    if name != "pixel_values" or KINDS[kind].frames:
        return {name: processor(window, return_tensors="pt")["pixel_values"].reshape(1, -1, 3, SIDE, SIDE)}
    return dict(processor(window[0], return_tensors="pt"))


@pytest.mark.parametrize("kind", KINDS)
def test_vector_is_the_librarys_own(kind, clip, tmp_path):
    torch.manual_seed(0)
    folder = save_model(tmp_path / kind, kind)
    name, call = PROCESSOR_OF.get(kind, ("", {}))
    processor = getattr(transformers, name)(**call) if name else None
    if processor is not None:
        processor.save_pretrained(folder)
    extractor = make(f"hf:{folder}")
    got = extract_frames(clip, extractor, fps=1.0, per_frame=True).to_numpy()[:1]
    window = [clip[at] for at in extractor.windows(len(clip), 1.0)[0]]
    cls = class_of(transformers.AutoConfig.from_pretrained(folder), KINDS[kind])
    options = {"add_pooling_layer": True} if kind == "data2vec-vision" else {}
    model = cls.from_pretrained(folder, **options).eval()
    with torch.inference_mode():
        want = asked(kind, model, fed(kind, extractor, window, processor)).numpy()
    assert got.shape == (1, len(extractor.features))
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-5 * want.std())


CLASSIFIED = (
    *("vit", "deit", "vit_msn", "ijepa", "beit", "data2vec-vision", "swin", "swinv2", "hiera"),
    *("convnext", "convnextv2", "resnet", "regnet", "pvt_v2"),
)


@pytest.mark.parametrize("kind", CLASSIFIED)
def test_vector_is_what_the_models_own_classifier_takes(kind, clip, tmp_path):
    torch.manual_seed(0)
    config = transformers.CONFIG_MAPPING[kind](**TINY[kind], architectures=[])
    model = transformers.AutoModelForImageClassification.from_config(config).eval()
    model.save_pretrained(tmp_path / "model")
    named = {**PREPROCESSOR, "image_processor_type": "CLIPImageProcessor"}
    (tmp_path / "model" / "preprocessor_config.json").write_text(json.dumps(named))
    extractor = make(f"hf:{tmp_path / 'model'}")
    vector = extract_frames(clip[:1], extractor, fps=1.0).to_numpy()[None].astype(np.float32)
    with torch.inference_mode():
        want = model(torch.from_numpy(extractor.preprocess(clip[0]))).logits
        got = model.classifier(torch.from_numpy(vector))
    torch.testing.assert_close(got, want, rtol=0, atol=1e-5 * float(want.std()))


@pytest.mark.parametrize("kind", TOWERS)
def test_tower_of_a_larger_model_is_used_alone(kind, clip, tmp_path):
    """Its vector is the mean of its tokens, from a file of the body and from one of the whole model."""
    torch.manual_seed(0)
    for head in (False, True):
        folder = save_larger(tmp_path / f"{kind}-{head}", kind, head)
        extractor = make(f"hf:{folder}")
        network = extractor.load()
        whole = transformers.AutoModel.from_pretrained(folder).eval()
        tower = whole.visual if hasattr(whole, "visual") else whole.vision_tower
        assert set(network.model.state_dict()) == set(tower.state_dict())
        pixels = torch.from_numpy(extractor.preprocess(clip[0]))
        with torch.inference_mode():
            inputs = {"pixel_values": pixels}
            if hasattr(whole, "visual"):
                inputs = network._inputs(pixels[:, :, None])
            tokens = tower(**inputs).last_hidden_state
        want = tokens.reshape(1, -1, tokens.shape[-1])[:, int(network.kind.has_cls) :].mean(1).numpy()
        got = extract_frames(clip[:1], extractor, fps=1.0).to_numpy()[None]
        np.testing.assert_allclose(got, want, rtol=0, atol=1e-5 * want.std())


@pytest.mark.parametrize("kind", UNKNOWN)
def test_types_that_cannot_be_known_say_why(kind, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(ParameterError, match=f"type '{kind}': {UNKNOWN[kind]}; known types are videomae, "):
        _ = make(f"hf:{tmp_path}").features
    with pytest.raises(ParameterError, match=r"needs a model.*the vision towers of internvl, "):
        make("hf:")


def test_weights_of_a_tower_have_the_names_of_several_years(clip, tmp_path):
    torch.manual_seed(0)
    folder = save_larger(tmp_path / "llava", "llava")
    want = extract_frames(clip[:1], f"hf:{folder}", fps=1.0)
    weights = load_file(folder / "model.safetensors")
    for before in ("vision_tower.vision_model.", "model.vision_tower.vision_model.", "model.vision_tower."):
        renamed = {name.replace("vision_tower.", before): value for name, value in weights.items()}
        save_file(renamed, folder / "model.safetensors", {"format": "pt"})
        assert extract_frames(clip[:1], f"hf:{folder}", fps=1.0).equals(want), before
    save_file({f"other.{name}": value for name, value in weights.items()}, folder / "model.safetensors")
    with pytest.raises(ParameterError, match="lacks weights of CLIPVisionModel"):
        make(f"hf:{folder}").load()


@pytest.mark.parametrize("kind", ["swin", "swinv2"])
def test_stages_are_read_before_they_are_merged(kind, tmp_path):
    network = make(f"hf:{save_model(tmp_path / kind, kind)}").load()
    pictures = torch.randn(2, 3, SIDE, SIDE)
    with torch.inference_mode():
        embedded, grid = network.model.embeddings(pictures)
        maps = network.model.encoder(
            embedded, grid, output_hidden_states=True, output_hidden_states_before_downsampling=True
        ).reshaped_hidden_states
        want = torch.cat([one.mean((2, 3)) for one in maps[1:]], 1)
        got = network.embed(pictures[:, :, None], tap=["stage1", "stage2"])
    torch.testing.assert_close(got, want)
