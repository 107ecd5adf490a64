"""Folders of tiny random image-text models with tokenizers trained here, as the library saves them."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

from hub_folders import PREPROCESSOR, SIDE

CORPUS = (
    "a good photo of a bad street, sharp and clean, with high contrast and natural colours",
    "a bad photo of a good house, blurry and noisy, with low quality and dull colours",
    "Good photo. Bad photo. Sharp photo. Blurry photo. a high quality photo. a low quality photo.",
    "Bright photo. Dark photo. Noisy photo. Clean photo. Colorful photo. Dull photo. a dog runs on the beach",
    " ".join(f"{letter} {letter}a" for letter in string.ascii_lowercase),  # every letter, last and not last
)
LENGTH = 40
_TINY = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
_VISION = {**_TINY, "image_size": SIDE, "patch_size": 16}
_CLIP_OF_FRAMES = {
    "num_frames": 4,
    "mit_hidden_size": 12,
    "mit_num_attention_heads": 2,
    "mit_intermediate_size": 12,
}


def clip_tokenizer() -> Any:
    """CLIP's tokenizer with merges learned from `CORPUS`."""
    import transformers
    from tokenizers import trainers

    empty = transformers.CLIPTokenizer().backend_tokenizer
    special = ["<|startoftext|>", "<|endoftext|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=[], end_of_word_suffix="</w>", show_progress=False
    )
    empty.train_from_iterator(CORPUS, trainer)
    model = json.loads(empty.to_str())["model"]
    words = [
        word for word, _ in sorted(model["vocab"].items(), key=lambda item: item[1]) if word not in special
    ]
    vocabulary = {word: k for k, word in enumerate([*words, *special])}
    return transformers.CLIPTokenizer(vocabulary, [tuple(merge) for merge in model["merges"]])


def gemma_tokenizer() -> Any:
    """SigLIP 2's tokenizer with merges learned from lower-case `CORPUS`; it adds the end token."""
    import transformers
    from tokenizers import trainers

    made = transformers.Siglip2Tokenizer().backend_tokenizer
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    made.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=200, special_tokens=special, show_progress=False)
    )
    model = json.loads(made.to_str())["model"]
    return transformers.Siglip2Tokenizer(
        model["vocab"],
        [tuple(merge) for merge in model["merges"]],
        add_bos_token=False,
        add_eos_token=True,
        padding_side="right",
    )


def unigram_tokenizer() -> Any:
    """A tokenizer of SigLIP's type: pieces of words, an end token that also pads."""
    return _pieces("$A </s>", lower=True, pad="</s>")


def xlm_tokenizer() -> Any:
    """A tokenizer of MetaCLIP 2's type: pieces of words between two special tokens, and another that pads."""
    return _pieces("<s> $A </s>", lower=False, pad="<pad>")


def _pieces(template: str, *, lower: bool, pad: str) -> Any:
    import transformers
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.Lowercase() if lower else normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(
        vocab_size=90, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    made.train_from_iterator(CORPUS, trainer)
    ends = [(one, special.index(one)) for one in ("<s>", "</s>")]
    made.post_processor = processors.TemplateProcessing(template, special_tokens=ends)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token=pad, unk_token="<unk>"
    )


def save_text_model(folder: Path, kind: str) -> Any:
    """Save a tiny random model of a type with its tokenizer, and return the tokenizer."""
    import torch
    import transformers

    tokenizers = {"siglip": unigram_tokenizer, "siglip2": gemma_tokenizer, "metaclip_2": xlm_tokenizer}
    made = tokenizers.get(kind, clip_tokenizer)()
    text = {
        **_TINY,
        "vocab_size": len(made),
        "max_position_embeddings": LENGTH,
        "bos_token_id": made.bos_token_id,
        "eos_token_id": made.eos_token_id,
        "pad_token_id": made.pad_token_id,
    }
    pair = {"text_config": text, "vision_config": _VISION, "projection_dim": 12}
    configs = {
        "clip": lambda: transformers.CLIPConfig(**pair),
        "metaclip_2": lambda: transformers.MetaClip2Config(**pair),
        "xclip": lambda: transformers.XCLIPConfig(
            **pair | {"vision_config": {**_VISION, **_CLIP_OF_FRAMES}}, prompt_num_attention_heads=2
        ),
        "siglip": lambda: transformers.SiglipConfig(text_config=text, vision_config=_VISION),
        "siglip2": lambda: transformers.Siglip2Config(
            text_config=text, vision_config={**_TINY, "patch_size": 16, "num_patches": 4}
        ),
    }
    torch.manual_seed(0)
    model = transformers.AutoModel.from_config(configs[kind]())
    with torch.no_grad():  # a scale with which the texts' scores differ in the first digits
        model.logit_scale.fill_(3.0)
        if kind == "xclip":  # what the clip adds to the texts, tiny before training
            model.prompts_generator.alpha.fill_(1.0)
    model.save_pretrained(folder)
    made.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    return made
