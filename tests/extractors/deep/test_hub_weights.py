"""Which weights of a model's files are loaded: the norm of its vector; of two towers that for pictures."""

import json

import numpy as np
import pytest
import torch
from hub_folders import PREPROCESSOR, SIDE, TINY, save_model

from vqa_features.extractors.deep._hub import loading
from vqa_features.extractors.deep._hub.files import read_files
from vqa_features.registry import make

transformers = pytest.importorskip("transformers")


def clip(frames):
    """A clip of normalised noise."""
    return torch.from_numpy(
        np.random.default_rng(3).normal(size=(1, 3, frames, SIDE, SIDE)).astype(np.float32)
    )


def fine_tuned(folder, **config):
    """Save a tiny classifier of videos, whose norms are no identity."""
    torch.manual_seed(1)
    model = transformers.VideoMAEForVideoClassification(
        transformers.VideoMAEConfig(**TINY["videomae"], num_labels=5, **config)
    )
    for name, value in model.named_parameters():
        if "norm" in name:
            torch.nn.init.normal_(value, 1.0, 0.5)
    model.eval().save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    return model


def before_the_classifier(model, pixels):
    """What the library's own model gives its classifier."""
    seen = []
    hook = model.classifier.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0]))
    with torch.inference_mode():
        model(pixel_values=pixels.transpose(1, 2) if pixels.shape[2] > 1 else pixels[:, :, 0])
    hook.remove()
    return seen[0]


def test_the_vector_of_a_fine_tuned_videomae_is_its_classifiers_input(tmp_path):
    model = fine_tuned(tmp_path / "tuned", use_mean_pooling=True)
    network = make(f"hf:{tmp_path / 'tuned'}").load()
    with torch.inference_mode():
        got = network.embed(clip(4))
    torch.testing.assert_close(got, before_the_classifier(model, clip(4)), rtol=0, atol=1e-5)
    control = make(f"hf:{tmp_path / 'tuned'}@random").load()
    with torch.inference_mode():
        torch.testing.assert_close(control.embed(clip(4)).mean(), torch.tensor(0.0), rtol=0, atol=1e-5)


def test_a_pretrained_videomae_has_no_norm_after_the_mean(tmp_path):
    torch.manual_seed(1)
    config = transformers.VideoMAEConfig(
        **TINY["videomae"], use_mean_pooling=False, decoder_hidden_size=8, decoder_num_attention_heads=2
    )
    transformers.VideoMAEForPreTraining(config).save_pretrained(tmp_path / "pre")
    (tmp_path / "pre" / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    model = transformers.VideoMAEModel.from_pretrained(tmp_path / "pre").eval()
    with torch.inference_mode():
        want = model(pixel_values=clip(4).transpose(1, 2)).last_hidden_state.mean(1)
        got = make(f"hf:{tmp_path / 'pre'}").load().embed(clip(4))
    torch.testing.assert_close(got, want, rtol=0, atol=1e-5)


HEADS = {
    "timesformer": (transformers.TimesformerForVideoClassification, 4),
    "vivit": (transformers.VivitForVideoClassification, 4),
    "vit": (transformers.ViTForImageClassification, 1),
    "beit": (transformers.BeitForImageClassification, 1),
    "convnext": (transformers.ConvNextForImageClassification, 1),
    "swin": (transformers.SwinForImageClassification, 1),
}


@pytest.mark.parametrize("kind", HEADS)
def test_the_vector_of_a_fine_tuned_model_is_its_classifiers_input(tmp_path, kind):
    cls, frames = HEADS[kind]
    torch.manual_seed(1)
    model = cls(transformers.CONFIG_MAPPING[kind](**TINY[kind], num_labels=5)).eval()
    model.save_pretrained(tmp_path / kind)
    (tmp_path / kind / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    want = before_the_classifier(model, clip(frames))
    with torch.inference_mode():
        got = make(f"hf:{tmp_path / kind}").load().embed(clip(frames))
    torch.testing.assert_close(got, want.flatten(1), rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", ["clip", "siglip", "siglip2", "xclip", "metaclip_2", "aimv2", "tipsv2"])
def test_of_an_image_text_model_the_text_tower_is_loaded_on_request_alone(tmp_path, kind):
    files = read_files(str(save_model(tmp_path / kind, kind)))
    digest = files.weights_sha256()
    vision, both = (loading.build(files, digest, text) for text in (False, True))

    def has_text(network):
        return sum(one.numel() for name, one in network.named_parameters() if "text_" in name) > 1

    assert (has_text(vision), has_text(both)) == (False, True)
    own, all_of_it = vision.state_dict(), both.state_dict()
    assert all(torch.equal(value, all_of_it[key]) for key, value in own.items() if value.numel() > 1)
    with torch.inference_mode():
        torch.testing.assert_close(vision.embed(clip(4)), both.embed(clip(4)), rtol=0, atol=0)
