"""Kernels of the optical flow against their definitions in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import uniform_filter

from vqa_features.extractors.handcrafted.flow import _blocks, _blur, _camera, _edges, _refine
from vqa_features.extractors.handcrafted.flow._camera import Camera, fit_camera

#: Sums of float32.
CLOSE = 2e-3


def picture(seed: int, height: int = 24, width: int = 30) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (height, width)).astype(np.float32)


def keys(t: np.ndarray) -> np.ndarray:
    """Keys' cubic with a = -1/2."""
    t = np.abs(t)
    return np.where(
        t <= 1, 1.5 * t**3 - 2.5 * t**2 + 1, np.where(t < 2, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2, 0)
    )


def compensated(before: np.ndarray, field: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Picture at the places a field points to, one vector per 2 x 2 pixels, and whether they are inside."""
    height, width = before.shape
    dense = field.repeat(2, axis=0).repeat(2, axis=1)
    y, x = np.mgrid[:height, :width] + dense[..., ::-1].transpose(2, 0, 1)
    each = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    taps = np.arange(-4, max(height, width) + 4)
    # the first pixel of a vector is clamped, and the others follow it: all are well outside there
    x, y = np.clip(x, -4, width + 2), np.clip(y, -4, height + 2)
    down, right = keys(y[..., None] - taps), keys(x[..., None] - taps)
    repeated = before[np.clip(taps, 0, height - 1)[:, None], np.clip(taps, 0, width - 1)[None, :]]
    moved = np.einsum("yxi,ij,yxj->yx", down, repeated, right)
    return moved, each.reshape(height // 2, 2, width // 2, 2).all(axis=(1, 3))


@pytest.mark.parametrize("size", [(24, 30), (2, 2), (16, 64), (26, 14)])
@pytest.mark.parametrize("longest", [0.9, 6, 300])
def test_compensation_is_keys_cubic_with_the_border_repeated(size: tuple[int, int], longest: float) -> None:
    before = picture(0, *size)
    field = np.random.default_rng(1).uniform(-longest, longest, (size[0] // 2, size[1] // 2, 2))
    field = field.astype(np.float32)
    moved, inside = np.zeros_like(before), np.zeros(field.shape[:2], bool)
    _refine.compensated(_refine.bordered(before), field, np.ones(inside.shape, bool), moved, inside)
    expected, within = compensated(before, field)
    assert (inside == within).all()
    whole = within.repeat(2, axis=0).repeat(2, axis=1)
    assert moved[whole] == pytest.approx(expected[whole], abs=CLOSE)
    near = (np.abs(field) < 2).all(axis=2).repeat(2, axis=0).repeat(2, axis=1)
    assert moved[near] == pytest.approx(expected[near], abs=CLOSE)
    assert (moved >= before.min() - 0.2 * np.ptp(before)).all()
    assert (moved <= before.max() + 0.2 * np.ptp(before)).all()


def test_a_vector_that_is_no_number_is_outside() -> None:
    before, field = picture(0), np.zeros((12, 15, 2), np.float32)
    field[3, 4] = np.nan, np.inf
    field[5, 6] = -np.inf, np.nan
    moved, inside = np.empty_like(before), np.empty((12, 15), bool)
    _refine.compensated(_refine.bordered(before), field, np.ones((12, 15), bool), moved, inside)
    assert np.isfinite(moved).all()
    assert (~inside == np.isnan(field).any(axis=2)).all()


def test_only_the_vectors_asked_for_are_compensated() -> None:
    before, field = picture(0), np.zeros((12, 15, 2), np.float32)
    where = np.random.default_rng(2).random((12, 15)) < 0.5
    moved, inside = np.full_like(before, -1), np.zeros(where.shape, bool)
    _refine.compensated(_refine.bordered(before), field, where, moved, inside)
    pixels = where.repeat(2, axis=0).repeat(2, axis=1)
    assert moved[pixels] == pytest.approx(before[pixels], abs=CLOSE)
    assert (moved[~pixels] == -1).all()
    assert (inside == where).all()


@pytest.mark.parametrize("correct", [False, True])
def test_certainty_is_the_smaller_eigenvalue_over_the_variance_of_the_difference(correct: bool) -> None:
    current, moved = picture(0), picture(0) * 0.9 + picture(1) * 0.1
    inside = np.random.default_rng(3).random((12, 15)) < 0.9
    field = np.zeros((12, 15, 2), np.float32)
    certainty, texture = _refine.certainty_of(current, moved, inside, field, correct=correct)

    g_y, g_x = np.gradient((current.astype(float) + moved) / 2)
    difference = current.astype(float) - moved
    inside = inside.repeat(2, axis=0).repeat(2, axis=1)
    inside[[0, -1]] = inside[:, [0, -1]] = False
    window = _refine.STEP_WINDOW if correct else _refine.WINDOW

    def mean(values: np.ndarray) -> np.ndarray:
        cells = (values * inside).reshape(12, 2, 15, 2).mean(axis=(1, 3))
        return uniform_filter(cells, window, mode="constant")

    n = mean(np.ones_like(g_x))
    xx, xy, yy, xr, yr, rr = (
        mean(a * b) / n - mean(a) * mean(b) / n**2
        for a, b in (
            (g_x, g_x),
            (g_x, g_y),
            (g_y, g_y),
            (g_x, difference),
            (g_y, difference),
            (difference, difference),
        )
    )
    left = rr + _refine.ROUNDING
    damping = _refine.DAMPING * left
    tensor = np.moveaxis(np.array([[xx, xy], [xy, yy]]), (0, 1), (2, 3))
    step = np.linalg.solve(tensor + damping[..., None, None] * np.eye(2), np.stack([xr, yr], 2)[..., None])[
        ..., 0
    ]
    length = np.hypot(*np.moveaxis(step, 2, 0))
    smaller, larger = np.moveaxis(np.linalg.eigvalsh(tensor), 2, 0)
    used = n > _refine.LEAST_INSIDE
    settled = length <= _refine.SETTLED
    assert (used & settled).any()
    clear = (np.abs(length - _refine.SETTLED) > CLOSE) & (np.abs(n - _refine.LEAST_INSIDE) > 1e-5)
    expected = np.where(used & settled, smaller / left, 0)
    np.testing.assert_allclose(certainty[clear], expected[clear], CLOSE, CLOSE)
    np.testing.assert_allclose(texture[clear], np.where(used, larger / left, 0)[clear], CLOSE, CLOSE)
    expected = step / np.maximum(length, _refine.LONGEST)[..., None] * _refine.LONGEST
    expected = np.where((used & correct)[..., None], expected, 0)
    np.testing.assert_allclose(field[clear], expected[clear], CLOSE, CLOSE)


def test_the_block_search_leaves_the_variance_of_the_difference() -> None:
    current, before = picture(0), picture(1)
    padded, variances = _blocks._padded(before, 6, 6, (4, 8))
    block = np.empty((4, 8), np.float32)
    variance = _blocks._block(current, 5, 7, block)
    assert variance == pytest.approx(current[5:9, 7:15].var(), rel=1e-4)
    left = np.empty((5, 7), np.float32)
    _blocks._left(padded, variances, block, variance, 3, 2, left)
    for k in range(5):
        for m in range(7):
            other = padded[3 + k : 7 + k, 2 + m : 10 + m]
            assert left[k, m] == pytest.approx((current[5:9, 7:15] - other).var(), rel=1e-3)


def test_the_least_value_of_the_block_search_is_found() -> None:
    values = picture(2, 9, 49)
    values[7, 48] = values[3, 20] = -1
    k, m = _blocks._place_of_least(values, np.empty(49, np.float32))
    assert (k, m) == (3, 20)


@pytest.mark.parametrize("shape", [(33, 60), (12, 12), (15, 21)])
def test_costs_of_the_shift_of_most_are_the_shares_of_variance_left(shape: tuple[int, int]) -> None:
    (height, width), reach, block = shape, 3, (8, 8)
    before, after = picture(0, *shape), picture(1, *shape)
    after[:8, :8] = 7  # flat: no part in it
    costs = _blocks._sum_of_costs(*_blocks._padded(before, reach, reach, block), after, block)
    expected = np.zeros((7, 7))
    for y in range(0, height - 7, 4):
        for x in range(0, width - 7, 4):
            here = after[y : y + 8, x : x + 8].astype(float)
            if here.var() < _blocks.FLAT:
                continue
            for k in range(7):
                for m in range(7):
                    top, left = y + k - reach, x + m - reach
                    other = before[max(top, 0) : top + 8, max(left, 0) : left + 8]
                    whole = top >= 0 and left >= 0 and other.shape == block
                    share = (here - other).var() / (here.var() + _blocks.FLAT) if whole else 1
                    expected[k, m] += min(share, 1)
    assert costs == pytest.approx(expected, rel=1e-3)


def test_energies_are_of_directional_differences() -> None:
    plane = picture(0, 32, 32)
    angle = 0.7
    motion = np.broadcast_to(np.float32([3 * np.cos(angle), 3 * np.sin(angle)]), (16, 16, 2)).copy()
    moving = np.ones((16, 16), bool)
    found = _blur._energies(plane, motion, moving)[:, 0]
    inner = plane.astype(float)
    g_x, g_y = (inner[1:-1, 2:] - inner[1:-1, :-2]) / 2, (inner[2:, 1:-1] - inner[:-2, 1:-1]) / 2
    xx = inner[1:-1, 2:] + inner[1:-1, :-2] - 2 * inner[1:-1, 1:-1]
    yy = inner[2:, 1:-1] + inner[:-2, 1:-1] - 2 * inner[1:-1, 1:-1]
    xy = (inner[:-2, :-2] + inner[2:, 2:] - inner[:-2, 2:] - inner[2:, :-2]) / 4
    for place, turn in ((0, angle), (2, angle + np.pi / 2)):
        c, s = np.cos(turn), np.sin(turn)
        assert found[place] == pytest.approx(np.square(c * g_x + s * g_y).sum(), rel=1e-4)
        second = c * c * xx + 2 * c * s * xy + s * s * yy
        assert found[place + 1] == pytest.approx(np.square(second).sum(), rel=1e-4)
    assert found[4] == 256


def test_a_field_gives_way_at_the_edge_of_an_object() -> None:
    ground, content = picture(0, 96, 128), picture(1, 40, 40)
    before, after = ground.copy(), ground.copy()
    before[20:60, 20:60], after[20:60, 40:80] = content, content
    field = np.zeros((48, 64, 2), np.float32)
    field[14:26, 24:36, 0] = -20  # what a search of patches finds of 10:30, 20:40
    halves = (each.reshape(48, 2, 64, 2).mean(axis=(1, 3)) for each in (before, after))
    found = _edges.sharpened(*halves, field)
    right = np.zeros((48, 64), bool)
    right[10:30, 20:40] = True
    assert (found[..., 0] == -20)[11:29, 21:39].mean() > 0.85
    assert (found[..., 0][~right] == 0).mean() > 0.97


@pytest.mark.parametrize("objects", [0, 0.2, 0.4])
def test_the_camera_is_what_most_vectors_agree_on(objects: float) -> None:
    c, s = 1.02 * np.cos(0.01), 1.02 * np.sin(0.01)
    camera = Camera(np.array([[c, -s], [s, c]]), np.array([3.0, -2.0]))
    x, y = np.arange(60) * 2.0 - 59, np.arange(40) * 2.0 - 39
    motion = camera.motion(x, y)
    part = int(objects * 60)
    motion[:, :part] += np.float32([9, 4])
    found = fit_camera(motion, x, y, np.ones((40, 60), bool))
    assert (found.zoom, found.rotation) == pytest.approx((0.02, 0.01), abs=1e-4)
    assert found.shift == pytest.approx([3, -2], abs=5e-3)


def test_the_motion_of_a_camera_is_of_what_is_now_at_a_place() -> None:
    camera = Camera(np.array([[1.1, 0.05], [-0.02, 0.95]]), np.array([4.0, 1.0]))
    was = np.array([7.0, -3.0])
    now = camera.linear @ was + camera.shift
    moved = camera.motion(now[:1], now[1:])[0, 0]
    assert moved == pytest.approx(now - was, abs=1e-5)


def test_maps_through_three_places_have_their_values_there() -> None:
    places, values = np.random.default_rng(0).uniform(-1, 1, (2, 2, 5, 3))
    places[:, 4, 2] = places[:, 4, 1]
    found = _camera._through(places, values)
    for n in range(4):
        assert found[n] @ np.stack([np.ones(3), *places[:, n]]) == pytest.approx(values[:, n])
    assert np.isfinite(found).all()
