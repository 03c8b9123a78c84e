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
