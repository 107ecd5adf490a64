"""Published feature tables with the column names and the settings that `extract` gives.

The tables of UGC-VQA are matrices without names. Their columns are in the order of the methods' releases,
which is the order of our extractors; docs/models.md has the differences on nine clips.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..batch.options import Extraction
from ..datasets.loading import Published
from ..errors import TableError, UnknownName
from ..pooling import columns
from ..specs import SECOND, Sampling
from ..tables.settings import SETTINGS_KEY

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PublishedTable:
    """How `extract` gives the columns of a published table.

    Parameters
    ----------
    extractor : str
        Label of the extractor whose columns they are, in its order.
    sampling : Sampling
        Frames that its authors used.
    absent : tuple of str
        Features of the extractor that the table does not have.
    left_out : mapping of str to str
        Features that models do not use, and why.
    """

    extractor: str
    sampling: Sampling = Sampling()  # noqa: RUF009 (frozen)
    absent: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


#: By the name of the table in the catalogue of datasets.
PUBLISHED = {
    "videval": PublishedTable(
        "videval",
        left_out={
            "friquee_chroma_V_kurtosis_s2_mean": (
                "two tables of the authors give 29.2 and 40.2 for one clip; the extractor gives 29.1"
            )
        },
    ),
    "brisque": PublishedTable("brisque", Sampling(every=SECOND), absent=("score",)),
}


def named_table(published: Published, table: str) -> pd.DataFrame:
    """Return a published table with the columns and the settings of `extract`, by video id.

    Parameters
    ----------
    published : Published
        A dataset, from `vqa_features.datasets.loading.load`.
    table : {"videval", "brisque"}
        Name of the table in the catalogue.

    Returns
    -------
    DataFrame
        Without the columns that models do not use. Its settings are those that give such columns here.

    Raises
    ------
    UnknownName
        If there is no such table, or its columns are not known.
    TableError
        If it has another number of columns than the extractor.
    """
    if table not in PUBLISHED or table not in published.tables:
        known = sorted(set(PUBLISHED) & set(published.tables))
        raise UnknownName("published table", table, known, f"known: {', '.join(known)}")
    how, frame = PUBLISHED[table], published.tables[table][0]
    extraction = Extraction.of(how.extractor, sampling=how.sampling)
    (extractor,) = extraction.extractors
    by_feature = dict(zip(extractor.feature_names, columns(extractor, extraction.pools), strict=True))
    names = [column for feature, column in by_feature.items() if feature not in how.absent]
    if frame.shape[1] != len(names):
        raise TableError(
            f"the published table {table} has {frame.shape[1]} columns, {how.extractor} gives {len(names)}"
        )
    found = frame.set_axis(names, axis=1).drop(columns=[by_feature[name] for name in how.left_out])
    found.attrs = {SETTINGS_KEY: extraction.settings([])}
    return found
