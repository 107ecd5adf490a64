"""UniFormerV2's published weights, by variant; the first of each is the default."""

from __future__ import annotations

from vqa_features.specs import Checkpoint

_ZOO = "https://pjlab-gvm-data.oss-cn-shanghai.aliyuncs.com/uniformerv2"
_HUB = "https://huggingface.co/Andy1621/uniformerv2/resolve/main"
_MMACTION = "https://download.openmmlab.com/mmaction/v1.0/recognition/uniformerv2"
_LICENCE = "Apache-2.0 (licence file of the repository; its README says MIT)"
_B, _L, _L336 = (
    f"uniformerv2-{size}" for size in ("base-p16-res224", "large-p14-res224", "large-p14-res336")
)
#: Of the files of the authors' list that nobody mirrors.
_GONE = (
    "not verified: listed in OpenGVLab/UniFormerV2 722a434 (MODEL_ZOO.md); its server is reported to answer "
    "404 for every file (August 2026)"
)


def _zoo(tag: str, path: str) -> Checkpoint:
    return Checkpoint(tag, f"{_ZOO}/{path}.pyth", _LICENCE, layout="SlowFast, prefix backbone.", seen=_GONE)


def _mmaction(tag: str, path: str) -> Checkpoint:
    """A file of mmaction, whose name ends with the beginning of its SHA-256."""
    return Checkpoint(
        f"mmaction-{tag}",
        f"{_MMACTION}/{path}.pth",
        "Apache-2.0 (mmaction)",
        sha256=path.rpartition("-")[2],
        layout="mmaction",
        seen="seen in mmaction2 1.2.0 (configs/recognition/uniformerv2/metafile.yml)",
    )


def _own_folder(name: str, digest: str) -> str:
    return f"{name}/{name}_20230313-{digest}"


B = (
    Checkpoint(
        "kinetics400",
        f"{_HUB}/k400+k710_uniformerv2_b16_8x224.pyth",
        "MIT (the first author's hub page)",
        sha256="743da61c97f6281bd11ef1d364c2101698c8e89ff7722ee957378e36ef344005",
        size=458289355,
        layout="SlowFast, prefix backbone.",
        seen="seen in the demo of OpenGVLab/UniFormerV2's authors (Andy1621/uniformerv2); size from two "
        "public projects, digest from one",
    ),
    _zoo("kinetics710", "k710/k710_uniformerv2_b16_8x224"),
    _zoo("clip-kinetics400", "k400/k400_uniformerv2_b16_8x224"),
    _zoo("kinetics600", "k600/k600_k710_uniformerv2_b16_8x224"),
    _zoo("clip-kinetics600", "k600/k600_uniformerv2_b16_8x224"),
    _zoo("kinetics700", "k700/k700_k710_uniformerv2_b16_8x224"),
    _zoo("clip-kinetics700", "k700/k700_uniformerv2_b16_8x224"),
    _zoo("mit", "mitv1/mit_uniformerv2_b16_8x224"),
    _mmaction("kinetics710", f"{_B}_clip-pre_u8_kinetics710-rgb_20230612-63cdbad9"),
    _mmaction("kinetics400", _own_folder(f"{_B}_clip-kinetics710-pre_8xb32-u8_kinetics400-rgb", "75be0806")),
    _mmaction("clip-kinetics400", _own_folder(f"{_B}_clip_8xb32-u8_kinetics400-rgb", "e29fc968")),
    _mmaction("kinetics600", _own_folder(f"{_B}_clip-kinetics710-pre_8xb32-u8_kinetics600-rgb", "544f06f0")),
    _mmaction("kinetics700", _own_folder(f"{_B}_clip-kinetics710-pre_8xb32-u8_kinetics700-rgb", "69070837")),
    _mmaction("clip-kinetics700", _own_folder(f"{_B}_clip_8xb32-u8_kinetics700-rgb", "f02e48ad")),
    _mmaction("mit", _own_folder(f"{_B}_clip-kinetics710-kinetics-k400-pre_16xb32-u8_mitv1-rgb", "a6f4a567")),
)

L = (
    _mmaction("kinetics400", f"kinetics400/{_L}_clip-kinetics710-pre_u8_kinetics400-rgb_20221219-972ea063"),
    _mmaction("kinetics710", f"kinetics710/{_L}_clip-pre_u8_kinetics710-rgb_20230612-d002a407"),
    _mmaction(
        "kinetics400-f16", f"kinetics400/{_L}_clip-kinetics710-pre_u16_kinetics400-rgb_20221219-6dc86d05"
    ),
    _mmaction(
        "kinetics400-f32", f"kinetics400/{_L}_clip-kinetics710-pre_u32_kinetics400-rgb_20221219-56a46f64"
    ),
    _mmaction("kinetics600", f"kinetics600/{_L}_clip-kinetics710-pre_u8_kinetics600-rgb_20221219-cf88e4c2"),
    _mmaction("kinetics700", f"kinetics700/{_L}_clip-kinetics710-pre_u8_kinetics700-rgb_20221219-bfb9f401"),
    _mmaction(
        "mit",
        "mitv1/uniformerv2-large-p16-res224_clip-kinetics710-kinetics-k400-pre_u8_mitv1-rgb_20221219-882c0598",
    ),
    _zoo("kinetics400", "k400/k400_k710_uniformerv2_l14_8x224"),
    _zoo("kinetics710", "k710/k710_uniformerv2_l14_8x224"),
    _zoo("kinetics400-f16", "k400/k400_k710_uniformerv2_l14_16x224"),
    _zoo("kinetics400-f32", "k400/k400_k710_uniformerv2_l14_32x224"),
    _zoo("kinetics600", "k600/k600_k710_uniformerv2_l14_8x224"),
    _zoo("kinetics700", "k700/k700_k710_uniformerv2_l14_8x224"),
    _zoo("mit", "mitv1/mit_uniformerv2_l14_8x224"),
)

L336 = (
    _mmaction("kinetics710", f"kinetics710/{_L336}_clip-pre_u8_kinetics710-rgb_20230612-d723ddc1"),
    _mmaction(
        "kinetics400-f32",
        f"kinetics400/{_L336}_clip-kinetics710-pre_u32_kinetics400-rgb_20221219-1dd7650f",
    ),
    _mmaction(
        "kinetics600-f32",
        f"kinetics600/{_L336}_clip-kinetics710-pre_u32_kinetics600-rgb_20221219-f984f5d2",
    ),
    _mmaction(
        "mit",
        "mitv1/uniformerv2-large-p16-res336_clip-kinetics710-kinetics-k400-pre_u8_mitv1-rgb_20221219-9020986e",
    ),
    _zoo("kinetics710", "k710/k710_uniformerv2_l14_8x336"),
    _zoo("kinetics400-f32", "k400/k400_k710_uniformerv2_l14_32x336"),
    _zoo("kinetics400-f64", "k400/k400_k710_uniformerv2_l14_64x336"),
    _zoo("mit", "mitv1/mit_uniformerv2_l14_8x336"),
)

L336_FROZEN = (
    _zoo("kinetics400", "k400/frozen_k400_k710_uniformerv2_l14_8x336"),
    _zoo("kinetics710", "k710/frozen_k710_uniformerv2_l14_8x336"),
    _zoo("clip-kinetics400", "k400/frozen_k400_uniformerv2_l14_8x336"),
    _zoo("kinetics400-f32", "k400/frozen_k400_k710_uniformerv2_l14_32x336"),
)

B_SSV2 = (
    _zoo("sthv2", "sthv2/sthv2_uniformerv2_b16_16x224"),
    _zoo("sthv2-f32", "sthv2/sthv2_uniformerv2_b16_32x224"),
    _zoo("sthv1", "sthv1/sthv1_uniformerv2_b16_16x224"),
    _zoo("sthv1-f32", "sthv1/sthv1_uniformerv2_b16_32x224"),
)

L_SSV2 = (
    _zoo("sthv2", "sthv2/sthv2_uniformerv2_l14_16x224"),
    _zoo("sthv2-f32", "sthv2/sthv2_uniformerv2_l14_32x224"),
    _zoo("sthv1", "sthv1/sthv1_uniformerv2_l14_16x224"),
    _zoo("sthv1-f32", "sthv1/sthv1_uniformerv2_l14_32x224"),
)
