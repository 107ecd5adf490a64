"""How a comparison was made, in sentences for the methods section of a paper.

Every sentence is read from the settings and the results. What they do not hold is not stated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..comparison.result import BASELINE, Comparison
from ..tables.split_lists import TEST
from .formatting import counted, listed, sentence, shown
from .messages import MOST_TEXT
from .methods_models import model_sentences
from .methods_statistics import metric_sentences, significance_sentences, tested_by
from .provenance import truth_of
from .view import ProtocolView

MOST_NAMED = 20
"""Greatest number of warnings that are cited, and of tables that are named."""
_DUPLICATES = {
    "error": "Equal and nearly equal videos that share no group were looked for, and several of them would "
    "have stopped the run",
    "warn": "Equal and nearly equal videos that share no group were looked for and reported as a warning",
    "group": "Equal and nearly equal videos were put into one group",
}


def methods_of(views: Mapping[str, ProtocolView]) -> list[str]:
    """Return the paragraphs: data, one for each protocol, software, warnings.

    Parameters
    ----------
    views : mapping
        View of every protocol and test part of one comparison, as `views_of` returns them.

    Returns
    -------
    list of str
        Plain text. Names are shown as on the page.
    """
    comparison = next(iter(views.values())).comparison
    found = [" ".join(data_sentences(comparison))]
    for protocol in dict.fromkeys(view.protocol for view in views.values()):
        mine = [view for view in views.values() if view.protocol == protocol]
        told = [
            *split_sentences(mine),
            *model_sentences(mine[0]),
            *metric_sentences(mine[0]),
            *_tests(mine),
        ]
        found.append(f"Protocol {shown(protocol)}. {' '.join(told)}")
    found.append(_analyses(comparison.settings))
    found += [" ".join(software_sentences(comparison.settings)), _warnings(comparison)]
    return [text for text in found if text]


def _tests(views: list[ProtocolView]) -> list[str]:
    """Return the sentences on tests; parts that were tested in the same way have them once."""
    parts: dict[str, list[str]] = {}
    for view in views:
        parts.setdefault(" ".join(significance_sentences(view)), []).append(shown(view.part))
    return [text if len(views) == 1 else f"On {listed(names)}: {text}" for text, names in parts.items()]


def data_sentences(comparison: Comparison) -> list[str]:
    """Return sentences on opinion scores, videos, feature tables and how they were read."""
    settings, summary = comparison.settings, comparison.summary
    tested = comparison.predictions["id"].nunique()
    joined = int(summary["videos"].max()) if "videos" in summary else settings.get("videos")
    truth = truth_of(settings)
    told = [f"The {truth} are {_labels(settings)}."] if _labels(settings) else []
    if isinstance(settings.get("target"), str):
        told.append(f"The target is {shown(settings['target'], MOST_TEXT)}.")
    if isinstance(joined, int) and joined >= tested:
        told.append(
            f"{counted(joined, 'video')} with {truth} and features were compared; {tested:,} of them were "
            "tested at least once."
        )
    else:
        told.append(f"{counted(tested, 'video')} were tested at least once.")
    told.append(_tables(comparison))
    if settings.get("use_metadata") is True:
        told.append("Numeric metadata columns, such as width or bitrate, were used as features.")
    elif settings.get("use_metadata") is False:
        told.append("Metadata columns, such as width or bitrate, were not used as features.")
    if settings.get("trusted"):
        names = listed([shown(name) for name in settings["trusted"]][:MOST_NAMED])
        told.append(f"Columns taken as features whatever they are called: {names}.")
    if settings.get("ignore_case") is True:
        told.append("Ids that differ in upper and lower case only were joined.")
    if settings.get("duplicates") in _DUPLICATES:
        told.append(f"{_DUPLICATES[settings['duplicates']]}.")
    return [text for text in told if text]


def _labels(settings: Mapping[str, Any]) -> str:
    """Return what the opinion scores are: those of a published dataset, or of a file."""
    command = settings.get("command")
    options = command.get("options", {}) if isinstance(command, Mapping) else {}
    files = command.get("files", {}) if isinstance(command, Mapping) else {}
    source = shown(re.split(r"[/\\]", str(settings.get("mos") or ""))[-1]) if settings.get("mos") else ""
    if options.get("dataset") and not files.get("mos"):
        return f"the published ones of {shown(options['dataset'])}"
    column = f", column {shown(options['mos_column'])}" if options.get("mos_column") else ""
    return f"those of {source}{column}" if source else ""


def _tables(comparison: Comparison) -> str:
    """Return the feature tables with their numbers of columns and families, without those that were added."""
    given = comparison.settings.get("tables")
    first = comparison.scores.drop_duplicates("table")
    columns = dict(zip(first["table"], first["columns"], strict=True))
    families = dict(zip(first["table"], first["family"], strict=True))
    names = [name for name in columns if not isinstance(given, Mapping) or name in given]
    if not names:
        return ""
    told = [
        f"{shown(name)} ({counted(int(columns[name]), 'column')}, family {shown(families[name])})"
        for name in names[:MOST_NAMED]
    ]
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"{counted(len(names), 'feature table')}: {', '.join(told)}{more}."


def split_sentences(views: list[ProtocolView]) -> list[str]:
    """Return sentences on the splits of one protocol and the sizes of their parts."""
    view = views[0]
    scores = view.scores
    count, sizes = scores["split"].nunique(), _range(scores["n_train"])
    told = [_kind_of_splits(view, count), _grouping(view)]
    tests = [f"{shown(one.part)} {_range(one.scores['n_test'])}" for one in views]
    train = "The training part holds" if count == 1 else "Training parts hold"
    where = "the test part" if count == 1 else "test parts"
    if len(views) == 1 and view.part == TEST:
        told.append(f"{train} {sizes} videos, {where} {_range(scores['n_test'])}.")
    else:
        told.append(f"{train} {sizes} videos. Videos of each test part: {', '.join(tests)}.")
    return [text for text in told if text]


def _kind_of_splits(view: ProtocolView, count: int) -> str:
    settings = view.comparison.settings
    if settings.get("splits_given") is True:
        source = str(settings.get("splits_from") or "given")
        made = "were given by the user" if source == "given" else f"are those of {shown(source)}"
        return f"{counted(count, 'split')} {made}." if count != 1 else f"One split: it {_one(made)}."
    share = settings.get("test_size")
    part = f" with {100 * share:g} % of the videos in the test part" if isinstance(share, float) else ""
    if view.protocol == "literature":
        return (
            f"{counted(count, 'random hold-out')}{part}, drawn in the row order of the "
            f"{truth_of(settings)} with the published random states ceil(8.8 i)."
        )
    seed = f", seed {settings['seed']}" if "seed" in settings else ""
    scheme = settings.get("scheme")
    if scheme == "kfold":
        return (
            f"{counted(count, 'test part')} of repeated {settings.get('folds')}-fold cross-validation{seed}."
        )
    if scheme == "leave-one-group-out":
        return f"Leave-one-group-out: {counted(count, 'split')}, each with one group as its test part."
    if scheme == "holdout":
        part = part.replace("of the videos", "of the groups") if _groups(view) else part
        return f"{counted(count, 'random hold-out')}{part}{seed}."
    return f"{counted(count, 'split')}."


def _one(made: str) -> str:
    return made.replace("were", "was").replace("are those", "is that")


def _groups(view: ProtocolView) -> int:
    """Return the number of groups of videos, 0 where there are none or it is not known."""
    found = view.comparison.settings.get("groups")
    return found if isinstance(found, int) else 0


def _grouping(view: ProtocolView) -> str:
    settings, groups = view.comparison.settings, _groups(view)
    if "groups" not in settings or (settings["groups"] is not None and not groups):
        return ""
    if not groups:
        return "The videos have no groups of source content, so one content may be on both sides of a split."
    if view.protocol == "literature" and settings.get("splits_given") is not True:
        return f"The {groups:,} groups of videos were ignored, as in the published scripts."
    if settings.get("splits_given") is True and view.protocol == "strict":
        return f"No one of the {groups:,} groups of videos is on both sides of a split."
    if settings.get("splits_given") is True:
        return f"The splits were used as they are; the {groups:,} groups of videos did not change them."
    return f"Each of the {groups:,} groups of videos (source content) was kept on one side of every split."


def _range(values: Any) -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _analyses(settings: Mapping[str, Any]) -> str:
    """Return a sentence on the analyses that were made beyond the comparison."""
    names = [shown(name).replace("_", " ") for name in settings.get("analyses") or ()]
    names += [f"errors by {shown(name)}" for name in settings.get("error_by") or ()]
    return f"Further analyses: {listed(names)}." if names else ""


def software_sentences(settings: Mapping[str, Any]) -> list[str]:
    """Return a sentence on the versions, and one on the platform."""
    versions, platform = settings.get("versions"), settings.get("platform")
    told = []
    if isinstance(versions, Mapping) and versions:
        names = [
            f"{shown(str(name).replace('_', '-'))} {shown(version)}" for name, version in versions.items()
        ]
        told.append(f"Software: {listed(names)}.")
    if isinstance(platform, Mapping) and platform:
        parts = [f"{shown(name)} {shown(value, MOST_TEXT)}" for name, value in platform.items()]
        told.append(f"Platform: {', '.join(parts)}.")
    return told


def _warnings(comparison: Comparison) -> str:
    warnings = comparison.warnings
    if not warnings:
        return "The run gave no warning."
    cited = [f"({k}) {shown(text, MOST_TEXT)}." for k, text in enumerate(warnings[:MOST_NAMED], start=1)]
    more = f" {len(warnings) - MOST_NAMED:,} more are in settings.json." if len(warnings) > MOST_NAMED else ""
    return f"The run gave {counted(len(warnings), 'warning')}: {' '.join(cited)}{more}"


def caption_of(view: ProtocolView) -> list[str]:
    """Return the sentences of the caption of a table of one protocol and test part."""
    part = "" if view.part == TEST else f", test part {shown(view.part)}"
    scores = view.scores
    count = scores["split"].nunique()
    labels, target = _labels(view.comparison.settings), view.comparison.settings.get("target")
    videos = counted(int(view.summary["n"].max()), "tested video")
    what = (
        f"Scores on one test part ({videos})" if count == 1 else f"Medians over {count:,} splits ({videos})"
    )
    baseline = (scores["regressor"] == BASELINE).any()
    return [
        f"{what}, protocol {shown(view.protocol)}{part}.",
        *([f"{sentence(truth_of(view.comparison.settings))}: {labels}."] if labels else []),
        *([f"Target: {shown(target, MOST_TEXT)}."] if isinstance(target, str) else []),
        _kind_of_splits(view, count),
        _grouping(view),
        *metric_sentences(view, maps_only=True),
        *(["The training mean ranks nothing and is not tested."] if baseline else []),
        tested_by(view),
    ]
