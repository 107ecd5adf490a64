"""Packets of a file that is opened without decoding a picture are those of the file as it is decoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_videos import encode, moving_planes

from vqa_features.video.decoder import NAMES_TIMES, Decoder
from vqa_features.video.opening import MAX_PIXELS, open_video_file
from vqa_features.video.packets import read_packets

#: Encoders and their options: pictures in another order than they are shown, hidden ones, and intra ones.
CODECS = {
    "libx264": {"bf": "3", "b-pyramid": "normal", "g": "12"},
    "libx265": {"x265-params": "bframes=4:log-level=none"},
    "mpeg4": {"bf": "2"},
    "mpeg2video": {"bf": "2"},
    "libvpx-vp9": {"auto-alt-ref": "1", "lag-in-frames": "12", "cpu-used": "8"},
    "libsvtav1": {"preset": "12"},
    "mjpeg": {},
}


def read_both_ways(path: Path) -> tuple[str, str]:
    """Return the packets as text, with and without decoding on opening."""
    decoder = Decoder(open_video_file(str(path)), str(path), None, 1, MAX_PIXELS)
    assert decoder.container.format.name in NAMES_TIMES
    found = []
    for undecoded in (False, True):
        with decoder.reopen(undecoded=undecoded) as container:
            packets = read_packets(container, container.streams.video[0], decoder.origin)
            packets.error = None if packets.error is None else type(packets.error)()
            found.append(repr(packets))
    decoder.close()
    return found[0], found[1]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("damaged", [False, True])
def test_packets_are_the_same(tmp_path: Path, codec: str, damaged: bool) -> None:
    path = tmp_path / "clip.mp4"
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    frames = (moving_planes(number) for number in range(40))
    encode(path, frames, codec=codec, pix_fmt=pix_fmt, options=CODECS[codec])
    if damaged:
        content = bytearray(path.read_bytes())
        begin, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
        places = np.random.default_rng(0).integers((begin + end) // 2, end, 5)
        for place in places.tolist():
            content[place] ^= 0x55
        path.write_bytes(content)
    decoded, undecoded = read_both_ways(path)
    assert decoded == undecoded
