"""What is known of a video quality dataset: labels, scale, protocol, licence, pinned files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..errors import UnknownName
from ..specs import Direction

UNKNOWN = "unknown"
NOT_VERIFIED = " (not verified)"


@dataclass(frozen=True)
class Source:
    """A published folder, pinned to a commit."""

    name: str
    """Its folder in the cache."""
    licence: str
    address: str | None = None
    """Public address; None if there is none."""


@dataclass(frozen=True)
class PublishedFile:
    """One published file: ``<source>/<name>`` in the cache, `path` below the address of the source."""

    source: Source
    path: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """File name in the cache."""
        return self.path.rpartition("/")[2]

    @property
    def url(self) -> str | None:
        """Pinned public address; None if there is none."""
        return None if self.source.address is None else f"{self.source.address}/{self.path}"


@dataclass(frozen=True)
class DatasetInfo:
    """Description of one dataset."""

    name: str
    about: str
    videos: int
    licence: str
    home: str
    protocol: str
    """How results are usually reported: an official split, or random ones."""
    scale: tuple[float, float] | None = None
    """Ends of the MOS scale; None if unknown."""
    direction: Direction | None = None
    """Direction of the published numbers; `vqa_features.datasets.loading.load` makes higher better."""
    labels_at: str = ""
    """Where labels can be had; empty if the pinned files are all that is to say."""
    note: str = ""
    unverified: tuple[str, ...] = ()
    """Facts known from memory only."""
    labels: PublishedFile | None = None
    header: tuple[str, ...] = ()
    """Names of the columns of the label files, if they have no header."""
    id_column: str | None = None
    mos_column: str = "mos"
    std_column: str | None = None
    count_column: str | None = None
    dimensions: Mapping[str, PublishedFile | str] = field(default_factory=dict)
    """Further targets by name: a label file of the same columns, or a column of `labels`."""
    tables: Mapping[str, PublishedFile] = field(default_factory=dict)
    """Handcrafted feature tables in the row order of the labels."""
    scores: Mapping[str, PublishedFile] = field(default_factory=dict)
    """Scores of published models (NIQE): ``y_pred`` of MATLAB files, in the row order of the labels."""
    parts: Mapping[str, PublishedFile] = field(default_factory=dict)
    """Label files of the official test parts by their names, for datasets with a fixed split."""
    test_folders: Mapping[str, str] = field(default_factory=dict)
    """Folder, in the ids of `labels`, of each official test part by name."""
    index: PublishedFile | None = None
    """VSFA-format file of official permutations."""
    group: Callable[[str], str] | None = None
    """Source content of a video, from its id."""

    @property
    def differential(self) -> bool:
        """Whether the published numbers are differential opinion scores (DMOS): lower is better."""
        return self.direction == "lower is better"

    @property
    def has_official_splits(self) -> bool:
        """Whether an official split or official permutations are known."""
        return bool(self.parts or self.test_folders or self.index)

    def files(self) -> list[PublishedFile]:
        """Return every published file."""
        further = [file for file in self.dimensions.values() if isinstance(file, PublishedFile)]
        optional = [
            self.labels,
            *further,
            *self.tables.values(),
            *self.scores.values(),
            *self.parts.values(),
            self.index,
        ]
        return [file for file in optional if file is not None]

    def stated(self, fact: str) -> str:
        """Return a fact as text, with what is not known or not verified said to be so."""
        value = getattr(self, fact)
        if fact == "scale" and value is not None:
            value = f"{value[0]:g} .. {value[1]:g}"
        if value is None or value == UNKNOWN:
            return UNKNOWN
        return f"{value}{NOT_VERIFIED}" if fact in self.unverified else str(value)

    def of_dimension(self, dimension: str) -> DatasetInfo:
        """Return the description with another target as MOS, named ``dataset:dimension``.

        Raises
        ------
        UnknownName
            If there is no such dimension.
        """
        if dimension not in self.dimensions:
            known = ", ".join(self.dimensions) or "none, one MOS only"
            raise UnknownName(f"dimension of {self.name}", dimension, self.dimensions, f"known: {known}")
        target, name = self.dimensions[dimension], f"{self.name}:{dimension}"
        if isinstance(target, str):
            return replace(self, name=name, mos_column=target)
        return replace(self, name=name, labels=target)
