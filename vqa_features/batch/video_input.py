"""One input video: its path or address, and what a list says of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..specs import Sampling
from ..video_task import RemoteFile


@dataclass(frozen=True)
class Input:
    """One input video.

    `sampling` holds the sampling columns of the CSV for this video; `extra` its ``mos`` (a number)
    and ``group``. `remote` is the file at an address, of which `path` is what may be shown.
    """

    path: str
    id: str = ""
    sampling: dict[str, float | int | str] = field(default_factory=dict)
    extra: dict[str, str | float] = field(default_factory=dict)
    remote: RemoteFile | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the path is all that is known."""
        return not (self.id or self.sampling or self.extra)

    def sample(self, default: Sampling) -> Sampling:
        """Return `default`, overridden by the sampling columns of the CSV for this video."""
        return replace(default, **self.sampling)  # type: ignore[arg-type]
