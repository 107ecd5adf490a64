"""Containers and elementary streams that hold their own pictures are opened, by content and not by name."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from small_videos import moving

from vqa_features.files.names import VIDEO_SUFFIXES
from vqa_features.specs import Sampling
from vqa_features.video import Video

#: Suffix, container, encoder and size, of what PyAV's libraries write.
WRITTEN = [
    ("ivf", "ivf", "libvpx", (64, 48)),
    ("obu", "obu", "libsvtav1", (64, 64)),
    ("nut", "nut", "ffv1", (64, 48)),
    ("mxf", "mxf", "mpeg2video", (64, 48)),
    ("dv", "dv", "dvvideo", (720, 576)),
    ("gxf", "gxf", "mpeg2video", (720, 576)),
    ("rm", "rm", "rv20", (64, 48)),
    ("h263", "h263", "h263", (176, 144)),
    ("vob", "vob", "mpeg2video", (64, 48)),
    ("f4v", "f4v", "libx264", (64, 48)),
    ("qt", "mov", "libx264", (64, 48)),
    ("divx", "avi", "mpeg4", (64, 48)),
    ("m2v", "mpeg2video", "mpeg2video", (64, 48)),
    ("3gpp", "3gp", "libx264", (64, 48)),
]


@pytest.mark.parametrize(("suffix", "container", "encoder", "size"), WRITTEN, ids=[one[0] for one in WRITTEN])
def test_every_picture_of_a_container_is_given(
    tmp_path: Path, suffix: str, container: str, encoder: str, size: tuple[int, int]
) -> None:
    assert f".{suffix}" in VIDEO_SUFFIXES
    path = tmp_path / f"a.{suffix}"
    count = 25
    try:
        moving(path, count, width=size[0], height=size[1], codec=encoder, options={}, file_format=container)
    except (av.error.FFmpegError, ValueError) as error:
        pytest.skip(f"PyAV's libraries do not write it here: {error}")
    renamed = path.with_suffix(".mp4")
    path.rename(renamed)
    for sampling, wanted in ((Sampling(), count), (Sampling(every=5), 5)):
        with Video(renamed, sampling=sampling) as video:
            assert sum(1 for _ in video) == wanted
            outcome = video.outcome
        assert (outcome.status, outcome.frames_decoded) == ("ok", count), outcome
