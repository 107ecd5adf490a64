"""Optical flow: the columns of motion, blur along it, and motion-compensated difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.column_facts import ColumnFacts
from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo

from .._cut_mask import CUTS, notes_on_cuts
from .._nss_columns import field_features

PIXELS, PER_SECOND = "pixels per frame", "diagonals per second"
HALF, ONE = (
    "0.00045 of the diagonal (half a pixel at 960x540)",
    "0.00091 of the diagonal (a pixel at 960x540)",
)
MOTION = (
    Feature("magnitude_mean", "mean length of the motion vectors", PIXELS, low=0),
    Feature("magnitude_std", "standard deviation of their length", PIXELS, low=0),
    Feature("magnitude_p95", "95th percentile of their length", PIXELS, low=0),
    Feature("still_share", f"share of the determined area that moves less than {HALF}", low=0, high=1),
    Feature("order", "length of the mean vector over the mean length, 1 where all move alike", low=0, high=1),
    Feature("divergence_std", "standard deviation of the divergence", "1 per frame", low=0),
    Feature("curl_std", "standard deviation of the curl", "1 per frame", low=0),
    Feature(
        "camera_x", "motion of the centre by the camera model", PIXELS, sign="above 0: content moves right"
    ),
    Feature(
        "camera_y", "motion of the centre by the camera model", PIXELS, sign="above 0: content moves down"
    ),
    Feature(
        "camera_zoom", "growth by the camera model", "1 per frame", low=-1, sign="above 0: content grows"
    ),
    Feature(
        "camera_rotation",
        "turn by the camera model",
        "radians per frame",
        low=-math.pi,
        high=math.pi,
        sign="above 0: content turns clockwise on the screen",
    ),
    Feature("camera_magnitude", "mean length of the camera's motion", PIXELS, low=0),
    Feature("object_magnitude", "mean length of the motion that the camera does not explain", PIXELS, low=0),
    Feature("object_share", f"share of the determined area whose own motion is above {ONE}", low=0, high=1),
)
RESIDUAL = (
    Feature("residual_rms", "root mean square of the motion-compensated difference", "8-bit codes", low=0),
    Feature(
        "residual_gain",
        "(mean absolute compensated difference + 0.5) / (the plain one + 0.5); 1: motion explains none",
        low=0,
    ),
    *field_features(
        "residual", Feature("mscn_var", "variance of the MSCN coefficients of the difference", low=0), "var"
    ),
)
NEW = (
    Feature(
        "undetermined_share", "share of the picture whose motion cannot be told, left out", low=0, high=1
    ),
    Feature(
        "motion_blur",
        "loss of bandwidth along the motion against across it, median over what moves; 0 for none",
        high=1,
        sign="above 0: blurred along the motion; below 0: sharper along it than across",
    ),
    Feature(
        "motion_blur_share", "share of the determined area that is blurred along its motion", low=0, high=1
    ),
)
#: Places of the lengths among the measures of motion, and the same lengths over time.
LENGTHS = tuple(place for place, feature in enumerate(MOTION) if feature.unit == PIXELS)
SPEEDS = tuple(
    replace(
        MOTION[k], name=f"{MOTION[k].name}_per_s", description=f"{MOTION[k].name} over time", unit=PER_SECOND
    )
    for k in LENGTHS
)


@dataclass(frozen=True)
class Flow(PairExtractor):
    """Statistics of the motion from the last frame, blur along it, and the motion-compensated difference.

    Frames are reduced to a shorter side of about 270 pixels first (the nearest power of two, 540p by 2, 1080p
    by 4; smaller frames stay), so that content of one kind has the same shares at every size. Lengths are in
    pixels of the frame; columns that end in ``_per_s`` are the same in diagonals per second.

    The motion of a pixel is determined where the texture around it exceeds noise and mismatch in every
    direction. All measures of motion are of the determined area, and `undetermined_share` is the rest: flat
    areas, straight edges, what was covered or outside in the last frame, the rims of objects, and what was
    not found. Found are shifts of most of the picture up to a third of its width and height, and those of
    objects up to 20 % of the longer side beside it. Of an object with a fifth of the height as its side, two
    thirds and more are determined; with a tenth, little. Measures of motion are low by what is not.

    All but `cuts` are nan across a cut (docs/cuts.md). All are nan for the first frame and for frames smaller
    than 32 pixels in a direction. Measures of motion are nan where less than 2 % of the picture is
    determined; those of camera and objects where less than 10 % is, or where it is all in one part (a
    standard deviation of the places below 12 % of the width or height); `order` where nothing moves;
    `motion_blur` where nothing moves by 0.36 % of the diagonal (4 pixels at 960x540); ``_per_s`` where the
    rate is not known; the shapes of the residual where two frames are equal.

    The residual is of the area whose match lies in the last frame, at the reduced size; its 18 statistics are
    of the rows and columns of which more than half is so.
    """

    name: ClassVar[str] = "flow"
    group: ClassVar[str] = "motion"
    version: ClassVar[int] = 4
    cost: ClassVar[Cost] = "medium"
    separable: ClassVar[bool] = True
    before: ClassVar[int] = 7
    after: ClassVar[int] = 6
    needs: ClassVar[tuple[str, ...]] = ("luma", "thumbnail")
    least_frames: ClassVar[int] = 2
    least_side: ClassVar[int] = 32
    references: ClassVar[tuple[str, ...]] = (
        "T. Kroeger, R. Timofte, D. Dai and L. Van Gool, Fast optical flow using dense inverse search, "
        "ECCV 2016 (OpenCV's DISOpticalFlow)",
    )

    column_facts: ClassVar[ColumnFacts] = {
        "unit": "1",
        "direction": "none",
        "frame": "the sampled frame, with the one before it in the source",
        "resolution": "shorter side of about 270 pixels",
    }

    @property
    def features(self) -> tuple[Feature, ...]:
        """14 of motion, 20 of the difference, 3 of certainty and blur, 7 lengths over time, and cuts."""
        return (*MOTION, *RESIDUAL, *NEW, *SPEEDS, CUTS)

    def notes(self, values: NDArray[np.float64]) -> Sequence[str]:
        """Say how many pairs lie across a cut."""
        return notes_on_cuts(values[:, -1])

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between pairs."""
        from ._session import FlowSession

        return FlowSession(len(self.features), LENGTHS, info.fps)

    def reason(self, info: VideoInfo, n_frames: int, missing: Sequence[str]) -> str:
        """Return why columns have no value; lengths over time need the rate."""
        if math.isnan(info.fps) and all(name.endswith("_per_s") for name in missing):
            return "the rate of the frames is not known"
        return super().reason(info, n_frames, missing)
