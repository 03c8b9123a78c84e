"""Comparisons of cathode resistances as data: JSON, csv table and the workbook's sheet say the same as the page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cathodelab.report.sheets import book_of
from cathodelab.study.plan import Plan
from cathodelab.study.results import StudyResults
from cathodelab.study.run import run_study
from cathodelab.study.store import as_csv, results_record, tables
from cathodelab.study.study_methods import study_outcomes

FREQUENCIES = np.logspace(5, -1, 46)
CATHODES = {"uncoated": 105.0, "coated": 55.0}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> StudyResults:
    """Two cells, a spectrum each, from files that show neither charge nor rest."""
    folder = tmp_path_factory.mktemp("pairs")
    (folder / "study.toml").write_text('schema_version = 1\ntitle = "coatings"\n')
    rows = ["cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,area_cm2"]
    turn = 2j * np.pi * FREQUENCIES
    for number, (name, cathode) in enumerate(CATHODES.items()):
        chance = np.random.default_rng(number)
        z = 40 + cathode / (1 + (turn * 1.6e-4) ** 0.85) + 10 / (1 + (turn * 0.05) ** 0.85) + 1 / (0.3 * turn**0.55)
        z = z + 0.003 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
        lines = [f"{f},{one.real},{one.imag},3.7" for f, one in zip(FREQUENCIES, z, strict=True)]
        (folder / f"{name}.csv").write_text("\n".join(["freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm,Ewe/V", *lines]) + "\n")
        rows.append(f"{name},cell,8,0.02,In/InLi,{name}.csv,0.785")
    (folder / "cells.csv").write_text("\n".join(rows) + "\n")
    return run_study(folder)


@pytest.fixture(scope="module")
def at_rest(refused: StudyResults) -> StudyResults:
    """The same, if both cells had rested for two hours before: the potentials agree, so that they may be compared."""
    outcomes = []
    for outcome in refused.outcomes:
        changed = outcome
        if outcome.method == "impedance" and outcome.status == "ok":
            spectra = tuple(
                replace(one, spectrum=replace(one.spectrum, rest_before_second=7200.0))
                for one in outcome.result.spectra
            )
            changed = replace(outcome, result=replace(outcome.result, spectra=spectra))
        outcomes.append(changed)
    return _compared(replace(refused, outcomes=tuple(outcomes)))


def _compared(results: StudyResults) -> StudyResults:
    """The methods of the study on these outcomes."""
    return study_outcomes(results, Plan(results.study), {})


def test_a_comparison_stands_in_json_with_its_uncertainty(at_rest: StudyResults) -> None:
    """Ratio of the two cells that were written, within three standard uncertainties."""
    (row,) = results_record(at_rest)["resistances_compared"]
    assert (row["cell"], row["against_cell"], row["verdict"]) == ("coated", "uncoated", "comparable")
    assert 0 < row["ratio_standard"] < 0.1
    assert row["ratio_at_one_state"] == pytest.approx(55 / 105, abs=3 * row["ratio_standard"])
    assert row["resistance_ohm_cm2"] == pytest.approx(0.785 * 55, rel=0.15)
    assert row["against_counter_electrode"] == "In/InLi"
    assert row["relaxed"] is True
    assert row["charge_mAh_g"] is None


def test_a_refused_comparison_has_no_ratio_but_a_reason(refused: StudyResults) -> None:
    """It stands there all the same: who looks for it finds why."""
    (row,) = results_record(refused)["resistances_compared"]
    assert row["verdict"] == "refused"
    assert row["ratio_at_one_state"] is None
    assert row["ratio_standard"] is None
    assert "must not be compared" in row["sentence"]


def test_table_and_workbook_hold_the_same(at_rest: StudyResults) -> None:
    """One row, the same numbers, a format for every number column."""
    (record,) = results_record(at_rest)["resistances_compared"]
    table = tables(at_rest)["resistances compared"]
    (row,) = table.records
    assert row == record
    assert as_csv(table).startswith("cell,spectrum,resistance_ohm_cm2,")
    sheet = next(one for one in book_of(at_rest, ()).sheets if one.name == "resistances compared")
    assert [list(one) for one in sheet.rows] == [list(row.values())]
    assert {field.head: field.form for field in sheet.fields}["ratio_at_one_state"] == "0.000"


def test_one_cell_alone_has_nothing_to_compare(refused: StudyResults) -> None:
    """No empty sheet, an empty list in JSON."""
    alone = _compared(replace(refused, outcomes=tuple(one for one in refused.outcomes if one.sample == "coated")))
    assert results_record(alone).get("resistances_compared", []) == []
    assert "resistances compared" not in tables(alone)
    assert all(sheet.name != "resistances compared" for sheet in book_of(alone, ()).sheets)
