"""Options of an earlier run, repeated from the ``settings.json`` that it wrote.

The settings may come from a stranger. They choose how is compared, by the types and ranges of the command's
own options. They choose no file: every file is named again, and must have the SHA-256 of the file of the run.
They name no code: a regressor that is an import path is named again too.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from ..errors import TableError
from ..files.names import escaped_name, visible_text
from ._given import given_options
from ._scores import parse_score

SETTINGS = "settings.json"
KEY = "command"
#: Keys in the context of the command: the settings that are repeated, and the values in them that options of
#: the command line replace, by option.
REPEATED, CHANGED = "vqa_features.repeated", "vqa_features.changed"
#: Options whose values are files, or hold one.
FILES = ("specs", "mos", "ids", "split_file", "grid_file", "scores", "pairs_file")
#: Options that do not decide a number.
FREE = (
    *("settings", "output", "jobs", "cluster", "allow_other_versions", "stills", "as_json"),
    *("csv_safe", "excel", "quiet"),
)
#: Greatest length of a text in the settings.
MOST_TEXT = 10_000
_DIGEST = re.compile("[0-9a-f]{64}")


class Named(NamedTuple):
    """A file that an option names, and what the option says beside it."""

    path: str
    role: str
    """Name and family of a table, ``NAME`` and column of ``--ids``, else empty."""


def named_files(option: str, given: Any) -> list[Named]:
    """Return the files that the value of an option names."""
    from ..tables.reading import parse_spec

    values = [given] if isinstance(given, str) else list(given or ())
    if option == "specs":
        specs = [parse_spec(text) for text in values]
        return [Named(str(one.path), f"{one.name}:{one.family or ''}") for one in specs]
    if option == "scores":
        return [Named(one.path, one.role) for one in map(parse_score, values)]
    if option == "ids":
        parts = [(text.partition("=")[0], *text.partition("=")[2].rpartition(":")[::2]) for text in values]
        return [Named(path, f"{name}:{column}") for name, path, column in parts]
    return [Named(text, "") for text in values]


def recorded_command(context: click.Context) -> dict[str, Any]:
    """Return what a run of a command is repeated from: its options, and its files with their SHA-256."""
    from ..tables.parts import table_digest

    options = {one.name: context.params[one.name] for one in _repeated(context.command)}
    files = {
        name: [
            {"path": one.path, "role": one.role, "sha256": table_digest(Path(one.path))}
            for one in named_files(name, context.params[name])
        ]
        for name in FILES
        if name in context.params
    }
    return {"name": context.command.name, "options": options, "files": files}


def command_line(context: click.Context) -> str:
    """Return the options and arguments that a command was given, as they are typed in a shell.

    The address of a cluster is left out: it decides nothing, and may be a secret of the place.
    """
    words, given = ["vqa-features", str(context.command.name)], given_options(context)
    for one in context.command.params:
        if one.name not in given or one.name == "cluster":
            continue
        value = context.params[one.name]
        values = list(value) if isinstance(value, list | tuple) else [value]
        if isinstance(one, click.Argument):
            words += map(str, values)
        elif isinstance(one, click.Option) and one.is_flag:
            words += [*one.opts[:1], *one.secondary_opts[:1]][not value :][:1]
        else:
            words += [word for each in values for word in (max(one.opts, key=len), str(each))]
    return shlex.join(words)


def _repeated(command: click.Command) -> list[click.Option]:
    """Return the options whose values are taken from the settings."""
    return [
        one
        for one in command.params
        if isinstance(one, click.Option) and one.name not in (*FILES, *FREE, "help")
    ]


class RepeatableCommand(click.Command):
    """A command that takes its options from the settings of an earlier run, if ``--settings`` names one."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, after the options of the settings were taken."""
        folder = ctx.params.get("settings")
        if folder is not None:
            source = settings_file(folder)
            found = _read(source)
            _take_options(ctx, found, source)
            for name, recorded in _files(found, source, ctx.params).items():
                ctx.params[name] = _same_files(self, name, ctx.params[name], recorded)
            ctx.meta[REPEATED] = found
        return super().invoke(ctx)


def settings_file(folder: str) -> Path:
    """Return the settings in a folder of results, or the file itself if it is named."""
    return Path(folder) / SETTINGS if Path(folder).is_dir() else Path(folder)


def _read(file: Path) -> dict[str, Any]:
    """Return the settings of an earlier run of the same command."""
    from ..comparison.saved import read_settings

    found = read_settings(file)
    if not isinstance(found.get(KEY), dict):
        raise TableError(
            f"{escaped_name(file)} does not say which files were read: only a run of the command line can be "
            "repeated, not one in Python"
        )
    return found


def _take_options(ctx: click.Context, settings: Mapping[str, Any], source: Path) -> None:
    """Put the recorded options into the context, each checked; those of the command line win."""
    recorded = settings[KEY].get("options")
    known = {one.name: one for one in _repeated(ctx.command)}
    if not isinstance(recorded, dict) or set(recorded) != set(known):
        other = sorted(set(known) ^ set(recorded if isinstance(recorded, dict) else ()))
        raise TableError(
            f"{escaped_name(source)} cannot be repeated: the options differ from those of this version: "
            f"{visible_text(', '.join(other))[:300]}"
        )
    given, changed = given_options(ctx), {}
    for name, option in known.items():
        value = _checked(ctx, option, recorded[name], source)
        if name in given:
            if ctx.params[str(name)] != value:
                changed[option.opts[0]] = value
            continue
        if name == "regressors":
            _refuse_code(value, source)
        ctx.params[str(name)] = value
    ctx.meta[CHANGED] = changed


def _checked(ctx: click.Context, option: click.Option, value: object, source: Path) -> Any:
    """Return a recorded value that has the type and the range of its option."""
    if option.multiple:
        return _checked_list(ctx, option, value, source)
    kinds: dict[str, tuple[type, ...]] = {"integer": (int,), "float": (int, float), "boolean": (bool,)}
    allowed = kinds.get(option.type.name.removesuffix(" range"), (str,))
    fits = isinstance(value, allowed) and (allowed == (bool,) or not isinstance(value, bool))
    if value is None and not option.is_flag and not isinstance(option.get_default(ctx), str | int | float):
        return None
    if fits and not (isinstance(value, str) and len(value) > MOST_TEXT):
        try:
            return option.type_cast_value(ctx, value)
        except click.BadParameter as error:
            raise TableError(
                f"{escaped_name(source)} cannot be repeated: {option.opts[0]}: {error.message}"
            ) from error
    raise TableError(
        f"{escaped_name(source)} cannot be repeated: {option.opts[0]} has another type: {_shown(value)}"
    )


def _checked_list(ctx: click.Context, option: click.Option, value: object, source: Path) -> tuple[str, ...]:
    """Return a recorded list of texts, the only kind of option here that may be repeated."""
    texts = value if isinstance(value, list | tuple) else [None]
    if not all(isinstance(text, str) and len(text) <= MOST_TEXT for text in texts):
        raise TableError(
            f"{escaped_name(source)} cannot be repeated: {option.opts[0]} has another type: {_shown(value)}"
        )
    return tuple(option.type_cast_value(ctx, list(texts)))


def _refuse_code(value: str, source: Path) -> None:
    from ..evaluation.regressors import NAMES

    foreign = [name.strip() for name in value.split(",") if name.strip() not in NAMES]
    if foreign:
        raise click.UsageError(
            f"{escaped_name(source)} names code, {_shown(foreign[0])}: if you trust it, repeat the option, "
            f"--regressors {_shown(value)}"
        )


def _files(
    settings: Mapping[str, Any], source: Path, params: Mapping[str, Any]
) -> dict[str, list[dict[str, str]]]:
    """Return the recorded files by option, after a check of every field."""
    recorded = settings[KEY].get("files")
    if not isinstance(recorded, dict) or set(recorded) != {name for name in FILES if name in params}:
        raise TableError(
            f"{escaped_name(source)} cannot be repeated: it lists no files, or other kinds of files"
        )
    for entries in recorded.values():
        for one in entries if isinstance(entries, list) else [None]:
            if not _is_file(one):
                raise TableError(
                    f"{escaped_name(source)} cannot be repeated: a file must have path, role and sha256 "
                    f"only, got {_shown(one)}"
                )
    return recorded


def _is_file(entry: object) -> bool:
    """Tell whether an entry has the three texts of a recorded file, and no other field."""
    if not isinstance(entry, dict) or set(entry) != {"path", "role", "sha256"}:
        return False
    texts = [text for text in entry.values() if isinstance(text, str) and len(text) <= MOST_TEXT]
    return len(texts) == len(entry) and _DIGEST.fullmatch(entry["sha256"]) is not None


def _same_files(command: click.Command, name: str, given: Any, recorded: list[dict[str, str]]) -> Any:
    """Return the value of an option whose files are those of the run, in the order of the run."""
    from ..tables.parts import table_digest

    option = next(one.opts[0] for one in command.params if one.name == name)
    left = named_files(name, given)
    digests = {one.path: table_digest(Path(one.path)) for one in left}
    found = []
    for entry in recorded:
        same = [one for one in left if digests[one.path] == entry["sha256"]]
        if not same:
            _refuse(option, entry, left, digests)
        one = next((one for one in same if one.role == entry["role"]), same[0])
        left.remove(one)
        found.append(_as_option(name, one.path, entry["role"]))
    if left:
        raise TableError(f"{option} {escaped_name(left[0].path)}: the run that is repeated read no such file")
    return tuple(found) if isinstance(given, tuple) else (found[0] if found else None)


def _refuse(option: str, entry: Mapping[str, str], left: list[Named], digests: Mapping[str, str]) -> None:
    told = _shown(entry["path"])
    alike = [one for one in left if Path(one.path).name == Path(entry["path"]).name or len(left) == 1]
    if alike:
        raise TableError(
            f"{escaped_name(alike[0].path)} has changed since the run: its SHA-256 is "
            f"{digests[alike[0].path]}, the run read {told} with {entry['sha256']}"
        )
    raise click.UsageError(
        f"settings choose no files: name the file of the run again, {option} with {told} "
        f"(SHA-256 {entry['sha256']})"
    )


def _as_option(name: str, path: str, role: str) -> str:
    """Return the value of an option that names a file with the role that it had in the run."""
    first, _, second = role.rpartition(":")
    if name == "specs":
        text = ":".join(part for part in (path, first, second) if part)
        if named_files(name, (text,)) != [Named(path, role)]:  # the name of the table has a colon
            text = path
        if named_files(name, (text,)) != [Named(path, role)]:
            raise TableError(f"the table {_shown(first)} of the run cannot be named on the command line")
        return text
    if name == "scores":
        return f"{path}:{role}"
    return f"{first}={path}:{second}" if name == "ids" else path


def _shown(value: object) -> str:
    text = visible_text(value if isinstance(value, str) else repr(value))
    return repr(text if len(text) <= 200 else text[:200] + "…") if isinstance(value, str) else text[:200]
