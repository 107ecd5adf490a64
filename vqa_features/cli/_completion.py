"""Completion of commands, options, extractors and files in bash, zsh and fish, by click's scripts."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, add_completion_class, get_completion_class, shell_complete

#: The variable by which a shell asks, named as click names it.
VARIABLE = "_VQA_FEATURES_COMPLETE"


def complete(cli: click.Group, instruction: str) -> int:
    """Print what a shell asked for by `VARIABLE`; return the exit code.

    Parameters
    ----------
    cli : click.Group
        The program.
    instruction : str
        ``bash_source``, ``bash_complete``, or the same of zsh or fish.
    """
    shell = instruction.partition("_")[0]
    known = get_completion_class(shell)
    if known is not None:
        add_completion_class(type("WithFiles", (_WithFiles, known), {}), shell)
    return shell_complete(cli, {}, "vqa-features", VARIABLE, instruction)


class _WithFiles:
    """Offers files where a command knows nothing better: inputs, outputs and tables are texts to click."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return what click offers, else the files."""
        found: list[CompletionItem] = super().get_completions(args, incomplete)  # type: ignore[misc]
        return found or [CompletionItem(incomplete, type="file")]


def extractor_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the extractors, families and groups that continue the last name of a comma-separated list."""
    from ..registry import registry
    from ..selection import words

    before, comma, last = incomplete.rpartition(",")
    minus = "-" if comma and last.startswith("-") else ""
    names = (*registry(), *words()) if parameter.name == "extractors" else registry()
    return [f"{before}{comma}{minus}{name}" for name in names if name.startswith(last.removeprefix(minus))]
