"""The analytic videos are what they say: their truth is checked by plain NumPy, without an extractor."""

from __future__ import annotations

from pathlib import Path

import analytic
import numpy as np
import pytest

from vqa_features.video import Video

SIZE = (48, 64)
TEXTURE = analytic.Texture()


def test_a_pan_by_whole_pixels_is_the_shifted_picture() -> None:
    first, second = analytic.pan(TEXTURE, SIZE, 2, (3, 2))
    assert np.allclose(second[2:, 3:], first[:-2, :-3])


def test_half_a_zoom_and_a_quarter_turn_leave_the_truth_at_known_pixels() -> None:
    square = (65, 65)
    first, turned = analytic.rotation(TEXTURE, square, 2, np.pi / 2)
    assert np.allclose(turned, np.rot90(first, -1))  # clockwise: from x towards y
    first, larger = analytic.zoom(TEXTURE, square, 2, 1)
    assert np.allclose(larger[::2, ::2], first[16:49, 16:49])


def test_texture_has_its_mean_and_deviation_and_blur_removes_short_waves() -> None:
    sharp = analytic.Texture(periods=(8, 8)).seen((512, 512))
    dull = analytic.Texture(periods=(8, 8), blur=2).seen((512, 512))
    assert (sharp.mean(), sharp.std()) == (pytest.approx(120, abs=1), pytest.approx(25, rel=0.1))
    assert dull.std() / sharp.std() == pytest.approx(np.exp(-((2 * np.pi / 8 * 2) ** 2) / 2))


def test_an_open_shutter_is_the_mean_over_its_path() -> None:
    blurred = analytic.pan(TEXTURE, SIZE, 1, (6, 2), shutter=0.5)[0]
    path = [(6 * t, 2 * t) for t in np.linspace(-0.25, 0.25, 201)]
    mean = np.mean([analytic.camera(TEXTURE, SIZE, [(*place, 1, 0)])[0] for place in path], axis=0)
    assert np.allclose(blurred, mean, atol=0.05)


def test_blocks_have_their_step_at_their_phase_and_nowhere_else() -> None:
    steps = np.abs(np.diff(analytic.blocky(analytic.constant(SIZE), 6, phase=(3, 5)), axis=1)).mean(axis=0)
    assert np.flatnonzero(steps).tolist() == list(range(4, 63, 8))
    assert set(steps) == {0, 6}


def test_flicker_has_its_frequency_and_amplitude() -> None:
    video = analytic.flickering(analytic.still(analytic.constant(SIZE), 50), 4, 5, 25, rows=24)
    spectrum = np.abs(np.fft.rfft(video[:, 7, 0] - 100)) / 25
    assert (spectrum.argmax() * 25 / 50, spectrum.max()) == (5, pytest.approx(4))
    assert np.abs(np.fft.rfft(video[0, :, 0] - 100)).argmax() * 24 == 48


def test_cadences_freezes_cuts_and_fades_fall_on_their_frames() -> None:
    video = np.arange(1.0, 11)[:, None, None] * np.ones((1, 2, 2))
    assert analytic.pulldown(video[:4], (3, 2))[:, 0, 0].tolist() == [1, 1, 1, 2, 2, 3, 3, 3, 4, 4]
    assert analytic.frozen(video, 2, 3)[:, 0, 0].tolist() == [1, 2, 3, 3, 3, 3, 7, 8, 9, 10]
    assert analytic.cut(video[:2], video[8:])[:, 0, 0].tolist() == [1, 2, 9, 10]
    assert analytic.fade(video, 4, 2, black=0)[3:7, 0, 0].tolist() == [4, 2.5, 0, 0]
    assert analytic.dissolve(video[:3], video[7:], 1)[:, 0, 0].tolist() == [1, 2, 5.5, 9, 10]
    assert analytic.flash(video, 3, 1)[2:5, 0, 0].tolist() == [3, 104, 5]
    assert analytic.flashing(video, 5, 20)[:5, 0, 0].tolist() == [101, 102, 3, 4, 105]
    assert analytic.combed(video, bottom_first=True)[0].tolist() == [[2, 2], [1, 1]]
    film = analytic.telecined(video[:4])[:, :, 0].tolist()
    assert film == [[1, 1], [2, 2], [2, 3], [3, 4], [4, 4]]
    assert analytic.combed(video)[0].tolist() == [[1, 1], [2, 2]]
    assert analytic.stalled_stamps(5, 1, 10) == [0, 1, 11, 12, 13]


@pytest.mark.parametrize("codec", ["ffv1", "libx264"])
@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True])
def test_files_hold_the_codes_and_say_their_range(tmp_path: Path, codec: str, bits: int, full: bool) -> None:
    video = analytic.limited(analytic.pan(TEXTURE, SIZE, 4, (0.5, 0)))
    stamps = analytic.stalled_stamps(4, 1, 5)
    path = tmp_path / ("video.mkv" if codec == "ffv1" else "video.mp4")
    analytic.write(path, video, 50, bits=bits, full=full, stamps=stamps, codec=codec)
    with Video(path) as opened:
        frames = list(opened)
        assert opened.info.color_range == ("full" if full else "limited")
    assert np.array_equal([frame.picture.luma_plane() for frame in frames], analytic.as_codes(video, bits))
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.02, 0.12, 0.14], abs=1e-3)
