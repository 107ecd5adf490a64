"""Versions of packages and libraries that numbers depend on, compared between machines."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from .. import __version__
from ..errors import VqaError, first_few
from ..video import DECODING_VERSION

#: Packages by the names under which they may be installed.
_PACKAGES = {
    "PyAV": ("av",),
    "NumPy": ("numpy",),
    "SciPy": ("scipy",),
    "numba": ("numba",),
    "OpenCV": ("opencv-python-headless", "opencv-python", "opencv-contrib-python-headless"),
    "scikit-image": ("scikit-image",),
    "scikit-learn": ("scikit-learn",),
    "PyTorch": ("torch",),
    "transformers": ("transformers",),
    "distributed": ("distributed",),
}
#: What to do about other versions.
REMEDY = "install the same versions, or allow others (--allow-other-versions)"


class OtherVersions(VqaError):
    """A worker has other versions than the program that uses it."""


@cache
def versions_here() -> dict[str, str]:
    """Return the versions on this machine by name; a package that is not installed is left out."""
    import av

    found = {
        "vqa-features": __version__,
        "decoding rules": str(DECODING_VERSION),
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "processor": platform.machine(),
    }
    for name, packages in _PACKAGES.items():
        for installed in filter(None, map(_version, packages)):
            found.setdefault(name, installed)
    libraries = {name: ".".join(map(str, numbers)) for name, numbers in av.library_versions.items()}
    return found | libraries


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """Return what differs between two machines, as ``NAME VERSION (here VERSION)``.

    Parameters
    ----------
    here, there : mapping
        From `versions_here`. What one of them lacks is not compared: a worker without a package that it needs
        says so itself.
    """
    return [
        f"{name} {there[name]} (here {wanted})"
        for name, wanted in here.items()
        if there.get(name, wanted) != wanted
    ]


def difference_text(worker: str, here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """Return the sentence that tells how the versions of a worker differ, "" if they do not.

    Parameters
    ----------
    worker : str
        Its address.
    here, there : mapping
        Versions of this program and of the worker.
    """
    found = differences(here, there)
    return f"worker {worker} has {first_few(found, 8)}" if found else ""
