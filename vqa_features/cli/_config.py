"""Options from a configuration file, ``vqa-features.toml``: a section per command, names of options as keys.

A file in the current folder may be a stranger's. It chooses how something is computed, never which files are
read or written, what is fetched, which code runs, or which checks and messages are left out.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import click

from ..errors import ParameterError, UnknownName
from ..files.names import escaped_name, visible_text
from ..files.reading import reading
from ..files.regular import open_regular
from ..processes.cores import ALL_CORES

NAME = "vqa-features.toml"
VARIABLE = "VQA_FEATURES_CONFIG"
#: Key in the context of the program.
_KEY = "vqa_features.config"
_MOST_BYTES = 1 << 16
_SHOWN = 80
#: Names of the parameters that a configuration may hold. What is not here may not, new ones included.
ALLOWED = frozenset(
    """
    jobs threads as_json family quick extractors fps every offset frames start_s duration_s raw pool on_error
    deadline_s max_memory_mb luma area csv_safe excel id_column mos_column group_column std_column
    count_column ignore_case protocol search splits test_size scheme folds validation seed regressors
    regressor fusion components margin bootstrap logistic learning_curve ablation importance
    shared_variance similarity pair_ranking power noise_ceiling pair_analysis error_by use_metadata tables
    align reference joint metric rope repetitions level lower_is_better scale explain
    """.split()
)
_NO_CHECK = "switches off a check"
_WHY = {
    "dataset": "may fetch files from the network",
    "trusted": _NO_CHECK,
    "duplicates": _NO_CHECK,
    "allow_random_weights": _NO_CHECK,
    "quiet": "switches off messages",
    "remote": "opens the network",
    "max_scratch_mb": "is for what --remote opens",
    "dry_run": "decides whether anything is done",
    "cluster": "names machines that do the work",
    "gpus": "is for --cluster",
    "allow_other_versions": _NO_CHECK,
    "shard": "leaves out videos",
}


@dataclass(frozen=True)
class Configuration:
    """A configuration file that was read.

    Parameters
    ----------
    file : str
        As it was named.
    sha256 : str
        Of its content.
    options : dict
        Values by section, for click: by command, by the command's parameter.
    """

    file: str
    sha256: str
    options: dict[str, Any] = field(default_factory=dict)


def chosen_file(named: str | None) -> str | None:
    """Return the configuration file that is named, by the option or the environment, or is found here."""
    given = os.environ.get(VARIABLE) if named is None else named
    if given is not None:
        return given or None
    if not os.path.lexists(NAME):
        return None
    if os.path.islink(NAME):
        raise ParameterError(f"{NAME} is a symbolic link and is not read: name its file with --config")
    return NAME


def read_configuration(file: str, program: click.Group) -> Configuration:
    """Return the options of a configuration file, each checked by its option.

    Parameters
    ----------
    file : str
        TOML with a section for each command, e.g. ``[extract]``, ``[weights.list]``.
    program : click.Group
        Whose commands and options are known.

    Raises
    ------
    ParameterError, UnknownName
        If it cannot be read, names no command or option, one that may not stand there, or a bad value.
    """
    with reading(file, "a configuration", ParameterError):
        with open_regular(file) as stream:
            data = stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES} bytes")
        found = tomllib.loads(data.decode("utf-8-sig"))
    return Configuration(file, sha256(data).hexdigest(), _group(found, program, escaped_name(file), ()))


def with_negatives(command: click.Command) -> click.Command:
    """Return the command with ``--no-X`` for every flag that a configuration may set."""
    if isinstance(command, click.Group):
        for one in command.commands.values():
            with_negatives(one)
    for option in command.params:
        if isinstance(option, click.Option) and option.is_flag and option.name in ALLOWED:
            option.secondary_opts = [f"--no-{max(option.opts, key=len).lstrip('-')}"]
    return command


def use(context: click.Context, named: str | None) -> None:
    """Read the configuration, if there is one, as defaults of the command that is called, and say so."""
    from ..progress import say

    file = chosen_file(named)
    if file is None:
        return
    assert isinstance(context.command, click.Group)
    found = read_configuration(file, context.command)
    context.default_map = found.options
    context.meta[_KEY] = found
    options = found.options.get(str(context.invoked_subcommand), {})
    if options:
        names = ", ".join(visible_text(name) for name in _names(options, context))
        say(f"note: {escaped_name(file)} sets {names}, where neither the command line nor --settings does")


def used() -> dict[str, Any]:
    """Return what the settings of an output keep of the configuration: empty if it set nothing."""
    context = click.get_current_context(silent=True)
    found = context.meta.get(_KEY) if context else None
    if context is None or not isinstance(found, Configuration):
        return {}
    options: Any = found.options
    for name in context.command_path.split()[1:]:
        options = options.get(name, {})
    source = click.core.ParameterSource.DEFAULT_MAP
    taken = {name: value for name, value in options.items() if context.get_parameter_source(name) is source}
    return (
        {"config": {"file": escaped_name(found.file), "sha256": found.sha256, "options": taken}}
        if taken
        else {}
    )


def _names(options: Mapping[str, Any], context: click.Context) -> Iterator[str]:
    """Yield the option, as it is written in the file, of every value; of a group after its command."""
    assert isinstance(context.command, click.Group)
    command = context.command.get_command(context, str(context.invoked_subcommand))
    assert command is not None
    groups = {"": options}
    if isinstance(command, click.Group):
        groups = {f"{name} ": values for name, values in options.items()}
    for name, values in groups.items():
        one = command.commands[name.strip()] if isinstance(command, click.Group) else command
        known = {option.name: key for key, option in _options(one).items()}
        yield from (f"{name}{known[key]}" for key in values)


def _options(command: click.Command) -> dict[str, click.Option]:
    """Return the options of a command by their long names without dashes."""
    return {
        max(one.opts, key=len).lstrip("-"): one for one in command.params if isinstance(one, click.Option)
    }


def _group(found: Mapping[str, Any], group: click.Group, file: str, above: tuple[str, ...]) -> dict[str, Any]:
    """Return the values of every section below a group."""
    context = click.Context(group)
    known = group.list_commands(context)
    result = {}
    for name, values in found.items():
        section = ".".join((*above, name))
        if not isinstance(values, dict):
            where = f"[{'.'.join((*above, known[0]))}]"
            raise ParameterError(
                f"{file}: {_shown(name)} stands in no section of a command: write it below one, as {where}"
            )
        command = group.get_command(context, name) if name in known else None
        if command is None:
            raise UnknownName(f"section in {file}", name, known, "a section is called like a command")
        if isinstance(command, click.Group):
            result[name] = _group(values, command, file, (*above, name))
        else:
            result[name] = _section(values, command, file, section)
    return result


def _section(values: Mapping[str, Any], command: click.Command, file: str, section: str) -> dict[str, Any]:
    """Return the checked values of one command by its parameters."""
    options = _options(command)
    allowed = {key: one for key, one in options.items() if one.name in ALLOWED}
    result = {}
    for key, value in values.items():
        name = key.replace("_", "-")
        if name not in options:
            hint = f"options there: {', '.join(allowed) or 'none'}"
            raise UnknownName(f"option in [{section}] of {file}", key, allowed, hint)
        option = options[name]
        if name not in allowed:
            why = _WHY.get(str(option.name), "names what is read or written")
            raise ParameterError(
                f"{file}: {_shown(key)} may not stand in a configuration, since it {why}: give --{name} on "
                "the command line"
            )
        result[str(option.name)] = _value(option, value, command, f"{file}: [{section}] {_shown(key)}")
    return result


def _value(option: click.Option, value: Any, command: click.Command, where: str) -> Any:
    """Return a value that has the type and the range of its option, and names no code and no file."""
    plain = _typed(option, value)
    if plain is None:
        raise ParameterError(f"{where} has another type: {_shown(value)}; it takes {_kind(option)}")
    try:
        option.type_cast_value(click.Context(command), plain)
    except click.BadParameter as error:
        raise ParameterError(f"{where}: {error.message}") from error
    _refuse_code(option, plain, where)
    cores = os.cpu_count() or 1
    all_cores = option.name == "jobs" and plain == ALL_CORES
    if option.name in ("jobs", "threads") and not all_cores and not 1 <= plain <= cores:
        rest = f", or {ALL_CORES} for all" if option.name == "jobs" else ""
        raise ParameterError(f"{where} is {plain}: a configuration takes 1 to {cores}, the cores here{rest}")
    return plain


def _kind(option: click.Option) -> str:
    if option.is_flag:
        return "true or false"
    if option.name == "every":
        return 'a whole number or "second"'
    kind = option.type.name.removesuffix(" range")
    kinds = {"integer": "a whole number", "float": "a number"}
    return kinds.get(kind, "a text" if not option.multiple else "a text or a list of texts")


def _typed(option: click.Option, value: Any) -> Any:
    """Return a TOML value as click takes it, None if it has another type than the option."""
    kind = _kind(option)
    if isinstance(value, bool) or kind == "true or false":
        return value if isinstance(value, bool) and kind == "true or false" else None
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return value if option.multiple else ",".join(value) if kind == "a text" else None
    if isinstance(value, str) and (kind.startswith("a text") or kind.endswith('"second"')):
        return [value] if option.multiple else value
    number = isinstance(value, int) or (isinstance(value, float) and kind == "a number")
    return value if number and "number" in kind else None


def _refuse_code(option: click.Option, value: Any, where: str) -> None:
    """Refuse import paths of regressors, and extractors that name a file."""
    if option.name in ("regressors", "regressor"):
        from ..evaluation.regressors import NAMES

        foreign = [name.strip() for name in value.split(",") if name.strip() not in NAMES]
        if foreign:
            raise ParameterError(f"{where} names code, {_shown(foreign[0])}: give it on the command line")
    if option.name == "extractors":
        from ..batch.replay import named_file
        from ..registry import make, split_labels
        from ..selection import words

        for label in split_labels(",".join(value)):
            if label in words() or label.startswith("-"):
                continue
            if path := named_file(make(label)):
                raise ParameterError(f"{where} names the file {_shown(path)}: give it on the command line")


def _shown(value: object) -> str:
    text = visible_text(value if isinstance(value, str) else repr(value))
    text = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return repr(text) if isinstance(value, str) else text
