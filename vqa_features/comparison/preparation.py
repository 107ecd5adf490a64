"""Tables and labels joined and checked: the input of every analysis."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..tables.feature_table import FeatureTable
from ..tables.labels import Labels
from .blocks import Block, Prepared, Values
from .checks import (
    ValidityWarnings,
    check_cells,
    check_duplicates,
    check_leak,
    check_mos,
    check_opinions,
    check_rows,
)
from .contents import check_contents
from .joining import join
from .joint_leaks import check_divided, check_uncorrelated
from .leaks import check_bins, check_fitted, check_missing, check_selected
from .options import InputOptions
from .row_order import check_order


def prepare(
    tables: Sequence[FeatureTable],
    labels: Labels,
    warnings: ValidityWarnings,
    options: InputOptions | None = None,
) -> Prepared:
    """Return the joined videos in the labels' row order, after every check.

    Parameters
    ----------
    tables : sequence of FeatureTable
        Tables without ids are taken to be in the labels' row order.
    labels : Labels
        MOS, groups and opinion deviations by video id.
    warnings : ValidityWarnings
        Receives what does not stop the comparison.
    options : InputOptions, optional
        How ids, duplicates and metadata columns are handled.

    Raises
    ------
    TableError
        If tables and labels do not match, a leak is found, or there is nothing to learn from.
    """
    chosen = options or InputOptions()
    prepared = join(
        tables,
        labels,
        warnings,
        use_metadata=chosen.use_metadata,
        trusted=chosen.trusted,
        ignore_case=chosen.ignore_case,
    )
    videos = prepared.videos
    check_rows(len(videos.ids), warnings)
    check_mos(videos.mos)
    check_opinions(videos.ids, videos.std, videos.counts)
    for table, block in zip(tables, prepared.blocks, strict=True):
        check_cells(block.name, block.values, warnings)
        check_missing(block.name, block.columns, block.values, videos.mos, warnings)
        names, values = _doubted(block, chosen.trusted)
        check_leak(block.name, names, values, videos.mos, warnings)
        check_bins(block.name, names, values, videos.mos, warnings)
        check_fitted(block.name, names, values, videos.mos, warnings)
        check_divided(block.name, names, values, videos.mos, warnings)
        check_uncorrelated(block.name, names, values, warnings)
        check_selected(block.name, block.values, videos.mos, warnings)
        if not table.has_ids:
            check_order(block, videos.mos, labels, table.file, warnings)
    tested = {block.name: block.values for block in prepared.blocks}
    groups = check_duplicates(tested, videos.ids, videos.groups, chosen.duplicates, warnings)
    check_contents(groups, warnings)
    return prepared._replace(videos=videos._replace(groups=groups))


def _doubted(block: Block, trusted: Collection[str]) -> tuple[list[str], Values]:
    """Return names and values of the columns that are not trusted; no copy if none is."""
    doubted = [number for number, name in enumerate(block.columns) if name not in trusted]
    names = [block.columns[number] for number in doubted]
    return names, block.values if len(names) == len(block.columns) else block.values[:, doubted]
