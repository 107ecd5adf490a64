"""`respond`: distorted versions of clips, their features, and how these react."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..batch.inputs import Input, Named, find_inputs, named_inputs
from ..batch.many_videos import run_extraction
from ..batch.options import Extraction, Reporting, Workers
from ..distortion import Ladder, ladders_of
from ..errors import DecodeError, ParameterError
from ..extraction.single_video import Extractors
from ..files.hashing import sha256_of
from ..files.writable import check_folder
from ..processes.shared_memory import check_semaphores
from ..progress import Progress
from ..specs import Sampling
from ..tables.reading import read_table
from ..tables.writing import write_table
from .clip_versions import ORIGINAL, Rung, make_versions, remove_versions, rungs_of
from .result import Response

if TYPE_CHECKING:
    import pandas as pd

    from ..models import QualityModel

#: Column of the predictions; `PREDICTION` names them as an extractor in the tables of a response.
PREDICTION = "model.prediction.mos"
STORE = "respond.sqlite"
#: Bytes of distorted videos from which on they are extracted and deleted before further ones are made.
MOST_SCRATCH = 2 << 30


def respond(
    clips: Named,
    extractors: Extractors,
    ladders: str | Sequence[str] | None = None,
    *,
    model: str | os.PathLike[str] | None = None,
    folder: str | os.PathLike[str] | None = None,
    jobs: int = 1,
    fps: float | None = None,
    frames: int | None = None,
    keep_versions: bool = False,
    quiet: bool = True,
) -> Response:
    """Distort clips at growing strengths and measure how features and predictions react.

    Parameters
    ----------
    clips : path, iterable of paths, or DataFrame
        As in `vqa_features.extract_many`. At least three clips of different content give a spread to compare
        with, at least six a test.
    extractors : str, Extractor or list of them
        Names or labels.
    ladders : str or sequence of str, optional
        Names of `vqa_features.distortion.LADDERS`; all of them by default.
    model : str or path, optional
        A model that comes with the package, or a file of `train`: its predictions are measured too.
    folder : path, optional
        Keeps what is finished: a run with the same folder goes on from there. By default nothing is kept.
    jobs : int
        Worker processes.
    fps, frames
        Which frames are used: see `vqa_features.Sampling`. All of them by default.
    keep_versions : bool
        Leave the distorted videos in ``folder/versions``; by default they are deleted clip by clip.
    quiet : bool
        Report no progress.

    Returns
    -------
    Response

    Raises
    ------
    ParameterError, UnknownName, WeightsMissing, ExtraMissing, TableError
        Before the first video is made, if the request cannot be met.
    """
    from ..models import QualityModel

    extraction = Extraction.of(extractors, "mean", Sampling(fps=fps, frames=frames))
    chosen = ladders_of(ladders)
    videos = find_inputs(named_inputs(clips))
    loaded = None if model is None else QualityModel.load(model)
    workers = Workers(jobs, isolate=True)
    if keep_versions and folder is None:
        raise ParameterError("keep_versions needs a folder: name one")
    if folder is not None:
        check_folder(folder)
    check_semaphores()
    with TemporaryDirectory(prefix="vqa-respond-") as scratch:
        place = Path(scratch if folder is None else folder)
        run = _Run(extraction, chosen, loaded, workers, place, keep_versions, quiet)
        tables = run.tables(videos)
    settings = {**run.settings, "clips": [video.id for video in videos]}
    return Response.of(tables, chosen, extraction.extractors, settings)


@dataclass(frozen=True)
class _Run:
    extraction: Extraction
    ladders: tuple[Ladder, ...]
    model: QualityModel | None
    workers: Workers
    folder: Path
    keep_versions: bool
    quiet: bool

    @property
    def settings(self) -> dict[str, Any]:
        """What the values depend on, apart from the clips."""
        settings = self.extraction.settings(())
        model = None if self.model is None else self.model.card_.data.sha256
        ladders = {ladder.name: list(ladder.strengths) for ladder in self.ladders}
        return {**settings, "command": "respond", "ladders": ladders, "model": model}

    def tables(self, videos: Sequence[Input]) -> list[pd.DataFrame]:
        """Return one table per clip, from the folder where it is there."""
        rungs = rungs_of(self.ladders)
        tables: dict[str, pd.DataFrame] = {}
        waiting: list[_Clip] = []
        with (
            Progress("respond", len(videos) * len(rungs), self.quiet, unit="versions") as progress,
            ProcessPoolExecutor(self.workers.jobs, mp_context=get_context("spawn")) as pool,
        ):
            for video in videos:
                found = self._prepared(video, rungs, pool)
                if isinstance(found, _Clip):
                    waiting.append(found)
                else:
                    tables[video.id] = found
                    for _ in range(len(found)):
                        progress.step()
                if sum(clip.bytes for clip in waiting) > MOST_SCRATCH:
                    tables |= self._extracted(waiting, progress)
                    waiting = []
            if waiting:
                tables |= self._extracted(waiting, progress)
        return [tables[video.id] for video in videos]

    def _prepared(
        self, video: Input, rungs: Sequence[Rung], pool: ProcessPoolExecutor
    ) -> _Clip | pd.DataFrame:
        """Make the versions of a clip; return its table if it is there already, or cannot be made."""
        clip = Path(video.path)
        try:
            digest = sha256_of(clip)[:16]
            part = self.folder / "clips" / f"{digest}-{_fingerprint(self.settings)}.parquet"
            if part.exists():
                return read_table(part).assign(clip=video.id)
            files = make_versions(pool, clip, rungs, self.folder / "versions" / digest)
        except DecodeError as error:
            remove_versions(self.folder / "versions" / digest)
            return _failed(video, str(error))
        except OSError as error:
            return _failed(video, f"cannot open {video.path!r}: {error.strerror}")
        return _Clip(video, digest, part, files)

    def _extracted(self, clips: Sequence[_Clip], progress: Progress) -> dict[str, pd.DataFrame]:
        """Extract from the versions of some clips, keep the tables, and delete the versions."""
        import pandas as pd

        inputs = [one for clip in clips for one in clip.inputs]
        features = self._features(inputs, progress)
        tables = {}
        for clip in clips:
            mine = features.loc[[one.id for one in clip.inputs]]
            about = pd.DataFrame(clip.about, index=mine.index)
            table = tables[clip.video.id] = pd.concat([about, mine], axis=1)
            clip.part.parent.mkdir(parents=True, exist_ok=True)
            write_table(table, clip.part)
            if not self.keep_versions:
                remove_versions(next(iter(clip.files.values())).parent)
        return tables

    def _features(self, inputs: list[Input], progress: Progress) -> pd.DataFrame:
        """Return features, and predictions where a model is given."""
        import pandas as pd

        from ..models.videos import VideoPredictions

        reporting = Reporting(
            on_result=lambda result: progress.step("" if result.status == "ok" else result.error),
            on_message=progress.note,
        )
        store = self.folder / STORE
        table = run_extraction(
            inputs, self.extraction, workers=self.workers, reporting=reporting, store=store
        )
        if self.model is not None:
            run = VideoPredictions(self.model, inputs, self.workers, store=store)
            run.work()
            predicted = run.table()["mos"].rename(PREDICTION)
            return pd.concat([table, predicted], axis=1)
        return table


@dataclass(frozen=True)
class _Clip:
    """A clip whose versions are made and wait for their features."""

    video: Input
    digest: str
    part: Path
    """File that keeps its table."""
    files: dict[Rung, Path]

    @property
    def bytes(self) -> int:
        return sum(file.stat().st_size for file in self.files.values())

    @property
    def inputs(self) -> list[Input]:
        return [Input(str(file), f"{self.digest}__{rung.name}") for rung, file in self.files.items()]

    @property
    def about(self) -> dict[str, Any]:
        """Columns that say what each row is."""
        return {
            "clip": self.video.id,
            "ladder": [rung.ladder for rung in self.files],
            "strength": [float(rung.strength) for rung in self.files],
            "bytes": [file.stat().st_size for file in self.files.values()],
        }


def _failed(video: Input, error: str) -> pd.DataFrame:
    """Return the only row of a clip that cannot be read."""
    import pandas as pd

    row = {"clip": video.id, "ladder": ORIGINAL, "strength": 0.0, "path": str(video.path)}
    return pd.DataFrame([{**row, "status": "failed(clip)", "error": error}], index=[video.id])


def _fingerprint(settings: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()[:16]
