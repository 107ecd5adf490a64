"""Compare frames, times and status of generated files with an independent decoding through PyAV.

``python -m benchmarks.decoding_differential`` makes the files of `decoding_files`, decodes each with
`decoding_reference` and with `vqa_features.video.Video` under every sampling of `SAMPLINGS`, and prints how
many agree. A difference has a reason of docs/decoding.md, or the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from vqa_features.errors import DecodeError
from vqa_features.specs import Sampling
from vqa_features.video import Outcome, Video

from .decoding_files import Case, generate
from .decoding_reference import Reference, hash_luma, read, select

SAMPLINGS: list[dict[str, Any]] = [
    {},
    {"fps": 5.0},
    {"frames": 8},
    {"every": 3, "offset": 1},
    {"start_s": 2.3},
    {"start_s": 0.7, "duration_s": 1.1},
    {"fps": 4.0, "start_s": 2.1, "duration_s": 1.0},
]
#: Starts of intact files in containers with an index, where decoding may begin at an entry.
STARTS: list[dict[str, Any]] = [{"start_s": 2 + 0.13 * k, "duration_s": 0.3} for k in range(15)]
INDEXED = (".mp4", ".mov", ".mkv", ".webm")
NOT_DECODED = "a part was not decoded, which the row says"
PAST_DAMAGE = "decoding began at a clean entry after the damage"


def seen(path: Path, settings: dict[str, Any]) -> tuple[list[float], list[int], Outcome] | None:
    """Return times, hashes and outcome of `Video`; None where the file fails."""
    try:
        with Video(path, sampling=Sampling(**settings)) as video:
            frames = [(frame.time_s, hash_luma(frame.picture.luma_plane())) for frame in video]
            return [time for time, _ in frames], [hashed for _, hashed in frames], video.outcome
    except DecodeError:
        return None


def compare(case: Case, reference: Reference, settings: dict[str, Any]) -> tuple[str, str]:
    """Return the difference between both decodings, and its reason; both empty if they agree."""
    found = seen(case.path, settings)
    chosen = [] if reference.failed else select(reference, settings)
    if found is None:
        return (f"failed, {len(chosen)} frames expected", "") if chosen else ("", "")
    times, hashes, outcome = found
    told = [text for text in outcome.warnings if text.startswith("not decoded and not checked")]
    lossy = reference.status != "ok"
    past_damage = PAST_DAMAGE if lossy and told and "part before" in told[0] else ""
    wanted = [reference.times[number] for number in chosen]
    if len(times) != len(wanted) or not np.allclose(times, wanted, rtol=0, atol=1e-6):
        return f"{len(times)} frames at {times} instead of {len(wanted)} at {wanted}", past_damage
    defined = [reference.hashes[number] for number in chosen]
    if any(one not in (other, None) for one, other in zip(defined, hashes, strict=True)):
        return "other pixels", past_damage
    if outcome.status != reference.status:
        difference = f"{outcome.status} instead of {reference.status} ({outcome})"
        return difference, NOT_DECODED if told and lossy else ""
    if case.intact and outcome.frames_decoded != outcome.frames_expected:
        return f"{outcome.frames_decoded} of {outcome.frames_expected} frames of an intact file", ""
    return "", ""


def differences(case: Case, reference: Reference) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Yield each sampling of a file with the difference and its reason, as `compare` returns them."""
    seeks = case.intact and case.path.suffix in INDEXED
    for settings in SAMPLINGS + STARTS * seeks:
        yield (settings, *compare(case, reference, settings))


def main() -> int:
    """Run the comparison; return 1 if a difference has no reason."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="part of the names of the cases")
    arguments = parser.parse_args()
    av.logging.set_level(None)
    files, counts, statuses = 0, Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for case in generate(Path(folder), lambda name: arguments.only in name):
            files += 1
            reference = read(case.path)
            statuses["of no picture that decodes" if reference.failed else reference.status] += 1
            if reference.failed:
                print(f"{case.name}: no picture decodes")
            for settings, difference, reason in differences(case, reference):
                counts[reason if difference else "agree"] += 1
                if difference and not reason:
                    print(f"{case.name} {settings}: {difference}", flush=True)
    print(f"{files} files ({', '.join(f'{count} {name}' for name, count in statuses.items())})")
    for reason, count in counts.most_common():
        print(f"{count:5d} {reason or 'differ without a reason'}")
    return 1 if counts[""] else 0


if __name__ == "__main__":
    sys.exit(main())
