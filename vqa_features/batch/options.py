"""Options of a run over many videos: what is computed, by which workers, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Self

from .. import __version__
from ..cluster.connection import LOCAL, check_address
from ..errors import ParameterError
from ..extraction.active_area import check_area
from ..extraction.luma_choice import check_luma
from ..extraction.single_video import Extractors
from ..extractor import Extractor
from ..pooling import check_pools
from ..processes.cores import processes_of, threads_for
from ..registry import make_all
from ..specs import Area, Luma, RawFormat, Sampling
from ..video import DECODING_VERSION
from ..video.opening import raw_of
from ..video.sampling_options import check_sampling
from ..video_task import VideoResult, VideoTask
from .events import OnEvent
from .inputs import Input
from .resume import warn

if TYPE_CHECKING:
    import pandas as pd

#: Packages a feature value can depend on.
_PACKAGES = ("av", "numpy", "scipy", "numba", "opencv-python-headless", "scikit-image", "torch")


@dataclass(frozen=True)
class Extraction:
    """What is computed from every video.

    Parameters
    ----------
    extractors : tuple of Extractor
        In the order of their columns.
    pools : tuple of str
        Statistics over time: mean, std, min, max, median, p0 .. p100.
    sampling : Sampling
        Frames that are sampled; a CSV of inputs may override it for single videos.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        Source of luma: the Y plane, MATLAB's gray of the RGB frame, or light in codes of PQ or PU21.
    raw : RawFormat or None
        Geometry of headerless YUV files.
    area : {"full", "active"}
        The whole pictures, or what lies between black bars.
    """

    extractors: tuple[Extractor, ...]
    pools: tuple[str, ...]
    sampling: Sampling
    luma: Luma
    raw: RawFormat | None
    area: Area = "full"

    @classmethod
    def of(
        cls,
        extractors: Extractors,
        pool: str | Sequence[str] = "mean",
        sampling: Sampling = Sampling(),  # noqa: B008 (frozen)
        luma: Luma = "y",
        raw: RawFormat | None = None,
        area: Area = "full",
    ) -> Self:
        """Make the extractors and check the pools.

        Parameters
        ----------
        extractors : str, Extractor or list of them
            Names or labels.
        pool : str or list of str
            One pool or several.
        sampling, luma, raw, area
            As in the class.

        Raises
        ------
        UnknownName, ParameterError
            If an extractor or a pool is not known, or an extractor does not take this luma.
        """
        check_area(area)
        pools = check_pools([pool] if isinstance(pool, str) else pool)
        made = tuple(make_all(extractors))
        check_luma(luma, made)
        return cls(made, tuple(pools), sampling, luma, raw, area)

    def task(self, video: Input) -> VideoTask:
        """Return the task of one video; ParameterError if its sampling contradicts itself."""
        sampling = video.sample(self.sampling)
        check_sampling(sampling)
        raw = raw_of(video.path, self.raw)
        return VideoTask(
            *(video.id, video.path, self.extractors, sampling, self.luma, raw),
            area=self.area,
            remote=video.remote,
        )

    def settings(self, inputs: Sequence[str]) -> dict[str, Any]:
        """Return the settings that travel with a table, enough to compute it again.

        Parameters
        ----------
        inputs : sequence of str
            The inputs as they were named.

        Raises
        ------
        WeightsMissing
            If an extractor's weights are not in the cache.
        """
        return {
            "command": "extract",
            "version": __version__,
            "extractors": [extractor.label for extractor in self.extractors],
            "identities": [extractor.identity() for extractor in self.extractors],
            "pool": list(self.pools),
            "sampling": asdict(self.sampling),
            "decoding": DECODING_VERSION,
            "luma": self.luma,
            "area": self.area,
            "raw": asdict(self.raw) if self.raw else None,
            "inputs": list(inputs),
            "packages": dict(_package_versions()),
        }


#: More worker processes than any machine has cores for.
MOST_JOBS = 4096


@dataclass(frozen=True)
class Workers:
    """Processes that do the work, and what a video may take of them.

    Parameters
    ----------
    jobs : int
        Number of worker processes, -1 for one per core.
    isolate : bool
        Use a worker process for one job too.
    deadline_s : float, optional
        Seconds a video may take once its worker is ready. By default 30 times the declared cost of its
        extractors for its frames and pixels, or of the measured time of their clips, and at least 60.
    max_memory_mb : float, optional
        Resident memory a worker may hold, in MiB.
    cluster : str, optional
        Address of a Dask scheduler, whose workers do the work, or ``local`` for a cluster of this machine
        with `jobs` workers: see `vqa_features.cluster.connection.connected`.
    gpus : int, optional
        Number of GPUs of this machine; each has a worker of a local cluster.
    allow_other_versions : bool
        Tell of workers of a cluster that have other versions, instead of refusing them.
    threads : int, optional
        Threads that share the frames of one video; no feature depends on it. By default the cores of this
        machine are shared among the jobs, up to 4 for each; on a cluster it is 1.

    Raises
    ------
    ParameterError
        If a number is not above 0, `jobs` is above `MOST_JOBS`, or `cluster` is no address.
    """

    jobs: int = 1
    isolate: bool = False
    deadline_s: float | None = None
    max_memory_mb: float | None = None
    cluster: str | None = None
    gpus: int | None = None
    allow_other_versions: bool = False
    threads: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "jobs", processes_of(self.jobs))
        if self.gpus is not None and self.cluster is None:
            object.__setattr__(self, "cluster", LOCAL)
        if self.cluster is not None:
            check_address(self.cluster, self.gpus)
        for name in ("jobs", "threads", "deadline_s", "max_memory_mb"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ParameterError(f"{name} must be above 0, got {value}")
        if self.jobs > MOST_JOBS:
            raise ParameterError(f"jobs must be at most {MOST_JOBS}, got {self.jobs}")

    @property
    def threads_each(self) -> int:
        """Threads that share the frames of one video."""
        if self.threads is not None:
            return self.threads
        return 1 if self.cluster is not None else threads_for(self.jobs)

    @property
    def in_process(self) -> bool:
        """Whether the work is done in the calling process: one job, no isolation, no limit, no cluster."""
        limits = (self.deadline_s, self.max_memory_mb, self.cluster)
        return self.jobs == 1 and not self.isolate and limits == (None, None, None)

    @property
    def several(self) -> bool:
        """Whether several workers may be at work: jobs of this machine, or another machine's cluster."""
        return self.jobs > 1 or self.cluster not in (None, LOCAL) or (self.gpus or 1) > 1


@dataclass(frozen=True)
class Reporting:
    """What happens with a result when it comes.

    Parameters
    ----------
    on_error : {"row", "stop"}
        Keep a failed video as a row, or end the run at the first one.
    on_result : callable, optional
        Called with each `VideoResult`.
    on_rows : callable, optional
        Called with the table of per-frame rows of each video that has any.
    on_row : callable, optional
        Called with the id and the row of each finished video, which the run else keeps for its table.
    on_stored : callable, optional
        Called before the work with the number of videos that are complete in the store.
    on_trouble : callable, optional
        Called with one sentence if the store fails, or results in it cannot be read; by default a Python
        warning is given.
    on_message : callable, optional
        Called once with a sentence if it takes a while until the workers are ready.
    on_event : callable, optional
        Called with every `Event` of the run.

    Raises
    ------
    ParameterError
        If `on_error` is another word.
    """

    on_error: str = "row"
    on_result: Callable[[VideoResult], None] | None = None
    on_rows: Callable[[pd.DataFrame], None] | None = None
    on_stored: Callable[[int], None] | None = None
    on_trouble: Callable[[str], None] = warn
    on_message: Callable[[str], None] | None = None
    on_event: OnEvent | None = None
    on_row: Callable[[str, dict[str, Any]], None] | None = None

    def __post_init__(self) -> None:
        if self.on_error not in ("row", "stop"):
            raise ParameterError(f"on_error must be row or stop, got {self.on_error!r}")


@cache
def _package_versions() -> dict[str, str]:
    """Versions of the installed packages that a feature value can depend on."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
