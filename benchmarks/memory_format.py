"""CPU seconds of deep networks by the order of their inputs and of their weights in memory.

    python -m benchmarks.memory_format [--networks r3d-18,hf:vit-b-16] [--repeat 3]

Full-size networks with random weights run one clip of their own recipe (image networks: four pictures) on
one thread. The arrangements take turns in one process: ``contiguous``, channels-last ``inputs``, ``both``
inputs and weights of convolutions. A figure is the median of the CPU time of `--repeat` runs, the first run
apart. ``difference`` is the largest one to the contiguous vectors, in standard deviations of these.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

DEFAULT = (
    "r3d-18,r2plus1d-18,mc3-18,i3d-r50,slowfast-r50,x3d-m,mvit-v2-s,video-swin-t,fast-vqa-b,dover-aesthetic,"
    "uniformer-s,uniformerv2-b,internvideo-mae-b,internvideo-mm-b,internvideo2-s,efficientnet-lite0,resnet-50,"
    "transnetv2,hf:vit-b-16,hf:convnext-t,hf:swin-t,hf:resnet-50"
)
#: Of models of the transformers library: configuration class, its arguments, class of the preprocessing.
HUB: dict[str, tuple[str, dict[str, Any], str]] = {
    "hf:vit-b-16": ("ViTConfig", {}, "ViTImageProcessor"),
    "hf:convnext-t": ("ConvNextConfig", {}, "ConvNextImageProcessor"),
    "hf:swin-t": ("SwinConfig", {}, "ViTImageProcessor"),
    "hf:resnet-50": ("ResNetConfig", {}, "ConvNextImageProcessor"),
}
#: Whether inputs and weights are channels-last.
ARRANGEMENTS = {"contiguous": (False, False), "inputs": (True, False), "both": (True, True)}


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--networks", default=DEFAULT)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"| network | {' | '.join(ARRANGEMENTS)} | difference |")
    print("|---|---|---|---|---|")
    for name in options.networks.split(","):
        with tempfile.TemporaryDirectory() as folder:
            print(row(name, Path(folder), options.repeat), flush=True)
    print(f"load average of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def row(name: str, folder: Path, repeat: int) -> str:
    """One line of the table."""
    extractor = opened(name, folder)
    clip = one_clip(extractor)
    networks = {False: extractor.load()}
    networks[True] = channels_last(networks[False])
    vectors: dict[str, Any] = {}
    seconds: dict[str, list[float]] = {key: [] for key in ARRANGEMENTS}
    embedded(networks[False], clip, False, extractor.options)
    for _ in range(repeat):
        for key, (inputs, weights) in ARRANGEMENTS.items():
            start = time.process_time()
            vectors[key] = embedded(networks[weights], clip, inputs, extractor.options)
            seconds[key].append(time.process_time() - start)
    first = vectors["contiguous"]
    difference = max(abs(one - first).max() / first.std() for one in vectors.values())
    figures = " | ".join(f"{statistics.median(values):.3f}" for values in seconds.values())
    return f"| `{name}` | {figures} | {difference:.1e} |"


def opened(name: str, folder: Path) -> Any:
    """Return the extractor with random weights, one clip and one crop."""
    from vqa_features.registry import make

    if name not in HUB:
        return dataclasses.replace(make(f"{name}@random"), clips=1, crops=1)  # type: ignore[call-arg]
    import json

    import transformers

    config, arguments, processor = HUB[name]
    model = transformers.AutoModel.from_config(getattr(transformers, config)(**arguments))
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_processor_type": processor}))
    return make(f"hf:{folder}")


def one_clip(extractor: Any) -> Any:
    """Return an input of the network: a clip, or four pictures."""
    frame = np.random.default_rng(0).integers(0, 256, (540, 960, 3), np.uint8)
    picture = extractor.preprocess(frame)[:1]
    span = extractor.windows(240, 30.0).shape[1]
    shape = (4, picture.shape[1], 1) if span == 1 else (1, picture.shape[1], span)
    noise = np.random.default_rng(1).standard_normal((*shape, *picture.shape[2:]), np.float32)
    return 0.1 * noise + picture[:, :, None]


def channels_last(network: Any) -> Any:
    """Return a copy of a network whose convolutions have channels-last weights."""
    import copy

    import torch

    found = copy.deepcopy(network)
    for module in found.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.to(memory_format=torch.channels_last)
        elif isinstance(module, torch.nn.Conv3d):
            module.to(memory_format=torch.channels_last_3d)
    return found


def embedded(network: Any, clip: Any, inputs: bool, options: Any) -> Any:
    """Return the vectors of a clip, as a session computes them."""
    import torch

    layout = torch.channels_last_3d if inputs else torch.contiguous_format
    with torch.inference_mode():
        return network.embed(torch.from_numpy(clip).to(memory_format=layout), **options).double().numpy()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
