"""Every clip of the shared folder, one per codec, decodes to the length its manifest names."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from vqa_features.specs import RawFormat
from vqa_features.video import Video

#: Frames that decode, from MANIFEST.md beside the clips.
FRAMES = {
    "av1.mkv": 125,
    "bigbuckbunny.mp4": 132,
    "bikes.mp4": 250,
    "bt709_full_range.mp4": 30,
    "carphone_pristine.mp4": 120,
    "carphone_distorted.mp4": 120,
    "cityCC0.mpg": 190,
    "cockatoo_yuv444p.mp4": 280,
    "h264_10bit.mp4": 30,
    "hevc.mp4": 10,
    "hevc_10bit.mp4": 30,
    "nasa_13013.mp4": 390,  # the manifest counts the first of its two streams, the larger one is used
    "park_joy_480x270.y4m": 10,
    "realshort_36_frames.mp4": 36,
    "theora.ogv": 288,
    "video_1.mp4": 29,
    "vp9.avi": 295,
    "src01_hrc00_576x324.yuv420p10le.yuv": 3,
}
#: Frames their headers promise, where that is more.
PROMISED = {"video_1.mp4": 30}
RAW = {"src01_hrc00_576x324.yuv420p10le.yuv": RawFormat(576, 324, "yuv420p10le", 24)}


@pytest.mark.shared
@pytest.mark.parametrize("name", FRAMES)
def test_a_clip_decodes_to_the_length_its_manifest_names(shared: Path, name: str) -> None:
    with Video(shared / "clips" / "formats" / name, raw=RAW.get(name)) as video:
        times = [frame.time_s for frame in video]
        assert len(times) == FRAMES[name]
        assert video.info.frames == PROMISED.get(name, FRAMES[name])
        assert times[0] == 0
        assert all(b > a for a, b in pairwise(times))
        outcome = video.outcome
        assert outcome.status == "ok"
        assert any("expected frames" in warning for warning in outcome.warnings) is (name in PROMISED)


@pytest.mark.shared
def test_the_list_of_clips_is_the_folders(shared: Path) -> None:
    assert {path.name for path in (shared / "clips" / "formats").iterdir()} == set(FRAMES)
