"""Our measures against known truth, independent programs and harmless changes.

A fast part of benchmarks/measures, with its bounds, which docs/measures.md lists.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.measures import changes, events, motion, page, pictures, programs, timing, truth
from benchmarks.measures.peers import PEERS, Peer
from benchmarks.stability import own_measures

#: The size on which a kind takes a tenth of a second, and what else is varied; kinds take them in turn.
SMALL = truth.Condition("144p", size=(144, 192))
CONDITIONS = (
    SMALL,
    truth.Condition("10 bit, full range, dark", (144, 192), 60, 10, True, mean=50, deviation=10),
)
KINDS = (*pictures.KINDS, *motion.KINDS, *changes.KINDS, *timing.KINDS)
DEMO = [clip for clip in programs.clips() if "konvid" not in str(clip)]


@pytest.mark.parametrize(
    ("kind", "condition"),
    [(kind, CONDITIONS[place % 2]) for place, kind in enumerate(KINDS)],
    ids=lambda one: one.name,
)
def test_columns_have_the_truth_of_analytic_videos(
    kind: truth.Kind, condition: truth.Condition, tmp_path: Path
) -> None:
    rows = truth.compare(kind, condition, tmp_path)
    assert rows
    assert [
        f"{row.column}: {row.ours}, truth {row.truth}" for row in rows if row.missed and not row.limit
    ] == []


def test_a_value_beside_the_truth_is_counted_as_missed() -> None:
    row = truth.Row("siti.ti.mean", "8-bit codes", "a video", "144p", truth=2, ours=2.2, bound=0.1, limit="")
    absent = truth.Row("siti.ti.mean", "8-bit codes", "a video", "144p", 2, float("nan"), 0.1, "")
    assert (row.error, row.missed, absent.missed) == (pytest.approx(0.2), True, True)
    assert "**0 of 2**" in page.truth_tables([row, absent])


@pytest.mark.parametrize("make", events.EVENTS, ids=lambda make: make.__name__)
def test_events_are_found_where_ffmpeg_s_detectors_find_them(make: events.Maker) -> None:
    for event in events.measured(make):
        assert not event.missed, event
        assert event.theirs != "nothing"


@pytest.mark.parametrize(
    "peer",
    [peer for peer in PEERS if isinstance(peer.measured, str) and np.isfinite(peer.factor)],
    ids=lambda peer: f"{peer.column}, {peer.program}",
)
def test_measures_of_one_unit_agree_with_ffmpeg_on_demo_clips(peer: Peer) -> None:
    found = programs.agreement(peer, DEMO[::3])
    assert not found.missed, found


def test_si_and_ti_hold_still_under_harmless_changes() -> None:
    drifts = own_measures.drifts(DEMO[::3], ("siti",), frames=12, size=(180, 320))
    assert (drifts["lossless re-encode"] == 0).all()
    assert (drifts.loc[["siti.si.mean", "siti.ti.mean"], "dither by 1 code"] > 0).all()
    assert own_measures.explained(drifts.loc[["siti.si.mean", "siti.ti.mean"]])[1] == []


def test_a_drift_without_a_reason_is_told() -> None:
    drifts = pd.DataFrame(
        {"dither by 1 code": [0.3, 0.3, 0.2]},
        index=["basics.frozen.mean", "basics.contrast.mean", "basics.entropy.mean"],
    )
    above, faults = own_measures.explained(drifts)
    assert [part.column for part in above] == ["basics.frozen.mean"]
    assert faults == ["missed: basics.contrast.mean drifts by 0.30 deviations (dither by 1 code)"]
