"""Token ids of texts, from the tokenizer files in a model's folder, which are data and no code."""

from __future__ import annotations

import hashlib
import os
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vqa_features.errors import ParameterError
from vqa_features.files.reading import parse_json, reading

from .config import read_config
from .files import ModelFiles
from .folder import parse_object, read_small
from .refusals import refuse

#: Types of models whose text towers are read.
TEXT_TYPES = ("clip", "siglip", "siglip2", "metaclip_2", "xclip")
#: Greatest size in bytes of a tokenizer; SigLIP 2's has 34 MB.
MOST_TOKENIZER = 64 << 20
_TOKENIZER, _VOCABULARY, _MERGES = "tokenizer.json", "vocab.json", "merges.txt"
_SETTINGS = ("special_tokens_map.json", "tokenizer_config.json")
#: `eos_token_id` of old CLIP files, with which the library reads the token of the greatest id.
_OLD_END = 2


@dataclass(frozen=True)
class Tokens:
    """Token ids of texts.

    Parameters
    ----------
    rows : tuple of tuple of int
        One row per text; all of one length where the model reads the last token.
    files : tuple of (str, str)
        Name and SHA-256 of the files they follow from.
    """

    rows: tuple[tuple[int, ...], ...]
    files: tuple[tuple[str, str], ...]


def tokenize(files: ModelFiles, texts: Sequence[str]) -> Tokens:
    """Return the token ids of texts, as the library's tokenizer of the model gives them.

    CLIP's texts are not padded, since its text tower sees no later token; SigLIP's are padded to the
    length it was trained with, and made lower-case.

    Parameters
    ----------
    files : ModelFiles
        The model.
    texts : sequence of str
        Texts.

    Returns
    -------
    Tokens

    Raises
    ------
    ParameterError
        If the model has no text tower, its folder no tokenizer that can be used, or a text has too many
        tokens for the model or none; texts are never cut.
    """
    config = read_config(files)
    if config.model_type not in TEXT_TYPES:
        raise ParameterError(
            f"hf:{files.model} is of type {config.model_type!r}, of which no text tower is read: prompts "
            f"need one of {', '.join(TEXT_TYPES)}"
        )
    contents = _read(files)
    settings: dict[str, Any] = {}
    for name in _SETTINGS:
        if name in contents:
            entries = parse_object(contents[name], files.folder / name)
            refuse(entries, files.folder / name)
            settings |= entries
    with reading(files.folder, "a tokenizer", ParameterError):
        tokenizer = _tokenizer(files, contents)
        is_siglip = config.model_type.startswith("siglip")
        encode = _SiglipTexts(tokenizer, settings) if is_siglip else _ids_of(tokenizer)
        nothing, *rows = (encode(text) for text in ("", *texts))
        for text, row in zip(texts, rows, strict=True):
            _check(files, text, row, row == nothing)
        if is_siglip:
            rows = _padded(rows, tokenizer, settings, config.text_config)
    digests = ((name, hashlib.sha256(content).hexdigest()) for name, content in contents.items())
    return Tokens(tuple(map(tuple, rows)), tuple(digests))


def _read(files: ModelFiles) -> dict[str, bytes]:
    """Return the contents of the tokenizer files that are used."""
    found = {name: read_small(files.folder, name, MOST_TOKENIZER) for name in (_TOKENIZER, *_SETTINGS)}
    if found[_TOKENIZER] is None:
        found |= {name: read_small(files.folder, name, MOST_TOKENIZER) for name in (_VOCABULARY, _MERGES)}
        if found[_VOCABULARY] is None or found[_MERGES] is None:
            spiece = os.path.lexists(files.folder / "spiece.model")
            raise ParameterError(
                f"hf:{files.model} has no tokenizer that can be read in {files.folder}: prompts need "
                f"{_TOKENIZER}, or {_VOCABULARY} and {_MERGES}"
                + ("; spiece.model is not read: save the fast tokenizer beside it" if spiece else "")
            )
    return {name: content for name, content in found.items() if content is not None}


def _tokenizer(files: ModelFiles, contents: Mapping[str, bytes]) -> Any:
    """Return the tokenizer of the tokenizers library."""
    from tokenizers import Tokenizer

    if _TOKENIZER in contents:
        found = Tokenizer.from_str(contents[_TOKENIZER].decode())
    else:
        from transformers import CLIPTokenizer

        vocabulary = parse_json(
            contents[_VOCABULARY], files.folder / _VOCABULARY, "a vocabulary", ParameterError
        )
        merges: Any = list(_merges(contents[_MERGES].decode()))
        found = CLIPTokenizer(vocabulary, merges).backend_tokenizer
    found.no_padding()
    found.no_truncation()
    return found


def _merges(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the merges of a ``merges.txt``: two tokens per line, after a line with the version."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#version"):
            yield tuple(line.split())


def _ids_of(tokenizer: Any) -> Any:
    return lambda text: tokenizer.encode(text).ids


class _SiglipTexts:
    """Token ids of SigLIP's texts, lower-case as in its training; the first release drops punctuation too."""

    def __init__(self, tokenizer: Any, settings: Mapping[str, Any]) -> None:
        self._tokenizer = tokenizer
        self._plain = str(settings.get("tokenizer_class", "")).removesuffix("Fast") == "SiglipTokenizer"
        self._ends: tuple[list[int], list[int]] | None = None
        if not self._plain and {"add_bos_token", "add_eos_token"} & settings.keys():
            self._ends = (
                _special(tokenizer, settings, "bos_token") if settings.get("add_bos_token") else [],
                _special(tokenizer, settings, "eos_token") if settings.get("add_eos_token") else [],
            )

    def __call__(self, text: str) -> list[int]:
        text = text.lower()
        if self._plain:
            text = " ".join(text.translate(str.maketrans("", "", string.punctuation)).split())
        if self._ends is None:
            return list(self._tokenizer.encode(text).ids)
        first, last = self._ends
        return [*first, *self._tokenizer.encode(text, add_special_tokens=False).ids, *last]


def _special(tokenizer: Any, settings: Mapping[str, Any], name: str) -> list[int]:
    """Return the id of a special token in a list, which is empty where the tokenizer has none."""
    token = settings.get(name)
    if isinstance(token, Mapping):
        token = token.get("content")
    found = tokenizer.token_to_id(token) if isinstance(token, str) else None
    return [] if found is None else [found]


def _padded(
    rows: Sequence[list[int]], tokenizer: Any, settings: Mapping[str, Any], config: Any
) -> list[list[int]]:
    """Return the rows with the pad token after them, up to the model's length."""
    pad = _special(tokenizer, settings, "pad_token")
    if not pad:
        raise ValueError("it names no pad_token of its vocabulary (in tokenizer_config.json)")
    full = [(config.max_position_embeddings - len(row)) * pad for row in rows]
    if settings.get("padding_side", "right") == "left":
        return [pads + row for row, pads in zip(rows, full, strict=True)]
    return [row + pads for row, pads in zip(rows, full, strict=True)]


def _check(files: ModelFiles, text: str, row: Sequence[int], is_nothing: bool) -> None:
    """Raise unless the model can read the tokens of a text to their end."""
    config = read_config(files)
    text_config, where = config.text_config, f"hf:{files.model}: the prompt {text!r}"
    if is_nothing or not row:
        raise ParameterError(f"{where} has no token the model knows; use words of its language")
    most = text_config.max_position_embeddings
    if len(row) > most:
        raise ParameterError(
            f"{where} has {len(row)} tokens with those of start and end, the model reads at most {most}: "
            "shorten it; texts are never cut"
        )
    if max(row) >= text_config.vocab_size:
        raise ParameterError(
            f"{where} has token {max(row)}, the model knows {text_config.vocab_size}: the tokenizer in its "
            "folder is another model's"
        )
    if config.model_type.startswith("siglip"):
        return
    end = text_config.eos_token_id
    if config.model_type == "xclip" or (config.model_type == "clip" and end == _OLD_END):
        end = max(row)
    if end not in row or row.index(end) != len(row) - 1:
        raise ParameterError(
            f"{where} gives tokens whose last one is not their only end token {end}, which the model reads: "
            "leave special tokens out of it, or give the folder the tokenizer of its model"
        )
