"""A declared cost has one meaning, from which deadlines are derived."""

from __future__ import annotations

from typing import get_args

import pytest

from vqa_features.batch.deadlines import LEAST_DEADLINE_S, deadline_for
from vqa_features.registry import make
from vqa_features.specs import SECONDS_PER_MEGAPIXEL, Cost, VideoInfo


def video(frames: int | None) -> VideoInfo:
    return VideoInfo("clip.mp4", 1000, 1000, 25.0, frames, None)


def test_every_cost_has_a_meaning_in_rising_order() -> None:
    assert tuple(SECONDS_PER_MEGAPIXEL) == get_args(Cost)
    assert list(SECONDS_PER_MEGAPIXEL.values()) == sorted(SECONDS_PER_MEGAPIXEL.values())


@pytest.mark.parametrize(("labels", "per_megapixel"), [("siti", 1.2), ("siti,tlvqm", 7.2), ("il-niqe", 60.6)])
def test_a_deadline_is_thirty_times_the_declared_cost_with_decoding(
    labels: str, per_megapixel: float
) -> None:
    extractors = [make(label) for label in labels.split(",")]
    assert deadline_for(video(1000), extractors) == pytest.approx(1000 * per_megapixel)


def test_a_short_video_has_the_least_deadline() -> None:
    assert deadline_for(video(None), [make("siti")]) == LEAST_DEADLINE_S
