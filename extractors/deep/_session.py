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


#: For each scale the inputs of a frame, (n, 3, height, width), or of a clip, (n, 3, frames, height, width).
Clip = list[NDArray[np.float32]]


class DeepSession(Session):
    """Keeps the network inputs of each frame, collects them to clips, and runs the clips in batches.

    The network runs in its own thread while the next frames are decoded; at most one batch runs and
    one is being collected, so memory is bounded.

    Parameters
    ----------
    extractor : DeepExtractor
        The method, with its preprocessing.
    network : Backbone
        Its network, in eval mode.
    notes : tuple of str
        What a reader of this video's columns should know.
    """

    def __init__(self, extractor: DeepExtractor, network: Backbone, notes: tuple[str, ...] = ()) -> None:
        self._extractor = extractor
        self._network = network
        self._notes = notes
        self._inputs = extractor.inputs
        published = extractor.view == "resize" and not extractor.scales
        self._most = extractor.batch * (extractor.crops if published else 1)
        self._waiting: list[Clip] = []
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._running: Future[Values] | None = None

    def prepare(self, frame: Views) -> Clip:
        """Return the network's inputs of this frame at each scale, (n, 3, height, width) float32."""
        return [scale(frame.rgb) for scale in self._inputs]

    def push(self, window: Sequence[Clip]) -> Values | None:
        """Take one clip; once a batch is full, start it and return the rows of the previous one."""
        self._waiting.append([np.stack(frames, axis=2) for frames in zip(*window, strict=True)])
        if sum(len(scale) for clip in self._waiting for scale in clip) < self._most:
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

    def notes(self) -> Sequence[str]:
        """Return what a reader of this video's columns should know."""
        return self._notes

    def close(self) -> None:
        """End the thread, after a batch that is running, and release the clips."""
        self._thread.shutdown(cancel_futures=True)
        self._waiting, self._running = [], None

    def _start(self) -> None:
        clips, self._waiting = self._waiting, []
        self._running = self._thread.submit(self._rows, clips)

    def _collect(self) -> Values | None:
        """Wait for the running batch and return its rows, None if there is none."""
        running, self._running = self._running, None
        return None if running is None else running.result()

    def _rows(self, clips: list[Clip]) -> Values:
        """Return one row per clip: for each scale, and each way across its inputs, a vector."""
        one = self._extractor
        scales = [scale for clip in clips for scale in clip]
        inputs = np.concatenate(scales)  # (inputs, 3, frames, height, width)
        batches = [inputs[first : first + self._most] for first in range(0, len(inputs), self._most)]
        vectors = np.concatenate([run(self._network, batch, one.options) for batch in batches])
        of_scales = np.split(vectors, np.cumsum([len(scale) for scale in scales])[:-1])
        pooled = [
            part.mean(axis=0) if how == "mean" else part.std(axis=0)
            for part in of_scales
            for how in one.across
        ]
        return np.reshape(pooled, (len(clips), -1))


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
    layout = torch.channels_last_3d  # slows no network, speeds up convolutions: docs/deep.md
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
