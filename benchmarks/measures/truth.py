"""Measures of analytic videos beside their truth: conditions, kinds of videos, rows of the comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import analytic
import numpy as np
from analytic.pictures import Luma, Size

import vqa_features as vf

POOLS = ("mean", "std", "min", "max", "sum")


@dataclass(frozen=True)
class Condition:
    """What is varied: size, rate, bits, declared range, mean and deviation of luma."""

    name: str
    size: Size = (216, 384)
    fps: float = 25
    bits: int = 8
    full: bool = False
    mean: float = 120
    deviation: float = 25

    def texture(self, seed: int = 0, **settings: float) -> analytic.Texture:
        """Return a texture with the luma of the condition."""
        return analytic.Texture(seed, mean=self.mean, deviation=self.deviation, **settings)  # type: ignore[arg-type]

    def scene(self, frames: int, step: tuple[float, float] = (1.5, 0.5), seed: int = 0) -> Luma:
        """Return a slow pan over a texture."""
        return analytic.pan(self.texture(seed), self.size, frames, step)

    @property
    def rounding(self) -> float:
        """Variance of the rounding to code values, in squared 8-bit codes."""
        return 4.0 ** (8 - self.bits) / 12


BASE = Condition("216p25, 8 bit, limited")
CONDITIONS = (
    BASE,
    Condition("144p", size=(144, 176)),
    Condition("540p", size=(540, 960)),
    Condition("60 fps", fps=60),
    Condition("23.976 fps", fps=24000 / 1001),
    Condition("10 bit", bits=10),
    Condition("full range", full=True),
    Condition("dark", mean=50, deviation=10),
    Condition("bright", mean=200, deviation=10),
)


@dataclass(frozen=True)
class Truth:
    """The value that a column should have, and the largest error that is allowed, in the column's unit."""

    column: str
    value: float
    bound: float
    limit: str = ""
    """Why the measure is not held to its bound here; such a row is shown apart."""

    @property
    def extractor(self) -> str:
        """Label of the extractor."""
        return self.column.partition(".")[0]


@dataclass(frozen=True)
class Made:
    """An analytic video, what is true of it, how it is written, and options of the extraction."""

    video: Luma
    truths: Sequence[Truth]
    stamps: Sequence[int] | None = None
    chroma: tuple[float, float] = (128, 128)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """A kind of video: a function of the condition, and the values of its other parameters.

    Attributes
    ----------
    make : callable
        Its docstring describes the video, with {0}, {1} ... for `values`.
    values : tuple
        What is given to `make` after the condition.
    """

    make: Callable[..., Made]
    values: tuple[object, ...] = ()

    @property
    def name(self) -> str:
        """Name of the function and its values."""
        return "-".join([self.make.__name__, *(str(value) for value in self.values)])

    @property
    def words(self) -> str:
        """What is seen, in words."""
        return " ".join((self.make.__doc__ or "").format(*self.values).split()).rstrip(".")


def kinds(make: Callable[..., Made], *values: object) -> tuple[Kind, ...]:
    """Return a kind for each value of the one parameter of `make`, or the one kind that needs none."""
    return tuple(Kind(make, (value,)) for value in values) if values else (Kind(make),)


@dataclass(frozen=True)
class Row:
    """One comparison of a column with its truth."""

    column: str
    unit: str
    video: str
    condition: str
    truth: float
    ours: float
    bound: float
    limit: str
    error: float = field(init=False)

    def __post_init__(self) -> None:
        both_missing = np.isnan(self.truth) and np.isnan(self.ours)
        error = 0.0 if both_missing else abs(self.ours - self.truth)
        object.__setattr__(self, "error", float("inf") if np.isnan(error) else error)

    @property
    def missed(self) -> bool:
        """Whether the error is above its bound."""
        return not self.error <= self.bound


def compare(kind: Kind, condition: Condition, folder: Path) -> list[Row]:
    """Write the video of a kind losslessly, extract its columns, and return them beside the truth."""
    made = kind.make(condition, *kind.values)
    path = folder / "video.mkv"
    analytic.write(
        path,
        made.video,
        condition.fps,
        bits=condition.bits,
        full=condition.full,
        stamps=made.stamps,
        chroma=made.chroma,
    )
    names = list(dict.fromkeys(truth.extractor for truth in made.truths))
    units = {f"{name}.{f.name}": f.unit for name in names for f in vf.make(name).features}
    found = vf.extract(path, names, pool=list(POOLS), **made.options)
    path.unlink()
    return [
        Row(
            column=truth.column,
            unit=units.get(truth.column.rpartition(".")[0], "?"),
            video=kind.words,
            condition=condition.name,
            truth=truth.value,
            ours=float(found.get(truth.column, np.nan)),
            bound=truth.bound,
            limit=truth.limit,
        )
        for truth in made.truths
    ]


def comparisons(kinds: Iterable[Kind], conditions: Iterable[Condition], folder: Path) -> Iterator[Row]:
    """Yield the rows of every kind under every condition."""
    chosen = tuple(conditions)
    for kind in kinds:
        for condition in chosen:
            yield from compare(kind, condition, folder)
