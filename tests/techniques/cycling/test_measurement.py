"""The record of a cell, thinned for a figure, through a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cathodelab.study.run import run_study
from cathodelab.techniques.cycling import measurement


def test_the_trace_is_the_record_against_its_counter_electrode(demo_study: Path) -> None:
    """Time in hours, every extreme potential kept, no more points than a page needs."""
    trace = run_study(demo_study).cell("ssb-01").outcomes["record"].result.trace
    assert trace.over_time
    lines = (demo_study / "raw" / "ssb-01.bdf.csv").read_text().splitlines()
    columns = lines[0].split(",")
    time, volt = (
        np.array([float(line.split(",")[columns.index(name)]) for line in lines[1:]])
        for name in ("Test Time / s", "Voltage / V")
    )
    assert trace.rows == time.size
    assert trace.potential_volt.max() == volt.max()
    assert trace.potential_volt.min() == volt.min()
    assert trace.position[-1] == time[-1] / 3600
    assert trace.position.size <= measurement.LONGEST


def test_a_file_that_cannot_be_read_has_no_trace(demo_study: Path) -> None:
    """The outcome of the cell says why."""
    (demo_study / "raw" / "ssb-01.bdf.csv").write_text("nonsense")
    (demo_study / "raw" / "ssb-02.bdf.csv").unlink()
    results = run_study(demo_study)
    assert {results.cell(name).outcomes["record"].status for name in ("ssb-01", "ssb-02")} == {"failed"}
    assert results.cell("ssb-03").outcomes["record"].status == "ok"
