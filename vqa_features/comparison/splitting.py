"""Splits of a comparison as row positions: drawn, or given by video id and matched to the videos."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, TableError, first_few
from ..evaluation.splits import Split, given_splits, literature_splits, strict_splits
from ..files.names import name_parts, without_suffix
from ..tables.ids import Matching, match
from ..tables.split_lists import TEST, SplitList, Training
from .blocks import Prepared, Videos
from .checks import ValidityWarnings
from .given_splits import refuse_positions
from .options import Options, ProtocolName, Validation

Positions = NDArray[np.intp]
#: Share of the ids of the splits without a video, and of the videos without a split. Above it on both
#: sides, ids that mean one video are taken to be written in two ways.
MOST_UNMATCHED = 0.05


class TestedSplit(NamedTuple):
    """One training part and the test parts of its model."""

    split: Split
    """Training rows, and the rows of all test parts."""
    parts: dict[str, Positions]
    """Positions in `split.test` by name of the test part."""
    validation: Positions | None = None
    """Those of the training rows on which hyperparameters are chosen; None for inner folds."""


def split_videos(
    protocol: ProtocolName, prepared: Prepared, options: Options, warnings: ValidityWarnings
) -> tuple[Prepared, list[TestedSplit]]:
    """Return the rows in the order that the splits mean, and the splits."""
    chosen = options.splits
    if chosen.given is not None:
        found = _by_position(chosen.given, prepared.videos, options.inputs.ignore_case, warnings)
        return prepared, _validated(found, chosen.validation, chosen.given, warnings)
    if protocol == "literature":
        return prepared, whole_tests(_published(prepared.videos, chosen.count, chosen.test_size, warnings))
    ordered = prepared.in_id_order()
    drawn = strict_splits(
        len(ordered.videos.ids),
        ordered.videos.groups,
        chosen.count,
        chosen.test_size,
        options.run.seed,
        chosen.scheme,
        chosen.folds,
    )
    return ordered, whole_tests(drawn)


def _validated(
    splits: Sequence[TestedSplit], use: Validation, given: SplitList, warnings: ValidityWarnings
) -> list[TestedSplit]:
    """Return the splits with their validation rows if these are searched; tell what becomes of them."""
    counts = [0 if one.validation is None else len(one.validation) for one in splits]
    if use == "search":
        if not all(counts):
            raise ParameterError(
                f"split {counts.index(0)} has no validation videos, and validation='search' chooses "
                "hyperparameters on them: use validation='join', or name them val in the split file"
            )
        warnings.add(
            f"{given.source or 'splits'}: hyperparameters are chosen on {max(counts)} validation video(s); "
            "the model is then fitted on training and validation videos"
        )
        return list(splits)
    if any(counts):
        warnings.add(
            f"{given.source or 'splits'}: {max(counts)} validation video(s) are joined to the training part"
        )
    return [one._replace(validation=None) for one in splits]


def whole_tests(splits: Sequence[Split]) -> list[TestedSplit]:
    """Return splits of one test part each."""
    return [TestedSplit(split, {TEST: np.arange(len(split.test))}) for split in splits]


def _published(videos: Videos, count: int, test_size: float, warnings: ValidityWarnings) -> list[Split]:
    """Return the published splits, drawn on all rows of the MOS file; rows without features are left out."""
    listed = videos.listed or tuple(videos.ids)
    drawn = literature_splits(len(listed), count, test_size)
    missing = len(listed) - len(videos.ids)
    if not missing:
        return drawn
    warnings.add(
        f"literature: the published splits are drawn on all {len(listed)} rows of the MOS; {missing} of them "
        "are not compared and keep their place, so parts are smaller than published"
    )
    place = {name: row for row, name in enumerate(videos.ids)}
    rows = np.array([place.get(name, -1) for name in listed])

    def kept(part: Positions) -> Positions:
        here = rows[part]
        return here[here >= 0]

    return given_splits([(kept(split.train), kept(split.test)) for split in drawn], len(videos.ids))


def _by_position(
    splits: SplitList, videos: Videos, ignore_case: bool, warnings: ValidityWarnings
) -> list[TestedSplit]:
    """Return splits of ids as row positions, without ids that have no features."""
    for note in splits.notes:
        warnings.add(f"{splits.source or 'splits'}: {note}")
    trainings = splits.trainings()
    ids = dict.fromkeys(
        name for one in trainings for part in (one.train, *one.tests.values()) for name in part
    )
    named = list(ids)
    compared = set(videos.ids)
    known = [*videos.ids, *(name for name in videos.listed if name not in compared)]
    found = match(named, known, ignore_case=ignore_case)
    refuse_positions(splits, [name for name, row in zip(named, found.rows, strict=True) if row < 0])
    _check_matching(found, named, known, videos, splits.source or "the splits", warnings)
    position = dict(zip(named, found.rows.tolist(), strict=True))
    placed = [_positions(one, number, position, videos.ids) for number, one in enumerate(trainings)]
    _count_lost(trainings, placed, splits.source or "the splits", warnings)
    return placed


def _positions(
    training: Training, number: int, position: Mapping[str, int], ids: Sequence[str]
) -> TestedSplit:
    """Return one training part with its test parts as positions of the compared rows."""

    def kept(name: str, part: Sequence[str]) -> Positions:
        rows = [row for video in part if 0 <= (row := position[video]) < len(ids)]
        if not rows:
            raise ParameterError(
                f"split {number}: the {name} part is empty: none of its {len(part)} video(s) has features "
                "and MOS"
            )
        if len(set(rows)) < len(rows):
            twice = [ids[row] for row, times in Counter(rows).items() if times > 1]
            raise ParameterError(
                f"split {number}: the {name} part must name each video once: {first_few(twice)}"
            )
        return np.array(rows, dtype=np.intp)

    train = kept("training", training.train)
    tests = {name: kept(name, part) for name, part in training.tests.items()}
    union = np.array(list(dict.fromkeys(np.concatenate(list(tests.values())).tolist())), dtype=np.intp)
    both = np.intersect1d(train, union)
    if len(both):
        raise ParameterError(
            f"split {number}: video(s) {first_few([ids[row] for row in both])} are in the training and the "
            "test part"
        )
    place = {row: at for at, row in enumerate(union.tolist())}
    parts = {name: np.array([place[row] for row in test.tolist()], np.intp) for name, test in tests.items()}
    chosen = [row for video in training.validation if 0 <= (row := position[video]) < len(ids)]
    return TestedSplit(Split(train, union), parts, np.array(chosen, np.intp) if chosen else None)


def _count_lost(
    trainings: Sequence[Training], placed: Sequence[TestedSplit], source: str, warnings: ValidityWarnings
) -> None:
    """Tell for each part how many of its videos are not compared, in the split that loses most."""
    lost: dict[str, tuple[int, int]] = {}
    for given, found in zip(trainings, placed, strict=True):
        sizes = {"train": (len(given.train), len(found.split.train))}
        sizes |= {name: (len(given.tests[name]), len(rows)) for name, rows in found.parts.items()}
        for name, (named, kept) in sizes.items():
            lost[name] = max(lost.get(name, (0, 0)), (named - kept, named))
    told = [f"{count} of {named} in {name}" for name, (count, named) in lost.items() if count]
    if told:
        most = " in the split that loses most" if len(placed) > 1 else ""
        warnings.add(f"{source}: videos named there that are not compared{most}: {', '.join(told)}")


def _check_matching(
    found: Matching,
    named: Sequence[str],
    known: Sequence[str],
    videos: Videos,
    source: str,
    warnings: ValidityWarnings,
) -> None:
    """Refuse splits whose ids are ambiguous or written in another way; count what is left on both sides."""
    if found.ambiguous:
        listed = [f"{one} ({' or '.join(several[:3])})" for one, several in found.ambiguous.items()]
        raise TableError(f"{source}: {len(listed)} id(s) could be several videos: {first_few(listed, 3)}")
    if found.moved:
        pairs = [f"{one} = {other}" for one, other in found.moved]
        warnings.add(
            f"{source}: {len(pairs)} id(s) are joined by name alone, because no folder agrees: "
            f"{first_few(pairs)}"
        )
    strange = [name for name, row in zip(named, found.rows, strict=True) if row < 0]
    taken = set(found.rows.tolist())
    unused = [name for row, name in enumerate(known) if row not in taken]
    _check_spelling(strange, unused, len(named), len(known), source)
    if strange:
        warnings.add(f"{len(strange)} id(s) of {source} have no row in the MOS: {first_few(strange)}")
    compared = set(videos.ids)
    idle = [name for name in unused if name in compared]
    if idle:
        warnings.add(
            f"{source}: {len(idle)} of {len(compared)} compared video(s) are in no split and not used: "
            f"{first_few(idle)}"
        )


def _check_spelling(
    strange: Sequence[str], unused: Sequence[str], named: int, known: int, source: str
) -> None:
    """Raise TableError if ids without a video and videos without a split seem to be the same videos."""
    alike = _alike(strange, unused)
    many = len(strange) > MOST_UNMATCHED * named and len(unused) > MOST_UNMATCHED * known
    if not alike and not many and len(strange) < named:
        return
    examples = f"such as {first_few(alike, 3)}" if alike else _examples(strange, unused)
    raise TableError(
        f"{source}: {len(strange)} of {named} id(s) match no video of the MOS, while {len(unused)} of "
        f"{known} videos are in no split, {examples}: write the ids of the splits as the MOS does "
        "(video ids, not row numbers), or take out of both what is not meant"
    )


def _examples(strange: Sequence[str], unused: Sequence[str]) -> str:
    videos = f" (videos: {first_few(unused, 3)})" if unused else ""
    return f"such as {first_few(strange, 3)}{videos}"


def _alike(strange: Sequence[str], unused: Sequence[str]) -> list[str]:
    """Return the pairs of ids that differ in case, marks, suffix, leading zeros or missing folders only."""
    by_name: dict[str, list[tuple[str, ...]]] = {}
    for name in unused:
        *folders, last = _plain(name)
        by_name.setdefault(last, []).append((name, *folders))
    found = []
    for name in strange:
        *folders, last = _plain(name)
        for other, *others in by_name.get(last, ()):
            if not folders or not others or folders == others:
                found.append(f"{name} and {other}")
                break
    return found


def _plain(name: str) -> list[str]:
    """Return folders and last name of an id without suffix, case, marks and leading zeros."""
    *folders, last = name_parts(name) or [name]
    kept = (unicodedata.normalize("NFKC", text).casefold() for text in (*folders, without_suffix(last)))
    return [re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]+", "", text)) for text in kept]
