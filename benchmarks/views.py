"""What resizing loses: one network with several views of the frame, compared on the same splits.

    python -m benchmarks.views FOLDER [--clips CLIPS] [--frames 12] [--splits 20] [--regressors ridge,svr-rbf]

Each clip of CLIPS (by default the eight bundled scenes) is cut to its first `--frames` frames and degraded by
the demo's spatial versions. The target is the demo's: SSIM to the clip, a proxy and no opinion of a person.
Splits are grouped by scene. Degraded clips and features stay in FOLDER, so that a run that was ended goes
on. The extra ``demo`` has the network's weights.
"""

from __future__ import annotations

import argparse
import os
from importlib.resources import files
from pathlib import Path

import pandas as pd

import vqa_features as vf
from vqa_features.demo.degrade import VERSIONS, Version, make_version
from vqa_features.demo.proxy import proxy_score

#: The others change over time alone, which a network of single frames does not see.
SPATIAL = [version for version in VERSIONS if version.name not in ("frozen", "flicker")]
TAPS = "tap=2+3+4,reduce=mean+std"
VIEWS = {
    "resize (published)": "",
    "native centre": "view=tiles,tiles=1",
    "fragments": "view=fragments",
    "fragments, 3 draws": "view=fragments,crops=3",
    "tiles": "view=tiles",
    "tiles, mean and std": "view=tiles,across=mean+std",
    "scales 256 and 448": "scales=256+448",
    "tiles of short sides 224 and 448": "view=tiles,scales=224+448",
}
#: Views in which the early layers are compared as well.
TAPPED = ("resize (published)", "native centre", "fragments", "tiles")


def degraded(clips: list[Path], folder: Path, frames: int) -> pd.Series[float]:
    """Write the versions of every clip that are not there; return the proxy by id ``scene__version``."""
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "proxy.csv"
    known = pd.read_csv(table, index_col="id")["proxy"].to_dict() if table.exists() else {}
    first = Version("source", change=lambda read: read[:frames])
    for clip in clips:
        source = folder / f"{clip.stem}__source.mkv"
        if source.name not in known:
            make_version(clip, first, source)
            known[source.name] = 1.0
        for version in SPATIAL:
            target = folder / f"{clip.stem}__{version.name}.mkv"
            if target.name not in known:
                make_version(source, version, target)
                known[target.name] = proxy_score(source, target)
        pd.Series(known, name="proxy").to_csv(table, index_label="id")
    return pd.Series({name.removesuffix(".mkv"): score for name, score in known.items()}, name="proxy")


def labels() -> dict[str, str]:
    """The label of the extractor by the name of its table."""
    found = {f"pooled: {name}": view for name, view in VIEWS.items()}
    found |= {f"early layers: {name}": ",".join(filter(None, [VIEWS[name], TAPS])) for name in TAPPED}
    return {
        name: f"efficientnet-lite0[{','.join(filter(None, [view, 'fps=6']))}]" for name, view in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=Path, default=Path(str(files("vqa_features.resources") / "demo")))
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--regressors", default="ridge,svr-rbf")
    options = parser.parse_args()
    proxy = degraded(sorted(options.clips.glob("*.mp4")), options.folder, options.frames)
    paths = [options.folder / f"{name}.mkv" for name in proxy.index]
    tables, seconds = {}, {}
    for name, label in labels().items():
        tables[name] = vf.extract_many(paths, [label], store=options.folder / "store.sqlite")
        seconds[name] = float(tables[name][f"seconds.{vf.make(label).label}"].median())
    found = vf.compare(
        tables,
        proxy,
        groups=proxy.index.to_series().str.partition("__")[0],
        protocol="strict",
        splits=options.splits,
        test_size=0.25,
        regressors=options.regressors.split(","),
    )
    found.save(options.folder / "comparison")
    for row in found.summary.itertuples():
        print(
            f"| {row.table} | {row.regressor} | {row.srcc:.3f} ({row.srcc_low:.3f} to {row.srcc_high:.3f}) "
            f"| {row.plcc:.3f} ({row.plcc_low:.3f} to {row.plcc_high:.3f}) | {row.columns} "
            f"| {seconds.get(str(row.table), float('nan')):.2f} |"
        )


if __name__ == "__main__":
    os.environ.setdefault("SVT_LOG", "1")  # errors only: the AV1 encoder logs a page per clip
    main()
