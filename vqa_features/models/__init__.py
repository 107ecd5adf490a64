"""Trained models: a regressor kept with what it needs to predict the MOS of new videos, and a file of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .shipped import list_models

if TYPE_CHECKING:
    from .quality_model import QualityModel

__all__ = ["QualityModel", "list_models"]


# scikit-learn is imported with the class, not for the names of models
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Import `QualityModel` on first use (PEP 562)."""
        if name != "QualityModel":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .quality_model import QualityModel

        return QualityModel
