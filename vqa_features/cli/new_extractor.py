"""`new-extractor`: write the files of a package with an extractor of one's own."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from string import Template

import click

from ..errors import ParameterError
from ..plugins import ENTRY_POINT_GROUP
from ..progress import say
from ..registry import registry
from ._json import json_option, print_json

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
#: Characters of a name; file systems allow 255 in a file's name, to which other parts are added.
_LONGEST = 64
#: Template in resources/plugin/ of each file.
_FILES = {
    "pyproject.toml": "pyproject.toml.template",
    "README.md": "README.md.template",
    "{module}.py": "extractor.py.template",
    "tests/test_{module}.py": "test_extractor.py.template",
}


@click.command("new-extractor")
@click.argument("name")
@click.option(
    "-o", "--output", metavar="DIR", help="Folder of the package; by default vqa-features-NAME, here."
)
@json_option
def new_extractor_command(name: str, output: str | None, as_json: bool) -> None:
    """Write the files of a package with the extractor NAME.

    The package has a method to replace, the entry point by which vqa-features finds it, and tests that hold
    it to the contract. It can be installed and used as it is. The folder must be new or empty.
    """
    check_name(name)
    folder = Path(output or f"vqa-features-{name}")
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ParameterError(f"{str(folder)!r} must be new or an empty folder; name another with -o DIR")
    written = []
    for path, text in package_files(name).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
        written.append(target)
    print_json({"name": name, "files": written}) if as_json else click.echo("\n".join(map(str, written)))
    say(f"next: pip install -e {str(folder)!r}, then vqa-features describe {name}")


def check_name(name: str) -> None:
    """Refuse a name that no new extractor can have.

    Parameters
    ----------
    name : str
        The name.

    Raises
    ------
    ParameterError
        If it is no word of lower-case letters, digits and single hyphens, is too long, or is in use.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise ParameterError(
            "a name has lower-case letters and digits, a letter first, single hyphens between them, and at "
            f"most {_LONGEST} characters, got {name[: _LONGEST + 1]!r}"
        )
    if name in registry():
        raise ParameterError(f"there is an extractor {name!r} already; choose another name")


def package_files(name: str) -> dict[str, str]:
    """Return the files of the package of a new extractor.

    Parameters
    ----------
    name : str
        A name that `check_name` allows.

    Returns
    -------
    dict of str
        Path inside the package's folder: content.
    """
    distribution = f"vqa-features-{name}"
    words = {
        "name": name,
        "distribution": distribution,
        "module": distribution.replace("-", "_"),
        # the suffix keeps the class apart from Python's words and from the names it imports
        "class_name": "".join(map(str.capitalize, name.split("-"))) + "Extractor",
        "group": ENTRY_POINT_GROUP,
    }
    templates = files("vqa_features.resources") / "plugin"
    return {
        path.format(**words): Template((templates / template).read_text(encoding="utf-8")).substitute(words)
        for path, template in _FILES.items()
    }
