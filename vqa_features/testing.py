"""Contract tests of extractors, for our own tests and for those of other packages.

A check takes an extractor and raises AssertionError where a promise of the contract does not hold::

    @pytest.mark.parametrize("check", vqa_features.testing.CHECKS, ids=lambda check: check.__name__)
    def test_contract(check):
        check(vqa_features.make("my-extractor"))
"""

from __future__ import annotations

import io
import pickle
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .column_facts import undeclared
from .errors import ParameterError
from .extraction import extract_frames
from .extraction.feed import Feed
from .extractor import Extractor
from .frame import VIEWS, Frame, Views
from .picture import ArrayPicture
from .pooling import columns, parse_column
from .registry import make
from .specs import VideoInfo

#: Frames per second of every clip.
FPS = 8.0
HEIGHT, WIDTH = 200, 208
#: Frames that hold every temporal part of our extractors: windows of eight frames, chunks of one second.
FRAMES = 9
#: Relative and absolute: deeper luma and chroma are float32 in place of uint8.
TEN_BIT = 1e-3

_FLAT = {"black": (0, 0, 0), "white": (255, 255, 255), "constant": (93, 120, 17)}
_FEW_FRAMES = {"one frame": 1, "two frames": 2}
#: Kinds of `odd_clip`.
ODD_KINDS = (*_FLAT, "checkerboard", "tiny", "odd size", *_FEW_FRAMES)


@cache
def textured_clip(frames: int = FRAMES, height: int = HEIGHT, width: int = WIDTH) -> NDArray[np.uint8]:
    """Return a moving gray clip with edges, texture, noise and no flat area.

    Parameters
    ----------
    frames, height, width : int
        Size of the clip.

    Returns
    -------
    ndarray, (frames, height, width) uint8
        The same on every machine.
    """
    rng = np.random.default_rng(20)
    y, x = np.mgrid[:height, :width]
    grain = rng.normal(0, 6, (height, width + frames * 2))
    planes = []
    for t in range(frames):
        wave = 60 * np.sin((x + 2 * t) / 9.0) * np.cos(y / 7.0) + 25 * ((x + 3 * t) // 24 % 2)
        planes.append(np.clip(np.rint(118 + wave + grain[:, 2 * t : 2 * t + width]), 1, 254))
    return np.array(planes, dtype=np.uint8)


def enough_frames(extractor: Extractor) -> int:
    """Return the length of a clip that holds a whole window of the extractor, at least `FRAMES`."""
    window = extractor.before + 1 + extractor.after if extractor.scope == "pair" else 1
    return max(FRAMES, extractor.least_frames, window)


def colour(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an RGB clip (t, h, w, 3) whose channels differ, made from gray planes (t, h, w)."""
    return np.stack([planes, np.roll(planes, 5, axis=2), 255 - planes // 2], axis=-1)


def odd_clip(kind: str, frames: int) -> NDArray[np.uint8]:
    """Return RGB frames that break careless arithmetic.

    Parameters
    ----------
    kind : str
        One of `ODD_KINDS`.
    frames : int
        Number of frames, for the kinds that do not name it.

    Returns
    -------
    ndarray, (t, h, w, 3) uint8
    """
    if kind in _FLAT:
        return np.full((frames, HEIGHT, WIDTH, 3), _FLAT[kind], np.uint8)
    if kind == "checkerboard":
        checkers = (np.indices((HEIGHT, WIDTH)).sum(axis=0) % 2 * 255).astype(np.uint8)
        return np.broadcast_to(checkers[:, :, None], (frames, HEIGHT, WIDTH, 3)).copy()
    if kind == "odd size":
        return colour(textured_clip(frames, 201, 207))
    if kind == "tiny":
        return colour(textured_clip(frames))[:, :48, :64]
    return colour(textured_clip())[: _FEW_FRAMES[kind]]


def run(extractor: Extractor, clip: NDArray[np.unsignedinteger]) -> pd.Series[float]:
    """Return the features of a clip, pooled by the mean."""
    values = extract_frames(clip, extractor, fps=FPS)
    assert isinstance(values, pd.Series)  # without per_frame
    return values


def check_declaration(extractor: Extractor) -> None:
    """Every part of the declaration is there: docstring, references, and a description of each feature."""
    _hold(bool(extractor.references), "references names no paper or release")
    _hold(bool((type(extractor).__doc__ or "").strip()), "the class has no docstring")
    _hold(len(extractor.feature_names) > 0, "there are no features")
    for feature in extractor.features:
        _hold(bool(feature.description), f"{feature.name} has no description")


def check_column_facts(extractor: Extractor) -> None:
    """Every column says its unit, range, direction, sign, frame, resolution and source.

    It is not one of `CHECKS`, so that packages from before these facts keep passing them.
    """
    for feature in extractor.described_features:
        missing = undeclared(feature)
        where = "give it in its Feature, or for all columns in column_facts"
        _hold(not missing, f"{feature.name} does not say its {', '.join(missing)}: {where}")


def check_columns_read_back(extractor: Extractor) -> None:
    """A column name gives the extractor and the feature back."""
    for text in columns(extractor, ["mean", "p10"])[:3]:
        column = parse_column(text)
        _hold(column is not None, f"{text} is not read as a column")
        _hold(column is not None and make(column.label) == extractor, f"{text} names another extractor")
        _hold(column is not None and column.feature in extractor.feature_names, f"{text} names no feature")


def check_pickle(extractor: Extractor) -> None:
    """An extractor is pickled to workers and is equal there."""
    _hold(pickle.loads(pickle.dumps(extractor)) == extractor, "a pickled copy differs")


def check_undeclared_views(extractor: Extractor) -> None:
    """A view that is not declared cannot be read."""
    views = Views(
        Frame(ArrayPicture(colour(textured_clip(1))[0]), 0, 0.0, "rgb2gray"),
        extractor.needs,
    )
    for view in set(VIEWS) - set(extractor.needs):
        try:
            getattr(views, view)
        except ParameterError:
            continue
        raise AssertionError(f"{view} is not in needs and can be read")


def check_values_in_range(extractor: Extractor) -> None:
    """Texture gives finite values within the declared ranges."""
    values = run(extractor, colour(textured_clip(enough_frames(extractor))))
    _hold(list(values.index) == columns(extractor, ["mean"]), "other columns than those declared")
    for feature, value in zip(extractor.features, values, strict=True):
        if feature.name in extractor.sparse and np.isnan(value):
            continue
        _hold(bool(np.isfinite(value)), f"{feature.name} is {value} on texture")
        _hold(
            feature.low <= value <= feature.high,
            f"{feature.name} must be in [{feature.low}, {feature.high}], got {value}",
        )


def check_odd_input(extractor: Extractor) -> None:
    """Black, white, tiny, odd-sized and very short clips give every column: a number or nan."""
    for kind in ODD_KINDS:
        values = run(extractor, odd_clip(kind, 1 if extractor.scope == "frame" else enough_frames(extractor)))
        _hold(list(values.index) == columns(extractor, ["mean"]), f"{kind}: columns are missing")
        _hold(not np.isinf(values).any(), f"{kind}: a value is infinite")


def check_same_bits(extractor: Extractor) -> None:
    """The same clip gives the same bits."""
    clip = colour(textured_clip(max(5, extractor.least_frames)))
    pd.testing.assert_series_equal(run(extractor, clip), run(extractor, clip), check_exact=True)


def check_threads(extractor: Extractor) -> None:
    """Threads give the bits of one; concurrent sessions prepare and measure the same in any order."""
    clip = colour(textured_clip(enough_frames(extractor)))
    alone = extract_frames(clip, extractor, fps=FPS)
    for threads in (2, 4):
        several = extract_frames(clip, extractor, fps=FPS, threads=threads)
        pd.testing.assert_series_equal(several, alone, check_exact=True)
    frames = [Frame(ArrayPicture(one), i, i / FPS, "rgb2gray") for i, one in enumerate(clip)]
    height, width = clip.shape[1:3]
    info = VideoInfo("<frames>", width, height, FPS, len(clip), len(clip) / FPS, container="array")
    with closing(extractor.open(info)) as session:
        if not session.concurrent:
            return
        feed = Feed(extractor, info, session)
        wanted = [frame for frame in frames if feed.wants(frame)]
        prepared = _out_of_order(feed.prepared, wanted, "prepare")
        by_index = {frame.index: one for frame, one in zip(wanted, prepared, strict=True)}
        windows = [window for frame in frames for _, window in feed.windows(frame, by_index.get(frame.index))]
        _out_of_order(feed.measured, windows, "measure")


def _out_of_order(work: Callable[[Any], Any], given: list[Any], name: str) -> list[Any]:
    """Return the results, after comparing those of three orders and several threads."""
    rng = np.random.default_rng(3)
    first, results = list[bytes](), list[Any]()
    for _ in range(3):
        order = rng.permutation(len(given)).tolist()
        with ThreadPoolExecutor(4) as pool:
            found = dict(zip(order, pool.map(lambda k: work(given[k]), order), strict=True))
        results = [found[k] for k in range(len(given))]
        kept = [_bits(one) for one in results]
        first = first or kept
        _hold(kept == first, f"{name} gives other values in another order or thread: it is not pure")
    return results


class _Contents(pickle.Pickler):
    """Writes what objects hold; of frames the declared views, of memories by weak reference nothing."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Views):
            return tuple, ([value.declared()],)
        if isinstance(value, weakref.WeakKeyDictionary):
            return dict, ()
        return NotImplemented


def _bits(value: Any) -> bytes:
    file = io.BytesIO()
    pickler = _Contents(file)
    pickler.fast = True  # equal arrays are written alike, whether they are one object or two
    pickler.dump(value)
    return file.getvalue()


def check_ten_bits(extractor: Extractor) -> None:
    """Four times each 8-bit code is the same picture in 10 bits; the view ``rgb`` rounds it to 8."""
    planes = textured_clip(max(5, extractor.least_frames))
    clip = planes if set(extractor.needs) <= {"luma", "codes"} else colour(planes)
    ten = run(extractor, clip.astype(np.uint16) * 4)
    np.testing.assert_allclose(ten, run(extractor, clip), rtol=TEN_BIT, atol=TEN_BIT)


#: Checks that compute nothing: an extractor needs no weights for them.
DECLARATION_CHECKS: tuple[Callable[[Extractor], None], ...] = (
    check_declaration,
    check_columns_read_back,
    check_pickle,
    check_undeclared_views,
)
#: Checks of the values.
VALUE_CHECKS: tuple[Callable[[Extractor], None], ...] = (
    check_values_in_range,
    check_odd_input,
    check_same_bits,
    check_threads,
    check_ten_bits,
)
#: Every check.
CHECKS = (*DECLARATION_CHECKS, *VALUE_CHECKS)


def check_extractor(extractor: Extractor) -> None:
    """Raise AssertionError at the first check of `CHECKS` that does not hold.

    Parameters
    ----------
    extractor : Extractor
        An extractor with its parameters, whose weights are on this machine.

    Raises
    ------
    AssertionError
        Saying what is promised and what was found.

    Examples
    --------
    >>> import vqa_features as vf
    >>> check_extractor(vf.make("siti"))
    """
    for check in CHECKS:
        check(extractor)


def _hold(condition: bool, otherwise: str) -> None:
    if not condition:
        raise AssertionError(otherwise)
