"""Log-Gabor filters in the frequency domain.

D. J. Field, "Relations between the statistics of natural images and the response properties of
cortical cells", JOSA A 4(12), 1987; sampled as P. Kovesi's MATLAB functions do.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Filter = NDArray[np.float64]


@functools.lru_cache(maxsize=4)
def log_gabor_filters(
    shape: tuple[int, int],
    shortest: float,
    factor: float,
    bandwidth: float,
    spread: float,
    n_scales: int = 3,
    n_orientations: int = 4,
) -> tuple[tuple[Filter, ...], ...]:
    """Filters by scale and orientation, each `shape` float64 with frequency zero at the corner.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the image.
    shortest : float
        Wavelength of the first scale, in pixels.
    factor : float
        Wavelength of each further scale over that of the scale before it.
    bandwidth : float
        Deviation of the radial Gaussian over the centre frequency (0.55 is about two octaves).
    spread : float
        Angle between orientations over the deviation of the angular Gaussian.
    n_scales, n_orientations : int
        Number of filters in each direction of the result.
    """
    y, x = np.meshgrid(_frequencies(shape[0]), _frequencies(shape[1]), indexing="ij")
    radius, angle = np.hypot(x, y), np.arctan2(-y, x)
    radius[0, 0] = 1.0
    angular = []
    for k in range(n_orientations):
        distance = angle - k * np.pi / n_orientations
        distance = np.abs(np.arctan2(np.sin(distance), np.cos(distance)))
        angular.append(np.exp(-np.square(distance * n_orientations * spread / np.pi) / 2))
    filters = []
    for s in range(n_scales):
        log_distance = np.log(radius * shortest * factor**s)
        radial = np.exp(-np.square(log_distance / np.log(bandwidth)) / 2)
        radial[0, 0] = 0.0
        filters.append(tuple(radial * around for around in angular))
    return tuple(filters)


def _frequencies(n: int) -> Filter:
    """Frequencies of a discrete Fourier transform, in cycles per sample (over n - 1 where n is odd)."""
    return np.fft.ifftshift((np.arange(n) - n // 2) / (n - n % 2))
