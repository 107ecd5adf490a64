"""SlowFast, I3D, X3D and MViTv2 are the authors' networks, with the frames of their tests."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from deep_parity import FOLDER, cases, check_case, expected_keys, filled_state, keys_of, reference

from vqa_features import extract_frames
from vqa_features.backbones import build_backbone
from vqa_features.errors import ParameterError
from vqa_features.extractors.deep import _sampling
from vqa_features.registry import make, registry

NAMED = {
    "pv_slowfast_r50": "slowfast-r50",
    "pv_i3d_r50": "i3d-r50",
    "pv_x3d_m": "x3d-m",
    "pysf_mvit_v2_s": "mvit-v2-s",
}
TINY = ("pv_slowfast_tiny", "pv_i3d_tiny", "pv_x3d_tiny", "pysf_mvit_v2_tiny")
#: Of the features' standard deviation: batched products sum in another order.
ANOTHER_ORDER = 1e-4


@pytest.mark.parametrize("name", [*NAMED, *TINY])
def test_keys_are_the_authors(name):
    known = reference(name)
    assert keys_of(known["backbone"], known["config"]) == expected_keys(name)
    if name in NAMED:
        assert keys_of(NAMED[name]) == expected_keys(name), "the named variant is the reference's"


@pytest.mark.parametrize(("name", "case"), cases(*TINY))
def test_feature_is_the_authors(name, case):
    check_case(name, case, reference(name)["backbone"])


@pytest.mark.parametrize("name", NAMED.values())
def test_taps_are_the_stages(name):
    extractor = make(f"{name}@random")
    with torch.device("meta"):
        assert list(extractor.taps) == build_backbone(name).stages()


@pytest.mark.parametrize("name", TINY)
def test_taps_have_the_widths_of_the_stages(name):
    """The tiny networks are 4 or 6 times thinner than the named ones, the tiny X3D has widths of its own."""
    known = reference(name)
    network = build_backbone(known["backbone"], weights="random", config=known["config"])
    with torch.inference_mode():
        tapped = network.embed(torch.randn(known["cases"][0]["input_shape"]), tap=[0, -1], reduce="mean+std")
    widths = {"pv_slowfast_tiny": 64 + 64, "pv_i3d_tiny": 64 + 512, "pv_x3d_tiny": 16 + 96}
    assert tapped.shape == (1, 2 * widths.get(name, 16 + 128))


def test_the_slow_pathway_has_the_official_frames():
    network = build_backbone("slowfast", config=reference("pv_slowfast_tiny")["config"])
    times = torch.arange(32.0).reshape(1, 1, 32, 1, 1)
    assert network.slow_frames(times).flatten().tolist() == [0, 4, 8, 13, 17, 22, 26, 31]
    with pytest.raises(ParameterError, match="that 4 divides, got 6"):
        network.embed(torch.zeros(1, 3, 6, 32, 32))


def test_torchvisions_spelling_of_mvit_loads():
    """On a shallow network with the blocks of every kind: first, later, widening."""
    known = json.loads((FOLDER / "tv_mvit_v2_s_keys.json").read_text())["keys"]
    config = {"depths": [1, 2, 1]}
    blocks = ("blocks.0.", "blocks.1.", "blocks.2.", "blocks.3.")
    rest = [key for key in known if not key.startswith("blocks.") and not key.startswith(("norm.", "head."))]
    state = {key: torch.randn(known[key][0]) for key in [*(k for k in known if k.startswith(blocks)), *rest]}
    state |= {"norm.weight": torch.randn(384), "norm.bias": torch.randn(384)}
    network = build_backbone("mvit-v2", config=config)
    assert network.load_official(state) == []
    own = network.state_dict()
    assert torch.equal(own["cls_token"].flatten(), state["pos_encoding.class_token"])
    assert torch.equal(own["blocks.3.attn.norm_k.weight"], state["blocks.3.attn.pool_k.norm_act.0.weight"])
    assert torch.equal(own["blocks.1.proj.weight"], state["blocks.1.project.weight"])
    with torch.device("meta"):
        whole = build_backbone("mvit-v2-s")
    assert {whole.rename(key) for key in known} == set(whole.state_dict())


def test_a_file_of_the_model_zoo_loads(tmp_path):
    """Such a file holds the weights as model_state; PySlowFast's own put `model.` before the keys."""
    known = reference("pv_x3d_tiny")
    state = filled_state(known["keys"], 1.0)
    for prefix in ("", "model."):
        torch.save(
            {"model_state": {prefix + key: value for key, value in state.items()}}, tmp_path / "x.pyth"
        )
        network = build_backbone("x3d", weights=tmp_path / "x.pyth", config=known["config"])
        assert torch.equal(network.state_dict()["blocks.5.proj.weight"], state["blocks.5.proj.weight"])


def test_tables_of_positions_follow_the_size_of_the_picture():
    network = build_backbone("mvit-v2", weights="random", config=reference("pysf_mvit_v2_tiny")["config"])
    clip = torch.randn(1, 3, 4, 96, 128)
    with torch.inference_mode():
        assert network.embed(clip).shape == (1, 128)
        assert not torch.equal(network.embed(clip), network.embed(clip.flip(4)))


def rows(name: str) -> list[dict]:
    return json.loads((FOLDER / "frame_sampling_motion.json").read_text())["samplers"][name]["rows"]


def test_frames_are_those_of_pyslowfasts_test():
    for row in rows("PySlowFast test (kinetics)"):
        options = (row["frames"], row["stride"], row["num_clips"], row["to_the_end"])
        found = _sampling.kinetics(row["n"], row["fps"], *options)
        assert found[row["clip_idx"]].tolist() == row["idx"], row


@pytest.mark.parametrize(
    ("name", "sampler"),
    [
        ("SimpleVQA (seconds)", _sampling.seconds),
        ("MinimalisticVQA (within seconds)", _sampling.within_seconds),
    ],
)
def test_frames_are_those_of_the_quality_models(name, sampler):
    for row in rows(name):
        assert sampler(row["n"], row["fps"], row["frames"]).tolist() == row["idx"], row


@pytest.mark.parametrize("fps", [0.4, 7.5, 30.0, 240.0, float("nan"), float("inf")])
@pytest.mark.parametrize("n", [1, 2, 31, 300])
@pytest.mark.parametrize("recipe", ["kinetics", "simplevqa", "minimalisticvqa"])
def test_every_recipe_stays_inside_every_video(recipe, n, fps):
    windows = make(f"slowfast-r50@random[recipe={recipe}]").windows(n, fps)
    assert windows.shape[1] == 32
    assert windows.min() >= 0
    assert windows.max() < n


def test_recipes_and_paths_say_what_they_are():
    official = make("slowfast-r50@random")
    assert (official.clips, official.crops, len(official.features)) == (10, 3, 2304)
    field = make("slowfast-r50@random[recipe=simplevqa,path=fast]")
    assert (field.clips, field.crops, len(field.features)) == (1, 1, 256)
    assert make(field.label) == field
    assert field.features[0].resolution == "224x224"
    assert len(make("slowfast-r50@random[path=slow]").features) == 2048
    drawn = make("slowfast-r50@random[recipe=simplevqa,view=fragments,crops=2]")
    assert drawn.features[0].resolution == "full size, 2 draws of 7x7 fragments of 32x32"
    assert make("slowfast-r50@random[recipe=simplevqa,view=tiles]").inputs[0].count(540, 960) == 8


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("recipe=simplevqa,clips=4", "one view a second: leave clips out, got 4"),
        ("recipe=minimalisticvqa,crops=2", "leave crops out"),
        ("recipe=simplevqa,stride=4", "leave stride out"),
        ("frames=30", "frames must be a multiple of 4, got 30"),
        ("path=fast,tap=slow4", "give tap or path, not both"),
        ("path=middle", "must be one of"),
        ("recipe=mine", "must be one of"),
    ],
)
def test_what_a_recipe_has_no_use_for_is_refused(bad, message):
    with pytest.raises(ParameterError, match=message):
        make(f"slowfast-r50@random[{bad}]")


def test_paths_are_the_parts_of_the_joined_vector():
    network = build_backbone("slowfast", weights="random", config=reference("pv_slowfast_tiny")["config"])
    clip = torch.randn(1, 3, 8, 64, 64)
    with torch.inference_mode():
        joined, slow, fast = (network.embed(clip, path=path) for path in ("joined", "slow", "fast"))
    assert torch.equal(joined, torch.cat([slow, fast], dim=1))
    with pytest.raises(ParameterError, match="path must be joined, slow or fast, got 'both'"):
        network.embed(clip, path="both")


def test_a_row_is_the_networks_vector_of_the_second():
    """One row per second, of the path and the picture that the recipe names."""
    small = dataclasses.replace(make("slowfast-r50@random[recipe=simplevqa]").preprocess, resize=(64, 64))
    body = {"config": reference("pv_slowfast_tiny")["config"], "dim": 64, "preprocess": small}
    thin = type("Thin", (registry()["slowfast-r50"],), body)
    extractor = thin(weights="random", recipe="simplevqa", path="fast", frames=8)
    frames = np.random.default_rng(5).integers(0, 256, (20, 70, 90, 3), dtype=np.uint8)
    found = extract_frames(frames, extractor, fps=8.0, per_frame=True).to_numpy()
    clips = [
        np.stack([extractor.preprocess(frame)[0] for frame in frames[start : start + 8]], axis=1)
        for start in (0, 8)
    ]
    with torch.inference_mode():
        want = extractor.load().embed(torch.from_numpy(np.stack(clips)), path="fast").numpy()
    np.testing.assert_allclose(found, want, rtol=0, atol=ANOTHER_ORDER * want.std())
