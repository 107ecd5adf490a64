"""InternVideo2's published weights, by variant; the first of each is the default.

The files of the CLIP stage hold what was trained there alone: the attention pool, and a projection that
the feature does not use. They are laid over the frozen encoder they were trained on (`base`).
"""

from __future__ import annotations

from vqa_features.specs import Checkpoint

_HUB = "https://huggingface.co/OpenGVLab"
_DISTILLED = "InternVideo2_distillation_models"
_APACHE = "Apache-2.0 (licence file of the repository); the hub page of the weights states none"
_AS_REPOSITORY = "Apache-2.0 (licence file of the repository); the hub page may ask to accept terms"
_ZOO = "seen in OpenGVLab/InternVideo 3965eef (InternVideo2/{}_modality/MODEL_ZOO.md)"
_SINGLE, _MULTI = _ZOO.format("single"), _ZOO.format("multi")


def _distilled(
    tag: str,
    path: str,
    layout: str = "single",
    sha256: str | None = None,
    size: int | None = None,
    seen: str = _SINGLE,
    base: str | None = None,
) -> Checkpoint:
    return Checkpoint(
        tag,
        f"{_HUB}/{_DISTILLED}/resolve/main/{path}/pytorch_model.bin",
        _APACHE,
        # Every file there has the same name: the cache tells them apart by what they were trained for.
        file=f"{path.replace('/', '_')}.bin",
        sha256=sha256,
        size=size,
        layout=layout,
        seen=seen,
        base=base,
    )


def _tuned(size: str, *sets: str) -> tuple[Checkpoint, ...]:
    """The fine-tuned models of one size, which differ by the end of the file's name."""
    return tuple(
        _distilled(
            {"k400": "kinetics400", "k600": "kinetics600", "k700": "kinetics700"}[one],
            f"stage1/{size}/{size}_ft_k710_ft_{one}_f8",
        )
        for one in sets
    )


def _published(tag: str, page: str, file: str, layout: str = "single", seen: str = _SINGLE) -> Checkpoint:
    return Checkpoint(tag, f"{_HUB}/{page}/resolve/main/{file}", _AS_REPOSITORY, layout=layout, seen=seen)


def _on_page(
    tag: str, page: str, file: str, layout: str, seen: str, sha256: str | None = None, base: str | None = None
) -> Checkpoint:
    """A file of a page whose terms a person has to accept."""
    return Checkpoint(
        tag,
        f"{_HUB}/{page}",
        _AS_REPOSITORY,
        file=file,
        sha256=sha256,
        layout=layout,
        by_hand=True,
        seen=seen,
        base=base,
    )


_CLIP_SEEN = f"{_MULTI}; digest and size: the hub's page at commit 9643521"
_GUESSED = "not verified: {}; the path follows those of its neighbours"

S = (
    *_tuned("S14", "k400"),
    _distilled("kinetics710", "stage1/S14/S14_ft_k710_f8"),
    *_tuned("S14", "k600", "k700"),
    _distilled("ssv2", "stage1/S14/S14_ft_ssv2_f8"),
    _distilled("distilled", "stage1/S14/S14_dist_1B_stage2", "distill"),
    _distilled("clip", "clip/S14", "clip", seen=_MULTI, base="distilled"),
)

B = (
    *_tuned("B14", "k400"),
    _distilled("kinetics710", "stage1/B14/B14_ft_k710_f8"),
    *_tuned("B14", "k600", "k700"),
    _distilled(
        "ssv2",
        "stage1/B14/B14_ft_ssv2_f8",
        seen=_GUESSED.format("MODEL_ZOO.md links this row to the Kinetics-700 file"),
    ),
    _distilled(
        "distilled",
        "stage1/B14/B14_dist_1B_stage2",
        "distill",
        "1037a4785a830f9d663cab72da5751129e012042e428a74e019f84f016cd0be7",
        204538935,
        f"{_SINGLE}; digest and size measured by rayyyyyyyyb/mm1",
    ),
    _distilled(
        "clip",
        "clip/B14",
        "clip",
        "c76ebe61e955500056e83f137e028eb6ad5101e1ace137c62fbde6c3569fb05e",
        5552811,
        _CLIP_SEEN,
        "distilled",
    ),
)

L = (
    *_tuned("L14", "k400"),
    _distilled(
        "kinetics710",
        "stage1/L14/L14_ft_k710_f8",
        seen=_GUESSED.format("MODEL_ZOO.md links this row to the distilled file"),
    ),
    *_tuned("L14", "k600", "k700"),
    _distilled("ssv2", "stage1/L14/L14_ft_ssv2_f8"),
    _distilled("distilled", "stage1/L14/L14_dist_1B_stage2", "distill"),
    _distilled(
        "clip",
        "clip/L14",
        "clip",
        "c87dd784652d3e5837641ffa3136209b999dce039290f14df18191718d31c8eb",
        8714731,
        _CLIP_SEEN,
        "distilled",
    ),
    Checkpoint(
        "clip-whole",
        f"{_HUB}/InternVideo2_CLIP_S/resolve/main/model.safetensors",
        "Apache-2.0 (hub page)",
        file="InternVideo2_CLIP_S.safetensors",
        layout="clip",
        seen="seen in public code that loads it: with the text tower; 24 blocks of 1024 in spite of its name",
    ),
)

_K600 = "InternVideo2-Stage1-1B-224p-f8-K600"
_K700 = "InternVideo2-Stage1-1B-224p-K700"
_SOMETHING = "InternVideo2-Stage1-1B-224p-f8-SthSth"

ONE_B = (
    _published("kinetics400", "InternVideo2-Stage1-1B-224p-f8-K400", "1B_ft_k710_ft_k400_f8.pth"),
    _published("kinetics400-f16", "InternVideo2-Stage1-1B-224p-f8-K400", "1B_ft_k710_ft_k400_f16.pth"),
    _published("kinetics710", "InternVideo2-Stage1-1B-224p-f8-k710", "1B_ft_k710_f8.pth"),
    _published(
        "kinetics600",
        _K600,
        "1B_ft_k710_ft_k600_f8.pth",
        seen=_GUESSED.format("MODEL_ZOO.md links this row to the Kinetics-400 file"),
    ),
    _published("kinetics600-f16", _K600, "1B_ft_k710_ft_k600_f16.pth"),
    _published("kinetics700", _K700, "1B_ft_k710_ft_k700_f8.pth"),
    _published("kinetics700-f16", _K700, "1B_ft_k710_ft_k700_f16.pth"),
    _published("ssv1", _SOMETHING, "1B_ft_ssv1_f8.pth"),
    _published("ssv2", _SOMETHING, "1B_ft_ssv2_f8.pth"),
    _on_page(
        "mit",
        "InternVideo2-Stage1-1B-224p-f8-MiT",
        "1B_ft_k710_ft_k400_ft_mit_f8.pth",
        "single",
        f"{_SINGLE}: the page; the name of the file is that of its script",
    ),
    _published("stage1", "InternVideo2-Stage1-1B-224p-f8", "pretrain.pth", "stage1"),
    _on_page(
        "stage2",
        "InternVideo2-Stage2_1B-224p-f4",
        "InternVideo2-stage2_1b-224p-f4.pt",
        "stage2",
        f"{_MULTI}, README.md beside it",
    ),
    _on_page(
        "clip",
        "InternVideo2-CLIP-1B-224p-f8",
        "1B_clip.pth",
        "clip",
        f"{_MULTI}: the page; name and digest of the file from public code that reads it",
        "e60e0a6e05daec48285254b17b0b91c7d814b3ac74e538b2c62201553eeec6b1",
        "stage2",
    ),
)

SIX_B = (
    _on_page(
        "stage2",
        "InternVideo2-Stage2_6B-224p-f4",
        "internvideo2-s2_6b-224p-f4.pt",
        "stage2",
        f"{_MULTI}: the page; name of the file from public code that reads it",
    ),
    _on_page(
        "stage2-audio",
        "InternVideo2-Stage2_6B-224p-f4",
        "internvideo2-s2_6b-224p-f4_with_audio_encoder.pt",
        "stage2",
        f"{_MULTI}: the page; name of the file from public code that reads it",
    ),
    _on_page(
        "clip",
        "InternVideo2-CLIP-6B-224p-f8",
        "6B_clip.pth",
        "clip",
        f"{_MULTI}: the page; name of the file from public code that reads it",
        base="stage2",
    ),
)
