"""What every deep extractor promises on real video, generated from the registry.

Networks are random and shallow and see small pictures (widths and recipes are the real ones), so
that each costs a second; the parity tests hold the full depth and size.
"""

from __future__ import annotations

import threading
from importlib.resources import files

import numpy as np
import pytest
import torch
from shallow_networks import DEEP, small

from vqa_features import extract, extract_frames
from vqa_features.errors import DecodeError, ParameterError
from vqa_features.extraction.engine import feed_all
from vqa_features.extractors.deep._networks.layers import Backbone
from vqa_features.extractors.deep._session import DeepSession
from vqa_features.frame import Frame
from vqa_features.picture import ArrayPicture
from vqa_features.registry import make
from vqa_features.specs import VideoInfo
from vqa_features.tables.columns import parse_column

SCENE = files("vqa_features.resources.demo") / "bikes_square.mp4"
#: Of the features' standard deviation: batched matrix products sum in another order.
ANOTHER_ORDER = 1e-4
#: Eight bits of mantissa: .9997 was the lowest correlation seen.
BFLOAT16 = 0.995


@pytest.mark.parametrize("name", DEEP)
def test_real_video_gives_finite_rows_twice_the_same(name):
    extractor = small(name)
    first = extract(str(SCENE), extractor, duration_s=1.0)
    assert len(first) == len(extractor.features)
    assert np.isfinite(first).all()
    assert first.std() > 0
    assert first.equals(extract(str(SCENE), extractor, duration_s=1.0))
    column = parse_column(first.index[0])
    assert column is not None
    assert (column.extractor, column.feature, column.pool) == (name, "e000", "mean")
    assert column.label.startswith(f"{name}@random"), "random weights are labelled wherever a column goes"
    assert "random" in extractor.warnings()[0]


@pytest.mark.parametrize("name", DEEP)
def test_clips_of_one_and_three_frames_and_odd_sizes_give_rows(name):
    rng = np.random.default_rng(0)
    for shape in ((1, 37, 53, 3), (3, 53, 37, 3)):
        found = extract_frames(rng.integers(0, 256, shape, dtype=np.uint8), small(name), fps=25.0)
        assert np.isfinite(found).all()


def one_clip_is_a_choice(name: str) -> bool:
    """Whether the recipe takes several clips (a network of single frames or the whole video does not)."""
    try:
        windows = small(name, clips=2).windows(60, 30.0)
    except ParameterError:
        return False
    return len(windows) == 2


@pytest.mark.parametrize("name", DEEP)
def test_batches_do_not_change_the_rows(name):
    frames = np.random.default_rng(1).integers(0, 256, (60, 40, 60, 3), dtype=np.uint8)
    changes = {"clips": 2} if one_clip_is_a_choice(name) else {}
    one, two = (small(name, batch=batch, **changes) for batch in (1, 2))
    rows = [extract_frames(frames, one, fps=30.0, per_frame=True).to_numpy() for one in (one, two)]
    assert len(rows[0]) >= 1
    np.testing.assert_allclose(rows[0], rows[1], rtol=0, atol=ANOTHER_ORDER * rows[0].std())


class Patient(Backbone):
    """A network that waits to be allowed to run."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = torch.nn.Parameter(torch.zeros(1))
        self.may_run = threading.Event()

    def features(self, x):
        assert self.may_run.wait(60)
        return x.mean((2, 3, 4))


def test_frames_are_taken_while_the_network_runs():
    network = Patient()
    session = DeepSession(small("efficientnet-lite0", batch=2), network)
    for level in range(3):
        assert session.push([[np.full((1, 3, 4, 4), level, np.float32)]]) is None
    network.may_run.set()
    rows = session.finish()
    assert rows is not None
    assert rows[:, 0].tolist() == [0, 1, 2]
    session.close()


def test_a_session_closed_early_ends_its_thread_and_releases_its_clips():
    network = Patient()
    session = DeepSession(small("efficientnet-lite0", batch=2), network)
    before = threading.active_count()
    for level in range(3):
        session.push([[np.full((1, 3, 4, 4), level, np.float32)]])
    assert threading.active_count() == before + 1
    network.may_run.set()
    session.close()
    assert threading.active_count() == before
    assert session.finish() is None


@pytest.mark.parametrize("name", ["r3d-18", "efficientnet-lite0"])
def test_a_video_that_fails_leaves_no_thread_behind(name):
    def frames():
        yield from (Frame(ArrayPicture(picture), k, k / 25, "rgb2gray") for k, picture in enumerate(pictures))
        raise DecodeError("the file ends here")

    pictures = np.random.default_rng(4).integers(0, 256, (16, 40, 60, 3), dtype=np.uint8)
    info = VideoInfo("<frames>", 60, 40, 25.0, 50, 2.0)
    before = threading.active_count()
    with pytest.raises(DecodeError, match="the file ends here"):
        feed_all(frames(), info, [small(name, batch=1)])
    assert threading.active_count() == before


def test_three_crops_are_averaged():
    frames = np.random.default_rng(2).integers(0, 256, (4, 30, 90, 3), dtype=np.uint8)
    extractor = small("uniformer-s", crops=3)
    network = extractor.load()
    crops = np.stack(
        [extractor.preprocess(frame, 3) for frame in frames[extractor.windows(4, 25.0)[0]]], axis=2
    )
    with torch.inference_mode():
        want = network.embed(torch.from_numpy(crops)).mean(0).numpy()
    found = extract_frames(frames, extractor, fps=25.0).to_numpy()
    np.testing.assert_allclose(found, want, rtol=0, atol=ANOTHER_ORDER * want.std())


@pytest.mark.parametrize("name", DEEP)
def test_bfloat16_is_near_and_enters_the_label(name):
    frames = np.random.default_rng(3).integers(0, 256, (4, 40, 60, 3), dtype=np.uint8)
    full, half = (small(name, precision=precision) for precision in ("fp32", "bf16"))
    assert "precision=bf16" in half.label
    assert "precision" not in full.label
    a, b = (extract_frames(frames, one, fps=25.0).to_numpy() for one in (full, half))
    assert np.corrcoef(a, b)[0, 1] > BFLOAT16
    assert not np.array_equal(a, b)


def test_precision_left_to_the_device_is_resolved_in_the_identity():
    device = "bf16" if torch.cuda.is_available() else "fp32"
    assert make("r3d-18@random[precision=auto]").identity()["parameters"]["precision"] == device


def test_a_device_that_is_not_there_is_said():
    with pytest.raises(ValueError, match="device"):
        make("r3d-18@random[device=cuda:99]").load()
    with pytest.raises(ValueError, match="must be auto, cpu or cuda:N"):
        make("r3d-18@random[device=toaster]").load()
