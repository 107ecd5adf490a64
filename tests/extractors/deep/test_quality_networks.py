"""FAST-VQA, FasterVQA and DOVER: networks, scores and frames are the official code's."""

import json
from importlib.resources import files

import numpy as np
import pytest
import torch
from deep_parity import FOLDER, cases, check_case, expected_keys, filled_state, keys_of, make_input, reference
from shallow_networks import small

from vqa_features import extract, extract_frames, score
from vqa_features.backbones import build_backbone
from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.extractors.deep.dover import fused_score
from vqa_features.extractors.deep.fast_vqa import FragmentSession
from vqa_features.frame import Frame, Views
from vqa_features.picture import ArrayPicture
from vqa_features.registry import make

SCENE = str(files("vqa_features.resources.demo") / "bikes_square.mp4")
SAMPLING = json.loads((FOLDER / "quality_sampling.json").read_text())
ARCHITECTURES = {
    "fast_vqa_b": "fast-vqa",
    "fast_vqa_m": "fast-vqa",
    "fast_vqa_tiny": "fast-vqa",
    "dover_technical": "dover",
    "dover_aesthetic": "dover",
    "dover_tiny_technical": "dover",
    "dover_tiny_aesthetic": "dover",
}
VARIANTS = {
    "fast-vqa-b": "fast_vqa_b",
    "fast-vqa-m": "fast_vqa_m",
    "faster-vqa": "fast_vqa_b",
    "dover-technical": "dover_technical",
    "dover-aesthetic": "dover_aesthetic",
}
#: A score is one number of the size of 1, the end of sums as long as the feature's.
SCORE = 2e-6
#: Deviation of the scores of noise, a ramp and a flat clip; .097 is the least seen.
VARIES = 0.02


@pytest.mark.parametrize("name", VARIANTS)
def test_keys_are_the_official_modules(name):
    assert make(name).config == reference(VARIANTS[name])["config"]
    assert keys_of(name) == expected_keys(VARIANTS[name])


@pytest.mark.parametrize(("name", "case"), cases(*ARCHITECTURES))
def test_feature_is_the_official_one(name, case):
    check_case(name, case, ARCHITECTURES[name])


@pytest.mark.parametrize("name", ["fast_vqa_tiny", "dover_tiny_technical", "dover_tiny_aesthetic"])
def test_score_is_the_official_heads(name):
    known = reference(name)
    network = build_backbone(ARCHITECTURES[name], config=known["config"])
    with np.load(FOLDER / f"{name}.npz") as stored:
        for number, case in enumerate(known["cases"]):
            network.load_official(filled_state(known["keys"], case["param_scale"]))
            with torch.inference_mode():
                rows = network.embed(make_input(case["input_tag"], case["input_shape"]), scores=True)
            np.testing.assert_allclose(rows[:, -1], stored[f"case{number}_score"], rtol=0, atol=SCORE)
            assert rows.shape[1] == stored[f"case{number}_feature"].shape[1] + 1


def test_one_file_of_dover_gives_both_branches():
    names = ["dover_tiny_technical", "dover_tiny_aesthetic"]
    parts = [filled_state(reference(name)["keys"], 1.0) for name in names]
    for name, other in zip(names, reversed(parts), strict=True):
        network = build_backbone("dover", config=reference(name)["config"])
        assert network.load_official({"state_dict": {**parts[0], **parts[1]}}) == list(other)


@pytest.mark.parametrize("name", ["fast_vqa_tiny", "dover_tiny_technical", "dover_tiny_aesthetic"])
def test_a_file_without_a_head_is_refused(name):
    known = reference(name)
    state = {k: v for k, v in filled_state(known["keys"], 1.0).items() if "_head." not in k}
    with pytest.raises(ParameterError, match=r"4 missing: \w+_head\.fc_hid\.weight"):
        build_backbone(ARCHITECTURES[name], config=known["config"]).load_official(state)


def test_an_input_without_a_scaled_window_is_refused():
    network = build_backbone("fast-vqa", config=reference("fast_vqa_tiny")["config"])
    for size in ((8, 64, 56), (1, 56, 56)):
        with pytest.raises(ParameterError, match="does not suit the network"):
            network.embed(torch.zeros(1, 3, *size))


def test_frames_are_the_official_samplers():
    for row in SAMPLING["rows"]:
        extractor = type(make(row["extractor"]))(seed=row["seed"], **row["parameters"])
        assert extractor.windows(row["n"], 25.0).ravel().tolist() == row["idx"], row


def test_fused_score_is_the_official_one():
    for technical, aesthetic, fused in SAMPLING["fused"]:
        assert fused_score(technical, aesthetic) == pytest.approx(fused, rel=1e-12)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_score_is_the_last_column_and_not_one_of_tapped_layers(name):
    extractor = make(name)
    assert len(extractor.features) == 769
    last = extractor.described_features[-1]
    assert (last.name, last.direction, last.unit) == ("score", "higher is better", "1")
    assert {one.direction for one in extractor.described_features[:-1]} == {"none"}
    tapped = make(f"{name}[tap=3]")
    assert (len(tapped.features), tapped.features[-1].name) == (768, "e767")


@pytest.mark.parametrize("name", ["fast-vqa-m", "dover-technical"])
def test_score_of_a_video_is_the_mean_over_its_clips(name):
    with pytest.raises(WeightsMissing):
        score(SCENE, name)
    extractor = small(name, clips=2)
    rows = extract(SCENE, extractor, duration_s=2.0, per_frame=True)
    pooled = extract(SCENE, extractor, duration_s=2.0)
    column = f"{extractor.label}.score"
    assert len(rows) == 2
    assert pooled[f"{column}.mean"] == pytest.approx(rows[column].mean())


@pytest.mark.parametrize("name", ["fast-vqa-b", "dover-aesthetic"])
def test_the_score_of_a_random_network_varies_with_its_input(name):
    clips = torch.randn(3, 3, 8, 64, 64, generator=torch.Generator().manual_seed(0))
    clips[1] = torch.linspace(-2, 2, 64)
    clips[2] = 1.0
    with torch.inference_mode():
        scores = small(name).load().embed(clips, scores=True)[:, -1]
    assert scores.std() > VARIES


def test_every_clip_has_places_of_its_own():
    still = np.random.default_rng(3).integers(0, 256, (1, 200, 300, 3), dtype=np.uint8).repeat(60, axis=0)
    rows = [
        extract_frames(still, small("fast-vqa-m", clips=2, seed=seed), fps=25.0, per_frame=True)
        for seed in (0, 0, 1)
    ]
    assert rows[0].equals(rows[1])
    assert not np.allclose(rows[0].iloc[0], rows[0].iloc[1], rtol=1e-3), "another clip, other places"
    assert not np.allclose(rows[0], rows[2], rtol=1e-3), "another seed, other places"


def test_a_still_clip_changes_only_where_a_block_of_aligned_frames_ends():
    still = np.random.default_rng(3).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    extractor = small("fast-vqa-m", frames=16, crops=2)
    seen = []
    network = build_backbone("fast-vqa-m", weights="random")
    network.embed = lambda clips, **options: seen.append(clips) or torch.zeros(len(clips), 769)
    session = FragmentSession(extractor, network, ())
    session.push([session.prepare(Views(Frame(ArrayPicture(still), k, k / 25), ("rgb",))) for k in range(16)])
    session.finish()
    session.close()
    (clips,) = seen
    assert clips.shape == (2, 3, 16, 64, 64)
    changes = (clips.diff(dim=2) != 0).any(dim=(1, 3, 4))
    assert [row.nonzero().ravel().tolist() for row in changes] == [[7], [7]]
    assert not torch.equal(clips[0], clips[1]), "two draws"


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("fast-vqa-b[frames=64]", "frames must be in 4 .. 32"),
        ("fast-vqa-m[frames=4]", "frames must be in 8 .. 32"),
        ("faster-vqa[segments=5]", "segments must divide the 32 frames"),
        ("dover-technical[seed=-1]", "seed must be in 0"),
        ("dover-aesthetic[crops=3]", "the whole frame is seen"),
    ],
)
def test_parameters_that_do_not_fit_are_refused_in_one_sentence(chosen, message):
    with pytest.raises(ParameterError, match=message):
        make(chosen)
