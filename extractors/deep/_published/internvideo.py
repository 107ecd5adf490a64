"""InternVideo's published weights, by variant, and VideoMAE's, whose encoder is the same network.

The first of each is the default.
"""

from __future__ import annotations

from vqa_features.specs import Checkpoint

_BUCKET = "https://pjlab-gvm-data.oss-cn-shanghai.aliyuncs.com/internvideo"
_HUB = "https://huggingface.co/OpenGVLab"
_PAGE = "https://github.com/MCG-NJU/VideoMAE/blob/main/MODEL_ZOO.md"
_MAE_LICENCE = "Apache-2.0 (repository); VideoMAE, which it builds on, is CC-BY-NC-4.0"
_NONCOMMERCIAL = "CC-BY-NC-4.0 (VideoMAE)"
_MM_LICENCE = "Apache-2.0 (repository); trained from OpenAI's CLIP (MIT)"
_LIST = "OpenGVLab/InternVideo 3965eef (InternVideo1/README.md)"
_GONE = f"not verified: listed in {_LIST}; its server is reported to answer 404 for every file (August 2026)"
_PROJECT = "DidarTito/VideoClassificationTest (checkpoints/manifest.csv)"
_ORIGINAL = "seen in MCG-NJU/VideoMAE 14ef8d8 (MODEL_ZOO.md: Google Drive)"


def _bucket(tag: str, path: str, layout: str = "finetune") -> Checkpoint:
    return Checkpoint(tag, f"{_BUCKET}/{path}", _MAE_LICENCE, layout=layout, seen=_GONE)


def _hub(size: str) -> Checkpoint:
    """The pre-trained model of the authors' list."""
    url = f"{_HUB}/InternVideoMAE_models/resolve/main/mae-{size}/pytorch_model.bin"
    return Checkpoint("hub", url, _MAE_LICENCE, seen=f"seen in {_LIST}")


def _original(tag: str, file: str, sha256: str | None = None, size: int | None = None) -> Checkpoint:
    """VideoMAE's own fine-tuned models, which are on Google Drive alone."""
    return Checkpoint(
        tag,
        _PAGE,
        _NONCOMMERCIAL,
        file=file,
        sha256=sha256,
        size=size,
        layout="finetune",
        by_hand=True,
        seen=f"{_ORIGINAL}; digest and size: {_PROJECT}" if sha256 else _ORIGINAL,
    )


def _second(page: str, sha256: str, size: int) -> Checkpoint:
    """VideoMAE V2, distilled on Kinetics-710: a hub model whose file has the names of VideoMAE's."""
    return Checkpoint(
        "videomaev2-kinetics710",
        f"{_HUB}/{page}/resolve/main/model.safetensors",
        "CC-BY-NC-4.0 (hub page)",
        file=f"{page}.safetensors",
        sha256=sha256,
        size=size,
        layout="finetune, without classifier",
        seen="seen in a public log of downloads from the hub, with digest and size",
    )


MAE_B = (
    _hub("b"),
    _bucket("kinetics400", "pretrain/videomae/vit_b_hybrid_pt_800e_k400_ft.pth"),
    _bucket("kinetics710", "pretrain/videomae/vit_b_hybrid_pt_800e_k710_ft.pth"),
    _bucket("sthv2", "pretrain/videomae/vit_b_hybrid_pt_800e_ssv2_ft.pth"),
    _bucket("hybrid", "pretrain/videomae/vit_b_hybrid_pt_800e.pth", "encoder"),
    _second("VideoMAEv2-Base", "ebffa1874066ea227330016e58a848e9e2bb1ff5605746459bded1122a42176d", 344924592),
    Checkpoint(
        "videomaev2-distilled",
        f"{_HUB}/VideoMAE2/resolve/main/distill/vit_b_k710_dl_from_giant.pth",
        "MIT (repository of VideoMAE V2)",
        layout="finetune",
        seen="seen in OpenGVLab/VideoMAEv2 29eab1e (docs/MODEL_ZOO.md)",
    ),
    _original(
        "videomae-kinetics400",
        "videomae_vit_b_1600e_kinetics400.pth",
        "655e6d74924d76dd194ed72904b1541864ff27b0afe0be2c5e9e9c6778dd334d",
        173103787,
    ),
    _original(
        "videomae-ssv2",
        "videomae_vit_b_2400e_ssv2.pth",
        "25f4060e564ca716ff1f1804f5aba92f9240da723e22b383e306273ca91de377",
        172756423,
    ),
)

MAE_L = (
    _hub("l"),
    _bucket("kinetics400", "pretrain/videomae/vit_l_hybrid_pt_800e_k400_ft.pth"),
    _bucket("kinetics700", "pretrain/videomae/vit_l_hybrid_pt_800e_k700_ft.pth"),
    _bucket("sthv2", "pretrain/videomae/vit_l_hybrid_pt_800e_ssv2_ft.pth"),
    _second(
        "VideoMAEv2-Large", "c27064402bfec2c7495e2226a5e0d8f46374b4df4b03026af1e10a57e11b2996", 1215474840
    ),
    _original("videomae-kinetics400", "videomae_vit_l_1600e_kinetics400.pth"),
)

MAE_H = (
    _hub("h"),
    _bucket("kinetics400-f32-384", "action_recognition/K400/VideoMAE/ViT-H_f32_res384_89.54.pth"),
    _bucket("sthv1", "action_recognition/SSV1/VideoMAE/ViT-H.pth"),
    _original("videomae-kinetics400", "videomae_vit_h_1600e_kinetics400.pth"),
)

MM_B = (
    Checkpoint(
        "multimodal",
        f"{_BUCKET}/pretrain/InternVideo-MM-B-16.ckpt",
        _MM_LICENCE,
        seen=_GONE.replace("README.md", "Pretrain/Multi-Modalities-Pretraining/README.md"),
    ),
)

MM_L = (
    Checkpoint(
        "multimodal",
        f"{_HUB}/InternVideo1.0/resolve/main/InternVideo-MM-L-14.ckpt",
        _MM_LICENCE,
        seen=f"seen in {_LIST}: the page; the name of the file is that of public code that reads it",
    ),
)
