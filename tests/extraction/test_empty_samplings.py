"""A sampling that chooses no frame is a failure, and one that chooses too few says what they lack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from commands import run_here
from PIL import Image
from small_videos import LOSSLESS_H264, encode, moving_planes

import vqa_features as vf
from vqa_features.errors import DecodeError

KIND = "no frames in range"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "clip.mp4"
    return encode(path, (moving_planes(k % 7) for k in range(30)), rate=25, options=LOSSLESS_H264)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(path)
    return path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"every": 10, "offset": 30},
            "gave 30 frames, and the offset 30 is beyond the last: give one below 30",
        ),
        ({"every": 3, "offset": 10, "start_s": 0.8}, "gave 10 frames from 0.8 s on, and the offset 10"),
        ({"every": 1, "offset": 5, "start_s": 0.4, "duration_s": 0.2}, "gave 5 frames from 0.4 s on"),
        ({"start_s": 2.0}, "has no frame from 2 s on"),
        ({"every": 5, "offset": 3, "start_s": 2.0}, "has no frame from 2 s on"),
    ],
)
def test_a_video_of_which_no_frame_is_sampled_is_refused(
    clip: Path, options: dict[str, float], said: str
) -> None:
    for label in ("siti", "v-bliinds"):
        with pytest.raises(DecodeError, match=said) as caught:
            vf.extract(clip, label, **options)  # type: ignore[call-overload]
        assert caught.value.kind == KIND


@pytest.mark.needs("torch")
@pytest.mark.parametrize(
    ("label", "options"),
    [
        ("mc3-18[weights=random]", {"every": 10, "offset": 30}),
        ("efficientnet-lite0[weights=random]", {"start_s": 2.0}),
    ],
)
def test_clips_of_a_network_are_refused_alike(clip: Path, label: str, options: dict[str, float]) -> None:
    with pytest.raises(DecodeError) as caught:
        vf.extract(clip, label, **options)  # type: ignore[call-overload]
    assert caught.value.kind == KIND


def test_the_last_frame_can_be_the_only_one(clip: Path) -> None:
    found = vf.extract(clip, "siti", every=10, offset=29)
    assert found.attrs["status"] == "ok"
    assert found.notna().all()


def test_a_picture_has_no_frame_but_its_first(picture: Path) -> None:
    with pytest.raises(
        DecodeError, match="gave 1 frame, and the offset 1 is beyond the last: give one below 1"
    ):
        vf.extract(picture, "niqe", every=2, offset=1)
    assert vf.extract(picture, "siti", every=2)["siti.si.mean"] > 0


def test_the_command_and_a_list_record_it_per_video(clip: Path, picture: Path, tmp_path: Path) -> None:
    done = run_here(
        "extract", clip, "-e", "siti", "--every", 10, "--offset", 95, "-o", "one.csv", cwd=tmp_path
    )
    assert done.returncode != 0
    rows = [f"a,{clip},7,0", f"b,{clip},7,40", f"c,{picture},7,0", f"d,{picture},7,2"]
    (tmp_path / "list.csv").write_text("\n".join(["id,path,every,offset", *rows]))
    done = run_here("extract", "list.csv", "-e", "siti", "-o", "table.csv", cwd=tmp_path)
    assert "no frames in range" in done.stderr
    table = vf.read_table(tmp_path / "table.csv")
    assert table["status"].tolist() == ["ok", f"failed({KIND})", "ok", f"failed({KIND})"]
    assert table["siti.si.mean"].notna().tolist() == [True, False, True, False]
    assert (
        table["error"]
        .iloc[1]
        .endswith("gave 30 frames, and the offset 40 is beyond the last: give one below 30")
    )


@pytest.mark.parametrize("options", [{"every": 100}, {"fps": 0.1}, {"frames": 1, "duration_s": 0.03}])
@pytest.mark.parametrize("name", ["siti", "flow", "basics", "temporal-nss"])
def test_one_frame_that_has_no_neighbour_says_what_it_lacks(
    clip: Path, name: str, options: dict[str, float]
) -> None:
    found = vf.extract(clip, name, **options)  # type: ignore[call-overload]
    (told,) = (text for text in found.attrs["warnings"] if text.startswith(name))
    lacking = int(found.isna().sum())
    assert told.startswith(f"{name}: no value in {lacking} of {len(found)} columns")
    assert told.endswith("it in the source, and no sampled frame has one before it")


def test_pairs_of_the_sample_lack_a_second_sampled_frame(clip: Path) -> None:
    (told,) = vf.extract(clip, "siti[pairs=sampled]", frames=1).attrs["warnings"]
    assert told.endswith("with 1 before it in the sample, and no sampled frame has one before it")
    assert vf.extract(clip, "siti", frames=1).attrs["warnings"] == []


def test_a_flat_video_of_one_frame_says_both() -> None:
    found = vf.extract_frames(np.full((1, 64, 64), 7, np.uint8), "flow", fps=25)
    assert found.attrs["warnings"][0].endswith("has one before it, and every picture is flat")
