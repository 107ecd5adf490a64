"""The option ``--remote``: permission to open the addresses that are named."""

from __future__ import annotations

import click

remote_option = click.option(
    "--remote", is_flag=True, help="Open the addresses that are named: s3://, gs://, https://."
)
