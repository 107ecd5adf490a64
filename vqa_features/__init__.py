"""Handcrafted and deep video-quality features, extracted from the same frames and compared."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import plots
    from .backbones import build_backbone
    from .batch import extract_many
    from .column_facts import ColumnFacts
    from .comparison import Comparison, compare
    from .errors import DecodeError, ParameterError, TableError, UnknownName, VqaError, WeightsMissing
    from .evaluation import metrics, regressors
    from .extraction import extract, extract_frames, score
    from .extractor import Extractor
    from .frame import Views
    from .inspection import Inspection, inspect
    from .models import QualityModel, list_models
    from .registry import list_extractors, make
    from .report import write_report
    from .response import Response, respond
    from .session import Session, Values
    from .sklearn_api import VideoFeatures
    from .specs import Feature, RawFormat, Sampling, VideoInfo
    from .tables.combining import feature_columns, join_tables
    from .tables.reading import read_table
    from .tables.writing import write_table

__version__ = "0.1.0"

#: Module of each public name, imported on first use: `import vqa_features` stays fast.
_DEFINED_IN = {
    "ColumnFacts": "column_facts",
    "Comparison": "comparison",
    "DecodeError": "errors",
    "Extractor": "extractor",
    "Feature": "specs",
    "Inspection": "inspection",
    "ParameterError": "errors",
    "QualityModel": "models",
    "RawFormat": "specs",
    "Response": "response",
    "Sampling": "specs",
    "Session": "session",
    "TableError": "errors",
    "UnknownName": "errors",
    "Values": "session",
    "VideoFeatures": "sklearn_api",
    "VideoInfo": "specs",
    "Views": "frame",
    "VqaError": "errors",
    "WeightsMissing": "errors",
    "build_backbone": "backbones",
    "compare": "comparison",
    "extract": "extraction",
    "extract_frames": "extraction",
    "extract_many": "batch",
    "feature_columns": "tables.combining",
    "inspect": "inspection",
    "join_tables": "tables.combining",
    "list_extractors": "registry",
    "list_models": "models.shipped",
    "make": "registry",
    "read_table": "tables.reading",
    "respond": "response",
    "score": "extraction",
    "write_report": "report",
    "write_table": "tables.writing",
}
_MODULES = {"metrics": "evaluation.metrics", "plots": "plots", "regressors": "evaluation.regressors"}

__all__ = [
    "ColumnFacts",
    "Comparison",
    "DecodeError",
    "Extractor",
    "Feature",
    "Inspection",
    "ParameterError",
    "QualityModel",
    "RawFormat",
    "Response",
    "Sampling",
    "Session",
    "TableError",
    "UnknownName",
    "Values",
    "VideoFeatures",
    "VideoInfo",
    "Views",
    "VqaError",
    "WeightsMissing",
    "build_backbone",
    "compare",
    "extract",
    "extract_frames",
    "extract_many",
    "feature_columns",
    "inspect",
    "join_tables",
    "list_extractors",
    "list_models",
    "make",
    "metrics",
    "plots",
    "read_table",
    "regressors",
    "respond",
    "score",
    "write_report",
    "write_table",
]


# A type checker sees the imports above, so that an unknown name is an error there too.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Import a public name on first use (PEP 562)."""
        if name in _MODULES:
            return importlib.import_module(f"{__name__}.{_MODULES[name]}")
        if name not in _DEFINED_IN:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.{_DEFINED_IN[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
