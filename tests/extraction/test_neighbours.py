"""Pairs and clips of a sampled video: their frames are neighbours in the source, whatever is sampled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vqa_features as vf
from vqa_features.errors import ParameterError
from vqa_features.specs import Sampling
from vqa_features.video import Surroundings, Video
from vqa_features.video.sampling import select, with_neighbours

DEMO = Path(vf.__file__).parent / "resources/demo/bikes_square.mp4"
PAIRS = ["siti", "basics", "flow", "temporal-nss", "dct-energy", "temporal-noise", "interlace"]
SAMPLINGS = [
    {"fps": 2},
    {"every": 7, "offset": 3},
    {"every": "second"},
    {"frames": 4},
    {"fps": 3, "start_s": 0.5, "duration_s": 1.1},
]

sampling_options = st.one_of(
    st.builds(Sampling, every=st.integers(1, 9), offset=st.integers(0, 12)),
    st.builds(Sampling, fps=st.sampled_from([0.5, 1.0, 4.0, 30.0])),
    st.builds(Sampling, frames=st.integers(1, 12)),
    st.just(Sampling()),
)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 40), sampling_options, st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_the_frames_around_the_sampled_ones_are_given_once_and_in_order(
    count: int, sampling: Sampling, before: int, after: int, everything: bool
) -> None:
    frames = [(0.1 * number, number) for number in range(count)]
    chosen = [number for _, number in select(iter(frames), sampling, 0.1 * count)]
    wanted = {
        number
        for number in range(count)
        if everything or any(one - before <= number <= one + after for one in chosen)
    }
    given_frames = list(
        with_neighbours(iter(frames), sampling, 0.1 * count, Surroundings(before, after, everything))
    )
    assert [one.frame for one in given_frames] == sorted(wanted)
    assert [one.source for one in given_frames] == sorted(wanted)
    assert [one.frame for one in given_frames if one.sampled] == chosen


def per_frame(names: list[str], **sampling: object) -> pd.DataFrame:
    return vf.extract(DEMO, names, per_frame=True, **sampling)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="module")
def whole() -> pd.DataFrame:
    return per_frame(PAIRS)


@pytest.mark.parametrize("sampling", SAMPLINGS, ids=str)
def test_rows_of_pairs_are_those_of_the_whole_video(whole: pd.DataFrame, sampling: dict[str, object]) -> None:
    found = per_frame(PAIRS, **sampling)
    same = whole.loc[found.index]
    # windows end where the part does; slices fall on other frames
    start, end = (0.5, 1.6) if "start_s" in sampling else (0.0, 9.0)
    rows = (found.index > start + 8 / 25) & (found.index < end - 2 / 25)
    columns = [name for name in whole if not name.endswith(("_xt", "_yt"))]
    pd.testing.assert_frame_equal(found.loc[rows, columns], same.loc[rows, columns])
    assert rows.any()


def test_pairs_of_sampled_frames_have_their_own_name_and_the_values_of_those_frames() -> None:
    label = "siti[pairs=sampled]"
    with Video(DEMO, sampling=Sampling(every=6)) as video:
        planes = np.stack([frame.view("luma") for frame in video])
    expected = vf.extract_frames(planes, "siti", per_frame=True, fps=25)["siti.ti"]
    found = per_frame([label, "siti"], every=6)
    assert np.allclose(found[f"{label}.ti"], expected, equal_nan=True)
    assert found[f"{label}.ti"].mean() > 1.5 * found["siti.ti"].mean()
    assert (found[f"{label}.si"] == found["siti.si"]).all()


def test_every_frame_gives_both_kinds_of_pairs_the_same_values(whole: pd.DataFrame) -> None:
    sampled = per_frame([f"{name}[pairs=sampled]" for name in PAIRS])
    assert np.array_equal(sampled.to_numpy(), whole.to_numpy(), equal_nan=True)


@pytest.mark.parametrize("label", ["siti[pairs=other]", "r3d-18@random[pairs=both]"])
def test_other_kinds_of_pairs_are_refused(label: str) -> None:
    with pytest.raises(ParameterError, match=r"\[pairs\] must be one of adjacent, sampled"):
        vf.make(label)


@pytest.mark.needs("torch")
def test_clips_of_a_sampled_video_are_those_of_the_whole_video() -> None:
    label = "r3d-18@random[clips=2]"
    whole, thinned, brisque = (
        vf.extract(DEMO, label),
        vf.extract(DEMO, label, fps=2),
        vf.extract(DEMO, ["brisque", label], fps=2, per_frame=True),
    )
    pd.testing.assert_series_equal(whole, thinned)
    of_sampled = vf.extract(DEMO, "r3d-18@random[clips=2,pairs=sampled]", fps=2)
    assert not np.allclose(of_sampled, whole)
    assert brisque["brisque.score"].notna().sum() == len(per_frame(["brisque"], fps=2))


@pytest.mark.needs("torch")
def test_single_frames_of_an_image_network_are_sampled_ones() -> None:
    label = "resnet-50@random[fps=100]"
    assert len(per_frame([label], frames=3)) == 3


def test_rows_of_all_scopes_lie_at_their_frames() -> None:
    table = per_frame(["brisque", "siti"], every=7, offset=3)
    assert table.notna().all().all()
    assert np.allclose(table.index, [0.04 * (3 + 7 * k) for k in range(len(table))], atol=0.02)


def test_methods_of_a_whole_video_say_that_frames_are_left_out() -> None:
    row = vf.extract(DEMO, ["v-bliinds"], every=2)
    assert [text for text in row.attrs["warnings"] if "it was given" in text and "every frame" in text]
    assert vf.extract(DEMO, "siti", every=2).attrs["warnings"] == []


def test_one_frame_that_is_not_the_first_has_a_pair() -> None:
    row = vf.extract(DEMO, "siti", frames=1)
    assert row["siti.ti.mean"] > 0
