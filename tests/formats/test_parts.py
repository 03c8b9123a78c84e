"""The files of one test: order, repeats."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.table import Table


def _part(first: float, last: float, volts: tuple[float, float], unix: float | None = None) -> Table:
    time = np.linspace(first, last, 5)
    columns = {
        "test_time_second": frozen(time),
        "voltage_volt": frozen(np.linspace(*volts, 5)),
        "current_ampere": frozen(np.full(5, 1e-3)),
    }
    if unix is not None:
        columns["unix_time_second"] = frozen(unix + time)
    return Table("cycling", columns)


def _source(name: str) -> Provenance:
    return Provenance(f"{name}.csv", name * 64, "bdf-csv", "1")


A, B, C = _source("a"), _source("b"), _source("c")


def test_the_same_file_twice_is_refused() -> None:
    """Joined it would count every cycle twice."""
    part = _part(0, 100, (3.0, 3.5))
    with pytest.raises(CathodelabError) as caught:
        cycling_record([part, part], [A, Provenance("copy.csv", A.sha256, "bdf-csv", "1")])
    assert caught.value.code == "file-twice"
    assert "copy.csv" in str(caught.value)


def test_files_in_the_wrong_order_are_put_right_by_their_test_clocks() -> None:
    """Two exports of one test, the later named first."""
    record = cycling_record([_part(200, 300, (3.5, 4.0)), _part(0, 100, (3.0, 3.5))], [A, B])
    assert record.test_time_second is not None
    assert np.all(np.diff(record.test_time_second) > 0)
    assert record.voltage_volt[0] == 3.0
    assert [source.file for source in record.provenance] == ["b.csv", "a.csv"]
    assert "put in the order of their test clocks: b.csv, a.csv" in record.notes[0]


def test_wall_clocks_decide_where_test_clocks_start_anew() -> None:
    """A resumed test counts its own time from zero."""
    parts = [_part(0, 100, (3.5, 4.0), unix=9000.0), _part(0, 100, (3.0, 3.5), unix=1000.0)]
    record = cycling_record(parts, [A, B])
    assert record.voltage_volt[0] == 3.0
    assert "wall clocks" in record.notes[0]


def test_an_order_that_no_clock_tells_is_kept_and_doubted() -> None:
    """Potentials that join better in another order are a reason to look."""
    record = cycling_record([_part(0, 100, (3.5, 4.0)), _part(0, 100, (3.0, 3.5))], [A, B])
    assert record.voltage_volt[0] == 3.5
    assert "may be in the wrong order" in record.notes[0]
    assert "b.csv, a.csv" in record.notes[0]
    assert not cycling_record([_part(0, 100, (3.0, 3.5)), _part(0, 100, (3.5, 4.0))], [A, B]).notes


def test_a_later_export_of_the_same_test_replaces_the_earlier() -> None:
    """It begins with the same rows; they count once."""
    whole = _part(0, 100, (3.0, 3.5))
    first = Table("cycling", {name: frozen(values[:3]) for name, values in whole.columns.items()})
    record = cycling_record([first, whole], [A, B])
    assert record.voltage_volt.size == 5
    assert "begins with all 3 rows of a.csv" in record.notes[0]


def test_rows_that_repeat_the_row_before_are_left_out() -> None:
    """A cycler that writes a row twice adds no charge and no cycle."""
    part = _part(0, 100, (3.0, 3.5))
    twice = Table("cycling", {name: frozen(np.repeat(values, 2)) for name, values in part.columns.items()})
    record = cycling_record([twice], [C])
    assert record.voltage_volt.size == 5
    assert "5 rows repeat" in record.notes[0]


def test_where_parts_begin_is_kept() -> None:
    """Nothing can be said about what flowed between two files."""
    record = cycling_record([_part(0, 100, (3.0, 3.5)), _part(0, 100, (3.5, 4.0))], [A, B])
    assert record.part_rows == (0, 5)
