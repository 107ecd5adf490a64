"""NIQE: distance of a frame's statistics from those of pristine photographs.

Matched: the LIVE release (``computequality`` with 96 x 96 blocks) to 1e-6 on images without flat
areas. Flat areas follow the rule of `vqa_features.kernels.nss`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeGuard

import numpy as np
from numpy.typing import NDArray

from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError, WeightsMissing
from vqa_features.extractor import Extractor, Session
from vqa_features.files.atomic import atomic_path
from vqa_features.files.hashing import sha256_of
from vqa_features.files.names import escaped_name
from vqa_features.files.reading import reading
from vqa_features.files.regular import open_regular
from vqa_features.files.writable import check_file
from vqa_features.parameters import format_value, split_parameters
from vqa_features.resources import load_arrays
from vqa_features.specs import Checkpoint, Cost, Feature, VideoInfo

from ._nss_columns import field_features
from ._pristine import check_covariance

MODEL = "ut_live/niqe_pristine.npz"
#: Name of the release's model.
LIVE = "live"
MODEL_INFO = Checkpoint(
    tag=LIVE,
    url="https://github.com/utlive/niqe",
    licence="University of Texas at Austin notice (resources/ut_live/NOTICE.txt)",
    file=MODEL,
    sha256="14b52d86fdfd9d9fde7234fbf29b18d8fac52d2a4d67e53e03e07c424ccd4ad2",
    size=7249,
    bundled=True,
    seen="seen in this package, from utlive/niqe",
)
Source = str | os.PathLike[str] | NDArray[Any]
#: What a user's own model holds, and how many bytes such a file has at most (``niqe.fit`` writes 10 kB).
SHAPES = {"mean": (36,), "covariance": (36, 36)}
MOST_BYTES = 1 << 20
OWN = Feature("mscn_beta", "mean of the left and right scale of the MSCN coefficients", low=0)


@dataclass(frozen=True)
class Niqe(Extractor):
    """36 natural-scene statistics, averaged over 96 x 96 blocks, and the opinion-unaware score.

    All are nan for a frame smaller than one block in a direction; the score is nan with fewer than
    two blocks whose features are all defined, for it needs their covariance.

    Parameters
    ----------
    model : str
        ``live`` for the LIVE release's pristine model, or the ``.npz`` file that `fit` wrote.
    """

    model: str = LIVE

    name: ClassVar[str] = "niqe"
    group: ClassVar[str] = "nss"
    cost: ClassVar[Cost] = "cheap"
    least_side: ClassVar[int] = 96
    references: ClassVar[tuple[str, ...]] = (
        'A. Mittal, R. Soundararajan and A. C. Bovik, Making a "completely blind" image quality analyzer, '
        "IEEE SPL 20(3), 2013",
        "LIVE release of NIQE (utlive/niqe d80aead): features, pristine model",
    )
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none", "resolution": "full size"}
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (MODEL_INFO,)

    @property
    def features(self) -> tuple[Feature, ...]:
        """18 columns per scale, then the score."""
        score = Feature(
            "score",
            "distance from the pristine model",
            low=0,
            direction="lower is better",
            resolution="full and half size",
        )
        halved = field_features("s2", OWN, "beta", "half size")
        return (*field_features("s1", OWN, "beta"), *halved, score)

    def reason(self, info: VideoInfo, n_frames: int, missing: Sequence[str]) -> str:
        """Say what the score needs beside the features."""
        if list(missing) == ["score"]:
            return (
                "it needs two blocks of 96x96 pixels whose features are all defined in one frame, and the "
                f"pictures of {info.width}x{info.height} have fewer"
            )
        return super().reason(info, n_frames, missing)

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between frames."""
        from ._niqe import _NiqeSession

        model = _load(self.model)
        return _NiqeSession(model["mean"], model["covariance"])

    def weights_sha256(self) -> str | None:
        """Hash of the pristine model."""
        return MODEL_INFO.sha256 if self.model == LIVE else _sha256(self.model)


def fit(
    sources: Source | Iterable[Source],
    to: str | os.PathLike[str],
    sharpness: float = 0.75,
) -> Niqe:
    """Write a pristine model computed from pictures or videos of high quality.

    Parameters
    ----------
    sources : path, picture, or list of them
        Videos (paths; one frame per second is taken), or pictures held in memory: planes (h, w),
        taken as luma, or RGB (h, w, 3), uint8 or uint16.
    to : path
        The ``.npz`` file to write: ``mean`` (36) and ``covariance`` (36, 36). A label must be able to hold
        its name.
    sharpness : float
        Share of a picture's sharpest block, 0 to 1. Only blocks sharper than that are used.

    Returns
    -------
    Niqe
        Extractor that scores against this model, ``niqe[model=<to>]``.

    Raises
    ------
    ParameterError
        If there are fewer than 37 sharp blocks, too few for a covariance of 36 features, or they are too
        alike; if no label can hold the name of the file, or it cannot be written; if `sharpness` is out
        of range.

    Examples
    --------
    >>> mine = fit(["good1.mp4", "good2.mp4"], "mine.npz")  # doctest: +SKIP
    >>> vqa_features.score("some.mp4", mine)  # doctest: +SKIP
    """
    from ._niqe import pristine_model

    made = Niqe(model=_checked_name(to))
    if isinstance(sharpness, str) or not 0 <= sharpness <= 1:
        raise ParameterError(f"sharpness must be 0 to 1, got {sharpness!r}")
    if isinstance(sources, str | os.PathLike) or _is_picture(sources):
        sources = [sources]
    mean, covariance = pristine_model(sources, sharpness)
    with atomic_path(os.path.realpath(to)) as part, open(part, "wb") as file:
        np.savez_compressed(file, mean=mean, covariance=covariance)
    return made


def _is_picture(given: Any) -> TypeGuard[NDArray[Any]]:
    """Return whether an argument is one picture and not several."""
    return isinstance(given, np.ndarray) and (given.ndim == 2 or (given.ndim == 3 and given.shape[2] == 3))


def _checked_name(to: str | os.PathLike[str]) -> str:
    """Return the name of a model to write, if a label can hold it and the file can be written."""
    name = os.fspath(to)
    if not isinstance(name, str) or name == LIVE:
        raise ParameterError(
            f"the model cannot be called {name!r}: give the path of a file, such as ./{LIVE}.npz"
        )
    if split_parameters(f"model={format_value(name)}") != {"model": name}:
        raise ParameterError(f"a label cannot hold {name!r}: the name begins or ends with a space")
    check_file(name)
    return name


def _load(model: str) -> Mapping[str, NDArray[np.float64]]:
    if model == LIVE:
        return load_arrays(MODEL)
    with _reading(model), open_regular(model) as stream:
        if os.fstat(stream.fileno()).st_size > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES} bytes")
        with np.load(stream, allow_pickle=False) as stored:
            arrays = {name: _array(stored, name, shape) for name, shape in SHAPES.items()}
        check_covariance(arrays["covariance"])
        return arrays


def _array(stored: Any, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return one array of an archive; the size of its member is known before it is unpacked."""
    if stored.zip.getinfo(f"{name}.npy").file_size > MOST_BYTES:
        raise ValueError(f"its {name} has more than {MOST_BYTES} bytes")
    array = stored[name]
    if array.shape != shape or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise ValueError(f"its {name} must be {' x '.join(map(str, shape))} finite numbers")
    return np.asarray(array, np.float64)


def _sha256(model: str) -> str:
    if not os.path.exists(model):
        raise WeightsMissing(f"niqe has no pristine model: there is no file {escaped_name(model)}")
    with _reading(model):
        return sha256_of(Path(model))


def _reading(model: str) -> AbstractContextManager[None]:
    return reading(model, "a pristine model", ParameterError, "give live, or a file that niqe.fit wrote")
