"""Kinds of videos whose single frames are known: light, detail, noise, blocks, bands, bars, colour."""

from __future__ import annotations

import analytic
import numpy as np

from .truth import Condition, Kind, Made, Truth, kinds

#: Frames of a video; each frame is measured alone, so that two are enough to see that they agree.
FRAMES = 2
#: Relative error of a deviation estimated from N samples is about 1 / sqrt(2 N); 4 of them are allowed.
SIGMAS = 4


def constant(c: Condition) -> Made:
    """One code everywhere"""
    code = np.rint(c.mean)
    truths = {
        "basics.brightness.mean": code,
        "basics.contrast.mean": 0,
        "basics.entropy.mean": 0,
        "basics.saturation.mean": 0,
        "basics.laplacian_var.mean": 0,
        "basics.noise_immerkaer.mean": 0,
        "basics.noise_wavelet.mean": 0,
        "basics.blockiness.mean": 1,
        "siti.si.mean": 0,
        "siti.ti.max": 0,
        "cambi.score.mean": 0,
        "dct-energy.E.mean": 0,
        "dct-energy.h.mean": 0,
        "dct-energy.L.mean": (128 * code) ** 0.5,
        "colorfulness.colorfulness.mean": 0,
        "exposure.dynamic_range.mean": 0,
        "exposure.luma_p50.mean": code,
        "exposure.saturation_mean.mean": 0,
        "exposure.gray_share.mean": 1,
        "exposure.hue.mean": np.nan,
    }
    video = analytic.still(analytic.constant(c.size, code), FRAMES)
    signal = code / 255 if c.full else (code - 16) / 219
    light = [  # of BT.1886; RGB of 8 bits is right to half a code
        Truth(f"exposure.{column}.mean", signal**2.4, 2.4 * signal**1.4 * 0.6 / 255)
        for column in ("luminance", "log_average")
    ]
    return Made(video, [*light, *(Truth(column, float(value), 1e-6) for column, value in truths.items())])


def flat_codes(c: Condition) -> Made:
    """Flat frames of the codes 0 to 255 in turn, every third code"""
    video = np.array([analytic.constant((48, 64), code) for code in range(0, 256, 3)])
    truths = [Truth("basics.noise_wavelet.max", 0, 1e-6), Truth("basics.noise_immerkaer.max", 0, 1e-6)]
    return Made(video, [*truths, Truth("basics.entropy.max", 0, 0)])


def grating(c: Condition) -> Made:
    """A vertical grating of 16 pixels"""
    amplitude, k = c.deviation, 2 * np.pi / 16
    waves = np.cos(k * np.arange(16))
    bends = float(np.var(2 * (1 - np.cos(k)) * amplitude * waves))
    edges = 8 * amplitude * np.sin(k) * np.std(np.abs(np.sin(k * np.arange(16))))
    video = analytic.still(analytic.sinusoid(c.size, 16, amplitude, c.mean), FRAMES)
    rounding = 4 * c.rounding**0.5  # rounding to codes is no noise here: it repeats along each column
    return Made(
        video,
        [
            Truth("basics.brightness.mean", c.mean, 0.1),
            Truth("basics.contrast.mean", amplitude * float(waves.std()), 0.2),
            Truth("basics.laplacian_var.mean", bends, rounding),
            Truth("siti.si.mean", float(edges), rounding),
        ],
    )


def white_noise(c: Condition, sigma: float) -> Made:
    """White noise of sigma {0} on a flat frame, new in each frame"""
    video = analytic.with_noise(analytic.still(analytic.constant(c.size, c.mean), FRAMES), sigma)
    seen = (sigma**2 + c.rounding) ** 0.5
    relative = SIGMAS / (2 * video[0].size) ** 0.5
    return Made(
        video,
        [
            Truth("basics.contrast.mean", seen, seen * relative),
            Truth("basics.noise_immerkaer.mean", seen, seen * 2 * relative),
            Truth("basics.noise_wavelet.mean", seen, seen * 4 * relative),
            Truth("basics.laplacian_var.mean", 20 * seen**2, 20 * seen**2 * 6 * relative),
            Truth("basics.blockiness.mean", 1, 0.05),
            Truth("siti.ti.mean", seen * 2**0.5, seen * 2 * relative),
            Truth("cambi.score.mean", 0, 0.01),
        ],
    )


def noise_on_texture(c: Condition, sigma: float) -> Made:
    """White noise of sigma {0} on a texture of waves from 16 pixels"""
    texture = c.texture(periods=(16, 80)).seen(c.size)
    video = analytic.with_noise(analytic.still(texture, FRAMES), sigma)
    seen = (sigma**2 + c.rounding) ** 0.5
    return Made(
        video,
        [
            Truth("basics.noise_immerkaer.mean", seen, 0.1 * seen),
            Truth("basics.noise_wavelet.mean", seen, 0.1 * seen),
            Truth("siti.ti.mean", seen * 2**0.5, 0.05 * seen),
        ],
    )


def soft_texture(c: Condition) -> Made:
    """A texture without noise, waves from 16 pixels"""
    video = analytic.still(c.texture(periods=(16, 80)).seen(c.size), FRAMES)
    return Made(
        video,
        [
            Truth("basics.noise_immerkaer.mean", c.rounding**0.5, 0.2),
            Truth("basics.noise_wavelet.mean", c.rounding**0.5, 0.2),
            Truth("basics.blockiness.mean", 1, 0.1),
        ],
    )


def fine_texture(c: Condition) -> Made:
    """A texture without noise, waves of 2.5 to 8 pixels"""
    video = analytic.still(c.texture(periods=(2.5, 8)).seen(c.size), FRAMES)
    limit = "fine texture is not told from noise in a single frame; temporal-noise tells it"
    estimates = ("basics.noise_immerkaer.mean", "basics.noise_wavelet.mean")
    return Made(
        video,
        [
            *(Truth(column, c.rounding**0.5, 0.2, limit) for column in estimates),
            Truth("temporal-noise.sigma.max", 0, 1e-6),
        ],
    )


def blocks(c: Condition, step: float, side: float, phase: tuple[int, int]) -> Made:
    """Borders of {0} codes between blocks of {1:.4g} pixels on a flat frame, first at row and column {2}"""
    picture = analytic.blocky(analytic.constant(c.size, c.mean), step, side, phase)
    return Made(
        analytic.still(picture, FRAMES),
        [
            Truth("basics.blockiness.mean", 1 + step, 0.01),
            Truth("basics.block_size.mean", side, 0.05),
            Truth("basics.block_phase_x.mean", phase[1], 0.5),
            Truth("basics.block_phase_y.mean", phase[0], 0.5),
        ],
    )


def clipped(c: Condition) -> Made:
    """A texture of which a quarter of the columns is black and an eighth is white"""
    black, white = (0, 255) if c.full else (16, 235)
    picture = c.texture().seen(c.size)
    picture[:, : c.size[1] // 4], picture[:, -(c.size[1] // 8) :] = black, white
    return Made(
        analytic.still(picture, FRAMES),
        [
            Truth("exposure.clipped_black.mean", 1 / 4, 1e-3),
            Truth("exposure.clipped_white.mean", 1 / 8, 1e-3),
            Truth("exposure.clipped_black_g.mean", 1 / 4, 1e-3),
            Truth("exposure.clipped_white_r.mean", 1 / 8, 1e-3),
            Truth("basics.dark_share.mean", 1 / 4, 0.01),
            Truth("basics.bright_share.mean", 1 / 8, 0.01),
        ],
    )


def smooth_ramp(c: Condition) -> Made:
    """A ramp over the codes 16 to 235"""
    video = analytic.still(analytic.ramp(c.size, 16, 235), FRAMES)
    shares = np.bincount(
        np.floor(analytic.as_codes(video[0], c.bits) / 2.0 ** (c.bits - 8)).astype(int).ravel()
    )
    shares = shares[shares > 0] / shares.sum()
    return Made(
        video,
        [
            Truth("basics.brightness.mean", 125.5, 0.05),
            Truth("exposure.luma_p10.mean", 16 + 0.1 * 219, 1),
            Truth("exposure.luma_p50.mean", 16 + 0.5 * 219, 1),
            Truth("exposure.luma_p90.mean", 16 + 0.9 * 219, 1),
            Truth("basics.contrast.mean", 219 / 12**0.5 * (1 + 1 / c.size[1]), 0.1),
            Truth("basics.entropy.mean", float(-(shares * np.log2(shares)).sum()), 1e-6),
            Truth("basics.blockiness.mean", 1, 0.1),
        ],
    )


def bars(c: Condition, sigma: float) -> Made:
    """Black bars over a quarter of the rows with noise of sigma {0}"""
    black = 0 if c.full else 16
    height = c.size[0] // 8
    video = analytic.barred(c.scene(6), (height, height), black=black, sigma=sigma)
    return Made(
        video,
        [
            Truth("basics.letterbox.mean", 2 * height / c.size[0], 1 / c.size[0]),
            Truth("basics.pillarbox.mean", 0, 0),
        ],
    )


def inside_of_bars(c: Condition, sigma: float) -> Made:
    """A pan in black bars over a quarter of the rows with noise of sigma {0}, its active area measured"""
    height = c.size[0] // 8
    scene = c.scene(6)
    inside = scene[:, height:-height]
    return Made(
        analytic.barred(scene, (height, height), black=0 if c.full else 16, sigma=sigma),
        [
            Truth("basics.brightness.mean", float(inside.mean()), 0.3),
            Truth("basics.contrast.mean", float(inside.std(axis=(1, 2)).mean()), 0.3),
            Truth("basics.letterbox.mean", 0, 0),
            Truth("siti.ti.mean", float(np.diff(inside, axis=0).std(axis=(1, 2)).mean()), 0.1),
        ],
        options={"area": "active"},
    )


def pillars(c: Condition) -> Made:
    """Black pillars of an eighth of the columns on each side"""
    black, width = 0 if c.full else 16, c.size[1] // 8
    video = analytic.barred(c.scene(6), columns=(width, width), black=black)
    return Made(
        video,
        [
            Truth("basics.pillarbox.mean", 2 * width / c.size[1], 1 / c.size[1]),
            Truth("basics.letterbox.mean", 0, 0),
        ],
    )


def flat_colour(c: Condition) -> Made:
    """One colour everywhere: U 20 codes above and V 20 below gray, RGB by BT.601"""
    gain, span = (1.0, 1.0) if c.full else (255 / 219, 255 / 224)
    u, v = 20 * span, -20 * span
    y = (np.rint(c.mean) - (0 if c.full else 16)) * gain
    red, green, blue = y + 1.402 * v, y - 0.344136 * u - 0.714136 * v, y + 1.772 * u
    video = analytic.still(analytic.constant(c.size, np.rint(c.mean)), FRAMES)
    colour = (red - (green + blue) / 2 + 1j * (green - blue) * 3**0.5 / 2) / 255
    return Made(
        video,
        [
            Truth("exposure.hue.mean", float(np.degrees(np.angle(colour)) % 360), 2),
            Truth("exposure.hue_x.mean", float(colour.real), 0.01),
            Truth("exposure.hue_y.mean", float(colour.imag), 0.01),
            Truth("exposure.saturation_mean.mean", float(abs(colour)), 0.01),
            Truth("exposure.saturation_std.mean", 0, 1e-6),
            Truth("exposure.hue_concentration.mean", 1, 1e-6),
            Truth("exposure.gray_share.mean", 0, 0),
            Truth("basics.saturation.mean", max(red, green, blue) - min(red, green, blue), 1.5),
            Truth("colorfulness.rg_mean.mean", red - green, 1.5),
            Truth("colorfulness.yb_mean.mean", (red + green) / 2 - blue, 1.5),
            Truth("colorfulness.rg_std.mean", 0, 1e-6),
        ],
        chroma=(148, 108),
    )


def dct_wave(c: Condition, index: int) -> Made:
    """The cosine of index {0} of the DCT of 32, along the rows"""
    height, width = (n // 32 * 32 for n in c.size)
    wave = np.cos(np.pi * index * (2 * np.arange(width) + 1) / 64)
    video = analytic.still(np.tile(c.mean + c.deviation * wave, (height, 1)), FRAMES)
    weight = int(255 * np.exp(-abs(((index + 1) / 1024) ** 2 - 1))) / 256
    energy = weight * 4 * c.deviation * 32 / 2**0.5 / 90
    return Made(
        video,
        [
            Truth("dct-energy.middle_share.mean", float(8 <= index < 16), 0.02),
            Truth("dct-energy.high_share.mean", float(index >= 16), 0.02),
            Truth("dct-energy.E.mean", energy, 0.15 * energy),
        ],
    )


KINDS: tuple[Kind, ...] = (
    *kinds(dct_wave, 4, 12, 24),
    *kinds(constant),
    *kinds(flat_codes),
    *kinds(grating),
    *kinds(white_noise, 1, 4, 10),
    *kinds(noise_on_texture, 1, 4, 10),
    *kinds(soft_texture),
    *kinds(fine_texture),
    Kind(blocks, (6, 8, (0, 0))),
    Kind(blocks, (2, 8, (0, 0))),
    Kind(blocks, (6, 8, (3, 5))),
    Kind(blocks, (6, 16, (0, 0))),
    Kind(blocks, (6, 32 / 3, (0, 0))),
    *kinds(clipped),
    *kinds(smooth_ramp),
    *kinds(bars, 0, 2),
    *kinds(inside_of_bars, 0, 2),
    *kinds(pillars),
    *kinds(flat_colour),
)
