"""Pools with numbers and times in every way from videos to a table, a pipeline and a prediction."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import run_here
from noisy_clips import make_clips
from small_videos import LOSSLESS_H264, encode, moving_planes

import vqa_features as vf
from vqa_features.kernels.time_pools import durations
from vqa_features.pooling import parse_column
from vqa_features.tables.reading import read_table

POOLS = ["p2_5", "minkowski3", "harmonic", "lowest0_08s", "highest0_08s", "minmean0_1s", "hysteresis"]
POOLS += ["maxmean0_1s", "hysteresis_high", "mean@time", "std@time", "p2_5@time", "harmonic@time", "sum"]
#: A clip of which features of BRISQUE are negative.
NEGATIVE = str(files("vqa_features.resources") / "demo/bikes_square.mp4")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.Series]:
    folder = tmp_path_factory.mktemp("pools") / "clips"
    return folder, make_clips(folder)


def test_timed_pools_use_the_times_of_a_variable_rate(tmp_path: Path) -> None:
    # frames of 1/25 s, the last of them after gaps of 1 s
    stamps = [*range(20), 45, 70, 95]
    path = encode(
        tmp_path / "gaps.mkv",
        (moving_planes(k * (k < 20)) for k in range(23)),
        options=LOSSLESS_H264,
        stamps=stamps,
    )
    rows = vf.extract(path, "siti", per_frame=True)
    times = rows.index.to_numpy()
    np.testing.assert_allclose(times, np.array(stamps) / 25, atol=1e-3)
    found = vf.extract(path, "siti", pool=["lowest1s", "minmean1s", "maxmean0_2s", "mean"])
    still, moves = found["siti.ti.lowest1s"], found["siti.ti.maxmean0_2s"]
    assert still == found["siti.ti.minmean1s"] == 0
    assert durations(times)[19] == pytest.approx(1.04, abs=2e-3)
    assert 0 < found["siti.ti.mean"] < moves


def test_a_frame_that_is_held_counts_as_long_as_it_is_held(tmp_path: Path) -> None:
    # frame 20 of 40, which is bright, is held 1.1 s of 2.66 s; all others 1/25 s
    stamps = [k if k <= 20 else k + 26 for k in range(40)]
    flat = [np.full((32, 48), 200 if k == 20 else 40, np.uint8) for k in range(40)]
    frames = ([y, *2 * [np.full((16, 24), 128, np.uint8)]] for y in flat)
    path = encode(tmp_path / "stall.mkv", frames, options=LOSSLESS_H264, stamps=stamps)
    pools = ["mean", "mean@time", "median@time", "p90@time", "std@time"]
    found = vf.extract(path, "basics", pool=pools)
    share = 27 / 66
    assert found["basics.brightness.mean"] == pytest.approx(44, abs=1e-9)
    assert found["basics.brightness.mean@time"] == pytest.approx(40 + 160 * share, abs=0.1)
    assert found["basics.brightness.std@time"] == pytest.approx(160 * (share * (1 - share)) ** 0.5, abs=0.1)
    assert (found["basics.brightness.median@time"], found["basics.brightness.p90@time"]) == (40, 200)


@pytest.mark.parametrize("name", ["clip.mkv", "clip.mp4"])
def test_a_constant_rate_gives_the_plain_pools(tmp_path: Path, name: str) -> None:
    path = encode(tmp_path / name, (moving_planes(k % 7) for k in range(25)), rate=24, options=LOSSLESS_H264)
    pools = ["mean", "std", "median", "p10", "harmonic", "minkowski2"]
    plain = vf.extract(path, "siti", pool=pools)
    weighted = vf.extract(path, "siti", pool=[f"{pool}@time" for pool in pools])
    assert list(weighted.index) == [f"{column}@time" for column in plain.index]
    np.testing.assert_allclose(weighted, plain, rtol=1e-12)


def test_the_same_pools_from_one_video_many_videos_and_a_pipeline(clips: tuple[Path, pd.Series]) -> None:
    folder, _ = clips
    paths = [NEGATIVE, str(folder / "clip03.mp4")]
    table = vf.extract_many(paths, ["siti", "brisque"], pool=POOLS, sampling=vf.Sampling(frames=4))
    step = vf.VideoFeatures(["siti", "brisque"], pool=POOLS, frames=4)
    found = step.fit_transform(paths)
    names = list(step.get_feature_names_out())
    assert names == [name for name in table.columns if parse_column(name)]
    np.testing.assert_array_equal(found, table[names].to_numpy())
    alone = vf.extract(paths[0], ["siti", "brisque"], pool=POOLS, frames=4)
    np.testing.assert_array_equal(alone.to_numpy(), found[0])
    undefined = alone[alone.isna()].index
    assert {name.rpartition(".")[2] for name in undefined} <= {"harmonic", "minkowski3", "harmonic@time"}
    told = "; ".join(alone.attrs["warnings"])
    assert "no harmonic of" in told
    assert table["warnings"].iloc[0] == told


@pytest.mark.parametrize("suffix", [".csv", ".mat"])
def test_pools_are_written_read_and_repeated(
    clips: tuple[Path, pd.Series], tmp_path: Path, suffix: str
) -> None:
    folder, _ = clips
    first, again = tmp_path / f"first{suffix}", tmp_path / f"again{suffix}"
    clip = folder / "clip03.mp4"
    asked = ["--pool", ",".join(POOLS), "--store", tmp_path / "store.sqlite"]
    for output, options in [(first, asked), (again, ["--settings", first])]:
        done = run_here("extract", clip, "-e", "siti", "-o", output, *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    names = [f"siti.{feature}.{pool}" for pool in POOLS for feature in ("si", "ti")]
    table = read_table(first)
    assert [name for name in table.columns if name.startswith("siti.")] == names
    assert read_table(again)[names].to_numpy().tolist() == table[names].to_numpy().tolist()
    assert table[names].astype(float).notna().all(axis=None)


def test_an_undefined_power_mean_is_told_from_a_store_too(tmp_path: Path) -> None:
    told = []
    for number in range(2):
        output = tmp_path / f"table{number}.csv"
        done = run_here(
            *("extract", NEGATIVE, "-e", "brisque", "-o", output, "--pool", "harmonic", "--frames", "2"),
            *("--store", tmp_path / "store.sqlite"),
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        assert "brisque: no value in some columns of 1 video(s)" in done.stderr
        told.append(read_table(output)["warnings"].iloc[0])
    assert told[0] == told[1]
    assert "brisque: no harmonic of" in told[0]


@pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
def test_a_model_with_timed_pools_predicts_from_videos(clips: tuple[Path, pd.Series]) -> None:
    folder, mos = clips
    pools = ["lowest0_08s", "minkowski2", "hysteresis", "p2_5", "mean@time"]
    table = vf.extract_many([folder], "siti", pool=pools)
    model = vf.QualityModel("ridge").fit(table, mos)
    assert list(model.card_.sources[0].settings["pool"]) == pools
    found = model.predict_videos([folder / "clip04.mp4"])["mos"]
    assert abs(found.iloc[0] - model.predict(table)["clip04"]) < 1e-9
