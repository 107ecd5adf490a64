"""Analyses that `compare` adds: one table for each, on the splits and models of the comparison."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.comparison.ablation import ablation_tables
from vqa_features.comparison.analyses import NAMES
from vqa_features.comparison.fixed_set import pair_analysis
from vqa_features.comparison.learning_curve import learning_curve
from vqa_features.comparison.power import power_of
from vqa_features.comparison.properties import in_ranges
from vqa_features.comparison.shared_variance import shared_variance
from vqa_features.comparison.similarity import family_similarity
from vqa_features.errors import ParameterError, UnknownName
from vqa_features.evaluation.noise_ceiling import noise_ceiling
from vqa_features.tables.labels import Labels, read_labels
from vqa_features.tables.split_lists import SplitList

RNG = np.random.default_rng(11)
IDS = [f"clip{k:03d}" for k in range(90)]
QUALITY = RNG.uniform(1, 5, 90)
MOS = pd.Series(QUALITY, IDS)
QUICK = {"splits": 4, "regressors": ["ridge"], "bootstrap": 10}


def made_up() -> pd.DataFrame:
    """Return a table whose extractor ``siti`` follows the MOS and whose ``brisque`` is noise."""
    good = QUALITY[:, None] + RNG.normal(0, 0.6, (90, 2))
    return pd.DataFrame(
        np.hstack([good, RNG.normal(0, 1, (90, 2))]),
        index=IDS,
        columns=["siti.si.mean", "siti.ti.mean", "brisque.alpha.mean", "brisque.sigma.mean"],
    )


TABLE = made_up()
TABLES = {"a": TABLE, "b": TABLE[["siti.ti.mean", "brisque.alpha.mean"]].assign(extra=RNG.normal(0, 1, 90))}
LABELS = Labels(
    MOS,
    groups=pd.Series([f"scene{k // 15}" for k in range(90)], IDS),
    std=pd.Series(0.6, IDS),
    counts=pd.Series(20, IDS),
)


def test_every_analysis_is_a_table_of_the_comparison(tmp_path: Path) -> None:
    found = vf.compare(TABLES, LABELS, analyses=[name.replace("_", "-") for name in NAMES], **QUICK)
    assert set(found.extras) == set(NAMES)
    assert found.settings["analyses"] == [name.replace("_", "-") for name in NAMES]
    folder = found.save(tmp_path / "out")
    for name in NAMES:
        assert len(pd.read_csv(folder / f"{name}.csv")) == len(found.extras[name])


def test_a_learning_curve_ends_at_the_scores_of_the_comparison() -> None:
    found = vf.compare({"a": TABLE}, MOS, analyses=["learning_curve"], seed=3, **QUICK)
    curve = found.extras["learning_curve"]
    whole = curve[curve["n_train"] == curve["n_train"].max()]
    pd.testing.assert_series_equal(
        whole.set_index("table")["srcc"], found.summary.set_index("table")["srcc"].loc[["a"]], rtol=1e-12
    )
    alone = learning_curve({"a": TABLE}, MOS, splits=4, seed=3)
    pd.testing.assert_frame_equal(alone, curve)


def test_ablation_gives_the_scores_of_its_tables() -> None:
    found = vf.compare({"a": TABLE}, MOS, analyses=["ablation"], **QUICK).extras["ablation"]
    tables = vf.compare(ablation_tables(TABLE), MOS, **QUICK).summary
    np.testing.assert_allclose(
        found.set_index("kept")["srcc"].sort_index(), tables.set_index("table")["srcc"].sort_index()
    )
    by = found.set_index("kept")
    assert by.loc["without siti", "difference"] < -0.3
    assert by.loc["without siti", "p"] < 0.05
    assert by.loc["only siti", "difference"] > -0.1
    assert np.isnan(by.loc["all", "p"])


def test_importance_names_the_extractor_that_follows_the_mos() -> None:
    found = vf.compare({"a": TABLE}, MOS, analyses=["importance"], **QUICK).extras["importance"]
    assert list(found["group"]) == ["siti", "brisque"]
    assert found["loss"].iloc[0] > 0.5
    assert abs(found["loss"].iloc[1]) < 0.1
    assert set(found["regressor"]) == {"ridge"}
    assert set(found["table"]) == {"a"}


def test_analyses_follow_the_test_parts_of_given_splits() -> None:
    given = SplitList(((IDS[:60], IDS[60:75]), (IDS[:60], IDS[75:])), ("test-1", "test-2"))
    options = QUICK | {"splits": given}
    found = vf.compare(
        {"a": TABLE}, MOS, analyses=["learning_curve", "ablation", "importance"], error_by=["mos"], **options
    )
    assert set(found.extras["learning_curve"]["part"]) == {"test-1", "test-2"}
    assert set(found.extras["ablation"]["part"]) == {"test-1", "test-2"}
    others = ["pair_ranking", "power", "similarity", "noise_ceiling", "pair_analysis"]
    tables = vf.compare(TABLES, LABELS, analyses=others, **options).extras
    for name in ("pair_ranking", "power", "pair_analysis"):
        assert set(tables[name]["part"]) == {"test-1", "test-2"}
    sizes = found.extras["error_by"].groupby("part")["videos"].sum()
    assert sizes.to_dict() == {"test-1": 15, "test-2": 15}


def test_errors_by_ranges_of_the_mos_agree_with_the_predictions() -> None:
    found = vf.compare({"a": TABLE}, MOS, error_by=["mos"], **(QUICK | {"splits": 30}))
    table = found.extras["error_by"]
    assert list(table.columns[:4]) == ["property", "protocol", "part", "value"]
    assert len(table) == 4
    pooled = found.predictions.groupby("id")[["predicted", "mos"]].mean()
    ranges = in_ranges(MOS, IDS)[pooled.index]
    for row in table.to_dict("records"):
        mine = pooled[ranges == row["value"]]
        error = mine["predicted"] - mine["mos"]
        assert row["videos"] == len(mine)
        assert row["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)))
        assert row["bias"] == pytest.approx(error.mean())
        assert row["srcc"] == pytest.approx(mine["predicted"].corr(mine["mos"], method="spearman"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "b", "a", None], ["a", "b", "a", "missing"]),
        ([720, 1080, 720, 1080], ["720", "1080", "720", "1080"]),
        (
            list(range(100)),
            [
                name
                for name in ("0 to 24.75", "24.75 to 49.5", "49.5 to 74.25", "74.25 to 99")
                for _ in range(25)
            ],
        ),
        ([*range(99), None], None),
    ],
)  # fmt: skip
def test_ranges(values: list, expected: list | None) -> None:
    ids = [f"v{k}" for k in range(len(values))]
    found = list(in_ranges(pd.Series(values, ids), ids))
    if expected is None:
        assert found[-1] == "missing"
        assert len(set(found)) == 5
    else:
        assert found == expected


def test_properties_come_from_the_mos_file_and_the_tables() -> None:
    table = TABLE.assign(**{"video.height": np.where(np.arange(90) % 2, 1080, 540)})
    labels = Labels(MOS, metadata=pd.DataFrame({"scene": ["x", "y", "z"] * 30}, IDS))
    found = vf.compare({"a": table}, labels, error_by=["scene", "height"], **QUICK).extras["error_by"]
    assert set(found.loc[found["property"] == "scene", "value"]) == {"x", "y", "z"}
    assert set(found.loc[found["property"] == "height", "value"]) == {"540", "1080"}


def test_what_cannot_be_analysed_is_refused_before_the_work() -> None:
    calls: list[int] = []
    options = QUICK | {"progress": lambda done, _: calls.append(done)}
    plain = pd.DataFrame(TABLE.to_numpy()[:, :1], IDS, ["f"])
    with pytest.raises(UnknownName, match="learning"):
        vf.compare({"a": TABLE}, MOS, analyses=["learning"], **options)
    with pytest.raises(ParameterError, match=r"ablation needs a table of 2 to 20 groups.* a 1"):
        vf.compare({"a": plain}, MOS, analyses=["ablation"], **options)
    with pytest.raises(UnknownName, match="property of the videos"):
        vf.compare({"a": TABLE}, MOS, error_by=["scene"], **options)
    with pytest.raises(ParameterError, match="analyses must be a list of names"):
        vf.compare({"a": TABLE}, MOS, analyses="ablation", **options)
    with pytest.raises(ParameterError, match="shared variance needs 2 to 6 tables, got 1"):
        vf.compare({"a": TABLE}, MOS, analyses=["shared-variance"], **options)
    with pytest.raises(ParameterError, match="shared variance needs 2 splits or more, got 1"):
        vf.compare(TABLES, MOS, analyses=["shared-variance"], **(options | {"splits": 1}))
    for name in ("noise-ceiling", "pair-analysis"):
        with pytest.raises(ParameterError, match=r"needs the standard deviation .*--std-column"):
            vf.compare(TABLES, MOS, analyses=[name], **options)
    assert not calls


def test_logistic5_moves_only_what_is_mapped() -> None:
    four, five = (
        vf.compare({"a": TABLE}, MOS, logistic=kind, **QUICK).scores for kind in ("logistic4", "logistic5")
    )
    assert list(four["srcc"]) == list(five["srcc"])
    assert (four["plcc_test_mapped"] != five["plcc_test_mapped"]).all()
    with pytest.raises(ParameterError, match="logistic must be one of logistic4, logistic5"):
        vf.compare({"a": TABLE}, MOS, logistic="logistic6", **QUICK)


def test_the_command_line_has_every_analysis(tmp_path: Path) -> None:
    TABLE.rename_axis("id").to_csv(tmp_path / "f.csv")
    TABLES["b"].rename_axis("id").to_csv(tmp_path / "g.csv")
    scores = pd.DataFrame(
        {"id": IDS, "mos": MOS.to_numpy(), "sd": 0.5, "votes": 20, "place": ["x", "y"] * 45}
    )
    scores.to_csv(tmp_path / "mos.csv", index=False)
    flags = [f"--{name.replace('_', '-')}" for name in NAMES]
    command = [
        "compare",
        "--features",
        "f.csv:a:handcrafted",
        "--features",
        "g.csv:b:deep",
        "--mos",
        "mos.csv",
        "--std-column",
        "sd",
        "--count-column",
        "votes",
        *flags,
        "--error-by",
        "mos",
        "--error-by",
        "place",
        "--splits",
        "4",
        "--regressors",
        "ridge,mean",
        "--margin",
        "0.05",
        "--bootstrap",
        "50",
        "--components",
        "2",
        "--logistic",
        "logistic5",
        "-o",
        "out",
        "--quiet",
    ]
    run = [sys.executable, "-m", "vqa_features"]
    done = subprocess.run([*run, *command], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    labels = read_labels(tmp_path / "mos.csv", std_column="sd", count_column="votes")
    same = vf.compare(
        {"a": (TABLE, "handcrafted"), "b": (TABLES["b"], "deep")},
        labels,
        splits=4,
        regressors=["ridge", "mean"],
        margin=0.05,
        bootstrap=50,
        components=2,
        logistic="logistic5",
        analyses=NAMES,
        error_by=["mos", "place"],
    )
    for name, table in same.tables().items():
        written = pd.read_csv(tmp_path / "out" / f"{name}.csv", keep_default_na=name != "splits")
        number = table.select_dtypes("number").columns.drop("seconds", errors="ignore")
        np.testing.assert_allclose(written[number], table[number], rtol=1e-8, err_msg=name)
    assert written is not None
    assert not same.scores["outlier_ratio"].isna().any()
    again = subprocess.run(
        [
            *run,
            "compare",
            "--settings",
            "out",
            "--features",
            "f.csv",
            "--features",
            "g.csv",
            "--mos",
            "mos.csv",
            "-o",
            "again",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert again.returncode == 0, again.stderr
    assert "splits, scores and predictions are those of the run" in again.stderr
    assert (tmp_path / "again" / "ablation.csv").read_text() == (
        tmp_path / "out" / "ablation.csv"
    ).read_text()


def test_tables_of_the_study_are_those_of_the_functions() -> None:
    found = vf.compare(TABLES, LABELS, analyses=NAMES, **QUICK)
    extras = found.extras
    alone = shared_variance(TABLES, LABELS, splits=4, regressor="ridge")
    parts = extras["shared_variance"].query("kind != 'shapley'")
    np.testing.assert_allclose(parts["value"], alone.parts["value"])
    pd.testing.assert_frame_equal(extras["similarity"], family_similarity(TABLES))
    pairs = extras["pair_ranking"].set_index("pairs_of")
    assert set(pairs.index) == {"all", "significant", "content"}
    assert (pairs.loc["significant", "pairs"].max() < pairs.loc["all", "pairs"]).all()
    pd.testing.assert_frame_equal(extras["power"], power_of(found))
    ceiling = noise_ceiling(MOS, LABELS.std, LABELS.counts)
    assert list(extras["noise_ceiling"]["formula"]) == list(ceiling.table()["formula"])
    first = pair_analysis(found, LABELS, 0).set_index("table")
    each = [pair_analysis(found, LABELS, k).set_index("table").loc["a", "better_worse"] for k in range(4)]
    medians = extras["pair_analysis"].set_index("table")
    assert medians.loc["a", "better_worse"] == pytest.approx(np.median(each))
    assert first.loc["a", "correct"] > 0.5
