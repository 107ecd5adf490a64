"""R3D-18, MC3-18, R(2+1)D-18 are torchvision's networks."""

import pytest
from deep_parity import cases, check_case, expected_keys, keys_of, reference

from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.registry import make

NETWORKS = {"tv_r3d_18": "r3d-18", "tv_mc3_18": "mc3-18", "tv_r2plus1d_18": "r2plus1d-18"}


@pytest.mark.parametrize("name", NETWORKS)
def test_keys_are_torchvisions(name):
    assert keys_of(NETWORKS[name], reference(name)["config"]) == expected_keys(name)


@pytest.mark.parametrize(("name", "case"), cases(*NETWORKS))
def test_feature_is_torchvisions(name, case):
    check_case(name, case, NETWORKS[name])


def test_clips_are_sixteen_frames_at_fifteen_per_second():
    windows = make("r3d-18@random").windows(300, 30.0)
    assert windows.shape == (5, 16)
    assert windows[0].tolist() == list(range(0, 32, 2))
    assert windows[-1, -1] == 298


def test_without_weights_the_error_says_where_they_are(monkeypatch, tmp_path):
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissing, match=r"r3d_18-b3b3357e\.pth.*BSD-3.*weights fetch r3d-18"):
        make("r3d-18").weights_sha256()


@pytest.mark.parametrize(
    ("label", "columns"),
    [("r3d-18@random", 512), ("r3d-18@random[tap=layer3+layer4,reduce=mean+std]", 2 * (256 + 512))],
)
def test_taps_and_reductions_say_their_width(label, columns):
    extractor = make(label)
    assert len(extractor.features) == columns
    assert extractor.label == label


@pytest.mark.parametrize("bad", ["tap=layer9", "reduce=std", "crops=2", "clips=0", "fps=0", "precision=fp8"])
def test_a_parameter_that_is_not_allowed_is_refused(bad):
    with pytest.raises(ParameterError):
        make(f"r3d-18@random[{bad}]")
