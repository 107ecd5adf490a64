"""Times of pictures in AVI, which numbers packets in the order in which they are decoded."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from small_videos import moving

from benchmarks.stability.versions import remuxed
from vqa_features.specs import Sampling
from vqa_features.video import Video

CLIP = Path(str(files("vqa_features.resources") / "demo/bikes_square.mp4"))


@pytest.mark.parametrize("threads", [1, 4])
def test_pictures_of_h264_in_avi_have_the_times_of_mp4(tmp_path: Path, threads: int) -> None:
    sampling = Sampling(every=3, start_s=0.2, duration_s=1.0)
    copy = remuxed(CLIP, tmp_path / "a.avi")
    with Video(CLIP, sampling=sampling) as one, Video(copy, sampling=sampling, threads=threads) as other:
        pairs = list(zip(one, other, strict=True))
        assert (one.outcome, one.info.fps) == (other.outcome, other.info.fps)
    assert len(pairs) == 9
    for ours, theirs in pairs:
        assert theirs.time_s == pytest.approx(ours.time_s, abs=1e-9)
        np.testing.assert_array_equal(ours.view("rgb"), theirs.view("rgb"))


@pytest.mark.parametrize(
    ("codec", "options"),
    [("libx264", {"bf": "3"}), ("mpeg4", {"bf": "2"}), ("mpeg2video", {"bf": "2"}), ("libx264", {"bf": "0"})],
)
def test_frames_of_avi_follow_each_other(tmp_path: Path, codec: str, options: dict[str, str]) -> None:
    with Video(moving(tmp_path / "a.avi", 20, codec=codec, options=options)) as video:
        np.testing.assert_allclose([frame.time_s for frame in video], np.arange(20) / 25, atol=1e-9)
        assert (video.outcome.status, video.outcome.warnings) == ("ok", ())
