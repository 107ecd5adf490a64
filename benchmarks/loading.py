"""Peak memory and time of loading full-size networks, by this program and by torch alone.

    python -m benchmarks.loading [--networks r3d-18,hf:clip-vit-b-32] [--folder FOLDER]

Of each network a float32 file of seeded random weights is written to `--folder`, loaded, and deleted. Each
load runs in a process of its own. ``program`` is `registry.make("NAME[weights=FILE]").load()`, which also
hashes the file; ``plain`` builds the module and calls `torch.load` and `load_state_dict`. Of `hf:` models
``needed`` is the part of the file that the extractor uses, and ``plain`` is `from_pretrained`, which maps the
file. Peaks are of private memory over what the process had after its imports; what is mapped from files is
not counted.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

DEFAULT = (
    "efficientnet-lite0,resnet-50,transnetv2,r3d-18,r2plus1d-18,mc3-18,i3d-r50,slowfast-r50,x3d-m,mvit-v2-s,"
    "video-swin-t,video-swin-b,fast-vqa-b,dover-technical,dover-aesthetic,uniformer-s,uniformer-b,"
    "uniformerv2-b,uniformerv2-l-336,internvideo-mae-b,internvideo-mae-h,internvideo-mm-b,internvideo-mm-l,"
    "internvideo2-s,internvideo2-b,internvideo2-l,hf:clip-vit-b-32,hf:clip-vit-l-14,internvideo2-1b"
)
#: Sizes of CLIP's published models: configurations of the vision and the text part, width of the projection.
CLIP: dict[str, tuple[dict[str, int], dict[str, int], int]] = {
    "hf:clip-vit-b-32": ({}, {}, 512),
    "hf:clip-vit-l-14": (
        {
            "hidden_size": 1024,
            "intermediate_size": 4096,
            "num_hidden_layers": 24,
            "num_attention_heads": 16,
            "patch_size": 14,
        },
        {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12},
        768,
    ),
}
MB = 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--networks", default=DEFAULT)
    parser.add_argument(
        "--folder", help="where the files are written; the folder for temporary files by default"
    )
    parser.add_argument("--load", nargs=3, metavar=("WAY", "NAME", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        print(json.dumps(measured(*options.load)))
        return
    print("| network | file MB | needed MB | peak | plain | peak / needed | plain | s (CPU) | plain |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in options.networks.split(","):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            print(row(name, Path(folder)), flush=True)
    print(f"load average of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def row(name: str, folder: Path) -> str:
    """One line of the table."""
    path = folder / ("model.safetensors" if name in CLIP else "weights.pth")
    maker = get_context("fork").Process(target=make_clip if name in CLIP else make_file, args=(name, path))
    maker.start()
    maker.join()
    if maker.exitcode:
        raise SystemExit(f"{name}: no file could be made")
    whole = path.stat().st_size
    needed = vision_bytes(path) if name in CLIP else whole
    ours, plain = in_own_process("program", name, path), in_own_process("plain", name, path)
    return (
        f"| `{name}` | {whole / MB:.0f} | {needed / MB:.0f} "
        f"| {ours['peak'] / MB:.0f} | {plain['peak'] / MB:.0f} "
        f"| {ours['peak'] / needed:.2f} | {plain['peak'] / needed:.2f} "
        f"| {ours['seconds']:.2f} ({ours['cpu']:.2f}) | {plain['seconds']:.2f} ({plain['cpu']:.2f}) |"
    )


def make_file(name: str, path: Path) -> None:
    """Write the state dict of a network with random weights."""
    import torch

    import vqa_features as vf

    torch.save(vf.build_backbone(name, weights="random").state_dict(), path)


def make_clip(name: str, path: Path) -> None:
    """Write a model of CLIP with random weights as the library does, with its preprocessing."""
    from transformers import CLIPConfig, CLIPModel

    vision, text, width = CLIP[name]
    CLIPModel(CLIPConfig(vision_config=vision, text_config=text, projection_dim=width)).save_pretrained(
        path.parent
    )
    preprocessing = {"image_processor_type": "CLIPImageProcessor"}
    (path.parent / "preprocessor_config.json").write_text(json.dumps(preprocessing))


def vision_bytes(path: Path) -> int:
    """Bytes of the tensors of the vision part of a CLIP file."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        shapes = {key: file.get_slice(key).get_shape() for key in list(file.keys()) if key.startswith("vis")}
    return 4 * sum(map(math.prod, shapes.values()))


def in_own_process(way: str, name: str, path: Path) -> dict[str, float]:
    """Load a file in a new process and return what it took."""
    command = [sys.executable, "-m", "benchmarks.loading", "--load", way, name, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(way: str, name: str, path: str) -> dict[str, float]:
    """Load a file in this process, and return the peak of its private memory, wall and CPU seconds."""
    load = loader(way, name, Path(path))
    before = memory()["RssAnon"]
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    start, cpu = time.perf_counter(), time.process_time()
    network = load()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    after = memory()
    assert sum(value.numel() for value in network.parameters())
    return {"peak": after["VmHWM"] - after["RssFile"] - before, "seconds": seconds, "cpu": cpu}


def loader(way: str, name: str, path: Path) -> Any:
    """Return the function that loads; everything it needs is imported."""
    import torch

    import vqa_features as vf
    from vqa_features.extractors.deep._weights import overlay  # noqa: F401
    from vqa_features.registry import make

    if name in CLIP:
        from transformers import CLIPModel

        from vqa_features.extractors.deep._hub import loading  # noqa: F401

        extractor: Any = make(f"hf:{path.parent}")
        return extractor.load if way == "program" else lambda: CLIPModel.from_pretrained(path.parent)
    with torch.device("meta"):
        vf.build_backbone(name)
    if way == "program":
        extractor = make(f"{name}[weights={path}]")
        return extractor.load

    def plain() -> Any:
        network = vf.build_backbone(name)
        network.load_state_dict(torch.load(path, weights_only=True))
        return network

    return plain


def memory() -> dict[str, int]:
    """Bytes of memory of this process, as Linux counts them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    pairs = [line.split(":", 1) for line in lines if line.endswith("kB")]
    return {key: int(value.split()[0]) * 1024 for key, value in pairs}


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
