"""Other implementations of our classical features, as far as the package registries offer them.

`make peers` installs them in an environment of their own. Several do not run as published on current
NumPy, SciPy and torch; what is put right is said beside each. Where learned parameters cannot be had, the
last step, a small regression, is left out. So is scikit-video's V-BLIINDS, where an int8 overflows.
"""

from __future__ import annotations

import builtins
import importlib.util
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.resources import load_arrays

Array = NDArray[Any]
_TICK = Fraction(1, 25)
#: Gives the values of one picture in the order of our columns.
Compute = Callable[[Any], Sequence[float]]


@dataclass(frozen=True)
class Program:
    """One peer.

    Attributes
    ----------
    package, name : str
        Distribution on the registry, and what of it is run.
    extractor, columns : str and slice or None
        Ours, and its columns that the values stand for; None where it measures something else.
    ready : callable
        Returns the function that computes the values of one input; ImportError where a package is missing.
    given : callable
        Makes the input from (luma, luma of the picture before, RGB) of uint8: not counted.
    """

    package: str
    name: str
    extractor: str
    columns: slice | None
    ready: Callable[[], Compute]
    given: Callable[[Array, Array, Array], Any]

    @property
    def title(self) -> str:
        """Package, version and what is run."""
        return f"{self.package} {version(self.package)} {self.name}"


def _luma(luma: Array, before: Array, rgb: Array) -> Array:
    return luma


def _rgb(luma: Array, before: Array, rgb: Array) -> Array:
    return rgb


def _pair(luma: Array, before: Array, rgb: Array) -> tuple[Array, Array]:
    return before, luma


def _double_pair(luma: Array, before: Array, rgb: Array) -> tuple[Array, Array]:
    return before.astype(np.float64), luma.astype(np.float64)


def _video(luma: Array, before: Array, rgb: Array) -> Array:
    return luma.astype(np.float64)[None, :, :, None]


def _tensor(luma: Array, before: Array, rgb: Array) -> Any:
    import torch

    return torch.from_numpy(luma.astype(np.float32))[None, None]


def _cv2_quality() -> Compute:
    import cv2

    compute = getattr(getattr(cv2, "quality", None), "QualityBRISQUE_computeFeatures", None)
    if compute is None:
        raise ImportError("this OpenCV has no quality module: opencv-contrib-python-headless has")
    return lambda luma: compute(luma)[0]


def _restore_removed_names() -> None:
    """Put back what scikit-video 1.1.11 calls: NumPy's aliases, and SciPy's imresize as it was, by Pillow."""
    import scipy.misc
    from PIL import Image

    for name in ("int", "float"):
        if not hasattr(np, name):
            setattr(np, name, getattr(builtins, name))

    def imresize(picture: Array, size: Any, interp: str = "bilinear", mode: str | None = None) -> Array:
        height, width = picture.shape[:2]
        new = (int(width * size), int(height * size)) if isinstance(size, float) else (size[1], size[0])
        method = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}[interp]
        return np.asarray(Image.fromarray(picture.astype(np.float32)).resize(new, method))

    scipy.misc.imresize = imresize


def _skvideo(name: str) -> Compute:
    _restore_removed_names()
    import skvideo.measure

    compute = getattr(skvideo.measure, name)
    return lambda video: np.ravel(compute(video))


def _pypi_brisque() -> Compute:
    """Its features at two scales; `score` of 0.2.0 fails with NumPy 2."""
    import cv2
    from brisque import BRISQUE

    program = BRISQUE(url=False)

    def compute(luma: Array) -> list[float]:
        gray = luma / 255.0
        half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_CUBIC)
        both = [
            program.calculate_brisque_features(plane, kernel_size=7, sigma=7 / 6) for plane in (gray, half)
        ]
        return [float(np.ravel(value)[0]) for scale in both for value in scale]

    return compute


def _declare_torchvision() -> None:
    """Declare torchvision's compiled operators: its wheel is not for the CPU torch; none is called."""
    import torch

    if not hasattr(_declare_torchvision, "library"):
        found = importlib.util.find_spec("torchvision")
        if found is None or not found.submodule_search_locations:
            raise ImportError("torchvision is not installed")
        text = (Path(found.submodule_search_locations[0]) / "_meta_registrations.py").read_text()
        names = re.findall(r"torchvision::(\w+)", text) + re.findall(r'register_meta\("(\w+)"\)', text)
        library = torch.library.Library("torchvision", "DEF")
        for name in sorted(set(names)):
            library.define(f"{name}(Tensor x) -> Tensor")
        _declare_torchvision.library = library  # type: ignore[attr-defined]


def _piq_brisque() -> Compute:
    _declare_torchvision()
    import torch
    from piq.brisque import _natural_scene_statistics
    from piq.functional import imresize

    def compute(luma: Any) -> list[float]:
        with torch.no_grad():
            half = imresize(luma, sizes=(luma.shape[2] // 2, luma.shape[3] // 2))
            both = [_natural_scene_statistics(plane) for plane in (luma, half)]
        return torch.cat(both, dim=-1)[0].tolist()

    return compute


def _pyiqa_brisque() -> Compute:
    _declare_torchvision()
    import torch
    from pyiqa.archs.brisque_arch import natural_scene_statistics
    from pyiqa.matlab_utils import imresize

    def compute(luma: Any) -> list[float]:
        with torch.no_grad():
            half = imresize(luma, scale=0.5, antialiasing=True)
            both = [natural_scene_statistics(plane) for plane in (luma, half)]
        return torch.cat(both, dim=-1)[0].tolist()

    return compute


def _pyiqa_niqe() -> Compute:
    """With the LIVE release's pristine model, which is ours too."""
    _declare_torchvision()
    import torch
    from pyiqa.archs.niqe_arch import niqe

    model = load_arrays("ut_live/niqe_pristine.npz")
    mean, covariance = (torch.from_numpy(np.array(model[name]))[None] for name in ("mean", "covariance"))

    def compute(luma: Any) -> list[float]:
        with torch.no_grad():
            return [float(niqe(luma.double(), mean.double(), covariance.double()))]

    return compute


def _pyiqa_piqe() -> Compute:
    _declare_torchvision()
    import torch
    from pyiqa.archs.piqe_arch import piqe

    def compute(luma: Any) -> list[float]:
        with torch.no_grad():
            return [float(piqe(luma / 255)[0])]

    return compute


def _siti_tools() -> Compute:
    from siti_tools.siti import SiTiCalculator

    return lambda pair: [SiTiCalculator.si(pair[1]), SiTiCalculator.ti(pair[1], pair[0])]


def _filter(name: str, *keys: str) -> Compute:
    """Return an FFmpeg filter run by PyAV in one thread; its input is the picture before and the picture."""
    import av

    state: dict[str, Any] = {"graph": None, "last": None, "number": 0}

    def push(luma: Array) -> dict[str, str]:
        frame = av.VideoFrame.from_ndarray(luma, format="gray")
        frame.pts, frame.time_base = state["number"], _TICK
        state.update(last=luma, number=state["number"] + 1)
        state["graph"].push(frame)
        return state["graph"].pull().metadata

    def compute(pair: tuple[Array, Array]) -> list[float]:
        before, luma = pair
        if state["graph"] is None:
            state["graph"] = _graph(name, luma.shape)
        if state["last"] is not before:
            push(before)
        found = push(luma)
        return [float(found[key]) for key in keys]

    return compute


def _graph(name: str, shape: tuple[int, ...]) -> Any:
    from av.filter import Graph

    graph = Graph()
    graph.threads = 1
    source = graph.add_buffer(width=shape[1], height=shape[0], format="gray", time_base=_TICK)
    graph.link_nodes(source, graph.add(name), graph.add("buffersink")).configure()
    return graph


def _plain_colourfulness() -> Compute:
    def compute(rgb: Array) -> list[float]:
        red, green, blue = np.moveaxis(rgb.astype(np.float64), 2, 0)
        first, second = red - green, (red + green) / 2 - blue
        spread = np.hypot(first.std(), second.std())
        return [spread + 0.3 * np.hypot(first.mean(), second.mean())]

    return compute


_WHOLE, _FIRST, _LAST = slice(0, 36), slice(0, 1), slice(36, 37)
_skvideo_brisque, _skvideo_niqe = partial(_skvideo, "brisque_features"), partial(_skvideo, "niqe")
_ffmpeg_siti = partial(_filter, "siti", "lavfi.siti.si", "lavfi.siti.ti")
_ffmpeg_blur = partial(_filter, "blurdetect", "lavfi.blur")
_ffmpeg_block = partial(_filter, "blockdetect", "lavfi.block")

#: Every peer, grouped by our extractor.
PROGRAMS = (
    Program("opencv-contrib-python-headless", "quality, features", "brisque", _WHOLE, _cv2_quality, _luma),
    Program("scikit-video", "brisque_features", "brisque", _WHOLE, _skvideo_brisque, _video),
    Program("piq", "BRISQUE's statistics, float32", "brisque", _WHOLE, _piq_brisque, _tensor),
    Program("pyiqa", "BRISQUE's statistics, float32", "brisque", _WHOLE, _pyiqa_brisque, _tensor),
    Program("brisque", "features", "brisque", _WHOLE, _pypi_brisque, _luma),
    Program("scikit-video", "niqe", "niqe", _LAST, _skvideo_niqe, _video),
    Program("pyiqa", "NIQE, float64", "niqe", _LAST, _pyiqa_niqe, _tensor),
    Program("siti-tools", "si and ti", "siti", slice(0, 2), _siti_tools, _double_pair),
    Program("av", "FFmpeg's filter siti", "siti", slice(0, 2), _ffmpeg_siti, _pair),
    Program("pyiqa", "PIQE, float32", "piqe", _FIRST, _pyiqa_piqe, _tensor),
    Program(
        "av",
        "FFmpeg's filter blurdetect",
        "basics",
        None,
        _ffmpeg_blur,
        _pair,
    ),
    Program(
        "av",
        "FFmpeg's filter blockdetect",
        "basics",
        None,
        _ffmpeg_block,
        _pair,
    ),
    Program("numpy", "colourfulness in float64", "colorfulness", _FIRST, _plain_colourfulness, _rgb),
)
