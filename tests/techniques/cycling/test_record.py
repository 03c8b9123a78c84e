"""The record of a cell as a figure."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from cycling_cells import cell

from cathodelab.core.document import Drawing
from cathodelab.techniques.cycling.measurement import Trace
from cathodelab.techniques.cycling.record import METHOD, RecordResult, RecordSettings, figures, record_of


def _result(*, over_time: bool = True, rows: int = 3) -> RecordResult:
    trace = Trace(np.array([0.0, 0.5, 1.0]), np.array([3.0, 3.4, 3.2]), over_time=over_time, rows=rows)
    return record_of(cell(), trace, RecordSettings())


def test_the_record_is_drawn_against_the_counter_electrode() -> None:
    """Over time in hours, or over charge in mAh; in few formats; how many rows were left out is said."""
    (spec,) = figures(cell(), _result())
    assert spec.record
    assert (spec.panels[0].x.unit, spec.panels[0].y.against) == ("h", "In/InLi")
    assert "all 3 rows" in spec.caption
    assert np.array_equal(spec.panels[0].series[0].y, [3.0, 3.4, 3.2])
    (thinned,) = figures(cell(), _result(over_time=False, rows=9000))
    assert thinned.panels[0].x.unit == "mAh"
    assert "3 of 9000 rows" in thinned.caption


def test_it_has_a_title_on_the_page_and_no_numbers() -> None:
    """The figure alone."""
    result = _result()
    assert result.estimates.names == ()
    assert METHOD.shown([result]) == ()
    drawing = Drawing("x", 1, "caption")
    title, shown = METHOD.page_of(cell(), result, [drawing]).rest
    assert (title.kind, shown) == ("subtitle", drawing)


def test_a_study_shows_the_record_of_every_cell(demo_study: Path) -> None:
    """Every extreme potential kept; time in hours."""
    from cathodelab.study.run import run_study

    found = {one.id: result for one, result in run_study(demo_study).of("record")}
    trace = found["ssb-01"].trace
    lines = (demo_study / "raw" / "ssb-01.bdf.csv").read_text().splitlines()
    columns = lines[0].split(",")
    time, volt = (
        np.array([float(line.split(",")[columns.index(name)]) for line in lines[1:]])
        for name in ("Test Time / s", "Voltage / V")
    )
    assert trace.rows == time.size
    assert (trace.potential_volt.min(), trace.potential_volt.max()) == (volt.min(), volt.max())
    assert trace.position[-1] == time[-1] / 3600
