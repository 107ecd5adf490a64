"""The session of every deep extractor: clips are prepared, batched, and run while decoding goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views

if TYPE_CHECKING:
    from ._base import DeepExtractor
    from ._networks.layers import Backbone


class DeepSession(Session):
    """Keeps small crops of each frame, collects them to clips, and runs the clips in batches.

    The network runs in its own thread while the next frames are decoded; at most one batch runs and
    one is being collected, so memory is bounded.

    Parameters
    ----------
    extractor : DeepExtractor
        The method, with its preprocessing.
    network : Backbone
        Its network, in eval mode.
    """

    def __init__(self, extractor: DeepExtractor, network: Backbone) -> None:
        self._extractor = extractor
        self._network = network
        self._waiting: list[NDArray[np.float32]] = []
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._running: Future[Values] | None = None

    def prepare(self, frame: Views) -> NDArray[np.float32]:
        """Return the network's input of this frame, (crops, 3, height, width) float32."""
        return self._extractor.preprocess(frame.rgb, self._extractor.crops)

    def push(self, window: Sequence[NDArray[np.float32]]) -> Values | None:
        """Take one clip; once a batch is full, start it and return the rows of the previous one."""
        self._waiting.append(np.stack(window, axis=2))  # (crops, 3, frames, height, width)
        if len(self._waiting) < self._extractor.batch:
            return None
        before = self._collect()
        self._start()
        return before

    def finish(self) -> Values | None:
        """Return the rows of the clips still running or waiting."""
        parts = [self._collect()]
        if self._waiting:
            self._start()
            parts.append(self._collect())
        rows = [part for part in parts if part is not None]
        return np.concatenate(rows) if rows else None

    def close(self) -> None:
        """End the thread, after a batch that is running, and release the clips."""
        self._thread.shutdown(cancel_futures=True)
        self._waiting, self._running = [], None

    def _start(self) -> None:
        clips, self._waiting = np.stack(self._waiting), []
        self._running = self._thread.submit(self._rows, clips)

    def _collect(self) -> Values | None:
        """Wait for the running batch and return its rows, None if there is none."""
        running, self._running = self._running, None
        return None if running is None else running.result()

    def _rows(self, clips: NDArray[np.float32]) -> Values:
        """Return one row per clip of a (clips, crops, 3, frames, height, width) batch."""
        one = self._extractor
        options: dict[str, Any] = {"tap": one.tap, "reduce": one.reduce} if one.tap else {}
        if one.scores and not one.tap:
            options = {"scores": True}
        rows = run(self._network, clips.reshape(-1, *clips.shape[2:]), options)
        return np.asarray(rows.reshape(len(clips), clips.shape[1], -1).mean(axis=1))


def run(network: Backbone, clips: NDArray[np.float32], options: Mapping[str, Any]) -> Values:
    """Return the network's vectors of a batch of clips.

    Parameters
    ----------
    network : Backbone
        In eval mode.
    clips : ndarray, (n, 3, frames, height, width) float32
        Normalised clips.
    options : mapping
        Arguments of `Backbone.embed`: tap and reduce, or those of the network's `features`.

    Returns
    -------
    ndarray, (n, d) float64
    """
    import torch

    parameter = next(network.parameters())
    layout = torch.channels_last_3d
    with torch.inference_mode(), exact_arithmetic():
        batch = torch.from_numpy(clips).to(parameter.device, parameter.dtype, memory_format=layout)
        rows = network.embed(batch, **options)
    return rows.float().cpu().numpy().astype(np.float64)


@contextlib.contextmanager
def exact_arithmetic() -> Iterator[None]:
    """Turn TF32 off in convolutions, so that float32 is float32 on every device."""
    import torch

    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield
