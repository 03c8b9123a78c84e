"""The record of a cell, thinned for a figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cathodelab.study import traces
from cathodelab.study.manifest import load_study
from cathodelab.study.packed import packed
from cathodelab.study.traces import Trace, cell_trace


def test_the_trace_is_the_record_against_its_counter_electrode(demo_study: Path) -> None:
    """Time in hours, every extreme potential kept."""
    study = load_study(demo_study)
    trace = cell_trace(study, study.cell("ssb-01"))
    assert trace is not None
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


def test_the_second_time_it_comes_from_the_cache(demo_study: Path) -> None:
    """A broken entry is made anew."""
    study = load_study(demo_study)
    first = cell_trace(study, study.cell("ssb-02"))
    entries = list((demo_study / ".cathodelab").rglob("traces/*"))
    assert len(entries) == 1
    entries[0].write_bytes(packed(Trace(np.array([0.0, 1.0]), np.array([3.0, 3.5]), over_time=True, rows=2)))
    stored = cell_trace(study, study.cell("ssb-02"))
    assert stored is not None
    assert stored.potential_volt.tolist() == [3.0, 3.5]
    entries[0].write_text("broken")
    again = cell_trace(study, study.cell("ssb-02"))
    assert first is not None
    assert again is not None
    assert np.array_equal(again.potential_volt, first.potential_volt)


def test_long_records_are_thinned(demo_study: Path) -> None:
    """No more points than a page needs."""
    study = load_study(demo_study)
    trace = cell_trace(study, study.cell("ssb-03"))
    assert trace is not None
    assert trace.position.size <= traces.LONGEST


def test_a_file_that_cannot_be_read_has_no_trace(demo_study: Path) -> None:
    """The outcome of the cell says why."""
    (demo_study / "raw" / "ssb-01.bdf.csv").write_text("nonsense")
    (demo_study / "raw" / "ssb-02.bdf.csv").unlink()
    study = load_study(demo_study)
    assert cell_trace(study, study.cell("ssb-01")) is None
    assert cell_trace(study, study.cell("ssb-02")) is None
