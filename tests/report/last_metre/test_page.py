"""Every number of the page is that of the estimate or check it came from, rounded as its half-width asks for."""

from __future__ import annotations

import csv
import math
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import wanted as w
from comparing import with_heads
from delivery import Delivered
from reading import Section, Table
from shown import number, percent, plain_unit, quantity, three, with_interval

from cathodelab.core.estimate import Estimate, EstimateSet

_VERDICTS = {True: "✓ passed", False: "✗ failed", None: "? cannot tell"}
_ORDER = {False: 0, None: 1, True: 2}


def _cell_sections(delivered: Delivered) -> dict[str, Section]:
    """The page of each cell, by the cell's name at the start of its title."""
    return {
        cell: section
        for cell in delivered.wanted.cells
        for section in delivered.page
        if section.title.split(" ")[0] == cell
    }


def _of_all_cells(delivered: Delivered) -> list[tuple[str, str, Table]]:
    """(cell, subtitle, table) of every table on the pages of the cells."""
    return [
        (cell, subtitle, table)
        for cell, section in _cell_sections(delivered).items()
        for subtitle, table in section.tables
    ]


def _section(delivered: Delivered, *heads: str) -> tuple[Section, Table]:
    """The only table with these heads outside the pages of the cells, and its section."""
    pages = _cell_sections(delivered).values()
    tables = [(section, table) for section in delivered.page if section not in pages for _, table in section.tables]
    found = with_heads([table for _, table in tables], *heads)
    return next(section for section, table in tables if table is found), found


_OVERVIEW: Mapping[str, tuple[str, str, Callable[[Estimate], str]]] = {
    "Utilization θ": ("utilization", "static_utilization", percent),
    "Static loss *": ("losses", "static_loss", quantity),
    "Kinetic loss *": ("losses", "kinetic_loss", quantity),
    "Delivered *": ("losses", "gross_specific_capacity", quantity),
    "Eff. C-rate": ("losses", "effective_c_rate", lambda one: number(one.value, 3)),
}


def test_the_overview(delivered: Delivered) -> None:
    """Percent and units, the own part, the truth that was set, and exactly the checks that failed."""
    known = delivered.wanted
    _, table = _section(delivered, "Utilization θ", "own part")
    with (delivered.folder.parent / "truth.csv").open(encoding="utf-8", newline="") as lines:
        truth = {row["cell"]: float(row["static_utilization"]) for row in csv.DictReader(lines)}
    assert [row["Cell"] for row in table.records] == known.cells
    for row in table.records:
        cell = row["Cell"]
        assert row["Batch"] == known.batch(cell)
        evaluated = (cell, "utilization") in known.sets
        for head, shown in row.items():
            title, _, unit = head.partition("/")
            if title in _OVERVIEW:
                method, name, written = _OVERVIEW[title]
                one = known.sets[cell, method].estimate(name) if evaluated else None
                assert shown == (written(one) if one else "–"), f"{cell}, {head}"
                assert one is None or plain_unit(unit or "%") == {"1": "%"}.get(one.unit, one.unit)
            elif title == "own part":
                assert shown == (f"± {number(100 * known.own(cell), 1)}" if evaluated else "–")
            elif title == "truth (set)":
                assert shown == (f"{number(100 * truth[cell], 1)} %" if evaluated else "–")
            elif title == "Checks":
                failed = ", ".join(one.replace("_", " ") for one in known.failed_checks(cell))
                assert shown == (("✗ " + failed if failed else "✓ none failed") if evaluated else "✗ failed, see there")
            else:
                assert title in ("Cell", "Batch"), f"a column that no test compares: {head}"


def test_the_first_sentence(delivered: Delivered) -> None:
    """How many cells, from where to where, and which of them have a check that failed."""
    known = delivered.wanted
    text = next(section for section in delivered.page if section.id == "overview").text
    values = [
        100 * estimates.estimate("static_utilization").value
        for (_, method), estimates in known.sets.items()
        if method == "utilization"
    ]
    low, high = number(min(values), 1), number(max(values), 1)
    assert f"{len(values)} of {len(known.cells)} cells: {low} to {high} %" in text
    failing = [cell for cell in known.cells if known.failed_checks(cell)]
    assert f"A check failed in {len(failing)} cells: {', '.join(failing)}." in text


def test_the_headline_of_every_cell(delivered: Delivered) -> None:
    """Utilization in percent, weighed and connected mass, level of the interval, potential of the counter electrode."""
    known, pages = delivered.wanted, _cell_sections(delivered)
    for (cell, method), estimates in known.sets.items():
        if method != "utilization":
            continue
        text = " ".join(pages[cell].text.split())
        theta, connected, offset = (
            estimates.estimate(name) for name in ("static_utilization", "connected_mass", "reference_offset")
        )
        given = known.results.study.cell(cell)
        mass = f"{number(given.cam_mass.value, 3)} ± {number(given.cam_mass.plus, 3)} mg"
        stated = f"{number(given.offset.value, 3)} ± {number(given.offset.plus, 3)} V"
        assert (connected.unit, offset.unit.split(" ")[0]) == ("mg", "V")
        assert f"θ = {percent(theta)} of {mass} active material" in text
        assert f"is connected: {quantity(connected)} mg." in text
        assert f"at {quantity(offset)} V vs. Li⁺/Li (stated {stated})." in text
        assert f"interval {number(100 * theta.level, 0)} %" in text


def test_the_checks_of_every_cell(delivered: Delivered) -> None:
    """What failed first; each sentence once, whichever methods say it."""
    known = delivered.wanted
    tables = {cell: table for cell, _, table in _of_all_cells(delivered) if "Verdict" in table.heads}
    assert set(tables) == {cell for cell, _ in known.sets}
    for cell, table in tables.items():
        once: dict[tuple[str, bool | None], str] = {}
        for one in known.checks:
            if one.cell == cell:
                once.setdefault((one.check.sentence, one.check.passed), one.check.name)
        expected = sorted(once.items(), key=lambda pair: _ORDER[pair[0][1]])
        assert [tuple(row.values()) for row in table.records] == [
            (_VERDICTS[passed], name.replace("_", " "), " ".join(sentence.split()))
            for (sentence, passed), name in expected
        ]


def test_the_windows_of_every_cell(delivered: Delivered) -> None:
    """Potentials, charges, utilization in percent, whether used."""
    known = delivered.wanted
    for cell, _, table in _of_all_cells(delivered):
        if "ΔQ cell/ mAh" not in table.heads:
            continue
        windows = [one for one in known.windows if one.cell == cell]
        assert [row["No."] for row in table.records] == [str(one.piece.number) for one in windows]
        for row, one in zip(table.records, windows, strict=True):
            piece = one.piece
            assert list(row.items())[1:] == [
                ("E₁ vs. Li⁺/Li/ V", number(piece.potential_1_volt, 4)),
                ("E₂ vs. Li⁺/Li/ V", number(piece.potential_2_volt, 4)),
                ("ΔQ cell/ mAh", number(piece.cell_charge_mAh, 4)),
                ("Δq reference/ mAh g⁻¹", number(piece.reference_charge_mAh_g, 2)),
                ("θ", percent(one.more)),
                ("Used?", f"dropped: {piece.dropped}" if piece.dropped else "yes"),
            ]


def test_the_budget_of_every_cell(delivered: Delivered) -> None:
    """Effects in percent with their sides, shares of the variance; what is left out is named below."""
    known, pages = delivered.wanted, _cell_sections(delivered)
    seen = set()
    for cell, _, table in _of_all_cells(delivered):
        if "Source of error" not in table.heads:
            continue
        lines = [one.piece for one in known.budgets if one.cell == cell]
        shown = [line for line in lines if line.share > 0.0005]
        assert table.heads == ("Source of error", "effect on θ/ %", "share of the variance", "what would help")
        assert [tuple(row.values()) for row in table.records] == [
            (
                line.group,
                f"+{number(100 * line.plus, 2)} −{number(100 * line.minus, 2)}",
                f"{number(100 * line.share, 1)} %",
                line.halving,
            )
            for line in shown
        ]
        text = pages[cell].text
        assert all(line.group in text for line in lines if line not in shown)
        assert any(abs(line.plus - line.minus) > 1e-4 for line in shown)
        seen.add(cell)
    assert seen == {cell for cell, method in known.sets if method == "utilization"}


def _plain(name: str) -> str:
    return re.sub(r"[_\- ]+", " ", name).strip().lower()


def test_the_estimates_of_every_method(delivered: Delivered) -> None:
    """Value with its interval, unit, what it refers to and how it was obtained; methods with a layout of their own apart."""
    known = delivered.wanted
    left = {(cell, method): one for (cell, method), one in known.sets.items() if one.names}
    for cell, subtitle, table in _of_all_cells(delivered):
        if "Quantity" not in table.heads:
            continue
        assert table.heads == ("Quantity", "value", "unit", "per", "how")
        names = [_plain(row["Quantity"]) for row in table.records]
        fitting = [
            (key, one) for key, one in left.items() if key[0] == cell and [_plain(name) for name in one.names] == names
        ]
        assert len(fitting) == 1, f"{cell}, {subtitle}: estimates of {len(fitting)} methods"
        _assert_grid(table, fitting[0][1])
        del left[fitting[0][0]]
    assert {method for _, method in left} == {"utilization", "impedance"}


def _assert_grid(table: Table, estimates: EstimateSet) -> None:
    for row, one in zip(table.records, estimates.as_mapping().values(), strict=True):
        expected = (
            quantity(one),
            one.unit if one.unit != "1" else "–",
            one.per or "–",
            " ".join(one.how.split()),
        )
        assert tuple(row.values())[1:] == expected


def test_some_estimates_are_seen_without_half_widths(delivered: Delivered) -> None:
    """Unknown is not nothing."""
    (unknown,) = [
        row["value"]
        for cell, _, table in _of_all_cells(delivered)
        if cell == "ssb-02" and "Quantity" in table.heads
        for row in table.records
        if "unknown" in row["value"]
    ]
    one = delivered.wanted.sets["ssb-02", "stack"]
    assert unknown == f"{one.values[0]:.4g} (± unknown)"


def test_the_resistances_of_every_cell(delivered: Delivered) -> None:
    """Areal, with the standard uncertainty of the estimate and the limits of its profile; the circuits that were tried."""
    known = delivered.wanted
    cells = [cell for cell, method in known.sets if method == "impedance"]
    seen = []
    for cell, _, table in _of_all_cells(delivered):
        if "Circuit" in table.heads:
            _assert_circuits(table, known.result(cell, "impedance"))
        if "Part of the cell" not in table.heads:
            continue
        estimates = known.sets[cell, "impedance"]
        spectra = known.result(cell, "impedance").spectra
        assert len(table.rows) == sum(len(one.roles) for one in spectra) == len(estimates.names)
        for row, name in zip(table.records, estimates.names, strict=True):
            one = estimates.estimate(name)
            assert one.unit == plain_unit("Ω cm²") == "ohm cm2"
            assert row["R · A/ Ω cm²"] == quantity(one)
            assert row["Part of the cell"] in name
            assert row["Spectrum"] == "1"
            low, high = map(float, row["95 % interval/ Ω cm²"].split(" to "))
            assert low < one.value < high
            assert (low, high) == pytest.approx(_limits(known, cell, name), rel=6e-3)  # three digits are shown
        seen.append(cell)
    assert seen == cells


def _limits(known: w.Wanted, cell: str, name: str) -> tuple[float, float]:
    """The 95 % profile interval, areal, widened in the logarithm by twice the relative error of the area."""
    result = known.result(cell, "impedance")
    interval = result.spectra[0].intervals[name, 0.9545]
    extra = 2 * result.area_standard_cm2 / result.area_cm2
    down, up = (math.hypot(math.log(end / interval.value), extra) for end in (interval.low, interval.high))
    middle = interval.value * result.area_cm2
    return middle * math.exp(-down), middle * math.exp(up)


def _assert_circuits(table: Table, result: object) -> None:
    attempts = [one for spectrum in result.spectra for one in spectrum.attempts]  # type: ignore[attr-defined]
    assert [row["Circuit"] for row in table.records] == [one.fit.circuit.expression for one in attempts]
    for row, one in zip(table.records, attempts, strict=True):
        assert row["largest residual / noise"] == number(one.noise_ratio, 2)
        assert row["parameters"] == str(len(one.fit.circuit.parameters))
        assert row["adequate"] == str(int(one.adequate))


def test_no_table_of_a_cell_stays_untested(delivered: Delivered) -> None:
    """A new table on the page of a cell needs a test that knows its heads."""
    known = ("Verdict", "ΔQ cell/ mAh", "Source of error", "Quantity", "Circuit", "Part of the cell")
    unknown = [
        table.place for _, _, table in _of_all_cells(delivered) if not any(head in table.heads for head in known)
    ]
    assert not unknown


def test_no_other_table_stays_untested(delivered: Delivered) -> None:
    """Those of the study: results here below and above, settings and files in other tests."""
    known = ("own part", "sd within", "Compared", "r observed", "Verdict", "gross/ mAh g⁻¹", "Setting", "SHA-256")
    pages = _cell_sections(delivered).values()
    tables = [table for section in delivered.page if section not in pages for _, table in section.tables]
    assert not [table.place for table in tables if not any(head in table.heads for head in known)]


def test_the_scatter(delivered: Delivered) -> None:
    """Means and standard deviations with their intervals, in the unit of the row."""
    _, table = _section(delivered, "Mixing", "sd within")
    shown = [
        one
        for one in delivered.wanted.batches.scatter
        if one.metric in ("static utilization", "gross capacity", "active capacity")
    ]
    assert [tuple(row.values()) for row in table.records] == [
        (
            f"{one.metric}{f', {one.rate}' if one.rate else ''} / {one.unit}",
            one.procedure,
            f"{one.components.cells} / {one.components.batches}",
            three(one.components.mean),
            three(one.components.sd_within),
            three(one.components.sd_between),
            number(100 * one.components.sd_total.value / one.components.mean.value, 1),
            number(one.weighing_sd, 2),
        )
        for one in shown
    ]


def test_the_procedures_compared(delivered: Delivered) -> None:
    """Difference and ratio with their intervals, batches that would be needed."""
    _, table = _section(delivered, "Compared", "p")
    assert [tuple(row.values()) for row in table.records] == [
        (
            f"{one.metric}{f', {one.rate}' if one.rate else ''}",
            f"{one.first} − {one.second}",
            three(one.difference.difference),
            number(one.difference.probability, 2),
            three(one.difference.ratio_of_scatter),
            " / ".join(f"{count}" if count < 200 else "> 200" for _, count in one.batches_needed),
        )
        for one in delivered.wanted.batches.comparisons
    ]


def test_the_correlations(delivered: Delivered) -> None:
    """Observed, by weighing alone, corrected, and the band without any true correlation."""
    _, table = _section(delivered, "r observed", "R²")
    for row, (name, rate, one) in zip(table.records, delivered.wanted.batches.correlations, strict=True):
        assert list(row.values())[:-1] == [
            name,
            rate,
            str(one.cells),
            number(one.observed, 2),
            number(one.observed**2, 2),
            number(one.weighing_only, 2),
            number(one.corrected, 2),
            f"{number(one.null_low, 2)} to {number(one.null_high, 2)}",
        ]
        if one.observed == one.observed:
            assert row["Beyond it?"].startswith("yes" if one.beyond_null else "no")


def test_the_causes_of_loss(delivered: Delivered) -> None:
    """Of the slowest and the fastest rate, each with its standard uncertainty."""
    _, table = _section(delivered, "gross/ mAh g⁻¹", "unexplained/ mAh g⁻¹")
    rates = [metric.rate for metric in delivered.wanted.batches.metrics if metric.name == "gross capacity"]
    wanted = [one for one in delivered.wanted.losses if one.piece.rate in (rates[0], rates[-1])]
    for row, one in zip(table.records, wanted, strict=True):
        assert (row["Cell"], row["Rate"]) == (one.cell, one.piece.rate)
        assert row["gross/ mAh g⁻¹"] == number(one.piece.gross, 1)
        for head, shown in list(row.items())[3:]:
            cause = head.removesuffix("/ mAh g⁻¹").replace(" ", "_")
            value, standard = getattr(one.piece, cause), one.piece.standard[cause]
            error = "?" if math.isnan(standard) else number(standard, 1)
            assert shown == ("not told apart" if math.isnan(value) else f"{number(value, 1)} ± {error}")


def test_the_checks_of_the_batches(delivered: Delivered) -> None:
    """Verdict, name, sentence."""
    _, table = _section(delivered, "Verdict", "Check", "What was found")
    assert [tuple(row.values()) for row in table.records] == [
        (_VERDICTS[one.passed], one.name.replace("_", " "), one.sentence) for one in delivered.wanted.batches.checks
    ]


def test_the_resistances_compared(delivered: Delivered) -> None:
    """Charges, potentials and resistances of both, the second cell first; the ratio with its standard uncertainty."""
    _, table = _section(delivered, "Ratio at one state", "Verdict")
    for row, pair in zip(table.records, delivered.wanted.pairs, strict=True):
        first, second, out = pair.first, pair.second, pair.outcome
        halves = [one.resistance * one.relative_standard for one in (second, first)]
        areal = [with_interval(one.resistance, half, half) for one, half in zip((second, first), halves, strict=True)]
        half = out.ratio * out.ratio_standard
        assert list(row.items()) == [
            ("Cells, spectra", f"{second.cell} ({second.number}) / {first.cell} ({first.number})"),
            ("q of both/ mAh g⁻¹", "; ".join(number(state.charge_mAh_g, 1) for state in reversed(pair.states))),
            ("E of both †/ V", f"{number(second.potential_volt, 3)}; {number(first.potential_volt, 3)}"),
            ("R · A of both/ Ω cm²", "; ".join(areal)),
            ("Ratio at one state", with_interval(out.ratio, half, half)),
            ("Verdict", out.verdict),
            ("Why", out.sentence),
        ]
        for one in (first, second):
            estimate = delivered.wanted.sets[one.cell, "impedance"].estimate("cathode_resistance")
            assert one.resistance == estimate.value


def test_what_was_not_evaluated(delivered: Delivered) -> None:
    """The failed cell with its status, its methods and all four fields of its error."""
    text = next(section for section in delivered.page if section.id == "faults").text
    failed = [one for one in delivered.wanted.outcomes if one.status == "failed"]
    assert {one.cell for one in failed} == {"ssb-08"}
    methods = ", ".join(one.method for one in failed)
    error = failed[0].error
    assert error is not None
    assert f"ssb-08, {methods}: failed. {error.what} [{error.where}]. {error.why} {error.what_to_do}" in " ".join(
        text.split()
    )
