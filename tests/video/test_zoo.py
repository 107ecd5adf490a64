"""About 130 broken, odd and hostile files: each ends as expected, opens nothing else, sends nothing.

The zoo is made with the ffmpeg program by ``zoo/make_zoo.py`` of the shared folder; what can be made
without it is in test_video_outcome.py.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from batch_work import read

from vqa_features.batch.options import Workers
from vqa_features.batch.runner import run_many
from vqa_features.specs import RawFormat
from vqa_features.video_task import VideoResult, VideoTask

#: The port the zoo's playlists and manifests name.
PORT = 18999
#: No file of the zoo may take more, whatever it declares.
MAX_MEMORY_MB = 1024
IN_OPEN = 0x20

#: Status and frames of every file that is not simply ok with 25 frames. Where the damage is random
#: bits, what they hit depends on the encoder: any honest status will do (see `ANY`).
NOT_VIDEOS = {
    "failed(not a video)": "dash.mpd dash_as.mp4 html.mp4 pl_abs.m3u8 pl_as.mp4 pl_http.mp4 pl_rel.m3u8 "
    "pl_txt.m3u8 rand.mp4 stsz_hugecount.mp4 text.mp4 trunc_1byte.mp4 trunc_moov_missing.mp4 "
    "y4m_hugedecl.y4m y4m_neg.y4m",
    "failed(unsupported)": "concat.ffconcat concat_as.mp4 concat_rel.ffconcat sdp.sdp sdp_as.mp4",
    "failed(not a regular file)": "adir.mp4 secret_dir seq fifo.mp4",
    "failed(missing)": "dangling.mp4 loop.mp4",
    "failed(empty)": "zero.mp4",
    "failed(memory)": "stts_hugecount.mp4",
    "failed(no video stream)": "audio_only.mp4 trunc_64.mp4",
    "failed(too large)": "bomb_png_30000.png bomb_16k.mp4 bomb_8k_vp9.webm gif_65535.gif",
}
LENGTHS = {
    "a1.mp4": 13,
    "a2.mp4": 13,
    "bomb_600k_frames.mp4": 600_000,
    "clip_320x240_25fps_420p_8bit.yuv": 10,
    "cover_art.mp4": 1,
    "editlist_cut.mp4": 16,
    "fps_0.1.mp4": 3,
    "fps_1000.mp4": 200,
    "single_frame.mp4": 1,
    "size_8k.mp4": 5,
    "still.jpg": 1,
    "still.png": 1,
    "vfr.mp4": 30,
    "y4m_f0.y4m": 1,
}
DAMAGED = {
    "reschange.ts": "suspect",
    "trunc.mkv": "partial",
    "trunc.ts": "suspect",
    "trunc.webm": "partial",
    "trunc_mdat_cut60.mp4": "partial",
    "trunc_mdat_cut99.mp4": "partial",
    "zeros_mid_h264.mp4": "partial",
}
ANY = "flip"
WARNINGS = {
    "alpha_prores.mov": "alpha is ignored",
    "anim.gif": "RGB-coded",
    "cover_art.mp4": "cover picture",
    "dup_pts.mkv": "not later than the one before: 16",
    "editlist_cut.mp4": "",
    "hdr_hlg.mp4": "hlg",
    "hdr_pq.mp4": "pq",
    "interlaced.mp4": "interlaced",
    "raw.h264": "without a time: 25",
    "rgb_h264.mkv": "RGB-coded",
    "two_video_streams.mkv": "2 video streams",
}
RAW = {"clip_320x240_25fps_420p_8bit.yuv": RawFormat(320, 240, "yuv420p", 25)}


@pytest.fixture(scope="module")
def zoo(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("ffmpeg") is None:
        pytest.skip("the zoo is made with the ffmpeg program, which is not in PATH")
    folder = tmp_path_factory.mktemp("zoo")
    command = [sys.executable, str(shared / "zoo" / "make_zoo.py"), str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return folder


@pytest.mark.shared
@pytest.mark.slow
def test_every_file_of_the_zoo_ends_as_expected_and_reaches_nothing_else(zoo: Path) -> None:
    found: dict[str, VideoResult] = {}
    tasks = [VideoTask(name, str(zoo / name), (), raw=RAW.get(name)) for name in sorted(os.listdir(zoo))]
    outside = [f"concat:{zoo}/h264.mp4", f"subfile,,start,0,end,0,,:{zoo}/h264.mp4", f"file:{zoo}/h264.mp4"]
    outside += [f"http://127.0.0.1:{PORT}/q.mp4", f"tcp://127.0.0.1:{PORT}", f"{zoo}/seq/f%03d.png"]
    outside += [f"async:{zoo}/h264.mp4", "/dev/zero", "/proc/self/mem", "lavfi:testsrc", "pipe:0"]
    tasks += [VideoTask(name, name, ()) for name in outside]

    with _listener() as server, _opened(zoo / "secret_dir") as opened:
        run_many(
            tasks,
            read,
            on_result=lambda result: found.update({result.id: result}),
            workers=Workers(2, deadline_s=60, max_memory_mb=MAX_MEMORY_MB),
        )
        with pytest.raises(TimeoutError):
            server.accept()
        assert opened() == []

    expected = {name: status for status, names in NOT_VIDEOS.items() for name in names.split()} | DAMAGED
    expected |= dict.fromkeys(outside, "failed(missing)")
    expected |= {"/dev/zero": "failed(not a regular file)", "/proc/self/mem": "failed(empty)"}
    if os.geteuid() != 0:
        expected["noperm.mp4"] = "failed(permission)"
    wrong = {}
    for task in tasks:
        result = found[task.id]
        if task.id.startswith(ANY):
            honest = (
                "ok",
                "suspect",
                "partial",
                "failed(decode)",
                "failed(no video stream)",
                "failed(not a video)",
            )
            fine = result.status in honest
        elif task.id in expected:
            fine = result.status == expected[task.id]
        else:
            fine = result.status == "ok" and result.frames_decoded == LENGTHS.get(task.id, 25)
        if not fine:
            wrong[task.id] = (result.status, result.error, result.frames_decoded)
    assert not wrong
    for name, part in WARNINGS.items():
        assert part in "; ".join(found[name].warnings), name
    turned = found["rot90.mp4"].info
    assert turned is not None
    assert (turned.width, turned.height, turned.rotation) == (240, 320, 90)
    for result in found.values():
        if result.status.startswith("failed"):
            assert result.error.count("\n") == 0
            assert repr(result.path) in result.error


@contextmanager
def _listener() -> Iterator[socket.socket]:
    """A server that waits on the zoo's port."""
    try:
        server = socket.create_server(("127.0.0.1", PORT))
    except OSError:
        pytest.skip(f"port {PORT}, which the zoo names, is taken")
    with server:
        server.settimeout(0.2)
        yield server


@contextmanager
def _opened(folder: Path) -> Iterator[object]:
    """Watch a folder with inotify; the value is a function that lists the files opened in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    if watch < 0 or libc.inotify_add_watch(watch, os.fsencode(folder), IN_OPEN) < 0:
        pytest.skip("inotify does not work here")

    def names() -> list[str]:
        try:
            data = os.read(watch, 1 << 16)
        except BlockingIOError:
            return []
        found, at = [], 0
        while at < len(data):
            _, mask, _, length = struct.unpack_from("iIII", data, at)
            name = data[at + 16 : at + 16 + length].rstrip(b"\0").decode()
            if name:  # the folder itself is a file of the zoo and is looked at
                found.append(f"{name}:{mask:x}")
            at += 16 + length
        return found

    yield names
    os.close(watch)
