"""Fragments, tiles and scales: which pixels a network sees, and what becomes of the vectors."""

from __future__ import annotations

import dataclasses
import json
import re
from importlib.resources import files

import numpy as np
import pytest
import torch

from vqa_features import extract, extract_frames
from vqa_features.batch.work_amounts import amounts
from vqa_features.cli.listing import description
from vqa_features.errors import ParameterError
from vqa_features.extractors.deep import _fragments, _session
from vqa_features.extractors.deep._preprocess import Preprocess
from vqa_features.extractors.deep._tiles import tile_grid, tile_places
from vqa_features.extractors.deep._views import Inputs, mini_patch
from vqa_features.registry import make, registry
from vqa_features.specs import VideoInfo
from vqa_features.testing import check_column_facts

SCENE = str(files("vqa_features.resources.demo") / "bikes_square.mp4")
WAYS = ("tensor", "float", "cv2", "mmcv", "pil")
SIDE = 64
#: Codes of a frame as they are: what a network sees can be compared with the frame's pixels.
CODES = {"mean": (0.0,) * 3, "std": (1 / 255,) * 3}
#: Of the features' standard deviation: batched matrix products sum in another order.
ANOTHER_ORDER = 1e-4
SQUARE = [
    name
    for name, cls in registry().items()
    if cls.family == "deep" and not name.endswith(":") and make(f"{name}@random").preprocess.side
]
_PREPROCESS = dataclasses.replace(registry()["r3d-18"].preprocess, resize=(70, 90), crop=SIDE)
SMALL = type("Small", (registry()["r3d-18"],), {"preprocess": _PREPROCESS})


def small(**changes):
    """R3D-18 with random weights, an input of 64 x 64, and clips of two frames."""
    return SMALL(**{"weights": "random", "clips": 1, "frames": 2, **changes})


def native(view, number, way="tensor"):
    """Inputs of 64 x 64 at native resolution, in codes."""
    return Inputs(Preprocess(None, SIDE, way=way, **CODES), view, number, SIDE)


def picture(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def codes(inputs):
    """Inputs as pictures of codes, (n, height, width, 3)."""
    return inputs.transpose(0, 2, 3, 1).round().astype(np.uint8)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("height", "width"), [(200, 300), (301, 97), (64, 500), (64, 64)])
def test_tiles_are_the_frames_own_pixels(way, height, width):
    frame = picture(height, width)
    tiles = codes(native("tiles", 9, way)(frame))
    places = tile_places(height, width, SIDE, 9)
    assert len(tiles) == len(places) == native("tiles", 9).count(height, width)
    for tile, (y, x) in zip(tiles, places, strict=True):
        assert np.array_equal(tile, frame[y : y + SIDE, x : x + SIDE])


@pytest.mark.parametrize("way", WAYS)
def test_fragments_are_the_frames_own_pixels_at_the_places_of_the_method(way):
    frame = picture(200, 300)
    (joined,) = codes(native("fragments", 1, way)(frame))
    places = _fragments.offsets(200, 300, 2, 32, 0)
    for row, column in np.ndindex(2, 2):
        y, x = places[row, column]
        seen = joined[32 * row : 32 * (row + 1), 32 * column : 32 * (column + 1)]
        assert np.array_equal(seen, frame[y : y + 32, x : x + 32])
        assert 100 * row <= y < 100 * (row + 1) - 32
        assert 150 * column <= x < 150 * (column + 1) - 32


def test_fragments_have_the_same_places_in_every_frame_and_others_in_every_draw():
    three = native("fragments", 3)
    draws = codes(three(picture(200, 300)))
    assert len({draw.tobytes() for draw in draws}) == 3
    assert np.array_equal(draws[:1], codes(native("fragments", 1)(picture(200, 300))))
    ramp = np.arange(200 * 300 * 3, dtype=np.uint32).reshape(200, 300, 3)
    moved = [codes(three((ramp // 7 + k).astype(np.uint8))) for k in (0, 1)]
    assert np.array_equal(moved[0] + np.uint8(1), moved[1])


@pytest.mark.parametrize("view", ["fragments", "tiles"])
@pytest.mark.parametrize("way", WAYS)
def test_a_picture_of_the_networks_size_is_its_own_input(view, way):
    frame = picture(SIDE, SIDE)
    assert np.array_equal(codes(native(view, 1, way)(frame)), frame[None])


@pytest.mark.parametrize("size", [(224, 224), (225, 448), (540, 960), (960, 540), (2160, 3840), (231, 1999)])
@pytest.mark.parametrize("most", [1, 2, 7, 9, 16, 1000])
def test_tiles_lie_evenly_and_cover_the_frame_where_they_may(size, most):
    rows, columns = tile_grid(*size, 224, most)
    assert 1 <= rows * columns <= most
    places = tile_places(*size, 224, most)
    assert (places >= 0).all()
    assert (places <= np.array(size) - 224).all()
    ends = np.array(size) - 224 - places
    assert np.abs(places - ends[::-1]).max() <= 1, "both ends are treated alike"
    covered = np.zeros(size, bool)
    for y, x in places:
        covered[y : y + 224, x : x + 224] = True
    enough = -(-size[0] // 224) * -(-size[1] // 224)
    assert covered.all() == (most >= enough)
    assert tile_grid(*size[::-1], 224, most) == (columns, rows), "portrait is landscape turned"


def test_one_tile_is_the_centre():
    assert tile_places(540, 960, 224, 1).tolist() == [[158, 368]]


@pytest.mark.parametrize("view", ["fragments", "tiles"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", [(1, 1), (40, 63), (63, 40), (50, 200), (63, 64)])
def test_a_picture_below_the_input_is_enlarged_to_it_in_the_networks_way(view, way, shape):
    frame = picture(*shape)
    resized = dataclasses.replace(native(view, 1, way).preprocess, resize=SIDE)
    whole = dataclasses.replace(resized, crop=None)(frame)[0]
    (found,) = native(view, 1, way)(frame)
    assert found.shape == (3, SIDE, SIDE)
    if max(whole.shape[1:]) == SIDE:
        np.testing.assert_array_equal(found, whole)
    else:
        assert {*np.unique(found)} <= {*np.unique(whole)}


def test_a_picture_below_the_input_is_said():
    found = extract_frames(picture(50, 70)[None], small(view="tiles"), fps=25.0)
    assert "pictures of 70x50 are smaller than the network's input of 64x64" in str(found.attrs["warnings"])
    larger = extract_frames(picture(64, 70)[None], small(view="tiles"), fps=25.0)
    assert "enlarged" not in str(larger.attrs["warnings"])


@pytest.mark.parametrize("name", SQUARE)
@pytest.mark.parametrize("view", ["tiles", "fragments", "resize,scales=600+700"])
def test_every_network_with_a_square_input_has_every_view(name, view):
    extractor = make(
        f"{name}@random[view={view},clips=1]" if "mm" not in name else f"{name}@random[view={view}]"
    )
    side = extractor.preprocess.side
    frame = picture(side + 50, 2 * side + 11)
    info = VideoInfo("made", frame.shape[1], frame.shape[0], 25.0, 10, 0.4)
    seen = [scale(frame) for scale in extractor.inputs]
    assert {part.shape[1:] for part in seen} == {(3, side, side)}
    assert extractor.clip_work(info) == sum(map(len, seen))
    assert make(extractor.label) == extractor
    assert side % mini_patch(side) == 0
    check_column_facts(extractor)


def test_the_recipes_own_scale_gives_the_recipes_own_inputs():
    frame = picture(300, 500)
    plain, scaled = make("resnet-50@random"), make("resnet-50@random[scales=256]")
    assert np.array_equal(plain.inputs[0](frame), scaled.inputs[0](frame))
    assert scaled.features[0].resolution == plain.features[0].resolution


def rows(frames, **changes):
    return extract_frames(frames, small(clips=2, **changes), fps=25.0, per_frame=True)


def test_tiles_are_run_each_and_pooled_over_the_frame():
    frames = np.stack([picture(SIDE, 170, k) for k in range(5)])
    whole = rows(frames, view="tiles", across="mean+std")
    x = tile_places(SIDE, 170, SIDE, 9)[:, 1]
    each = np.stack([rows(frames[:, :, k : k + SIDE], view="tiles").to_numpy() for k in x])
    want = np.hstack([each.mean(axis=0), each.std(axis=0)])
    np.testing.assert_allclose(whole, want, rtol=0, atol=ANOTHER_ORDER * want.std())
    assert whole.shape == (2, 1024)


def test_a_batch_counts_inputs_and_does_not_change_rows(monkeypatch):
    seen = []
    forward = _session.run
    monkeypatch.setattr(_session, "run", lambda n, clips, o: seen.append(len(clips)) or forward(n, clips, o))
    frames = np.stack([picture(2 * SIDE, 3 * SIDE, k) for k in range(5)])
    found = [rows(frames, view="tiles", batch=batch).to_numpy() for batch in (4, 64)]
    assert seen == [4, 2, 4, 2, 12]
    np.testing.assert_allclose(found[1], found[0], rtol=0, atol=ANOTHER_ORDER * found[0].std())


def test_the_columns_of_scales_follow_one_another():
    frames = np.stack([picture(80, 130, k) for k in range(5)])
    taps = {"view": "tiles", "tap": "layer1", "reduce": "mean+std"}
    both = rows(frames, scales=(64, 90), **taps)
    each = [rows(frames, scales=scale, **taps) for scale in (64, 90)]
    want = np.hstack(each)
    np.testing.assert_allclose(both, want, rtol=0, atol=ANOTHER_ORDER * want.std())
    assert not np.allclose(*each)


@pytest.mark.parametrize("view", ["resize", "fragments"])
def test_crops_are_ends_of_the_longer_side_or_draws_and_are_averaged(view):
    extractor = small(view=view, crops=3)
    frames = np.stack([picture(130, 400, k) for k in range(2)])
    (scale,) = extractor.inputs
    clips = np.stack([scale(frame) for frame in frames], axis=2)
    assert clips.shape == (3, 3, 2, SIDE, SIDE)
    with torch.inference_mode():
        want = extractor.load().embed(torch.from_numpy(clips)).mean(0).numpy()
    found = extract_frames(frames, extractor, fps=15.0)
    np.testing.assert_allclose(found, want, rtol=0, atol=ANOTHER_ORDER * want.std())


def test_real_video_has_other_values_in_every_view():
    views = [{}, {"view": "tiles"}, {"view": "fragments"}, {"scales": 128}, {"scales": 64}]
    extractors = [small(**view) for view in views]
    found = extract(SCENE, extractors, duration_s=0.5).to_numpy().reshape(len(views), -1)
    assert np.isfinite(found).all()
    assert len(np.unique(found.round(9), axis=0)) == len(views)
    assert np.array_equal(extract(SCENE, extractors[2], duration_s=0.5).to_numpy(), found[2])


def test_the_published_view_is_not_named_in_the_identity_and_others_are():
    plain = make("resnet-50@random").identity()["parameters"]
    assert not {"view", "tiles", "scales", "across"} & set(plain)
    other = make("resnet-50@random[view=tiles,tiles=4,scales=300,across=std]").identity()["parameters"]
    changed = {"view": "tiles", "tiles": 4, "scales": (300,), "across": ("std",)}
    assert other == {**plain, **changed}
    # a class with another default is told from one without
    cls = type("Fragmented", (registry()["r3d-18"],), {"view": "fragments", "__annotations__": {"view": str}})
    fragmented = dataclasses.dataclass(frozen=True)(cls)(weights="random")
    assert fragmented.label == "r3d-18@random"
    assert fragmented.identity()["parameters"]["view"] == "fragments"


def test_tiles_take_the_place_of_the_recipes_crops():
    tiles = make("uniformerv2-b@random[view=tiles]")
    assert tiles.crops == 1
    assert make("uniformerv2-b@random[view=tiles,crops=1]") == tiles
    assert make("uniformerv2-b@random[view=fragments]").crops == 3


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("transnetv2[view=tiles]", "a square input of one size, and this one sees 48x27; leave them out"),
        ("transnetv2[scales=48]", "a square input of one size"),
        ("resnet-50[view=tile]", "must be one of resize, fragments, tiles, got 'tile'"),
        ("resnet-50[tiles=4]", "tiles applies to view=tiles, so give view as well"),
        ("resnet-50[view=tiles,crops=3]", "view=tiles has no crops, got crops=3; give tiles instead"),
        ("resnet-50[view=tiles,tiles=0]", "tiles must be above zero, got 0"),
        ("resnet-50[crops=2]", "crops must be 1 or 3, got 2"),
        ("resnet-50[view=fragments,crops=0]", "crops must be above zero, got 0"),
        ("resnet-50[scales=223]", "scales must be 224, the side of the network's input, or more; got 223"),
        ("resnet-50[scales=448+448]", "scales must differ, got 448+448"),
        ("resnet-50[across=std]", "across=std needs several inputs of a frame: more crops, or view=tiles"),
        ("resnet-50[view=tiles,across=max]", "must be one of mean, std, got 'max'"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(label, sentence):
    with pytest.raises(ParameterError, match=re.escape(sentence)):
        make(label)


def test_an_input_that_no_mini_patch_fills_is_refused():
    body = {"preprocess": Preprocess(256, 223), "__module__": __name__}
    odd = type("Odd", (registry()["r3d-18"],), body)
    with pytest.raises(ParameterError, match="no mini-patch of 16 to 64 pixels divides its input of 223"):
        odd(weights="random", view="fragments")
    assert odd(weights="random", view="tiles").inputs[0].side == 223


def test_models_of_the_transformers_library_have_the_views(saved_models):
    frames = np.stack([picture(70, 100, k) for k in range(4)])
    for kind in ("dinov2", "videomae"):
        label = f"hf:{saved_models / kind}"
        whole = extract_frames(frames, f"{label}[view=tiles,tiles=6]", fps=4.0)
        places = tile_places(70, 100, 32, 6)
        assert len(places) == 6
        each = [
            extract_frames(frames[:, y : y + 32, x : x + 32], label, fps=4.0).to_numpy() for y, x in places
        ]
        np.testing.assert_allclose(whole, np.mean(each, axis=0), rtol=0, atol=ANOTHER_ORDER * np.std(each))
        assert make(f"{label}[view=fragments]").features[0].resolution == "full size, 1x1 fragments of 32x32"


def test_a_dry_run_and_a_deadline_count_the_inputs_of_each_picture_size():
    extractor = make("resnet-50@random[view=tiles,tiles=100]")
    small, large = (
        VideoInfo("made", width, height, 25.0, 50, 2.0) for width, height in ((448, 224), (1792, 896))
    )
    of_small, of_large = (amounts([extractor], one)[extractor.label] for one in (small, large))
    assert (of_small, of_large) == (2 * 2, 2 * 8 * 4)


def test_the_description_says_the_view_of_every_column():
    declared = description(make("resnet-50[view=tiles,scales=224+448,across=mean+std]"))
    values = {one["name"]: one["value"] for one in json.loads(json.dumps(declared))["parameters"]}
    assert (values["view"], values["tiles"], values["scales"]) == ("tiles", 9, [224, 448])
    seen = [declared["features"][k]["resolution"] for k in (0, 2048, 4096)]
    assert seen == [f"short side {scale}, at most 9 tiles of 224x224" for scale in (224, 224, 448)]
    assert "standard deviation over the inputs" in declared["features"][2048]["description"]
