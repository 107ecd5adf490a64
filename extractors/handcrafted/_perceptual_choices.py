"""Names of the perceptual domains of luma, of what its codes are, and of their range."""

from __future__ import annotations

from typing import Literal

Domain = Literal["code", "pq", "pu21"]
Hdr = Literal["auto", "sdr", "hdr10", "hlg", "hlg-siti-tools"]
CodeRange = Literal["auto", "limited", "full"]
