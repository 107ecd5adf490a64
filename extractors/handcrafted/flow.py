"""Optical flow at half size: amount of motion, motion of the camera, motion-compensated difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features.extractor import PairExtractor, Session
from vqa_features.specs import Cost, Feature, VideoInfo

from ._nss_columns import field_features

PIXELS = "pixels per frame"
MOTION = (
    Feature("magnitude_mean", "mean length of the motion vectors", PIXELS, low=0),
    Feature("magnitude_std", "deviation of their length", PIXELS, low=0),
    Feature("magnitude_p95", "95th percentile of their length", PIXELS, low=0),
    Feature("still_share", "share of pixels that move less than half a pixel", low=0, high=1),
    Feature("order", "length of the mean vector over the mean length: 1 where all move alike", low=0, high=1),
    Feature("divergence_std", "deviation of the divergence", "1 per frame", low=0),
    Feature("curl_std", "deviation of the curl", "1 per frame", low=0),
    Feature("camera_x", "horizontal motion of the camera model at the centre", PIXELS),
    Feature("camera_y", "vertical motion of the camera model at the centre", PIXELS),
    Feature("camera_zoom", "divergence of the camera model over 2: its growth", "1 per frame"),
    Feature("camera_rotation", "curl of the camera model over 2", "radians per frame"),
    Feature("camera_magnitude", "mean length of the camera's motion", PIXELS, low=0),
    Feature("object_magnitude", "mean length of the motion the camera does not explain", PIXELS, low=0),
    Feature("object_share", "share of pixels whose own motion is above one pixel", low=0, high=1),
    Feature("residual_rms", "root mean square of the motion-compensated difference", "8-bit codes", low=0),
    Feature("residual_gain", "residual over plain mean absolute difference, 1: motion explains none", low=0),
)
OWN = Feature("mscn_var", "variance of the MSCN coefficients of the compensated difference", low=0)


@dataclass(frozen=True)
class Flow(PairExtractor):
    """Statistics of the motion from the last frame, and of the motion-compensated difference.

    Positions and vectors are in pixels of the full frame. All are nan for the first frame and for
    frames smaller than 32 pixels in a direction (64 where the width is more than 160); `order` is nan
    where nothing moves, `residual_gain` and the shapes of the residual where two frames are equal.
    """

    name: ClassVar[str] = "flow"
    group: ClassVar[str] = "motion"
    cost: ClassVar[Cost] = "medium"
    least_frames: ClassVar[int] = 2
    least_side: ClassVar[int] = 32
    references: ClassVar[tuple[str, ...]] = (
        "T. Kroeger, R. Timofte, D. Dai and L. Van Gool, Fast optical flow using dense inverse search, "
        "ECCV 2016 (OpenCV's DISOpticalFlow, preset fast)",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """16 of motion, then 18 natural-scene statistics of the compensated difference."""
        return (*MOTION, *field_features("residual", OWN, "var"))

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps nothing between pairs."""
        from ._flow import _FlowSession

        return _FlowSession()
