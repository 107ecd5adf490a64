"""An extractor that cannot work for any video is refused before the first one, in one sentence."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from small_videos import moving
from trouble import Trouble

import vqa_features as vf
from vqa_features.errors import ParameterError, VqaError, WeightsMissing
from vqa_features.extraction.readiness import prove
from vqa_features.extras import EXTRAS, ExtraMissing
from vqa_features.video_task import VideoResult


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    return [moving(tmp_path / f"{name}.mp4", 4) for name in "ab"]


def refusal(clips: list[Path], extractor: object, **settings: object) -> VqaError:
    """The error of a run, after which no video may have been tried."""
    results: list[VideoResult] = []
    with pytest.raises(VqaError) as caught:
        vf.extract_many(clips, extractor, on_result=results.append, **settings)  # type: ignore[arg-type]
    assert results == []
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("opening", ["value", "file", "memory", "module"])
def test_an_extractor_that_does_not_open_ends_the_run(clips: list[Path], opening: str, jobs: int) -> None:
    error = refusal(clips, ["siti", Trouble(opening=opening)], jobs=jobs)
    assert str(error).startswith(f"trouble[opening={opening}] ")
    assert ("pip install 'vqa-features[deep]'" in str(error)) == (opening == "module")


def test_a_niqe_model_of_another_shape_is_refused(clips: list[Path], tmp_path: Path) -> None:
    np.savez(tmp_path / "small.npz", mean=np.zeros(3), covariance=np.eye(3))
    assert isinstance(refusal(clips, f"niqe[model={tmp_path}/small.npz]"), ParameterError)
    (tmp_path / "text.npz").write_text("no model")
    assert isinstance(refusal(clips, f"niqe[model={tmp_path}/text.npz]"), ParameterError)
    assert isinstance(refusal(clips, f"niqe[model={tmp_path}/none.npz]"), WeightsMissing)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    "label",
    ["r3d-18@random[fps=inf]", "r3d-18@random[device=cuda:77]", "resnet-50@random[fps=1e-300]"],
)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
def test_a_parameter_that_no_video_allows_is_refused(clips: list[Path], label: str, jobs: int) -> None:
    assert "r3d-18" in str(refusal(clips, label, jobs=jobs)) or "resnet-50" in label


@pytest.mark.needs("torch")
def test_weights_of_another_network_are_refused(clips: list[Path], tmp_path: Path) -> None:
    import torch

    torch.save({"layer.weight": torch.zeros(3)}, tmp_path / "other.pth")
    (tmp_path / "text.pth").write_text("no weights")
    for name in ("other.pth", "text.pth"):
        assert isinstance(refusal(clips, f"r3d-18[weights={tmp_path / name}]"), ParameterError)


@pytest.mark.parametrize("label", ["r3d-18@random", "resnet-50", "video-swin-t@random[clips=1]"])
def test_without_torch_the_extra_is_named(
    clips: list[Path], label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    error = refusal(clips, label)
    assert isinstance(error, ExtraMissing)
    assert isinstance(error, ImportError)
    assert "needs torch: pip install 'vqa-features[deep]'" in str(error)
    with pytest.raises(ExtraMissing):
        vf.extract(clips[0], label)
    assert "siti.si.mean" in vf.extract(clips[0], "siti")


@pytest.mark.parametrize("package", EXTRAS["deep"])
def test_a_hub_model_names_each_package_of_its_extra(
    clips: list[Path], package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in EXTRAS["deep"]:
        if name == package:
            monkeypatch.setitem(sys.modules, name, None)
    text = str(refusal(clips, "hf:some/model"))
    assert package in text
    assert "pip install 'vqa-features[deep]'" in text


@pytest.mark.parametrize("name", ["siti", "niqe", "flow", "tlvqm"])
def test_proving_an_extractor_leaves_no_file_and_no_descriptor(name: str) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert prove(vf.make(name)) == 0.0
    assert len(list(Path("/proc/self/fd").iterdir())) == before
