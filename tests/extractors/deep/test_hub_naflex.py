"""SigLIP 2 sees pictures in their own aspect, as its processor gives them."""

import json

import numpy as np
import pytest
import torch

from vqa_features import extract_frames
from vqa_features.extractors.deep._hub.resizing import Patches, Pixels, ShortAndLong, Within
from vqa_features.registry import make

transformers = pytest.importorskip("transformers")
cv2 = pytest.importorskip("cv2")

#: Agreement with the library's processor and model, in standard deviations of the vector.
AGREEMENT = 1e-5
_TINY = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}


@pytest.fixture(scope="module")
def naflex(tmp_path_factory):
    """A tiny SigLIP 2 as saved in 2025: with its processor's class and number of patches."""
    folder = tmp_path_factory.mktemp("siglip2")
    torch.manual_seed(0)
    config = transformers.Siglip2Config(
        text_config={**_TINY, "vocab_size": 40, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1},
        vision_config={**_TINY, "patch_size": 16, "num_patches": 64},
    )
    model = transformers.AutoModel.from_config(config)
    torch.nn.init.normal_(model.vision_model.embeddings.position_embedding.weight)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def frame(scenes):
    """A 16:9 frame of a real video."""
    stream = cv2.VideoCapture(str(next(path for path in scenes if path.name == "city_towers.mp4")))
    image = cv2.cvtColor(stream.read()[1], cv2.COLOR_BGR2RGB)
    stream.release()
    return image


SETTINGS = {
    "fast": {"image_processor_type": "Siglip2ImageProcessorFast", "max_num_patches": 64, "patch_size": 16},
    "default": {"image_processor_type": "Siglip2ImageProcessor"},
    "no class": {"max_num_patches": 100, "do_resize": True},
}


@pytest.mark.parametrize("settings", SETTINGS)
def test_vector_is_that_of_the_librarys_processor_and_model(naflex, frame, settings):
    (naflex / "preprocessor_config.json").write_text(json.dumps(SETTINGS[settings]))
    extractor = make(f"hf:{naflex}")
    processor = transformers.AutoImageProcessor.from_pretrained(naflex)
    model = transformers.AutoModel.from_pretrained(naflex).eval()
    for image in (frame, frame.transpose(1, 0, 2).copy(), frame[:180, :180], frame[:40]):
        inputs = processor(image, return_tensors="pt")
        with torch.inference_mode():
            want = model.get_image_features(**inputs)
        want = (want if isinstance(want, torch.Tensor) else want.pooler_output)[0].numpy()
        got = extract_frames(image[None], extractor).to_numpy()
        np.testing.assert_allclose(got, want, rtol=0, atol=AGREEMENT * want.std())
        rows, columns = (side // 16 for side in extractor.preprocess(image).shape[-2:])
        assert [rows, columns] == inputs["spatial_shapes"][0].tolist()


def test_layers_have_the_tokens_of_the_picture_alone(naflex, frame):
    (naflex / "preprocessor_config.json").write_text(json.dumps(SETTINGS["fast"]))
    extractor = make(f"hf:{naflex}[tap=layer2]")
    processor = transformers.AutoImageProcessor.from_pretrained(naflex)
    model = transformers.AutoModel.from_pretrained(naflex).eval()
    inputs = processor(frame, return_tensors="pt")
    with torch.inference_mode():
        hidden = model.vision_model(**inputs, output_hidden_states=True).hidden_states[2][0]
    want = hidden[inputs["pixel_attention_mask"][0].bool()].mean(0).numpy()
    np.testing.assert_allclose(
        extract_frames(frame[None], extractor).to_numpy(), want, rtol=0, atol=AGREEMENT * want.std()
    )


SHAPES = [(1080, 1920), (1920, 1080), (540, 960), (270, 480), (32, 32), (17, 999), (1, 400), (3000, 20)]


@pytest.mark.parametrize("shape", SHAPES)
def test_sizes_are_those_of_the_librarys_rules(shape):
    from transformers.image_transforms import get_size_with_aspect_ratio
    from transformers.image_utils import get_image_size_for_max_height_width
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize
    from transformers.models.siglip2.image_processing_pil_siglip2 import get_image_size_for_max_num_patches

    for patch, most in ((16, 256), (16, 729), (14, 64), (32, 1)):
        assert Patches(patch, most)(*shape) == get_image_size_for_max_num_patches(*shape, patch, most)
    for short, long in ((224, 1333), (800, 1333), (224, 224), (32, 40)):
        assert ShortAndLong(short, long)(*shape) == get_size_with_aspect_ratio(shape, short, long)
    for box in ((224, 224), (480, 640), (1000, 300)):
        assert Within(*box)(*shape) == get_image_size_for_max_height_width(shape, *box)
    if max(shape) <= 200 * min(shape):
        for rule in ((28, 3136, 12845056), (28, 3136, 200704), (32, 65536, 16777216)):
            assert Pixels(*rule)(*shape) == smart_resize(*shape, *rule)
