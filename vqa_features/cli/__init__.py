"""The command line: arguments and exit codes. The module of a command is imported when it is called."""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from .. import __version__, caches
from ..progress import say
from ..remote.redaction import redacted
from ._completion import VARIABLE, complete
from ._config import use as use_configuration
from ._config import with_negatives
from .failures import WRONG_USAGE, exit_code_of, sentence_of
from .signals import Ended, ending_signals

_SAFE_PATH = "PYTHONSAFEPATH"

#: Command name: its module here, and the line `--help` shows (so that help imports nothing).
COMMANDS = {
    "demo": ("demo", "Degrade bundled clips, extract features, compare, report; offline."),
    "list": ("listing", "List extractors: name, family, group, columns, cost, weights."),
    "describe": ("listing", "Describe one extractor: parameters, features, references, licence."),
    "extract": ("extract", "Extract features of videos into a table, one row per video."),
    "plan": ("plan", "Estimate hours, cost and bytes of a large extract, from a sample."),
    "compare": ("compare", "Compare feature tables by how well they predict MOS, on the same splits."),
    "cross": ("cross", "Train on one dataset and test on another."),
    "respond": ("respond", "Distort clips and measure how features and predictions react."),
    "inspect": ("inspect", "Write a page on a video: status, events, measures over time, predicted MOS."),
    "summarise": ("summarise", "Summarise the results of compare on several datasets."),
    "train": ("train", "Train a model on feature tables and MOS, and save it."),
    "predict": ("predict", "Predict the MOS of videos, or of a feature table, by a trained model."),
    "models": ("models", "Show the card of a trained model."),
    "store": ("store", "Describe, export, check, clean and join stores of finished results."),
    "plot": ("plot", "Draw a figure of a video, a feature table or a prediction."),
    "datasets": ("datasets", "List and fetch published feature tables and labels."),
    "weights": ("weights", "List, fetch, verify and import checkpoints."),
    "new-extractor": ("new_extractor", "Write the files of a package with an extractor of your own."),
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
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return with_negatives(command)

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
@click.option("--debug", is_flag=True, help="Show the traceback of an error; also after the command.")
@click.option(
    "--config",
    metavar="FILE",
    help="Configuration, by default vqa-features.toml in the current folder; also after the command.",
)
@click.option("--no-config", is_flag=True, help="Read no configuration; also after the command.")
@click.pass_context
def cli(context: click.Context, debug: bool, config: str | None, no_config: bool) -> None:
    """Compute and compare handcrafted and deep features for video quality assessment.

    Exit codes: 0 all is done; 1 some videos failed; 2 wrong usage or an input that cannot be used, nothing
    was done; 3 results are not where they were asked for, or an error ended the run: stderr says what was
    saved and where; 70 an unexpected error, a fault of this program; 129, 130, 143 ended by SIGHUP, Ctrl-C,
    SIGTERM, with the finished rows written.
    """
    use_configuration(context, "" if no_config else config)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and exit with the code that `cli` documents; an error is one sentence on stderr."""
    _open_standard_streams()
    if instruction := os.environ.get(VARIABLE):
        sys.exit(complete(cli, instruction))
    caches.tell_by(lambda text: say(f"warning: {text}"))
    given, debug = _in_front(sys.argv[1:] if arguments is None else arguments)
    try:
        # click's own main would write to a terminal that may be gone, and hide which signal came
        with (
            _nothing_from_here(),
            ending_signals(last=True),
            cli.make_context("vqa-features", given, obj=list(given)) as context,
        ):
            code = cli.invoke(context)
            if sys.stdout is not None:
                sys.stdout.flush()
    except (KeyboardInterrupt, click.exceptions.Abort) as error:
        if debug:
            _print_trace()
        say("interrupted")
        code = error.code if isinstance(error, Ended) else 130
    except click.exceptions.Exit as error:
        code = error.exit_code
    except BrokenPipeError:  # the reader of our output went away, e.g. `| head`
        code = 0
    except click.ClickException as error:
        say(redacted(_usage(error)))
        code = WRONG_USAGE
    except SystemExit:
        raise
    except BaseException as error:  # the edge of the program: one sentence, also for a panic of a library
        if debug:
            _print_trace()
        say(f"error: {redacted(sentence_of(error))}")
        code = exit_code_of(error)
    _silence_stdout()
    sys.exit(code if isinstance(code, int) else 0)


def _print_trace() -> None:
    """Print the traceback of the error that is handled, without credentials."""
    say(redacted(traceback.format_exc().rstrip()))


@contextmanager
def _nothing_from_here() -> Iterator[None]:
    """Let the interpreters of workers import nothing from the current folder."""
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_SAFE_PATH, None)
        else:
            os.environ[_SAFE_PATH] = before


def _open_standard_streams() -> None:
    """Open the null device where stdin, stdout or stderr is closed: no file takes its descriptor."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free one


def _in_front(arguments: list[str]) -> tuple[list[str], bool]:
    """Put the options of the program in front of the command, and take ``--debug`` out of the arguments."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    before, after, debug = list[str](), list[str](), False
    words = iter(arguments[:end])
    for word in words:
        if word == "--debug":
            debug = True
        elif word == "--config":
            before += [word, *([value] if (value := next(words, None)) is not None else [])]
        elif word == "--no-config" or word.startswith("--config="):
            before.append(word)
        else:
            after.append(word)
    return [*before, *after, *arguments[end:]], debug


def _usage(error: click.ClickException) -> str:
    with io.StringIO() as text:
        error.show(text)
        return text.getvalue().rstrip()


def _silence_stdout() -> None:
    """Keep the interpreter's own last flush from failing once more on a closed pipe or a full disk."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
