"""Base classes of the deep extractors: parameters, weights and identity."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from vqa_features import checkpoints as weight_files
from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session, check_pairs
from vqa_features.specs import Cost, Family, Feature, Pairs, Scope, VideoInfo

from . import _sampling
from ._device import Precision, resolve_device, resolve_precision
from ._preprocess import Preprocess
from ._session import DeepSession

if TYPE_CHECKING:
    from ._networks.layers import Backbone

RANDOM = "random"
#: Networks a process keeps. A run with more extractors than this would load them again for every video.
NETWORKS_KEPT = 16
Reduction = Literal["mean", "std", "cls"]


@dataclass(frozen=True)
class DeepExtractor(Extractor):
    """A frozen network that returns one vector per clip (per frame, for image networks).

    Subclasses declare the class attributes below, redeclare fields whose published value differs,
    and implement `windows` (the frames of each clip) and `network` (the module).

    Parameters
    ----------
    weights : str, optional
        None for the default official checkpoint, the tag of another one, the path of a file, or
        ``random`` for a seeded random network (a control, labelled as random everywhere).
    tap : tuple of str
        Layers to read instead of the published embedding (keys of `taps`, or numbers into it).
    reduce : tuple of {"mean", "std", "cls"}
        How a tapped layer's positions become one vector.
    clips, crops : int
        Clips per video (one row each) and spatial crops per clip (their vectors are averaged).
    pairs : {"adjacent", "sampled"}
        What the frames of a clip are taken from: all frames of the source, as the published protocol does,
        however the video is sampled; or the sampled frames. Without effect on single frames.
    precision : {"fp32", "bf16", "auto"}
        Arithmetic; auto is bf16 on a GPU and fp32 on the CPU.
    device : str
        auto, cpu, cuda or cuda:N.
    batch : int
        Clips per forward pass.
    """

    family: ClassVar[Family] = "deep"
    version: ClassVar[int] = 2
    scope: ClassVar[Scope] = "clip"
    cost: ClassVar[Cost] = "heavy"
    needs: ClassVar[tuple[str, ...]] = ("rgb",)
    packages: ClassVar[tuple[str, ...]] = ("torch",)
    column_facts: ClassVar[ColumnFacts] = {"unit": "1", "direction": "none", "sign": "no meaning of its own"}

    #: Name under which `build_backbone` takes any configuration.
    architecture: ClassVar[str] = ""
    #: This variant's configuration, as `network` takes it.
    config: ClassVar[Mapping[str, Any]] = {}
    #: Width of the published embedding.
    dim: ClassVar[int] = 0
    #: Layers that can be tapped, first to last, with their widths.
    taps: ClassVar[Mapping[str, int]] = {}
    preprocess: ClassVar[Preprocess]

    weights: str | None = None
    tap: tuple[str, ...] = ()
    reduce: tuple[Reduction, ...] = ("mean",)
    clips: int = 1
    crops: int = 1
    pairs: Pairs = "adjacent"
    precision: Precision = "fp32"
    device: str = field(default="auto", metadata={"identity": False})
    batch: int = field(default=4, metadata={"identity": False})

    def __post_init__(self) -> None:
        if isinstance(self.tap, str):
            object.__setattr__(self, "tap", (self.tap,))
        if isinstance(self.reduce, str):
            object.__setattr__(self, "reduce", tuple(self.reduce.split("+")))
        object.__setattr__(self, "tap", tuple(self._tap_name(one) for one in self.tap))
        for one in self.reduce:
            if one not in ("mean", "std", "cls"):
                raise ParameterError(f"{self.name}: reduce must be of mean, std, cls, got {one!r}")
        if self.reduce != ("mean",) and not self.tap:
            raise ParameterError(f"{self.name}: reduce applies to tapped layers, so give tap as well")
        check_pairs(self)
        check_positive(self, "clips", "batch")
        if self.crops not in (1, 3):
            raise ParameterError(f"{self.name}: crops must be 1 or 3, got {self.crops}")
        if self.precision not in ("fp32", "bf16", "auto"):
            raise ParameterError(f"{self.name}: precision must be fp32, bf16 or auto, got {self.precision!r}")

    def _tap_name(self, tap: str | int) -> str:
        names = list(self.taps)
        with contextlib.suppress(ValueError, IndexError):
            return names[int(tap)]
        if tap not in self.taps:
            raise ParameterError(f"{self.name} has no layer {tap!r}; tap one of {', '.join(names)}")
        return str(tap)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration; imports torch.

        Parameters
        ----------
        config : mapping
            As `config` of a variant, or any other configuration of the architecture.

        Returns
        -------
        Backbone
        """
        raise NotImplementedError

    @property
    def features(self) -> tuple[Feature, ...]:
        """Columns e000, e001, ...: the coordinates of the embedding."""
        width = sum(self.taps[one] for one in self.tap) * len(self.reduce) if self.tap else self.dim
        resolution = self.preprocess.resolution(self.crops)
        return tuple(
            Feature(f"e{k:03d}", f"coordinate {k} of the embedding", resolution=resolution)
            for k in range(width)
        )

    @property
    def is_random(self) -> bool:
        """Whether the network is a random control."""
        return self.weights == RANDOM

    @property
    def label(self) -> str:
        """As for every extractor, with ``@random`` after the name of a random network."""
        plain = super().label
        if not self.is_random:
            return plain
        name, _, rest = plain.partition("[")
        parameters = [part for part in rest.rstrip("]").split(",") if part and part != f"weights={RANDOM}"]
        return f"{name}@{RANDOM}" + (f"[{','.join(parameters)}]" if parameters else "")

    def parameters(self) -> dict[str, Any]:
        """Return every parameter that can change a number; precision ``auto`` is resolved."""
        found = super().parameters()
        if self.precision == "auto":
            found["precision"] = resolve_precision(self.precision, resolve_device(self.device))
        return found

    def weights_sha256(self) -> str | None:
        """Return the SHA-256 the weights have when they are loaded, None for a random network.

        Raises
        ------
        WeightsMissing
            If the file is not there, saying how to get it.
        """
        if self.is_random:
            return None
        return weight_files.expected_sha256(self.name, self.checkpoints, self.weights)

    def warnings(self) -> tuple[str, ...]:
        """Return a warning where the weights are random."""
        return (f"{self.label}: the network's weights are random (a control)",) if self.is_random else ()

    def load(self) -> Backbone:
        """Return the network with its weights, on its device; the process keeps it."""
        device = resolve_device(self.device)
        precision = resolve_precision(self.precision, device)
        cls: Any = type(self)
        if self.is_random:
            return _loaded(cls, None, device, precision)
        with weight_files.opened(self.name, self.checkpoints, self.weights) as file:
            return _loaded(cls, file, device, precision)

    def open(self, info: VideoInfo) -> Session:
        """Return a session; the network is loaded before the first frame is decoded.

        Parameters
        ----------
        info : VideoInfo
            The video.

        Returns
        -------
        Session
        """
        return DeepSession(self, self.load())


def check_positive(extractor: Extractor, *names: str) -> None:
    """Raise ParameterError unless the parameters of these names are above zero.

    Parameters
    ----------
    extractor : Extractor
        The extractor.
    *names : str
        Names of its parameters.
    """
    for name in names:
        value = getattr(extractor, name)
        if not value > 0:
            raise ParameterError(f"{extractor.name}: {name} must be above zero, got {value}")


@dataclass(frozen=True)
class ImageExtractor(DeepExtractor):
    """A network of single frames, sampled a few times per second.

    Parameters
    ----------
    fps : float
        Frames sampled per second of video.
    """

    group: ClassVar[str] = "cnn"
    cost: ClassVar[Cost] = "medium"
    column_facts: ClassVar[ColumnFacts] = {**DeepExtractor.column_facts, "frame": "the sampled frame"}

    fps: float = 1.0
    batch: int = field(default=8, metadata={"identity": False})

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "fps")

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Return single frames, `fps` per second; see `Extractor.windows`."""
        return _sampling.every(n_frames, fps, self.fps)


@functools.lru_cache(maxsize=NETWORKS_KEPT)
def _loaded(
    cls: type[DeepExtractor], file: weight_files.OpenedWeights | None, device: str, precision: str
) -> Backbone:
    import torch

    from ._weights import overlay
    from ._weights.random_weights import randomise

    network = cls.network(cls.config)
    if file is None:
        randomise(network)
    else:
        overlay.load(network, file)
    network.eval().requires_grad_(False)
    return network.to(device, torch.bfloat16 if precision == "bf16" else torch.float32)
