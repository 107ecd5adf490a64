"""ResNet-50 is the transformers library's network, which is torchvision's."""

import numpy as np
import pytest
import torch

from vqa_features.backbones import build_backbone
from vqa_features.registry import make

#: The same convolutions, pooled with another operation.
SAME_NETWORK = 1e-5


def test_feature_is_transformers():
    transformers = pytest.importorskip("transformers")
    theirs = transformers.ResNetForImageClassification(transformers.ResNetConfig(num_labels=1000)).eval()
    generator = torch.Generator().manual_seed(3)
    for name, value in theirs.named_buffers():
        if name.endswith("running_var"):
            value.uniform_(0.5, 2.0, generator=generator)
    ours = build_backbone("resnet-50")
    assert ours.load_official(theirs.state_dict()) == []
    images = torch.randn(2, 3, 75, 98, generator=generator)
    with torch.inference_mode():
        want = theirs.resnet(images).pooler_output.flatten(1).numpy()
        got = ours.embed(images[:, :, None]).numpy()
    np.testing.assert_allclose(got, want, rtol=0, atol=SAME_NETWORK * want.std())


def test_keys_are_torchvisions():
    with torch.device("meta"):
        keys = build_backbone("resnet-50").state_dict()
    assert len(keys) == 320, "torchvision's resnet50"
    assert keys["layer4.2.conv3.weight"].shape == (2048, 512, 1, 1)
    assert "layer1.0.downsample.1.running_var" in keys


def test_a_clips_vector_is_the_mean_over_its_frames():
    network = build_backbone("resnet-50", weights="random")
    clip = torch.randn(1, 3, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        together = network.embed(clip, tap=("layer2", "layer4"), reduce=("mean", "std"))
        alone = [
            network.embed(clip[:, :, t : t + 1], tap=("layer2", "layer4"), reduce="mean+std")
            for t in range(3)
        ]
    want = torch.stack(alone).mean(0)
    torch.testing.assert_close(together, want, rtol=0, atol=SAME_NETWORK * float(want.std()))
    assert together.shape[1] == len(make("resnet-50[tap=layer2+layer4,reduce=mean+std]").features)
