"""Frames, times and status held to an independent decoding: `benchmarks.decoding_differential`, smaller."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import pytest
from small_videos import moving

from vqa_features.specs import Sampling
from vqa_features.video import Video

ROOT = Path(__file__).resolve().parents[2]
CASES = [
    "h264.mp4 plain",
    "h264.mp4 trimmed",
    "h264.mkv late",
    "h264.mkv cut",
    "h264.mov order",
    "h264.flv sound",
    "h264.ts restart",
    "h264.ts leap",
    "h264.ts headless",
    "h264-open.mp4 segment",
    "h264-open.mkv plain",
    "h264-open.ts segment",
    "h264-refresh.mp4 plain",
    "h264-refresh.mkv segment",
    "h264-uneven.mp4 trimmed",
    "h264-uneven.mkv plain",
    "hevc-open.mkv segment",
    "hevc-open.mp4 plain",
    "mpeg4.avi plain",
    "mpeg4.mp4 segment",
    "mpeg2.mpg leap",
    "mpeg2.ts cut",
    "vp8.webm hidden",
    "vp9.mp4 blank",
    "av1.mkv hidden",
    "mjpeg.mov blank",
    "flv1.flv late",
]


@contextmanager
def benchmarks() -> Iterator[None]:
    sys.path.insert(0, str(ROOT))
    try:
        yield
    finally:
        sys.path.remove(str(ROOT))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with benchmarks():
        from benchmarks.decoding_files import generate
    folder = tmp_path_factory.mktemp("differential")
    return {case.name: case for case in generate(folder, lambda name: name in CASES)}


@pytest.mark.parametrize("name", CASES)
def test_a_file_decodes_as_by_the_independent_reference(files: dict[str, Any], name: str) -> None:
    with benchmarks():
        from benchmarks.decoding_differential import differences
        from benchmarks.decoding_reference import read
    case = files[name]
    reference = read(case.path)
    assert not case.intact or reference.times
    found = [
        (settings, difference)
        for settings, difference, reason in differences(case, reference)
        if difference and not reason
    ]
    assert not found


ENTRIES = {
    "closed groups": ("mp4", "preset=veryfast g=25", [0, 25, 50, 75]),
    "open groups": ("mkv", "preset=veryfast bf=3 x264-params=open-gop=1:keyint=25", [0]),
    "intra refresh": ("mp4", "preset=veryfast x264-params=intra-refresh=1:keyint=25:bframes=0", [0]),
}


@pytest.mark.parametrize("case", ENTRIES)
def test_decoding_begins_only_where_no_later_picture_refers_back(tmp_path: Path, case: str) -> None:
    kind, options, entries = ENTRIES[case]
    path = moving(tmp_path / f"a.{kind}", 100, options=dict(one.split("=", 1) for one in options.split()))
    falsely_flagged = tmp_path / f"flagged.{kind}"
    with av.open(str(path)) as source, av.open(str(falsely_flagged), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.is_keyframe = True
                packet.stream = stream
                out.mux(packet)
    for one in (path, falsely_flagged):
        with Video(one) as video:
            whole = [(frame.time_s, frame.view("luma").tobytes()) for frame in video]
        for start in (2.0, 2.2, 2.52, 3.0, 3.04, 3.8):
            with Video(one, sampling=Sampling(start_s=start)) as video:
                part = [(frame.time_s, frame.view("luma").tobytes()) for frame in video]
                begun = max(entry / 25 for entry in entries if entry / 25 <= start)
                told = [text for text in video.outcome.warnings if f"the part before {begun:.3f} s" in text]
            assert part == [pair for pair in whole if pair[0] >= start - 0.0005]
            assert bool(told) == (begun > 0)
