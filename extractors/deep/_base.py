"""Base classes of the deep extractors: parameters, weights and identity."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from vqa_features import checkpoints as weight_files
from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session, check_pairs
from vqa_features.specs import Cost, Family, Feature, Pairs, Scope, VideoInfo

from ._device import Precision, resolve_device, resolve_precision
from ._preprocess import Preprocess
from ._session import DeepSession
from ._views import (
    Inputs,
    Spread,
    View,
    check_views,
    check_words,
    columns_of,
    inputs_of,
    notes_of,
    without_published,
)

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
        Clips per video (one row each), and spatial crops per clip, 1 or 3; draws per clip with fragments.
    view : {"resize", "fragments", "tiles"}
        What is cut from a frame: crops after resizing, as published; a grid of mini-patches at native
        resolution, joined to one input (FAST-VQA), at the same places in all frames; or tiles at native
        resolution, evenly over the frame.
    tiles : int
        Greatest number of tiles.
    scales : tuple of int
        Short sides to which a frame is resized first, aspect kept; each scale has its own columns.
    across : tuple of {"mean", "std"}
        How the vectors of a clip's crops, draws or tiles become one.
    pairs : {"adjacent", "sampled"}
        What the frames of a clip are taken from: all frames of the source, as the published protocol does,
        however the video is sampled; or the sampled frames. Without effect on single frames.
    precision : {"fp32", "bf16", "auto"}
        Arithmetic; auto is bf16 on a GPU and fp32 on the CPU.
    device : str
        auto, cpu, cuda or cuda:N.
    batch : int
        Clips per forward pass; inputs per forward pass for other views and scales than the published ones.
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
    view: View = "resize"
    tiles: int = 9
    scales: tuple[int, ...] = ()
    across: tuple[Spread, ...] = ("mean",)
    pairs: Pairs = "adjacent"
    precision: Precision = "fp32"
    device: str = field(default="auto", metadata={"identity": False})
    batch: int = field(default=4, metadata={"identity": False})

    def __post_init__(self) -> None:
        if isinstance(self.tap, str):
            object.__setattr__(self, "tap", (self.tap,))
        if isinstance(self.scales, int):
            object.__setattr__(self, "scales", (self.scales,))
        for name in ("reduce", "across"):
            if isinstance(value := getattr(self, name), str):
                object.__setattr__(self, name, tuple(value.split("+")))
        object.__setattr__(self, "tap", tuple(self._tap_name(one) for one in self.tap))
        check_words(self, "reduce", Reduction)
        if self.reduce != ("mean",) and not self.tap:
            raise ParameterError(f"{self.name}: reduce applies to tapped layers, so give tap as well")
        check_pairs(self)
        check_positive(self, "clips", "batch", "crops", "tiles")
        if self.view == "tiles" and self.crops == type(self).crops:
            object.__setattr__(self, "crops", 1)  # tiles take the place of the recipe's crops
        check_views(self)
        if self.precision not in ("fp32", "bf16", "auto"):
            raise ParameterError(f"{self.name}: precision must be fp32, bf16 or auto, got {self.precision!r}")

    @property
    def inputs(self) -> tuple[Inputs, ...]:
        """What the network sees of a frame, at each scale."""
        return inputs_of(self)

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
    def scores(self) -> tuple[Feature, ...]:
        """Columns after those of the embedding: what the network's own head predicts, none by default.

        A subclass that has some returns them with direction and sign, and its network's
        ``features(x, scores=True)`` appends their values to the embedding. Tapped layers come without scores.
        """
        return ()

    @property
    def features(self) -> tuple[Feature, ...]:
        """Columns e000, e001, ...: the coordinates of the embedding; then the `scores`."""
        width = sum(self.taps[one] for one in self.tap) * len(self.reduce) if self.tap else self.dim
        return columns_of(self, width)

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of `Backbone.embed`: the tapped layers, else those of the network's own `features`."""
        if self.tap:
            return {"tap": self.tap, "reduce": self.reduce}
        return {"scores": True} if self.scores else {}

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

    def identity(self) -> dict[str, Any]:
        """Return what a stored value depends on; views of a frame where they are not the published ones."""
        found = super().identity()
        return {**found, "parameters": without_published(found["parameters"])}

    def clip_work(self, info: VideoInfo) -> float:
        """Return the network inputs of a clip, see `Extractor.clip_work`."""
        return float(sum(scale.count(info.height, info.width) for scale in self.inputs))

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
        return DeepSession(self, self.load(), notes_of(self, info))


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


@functools.lru_cache(maxsize=NETWORKS_KEPT)
def _loaded(
    cls: type[DeepExtractor], file: weight_files.OpenedWeights | None, device: str, precision: str
) -> Backbone:
    import torch

    from ._weights import checkpoint, overlay
    from ._weights.random_weights import randomise

    if file is None:
        network = cls.network(cls.config)
        randomise(network)
    else:
        with checkpoint.without_parameters():
            network = cls.network(cls.config)
        overlay.load(network, file)
    network.eval().requires_grad_(False)
    return network.to(device, torch.bfloat16 if precision == "bf16" else torch.float32)
