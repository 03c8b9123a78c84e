"""Tables of one cell to one record."""

from __future__ import annotations

from dataclasses import replace

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


@pytest.mark.parametrize(("begins", "last"), [(-0.003, -1.503), (-1.5, -1.5), (-1.503, -1.503), (0.0, -1.5)])
def test_a_net_charge_that_fell_goes_on_or_starts_anew_by_what_it_is_nearer_to(begins: float, last: float) -> None:
    """After a discharge of 1.5 Ah: a part that begins at -0.003 has started anew, one at -1.503 goes on."""
    tables = [
        Table("cycling", {"test_time_second": frozen(np.array(times)), "voltage_volt": frozen(np.full(2, 3.0)),
                          "current_ampere": frozen(np.full(2, -1.0)), "net_charge_ampere_hour": frozen(np.array(net))})
        for times, net in (([0.0, 5400.0], [0.0, -1.5]), ([5400.0, 5411.0], [begins, begins]))
    ]  # fmt: skip
    record = cycling_record(tables, [Provenance(name, name, "", "") for name in "ab"])
    assert record.net_charge_ampere_hour is not None
    assert record.net_charge_ampere_hour[-1] == pytest.approx(last)


@pytest.mark.parametrize("counted", [True, False])
def test_a_file_of_rests_fits_cycling_with_and_without_a_count_of_charge(*, counted: bool) -> None:
    """A rest changes no charge, whether its file says so or not."""
    net = {"net_charge_ampere_hour": frozen([0.0, 0.5])}
    cycling = replace(_table(0.0), columns={**_table(0.0).columns, **(net if counted else {})})
    rest = replace(_table(20.0), columns={**_table(20.0).columns, "current_ampere": frozen([0.0, 0.0])})
    with_count = replace(rest, columns={**rest.columns, "net_charge_ampere_hour": frozen([0.0, 0.0])})
    for one in (rest, with_count):
        record = cycling_record([cycling, one], [SOURCE, OTHER])
        assert (record.net_charge_ampere_hour is not None) == counted
        if record.net_charge_ampere_hour is not None:
            assert record.net_charge_ampere_hour.tolist() == [0.0, 0.5, 0.5, 0.5]
