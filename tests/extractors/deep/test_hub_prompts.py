"""Texts on image-text models give the scores of the library's own tokenizer and model, or one sentence."""

import json
import pickle
import shutil

import numpy as np
import pytest
import torch
from hub_folders import edit
from small_videos import moving

from vqa_features import extract_frames, extract_many
from vqa_features.errors import ParameterError
from vqa_features.extractors.deep._hub.prompts import SETS
from vqa_features.extractors.deep.hub import Hub
from vqa_features.registry import make, split_labels
from vqa_features.testing import check_column_facts

transformers = pytest.importorskip("transformers")
pytest.importorskip("tokenizers")

from text_models import LENGTH, save_text_model  # noqa: E402

KINDS = ("clip", "metaclip_2", "siglip", "siglip2", "xclip")
TEXTS = ("Good photo.", "Bad photo.", "a dog runs on the beach, fast")
PROMPTS = "Good photo./Bad photo.+a dog runs on the beach%2C fast"
FRAMES = np.random.default_rng(5).integers(0, 256, (4, 40, 60, 3), dtype=np.uint8)
#: Float32 of the same products in another order.
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A tiny random model of each type, with a tokenizer trained on a few sentences."""
    root = tmp_path_factory.mktemp("text_models")
    for kind in KINDS:
        save_text_model(root / kind, kind)
    return root


@pytest.fixture
def clip(models, tmp_path):
    """A copy of the CLIP model that may be changed."""
    return shutil.copytree(models / "clip", tmp_path / "clip")


def scores(folder, prompts=PROMPTS, **parameters):
    extractor = Hub(str(folder), prompts=tuple(prompts.split("+")), **parameters)
    return extract_frames(FRAMES, extractor, fps=1.0, per_frame=True).to_numpy()


def refused(folder, match, prompts=("a good photo/a bad photo",)):
    with pytest.raises(ParameterError, match=match) as caught:
        Hub(str(folder), prompts=prompts).identity()
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def logits_of_the_library(folder, kind):
    """Logits per picture or clip and cosines of the library's own forward, with its own tokenizer."""
    extractor = make(f"hf:{folder}")
    model = transformers.AutoModel.from_pretrained(folder).eval()
    padding = {"padding": True} if "clip" in kind else {"padding": "max_length", "max_length": LENGTH}
    texts = transformers.AutoTokenizer.from_pretrained(folder)(list(TEXTS), return_tensors="pt", **padding)
    if "clip" not in kind:
        del texts["attention_mask"]  # not used in its training
    windows = extractor.windows(len(FRAMES), 1.0)
    clips = [np.stack([extractor.preprocess(FRAMES[t])[0] for t in one], axis=1) for one in windows]
    network = extractor.load()
    pictures = network._inputs(torch.from_numpy(np.stack(clips)))
    with torch.no_grad():
        found = model(**texts, **pictures)
        bias = getattr(model, "logit_bias", torch.zeros(1))
        logits = found.logits_per_video if kind == "xclip" else found.logits_per_image
        return logits, (logits - bias) / model.logit_scale.exp()


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_the_librarys_tokenizer_and_forward(models, kind):
    logits, cosines = logits_of_the_library(models / kind, kind)
    assert cosines.std() > 0.01
    probability = logits[:, :2].softmax(dim=1)[:, 0]
    want = torch.stack([probability, cosines[:, 2]], dim=1)
    np.testing.assert_allclose(scores(models / kind), want, rtol=0, atol=TOLERANCE * float(want.std()))
    difference = scores(models / kind, pair_score="difference")[:, 0]
    np.testing.assert_allclose(difference, cosines[:, 0] - cosines[:, 1], rtol=0, atol=TOLERANCE)


def test_a_pair_turned_round_gives_the_other_probability(models):
    there, back = scores(models / "clip", "a good house/a bad house+a bad house/a good house").T
    np.testing.assert_allclose(there + back, 1.0, atol=1e-6)
    assert np.ptp(there) > 0.01


@pytest.mark.parametrize("name", SETS)
def test_every_set_has_a_column_per_pair_in_its_order(models, name):
    extractor = make(f"hf:{models / 'siglip'}[prompts={name}]")
    check_column_facts(extractor)
    assert len(extractor.features) == len(SETS[name])
    for feature, prompt in zip(extractor.described_features, SETS[name], strict=True):
        assert all(repr(text) in feature.description for text in prompt.texts)
        assert (feature.low, feature.high, feature.direction) == (0.0, 1.0, prompt.direction)


def test_columns_are_named_by_the_words_of_the_texts(models):
    texts = ("good/bad", "Good photo./Bad photo.", "good photo/bad photo", "a dog runs")
    names = Hub(str(models / "clip"), prompts=texts).feature_names
    assert names == ["good_bad", "good-photo_bad-photo", "good-photo_bad-photo-2", "a-dog-runs"]


@pytest.mark.parametrize(
    "text", ["a dog, a cat", "a + b = c", "[a] 100% sure", "50/50", "% 2C", "näher & ferner", "a%2Cb c"]
)
def test_any_text_survives_the_label(models, text):
    written = text.replace("%", "%25").replace("/", "%2F")
    made = Hub(str(models / "clip"), prompts=(f"{written}/the other",))
    assert made._prompts[0].texts == (text, "the other")
    (label,) = split_labels(made.label)
    assert make(label) == made
    assert make(label).label == made.label


def test_settings_of_the_texts_are_in_the_identity(clip):
    made = [Hub(str(clip), prompts=(one,)).identity() for one in ("good/bad", "bad/good", "clip-iqa")]
    made.append(Hub(str(clip), prompts=("good/bad",), pair_score="difference").identity())
    made.append(Hub(str(clip)).identity())
    edit(clip / "tokenizer_config.json", note="another file")
    made.append(Hub(str(clip), prompts=("good/bad",)).identity())
    assert len({json.dumps(one) for one in made}) == len(made)


def test_the_texts_travel_to_the_workers_without_the_tokenizer(models, tmp_path):
    made = make(f"hf:{models / 'siglip2'}[prompts=bvqi]")
    made.identity()
    assert len(pickle.dumps(made)) < len((models / "siglip2" / "tokenizer.json").read_bytes())
    table = extract_many([moving(tmp_path / "moving.mp4")], [made], jobs=1)
    (status,) = table["status"]
    assert status == "ok"
    columns = [f"{made.label}.{name}.mean" for name in made.feature_names]
    assert table[columns].notna().all(axis=None)


@pytest.mark.parametrize("kind", ["clip", "xclip", "siglip"])
def test_random_control_varies_with_the_picture(models, kind):
    made = make(f"hf:{models / kind}@random[prompts=good/bad,clips=1]")
    assert made.label.startswith(f"hf:{models / kind}@random[prompts=good/bad")
    for one in (0, 255):
        assert extract_frames(np.full((4, 32, 32, 3), one, np.uint8), made, fps=1.0).notna().all()
    pictures = [extract_frames(FRAMES[k : k + 1], made, fps=1.0, per_frame=True).iloc[0, 0] for k in range(3)]
    assert np.ptp(pictures) > 1e-6


def test_old_files_of_clip_give_the_same_tokens(clip):
    want = scores(clip)
    model = json.loads((clip / "tokenizer.json").read_text())["model"]
    (clip / "vocab.json").write_text(json.dumps(model["vocab"]))
    merges = "\n".join(" ".join(merge) for merge in model["merges"])
    (clip / "merges.txt").write_text(f"#version: 0.2\n{merges}\n")
    (clip / "tokenizer.json").unlink()
    (clip / "tokenizer_config.json").unlink()
    text = json.loads((clip / "config.json").read_text())["text_config"]
    edit(clip / "config.json", text_config=text | {"eos_token_id": 2})
    np.testing.assert_array_equal(scores(clip), want)


def test_siglip_2_as_the_hub_keeps_it_is_lower_cased_all_the_same(models, tmp_path):
    folder = shutil.copytree(models / "siglip2", tmp_path / "siglip2")
    normalizer = json.loads((folder / "tokenizer.json").read_text())["normalizer"]
    edit(folder / "tokenizer.json", normalizer=normalizer["normalizers"][1])
    edit(folder / "tokenizer_config.json", tokenizer_class="GemmaTokenizer", padding_side="right")
    np.testing.assert_array_equal(scores(folder), scores(models / "siglip2"))


def test_the_first_siglip_drops_punctuation(models, tmp_path):
    folder = shutil.copytree(models / "siglip", tmp_path / "siglip")
    edit(folder / "tokenizer_config.json", tokenizer_class="SiglipTokenizer")
    plain, marked = scores(folder, "good photo/bad photo+Good  photo!/Bad, photo.").T
    np.testing.assert_array_equal(plain, marked)
    refused(folder, "the prompt '!!' has no token the model knows", ("good/!!",))


@pytest.mark.parametrize(
    ("prompts", "match"),
    [
        (("",), "a text is empty in ''"),
        (("good/ ",), "a text is empty in 'good/ '"),
        (("/bad",), "a text is empty"),
        (("Good photo/good photo",), "must differ, got 'Good photo' twice"),
        (("a/b/c",), "'a/b/c' has 3; join pairs with [+], and write %2F"),
        (("clip-iqua",), "no set of prompts 'clip-iqua', did you mean 'clip-iqa'; known are clip-iqa, "),
        (("sharp",), "no set of prompts 'sharp'; known are"),
        (("good/bad", "good/bad"), "'good/bad' is given twice"),
        (("bvqi", "a good photo/a bad photo"), "'a good photo/a bad photo' is given twice"),
        (("%FF x/y",), "no UTF-8"),
    ],
)
def test_prompts_that_mean_nothing_are_refused_before_a_file_is_read(prompts, match):
    with pytest.raises(ParameterError, match=match) as caught:
        Hub("no/model", prompts=prompts)
    assert "\n" not in str(caught.value)


def test_parameters_that_do_not_go_together_are_refused():
    with pytest.raises(ParameterError, match="the scores of prompts or the layers of tap, not both"):
        make("hf:no/model[prompts=good/bad,tap=layer1]")
    with pytest.raises(ParameterError, match="pair_score applies to pairs"):
        make("hf:no/model[prompts=a dog runs,pair_score=difference]")
    with pytest.raises(
        ParameterError, match=r"pair_score\W+must be one of probability, difference, got 'no'"
    ):
        make("hf:no/model[prompts=good/bad,pair_score=no]")


def test_a_text_is_never_cut(clip):
    text = "good" + " good" * LENGTH
    refused(clip, f"has {LENGTH + 3} tokens .* at most {LENGTH}: shorten it", (f"bad/{text}",))


def test_texts_with_special_tokens_are_refused(models):
    refused(models / "clip", "leave special tokens out", ("good/bad <|endoftext|> photo",))


def test_models_and_folders_without_texts_are_refused(clip):
    edit(clip / "config.json", model_type="clip_vision_model", image_size=32)
    refused(
        clip, "of type 'clip_vision_model', of which no text tower is read: prompts need one of clip, siglip"
    )


def remove(folder):
    (folder / "tokenizer.json").unlink()


def leave_spiece(folder):
    remove(folder)
    (folder / "spiece.model").write_bytes(b"")


def damage(folder):
    (folder / "tokenizer.json").write_text("{}")


def another(folder):
    text = json.loads((folder / "config.json").read_text())["text_config"]
    edit(folder / "config.json", text_config=text | {"vocab_size": 20})


def link(folder):
    (folder.parent / "elsewhere.json").write_bytes((folder / "tokenizer.json").read_bytes())
    remove(folder)
    (folder / "tokenizer.json").symlink_to(folder.parent / "elsewhere.json")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            remove,
            "no tokenizer that can be read .*: prompts need tokenizer.json, or vocab.json and merges.txt",
        ),
        (leave_spiece, "spiece.model is not read: save the fast tokenizer beside it"),
        (damage, "cannot be read as a tokenizer"),
        (another, "the tokenizer in its folder is another model's"),
        (link, "is a link out of its folder"),
        (
            lambda folder: edit(folder / "tokenizer_config.json", auto_map={"AutoTokenizer": "x.X"}),
            "auto_map",
        ),
    ],
)
def test_tokenizers_that_cannot_be_used_are_refused(clip, change, match):
    change(clip)
    refused(clip, match)
