"""Readers of checkpoints and of folders of models, with small valid files and the damage done to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from .damage import Reader, damaged_json, damaged_safetensors, damaged_zip
from .mutations import mutate


def _state() -> dict[str, Any]:
    import torch

    generator = torch.Generator().manual_seed(0)
    return {f"layer{k}.weight": torch.randn(4, 4, generator=generator) for k in range(3)}


def _pth(folder: Path) -> Path:
    import torch

    file = folder / "weights.pth"
    torch.save({"state_dict": _state(), "epoch": 3}, file)
    return file


def _old_pth(folder: Path) -> Path:
    import torch

    file = folder / "weights.pth"
    torch.save({"model": _state()}, file, _use_new_zipfile_serialization=False)
    return file


def _safetensors(folder: Path) -> Path:
    from safetensors.torch import save_file

    file = folder / "weights.safetensors"
    save_file(_state(), file, {"format": "pt"})
    return file


def _read_checkpoint(file: Path) -> object:
    from vqa_features.extractors.deep._weights import checkpoint as _checkpoint

    return _checkpoint.read(file)


def _hub(folder: Path) -> Path:
    import torch
    import transformers

    torch.manual_seed(0)
    tiny = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    config = transformers.VideoMAEConfig(**tiny, image_size=32, patch_size=16, num_frames=4)
    transformers.AutoModel.from_config(config).save_pretrained(folder / "model", max_shard_size="20KB")
    processor = {
        "do_resize": True,
        "size": {"shortest_edge": 32},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": 32, "width": 32},
        "do_normalize": True,
        "image_mean": [0.48, 0.46, 0.41],
        "image_std": [0.27, 0.26, 0.28],
    }
    (folder / "model" / "preprocessor_config.json").write_text(json.dumps(processor))
    return folder / "model"


def _read_hub(folder: Path) -> object:
    from vqa_features.extractors.deep._hub import loading
    from vqa_features.registry import make

    extractor: Any = make(f"hf:{folder}")
    found = extractor.identity(), extractor.preprocess, extractor.dim
    loading.build(extractor.files, extractor.weights_sha256())
    return found


def _niqe(folder: Path) -> Path:
    random = np.random.default_rng(0)
    file = folder / "niqe.npz"
    np.savez_compressed(file, mean=random.normal(size=36), covariance=np.eye(36))
    return file


def _read_niqe(file: Path) -> object:
    from vqa_features.extractors.handcrafted import niqe

    return niqe._load(str(file))


def _template(folder: Path) -> Path:
    from scipy.io import savemat

    cell = np.empty((1, 4), object)
    for place, shape in enumerate(((1, 430), (430, 430), (1, 468), (468, 430))):
        cell[0, place] = np.zeros(shape)
    file = folder / "templateModel.mat"
    savemat(file, {"templateModel": cell}, do_compression=True)
    return file


def _read_template(file: Path) -> object:
    from vqa_features.extractors.handcrafted.il_niqe._session import read_template

    return read_template(file)


_HUB_JSON = ("config.json", "preprocessor_config.json", "model.safetensors.index.json")
MODELS = {
    "pth": Reader(_pth, _read_checkpoint, {"weights.pth": damaged_zip}),
    "pth of old torch": Reader(_old_pth, _read_checkpoint, {"weights.pth": mutate}),
    "safetensors": Reader(_safetensors, _read_checkpoint, {"weights.safetensors": damaged_safetensors}),
    **{f"hf: {name}": Reader(_hub, _read_hub, {f"model/{name}": damaged_json}) for name in _HUB_JSON},
    "NIQE's model": Reader(_niqe, _read_niqe, {"niqe.npz": damaged_zip}),
    "IL-NIQE's template": Reader(_template, _read_template, {"templateModel.mat": mutate}),
}
