"""Videos through a real S3 server on loopback: equal numbers, drops, missing keys, wrong credentials, cost.

``python -m benchmarks.object_store FOLDER`` puts the videos of a folder into a bucket of moto's server and
extracts brisque, niqe and siti from the files and from the bucket. docs/remote.md holds the figures.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

import vqa_features as vf

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from object_stores import BUCKET, KEY, S3, SECRET, DroppingProxy

EXTRACTORS = ["brisque", "niqe", "siti"]
JOBS = 2
#: Every frame of few videos takes minutes; every eighth shows the same.
EVERY = int(os.environ.get("EVERY", "8"))


def main(folder: Path) -> None:
    """Run every trial and print a line for each."""
    clips = sorted(folder.glob("*.mp4"))
    server = S3()
    os.environ |= {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    os.environ |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_S3": server.url}
    for clip in clips:
        server.put(f"v/{clip.name}", clip.read_bytes())
    size = sum(clip.stat().st_size for clip in clips)
    print(f"{len(clips)} videos, {size / 2**20:.1f} MiB, {JOBS} workers")
    local = timed("files", lambda: extracted(map(str, clips)))
    remote = timed("bucket", lambda: extracted([f"s3://{BUCKET}/v/"]))
    compare("bucket", local, remote)
    with tempfile.TemporaryDirectory() as place:
        store = Path(place) / "s.sqlite"
        timed("bucket, with a store", lambda: extracted([f"s3://{BUCKET}/v/"], store))
        again = timed("resumed by listing", lambda: extracted([f"s3://{BUCKET}/v/"], store))
        compare("resumed", local, again)
        names = [f"s3://{BUCKET}/v/{clip.name}" for clip in clips]
        timed("resumed by one request each", lambda: extracted(names, store))
    proxy = DroppingProxy(server.port, size // len(clips) // 2, len(clips))
    os.environ["AWS_ENDPOINT_URL_S3"] = proxy.url
    dropped = timed("connections that drop", lambda: extracted([f"s3://{BUCKET}/v/"]))
    print(f"  {proxy.dropped} connections were ended in the middle")
    compare("dropped", local, dropped)
    os.environ["AWS_ENDPOINT_URL_S3"] = server.url
    absent = [f"s3://{BUCKET}/none-{number}.mp4" for number in range(20)]
    told("20 missing keys", timed("20 missing keys", lambda: extracted(absent)))
    with server.only_known_credentials():
        told("wrong credential", timed("wrong credential", lambda: extracted(names)))
    server.stop()


def extracted(names: object, store: Path | None = None) -> pd.DataFrame:
    """Return the table of some videos, by worker processes."""
    given: list[str] = list(names)  # type: ignore[call-overload]
    return vf.extract_many(given, EXTRACTORS, every=EVERY, jobs=JOBS, remote=True, store=store)


def timed(what: str, work: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Return what the work gives, and print how long it took."""
    begun = time.perf_counter()
    table = work()
    print(f"{what}: {time.perf_counter() - begun:.2f} s")
    return table


def compare(what: str, local: pd.DataFrame, remote: pd.DataFrame) -> None:
    """Print whether two tables are equal to the bit, but for paths and times."""
    columns = [name for name in local if name != "path" and not name.startswith("seconds.")]
    pd.testing.assert_frame_equal(local[columns], remote[columns], check_exact=True)
    print(f"  {what}: {len(remote)} rows and {len(columns)} columns equal to the bit")


def told(what: str, table: pd.DataFrame) -> None:
    """Print the statuses of a table, and look for credentials in it."""
    text = table.to_csv() + str(table.attrs)
    assert KEY not in text
    assert SECRET not in text
    print(f"  {what}: {dict(table.status.value_counts())}: {table.error.iloc[0]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
