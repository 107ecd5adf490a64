"""Data frames of other libraries (polars, pyarrow, cuDF ...) as pandas; none of them is imported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError
from ..files.reading import reason_of

if TYPE_CHECKING:
    import pandas as pd


def as_frame(given: Any) -> pd.DataFrame | None:
    """Return a data frame as one of pandas.

    Parameters
    ----------
    given : object
        A DataFrame of pandas is returned as it is. One of another library is converted by its
        ``to_pandas``, or through the interchange protocol (``__dataframe__``).

    Returns
    -------
    DataFrame or None
        None if `given` is no data frame.

    Raises
    ------
    ParameterError
        If the conversion fails, for example because a package is missing.
    """
    pandas = sys.modules.get("pandas")  # nothing is of pandas that was not imported
    if pandas is not None and isinstance(given, pandas.DataFrame):
        return given
    if isinstance(given, type) or (pandas is not None and isinstance(given, pandas.Series | pandas.Index)):
        return None
    if not (hasattr(given, "__dataframe__") or (hasattr(given, "to_pandas") and hasattr(given, "columns"))):
        return None
    import pandas as pd

    try:
        frame = given.to_pandas() if hasattr(given, "to_pandas") else pd.api.interchange.from_dataframe(given)
    except Exception as error:  # the boundary to another library
        raise ParameterError(
            f"the {type(given).__module__.partition('.')[0]} table cannot be converted to pandas: "
            f"{reason_of(error)}"
        ) from error
    return frame if isinstance(frame, pd.DataFrame) else None


def as_series(given: Any) -> Any:
    """Return a column of another library as a Series; anything else as it is."""
    if isinstance(given, type):
        return given
    if hasattr(given, "to_pandas") and not hasattr(given, "columns"):
        return given.to_pandas()
    return given
