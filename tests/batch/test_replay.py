"""Settings that travel in a table choose what is computed, never files, and only by declared fields."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from vqa_features.batch.options import Extraction
from vqa_features.batch.replay import Replay
from vqa_features.errors import TableError
from vqa_features.specs import RawFormat, Sampling


def settings(**changes: Any) -> dict[str, Any]:
    sampling = Sampling(every=3, start_s=0.5, duration_s=2)
    made = Extraction.of(["siti", "brisque"], ["mean", "p10"], sampling, "rgb2gray")
    return {**made.settings(["clips"]), **changes}


def test_what_extract_wrote_is_read_back() -> None:
    raw = RawFormat(64, 48, "yuv420p", 25.0)
    made = Extraction.of("siti", raw=raw, sampling=Sampling(fps=2.5)).settings(["/somewhere/else"])
    found = Replay.of(made, "t.parquet")
    assert found == Replay(("siti",), ("mean",), Sampling(fps=2.5), "y", raw)
    assert Replay.of(settings(), "t").sampling == Sampling(every=3, start_s=0.5, duration_s=2)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"command": "compare"}, "was not made by extract"),
        ({"sampling": {"per_frame": "/etc/x.csv"}}, "sampling must have the fields"),
        ({"sampling": {"every": 1, "store": "s.sqlite"}}, "sampling must have the fields"),
        ({"sampling": {"dry_run": True}}, "sampling must have the fields"),
        ({"sampling": None}, "sampling must have the fields"),
        ({"sampling": {"fps": "5"}}, r"sampling\.fps must be a number, got '5'"),
        ({"sampling": {"fps": math.nan}}, r"sampling\.fps must be a number"),
        ({"sampling": {"frames": True}}, r"sampling\.frames must be a number"),
        ({"sampling": {"every": 2.5}}, r"sampling\.every must be a number"),
        ({"sampling": {"start_s": None}}, r"sampling\.start_s must be a number"),
        ({"sampling": {"every": 0}}, "cannot be replayed: .*every"),
        ({"sampling": {"fps": 1, "frames": 3}}, "cannot be replayed"),
        ({"extractors": "siti"}, "extractors must be a list of texts"),
        ({"extractors": [1]}, "extractors must be a list of texts"),
        ({"extractors": ["niqe[model=/tmp/m.mat]"]}, r"names the file '/tmp/m\.mat'"),
        ({"pool": ["mean", "nothing"]}, "unknown pool 'nothing'"),
        ({"pool": "mean"}, "pool must be a list of texts"),
        ({"luma": "z"}, "luma must be one of y, rgb2gray"),
        ({"area": "inner"}, "area must be one of full, active, got 'inner'"),
        ({"luma": "z" * 100_000}, "luma must be one of y, rgb2gray.*…"),
        ({"extractors": {"a\nb": "x" * 100_000}}, "extractors must be a list of texts"),
        ({"sampling": {"start_s": 10**400}}, "too large"),
        ({"raw": {"width": 64}}, "raw must have the fields"),
        (
            {"raw": {"width": "64", "height": 48, "pix_fmt": "gray", "fps": 25}},
            r"raw\.width has another type",
        ),
        ({"raw": {"width": 64, "height": 0, "pix_fmt": "gray", "fps": 25}}, "must be above 0"),
    ],
)
def test_settings_of_a_stranger_are_refused_in_one_sentence(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(TableError, match=told) as caught:
        Replay.of(settings(**changes), "t.parquet")
    assert "t.parquet" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.needs("torch", "transformers")
@pytest.mark.parametrize("folder", ["/tmp/model", "../model", "~/model", "a/b/c", r"a\b"])
def test_a_folder_of_a_model_is_a_path(folder: str) -> None:
    with pytest.raises(TableError, match="names the file"):
        Replay.of(settings(extractors=[f"hf:{folder}"]), "t.parquet")


@pytest.mark.needs("torch", "transformers")
def test_an_id_on_the_hub_is_no_path_unless_a_folder_here_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    named = settings(extractors=["hf:owner/model"])
    assert Replay.of(named, "t").extractors == ("hf:owner/model",)
    (tmp_path / "owner" / "model").mkdir(parents=True)
    with pytest.raises(TableError, match="names the file 'owner/model'"):
        Replay.of(named, "t")


VIDEO = {"path": "a.mp4", "id": "1", "sampling": {}}


@pytest.mark.parametrize(
    ("videos", "told"),
    [
        ("a.mp4", "a video must have path, id, sampling only"),
        ({"path": "a.mp4"}, "a video must have path, id, sampling only"),
        ([{**VIDEO, "output": "/etc/x"}], "a video must have path, id, sampling only"),
        ([{**VIDEO, "sampling": None}], "a video must have path, id, sampling only"),
        ([{**VIDEO, "sampling": {"fps": "5"}}], r"sampling\.fps must be a number"),
        ([{**VIDEO, "sampling": {"store": 1}}], "sampling must have the fields"),
        ([{**VIDEO, "path": ""}], "path and id of a video must be texts"),
        ([{**VIDEO, "id": 3}], "path and id of a video must be texts"),
    ],
)
def test_recorded_videos_of_a_stranger_are_refused_in_one_sentence(videos: object, told: str) -> None:
    with pytest.raises(TableError, match=told):
        Replay.of(settings(videos=videos), "t.parquet")
