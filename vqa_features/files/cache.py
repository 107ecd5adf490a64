"""The cache folder of this program."""

from __future__ import annotations

import os
from pathlib import Path

from ..caches import cache_home


def cache_folder() -> Path:
    """Return the folder under which checkpoints and published datasets are cached.

    Returns
    -------
    Path
        ``$VQA_FEATURES_CACHE`` if it is set, else ``vqa-features`` in the user's cache folder, on Linux
        ``$XDG_CACHE_HOME`` or ``~/.cache``. The folder may not exist yet; for a user without a home it
        cannot.
    """
    given = os.environ.get("VQA_FEATURES_CACHE")
    return Path(given) if given else cache_home() / "vqa-features"
