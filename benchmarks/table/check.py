"""The check of a row: its card, its files, its ids, and what the comparison says of its columns."""

from __future__ import annotations

from pathlib import Path

from vqa_features.comparison import compare
from vqa_features.evaluation.metrics import srcc
from vqa_features.tables.ids import aligned

from .cards import Card, read_card
from .datasets import Ready, ready_datasets

#: Largest file that is committed with a row, in bytes.
LARGEST = 5_000_000


def check_row(folder: Path) -> int:
    """Print what a row is and what is wrong with it; return the exit code.

    Parameters
    ----------
    folder : Path
        Folder of the row.

    Returns
    -------
    int
        0 if the row can be added; 1 if something was left out or is to be looked at.

    Raises
    ------
    TableError, UnknownName
        If the card or a file is not valid, or the features leak the MOS.
    """
    card = read_card(folder)
    print(f"{card.name}: {card.title}, {card.family}, {card.about}")
    learned = ", ".join(card.learned_from)
    print(f"learned from the opinions of: {learned or 'none, as the card says'}")
    ready, notes = ready_datasets([card], list(card.places), scores_alone=True)
    notes += _too_large(card)
    for one in ready:
        notes += _checked(one)
    for note in notes:
        print(f"look at: {note}")
    print("the row can be added" if not notes else f"{len(notes)} point(s) to look at")
    return 1 if notes else 0


def _too_large(card: Card) -> list[str]:
    files = [place.own for place in card.places.values() if place.own is not None]
    return [
        f"{file.name} has {file.stat().st_size} bytes; at most {LARGEST} are committed: publish it and pin it"
        for file in files
        if file.stat().st_size > LARGEST
    ]


def _checked(ready: Ready) -> list[str]:
    """Return what is to be looked at in the features, or in the score, of a row."""
    return _checked_score(ready) if ready.scores else _checked_features(ready)


def _checked_score(ready: Ready) -> list[str]:
    (score,), mos = ready.scores, ready.published.labels.mos
    values = aligned(score.values, mos.index)
    known = (values.notna() & mos.notna()).to_numpy()
    found = srcc(values[known] if score.higher_is_better else -values[known], mos[known])
    print(f"{ready.name}: {known.sum()} videos, SRCC {found:.3f} without training")
    return [f"{ready.name}: the SRCC is negative: is `better` right?"] if found < 0 else []


def _checked_features(ready: Ready) -> list[str]:
    """Return the warnings of a short comparison; a leak is an error of the comparison."""
    labels = ready.published.labels
    found = compare(ready.tables, labels, splits=5, regressors=["ridge"], bootstrap=10)
    best = found.summary["srcc"].max()
    print(f"{ready.name}: {len(found.splits)} videos, SRCC {best:.3f} in 5 strict splits with ridge")
    return [f"{ready.name}: {text}" for text in found.warnings]
