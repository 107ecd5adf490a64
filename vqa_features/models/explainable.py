"""The methods of `vqa_features.QualityModel` that explain a prediction."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import pandas as pd

    from .explanation import Explanation
    from .quality_model import QualityModel


class Explainable:
    """What a fitted model tells of the prediction of one video."""

    def explain(self, video: Any) -> Explanation:
        """Return which columns pull the prediction of one video up or down, against the training videos.

        Parameters
        ----------
        video : path, Series, DataFrame of one row, mapping of str to DataFrame, or (columns,)
            A video file, whose features are extracted and which is told over time too; or the features of
            one video.

        Returns
        -------
        Explanation
            Contributions of all columns in MOS, their sums by extractor, and the seconds that pull.

        Raises
        ------
        ParameterError
            If there is another number of videos than one.
        TableError
            If the video has no prediction, or the model keeps no sample of training rows and is not linear.
        DecodeError
            If the video cannot be decoded.

        See Also
        --------
        predict_over_time : The moments of a video.

        Examples
        --------
        The second column is not in the MOS, so it pulls little:

        >>> import numpy as np, pandas as pd
        >>> import vqa_features as vf
        >>> random = np.random.default_rng(0)
        >>> table = pd.DataFrame(random.normal(size=(40, 2)), columns=["a", "b"])
        >>> mos = 3 + table["a"] + random.normal(0, 0.3, 40)
        >>> model = vf.QualityModel("ridge").fit(table, mos)
        >>> found = model.explain(pd.Series({"a": 2.0, "b": 2.0}))
        >>> list(found.table.index), bool(found.table["contribution"]["a"] > 1)
        (['a', 'b'], True)
        """
        from sklearn.utils.validation import check_is_fitted

        from .one_video import explain

        check_is_fitted(self)
        return explain(cast("QualityModel", self), video)

    def predict_over_time(self, video: str | os.PathLike[str], window_s: float = 1.0) -> pd.DataFrame:
        """Return the predicted MOS of each second of a video, and how far it pulls the whole.

        Parameters
        ----------
        video : path
            A video file.
        window_s : float
            Length of a window, in seconds.

        Returns
        -------
        DataFrame
            See `vqa_features.models.time_line.time_line`.

        Raises
        ------
        TableError
            If no column of the model has values within a video (one row per video, or per clip of seconds).
        ParameterError
            If `window_s` is not above 0.
        DecodeError
            If the video cannot be decoded.

        See Also
        --------
        explain : The columns of a video.
        """
        from sklearn.utils.validation import check_is_fitted

        from .one_video import predict_over_time

        check_is_fitted(self)
        return predict_over_time(cast("QualityModel", self), video, window_s)
