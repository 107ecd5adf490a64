"""Errors of the measures of `flow` on pairs of frames whose motion is known, as a table in Markdown.

    python -m benchmarks.flow_truth

Textures are sums of plane waves. An affine motion of plane waves gives plane waves, and so does their mean
over a shutter time along a pan: frames are exact, without interpolation. Each error is the worst over 180p,
540p and 1080p, 8 and 10 bits, and three levels of light.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import vqa_features as vf

Values = NDArray[np.float64]

SIZES = ((180, 320), (540, 960), (1080, 1920))
#: Mean and standard deviation of luma in 8-bit codes: dark, medium, bright.
LIGHTS = ((40.0, 10.0), (120.0, 40.0), (200.0, 15.0))


@dataclass(frozen=True)
class Waves:
    """A texture of plane waves with directions at random.

    Parameters
    ----------
    shortest, longest : float
        Wavelengths in pixels; amplitudes are as the square root of the wavelength.
    mean, deviation : float
        Of the codes.
    seed : int
        Of the waves.
    """

    shortest: float = 6.0
    longest: float = 150.0
    mean: float = 120.0
    deviation: float = 40.0
    seed: int = 0
    count: int = field(default=150)

    def waves(self) -> tuple[Values, Values, Values]:
        """Return frequencies (n, 2) in cycles per pixel, phases and amplitudes."""
        rng = np.random.default_rng(self.seed)
        lengths = np.exp(rng.uniform(np.log(self.shortest), np.log(self.longest), self.count))
        angles, phases = rng.uniform(0, 2 * np.pi, (2, self.count))
        frequencies = np.stack([np.cos(angles), np.sin(angles)], axis=1) / lengths[:, None]
        return frequencies, phases, self.deviation * np.sqrt(2 * lengths / lengths.sum())

    def picture(
        self,
        height: int,
        width: int,
        linear: Any = ((1, 0), (0, 1)),
        shift: Any = (0, 0),
        shutter: Any = (0, 0),
    ) -> Values:
        """Return the texture after the motion ``linear @ q + shift`` of positions q from the centre.

        `shutter` is the way (x, y) in pixels that it goes while it is taken.
        """
        frequencies, phases, amplitudes = self.waves()
        frequencies = frequencies @ np.linalg.inv(np.asarray(linear, float))
        phases = phases - 2 * np.pi * frequencies @ np.asarray(shift, float)
        amplitudes = amplitudes * np.sinc(frequencies @ np.asarray(shutter, float))
        x = 2 * np.pi * np.outer(frequencies[:, 0], np.arange(width) - (width - 1) / 2)
        y = 2 * np.pi * np.outer(frequencies[:, 1], np.arange(height) - (height - 1) / 2) + phases[:, None]
        sine, cosine = amplitudes[:, None] * np.sin(y), amplitudes[:, None] * np.cos(y)
        return np.asarray(self.mean + sine.T @ np.cos(x) + cosine.T @ np.sin(x))


def turned(angle: float) -> Values:
    """Matrix of a turn by `angle` radians, clockwise on the screen."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])


def coded(picture: Values, bits: int = 8) -> NDArray[np.unsignedinteger[Any]]:
    """Round a picture in 8-bit code units to codes of `bits` bits."""
    scale = 2 ** (bits - 8)
    codes = np.clip(np.rint(picture * scale), 0, 256 * scale - 1)
    return codes.astype(np.uint8 if bits == 8 else np.uint16)


def measured(before: Values, after: Values, bits: int = 8, fps: float = 30.0) -> pd.Series:
    """Return the columns of `flow` of one pair, without prefix and pool."""
    row = vf.extract_frames([coded(before, bits), coded(after, bits)], "flow", fps=fps)
    return row.rename(lambda name: name.split(".")[1])


def with_square(
    ground: Values, texture: Values, at: tuple[int, int], shift: tuple[int, int]
) -> tuple[Values, Values]:
    """Return `ground` with a square cut from `texture`, before and after its motion by `shift` (x, y)."""
    side = len(texture)
    frames = ground.copy(), ground.copy()
    for frame, (x, y) in zip(frames, ((0, 0), shift), strict=True):
        frame[at[0] + y : at[0] + y + side, at[1] + x : at[1] + x + side] = texture
    return frames


def conditions() -> Iterator[tuple[int, int, Waves, int]]:
    """Yield height, width, texture and bits: every size, and every light and depth at the smallest."""
    for height, width in SIZES:
        for mean, deviation in LIGHTS if height == SIZES[0][0] else LIGHTS[1:2]:
            for bits in (8, 10):
                yield height, width, Waves(6 * max(height / 540, 0.5), mean=mean, deviation=deviation), bits


def worst(name: str, truth: Callable[[int, int], float], relative: bool, **motion: Any) -> str:
    """Return the largest error of a column over the conditions, signed, as text."""
    errors = []
    for height, width, waves, bits in conditions():
        given = {key: value(width) if callable(value) else value for key, value in motion.items()}
        row = measured(waves.picture(height, width), waves.picture(height, width, **given), bits)
        true = truth(height, width)
        errors.append((row[name] - true) / (true if relative else 1))
    found = max(errors, key=abs)
    return f"{100 * found:+.1f} %" if relative else f"{found:+.3f} px"


def camera_rows() -> Iterator[tuple[str, str, str]]:
    """Yield column, scene and error of pans, zooms and turns."""
    for pixels in (0.5, 1, 2.5, 8):
        yield (
            "camera_x",
            f"pan of {pixels} px",
            worst("camera_x", lambda *_, p=pixels: p, False, shift=(pixels, 0)),
        )
    for share in (0.1, 0.2, 1 / 3):
        error = worst("camera_x", lambda _, w, s=share: s * w, False, shift=lambda w, s=share: (s * w, 0))
        yield "camera_x", f"pan of {share:.0%} of the width", error
    for zoom in (0.005, 0.01, 0.02, 0.05, -0.02):
        error = worst("camera_zoom", lambda *_, z=zoom: z, True, linear=np.eye(2) * (1 + zoom))
        yield "camera_zoom", f"zoom of {zoom:+.1%}", error
    for angle in (0.005, 0.02, 0.05):
        error = worst("camera_rotation", lambda *_, a=angle: a, True, linear=turned(angle))
        yield "camera_rotation", f"turn of {angle} rad", error


def square_rows() -> Iterator[tuple[str, str, str]]:
    """Yield what is found at 540p of a square of 15 % and 35 % of the height, over texture and flat."""
    height, width = 540, 960
    for share in (0.15, 0.35):
        for speed in (8, 32, 96, 144):
            side = round(share * height)
            texture = Waves(seed=5).picture(side, side)
            area = side * side / (height * width)
            for ground, name in (
                (Waves().picture(height, width), "texture"),
                (np.full((height, width), 110.0), "flat"),
            ):
                row = measured(*with_square(ground, texture, (200, 300), (speed, 0)))
                truth = speed * area if name == "texture" else speed
                scene = f"square of {side} px at {speed} px over {name}"
                yield "magnitude_mean", scene, f"{row['magnitude_mean']:.2f}, true {truth:.2f}"


def still_rows() -> Iterator[tuple[str, str, str]]:
    """Yield what is read from still pictures with noise, and from equal ones."""
    rng = np.random.default_rng(1)
    for sigma in (0, 1, 2, 5):
        for name in ("texture", "flat"):
            height, width = 540, 960
            ground = Waves().picture(height, width) if name == "texture" else np.full((height, width), 100.0)
            row = measured(*(ground + sigma * rng.normal(size=ground.shape) for _ in range(2)))
            left = row.get("undetermined_share", np.nan)
            text = f"{row['magnitude_mean']:.3f} px, {left:.2f} undetermined, gain {row['residual_gain']:.2f}"
            yield "magnitude_mean", f"still {name}, noise of {sigma}", text


def size_rows() -> Iterator[tuple[str, str, str]]:
    """Yield the shares of one content at three sizes: a square of a third of the height that moves slowly."""
    for column in ("still_share", "object_share"):
        found = []
        for height in (270, 540, 1080):
            scale, side = height / 540, height // 3
            ground, texture = Waves(8 * scale).picture(height, height * 16 // 9), Waves(8 * scale, seed=5)
            pair = with_square(
                ground, texture.picture(side, side), (height // 3, height // 2), (round(4 * scale), 0)
            )
            found.append(measured(*pair)[column])
        yield column, "one content at 270p, 540p, 1080p", ", ".join(f"{value:.3f}" for value in found)


def blur_rows() -> Iterator[tuple[str, str, str]]:
    """Yield the blur along a pan of 20 px at 540p of a shutter that is open for a part of the time."""
    for part in (0, 0.25, 0.5, 1):
        waves, way = Waves(), (20 * part, 0)
        row = measured(
            waves.picture(540, 960, shutter=way), waves.picture(540, 960, shift=(20, 0), shutter=way)
        )
        both = (row.get(name, np.nan) for name in ("motion_blur", "motion_blur_share"))
        yield (
            "motion_blur, _share",
            f"shutter open for {part} of the time",
            ", ".join(f"{v:.2f}" for v in both),
        )


def main() -> None:
    print("| column | scene | found or worst error |\n|---|---|---|")
    for rows in (camera_rows, square_rows, still_rows, size_rows, blur_rows):
        for row in rows():
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
