"""Cross-dataset evaluation: train on one dataset or several, test on another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from .. import __version__
from ..errors import ParameterError
from ..evaluation.many_rows import describe_subsample
from ..evaluation.on_cluster import Cluster
from ..evaluation.training_part import Search
from .checks import Duplicates, ValidityWarnings
from .cross_checks import check_direction, check_results, check_shared
from .cross_data import JOINED, Align, Dataset, Ready, Scales, ready_datasets, training_sets
from .cross_models import WITHIN_FOLDS, Plan, distinguishability, run_tasks, shifts_of, tasks_of
from .notices import with_notices
from .option_checks import check_choice
from .options import GivenRegressors, InputOptions, ModelOptions
from .run_options import RunOptions

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dataset", "cross", "distinguishability"]

#: Key of the settings in the attributes of the result.
SETTINGS_KEY = "settings"


def cross(
    datasets: Mapping[str, Dataset],
    *,
    regressors: GivenRegressors = ("svr-rbf", "ridge"),
    align: Align | None = None,
    reference: str | None = None,
    joint: Sequence[Sequence[str]] | Literal["leave-one-out"] = (),
    fusion: bool = False,
    search: Search | None = None,
    grids: Mapping[str, Mapping[str, Sequence[object]]] | None = None,
    seed: int = 0,
    jobs: int = 1,
    cluster: Cluster | None = None,
    duplicates: Duplicates = "error",
    use_metadata: bool = False,
    ignore_case: bool = False,
    trusted: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Return the scores of models trained on one dataset, or on several, and tested on another.

    Models are fitted as by the strict protocol: imputer, scaler and search see the training set alone, and
    its source contents are kept together in the inner folds. The diagonal (train equals test) holds the
    pooled scores of five folds inside a dataset. `Comparison.with_extra` adds the result to a comparison
    under the name ``cross``.

    Parameters
    ----------
    datasets : mapping of str to Dataset
        At least two, with the same table names and columns.
    regressors : sequence or mapping
        Names, import paths and estimators, as for `vqa_features.compare`.
    align : {"none", "inlsa", "rank"}, optional
        Scale of the training target. ``"none"``: MOS as given. ``"inlsa"``: MOS of every dataset mapped to
        that of `reference` through measurements that all have; this also makes ``rmse`` comparable.
        ``"rank"``: share of the videos of the same dataset with a lower MOS. Default: ``"inlsa"`` with a
        `reference`, else ``"none"``. It does not change what is trained on one dataset by ``"none"`` and
        ``"inlsa"``.
    reference : str, optional
        Dataset whose scale is kept by INLSA; by default the first.
    joint : sequence of sequences of str, or "leave-one-out"
        Sets of datasets to train on together, each tested on every other dataset; ``"leave-one-out"``
        stands for all but one, each once.
    fusion : bool
        Add early and late fusion of all tables, as `vqa_features.compare` does.
    search, grids
        As for `vqa_features.compare`.
    seed : int
        Seed of folds.
    jobs, cluster
        Where the models are fitted, as for `vqa_features.compare`.
    duplicates, use_metadata, ignore_case, trusted
        As for `vqa_features.compare`, for every dataset.
    progress : callable, optional
        Called with (fits done, fits in all).

    Returns
    -------
    DataFrame
        One row per training set, test dataset and model. ``train`` (names of a joint set are joined by
        ``+``), ``test, kind`` (within, across, joint), ``table, family, regressor, srcc, srcc_low,
        srcc_high`` (95 % over the test videos, or over their contents), ``krcc, plcc_raw,
        plcc_test_mapped, rmse`` (without a map; nan unless the scales are one), ``rmse_test_mapped`` (in
        units of the test MOS), ``scale`` (dataset in whose units ``rmse`` is), ``n_train, n_test, shift``
        (area under the ROC curve of a linear classifier between training set and test dataset: .5 is no
        shift, 1 is complete) and ``chosen`` (hyperparameters). ``attrs["settings"]`` says how it was made.
        ``attrs["warnings"]`` lists what limits the validity, which is shown as a
        `vqa_features.comparison.notices.ValidityNotice` too: warnings of every dataset, videos that two
        share, models that rank in the opposite order or better than is plausible.

    Raises
    ------
    ParameterError, TableError, UnknownName
        If there are fewer than two datasets, their tables or columns differ, scales are not one where they
        must be, or a parameter is not allowed.
    """
    import pandas as pd

    chosen: Align = align or ("none" if reference is None else "inlsa")
    check_choice("align", chosen, get_args(Align))
    models = ModelOptions.of(regressors, search, fusion, None, grids)
    run = RunOptions(seed, jobs, progress, cluster)
    ready = ready_datasets(datasets, InputOptions(duplicates, use_metadata, ignore_case, trusted))
    models.check(next(iter(ready.values())).prepared)
    sets = training_sets(joint, list(ready))
    if sets and any(JOINED in name for name in ready):
        raise ParameterError(
            f"names of datasets that are joined must not hold {JOINED!r}: {', '.join(ready)}"
        )
    scales = Scales(ready, chosen, reference)
    scales.check_joint(sets)
    told = (_of_dataset(name, text) for name, one in ready.items() for text in one.warnings)
    warnings = ValidityWarnings([*models.notes(), *told, *scales.notes()])
    check_shared({name: (one.blocks, one.prepared.videos) for name, one in ready.items()}, warnings)
    shifts = shifts_of(ready, [*((name,) for name in ready), *sets], fusion)
    tasks = tasks_of(list(ready), sets, models)
    with run.workers() as workers:
        rows = run_tasks(Plan(ready, scales, models, shifts, seed), tasks, workers, run.progress)
    found = _in_order(pd.DataFrame(rows), ["train", "test", "table", "regressor"])
    columns = max(one.prepared.most_columns() for one in ready.values())
    if note := describe_subsample(models.regressors, int(found["n_train"].max()), columns, strict=True):
        warnings.add(f"hyperparameters of kernel methods are searched on a {note}")
    check_direction(found, warnings)
    check_results(found, {name: one.prepared for name, one in ready.items()}, trusted, warnings)
    found.attrs[SETTINGS_KEY] = _settings(ready, scales, models, sets, seed) | {
        "duplicates": duplicates,
        "use_metadata": use_metadata,
        "ignore_case": ignore_case,
        "trusted": list(trusted),
    }
    return with_notices(found, warnings.all())


def _of_dataset(name: str, text: str) -> str:
    """Return a warning of one dataset under its name, with options of the command as `cross` has them."""
    return f"{name}: {text.replace('--ids ', f'--ids {name}/').replace('--group ', f'--group {name}=')}"


def _in_order(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the rows sorted by each key in the order in which its values first occur."""
    import pandas as pd

    places = {key: pd.factorize(rows[key])[0] for key in keys}
    order = pd.DataFrame(places).sort_values(list(keys), kind="stable").index
    return rows.loc[order].reset_index(drop=True)


def _settings(
    ready: Mapping[str, Ready],
    scales: Scales,
    models: ModelOptions,
    sets: Sequence[tuple[str, ...]],
    seed: int,
) -> dict[str, Any]:
    """Return what made the result."""
    maps = scales.maps if scales.align == "inlsa" else {}
    return {
        "datasets": {
            name: {
                "mos": one.source,
                "videos": len(one.mos),
                "groups": None if one.groups is None else len(set(one.groups.tolist())),
                "lowest": float(one.mos.min()),
                "highest": float(one.mos.max()),
                **({"gain": maps[name].gain, "offset": maps[name].offset} if maps else {}),
            }
            for name, one in ready.items()
        },
        "tables": {
            block.name: {"family": block.family, "columns": len(block.columns)}
            for block in next(iter(ready.values())).prepared.blocks
        },
        "align": scales.align,
        "reference": scales.reference or (next(iter(ready)) if maps else None),
        "joint": [JOINED.join(one) for one in sets],
        "within": f"{WITHIN_FOLDS} folds, pooled",
        "regressors": list(models.regressors),
        "searched": models.searched("strict"),
        "fusion": models.fusion,
        "seed": seed,
        "version": __version__,
    }
