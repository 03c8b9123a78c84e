"""Instrument files in a study: what a reader rebuilt is said with the result."""

from __future__ import annotations

from pathlib import Path

from cathodelab.study.run import run_study


def _as_maccor(path: Path) -> str:
    """The BDF record as a Maccor export: no sign of the current, state letters, charge from zero at each step."""
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    lines = ["Rec#\tCyc#\tStep\tTestTime\tStepTime\tAmp-hr\tWatt-hr\tAmps\tVolts\tState\tES\tDPt Time"]
    before, step_start, charge, last = 0.0, 0.0, 0.0, ""
    for number, (time, volt, ampere, step) in enumerate(rows, 1):
        if step != last:
            step_start, charge, last = before, 0.0, step
        charge += float(ampere) * (float(time) - before) / 3600
        before = float(time)
        state = "C" if float(ampere) > 0 else "R"
        step_time = before - step_start
        lines.append(f"{number}\t0\t{step}\t{time}\t{step_time:.1f}\t{charge:.9f}\t0\t{ampere}\t{volt}\t{state}\t1\t0")
    return "\n".join(lines) + "\n"


def test_a_maccor_export_gives_the_same_utilization_and_says_what_was_rebuilt(known_truth: Path) -> None:
    """Same numbers as from BDF to 1e-6; the notes are checks that cannot pass or fail."""
    first = run_study(known_truth).cell("ssb-01").estimate("utilization", "static_utilization")
    (known_truth / "ssb-01.csv").write_text(_as_maccor(known_truth / "ssb-01.csv"))
    found = run_study(known_truth).cell("ssb-01")
    assert abs(found.estimate("utilization", "static_utilization").value - first.value) < 1e-6
    checks = found.outcomes["utilization"].result.checks
    notes = [check for check in checks if check.name == "file_of_the_cell"]
    assert any("net charge was rebuilt" in check.sentence for check in notes)
    assert all(check.passed is None for check in notes)
    assert next(check.passed for check in checks if check.name == "charge_agrees") is True


SETTINGS = """EC-LAB SETTING FILE

Number of linked techniques : 1

Filename : written by the tests.mps

Mass of active material : 13.900 mg
Cycle Definition : Charge/Discharge alternance

Technique : 1
Open Circuit Voltage
tR (h:m:s)          8:00:0.0000
"""
SPECTRUM = (
    "freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\ttime/s\n"
    "1.000E+003\t1.000E+001\t1.000E+000\t1.000E+000\n"
    "1.000E+002\t1.200E+001\t2.000E+000\t2.000E+000\n"
)


def _rename_file(study: Path, old: str, new: str) -> None:
    """Another file for a cell, in a study of the reference and two cells."""
    sheet = study / "cells.csv"
    text = "".join(f"{line}\n" for line in sheet.read_text().splitlines()[:4])
    assert f",{old}\n" in text
    sheet.write_text(text.replace(f",{old}\n", f",{new}\n"))


def test_settings_and_spectra_named_with_the_record_do_not_disturb_it(known_truth: Path) -> None:
    """The mass entered at the cycler is not that of cells.csv: said, and no number changes."""
    _rename_file(known_truth, "ssb-01.csv", "ssb-01.csv")
    plain = run_study(known_truth).cell("ssb-01").estimate("utilization", "static_utilization")
    (known_truth / "ssb-01.mps").write_text(SETTINGS)
    (known_truth / "ssb-01.mpt").write_text(SPECTRUM)
    _rename_file(known_truth, "ssb-01.csv", "ssb-01.csv; ssb-01.mps; ssb-01.mpt")
    found = run_study(known_truth).cell("ssb-01")
    assert found.estimate("utilization", "static_utilization").value == plain.value
    answers = {check.name: check for check in found.outcomes["protocol_compliance"].result.checks}
    assert answers["protocol_mass"].passed is False
    assert answers["protocol_mass"].value == 13.9
    assert answers["protocol_current"].passed is None


def test_a_cell_of_nothing_but_spectra_is_skipped_with_the_reason(known_truth: Path) -> None:
    """Its other methods and the other cells go on."""
    (known_truth / "ssb-01.mpt").write_text(SPECTRUM)
    _rename_file(known_truth, "ssb-01.csv", "ssb-01.mpt")
    results = run_study(known_truth)
    outcome = results.cell("ssb-01").outcomes["utilization"]
    assert outcome.status == "skipped"
    assert outcome.error is not None
    assert outcome.error.code == "spectra-alone"
    assert "ssb-01" in outcome.error.where
    assert results.cell("ssb-02").outcomes["utilization"].status == "ok"
