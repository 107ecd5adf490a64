"""The demo on eight bundled scenes: degrade, score by the proxy, extract, compare, report."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from ..batch.many_videos import extract_many
from ..comparison import compare
from ..comparison.result import COMMAND_LINE, Comparison
from ..errors import ParameterError
from ..extras import EXTRAS, require
from ..files.atomic import write_text
from ..models import QualityModel
from ..models.shipped import DEFAULT
from ..processes.shared_memory import check_semaphores
from ..progress import Progress, say
from ..report import write_paper, write_report
from ..report.figure_folder import check_figures
from ..tables.writing import write_table
from .degrade import VERSIONS, Version, make_version, read_frames
from .proxy import PROXY, proxy_score

if TYPE_CHECKING:
    import pandas as pd

HANDCRAFTED = ("brisque", "niqe", "siti", "temporal-nss", "colorfulness")
#: Early layers: the last layer no longer represents noise, blur and blocking.
DEEP = ("efficientnet-lite0[tap=2+3+4,reduce=mean+std]",)
#: Versions of the quick demo: one of each kind of degradation.
QUICK = ("h264-mild", "h264-hard", "av1", "upscaled", "blurred", "noisy")
_SOURCE = "source"


@dataclass(frozen=True)
class DemoResult:
    """Results of the demo.

    Attributes
    ----------
    features : DataFrame
        Feature table, one row per degraded clip.
    proxy : Series
        Proxy score by clip id.
    comparison : Comparison
        Both families on the same splits.
    report : Path
        The HTML page.
    predicted : DataFrame
        MOS with interval of one scene and of its worst encoding, by the default model of the package.
    """

    features: pd.DataFrame
    proxy: pd.Series[float]
    comparison: Comparison
    report: Path
    predicted: pd.DataFrame


def run_demo(
    folder: str | os.PathLike[str], *, quick: bool = False, jobs: int | None = None, quiet: bool = False
) -> DemoResult:
    """Degrade the bundled scenes, extract both families and compare them on splits grouped by scene.

    Parameters
    ----------
    folder : path
        Output folder, made if it does not exist. It receives ``videos/``, ``features.parquet``,
        ``scores.csv`` and the other tables of the comparison, ``proxy.csv`` and ``report.html``. The files
        of an earlier demo are replaced; other files are kept.
    quick : bool
        Use fewer versions and splits.
    jobs : int, optional
        Number of worker processes; by default one per core, at most four.
    quiet : bool
        Suppress progress and messages.

    Returns
    -------
    DemoResult

    Raises
    ------
    ParameterError
        `folder` is a file.
    ExtraMissing
        The packages of the extra ``demo`` are not installed.
    VqaError
        Worker processes cannot be started.

    See Also
    --------
    vqa_features.extract_many : Extracts the features.
    vqa_features.compare : Compares the families.
    vqa_features.report.write_report : Writes the page.
    """
    out = Path(folder)
    if os.path.exists(out) and not os.path.isdir(out):
        raise ParameterError(f"cannot write the demo to {str(out)!r}: it is a file; give a folder")
    require("the demo", EXTRAS["demo"], "demo")
    check_figures(out / "report.html")
    check_semaphores()
    workers = jobs or min(4, os.cpu_count() or 1)
    versions = [version for version in VERSIONS if not quick or version.name in QUICK]
    videos = out / "videos"
    videos.mkdir(parents=True, exist_ok=True)
    proxy = make_videos(videos, versions, workers, quiet)
    ids = list(proxy.index)
    with Progress("extract", len(ids), quiet) as progress:
        features = extract_many(
            [videos / f"{name}.mkv" for name in ids],
            [*HANDCRAFTED, *DEEP],
            jobs=workers,
            isolate=True,
            on_result=lambda result: progress.step("" if result.status == "ok" else result.error),
            on_message=progress.note,
        )
    write_table(features, out / "features.parquet")
    groups = proxy.index.to_series().str.partition("__")[0]
    write_text(out / "proxy.csv", proxy.to_frame().assign(group=groups).to_csv(index_label="id"))
    say("compare: both families on the same splits, grouped by scene", quiet)
    comparison = compare(
        {"handcrafted": _columns_of(features, HANDCRAFTED), "deep": _columns_of(features, DEEP)},
        proxy,
        groups=groups,
        protocol="strict",
        splits=10 if quick else 28,
        test_size=0.25,
        regressors=["svr-rbf", "ridge", "mean"],
        fusion=True,
        jobs=workers,
    )
    told = {"target": f"{PROXY}, a proxy, not MOS", COMMAND_LINE: f"vqa-features demo{' --quick' * quick}"}
    comparison = replace(comparison, settings={**comparison.settings, **told})
    comparison.save(out)
    write_paper(comparison, out)
    pictures = {name: _picture(videos / f"{name}.mkv") for name in ids}
    title = f"Demo: eight scenes, {len(versions)} degraded versions each"
    report = write_report(comparison, out / "report.html", thumbnails=pictures, title=title)
    say("predict: the MOS of a scene and of its worst version, by a model that comes with the package", quiet)
    return DemoResult(features, proxy, comparison, report, _predicted(videos, proxy))


def _predicted(folder: Path, proxy: pd.Series[float]) -> pd.DataFrame:
    """Return the predictions for one source and for its version with the lowest proxy score."""
    source = next(name for name in proxy.index if name.endswith(f"__{_SOURCE}"))
    versions = proxy[proxy.index.str.startswith(source.removesuffix(_SOURCE))]
    clips = [folder / f"{name}.mkv" for name in (source, str(versions.idxmin()))]
    return QualityModel.load(DEFAULT).predict_videos(clips)


def _columns_of(features: pd.DataFrame, extractors: Sequence[str]) -> pd.DataFrame:
    """Return the status and time columns and the features of some extractors."""
    from ..pooling import parse_column
    from ..registry import make

    names = [make(label).name for label in extractors]
    kept = [
        name
        for name in features.columns
        if (column := parse_column(name)) is None or column.extractor in names
    ]
    return features[kept]


def make_videos(folder: Path, versions: Sequence[Version], workers: int, quiet: bool) -> pd.Series[float]:
    """Write every version of every scene and return the proxy score by id ``scene__version``."""
    import pandas as pd

    scores: dict[str, float] = {}
    with as_file(files("vqa_features.resources") / "demo") as clips:
        scenes = sorted(clips.glob("*.mp4"))
        for scene in scenes:
            shutil.copyfile(scene, folder / f"{scene.stem}__{_SOURCE}.mkv")
            scores[f"{scene.stem}__{_SOURCE}"] = 1.0
        jobs = [(scene, version) for scene in scenes for version in versions]
        context = get_context("spawn")
        with (
            Progress("degrade", len(jobs), quiet) as progress,
            ProcessPoolExecutor(workers, mp_context=context) as pool,
        ):
            futures = [pool.submit(_make_one, scene, version, folder) for scene, version in jobs]
            try:
                for future in as_completed(futures):
                    name, score = future.result()
                    scores[name] = score
                    progress.step()
            except BaseException:  # do not wait for what has not begun
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    order = [f"{s.stem}__{v}" for s in scenes for v in (_SOURCE, *(version.name for version in versions))]
    return pd.Series({name: scores[name] for name in order}, name=PROXY)


def _make_one(scene: Path, version: Version, folder: Path) -> tuple[str, float]:
    name = f"{scene.stem}__{version.name}"
    target = folder / f"{name}.mkv"
    os.environ.setdefault("SVT_LOG", "1")  # errors only: the AV1 encoder logs a page per clip
    make_version(scene, version, target)
    return name, proxy_score(scene, target)


def _picture(path: Path) -> bytes:
    """Return the middle frame of a clip as JPEG."""
    import cv2

    frames, _ = read_frames(path)
    image = frames[len(frames) // 2].to_ndarray(format="bgr24")
    return bytes(cv2.imencode(".jpg", image)[1])
