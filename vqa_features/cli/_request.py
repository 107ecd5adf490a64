"""What `extract` is asked to compute: the command line, completed by the settings of an earlier table."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Self

import click

from ..batch.inputs import Input, find_inputs, parse_raw
from ..batch.recorded_sampling import overridden
from ..errors import first_few
from ..files.names import escaped_name
from ..progress import say
from ..remote.addresses import Access
from ..selection import select
from ..specs import Area, Luma, RawFormat, Sampling
from ._given import given_options
from ._remote import access_of

if TYPE_CHECKING:
    from ..batch.options import Extraction
    from ..batch.recorded_videos import RecordedVideos


@dataclass(frozen=True)
class Request:
    """What is computed from which videos, before extractors are made and inputs are found."""

    inputs: tuple[str, ...]
    extractors: str
    pool: str
    sampling: Sampling
    luma: Luma
    raw: RawFormat | None
    area: Area = "full"
    recorded: RecordedVideos | None = None
    """Ids and sampling of single videos in the run that is repeated."""
    access: Access | None = None
    """Permission to open addresses."""

    @classmethod
    def of(cls, context: click.Context, *, whole: bool = True) -> Self:
        """Return what the command line of `extract` asks for, completed by the table of ``--settings``.

        Parameters
        ----------
        context : click.Context
            Context of the command.
        whole : bool
            Refuse a request without inputs or extractors.

        Raises
        ------
        click.UsageError
            If no input or no extractor is named.
        """
        asked = context.params
        given = given_options(context)
        parts = {field.name: asked[field.name] for field in fields(Sampling)}
        mine = {name: value for name, value in parts.items() if name in given}
        sampling = Sampling(**overridden(parts, mine))  # those of a configuration give way
        raw = parse_raw(asked["raw"]) if asked["raw"] else None
        extractors = ",".join(asked["extractors"])
        found = cls(asked["inputs"], extractors, asked["pool"], sampling, asked["luma"], raw, asked["area"])
        found = replace(found, access=access_of(context))
        if asked["settings"]:
            found = found.completed_by(asked["settings"], given)
        if not whole:
            return found
        if not found.inputs:
            raise click.UsageError("name at least one video, folder, pattern or CSV")
        if not found.extractors:
            raise click.UsageError(
                "name extractors with -e, e.g. -e brisque,siti (vqa-features list shows all)"
            )
        return found

    def completed_by(self, table: str, given: Collection[str]) -> Self:
        """Return the request with the settings of a feature table where the command line is silent.

        Parameters
        ----------
        table : str
            Feature table that `extract` wrote.
        given : collection of str
            Options that stand on the command line, `given_options`: they win, whatever their values are.
        """
        from ..batch.replay import Replay
        from ..tables.reading import read_table

        replay = Replay.of(read_table(table).attrs["settings"], table, chosen="extractors" in given)
        mine = {name: value for name, value in asdict(self.sampling).items() if name in given}
        return replace(
            self,
            extractors=self.extractors if "extractors" in given else ",".join(replay.extractors),
            pool=self.pool if "pool" in given else ",".join(replay.pools),
            sampling=Sampling(**overridden(asdict(replay.sampling), mine)),
            luma=self.luma if "luma" in given else replay.luma,
            raw=self.raw if "raw" in given else replay.raw,
            area=self.area if "area" in given else replay.area,
            recorded=replay.videos.overridden_by(mine),
        )

    def extraction(self, allow_random: bool) -> Extraction:
        """Make the extractors and check the pools."""
        from ..batch.options import Extraction

        pools = [part.strip() for part in self.pool.split(",")]
        extractors, notes = select(self.extractors, random_weights=allow_random)
        for note in notes:
            say(f"note: {note}")
        return Extraction.of(extractors, pools, self.sampling, self.luma, self.raw, self.area)

    def videos(self) -> list[Input]:
        """Find the inputs, with their ids and sampling in the run that is repeated."""
        complete: Callable[[list[Input]], list[Input]] | None = None
        if self.recorded:
            complete = self._as_recorded
        return find_inputs(self.inputs, lambda text: say(f"warning: {text}"), complete, self.access)

    def _as_recorded(self, found: list[Input]) -> list[Input]:
        assert self.recorded is not None
        videos, absent = self.recorded.given_to(found)
        if absent:
            say(
                f"warning: {len(absent)} video(s) with an id or a sampling of their own in the settings are "
                f"not among the inputs: {first_few([escaped_name(path) for path in absent])}"
            )
        return videos
