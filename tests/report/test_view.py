from __future__ import annotations

import pytest
from synthetic import baseline_alone, make_comparison

from vqa_features.report.view import Model, ProtocolView, views_of

DEEP, HANDCRAFTED = Model("paq2piq", "ridge", "deep"), Model("videval", "ridge", "handcrafted")


def test_views_come_strict_first():
    assert list(views_of(make_comparison(splits=3))) == ["strict", "literature"]
    assert ProtocolView(make_comparison(splits=3)).protocol == "strict"


@pytest.mark.parametrize(
    "part",
    ["summary", "rows", "best_of_tables", "best_of_families", "rivals", "contrasts", "videos"],
)
def test_each_part_is_computed_once(part):
    view = ProtocolView(make_comparison(splits=3))
    assert getattr(view, part) is getattr(view, part)


def test_models_are_in_order_of_their_median_with_the_baseline_last():
    view = ProtocolView(make_comparison())
    medians = [view.median_srcc(model) for model in view.trained]
    assert medians == sorted(medians, reverse=True)
    assert [model.role for model in view.models].index("baseline") == len(view.trained)


def test_best_of_each_table_and_family_is_the_first_in_order():
    view = ProtocolView(make_comparison())
    assert view.best_of_tables[0] == view.best_of_families[0] == view.models[0]
    for best, attribute in ((view.best_of_tables, "table"), (view.best_of_families, "family")):
        for one in best:
            mine = [model for model in view.trained if getattr(model, attribute) == getattr(one, attribute)]
            assert mine[0] == one
        assert [view.models.index(one) for one in best] == sorted(view.models.index(one) for one in best)


def test_rivals_are_families_without_fusion_and_baseline():
    found = ProtocolView(make_comparison()).rivals
    assert sorted(model.family for model in found) == ["deep", "handcrafted"]


def test_rivals_of_a_single_family_are_its_tables():
    view = ProtocolView(make_comparison(splits=4, tables=("videval", "brisque"), protocols=("strict",)))
    assert {model.table for model in view.rivals} == {"videval", "brisque"}


def test_baseline_appears_once_and_without_correlations():
    for view in views_of(make_comparison(splits=3)).values():
        baseline = view.summary[view.summary["regressor"] == "mean"]
        assert len(baseline) == 1
        assert baseline[["srcc", "krcc", "plcc"]].isna().all(axis=None)
        assert baseline["rmse"].notna().all()


def test_baseline_alone_has_no_rivals_but_videos():
    view = ProtocolView(baseline_alone(make_comparison(40, splits=2)))
    assert view.rivals == view.trained == []
    assert view.residuals([]).shape == (len(view.videos), 0)


def test_contrasts_hold_both_directions():
    contrasts = ProtocolView(make_comparison()).contrasts
    for (first, second), contrast in contrasts.items():
        opposite = contrasts[second, first]
        assert contrast.difference == -opposite.difference
        assert (contrast.low, contrast.high) == (-opposite.high, -opposite.low)
        assert {contrast.verdict, opposite.verdict} in (
            {"better", "worse"},
            {"equal"},
            {"open"},
        )


def test_predictions_are_averaged_per_video():
    comparison = make_comparison(splits=3)
    view = ProtocolView(comparison)
    rows = comparison.predictions.query(
        "protocol == 'strict' and table == 'paq2piq' and regressor == 'ridge'"
    )
    name = rows["id"].iloc[0]
    mean = rows[rows["id"] == name]["predicted"].mean()
    assert view.videos.at[name, DEEP.key] == pytest.approx(mean)
    assert view.residuals([HANDCRAFTED, DEEP]).at[name, DEEP.key] == pytest.approx(mean - view.mos[name])
    assert view.mos.is_monotonic_increasing


def test_split_scores_are_in_the_order_of_the_splits():
    comparison = make_comparison(splits=4)
    mine = comparison.scores.query("protocol == 'strict' and table == 'paq2piq' and regressor == 'ridge'")
    shuffled = comparison.scores.sample(frac=1, random_state=0)
    comparison.scores[:] = shuffled.to_numpy()
    found = ProtocolView(comparison).split_scores(DEEP, "srcc")
    assert found.tolist() == mine.sort_values("split")["srcc"].tolist()
