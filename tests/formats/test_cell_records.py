"""Tables of one cell to one record."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.table import Table

SOURCE = Provenance("a.csv", "0" * 64, "bdf-csv", "1")
OTHER = Provenance("b.csv", "1" * 64, "bdf-csv", "1")


def _table(start: float, kind: str = "cycling", volt: float = 3.0) -> Table:
    columns = {
        "test_time_second": frozen(start + np.array([0.0, 10.0])),
        "voltage_volt": frozen([volt, volt + 0.1]),
        "current_ampere": frozen([1.0, 1.0]),
        "step_count": frozen([1.0, 2.0]),
    }
    return Table(kind, columns)


def test_a_part_that_starts_its_clock_anew_goes_on_after_the_one_before() -> None:
    """Interrupted tests are joined in the order of the manifest."""
    record = cycling_record([_table(0.0), _table(0.0, volt=3.1)], [SOURCE, OTHER])
    assert record.test_time_second is not None
    assert record.step_count is not None
    assert record.test_time_second.tolist() == [0.0, 10.0, 10.0, 20.0]
    assert np.all(np.diff(record.step_count) >= 0)


def test_a_part_that_goes_on_keeps_its_clock() -> None:
    """The second file was exported from the same test."""
    record = cycling_record([_table(0.0), _table(100.0)], [SOURCE, OTHER])
    assert record.test_time_second is not None
    assert record.test_time_second.tolist() == [0.0, 10.0, 100.0, 110.0]


def test_files_of_different_kinds_are_refused() -> None:
    """One clear error instead of a wrong record."""
    with pytest.raises(CathodelabError) as caught:
        cycling_record([_table(0.0), _table(0.0, "titration curve")], [SOURCE, OTHER])
    assert caught.value.code == "files-differ"
