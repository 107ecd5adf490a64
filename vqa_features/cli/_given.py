"""Options that the user gave, told from defaults and from a configuration file by where they come from."""

from __future__ import annotations

import click
from click.core import ParameterSource

_GIVEN = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT, ParameterSource.PROMPT)


def given_options(context: click.Context) -> frozenset[str]:
    """Return the names of the parameters that stand on the command line, whatever their values are.

    Parameters
    ----------
    context : click.Context
        Context of the command. An option that is given with the value of its default counts as given.
    """
    return frozenset(name for name in context.params if context.get_parameter_source(name) in _GIVEN)
