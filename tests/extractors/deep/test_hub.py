"""Models of the transformers library give what they themselves pool, from a folder, safely."""

import json
import shutil

import numpy as np
import pytest
import torch
from hub_folders import PREPROCESSOR, SIDE, TINY, save_model
from small_videos import moving

from vqa_features import extract_frames, extract_many, weights
from vqa_features.errors import DownloadError, ParameterError, WeightsMissing
from vqa_features.extractors.deep._hub.kinds import KINDS
from vqa_features.extractors.deep._preprocess import Preprocess
from vqa_features.extractors.deep.hub import Hub
from vqa_features.registry import make
from vqa_features.testing import check_column_facts

transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A tiny random model of each type, saved as the hub keeps them."""
    root = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    for kind in TINY:
        save_model(root / kind, kind)
    return root


def frames(count, height=40, width=60):
    return np.random.default_rng(count).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("shape", [(40, 61), (61, 40), (32, 32), (20, 31)])
@pytest.mark.parametrize("name", ["CLIPImageProcessorPil", "VideoMAEImageProcessorPil"])
def test_pixels_are_those_of_transformers_own_processor(name, shape):
    size = {"size": {"shortest_edge": SIDE}, "crop_size": {"height": SIDE, "width": SIDE}}
    processor = getattr(transformers, name)(**size)
    image = frames(1, *shape)[0]
    want = processor(image, return_tensors="np")["pixel_values"]
    kernel = "bicubic" if processor.resample == 3 else "bilinear"
    mean, std = tuple(processor.image_mean), tuple(processor.image_std)
    got = Preprocess(SIDE, SIDE, mean, std, "pil", kernel)(image)
    np.testing.assert_allclose(got, want.reshape(got.shape), atol=1e-6)


@pytest.mark.parametrize("name", TINY)
def test_layers_can_be_tapped(folders, name):
    has_cls = KINDS[name].has_cls
    reduce = "mean+std" + ("+cls" if has_cls else "")
    extractor = make(f"hf:{folders / name}[tap=0+-1,reduce={reduce}]")
    taps = list(extractor.taps)
    assert extractor.tap == (taps[0], taps[-1])
    found = extract_frames(frames(5), extractor, fps=5.0)
    widths = extractor.taps[taps[0]] + extractor.taps[taps[-1]]
    assert len(found) == (2 + has_cls) * widths == len(extractor.features)
    assert np.isfinite(found).all()
    assert make(extractor.label) == extractor
    if not has_cls:
        with pytest.raises(ParameterError, match="no class token"):
            extract_frames(frames(2), f"hf:{folders / name}[tap={taps[0]},reduce=cls]", fps=1.0)


def test_columns_say_all_of_themselves(folders):
    model = make(f"hf:{folders / 'dinov2'}")
    check_column_facts(model)
    assert model.described_features[0].resolution == f"short side {SIDE}, centre crop of {SIDE}x{SIDE}"


def test_preprocessing_is_the_models_own(folders):
    found = make(f"hf:{folders / 'clip'}").preprocess
    assert (found.resize, found.crop, found.interpolation) == (SIDE, (SIDE, SIDE), "bicubic")
    np.testing.assert_allclose(found.mean, [0.48, 0.46, 0.41])


def test_a_processor_saved_by_transformers_5_holds_the_preprocessing(tmp_path, folders):
    want = make(f"hf:{folders / 'clip'}").preprocess
    folder = shutil.copytree(folders / "clip", tmp_path / "clip")
    nested = {"processor_class": "CLIPProcessor", "image_processor": PREPROCESSOR}
    (folder / "processor_config.json").write_text(json.dumps(nested))
    (folder / "preprocessor_config.json").unlink()
    assert Hub(str(folder)).preprocess == want
    # as transformers does, the nested one goes before the file of its own
    (folder / "preprocessor_config.json").write_text(json.dumps({**PREPROCESSOR, "resample": 2}))
    assert Hub(str(folder)).preprocess == want
    # an older processor_config.json has no preprocessing in it
    other = shutil.copytree(folders / "clip", tmp_path / "older")
    (other / "processor_config.json").write_text(json.dumps({"processor_class": "CLIPProcessor"}))
    assert Hub(str(other)).preprocess == want


def test_a_video_model_takes_the_video_processor_first(tmp_path, folders):
    nested = {"image_processor": PREPROCESSOR, "video_processor": {**PREPROCESSOR, "resample": 2}}
    for name, kernel in (("videomae", "bilinear"), ("clip", "bicubic")):
        folder = shutil.copytree(folders / name, tmp_path / name)
        (folder / "preprocessor_config.json").unlink()
        (folder / "processor_config.json").write_text(json.dumps(nested))
        assert Hub(str(folder)).preprocess.interpolation == kernel
        (folder / "processor_config.json").unlink()
        with pytest.raises(ParameterError, match=r"has neither preprocessor_config\.json nor processor_"):
            Hub(str(shutil.copytree(folder, tmp_path / f"{name}-without"))).preprocess  # noqa: B018


def test_loading_draws_no_bars_and_leaves_the_switch_as_it_was(folders, capfd):
    from transformers.utils import logging

    logging.enable_progress_bar()
    make(f"hf:{folders / 'clip'}").load()
    assert "Loading weights" not in capfd.readouterr().err
    assert logging.is_progress_bar_enabled()


def test_vivits_offset_is_understood(tmp_path, folders):
    folder = shutil.copytree(folders / "vivit", tmp_path / "vivit")
    settings = {
        **PREPROCESSOR,
        "rescale_factor": 1 / 127.5,
        "offset": True,
        "image_mean": [0.5] * 3,
        "image_std": [0.5] * 3,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    grey = np.full((SIDE, SIDE, 3), 204, np.uint8)
    np.testing.assert_allclose(Hub(str(folder)).preprocess(grey), (204 / 127.5 - 1 - 0.5) / 0.5, rtol=1e-5)


def test_a_missing_pooling_layer_is_not_made_up(tmp_path, folders):
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "vivit"
    transformers.VivitModel.from_pretrained(folders / "vivit").save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    state = {k: v for k, v in load_file(folder / "model.safetensors").items() if not k.startswith("pooler.")}
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    network = make(f"hf:{folder}").load()
    clip = torch.randn(1, 3, 4, SIDE, SIDE)
    with torch.inference_mode():
        want = network.model(pixel_values=clip.transpose(1, 2)).last_hidden_state[:, 0]
        torch.testing.assert_close(network.embed(clip), want)
    del state["layernorm.weight"]
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ParameterError, match=r"1 missing, layernorm\.weight"):
        make(f"hf:{folder}").load()


def test_random_weights_are_labelled_and_seeded(folders):
    extractor = make(f"hf:{folders / 'dinov2'}@random")
    assert extractor.label == f"hf:{folders / 'dinov2'}@random"
    assert make(extractor.label) == extractor
    assert extractor.weights_sha256() is None
    one, other = (extract_frames(frames(1), extractor) for _ in range(2))
    assert one.equals(other)
    trained = extract_frames(frames(1), f"hf:{folders / 'dinov2'}")
    assert not np.allclose(one, trained)


def test_identity_carries_the_weights_hash(folders):
    import hashlib

    digest = hashlib.sha256((folders / "clip" / "model.safetensors").read_bytes()).hexdigest()
    assert make(f"hf:{folders / 'clip'}").identity()["weights"] == digest


def test_pickled_weights_are_refused(tmp_path, folders):
    (tmp_path / "config.json").write_text((folders / "clip" / "config.json").read_text())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(WeightsMissing, match=r"no \.safetensors"):
        make(f"hf:{tmp_path}").weights_sha256()


def test_a_model_that_is_nowhere_says_how_to_fetch_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsMissing, match="weights fetch hf:nobody/nothing"):
        make("hf:nobody/nothing").weights_sha256()
    with pytest.raises(DownloadError, match="HF_HUB_OFFLINE"):
        weights.fetch("hf:nobody/nothing")


def test_other_types_of_model_are_refused(tmp_path):
    config = transformers.BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    transformers.BertModel(config).save_pretrained(tmp_path)
    with pytest.raises(ParameterError, match="type 'bert'; known types are videomae"):
        _ = make(f"hf:{tmp_path}").features


@pytest.mark.parametrize("label", ["hf:", "hf:somewhere[weights=a.pth]", "hf:somewhere[fps=0]"])
def test_what_makes_no_sense_is_refused(label):
    with pytest.raises(ParameterError):
        make(label)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "preprocessor_config.json"])
def test_a_folder_that_lacks_a_file_is_refused_before_the_first_video(folders, tmp_path, file):
    shutil.copytree(folders / "videomae", tmp_path / "model")
    (tmp_path / "model" / file).unlink()
    clip = moving(tmp_path / "clip.mp4", 4)
    tried = []
    with pytest.raises((ParameterError, WeightsMissing), match=f"hf:{tmp_path}/model"):
        extract_many([clip], ["siti", f"hf:{tmp_path}/model"], on_result=tried.append)
    assert tried == []
