"""Text prompts of image-text models: how they are written, published sets of them, and their columns.

CLIP-IQA (J. Wang, K. C. K. Chan, C. C. Loy, "Exploring CLIP for assessing the look and feel of images", AAAI
2023) takes the softmax over a pair of texts of opposite meaning; BVQI (H. Wu et al., "Exploring
opinion-unaware video quality assessment with semantic affinity criterion", ICME 2023) the difference of
their similarities.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, get_args
from urllib.parse import unquote

from vqa_features.errors import ParameterError
from vqa_features.specs import Direction, Feature

PairScore = Literal["probability", "difference"]
#: Characters with a meaning in a label; in a text they are written as % and two hexadecimal digits.
_RESERVED = re.compile(r"[%\[\],=+/]")
_ONE_WORD = re.compile(r"[\w-]+")
#: Most letters of a text in the name of its column.
_MOST_LETTERS = 40


@dataclass(frozen=True)
class Prompt:
    """A pair of texts of opposite meaning, or one text.

    Parameters
    ----------
    texts : tuple of str
        Two texts, of which the first is the one whose probability is the score; or one.
    direction : {"higher is better", "lower is better", "none"}
        How the score relates to quality.
    source : str
        Where the texts are from.
    """

    texts: tuple[str, ...]
    direction: Direction = "higher is better"
    source: str = "texts of the user"

    @property
    def written(self) -> str:
        """The prompt as it stands in a label."""
        return "/".join(_RESERVED.sub(lambda mark: f"%{ord(mark[0]):02X}", text) for text in self.texts)


def _pairs(source: str, direction: Direction, *pairs: str) -> tuple[Prompt, ...]:
    return tuple(Prompt(tuple(pair.split("/")), direction, source) for pair in pairs)


_CLIP_IQA = "CLIP-IQA (AAAI 2023), clipiqa_attribute_test.py of its release"
_BVQI = "BVQI (ICME 2023), semantic_affinity.py of its release"
_PYIQA = "pyiqa 0.1.16, whose clipiqa is the mean of these pairs"
#: Published sets of pairs, in the order and spelling of their source.
SETS: Mapping[str, tuple[Prompt, ...]] = {
    "clip-iqa": _pairs(_CLIP_IQA, "higher is better", "Good photo./Bad photo."),
    "clip-iqa-attributes": (
        *_pairs(_CLIP_IQA, "none", "Bright photo./Dark photo."),
        *_pairs(_CLIP_IQA, "higher is better", "Sharp photo./Blurry photo."),
        *_pairs(_CLIP_IQA, "lower is better", "Noisy photo./Clean photo."),
        *_pairs(_CLIP_IQA, "none", "Colorful photo./Dull photo.", "High contrast photo./Low contrast photo."),
    ),
    "clip-iqa-abstract": (
        *_pairs(_CLIP_IQA, "higher is better", "Aesthetic photo./Not aesthetic photo."),
        *_pairs(_CLIP_IQA, "none", "Happy photo./Sad photo.", "Natural photo./Synthetic photo."),
        *_pairs(_CLIP_IQA, "none", "New photo./Old photo.", "Scary photo./Peaceful photo."),
        *_pairs(_CLIP_IQA, "none", "Complex photo./Simple photo."),
    ),
    "bvqi": _pairs(
        _BVQI, "higher is better", "a high quality photo/a low quality photo", "a good photo/a bad photo"
    ),
    "pyiqa": _pairs(
        _PYIQA,
        "higher is better",
        "Good image/bad image",
        "Sharp image/blurry image",
        "sharp edges/blurry edges",
        "High resolution image/low resolution image",
        "Noise-free image/noisy image",
    ),
}


def canonical(entry: str) -> str:
    """Return an entry of the parameter ``prompts`` in the one way it is written in labels.

    Parameters
    ----------
    entry : str
        The name of a set, ``good/bad``, or one text of several words. ``%2C`` stands for a comma, as in
        addresses; so do the other characters with a meaning in a label: ``% [ ] = + /``.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If a text is empty, the texts of a pair are the same, or there is no set of that name.
    """
    if entry.strip() in SETS:
        return entry.strip()
    try:
        texts = tuple(unquote(text, errors="strict").strip() for text in entry.split("/"))
    except UnicodeDecodeError:
        raise ParameterError(f"prompts: the bytes after % in {entry!r} are no UTF-8") from None
    if not all(texts):
        raise ParameterError(
            f"prompts: a text is empty in {entry!r}; write two texts as good/bad, one text of several words, "
            f"or one of {', '.join(SETS)}"
        )
    if len(texts) > 2:
        raise ParameterError(
            f"prompts: a pair is two texts, {entry!r} has {len(texts)}; join pairs with +, and write %2F for "
            "a / in a text"
        )
    if len(texts) == 2 and texts[0].casefold() == texts[1].casefold():
        raise ParameterError(f"prompts: the two texts of a pair must differ, got {texts[0]!r} twice")
    if len(texts) == 1 and _ONE_WORD.fullmatch(texts[0]):
        near = get_close_matches(texts[0], SETS, 1)
        raise ParameterError(
            f"prompts: there is no set of prompts {texts[0]!r}"
            + (f", did you mean {near[0]!r}" if near else "")
            + f"; known are {', '.join(SETS)}; a pair is written good/bad, and a text alone has several words"
        )
    return Prompt(texts).written


def checked(given: Sequence[str], pair_score: str, tap: Sequence[str]) -> tuple[str, ...]:
    """Return the entries of the parameter ``prompts`` in the one way they are written in labels.

    Parameters
    ----------
    given : sequence of str
        Entries as for `canonical`; a text is one entry.
    pair_score : str
        The parameter of that name.
    tap : sequence of str
        Layers to read, with which no prompts go.

    Returns
    -------
    tuple of str

    Raises
    ------
    ParameterError
        If an entry means nothing, or the parameters do not go together.
    """
    entries = tuple(map(canonical, (given,) if isinstance(given, str) else given))
    prompts = read_prompts(entries)
    if entries and tap:
        raise ParameterError("hf: gives the scores of prompts or the layers of tap, not both")
    if pair_score not in get_args(PairScore):
        allowed = ", ".join(get_args(PairScore))
        raise ParameterError(f"hf: pair_score must be one of {allowed}, got {pair_score!r}")
    if pair_score != "probability" and not any(len(prompt.texts) == 2 for prompt in prompts):
        raise ParameterError("hf: pair_score applies to pairs of prompts, so give prompts=good/bad as well")
    return entries


def read_prompts(entries: Sequence[str]) -> tuple[Prompt, ...]:
    """Return the prompts of canonical entries, those of a set in its order.

    Parameters
    ----------
    entries : sequence of str
        As `canonical` returns them.

    Returns
    -------
    tuple of Prompt

    Raises
    ------
    ParameterError
        If a prompt is there twice.
    """
    found: list[Prompt] = []
    for entry in entries:
        texts = tuple(unquote(text) for text in entry.split("/"))
        direction: Direction = "higher is better" if len(texts) == 2 else "none"
        found += SETS.get(entry) or [Prompt(texts, direction)]
    for texts, count in Counter(prompt.texts for prompt in found).items():
        if count > 1:
            raise ParameterError(f"prompts: {'/'.join(texts)!r} is given twice")
    return tuple(found)


def columns(prompts: Sequence[Prompt], pair_score: PairScore) -> tuple[Feature, ...]:
    """Return the column of each prompt.

    Parameters
    ----------
    prompts : sequence of Prompt
        The prompts.
    pair_score : {"probability", "difference"}
        What a pair gives.

    Returns
    -------
    tuple of Feature
        Named by the words of the texts: ``good-photo_bad-photo``.
    """
    taken: Counter[str] = Counter()
    found = []
    for prompt in prompts:
        slug = "_".join(_slug(text) for text in prompt.texts)
        taken[slug] += 1
        name = slug if taken[slug] == 1 else f"{slug}-{taken[slug]}"
        found.append(_column(name, prompt, pair_score))
    return tuple(found)


def _column(name: str, prompt: Prompt, pair_score: PairScore) -> Feature:
    texts = " and ".join(repr(text) for text in prompt.texts)
    if len(prompt.texts) == 1:
        return Feature(
            name,
            f"cosine similarity to the text {texts}",
            low=-1.0,
            high=1.0,
            direction=prompt.direction,
            source=prompt.source,
            sign="above 0: the vectors of picture and text have an acute angle",
        )
    if pair_score == "difference":
        return Feature(
            name,
            f"cosine similarity to the first minus that to the second of the texts {texts}",
            low=-2.0,
            high=2.0,
            direction=prompt.direction,
            source=prompt.source,
            sign="above 0: nearer to the first text",
        )
    return Feature(
        name,
        f"probability of the first of the texts {texts}: softmax of the two scaled similarities",
        low=0.0,
        high=1.0,
        direction=prompt.direction,
        source=prompt.source,
    )


def _slug(text: str) -> str:
    """Return a text in letters, digits and hyphens, cut after a word."""
    words = re.findall(r"[a-z0-9]+", text.lower()) or ["text"]
    slug = words[0][:_MOST_LETTERS]
    for word in words[1:]:
        if len(slug) + 1 + len(word) > _MOST_LETTERS:
            break
        slug += f"-{word}"
    return slug
