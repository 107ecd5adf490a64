"""Pairs across a cut have no values: pools over time are those of the shots, and the row says how many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_videos import encode

import vqa_features as vf
from benchmarks.made_shots import Frames, as_codes, camera, lit, picture

SIZE = (64, 96)


def moving(name: str, n: int = 36) -> Frames:
    """A slow pan with noise of one code."""
    noise = np.random.default_rng(len(name)).normal(0, 1, (n, *SIZE))
    return as_codes(camera(picture(name, SIZE), n, pan=0.01) + noise)


SHOTS = [moving(name) for name in ("camera", "coffee", "moon")]
JOINED = np.concatenate(SHOTS)


def table(frames: Frames, label: str) -> pd.DataFrame:
    found = vf.extract_frames(list(frames), label, fps=30, per_frame=True)
    return found.rename(columns=lambda name: name.rpartition(".")[2])


def test_cuts_leave_the_pools_of_basics_as_those_of_the_shots() -> None:
    joined = table(JOINED, "basics")
    apart = pd.concat([table(shot, "basics") for shot in SHOTS])
    for name in ("change", "flicker", "jerk"):
        assert joined[name].mean() == pytest.approx(apart[name].mean(), rel=1e-9), name
    assert np.flatnonzero(joined["cut"] == 1).tolist() == [36, 72]
    assert np.isnan(joined["cut"].iloc[0])
    assert np.flatnonzero(joined["change"].isna()).tolist() == [0, 36, 72]
    assert np.flatnonzero(joined["flicker"].isna()).tolist() == [0, 1, 36, 37, 72, 73]
    assert np.flatnonzero(joined["jerk"].isna()).tolist() == [0, 1, 2, 36, 37, 38, 72, 73, 74]
    assert joined["duplicate"].iloc[1:].tolist() == [0] * 107


def test_cuts_leave_the_pools_of_temporal_nss_as_those_of_the_shots() -> None:
    joined = table(JOINED, "temporal-nss")
    apart = pd.concat([table(shot, "temporal-nss") for shot in SHOTS])
    assert np.flatnonzero(joined["cuts"] == 1).tolist() == [36, 72]
    assert np.isnan(joined["cuts"].iloc[0])
    for field, span in (("s1", 2), ("s2", 2), ("haar4", 4), ("haar8", 8)):
        name = f"mscn_var_{field}"
        assert joined[name].notna().sum() == 3 * (37 - span)
        assert joined[name].mean() == pytest.approx(apart[name].mean(), rel=1e-6), name
    for field in ("xt", "yt"):
        name = f"mscn_var_{field}"
        assert np.flatnonzero(joined[name].notna()).tolist() == [31, 67, 103]
        assert joined[name].mean() == pytest.approx(apart[name].mean(), rel=1e-6), name


def test_cuts_leave_the_pools_of_flow_as_those_of_the_shots() -> None:
    joined = table(JOINED, "flow")
    apart = pd.concat([table(shot, "flow") for shot in SHOTS])
    assert np.flatnonzero(joined["cuts"] == 1).tolist() == [36, 72]
    for name in ("magnitude_mean", "camera_x", "residual_rms", "mscn_var_residual", "undetermined_share"):
        assert np.flatnonzero(joined[name].isna()).tolist() == [0, 36, 72]
        assert joined[name].mean() == pytest.approx(apart[name].mean(), rel=1e-6), name
    assert vf.extract_frames(list(JOINED[26:46]), "flow", fps=30).attrs["warnings"] == [
        "flow: 1 of 19 pairs lies across a cut and has no values"
    ]


def test_a_flash_keeps_its_values() -> None:
    flashed = lit(SHOTS[0], np.arange(36) == 18, 0, 235)
    found = table(flashed, "basics")
    assert not found["cut"].iloc[1:].any()
    assert found["flicker"].iloc[2:].notna().all()
    assert found["flicker"].max() > 50


def test_a_warning_says_how_many_pairs() -> None:
    def told(frames: Frames) -> list[str]:
        texts = vf.extract_frames(list(frames), "basics", fps=30).attrs["warnings"]
        return [text for text in texts if "across a cut" in text]

    assert told(JOINED) == ["basics: 2 of 107 pairs lie across a cut and have no change, flicker and jerk"]
    assert told(SHOTS[0]) == []
    two = np.array([SHOTS[0][0], SHOTS[1][0]])
    assert told(two) == ["basics: 1 of 1 pairs lies across a cut and has no change, flicker and jerk"]


def test_what_is_masked_does_not_depend_on_the_sampling(tmp_path: Path) -> None:
    gray = np.full((SIZE[0] // 2, SIZE[1] // 2), 128, np.uint8)
    path = encode(
        tmp_path / "joined.mkv", ([frame, gray, gray] for frame in JOINED[20:60]), codec="ffv1", rate=30
    )
    for label, timed in (("basics", "none"), ("flow", "none"), ("temporal-nss", "xt|yt")):
        every = vf.extract(path, label, per_frame=True)
        some = vf.extract(path, label, per_frame=True, every=3)
        kept = every.columns[~every.columns.str.contains(timed)]
        pd.testing.assert_frame_equal(some[kept], every.loc[some.index, kept], rtol=1e-12)
