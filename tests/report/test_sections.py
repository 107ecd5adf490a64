from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import baseline_alone, make_comparison

from vqa_features.report.provenance import facts_of
from vqa_features.report.sections import GALLERY_SIZE, MATRIX_LIMIT, MOST_PANELS, ProtocolSection
from vqa_features.report.view import ProtocolView


def section_of(*args, **options) -> ProtocolSection:
    return ProtocolSection(ProtocolView(make_comparison(*args, **options)))


def test_rivals_are_drawn_first_and_every_other_table_after_them():
    section = section_of(splits=4)
    assert section.drawn[:2] == section.rivals
    assert {model.table for model in section.drawn} == {model.table for model in section.view.trained}
    assert section.left_out == 0


def test_tables_beyond_the_limit_are_counted_as_left_out():
    section = section_of(40, 2, tuple(f"table-{k}" for k in range(11)), ("strict",))
    assert len(section.drawn) == MOST_PANELS
    assert section.left_out == 11 - MOST_PANELS


@pytest.mark.parametrize(("tables", "shown"), [(4, 8), (5, 5)])
def test_matrix_shows_all_models_or_the_best_of_each_table(tables, shown):
    section = section_of(40, 2, tuple(f"table-{k}" for k in range(tables)), ("strict",))
    assert (len(section.view.trained) <= MATRIX_LIMIT) == (shown == 2 * tables)
    assert len(section.matrix) == shown


def test_residuals_are_correlated_without_fusions():
    section = section_of()
    shape = (len(section.singles), len(section.singles))
    assert all(model.family != "fusion" for model in section.singles)
    assert section.residual_correlation.shape == section.residual_correlation_given_mos.shape == shape
    np.testing.assert_allclose(np.diag(section.residual_correlation), 1)


def test_galleries_hold_the_largest_errors_of_each_rival_and_their_differences():
    section = section_of()
    first, second = section.rivals
    assert [gallery.models for gallery in section.galleries] == [(first,), (second,), (first, second)]
    errors = section.view.residuals(section.rivals)
    sizes = {
        (first,): errors[first.key].abs(),
        (second,): errors[second.key].abs(),
        (first, second): (errors[first.key] - errors[second.key]).abs(),
    }
    for gallery in section.galleries:
        ids = [video.id for video in gallery.videos]
        assert len(ids) == GALLERY_SIZE
        left_out = sizes[gallery.models].drop(index=ids)
        assert sizes[gallery.models][ids].min() >= left_out.max()
        assert gallery.videos[0].mos == section.view.mos[ids[0]]


def test_baseline_alone_has_a_headline_and_no_galleries():
    section = ProtocolSection(ProtocolView(baseline_alone(make_comparison(40, splits=2))))
    assert section.headline.sentence == "Only the baseline was run."
    assert section.galleries == []
    assert section.drawn == section.matrix == []


def test_small_scales_are_printed_with_three_decimals():
    comparison = make_comparison(40, 2, protocols=("strict",))
    assert ProtocolSection(ProtocolView(comparison)).digits == 2
    comparison.predictions["mos"] /= 5
    assert ProtocolSection(ProtocolView(comparison)).digits == 3


def test_the_page_counts_the_videos_tested_of_the_videos_joined():
    comparison = make_comparison()
    tested = comparison.predictions["id"].nunique()
    summary = comparison.summary.assign(videos=tested + 5)
    value, name = facts_of(replace(comparison, summary=summary))[0]
    assert (value, name) == (str(tested), f"videos tested, of {tested + 5} joined")
