"""Every number of results.json, of the csv tables and of the workbook is that of the estimate or check it came from."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import columns as c
import wanted as w
from comparing import assert_table, same, table_of_records, with_heads
from delivery import Delivered
from reading import Table, formats_of, number
from shown import places

Kind = tuple[tuple[str, ...], Callable[[w.Wanted], Sequence[Any]], Callable[[w.Wanted], Mapping[str, Any]]]


def _fixed(getters: Mapping[str, Any]) -> Callable[[w.Wanted], Mapping[str, Any]]:
    return lambda _: getters


KINDS: Mapping[str, Kind] = {
    "estimates": (("estimate", "value", "minus", "plus", "level"), lambda x: x.estimates, _fixed(c.ESTIMATES)),
    "checks": (("method", "passed", "limit"), lambda x: x.checks, _fixed(c.CHECKS)),
    "windows": (("window", "used"), lambda x: x.windows, _fixed(c.WINDOWS)),
    "budget": (("source", "share"), lambda x: x.budgets, _fixed(c.BUDGET)),
    "outcomes": (("status", "code"), lambda x: x.outcomes + x.study_outcomes, _fixed(c.OUTCOMES)),
    "resistances compared": (("ratio_at_one_state",), lambda x: x.pairs, _fixed(c.PAIRS)),
    "degrees of mixing": (("± mean", "sd between cells"), lambda x: x.degrees, _fixed(c.DEGREES)),
    "stack series": (("specific energy / Wh/kg",), lambda x: x.stack_steps, _fixed(c.STACK_STEPS)),
    "cycles": (("cycle", "rate group"), lambda x: x.cycles, lambda x: c.cycle_getters(x.cycling[0][1].cycles)),
    "features": (("feature",), lambda x: x.features, _fixed(c.FEATURES)),
    "steps": (("step", "kind"), lambda x: x.steps, _fixed(c.STEPS)),
    "scatter": (("sd within", "far out"), lambda x: x.batches.scatter, _fixed(c.SCATTER)),
    "comparisons": (
        ("ratio of scatter",),
        lambda x: x.batches.comparisons,
        lambda x: c.comparison_getters([size for size, _ in x.batches.comparisons[0].batches_needed]),
    ),
    "differences": (("first minus second",), lambda x: x.batches.differences, _fixed(c.DIFFERENCES)),
    "correlations": (("r observed",), lambda x: x.batches.correlations, _fixed(c.CORRELATIONS)),
    "causes of loss": (("told apart by",), lambda x: x.losses, _fixed(c.LOSSES)),
    "circuit_parameters": (("circuit", "parameter"), lambda x: x.parameters, _fixed(c.PARAMETERS)),
    "batch checks": (("check", "passed", "sentence"), lambda x: x.batches.checks, _fixed(c.BATCH_CHECKS)),
}
"""Heads by which a table is found, the objects of its rows, and how each column comes from them."""
_HEADS_OF_WORKBOOK = {
    "checks": ("check", "method", "limit"),
    "batch checks": ("check", "limit", "sentence"),
    "budget": ("source of error",),
}
"""Where the workbook has other heads than the csv files."""
_OF_WORKBOOK_ALONE = {"contents", "overview", "cells", "figure data", "settings", "files", "provenance"}


def _found(tables: Mapping[str, Table], kind: str, heads: Sequence[str]) -> Table:
    """By its heads; where two tables share them, the one of that name."""
    fitting = [table for table in tables.values() if set(heads) <= set(table.heads)]
    return tables[kind] if len(fitting) > 1 and tables.get(kind) in fitting else with_heads(tables.values(), *heads)


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_a_csv_table(delivered: Delivered, kind: str) -> None:
    """To the last digit."""
    heads, rows, getters = KINDS[kind]
    table = _found(delivered.tables, kind, heads)
    assert_table(table, rows(delivered.wanted), getters(delivered.wanted), heads)


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_a_sheet(delivered: Delivered, kind: str) -> None:
    """The workbook holds the numbers themselves, not what its formats show of them."""
    heads, rows, getters = KINDS[kind]
    heads = _HEADS_OF_WORKBOOK.get(kind, heads)
    table = _found(delivered.workbook, kind, heads)
    assert_table(table, rows(delivered.wanted), getters(delivered.wanted), heads)


def test_no_table_stays_untested(delivered: Delivered) -> None:
    """A new csv table or sheet needs its line in KINDS."""
    covariances = {"covariance", "covariance static loss", "covariance kinetic loss"}
    assert set(delivered.tables) == {*KINDS, *covariances}
    assert set(delivered.workbook) == {*KINDS, *covariances, *_OF_WORKBOOK_ALONE}


def test_the_results_leave_no_swap_unseen(delivered: Delivered) -> None:
    """Half-widths differ, limits are not values, both verdicts and none are there, a level and none."""
    estimates = [one.estimate for one in delivered.wanted.estimates if one.estimate.value]
    assert all(not math.isclose(one.minus, one.plus, rel_tol=1e-3) for one in estimates)
    assert {math.isnan(one.level) for one in estimates} == {True, False}
    assert any(math.isnan(one.minus) for one in estimates)
    checks = [one.check for one in delivered.wanted.checks]
    assert {one.passed for one in checks} == {True, False, None}
    assert sum(one.value != one.limit for one in checks) > len(checks) / 2
    assert {one.status for one in delivered.wanted.outcomes} == {"ok", "failed", "skipped"}
    assert len({delivered.wanted.batch(cell) for cell in delivered.wanted.cells}) == 5
    assert any(math.isfinite(pair.outcome.ratio) for pair in delivered.wanted.pairs)


def test_every_estimate_of_the_record(delivered: Delivered) -> None:
    """results.json: value, both half-widths, unit, level, what it refers to, how; no more and no fewer estimates."""
    shown = {
        (kind, cell, method, name): one
        for kind, cells in delivered.record["samples"].items()
        for cell, methods in cells.items()
        for method, found in methods.items()
        for name, one in found["estimates"].items()
    }
    expected = {(one.kind, one.sample, one.method, one.name): one for one in delivered.wanted.estimates}
    assert delivered.record["cells"] == delivered.record["samples"]["cell"]
    assert set(shown) == set(expected)
    for key, one in expected.items():
        assert set(shown[key]) == {"value", "minus", "plus", "unit", "level", "per", "how"}
        for name, value in shown[key].items():
            assert same(value, c.ESTIMATES[name](one)), f"{key}, {name}: {value!r}"


@pytest.mark.parametrize("kind", ["checks", "windows", "resistances compared", "degrees of mixing", "stack series"])
def test_every_entry_of_the_record(delivered: Delivered, kind: str) -> None:
    """The lists of results.json."""
    heads, rows, getters = KINDS[kind]
    table = table_of_records(f"results.json, {kind}", delivered.record[kind.replace(" ", "_")])
    assert_table(table, rows(delivered.wanted), getters(delivered.wanted), heads)


@pytest.mark.parametrize("kind", ["scatter", "comparisons", "correlations", "causes of loss"])
def test_every_entry_of_the_batches_of_the_record(delivered: Delivered, kind: str) -> None:
    """The same rows as in the tables."""
    heads, rows, getters = KINDS[kind]
    table = table_of_records(f"results.json, batches, {kind}", delivered.record["batches"][kind])
    assert_table(table, rows(delivered.wanted), getters(delivered.wanted), heads)


def test_no_part_of_the_record_stays_untested(delivered: Delivered) -> None:
    """A new key needs its test."""
    compared = {
        "samples",
        "cells",
        "headlines",
        "checks",
        "outcomes",
        "study_outcomes",
        "covariance",
        "windows",
        "batches",
    }
    others = {"schema_version", "study", "doubts", "provenance", "written"}
    assert set(delivered.record) == {*compared, "resistances_compared", "degrees_of_mixing", "stack_series", *others}
    assert set(delivered.record["batches"]) == {
        "scatter",
        "comparisons",
        "differences",
        "correlations",
        "causes of loss",
    }


def test_every_outcome_of_the_record(delivered: Delivered) -> None:
    """Status and the four fields of an error with its code."""
    record, known = delivered.record, delivered.wanted
    for shown, one in zip(record["outcomes"], known.outcomes, strict=True):
        assert (shown["kind"], shown["sample"], shown["cell"]) == (one.kind, one.sample, one.sample)
    listed = record["outcomes"] + record["study_outcomes"]
    for shown, one in zip(listed, known.outcomes + known.study_outcomes, strict=True):
        assert (shown["method"], shown["status"]) == (one.method, one.status)
        assert shown["error"] == (None if one.error is None else one.error.as_record())


def test_the_covariance_of_every_pair_of_cells(delivered: Delivered) -> None:
    """By the names of both, in JSON, csv and workbook."""
    known = delivered.wanted
    for key, shown in delivered.record["covariance"].items():
        expected = known.covariance(*key.split("."))
        assert shown["cells"] == shown["samples"]
        assert {(a, b) for a in shown["samples"] for b in shown["samples"]} == set(expected)
        for a, line in zip(shown["samples"], shown["matrix"], strict=True):
            for b, value in zip(shown["samples"], line, strict=True):
                assert value == pytest.approx(expected[a, b], rel=1e-9)
    named = {
        "utilization.static_utilization": "",
        "losses.static_loss": " static loss",
        "losses.kinetic_loss": " kinetic loss",
    }
    assert set(named) == set(delivered.record["covariance"])
    for key, name in named.items():
        expected = known.covariance(*key.split("."))
        for table in (delivered.tables[f"covariance{name}"], delivered.workbook[f"covariance{name}"]):
            assert len(table.rows) ** 2 == len(expected)
            for row in table.records:
                for b in table.heads[1:]:
                    assert number(row[b]) == pytest.approx(expected[str(row["sample"]), b], rel=1e-9)


def test_the_overview_of_the_workbook(delivered: Delivered) -> None:
    """Every number with both half-widths in the unit of its head, own parts, truth, and exactly the checks that failed."""
    known = delivered.wanted
    table = delivered.workbook["overview"]
    truth = _truth(delivered)
    heads, expected = ["cell", "batch"], {cell: [cell, known.batch(cell)] for cell in known.cells}
    for shown in known.headlines:
        unit = f" / {shown.unit}" if shown.unit else ""
        stated = [truth[cell].get(shown.names[0]) for cell in known.cells]
        heads += [f"{shown.title}{unit}", f"minus{unit}", f"plus{unit}"]
        heads += [f"own part{unit}"] if shown.own_part else []
        heads += [f"truth (set){unit}"] if any(stated) else []
        for cell, true in zip(known.cells, stated, strict=True):
            one = known.headline(cell, shown)
            row: list[Any] = [None] * 3 if one is None else [one.value, one.minus, one.plus]
            row += [None if one is None else 100 * known.own(cell)] if shown.own_part else []
            row += [None if true is None else 100 * true] if any(stated) else []
            expected[cell] += row
    assert table.heads == (*heads, "failed checks")
    for row, cell in zip(table.rows, known.cells, strict=True):
        wanted = (*expected[cell], ", ".join(known.failed_checks(cell)) or "none")
        for head, shown_here, one in zip(table.heads, row, wanted, strict=True):
            assert same(shown_here, one), f"{cell}, {head}: {shown_here!r} instead of {one!r}"


def _truth(delivered: Delivered) -> dict[str, dict[str, float]]:
    """What the generated study states of each cell."""
    with (delivered.folder.parent / "truth.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found: dict[str, dict[str, float]] = {cell: {} for cell in delivered.wanted.cells}
    for row in rows:
        found[row["cell"]] = {"static_utilization": float(row["static_utilization"])}
    return found


def test_the_headlines_of_the_record(delivered: Delivered) -> None:
    """results.json: the same numbers for overviews as page and workbook show, with both half-widths and failed checks."""
    known, shown = delivered.wanted, delivered.record["headlines"]["cell"]
    assert set(shown) == {cell for cell, _ in known.sets}
    for cell, own in shown.items():
        assert own["failed_checks"] == known.failed_checks(cell)
        expected = [(shown, one) for shown in known.headlines if (one := known.headline(cell, shown)) is not None]
        assert [one["title"] for one in own["numbers"]] == [headline.title for headline, _ in expected]
        for entry, (headline, one) in zip(own["numbers"], expected, strict=True):
            assert (entry["method"], entry["unit"]) == (headline.method, headline.unit)
            assert entry["estimate"] in headline.names
            for name in ("value", "minus", "plus", "level", "per", "how"):
                assert same(entry[name], getattr(one, name)), f"{cell}, {headline.title}, {name}: {entry[name]!r}"


def test_numbers_of_the_workbook_show_two_digits_of_their_half_width(delivered: Delivered) -> None:
    """The format of each row of the estimates."""
    heads, *rows = formats_of(delivered.folder / "report.xlsx", "estimates")
    del heads
    for shown, one in zip(rows, delivered.wanted.estimates, strict=True):
        digits = places(one.estimate.minus, one.estimate.plus)
        form = "0." + digits * "0" if digits else "0"
        numbers = [one.estimate.value, one.estimate.minus, one.estimate.plus]
        for place, value in zip(shown[5:8], numbers, strict=True):
            assert place == form or math.isnan(value), f"{one.sample}, {one.name}: {place} for {numbers}"


def test_the_table_of_cells_is_the_one_that_was_given(delivered: Delivered) -> None:
    """Texts as they stand, numbers as numbers."""
    with (delivered.folder.parent / "cells.csv").open(encoding="utf-8", newline="") as lines:
        given = list(csv.DictReader(lines))
    sheet = delivered.workbook["cells"]
    assert set(sheet.heads) == set(given[0])
    for shown, row in zip(sheet.records, given, strict=True):
        for head, text in row.items():
            value = shown[head]
            assert (float(text) if isinstance(value, int | float) else text or None) == value, f"{head}: {value!r}"


def test_the_contents_count_the_rows(delivered: Delivered) -> None:
    """Of every sheet."""
    for name, rows, _ in delivered.workbook["contents"].rows:
        assert rows == len(delivered.workbook[str(name)].rows)


def test_the_data_of_the_overview_figures_are_the_estimates(delivered: Delivered) -> None:
    """The csv beside each figure and the sheet of figure data: own part, whole interval, losses with their sides."""
    known = delivered.wanted
    cells = [cell for cell in known.cells if (cell, "utilization") in known.sets]
    found = [
        row for row in _figure_rows(delivered, "utilization-overview", "utilization θ / %") if "truth" not in row[1]
    ]
    assert len(found) == 2 * 2 * len(cells)
    for cell, series, *numbers in found:
        one = known.sets[cell.removesuffix(" !"), "utilization"].estimate("static_utilization")
        sides = (one.minus, one.plus) if series else (known.own(cell.removesuffix(" !")),) * 2
        assert numbers == pytest.approx([100 * one.value, 100 * sides[0], 100 * sides[1]], rel=1e-6)
    names = {"delivered": "gross_specific_capacity", "kinetic loss": "kinetic_loss", "static loss": "static_loss"}
    losses = _figure_rows(delivered, "loss-overview", "q (weighed CAM) / mAh g⁻¹")
    assert len(losses) == 2 * 3 * len(cells)
    for cell, series, *numbers in losses:
        one = known.sets[cell, "losses"].estimate(names[series])
        expected = [one.value, None, None] if series == "delivered" else [one.value, one.minus, one.plus]
        assert numbers == [None if each is None else pytest.approx(each, rel=1e-6) for each in expected]


def _figure_rows(delivered: Delivered, figure: str, axis: str) -> list[tuple[str, str, Any, Any, Any]]:
    """(cell, series, y, minus, plus) from the csv file and from the workbook."""
    sheet = [row for row in delivered.workbook["figure data"].records if row["figure"] == figure]
    assert {row["y axis"] for row in sheet} == {axis}
    beside = delivered.figures[figure].records
    return [
        (str(row["name"]), str(row["series"] or ""), *(number(row[name]) for name in (y, "y minus", "y plus")))
        for rows, y in ((beside, axis), (sheet, "y"))
        for row in rows
    ]
