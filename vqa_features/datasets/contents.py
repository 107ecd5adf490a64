"""Source contents of a dataset's videos, read from their ids."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..files.names import video_id

#: Processed versions per source in KVQ, the source among them.
KVQ_VERSIONS = 7


def _live_vqa(video: str) -> str:
    return video_id(video)[:2]


def _cvd2014(video: str) -> str:
    return video_id(video).split("_")[1].lower()


def _live_qualcomm(video: str) -> str:
    name = video_id(video)
    match = re.match(r"\d*_?([A-Za-z]+)", name)
    return match[1].lower() if match else name


def _live_yt_gaming(video: str) -> str:
    return re.sub(r"-\d+$", "", video_id(video)).lower()


def _kvq(video: str) -> str:
    folder, _, number = video.rpartition("/")
    return f"{folder}/{(int(video_id(number)) - 1) // KVQ_VERSIONS}"


#: By name in the catalogue: the source content of a video, from its id.
CONTENTS: dict[str, Callable[[str], str]] = {
    "live-vqa": _live_vqa,
    "cvd2014": _cvd2014,
    "live-qualcomm": _live_qualcomm,
    "live-yt-gaming": _live_yt_gaming,
    "kvq": _kvq,
}
