"""Files of trained models: written and read with skops, whole or not at all, without running code of them.

A file is a zip archive as skops writes it, whose comment holds the SHA-256 of every byte before the digest:
damage anywhere is found before anything is read. The digest finds faults, not forgery; a forged file is held
to the types of `vqa_features.models.allowed_types`, and to the predictions that it claims.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import struct
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, TableError
from ..files.atomic import atomic_path
from ..files.names import escaped_name
from ..files.reading import parse_json, reading, reason_of
from ..files.regular import open_regular
from ..tables.npz import check_header, checked_members
from .allowed_types import allowed, check_objects, check_schema
from .background import check_sample
from .card import Card

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Values = NDArray[np.float64]

SUFFIX = ".skops"
#: Greatest size of a model file: 20 000 support vectors of 10 000 columns have 1.6 GB.
MOST_BYTES = 4 << 30
_MARK = b"vqa-features model 1, SHA-256 of the bytes before: "
_DIGEST = re.compile(rb"[0-9a-f]{64}")
_SCHEMA = "schema.json"
#: Bytes of the end record of a zip archive before its comment, and where it says the length of that.
_LENGTH = struct.Struct("<H")
#: Predictions of a loaded model may differ from the saved ones by this share of their range.
_SAME = 1e-6
_KIND = "a model that vqa-features saved"


class Stored(NamedTuple):
    """What a model file holds."""

    card: Card
    pipeline: Pipeline
    background: Values | None
    """Sample of the training rows (`vqa_features.models.background`); None in files of earlier versions."""


def check_name(path: str | os.PathLike[str]) -> None:
    """Raise ParameterError if the name of a model file does not end in .skops."""
    if Path(path).suffix.lower() != SUFFIX:
        raise ParameterError(f"cannot write {os.fspath(path)!r}: the name of a model must end in {SUFFIX}")


def check_savable(pipeline: Pipeline, name: str) -> None:
    """Raise ParameterError if a fitted pipeline holds a type that a model file may not hold.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted; to see the types before a long training, on a few rows.
    name : str
        The regressor, for the message.
    """
    _packed({"pipeline": pipeline}, name)


def write_model(path: str | os.PathLike[str], stored: Stored) -> Path:
    """Write a model; return the path. The file appears whole or not at all.

    Parameters
    ----------
    path : path
        File ending in .skops; its folder is made if it is missing.
    stored : Stored
        The fitted pipeline with its card and training rows.

    Raises
    ------
    ParameterError
        If the name ends in another suffix, or the regressor cannot be saved without running its code again.
    """
    check_name(path)
    card, pipeline, background = stored
    claimed = np.asarray(pipeline.predict(probes(card)), dtype=np.float64)
    held = {"card": card.to_json(), "claimed": claimed, "pipeline": pipeline}
    if background is not None:
        held["background"] = background
    content = _packed(held, card.regressor)
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(os.path.realpath(file)) as part:
        part.write_bytes(content)
    return file


def read_model(path: str | os.PathLike[str]) -> Stored:
    """Return what a model file holds.

    Parameters
    ----------
    path : path
        A file that `write_model` wrote.

    Raises
    ------
    TableError
        If there is no such file, it was not written by vqa-features, is damaged, holds a type that is not
        allowed, or gives other predictions here than where it was made.
    """
    file = Path(path)
    if not os.path.lexists(file):
        raise TableError(f"there is no model at {escaped_name(file)}")
    with reading(file, _KIND):
        with open_regular(file) as stream:
            content = _undamaged(stream)
        found = _unpacked(content, file)
        card, pipeline = Card.from_json(found["card"], escaped_name(file)), found["pipeline"]
        background = found.get("background")
        if background is not None:
            background = check_sample(background, len(card.columns))
        _hold_to(card, pipeline, found["claimed"])
    return Stored(card, pipeline, background)


def probes(card: Card) -> Values:
    """Return made-up rows across the range of the training features, (9, columns)."""
    low, high = (np.nan_to_num(one, nan=0.0) for one in (card.span.low, card.span.high))
    steps = np.linspace(0.0, 1.0, 9)
    turned = (steps[:, None] + np.arange(len(low)) / 7.0) % 1.0
    return np.asarray(low + turned * (high - low))


def _packed(held: dict[str, Any], name: str) -> bytes:
    """Return the bytes of a file that holds a pipeline; `name` is the regressor's, for messages."""
    import skops.io

    try:
        content = skops.io.dumps(held, compression=zipfile.ZIP_DEFLATED)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check_schema(parse_json(archive.read(_SCHEMA), "the model"))
    except Exception as error:  # whatever skops cannot write
        raise ParameterError(
            f"the regressor {name} cannot be saved: {reason_of(error)}; use it from Python, or train another"
        ) from error
    return sealed(content)


def sealed(archive: bytes) -> bytes:
    """Return a zip archive that has no comment with the comment of a model file: the digest of its bytes."""
    head = archive[: -_LENGTH.size] + _LENGTH.pack(len(_MARK) + 64) + _MARK
    return head + hashlib.sha256(head).hexdigest().encode()


def _undamaged(stream: Any) -> bytes:
    """Return the content of a file whose digest is right."""
    size = os.fstat(stream.fileno()).st_size
    if size > MOST_BYTES:
        raise ValueError(f"it has {size} bytes, at most {MOST_BYTES} are read")
    content = bytes(stream.read(MOST_BYTES + 1))
    head, digest = content[:-64], content[-64:]
    if not head.endswith(_MARK) or not _DIGEST.fullmatch(digest):
        raise ValueError("it does not end as one does")
    if hashlib.sha256(head).hexdigest().encode() != digest:
        raise ValueError("it has been damaged or altered: its SHA-256 is another one than it says")
    return content


def _unpacked(content: bytes, file: Path) -> dict[str, Any]:
    """Return what the file holds, after every check of what it is made of."""
    import skops.io
    from sklearn.exceptions import InconsistentVersionWarning
    from sklearn.pipeline import Pipeline

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in checked_members(archive, len(content), (_SCHEMA,)):
            if member.filename != _SCHEMA:
                check_header(archive, member)
        check_schema(parse_json(archive.read(_SCHEMA), file, _KIND))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InconsistentVersionWarning)  # the numbers are held to those claimed
        found = skops.io.loads(content, trusted=sorted({name for _, name in allowed()}))
    if not isinstance(found, dict) or set(found) - {"background"} != {"card", "claimed", "pipeline"}:
        raise ValueError("it holds something else")
    text, claimed, pipeline = found["card"], found["claimed"], found["pipeline"]
    whole = isinstance(text, str) and isinstance(claimed, np.ndarray) and isinstance(pipeline, Pipeline)
    if not whole or claimed.dtype != np.float64 or claimed.shape != (9,):
        raise ValueError("it holds something else")
    check_objects(pipeline)
    return found


def _hold_to(card: Card, pipeline: Pipeline, claimed: Values) -> None:
    """Refuse a model whose predictions here are not those where it was saved."""
    rows = probes(card)
    if pipeline.n_features_in_ != rows.shape[1]:
        raise ValueError(f"it has {pipeline.n_features_in_} columns and names {rows.shape[1]}")
    found = np.asarray(pipeline.predict(rows), dtype=np.float64)
    unit = max(float(np.ptp(claimed)), card.data.mos_high - card.data.mos_low)
    if found.shape != claimed.shape or not np.all(np.abs(found - claimed) <= _SAME * unit):
        import sklearn

        raise ValueError(
            f"it predicts other numbers with scikit-learn {sklearn.__version__} than where it was made "
            f"({card.made_with.get('scikit-learn')}): train it again"
        )
