"""InternVideo2's CLIP files, which hold an attention pool alone, are laid over the file they complete."""

import hashlib

import numpy as np
import pytest
import torch
from deep_parity import FOLDER, SMALL, fill, filled_state, make_input, reference

from vqa_features import weights
from vqa_features.backbones import build_backbone
from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.extractors.deep.internvideo2 import InternVideo2S
from vqa_features.registry import make
from vqa_features.specs import Checkpoint

CLIP = reference("internvideo2_tiny_clip")
CASE = CLIP["cases"][0]
POOL = "clip_projector."
#: What the official file has beside the pool: the projection to the text's space and the temperature.
PROJECTION = {"vision_align.0.weight": (48,), "vision_align.1.weight": (32, 48), "temp": ()}
pytestmark = pytest.mark.filterwarnings("ignore:the file holds an encoder")


def completing():
    """A file as the official training of the CLIP stage saves it: without what was frozen."""
    state = filled_state(CLIP["keys"], CASE["param_scale"])
    pool = {f"vision_encoder.{key}": value for key, value in state.items() if key.startswith(POOL)}
    return pool | {key: torch.ones(shape) for key, shape in PROJECTION.items()}


def base(name, prefix=""):
    """The file that is completed; its own attention pool is another one."""
    state = filled_state(reference(name)["keys"], CASE["param_scale"])
    other = {key: fill(f"other:{key}", value.shape) for key, value in state.items() if key.startswith(POOL)}
    return {prefix + key: value for key, value in (state | other).items()}


def stage2():
    return {"module": base("internvideo2_tiny_stage2", "vision_encoder.") | {"text_encoder.x": torch.ones(2)}}


def assert_official(network):
    with torch.inference_mode():
        got = network.embed(make_input(CASE["input_tag"], CASE["input_shape"])).numpy()
    with np.load(FOLDER / "internvideo2_tiny_clip.npz") as stored:
        want = stored["case0_feature"]
    np.testing.assert_allclose(got, want, rtol=0, atol=SMALL * want.std())


@pytest.mark.parametrize(
    "whole", [lambda: base("internvideo2_tiny_distill"), stage2], ids=["distilled", "stage2"]
)
@pytest.mark.parametrize("layout", ["clip", "single"])
def test_the_feature_of_both_files_is_the_official_clip_encoders(whole, layout):
    network = build_backbone("internvideo2", config={**CLIP["config"], "layout": layout})
    network.load_official(whole())
    left_out = network.overlay_official(completing())
    assert sorted(left_out) == sorted(PROJECTION)
    assert_official(network)


def test_a_whole_clip_file_needs_no_other():
    state = filled_state(CLIP["keys"], CASE["param_scale"])
    whole = {f"vision_encoder.{key}": value for key, value in state.items()}
    others = {
        "text_encoder.embedding_layer.weight": torch.ones(2, 3),
        "vision_align.0.weight": torch.ones(48),
    }
    network = build_backbone("internvideo2", config={**CLIP["config"], "layout": "single"})
    assert network.load_official(whole | others) == list(others)
    assert_official(network)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """internvideo2-s as the tiny network, with two unpinned files of which one completes the other."""
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path / "cache"))
    url = "https://example.org/{}.pth"
    monkeypatch.setattr(InternVideo2S, "config", {**CLIP["config"], "layout": "single"})
    monkeypatch.setattr(
        InternVideo2S,
        "checkpoints",
        (
            Checkpoint("distilled", url.format("whole"), "MIT"),
            Checkpoint("clip", url.format("pool"), "MIT", base="distilled"),
        ),
    )
    torch.save(base("internvideo2_tiny_distill"), tmp_path / "whole.pth")
    torch.save(completing(), tmp_path / "pool.pth")
    return tmp_path


def imported(folder):
    weights.import_file("internvideo2-s/distilled", folder / "whole.pth")
    weights.import_file("internvideo2-s/clip", folder / "pool.pth")
    return make("internvideo2-s[weights=clip]")


def test_both_files_are_loaded_and_both_digests_are_in_the_identity(tiny):
    extractor = imported(tiny)
    assert_official(extractor.load())
    digests = [hashlib.sha256((tiny / f"{name}.pth").read_bytes()).hexdigest() for name in ("pool", "whole")]
    assert extractor.weights_sha256() == hashlib.sha256("".join(digests).encode()).hexdigest()
    assert make("internvideo2-s").weights_sha256() == digests[1]


@pytest.mark.parametrize(("name", "tag"), [("whole", "distilled"), ("pool", "clip")])
def test_either_file_is_held_to_its_record(tiny, name, tag):
    extractor = imported(tiny)
    path = tiny / "cache" / "weights" / "internvideo2-s" / f"{name}.pth"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ParameterError, match=rf"{name}\.pth.* has been altered"):
        extractor.load()


def test_what_is_missing_is_named_with_its_command(tiny):
    extractor = make("internvideo2-s[weights=clip]")
    with pytest.raises(WeightsMissing) as both:
        extractor.weights_sha256()
    for said in ("weights fetch internvideo2-s/clip", "weights fetch internvideo2-s/distilled"):
        assert said in str(both.value)
    assert str(both.value).endswith("internvideo2-s/clip is made of pool.pth and whole.pth")
    weights.import_file("internvideo2-s/clip", tiny / "pool.pth")
    with pytest.raises(WeightsMissing) as one:
        extractor.load()
    assert "weights fetch internvideo2-s/distilled" in str(one.value)
    assert "weights fetch internvideo2-s/clip" not in str(one.value)
    assert "pool.pth and whole.pth" in str(one.value)


def test_a_file_of_the_pool_alone_says_that_it_completes_another(tiny):
    with pytest.raises(ParameterError, match="holds the attention pool alone"):
        make(f"internvideo2-s[weights={tiny / 'pool.pth'}]").load()


@pytest.mark.parametrize(
    "content",
    [
        {"vision_encoder.clip_projector.norm1_q.weight": torch.ones(3)},
        {"vision_encoder.clip_projector.unknown": torch.ones(64)},
        {"text_encoder.x": torch.ones(1)},
    ],
    ids=["another shape", "an unknown key", "no key of the encoder"],
)
def test_a_file_that_does_not_fit_over_the_other_is_refused(tiny, content):
    torch.save(content, tiny / "pool.pth")
    with pytest.raises(ParameterError, match=r"does not fit over InternVideo2"):
        imported(tiny).load()
