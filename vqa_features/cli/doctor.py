"""`doctor`: versions, decoders, devices, and what cannot run on this machine."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click

from .. import __version__, caches
from ..checkpoint_places import cache_folder
from ..extras import EXTRAS
from ..registry import broken_plugins, catalogue
from ..selection import ALL
from ._completion import extractor_names
from ._json import json_option, print_json

_BASE = (
    "numpy scipy opencv-python-headless scikit-image scikit-learn av numba "
    "pandas pyarrow joblib pebble rich click platformdirs"
).split()
_DECODERS = "h264 hevc vp9 libdav1d mpeg2video theora ffv1 prores".split()


@click.command("doctor")
@click.option("--warm-up", is_flag=True, help="Compile the kernels of extractors ahead, into the cache.")
@click.option(
    "-e",
    "--extractors",
    multiple=True,
    shell_complete=extractor_names,
    help="Extractors of --warm-up, as for extract; by default all that can run here.",
)
@json_option
def doctor_command(warm_up: bool, extractors: tuple[str, ...], as_json: bool) -> int:
    """Show what is installed, what can run here, and the reason where something cannot."""
    if extractors and not warm_up:
        raise click.UsageError("-e names the extractors of --warm-up: give it too")
    found = examined()
    if warm_up:
        found["warm_up"] = warmed_up(",".join(extractors) or ALL)
        found["problems"] += found["warm_up"]["failed"]
    print_json(found) if as_json else click.echo(_as_text(found))
    return 0


def examined() -> dict[str, Any]:
    """Return versions, decoders, devices, folders and problems, as ``doctor --json`` prints them."""
    problems: list[str] = []
    packages = {name: _version(name) or None for name in _BASE}
    problems += [f"{name} is not installed: pip install vqa-features" for name in _BASE if not packages[name]]
    extras = {extra: {name: _version(name) or None for name in names} for extra, names in EXTRAS.items()}
    for extra, versions in extras.items():
        if missing := [name for name, found in versions.items() if found is None]:
            problems.append(f"{', '.join(missing)} missing: pip install 'vqa-features[{extra}]'")
    if importlib.util.find_spec("torchvision"):
        problems.append(
            "torchvision is installed: beside a CPU build of torch it breaks transformers; remove it"
        )
    decoders = _decoders(problems)
    folder = cache_folder()
    place = next(p for p in (folder, *folder.parents) if p.exists())
    if not (place.is_dir() and os.access(place, os.W_OK)):
        problems.append(f"the cache folder {folder} cannot be written: set VQA_FEATURES_CACHE to another")
    rows = catalogue()
    without = [row["name"] for row in rows if row["weights"] == "missing"]
    return {
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": packages,
        "extras": extras,
        "decoders": decoders,
        "processor": {"cores": os.cpu_count(), "features": _processor()},
        "device": _device(),
        "weights": {"folder": folder, "exists": folder.exists()},
        "extractors": {"count": len(rows), "without_weights": without},
        "problems": [*problems, *map(str, broken_plugins())],
    }


def warmed_up(names: str) -> dict[str, Any]:
    """Compile the kernels of the extractors that a text names, as for `extract`; return what was done."""
    from ..batch.compile_ahead import compile_ahead
    from ..batch.compiled import note_compiled
    from ..errors import VqaError
    from ..extraction.readiness import prove
    from ..progress import Progress
    from ..selection import select

    caches.prepare()
    chosen = [one for one in select(names)[0] if one.scope != "clip"]
    start = time.monotonic()
    done, failed = [], []
    with Progress("warm up", len(chosen)) as progress:
        compile_ahead(chosen, on_message=progress.note)
        for extractor in chosen:
            try:
                prove(extractor)
                done.append(extractor)
                progress.step()
            except VqaError as error:
                failed.append(str(error))
                progress.step(f"warning: {error}")
    note_compiled(done)
    return {
        "extractors": [one.name for one in done],
        "seconds": time.monotonic() - start,
        "failed": failed,
    }


def _as_text(found: Mapping[str, Any]) -> str:
    """Return what was examined as lines for the terminal."""
    lines = [f"vqa-features {found['version']}, Python {found['python']}, {found['platform']}", "packages"]
    lines += [f"  {name} {version or 'MISSING'}" for name, version in found["packages"].items()]
    for extra, versions in found["extras"].items():
        told = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
        lines.append(f"  [{extra}] {told or 'none'}")
    decoders, processor, weights = found["decoders"], found["processor"], found["weights"]
    lines += ["decoders", f"  FFmpeg {decoders['ffmpeg']}: {' '.join(decoders['names'])}"]
    lines += ["processor", f"  {processor['cores']} cores, {processor['features']}"]
    lines += ["device", f"  {found['device']}"]
    lines += ["weights", f"  {weights['folder']}{'' if weights['exists'] else ' (not created yet)'}"]
    count, without = found["extractors"]["count"], found["extractors"]["without_weights"]
    lines += ["extractors", f"  {count - len(without)} of {count} can run"]
    if without:
        lines.append(f"  without weights: {' '.join(without)} (vqa-features weights list)")
    if done := found.get("warm_up"):
        lines += ["warm-up", f"  kernels of {len(done['extractors'])} extractors in {done['seconds']:.0f} s"]
    return "\n".join([*lines, *(f"problem: {problem}" for problem in found["problems"])])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _decoders(problems: list[str]) -> dict[str, Any]:
    import av

    found = [name for name in _DECODERS if name in av.codecs_available]
    lacking = [name for name in _DECODERS if name not in found]
    if lacking:
        problems.append(f"this build of PyAV has no decoder for {', '.join(lacking)}")
    return {"ffmpeg": av.ffmpeg_version_info, "names": found}


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    flags = info.read_text().split() if info.exists() else []
    wide = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd") if name in flags]
    return f"{platform.machine()} {' '.join(wide)}".strip()


def _device() -> str:
    if not importlib.util.find_spec("torch"):
        return "cpu (torch is not installed)"
    torch = importlib.import_module("torch")
    if torch.cuda.is_available():
        return ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
    return f"cpu (torch {torch.__version__} sees no GPU)"
