"""`compare`: feature tables against MOS, on the same splits."""

from __future__ import annotations

from typing import Any

import click
