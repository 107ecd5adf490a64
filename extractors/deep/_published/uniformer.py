"""UniFormer's published weights, by variant; the first of each is the default.

The authors list every file on Google Drive, and have some of them on their two hub pages.
"""

from __future__ import annotations

from vqa_features.specs import Checkpoint

_PAGE = "https://github.com/Sense-X/UniFormer/tree/main/video_classification"
_HUB = "https://huggingface.co/Sense-X/uniformer_video/resolve/main"
_FIRST_AUTHOR = "https://huggingface.co/Andy1621/uniformer/resolve/main"
_MMACTION = "https://download.openmmlab.com/mmaction/v1.0/recognition/uniformerv1"
_LICENCE = "Apache-2.0 (licence file of the repository; its README says MIT); trained on {}"
_SETS = {"k400": "Kinetics-400", "k600": "Kinetics-600", "sthv2": "Something-Something V2"}
_LISTED = "seen in Sense-X/UniFormer 52a0415 (video_classification/README.md: Google Drive)"
_PROJECT = "DidarTito/VideoClassificationTest (checkpoints/manifest.csv)"
_ON_HUB = "seen on the hub's page of the file, and in public code that loads it"


def _licence(file: str) -> str:
    return _LICENCE.format(_SETS[file.split("_")[2]])


def _by_hand(tag: str, file: str, sha256: str | None = None, size: int | None = None) -> Checkpoint:
    return Checkpoint(
        tag,
        _PAGE,
        _licence(file),
        file=f"{file}.pth",
        sha256=sha256,
        size=size,
        layout="authors' release",
        by_hand=True,
        seen=f"{_LISTED}; digest and size: {_PROJECT}" if sha256 else _LISTED,
    )


def _on_hub(
    tag: str,
    file: str,
    sha256: str | None = None,
    size: int | None = None,
    page: str = _HUB,
    seen: str = _ON_HUB,
) -> Checkpoint:
    return Checkpoint(
        tag,
        f"{page}/{file}.pth",
        _licence(file),
        sha256=sha256,
        size=size,
        layout="authors' release",
        seen=seen,
    )


def _mmaction(tag: str, file: str, digest: str) -> Checkpoint:
    return Checkpoint(
        f"mmaction-{tag}",
        f"{_MMACTION}/{file}_20221219-{digest}.pth",
        "Apache-2.0 (mmaction); trained on Kinetics-400",
        sha256=digest,
        layout="mmaction",
        seen="seen in mmaction2 1.2.0 (configs/recognition/uniformer/metafile.yml)",
    )


S = (
    _on_hub(
        "kinetics400-16x8",
        "uniformer_small_k400_16x8",
        "d5fd7b0c49ee6a5422ef5d0c884d962c742003bfbd900747485eb99fa269d0db",
        85735325,
    ),
    _by_hand(
        "kinetics400",
        "uniformer_small_k400_16x4",
        "4829a6abe934a1c8083f377afea621f01d16bc4a93ce6ae74d7c5bea7eff6a7b",
        85735325,
    ),
    _by_hand(
        "kinetics400-8x8",
        "uniformer_small_k400_8x8",
        "740e4c7c51e962d0a3d09f7be1c9b39bedcfabcd0d8dcdc0d9c0c8f1c48ea917",
        85735325,
    ),
    _by_hand("kinetics600", "uniformer_small_k600_16x4"),
    _on_hub(
        "kinetics600-16x8",
        "uniformer_small_k600_16x8",
        "2a9143a63691c442b23f912ed3489e5800fc5916fb7aa1b25322ad5da2466c6f",
        86145693,
    ),
    _by_hand(
        "ssv2",
        "uniformer_small_sthv2_16_prek400",
        "4f5df1bf569e7e0ead9ae9ea43ecef5a852ef14dcf67575e36aa3ce8edd0ed9f",
        85271581,
    ),
    _mmaction("kinetics400", "uniformer-small_imagenet1k-pre_16x4x1_kinetics400-rgb", "c630a037"),
)

B = (
    _on_hub(
        "kinetics400",
        "uniformer_base_k400_16x4",
        "a36e08ecff0a2b11020d6e88046353f80fdeb10b40fe167f2fbc0c1d976fb873",
        199525573,
        _FIRST_AUTHOR,
        f"seen on the hub's page at commit d89142a; digest measured alike by {_PROJECT}",
    ),
    _by_hand("kinetics400-8x8", "uniformer_base_k400_8x8"),
    _by_hand("kinetics400-16x8", "uniformer_base_k400_16x8"),
    _on_hub(
        "kinetics400-32x4",
        "uniformer_base_k400_32x4",
        "b432450566cdc4f50222e4851b5d304bba4444a699cdbb43fa529ceb18ae1f8e",
        199525573,
        seen="not verified: readers of the hub's page disagree whether it is there; digest and size of the "
        "authors' file: DidarTito/VideoClassificationTest",
    ),
    _by_hand("kinetics600", "uniformer_base_k600_16x4"),
    _by_hand("kinetics600-16x8", "uniformer_base_k600_16x8"),
    _on_hub(
        "kinetics600-32x4",
        "uniformer_base_k600_32x4",
        "d44685e1d12e5aa413032e7719a8be45b95a19da4e7f76ac0e811f9a6f4825ae",
        199935941,
    ),
    _by_hand(
        "ssv2",
        "uniformer_base_sthv2_16_prek400",
        "b3091fbfd2b47845988831599a0325c426b6ec84aee6a545c152fafe84adeffe",
        199061829,
    ),
    _on_hub(
        "ssv2-f32", "uniformer_base_sthv2_32_prek600", seen="seen in public code that loads it from the hub"
    ),
    _mmaction("kinetics400", "uniformer-base_imagenet1k-pre_16x4x1_kinetics400-rgb", "157c2e66"),
    _mmaction("kinetics400-32x4", "uniformer-base_imagenet1k-pre_32x4x1_kinetics400-rgb", "b776322c"),
)
