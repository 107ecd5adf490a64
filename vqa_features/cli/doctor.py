"""`doctor`: versions, decoders, devices, and what cannot run on this machine."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from .. import __version__
from ..checkpoints import cache_folder
from ..extras import EXTRAS
from ..registry import broken_plugins, catalogue

_BASE = (
    "numpy scipy opencv-python-headless scikit-image scikit-learn av numba "
    "pandas pyarrow joblib pebble rich click platformdirs"
).split()
_DECODERS = "h264 hevc vp9 libdav1d mpeg2video theora ffv1 prores".split()


@click.command("doctor")
def doctor_command() -> int:
    """Show what is installed, what can run here, and the reason where something cannot."""
    problems: list[str] = []
    click.echo(f"vqa-features {__version__}, Python {platform.python_version()}, {platform.platform()}")
    click.echo("packages")
    for name in _BASE:
        click.echo(f"  {name} {_version(name) or 'MISSING'}")
        if not _version(name):
            problems.append(f"{name} is not installed: pip install vqa-features")
    for extra, names in EXTRAS.items():
        missing = [name for name in names if not _version(name)]
        told = ", ".join(f"{name} {_version(name)}" for name in names if _version(name))
        click.echo(f"  [{extra}] {told or 'none'}")
        if missing:
            problems.append(f"{', '.join(missing)} missing: pip install 'vqa-features[{extra}]'")
    if importlib.util.find_spec("torchvision"):
        problems.append(
            "torchvision is installed: beside a CPU build of torch it breaks transformers; remove it"
        )
    click.echo(f"decoders\n  {_decoders(problems)}")
    click.echo(f"processor\n  {os.cpu_count()} cores, {_processor()}\ndevice\n  {_device()}")
    folder = cache_folder()
    place = next(p for p in (folder, *folder.parents) if p.exists())
    click.echo(f"weights\n  {folder}{'' if folder.exists() else ' (not created yet)'}")
    if not (place.is_dir() and os.access(place, os.W_OK)):
        problems.append(f"the cache folder {folder} cannot be written: set VQA_FEATURES_CACHE to another")
    rows = catalogue()
    problems.extend(map(str, broken_plugins()))
    without = [row["name"] for row in rows if row["weights"] == "missing"]
    click.echo(f"extractors\n  {len(rows) - len(without)} of {len(rows)} can run")
    if without:
        click.echo(f"  without weights: {' '.join(without)} (vqa-features weights list)")
    for problem in problems:
        click.echo(f"problem: {problem}")
    return 0


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _decoders(problems: list[str]) -> str:
    import av

    found = [name for name in _DECODERS if name in av.codecs_available]
    lacking = [name for name in _DECODERS if name not in found]
    if lacking:
        problems.append(f"this build of PyAV has no decoder for {', '.join(lacking)}")
    return f"FFmpeg {av.ffmpeg_version_info}: {' '.join(found)}"


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
