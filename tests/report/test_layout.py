"""The report lays out whatever methods bring: samples of any kind, by methods that it has never heard of."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from made_results import FAULT, HARDNESS, drawings_of, hardness, made, made_results, made_study

from cathodelab.core.document import Document, Grid, Headline, Notice, Paragraph, Section
from cathodelab.core.errors import CathodelabError, Problem
from cathodelab.core.method import Outcome, Shown
from cathodelab.report.content import document
from cathodelab.report.figures import figures_of_samples, study_figures
from cathodelab.report.numbers import columns_of
from cathodelab.report.sheets import book_of
from cathodelab.study.results import StudyResults


def _document(results: StudyResults) -> Document:
    return document(results, study_figures(results))


def _section(found: Document, name: str) -> Section:
    return next(one for one in found.sections if one.title == name)


def _row(grid: Grid, name: str) -> list[str]:
    return next([entry.text for entry in row] for row in grid.rows if row[0].text == name)


def _texts(section: Section) -> list[str]:
    return [one.text for one in section.blocks if isinstance(one, Paragraph)]


def test_a_study_opens_with_the_numbers_of_its_own_kind(tmp_path: Path) -> None:
    """Range, failed check, what has no result; in the unit in which the number is shown, with its own part."""
    overview = _section(_document(made_results(tmp_path)), "Overview")
    assert _texts(overview)[0] == (
        "4 pellets. Hardness 1500 to 2500 MPa (of 3). A check failed in 1 of them: b. Without any result: c; "
        "“Not evaluated” says why."
    )
    grid = next(one for one in overview.blocks if isinstance(one, Grid))
    assert [head.title for head in grid.columns] == ["Pellet", "Batch", "Hardness", "own part", "Checks"]
    assert [head.unit for head in grid.columns] == ["", "", "MPa", "MPa", ""]
    assert _row(grid, "a") == ["a", "mix", "1500 ± 50", "± 30", "✓\u00a0none failed"]
    assert _row(grid, "b") == ["b", "mix", "2500 ± 50", "± 30", "✗ tip clean; not all evaluated"]
    assert _row(grid, "c") == ["c", "–", "–", "–", "✗\u00a0failed, see\u00a0there"]
    assert any("Per area." in text for text in _texts(overview))


def test_what_is_skipped_without_anything_to_say_is_not_said(tmp_path: Path) -> None:
    """A fault stands on the page by the title of its card and in the list; other data stand nowhere."""
    found = _document(made_results(tmp_path))
    page = _section(found, "b")
    (notice,) = (one for one in page.blocks if isinstance(one, Notice))
    assert notice.lead == "Colour of made pellets: failed."
    assert notice.text == "The colour is red [pellet b]. It must not be. Paint it."
    assert not [one for one in _section(found, "a").blocks if isinstance(one, Notice)]
    listed = [one.lead for one in _section(found, "Not evaluated").blocks if isinstance(one, Notice)]
    assert listed == ["b, colour: failed.", "c, hardness: failed."]
    assert not [one for one in found.sections if one.title == "c"], "a page without any result"


def test_a_page_opens_with_the_first_number_where_no_method_opens_it(tmp_path: Path) -> None:
    """Value, half-width and unit as in the overview; what it is per, and how it was obtained."""
    first = _section(_document(made_results(tmp_path)), "a").blocks[0]
    assert first == Headline("Hardness: 1500 ± 50 MPa", "per area, pressed.")


def test_checks_stand_between_what_methods_put_on_top_and_the_rest(tmp_path: Path) -> None:
    """Worst first, by sentence."""
    blocks = _section(_document(made_results(tmp_path)), "mix").blocks
    titles = [getattr(one, "text", "") for one in blocks]
    assert titles.index("Checks") < titles.index("Hardness of mix")
    grid = next(one for one in blocks if isinstance(one, Grid))
    assert [entry.text for entry in grid.rows[0]][1:] == ["tip clean", "The tip of mix was looked at."]


def test_sections_of_studies_have_titles_or_belong_to_the_overview(tmp_path: Path) -> None:
    """Figures are counted as the page shows them."""
    found = _document(made_results(tmp_path))
    assert "The hardest is b." in _texts(_section(found, "Ranking"))
    assert "The hardest is b." in _texts(_section(found, "Overview"))
    numbers = [one.number for section in found.sections for one in drawings_of(section.blocks)]
    assert sorted(set(numbers)) == list(range(1, len(set(numbers)) + 1))
    assert numbers[:1] == [1]


def test_pages_and_figures_of_samples_with_one_name_are_told_apart(tmp_path: Path) -> None:
    """A pellet and a cell named alike, and a study method named like a section."""
    results = made_results(tmp_path)
    twin = made(
        "cell", "a", cam_mass_mg="10", cam_mass_standard_uncertainty_mg="1", counter_electrode="Li", role="cell"
    )
    study = made_study(tmp_path, (*results.study.samples, twin))
    both = replace(
        results,
        study=study,
        outcomes=(*results.outcomes, Outcome("cell", "a", "hardness", "ok", hardness("a", 3.0, 0.1, 0.1))),
    )
    found = _document(both)
    ids = [section.id for section in found.sections]
    assert len(ids) == len(set(ids))
    pages = {section.group: section.id for section in found.sections if section.title == "a"}
    assert pages == {"pellets, batch mix": "pellet-a", "cells": "cell-a"}
    names = [spec.id for spec in figures_of_samples(both).all]
    assert sorted(names) == ["a-hardness", "b-hardness", "cell-a-hardness", "mix-hardness"]


def test_a_truth_stands_beside_its_number_in_the_same_unit(tmp_path: Path) -> None:
    """On the page and in the workbook."""
    results = made_results(tmp_path, truth={"a": {"hardness": 1.52}}, synthetic=True)
    overview = _section(_document(results), "Overview")
    grid = next(one for one in overview.blocks if isinstance(one, Grid))
    place = [head.title for head in grid.columns].index("truth (set)")
    assert _row(grid, "a")[place] == "1520"
    assert _row(grid, "b")[place] == "–"
    sheet = book_of(results, ()).sheets[0]
    assert sheet.records[0]["hardness_truth"] == pytest.approx(1520)
    assert sheet.records[1]["hardness_truth"] is None


def test_the_workbook_has_the_numbers_of_the_estimates(tmp_path: Path) -> None:
    """Minus is minus, plus is plus, scaled together; the chart shows just these columns; declared tables are sheets."""
    results = made_results(tmp_path)
    lopsided = hardness("a", 1.5, 0.03, 0.04)
    sources = tuple(replace(one, kind="one-sided limit") for one in lopsided.estimates.sources)
    result = replace(lopsided, estimates=replace(lopsided.estimates, sources=sources))
    results = replace(results, outcomes=(Outcome("pellet", "a", "hardness", "ok", result), *results.outcomes[1:]))
    book = book_of(results, study_figures(results).study)
    sheet = book.sheets[0]
    assert sheet.name == "overview"
    one = result.estimates.estimate("hardness")
    assert (one.minus, one.plus) == pytest.approx((0.0, 0.05))
    row = sheet.records[0]
    assert row["hardness"] == pytest.approx(1500)
    assert (row["hardness_minus"], row["hardness_plus"]) == pytest.approx((0.0, 50.0))
    assert (row["hardness_own_part"], row["failed_checks"]) == (pytest.approx(30.0), "none")
    assert sheet.records[1]["failed_checks"] == "tip clean"
    chart = book.charts["overview"]
    heads = [field.head for field in sheet.fields]
    assert [heads[i] for i in (chart.value, chart.minus, chart.plus)] == ["Hardness / MPa", "minus / MPa", "plus / MPa"]
    dents = next(one for one in book.sheets if one.name == "dents")
    assert dents.records[0] == {"sample": "a", "hardness_GPa": 1.5}
    pellets = next(one for one in book.sheets if one.name == "pellets")
    assert [row["pellet"] for row in pellets.records] == ["a", "b", "mix", "c"]
    figures = next(one for one in book.sheets if one.name == "figure data")
    assert figures.records[0]["figure"] == "ranking"


def test_many_numbers_stand_in_several_tables(tmp_path: Path) -> None:
    """Checks in the first; every sample in each; numbers of one method together."""
    results = made_results(tmp_path)
    many = replace(HARDNESS, headline=tuple(Shown("hardness", f"H{i}") for i in range(7)))
    other = replace(HARDNESS, id="other", headline=tuple(Shown("hardness", f"G{i}") for i in range(3)))
    more = tuple(replace(one, method="other") for one in results.outcomes if one.method == "hardness")
    results = replace(results, methods=(many, other), outcomes=(*results.outcomes, *more))
    grids = [one for one in _section(_document(results), "Overview").blocks if isinstance(one, Grid)]
    assert [[head.title for head in grid.columns] for grid in grids] == [
        ["Pellet", "Batch", *(f"H{i}" for i in range(7)), "Checks"],
        ["Pellet", "G0", "G1", "G2"],
    ]
    assert all(len(grid.rows) == 4 for grid in grids)


def test_numbers_that_no_sample_has_have_no_column(tmp_path: Path) -> None:
    """And a number may have another name in some samples."""
    results = made_results(tmp_path)
    names = (
        Shown("nothing", "Nothing"),
        Shown("gone", "H", otherwise=("hardness",)),
        Shown("hardness", "no", in_overview=False),
    )
    results = replace(results, methods=(replace(HARDNESS, headline=names),))
    (column,) = columns_of(results, "pellet")
    assert column.shown.title == "H"
    found = column.of(results.sample("pellet", "a"))
    assert found is not None
    assert found.value == 1.5


def test_doubtful_entries_are_said(tmp_path: Path) -> None:
    """In the report and in the workbook."""
    doubt = Problem("pellets.csv", "a", "thickness_um", "0.3", "20 to 20000 (um)", "Is it in mm?", "doubtful")
    results = made_results(tmp_path, doubts=(doubt,))
    text = repr(_section(_document(results), "Not evaluated"))
    assert "Doubtful entries" in text
    assert "Is it in mm?" in text
    sheet = next(one for one in book_of(results, ()).sheets if one.name == "doubts")
    assert sheet.records[0]["entry"] == "0.3"


def test_a_study_method_that_failed_is_listed(tmp_path: Path) -> None:
    """And has no section."""
    results = made_results(tmp_path)
    failed = replace(results.studies[0], status="failed", result=None, error=FAULT)
    found = _document(replace(results, studies=(failed, results.studies[1])))
    assert not [one for one in found.sections if one.title == "Ranking"]
    assert "ranking: failed." in [
        one.lead for one in _section(found, "Not evaluated").blocks if isinstance(one, Notice)
    ]


def test_a_sample_that_is_left_out_is_named_once(tmp_path: Path) -> None:
    """Not with every method that it was left out of; and the overview leads there."""
    results = made_results(tmp_path)
    reason = CathodelabError(
        "pellet-excluded", "The pellet is excluded", where="pellet c", why="It broke.", what_to_do="Nothing."
    )
    outcomes = [one for one in results.outcomes if one.sample != "c"]
    outcomes += [Outcome("pellet", "c", method, "skipped", error=reason) for method in ("hardness", "colour")]
    found = _document(replace(results, outcomes=tuple(outcomes)))
    assert "c: skipped." in [one.lead for one in _section(found, "Not evaluated").blocks if isinstance(one, Notice)]
    grid = next(one for one in _section(found, "Overview").blocks if isinstance(one, Grid))
    assert _row(grid, "c")[-1] == "– left\u00a0out, see\u00a0there"


def test_what_all_samples_lack_for_one_reason_is_said_once(tmp_path: Path) -> None:
    """On the page of each sample it would hide what is its own; where one sample has it, the others' pages say so."""
    results = made_results(tmp_path)
    without = CathodelabError("no-tip", "The study has no tip", where="", why="It is lost.", what_to_do="Find it.")
    names = ("a", "b", "mix", "c")

    def with_skipped(those: tuple[str, ...]) -> Document:
        more = tuple(Outcome("pellet", one, "colour", "skipped", error=replace_error(without, one)) for one in those)
        kept = tuple(one for one in results.outcomes if one.method != "colour")
        return _document(replace(results, outcomes=(*kept, *more)))

    def pages_that_say_so(found: Document) -> list[str]:
        return [
            one.title
            for one in found.sections
            if one.title in names and any(isinstance(block, Notice) and "no tip" in block.text for block in one.blocks)
        ]

    all_lack = with_skipped(names)
    assert pages_that_say_so(all_lack) == []
    assert (
        sum("no tip" in block.text for block in _section(all_lack, "Not evaluated").blocks if isinstance(block, Notice))
        == 1
    )
    assert pages_that_say_so(with_skipped(names[:3])) == list(names[:3])


def replace_error(error: CathodelabError, sample: str) -> CathodelabError:
    return CathodelabError(error.code, error.what, where=f"pellet {sample}", why=error.why, what_to_do=error.what_to_do)
