"""The command line: arguments and exit codes. The module of a command is imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from .. import __version__
from ..errors import VqaError

#: Command name: its module here, and the line `--help` shows (so that help imports nothing).
COMMANDS = {
    "demo": ("demo", "Degrade bundled clips, extract features, compare, report; offline."),
    "list": ("listing", "List extractors: name, family, group, columns, cost, weights."),
    "describe": ("listing", "Describe one extractor: parameters, features, references, licence."),
    "extract": ("extract", "Extract features of videos into a table, one row per video."),
    "compare": ("compare", "Compare feature tables by how well they predict MOS, on the same splits."),
    "cross": ("cross", "Train on one dataset and test on another."),
    "datasets": ("datasets", "List and fetch published feature tables and labels."),
    "weights": ("weights", "List, fetch, verify and import checkpoints."),
    "doctor": ("doctor", "Report versions, decoders, devices, cache folders and problems."),
}


class _LazyGroup(click.Group):
    """A group that imports the module of a command when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        from ..errors import UnknownName

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(str(UnknownName("command", args[0], COMMANDS, "see vqa-features --help")))
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vqa-features")
def cli() -> None:
    """Compute and compare handcrafted and deep features for video quality assessment."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and exit: 0 all good, 1 some videos failed, 2 wrong usage, 130 interrupted."""
    try:
        code = cli.main(arguments, prog_name="vqa-features", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        code = 130
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except VqaError as error:
        click.echo(f"error: {error}", err=True)
        code = 2
    except BrokenPipeError:  # the reader of our output went away, e.g. `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
