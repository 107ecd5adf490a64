"""Video Swin Transformer T, S and B: attention in shifted windows of space and time.

Liu et al., "Video Swin Transformer", CVPR 2022. T, S and B come with torchvision's keys, weights and
preprocessing (32 frames at 15 per second, short side 256, centre crop 224); the weights of the
authors' own release and of mmaction load as well. ``video-swin-b-w16`` has the window of 16 frames
that only the authors' release offers, with its recipe (32 frames, every second one, wrapping around).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.specs import Checkpoint

from . import _sampling
from ._base import DeepExtractor, check_positive
from ._preprocess import Preprocess

if TYPE_CHECKING:
    from ._networks.layers import Backbone

_AUTHORS = "https://github.com/SwinTransformer/storage/releases/download/v1.0.4/"
_MMACTION = "https://download.openmmlab.com/mmaction/v1.0/recognition/swin/"
_APACHE = "Apache-2.0; trained on {}"
_TORCHVISION = "seen in torchvision 0.28 (models/video/swin_transformer.py)"
_RELEASE = "seen in SwinTransformer/Video-Swin-Transformer db018fb (README.md)"
_MEASURED = f"{_RELEASE}; digest and size: DidarTito/VideoClassificationTest (checkpoints/manifest.csv)"
_METAFILE = "seen in mmaction2 1.2.0 (configs/recognition/swin/metafile.yml)"


def _torchvision(tag: str, file: str, digest: str) -> Checkpoint:
    url = f"https://download.pytorch.org/models/{file}-{digest[:8]}.pth"
    licence = (
        "BSD-3-Clause (torchvision), ported from the authors' Apache-2.0 weights; trained on Kinetics-400"
    )
    return Checkpoint(tag, url, licence, sha256=digest, layout="torchvision", seen=_TORCHVISION)


def _authors(
    tag: str, file: str, data: str, sha256: str | None = None, size: int | None = None
) -> Checkpoint:
    url, licence = f"{_AUTHORS}{file}.pth", _APACHE.format(data)
    seen = _MEASURED if sha256 else _RELEASE
    return Checkpoint(tag, url, licence, sha256=sha256, size=size, layout="authors' release", seen=seen)


def _mmaction(tag: str, folder: str, date: str, digest: str, data: str = "Kinetics-400") -> Checkpoint:
    url = f"{_MMACTION}{folder}/{folder}_{date}-{digest}.pth"
    return Checkpoint(tag, url, _APACHE.format(data), sha256=digest, layout="mmaction", seen=_METAFILE)


def _config(width: int, depth: int, heads: int, frames: int = 8) -> dict[str, Any]:
    return {
        "patch_size": [2, 4, 4],
        "embed_dim": width,
        "depths": [2, 2, depth, 2],
        "num_heads": [heads, 2 * heads, 4 * heads, 8 * heads],
        "window_size": [frames, 7, 7],
        "mlp_ratio": 4,
        "num_classes": 400,
    }


def _taps(width: int) -> dict[str, int]:
    return {f"features.{2 * stage}": width << stage for stage in range(4)}


@dataclass(frozen=True)
class _VideoSwin(DeepExtractor):
    """Recipe and network that the variants share.

    Parameters
    ----------
    frames : int
        Frames per clip.
    """

    architecture: ClassVar[str] = "video-swin"
    group: ClassVar[str] = "video-transformer"
    references: ClassVar[tuple[str, ...]] = (
        "Liu et al., Video Swin Transformer, CVPR 2022",
        "torchvision 0.28, models/video/swin_transformer.py; SwinTransformer/Video-Swin-Transformer db018fb",
    )

    frames: int = 32

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import video_swin

        return video_swin.build(config)


@dataclass(frozen=True)
class _TorchvisionSwin(_VideoSwin):
    """torchvision's recipe.

    Parameters
    ----------
    fps : float
        Frames per second of a clip.
    """

    preprocess: ClassVar[Preprocess] = Preprocess(256, 224)

    clips: int = 12
    fps: float = 15.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "frames", "fps")

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Clips of `frames` frames, `fps` per second, spread evenly."""
        return _sampling.at_rate(n_frames, fps, self.frames, self.fps, self.clips)


@dataclass(frozen=True)
class VideoSwinT(_TorchvisionSwin):
    """Tiny: 768 values per clip."""

    name: ClassVar[str] = "video-swin-t"
    dim: ClassVar[int] = 768
    config: ClassVar[Mapping[str, Any]] = _config(96, 6, 3)
    taps: ClassVar[Mapping[str, int]] = _taps(96)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _torchvision(
            "kinetics400", "swin3d_t", "7615ae035996b65eb38dad437ae533d2dfcd36f9f89d28c0f0fa7bfb8e6b3130"
        ),
        _authors(
            "authors-kinetics400",
            "swin_tiny_patch244_window877_kinetics400_1k",
            "Kinetics-400",
            "9950e3be6b0b3763f80575dfbbe7db7cbeb18345e32363b73e8d44952ef76acc",
            127414861,
        ),
        _mmaction(
            "mmaction-kinetics400",
            "swin-tiny-p244-w877_in1k-pre_8xb8-amp-32x2x1-30e_kinetics400-rgb",
            "20220930",
            "241016b2",
        ),
    )


@dataclass(frozen=True)
class VideoSwinS(_TorchvisionSwin):
    """Small: 768 values per clip."""

    name: ClassVar[str] = "video-swin-s"
    dim: ClassVar[int] = 768
    config: ClassVar[Mapping[str, Any]] = _config(96, 18, 3)
    taps: ClassVar[Mapping[str, int]] = _taps(96)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _torchvision("kinetics400", "swin3d_s", "da41c237"),
        _authors(
            "authors-kinetics400",
            "swin_small_patch244_window877_kinetics400_1k",
            "Kinetics-400",
            "7e05aa13cfa1aa99fe78c1ccac96c263344b315fe5d98a165b77b1f7532ce500",
            228830087,
        ),
        _mmaction(
            "mmaction-kinetics400",
            "swin-small-p244-w877_in1k-pre_8xb8-amp-32x2x1-30e_kinetics400-rgb",
            "20220930",
            "e91ab986",
        ),
        _mmaction(
            "mmaction-kinetics710",
            "swin-small-p244-w877_in1k-pre_32xb4-amp-32x2x1-30e_kinetics710-rgb",
            "20230612",
            "8e082ff1",
            "Kinetics-710",
        ),
    )


@dataclass(frozen=True)
class VideoSwinB(_TorchvisionSwin):
    """Base: 1024 values per clip."""

    name: ClassVar[str] = "video-swin-b"
    dim: ClassVar[int] = 1024
    config: ClassVar[Mapping[str, Any]] = _config(128, 18, 4)
    taps: ClassVar[Mapping[str, int]] = _taps(128)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _torchvision("kinetics400", "swin3d_b_1k", "24f7c7c6"),
        _torchvision(
            "kinetics400-imagenet22k",
            "swin3d_b_22k",
            "7c6ae6fa165f481a9c71156644a7c0e61bb393e470ca3671b8d24a30d365ffc6",
        ),
        _authors(
            "authors-kinetics400",
            "swin_base_patch244_window877_kinetics400_1k",
            "Kinetics-400",
            "309e76e2cba4b3052eb3afda3ee57205130712369cbde6bf2fad05127e2f9bf8",
            381759368,
        ),
        _authors(
            "authors-kinetics400-imagenet22k", "swin_base_patch244_window877_kinetics400_22k", "Kinetics-400"
        ),
        _authors("authors-kinetics600", "swin_base_patch244_window877_kinetics600_22k", "Kinetics-600"),
        _mmaction(
            "mmaction-kinetics400",
            "swin-base-p244-w877_in1k-pre_8xb8-amp-32x2x1-30e_kinetics400-rgb",
            "20220930",
            "182ec6cc",
        ),
    )


@dataclass(frozen=True)
class VideoSwinBWindow16(_VideoSwin):
    """Base with a window of 16 x 7 x 7 and the authors' recipe: 1024 values per clip.

    Parameters
    ----------
    stride : int
        One frame of so many is taken.
    """

    name: ClassVar[str] = "video-swin-b-w16"
    dim: ClassVar[int] = 1024
    config: ClassVar[Mapping[str, Any]] = _config(128, 18, 4, frames=16)
    taps: ClassVar[Mapping[str, int]] = _taps(128)
    preprocess: ClassVar[Preprocess] = Preprocess(224, 224, way="mmcv")
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _authors("kinetics400", "swin_base_patch244_window1677_kinetics400_22k", "Kinetics-400"),
        _authors(
            "ssv2",
            "swin_base_patch244_window1677_sthv2",
            "Something-Something V2",
            "f7fe417a0659680ab9db4f5e02c39b3f2825b58f0e244d4fbe3de6658fe135fc",
            473410081,
        ),
    )

    clips: int = 4
    crops: int = 3
    stride: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "frames", "stride")

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Clips of `frames` frames, `stride` apart, wrapping around a short video."""
        return _sampling.strided(n_frames, self.frames, self.stride, self.clips)
