"""Every number on the pages of the cells is that of the estimate or check it came from, rounded as its half-width asks for."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import wanted as w
from delivery import Delivered
from pages import VERDICTS, cell_sections, of_all_cells
from reading import Table
from shown import number, percent, plain_unit, quantity

from cathodelab.core.estimate import EstimateSet

_ORDER = {False: 0, None: 1, True: 2}


def test_the_headline_of_every_cell(delivered: Delivered) -> None:
    """Utilization in percent, weighed and connected mass, level of the interval, potential of the counter electrode."""
    known, pages = delivered.wanted, cell_sections(delivered)
    for (cell, method), estimates in known.sets.items():
        if method != "utilization":
            continue
        text = " ".join(pages[cell].text.split())
        theta, connected, offset = (
            estimates.estimate(name) for name in ("static_utilization", "connected_mass", "reference_offset")
        )
        given = known.cell(cell)
        mass = f"{number(given.cam_mass.value, 3)} ± {number(given.cam_mass.plus, 3)} mg"
        stated = f"{number(given.offset.value, 3)} ± {number(given.offset.plus, 3)} V"
        assert (connected.unit, offset.unit.split(" ")[0]) == ("mg", "V")
        assert f"θ = {percent(theta)} of {mass} active material" in text
        assert f"is connected: {quantity(connected)} mg." in text
        assert f"at {quantity(offset)} V vs. Li⁺/Li (stated {stated})." in text
        assert f"interval {number(100 * theta.level, 0)} %" in text


def test_the_texts_below_the_tables_of_every_cell(delivered: Delivered) -> None:
    """The cut-off against both electrodes, the area of the electrode."""
    known, pages = delivered.wanted, cell_sections(delivered)
    for cell, method in known.sets:
        result, text = known.result(cell, method), pages[cell].text
        if method == "losses":
            against = known.cell(cell).counter_electrode
            cell_volt, lithium_volt = number(result.cut_off_volt, 3), number(result.cut_off_volt_vs_lithium, 3)
            assert f"Cut-off {cell_volt} V vs. {against} ({lithium_volt} V vs. Li⁺/Li)." in text
        elif method == "impedance":
            assert f"Electrode area {result.area_cm2:g} cm²" in text


def test_the_checks_of_every_cell(delivered: Delivered) -> None:
    """What failed first; each sentence once, whichever methods say it."""
    known = delivered.wanted
    tables = {cell: table for cell, _, table in of_all_cells(delivered) if "Verdict" in table.heads}
    assert set(tables) == {cell for cell, _ in known.sets}
    for cell, table in tables.items():
        once: dict[tuple[str, bool | None], str] = {}
        for one in known.checks:
            if one.sample == cell:
                once.setdefault((one.check.sentence, one.check.passed), one.check.name)
        expected = sorted(once.items(), key=lambda pair: _ORDER[pair[0][1]])
        assert [tuple(row.values()) for row in table.records] == [
            (VERDICTS[passed], name.replace("_", " "), " ".join(sentence.split()))
            for (sentence, passed), name in expected
        ]


def test_the_windows_of_every_cell(delivered: Delivered) -> None:
    """Potentials, charges, utilization in percent, whether used."""
    known = delivered.wanted
    seen = set()
    for cell, _, table in of_all_cells(delivered):
        if "ΔQ cell/ mAh" not in table.heads:
            continue
        seen.add(cell)
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
    assert seen == {cell for cell, method in known.sets if method == "utilization"}


def test_the_budget_of_every_cell(delivered: Delivered) -> None:
    """Effects in percent with their sides, shares of the variance; what is left out is named below."""
    known, pages = delivered.wanted, cell_sections(delivered)
    seen = set()
    for cell, _, table in of_all_cells(delivered):
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
    for cell, subtitle, table in of_all_cells(delivered):
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
        for cell, _, table in of_all_cells(delivered)
        if cell == "ssb-02" and "Quantity" in table.heads
        for row in table.records
        if "unknown" in row["value"]
    ]
    one = delivered.wanted.sets["ssb-02", "stack"]
    assert unknown == f"{one.values[1]:.4g} (± unknown)"


def test_the_resistances_of_every_cell(delivered: Delivered) -> None:
    """Areal, with the standard uncertainty of the estimate and the limits of its profile; the circuits that were tried."""
    known = delivered.wanted
    cells = [cell for cell, method in known.sets if method == "impedance"]
    seen = []
    for cell, _, table in of_all_cells(delivered):
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
    unknown = [table.place for _, _, table in of_all_cells(delivered) if not any(head in table.heads for head in known)]
    assert not unknown
