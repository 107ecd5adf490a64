"""NIQE of each frame, and pristine models made of a user's own pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.errors import ParameterError
from vqa_features.extractor import Session, Values
from vqa_features.frame import Frame, Views
from vqa_features.kernels.brisque_niqe import niqe_block_features, niqe_features, sharp_blocks
from vqa_features.picture import ArrayPicture
from vqa_features.specs import Luma, Sampling
from vqa_features.video import open_video

from ._pristine import MOST_CONDITION, condition


class _NiqeSession(Session):
    """36 features and the score of each frame; keeps nothing between frames."""

    concurrent = True

    def __init__(self, mean: Values, covariance: Values) -> None:
        self._mean = mean
        self._covariance = covariance

    def prepare(self, frame: Views) -> Values:
        return niqe_features(frame.luma, self._mean, self._covariance)

    def push(self, window: Sequence[Values]) -> Values:
        return window[0]


def pristine_model(
    sources: Iterable[str | os.PathLike[str] | NDArray[Any]], sharpness: float
) -> tuple[Values, Values]:
    """Mean (36,) and covariance (36, 36) of the features of all sharp blocks of `sources`.

    Parameters
    ----------
    sources : iterable
        Videos (paths) or pictures held in memory, as `niqe.fit` takes them.
    sharpness : float
        Share of a picture's sharpest block above which its other blocks count.

    Raises
    ------
    ParameterError
        If there are fewer than 37 sharp blocks, or they are too alike.
    """
    found = [np.empty((0, 36))]
    for source in sources:
        for plane in _planes(source):
            blocks = niqe_block_features(plane)
            if len(blocks):
                found.append(blocks[sharp_blocks(plane, sharpness)])
    blocks = np.concatenate(found)
    blocks = blocks[~np.isnan(blocks).any(axis=1)]
    if len(blocks) < 37:
        raise ParameterError(
            f"a pristine model needs at least 37 sharp 96 x 96 blocks, the sources have {len(blocks)}: "
            "give more or larger pictures, or lower sharpness"
        )
    covariance = np.cov(blocks, rowvar=False)
    ratio = condition(covariance)
    if ratio > MOST_CONDITION:
        raise ParameterError(
            f"a pristine model needs blocks that differ in all of their 36 features, and the {len(blocks)} "
            f"sharp ones do not: their covariance has the condition number {ratio:.3g}, and "
            f"{MOST_CONDITION:g} is the most; give more pictures of different, natural content, or lower "
            "sharpness"
        )
    return blocks.mean(axis=0), covariance


def _planes(source: str | os.PathLike[str] | NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Luma of a picture, or of one frame per second of a video."""
    if not isinstance(source, str | os.PathLike | np.ndarray):
        raise ParameterError(f"a source must be a path or a picture in memory, got {source!r}")
    if isinstance(source, np.ndarray):
        luma: Luma = "rgb2gray" if source.ndim == 3 else "y"
        yield Frame(ArrayPicture(source), 0, 0.0, luma).view("luma")
        return
    with open_video(source, sampling=Sampling(fps=1)) as video:
        for frame in video:
            yield frame.view("luma")
