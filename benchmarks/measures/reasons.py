"""Why columns change under changes of a video that do no harm."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why columns drift more than `own_measures.BOUND` under a change.

    Attributes
    ----------
    columns : str
        Regular expression of the columns.
    change : str
        A name of `own_measures.CHANGES`.
    text : str
        The reason, a sentence for the page.
    """

    columns: str
    change: str
    text: str


REASONS = (
    Reason(
        r"basics\.(duplicate|frozen)\.",
        "dither by 1 code",
        "Dither changes every frame by 0.9 codes in the mean: no frame repeats another any more.",
    ),
    Reason(
        r"timing\.",
        "dither by 1 code",
        "Repeats and freezes of three clips are no repeats any more.",
    ),
    Reason(
        r"(cambi\.score|basics\.step_density)\.",
        "dither by 1 code",
        "Dither is what removes bands: their edges are hidden.",
    ),
    Reason(
        r"temporal-noise\.",
        "dither by 1 code",
        "The dither is temporal noise of 0.82 codes, and the clips have 0.2 to 1 codes of it.",
    ),
    Reason(
        r"temporal-noise\.still_share\.",
        "crop by 2 pixels",
        "Blocks of 16 pixels lie elsewhere, and are counted or not.",
    ),
    Reason(
        r"basics\.noise_",
        "dither by 1 code",
        "The dither is noise of 0.82 codes, which adds to the noise of about 1 code of the clips.",
    ),
    Reason(
        r"temporal-nss\.\w+_(xt|yt)\.",
        "crop by 2 pixels",
        "The three rows and columns of the slices lie elsewhere.",
    ),
    Reason(
        r"temporal-nss\.\w+_(xt|yt|haar4|haar8)\.",
        "one frame later",
        "Slices and bands begin one frame later.",
    ),
    Reason(
        r"(basics\.cut|flow\.cuts|temporal-nss\.cuts|shots\.(cuts|shot_length))",
        "one frame later",
        "One clip changes at its second frame, which counts as a cut, and is dropped with the first frame.",
    ),
    Reason(
        r"flow\.(?!.*_residual\.)",
        "dither by 1 code",
        "Dither hides faint texture: up to 0.4 more is undetermined, and in one clip 3 % is left.",
    ),
    Reason(
        r"flow\.(camera|curl|divergence|magnitude|object|order|motion_blur)",
        "crop by 2 pixels",
        "In one clip 93 % of the picture is undetermined, and the rest decides.",
    ),
    Reason(
        r"flow\.camera",
        "one frame later",
        "In one clip 93 % of the picture is undetermined, and the rest decides.",
    ),
    *(
        Reason(
            r"timing\.(judder|cadence)",
            change,
            "One repeat in one clip, seen or not, makes a cadence regular or not.",
        )
        for change in ("crop by 2 pixels", "one frame later")
    ),
    *(
        Reason(
            r"basics\.block",
            change,
            "A grid stands out of few clips, and there only just.",
        )
        for change in ("dither by 1 code", "crop by 2 pixels", "one frame later")
    ),
    *(
        Reason(
            r"interlace\.",
            change,
            "All clips are progressive: what is divided by is the least deviation, 2 % of the range.",
        )
        for change in ("dither by 1 code", "crop by 2 pixels")
    ),
    Reason(
        r"exposure\.clipped_",
        "dither by 1 code",
        "Of pixels at exactly the code of white or black, dither takes a third away from it.",
    ),
    *(
        Reason(
            r"flicker\.local_frequency",
            change,
            "The frequency of the one block that flickers most, 0 where none does.",
        )
        for change in ("dither by 1 code", "crop by 2 pixels", "one frame later")
    ),
    Reason(
        r"temporal-nss\.|flow\..*_residual\.",
        "dither by 1 code",
        "In compressed clips many differences of frames are exactly 0; dither is the only difference there.",
    ),
)
