"""The sections of the gallery: a clip, its damage, the maps and the columns of each group."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import maps
from .maps import Panel

_PICTURE = Panel("frame", maps.picture)


@dataclass(frozen=True)
class Section:
    """What one or more groups of extractors are shown by.

    Attributes
    ----------
    groups : tuple of str
        Groups of ``vqa-features list``.
    clip : str
        Name of a bundled clip.
    ladder, strength : str, float
        The damage: a ladder of `vqa_features.distortion` and its strength.
    damage : str
        The damage in words.
    panels : tuple of Panel
        Columns of the figure.
    columns : tuple of str
        ``<extractor>.<feature>``, means over the clip.
    networks : tuple of str
        Networks whose vectors are compared, for each of `numbers.DAMAGES`.
    at : int
        Number of the frame that is shown.
    frames : int, optional
        Frames of which values are means, where a method is slow.
    """

    groups: tuple[str, ...]
    clip: str
    ladder: str
    strength: float
    damage: str
    panels: tuple[Panel, ...]
    columns: tuple[str, ...] = ()
    networks: tuple[str, ...] = field(default=())
    at: int = 20
    frames: int | None = None

    @property
    def name(self) -> str:
        """Name of the section's markers and of its figure."""
        return self.groups[0]


SECTIONS = (
    Section(
        ("artefact",),
        "city_towers",
        "h264",
        43,
        "H.264 at CRF 43",
        (
            _PICTURE,
            Panel("PIQE: 0 idle, 1 active, 2 calm edge, 3 noise", maps.piqe_marks, "viridis", (0, 3)),
            Panel("steps between columns, codes", maps.steps, "magma"),
        ),
        (
            "piqe.score",
            "piqe.artefact_share",
            "basics.blockiness",
            "basics.blur",
            "basics.step_density",
            "cambi.score",
        ),
    ),
    Section(
        ("colour",),
        "bunny_tree",
        "brightness",
        48,
        "luma darker by 48 codes",
        (
            _PICTURE,
            Panel("distance from gray, codes", maps.opponent_distance, "magma"),
            Panel("luma, codes", maps.darkest, "cividis", (16, 235)),
        ),
        (
            "colorfulness.colorfulness",
            "exposure.luminance",
            "exposure.clipped_black",
            "exposure.clipped_white",
            "exposure.dynamic_range",
            "exposure.saturation_mean",
        ),
    ),
    Section(
        ("nss",),
        "city_skyscraper",
        "noise",
        8,
        "noise of 8 codes in luma",
        (
            _PICTURE,
            Panel("MSCN coefficients", maps.normalised, "gray", (-3, 3)),
            Panel("NIQE's distance of blocks", maps.block_distance, "magma"),
        ),
        (
            "brisque.score",
            "brisque.mscn_alpha_s1",
            "niqe.score",
            "gm-log.gm_1",
            "gm-log.log_1",
            "higrade-1.L_px_s1_sigma_mean",
        ),
    ),
    Section(
        ("sharpness",),
        "bunny_burrow",
        "blur",
        2,
        "Gaussian blur of 2 pixels",
        (
            _PICTURE,
            Panel("AC energy of blocks, log10", maps.dct_energy, "viridis"),
            Panel("share of high frequencies", maps.high_share, "magma"),
        ),
        tuple(f"dct-energy.{name}" for name in ("E", "h", "L", "middle_share", "high_share")),
    ),
    Section(
        ("motion",),
        "bikes_bicycle",
        "noise",
        4,
        "noise of 4 codes in luma",
        (
            _PICTURE,
            Panel("motion, pixels per frame", maps.motion_length, "viridis", (0, 3)),
            Panel("left after compensation, codes", maps.residual, "magma", (0, 30)),
        ),
        (
            "flow.magnitude_mean",
            "flow.undetermined_share",
            "flow.camera_x",
            "flow.object_share",
            "flow.residual_rms",
            "flow.mscn_alpha_residual",
        ),
    ),
    Section(
        ("temporal",),
        "bikes_bicycle",
        "flicker",
        16,
        "luma up and down by 16 codes",
        (
            _PICTURE,
            Panel("middle line over time, downwards", maps.slice_of_time, "gray", (16, 235)),
            Panel("difference from the frame before, codes", maps.difference, "RdBu_r", (-40, 40)),
        ),
        (
            "siti.si",
            "siti.ti",
            "flicker.global_amplitude",
            "flicker.global_frequency",
            "temporal-noise.sigma",
            "v-bliinds.dc_change",
        ),
        at=21,
    ),
    Section(
        ("fusion",),
        "bikes_commuter",
        "scale",
        4,
        "scaled to a quarter and back",
        (
            _PICTURE,
            Panel("gradient magnitude", maps.gradient, "magma"),
            Panel("Laplacian of Gaussian", maps.bend, "RdBu_r"),
        ),
        (
            "videval.gm_log_gm_8_mean",
            "videval.gm_log_log_10_mean",
            "videval.higrade_lap_std_s2_mean",
            "videval.brisque_D1_alpha_s2_mean",
            "videval.friquee_luma_dog_std_mean",
        ),
    ),
    Section(
        ("cnn",),
        "bikes_square",
        "blur",
        3,
        "Gaussian blur of 3 pixels",
        (_PICTURE, Panel("what efficientnet-lite0 sees, 224 x 224", maps.seen_by("efficientnet-lite0"))),
        networks=("efficientnet-lite0",),
    ),
    Section(
        ("3d-cnn",),
        "bikes_square",
        "blur",
        3,
        "Gaussian blur of 3 pixels",
        (
            _PICTURE,
            Panel("what r3d-18 sees, 112 x 112", maps.seen_by("r3d-18")),
            Panel("what transnetv2 sees, 48 x 27", maps.seen_by("transnetv2")),
        ),
        networks=("transnetv2",),
    ),
    Section(
        ("quality-network",),
        "city_towers",
        "h264",
        43,
        "H.264 at CRF 43",
        (_PICTURE, Panel("fragments of fast-vqa-b, 224 x 224", maps.fragments)),
    ),
    Section(
        ("video-transformer", "video-foundation", "transformers"),
        "city_towers",
        "h264",
        43,
        "H.264 at CRF 43",
        (
            _PICTURE,
            Panel("what video-swin-t sees, 224 x 224", maps.seen_by("video-swin-t")),
            Panel("what internvideo2-s sees, 224 x 224", maps.seen_by("internvideo2-s")),
        ),
    ),
)
