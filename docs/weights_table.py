"""Write the table of docs/weights.md from what the extractors declare.

``python docs/weights_table.py`` rewrites the text between the markers; ``--check`` only compares it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from vqa_features import weights

PAGE = Path(__file__).resolve().parent / "weights.md"
BEGIN, END = "<!-- begin: written by docs/weights_table.py -->", "<!-- end -->"
PINNED = {"SHA-256": "whole", "not verified": "no"}


def table() -> Iterator[str]:
    """Yield the lines of the table, in the order of `weights list`: default sets first."""
    yield "| network | set | file | bytes | SHA-256 known | licence | what is known of the address |"
    yield "|---|---|---|---|---|---|---|"
    for row in weights.table():
        over = f", over `{row['base']}`" if row["base"] else ""
        cells = (
            f"`{row['name']}`" if row["default"] else "",
            f"`{row['tag']}`{over}",
            f"[{Path(str(row['path'])).name}]({row['url']})",
            row["size"] or "",
            PINNED.get(str(row["pinned"]), row["pinned"]),
            row["licence"],
            row["seen"],
        )
        yield f"| {' | '.join(str(cell) for cell in cells)} |"


def rewritten(page: str) -> str:
    """Return `page` with the text between the markers brought up to date."""
    before, _, rest = page.partition(BEGIN)
    return before + "\n".join([BEGIN, *table(), END]) + rest.partition(END)[2]


if __name__ == "__main__":
    now = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        sys.exit(rewritten(now) != now)
    PAGE.write_text(rewritten(now), encoding="utf-8")
