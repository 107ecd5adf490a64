"""Videos of known truth: luma (t, h, w) float64 in 8-bit codes, by formulas, and files that hold them.

A function makes one kind of video. Its parameters are the truth, in the units of its docstring. Nothing
is rounded before `as_codes` or `write`: one video can be had with 8 and 10 bits, in limited and full range.
"""

from .files import as_codes, limited, write
from .motion import Texture, camera, moving_square, pan, rotation, zoom
from .pictures import barred, blocky, combed, constant, noise, ramp, sinusoid, staircase, telecined
from .timing import (
    cut,
    dissolve,
    duplicated,
    fade,
    flash,
    flashing,
    flickering,
    frozen,
    pulldown,
    stalled_stamps,
    still,
    with_noise,
)

__all__ = [
    "Texture",
    "as_codes",
    "barred",
    "blocky",
    "camera",
    "combed",
    "constant",
    "cut",
    "dissolve",
    "duplicated",
    "fade",
    "flash",
    "flashing",
    "flickering",
    "frozen",
    "limited",
    "moving_square",
    "noise",
    "pan",
    "pulldown",
    "ramp",
    "rotation",
    "sinusoid",
    "staircase",
    "stalled_stamps",
    "still",
    "telecined",
    "with_noise",
    "write",
    "zoom",
]
