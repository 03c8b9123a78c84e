"""A record held against the protocol that the cycler was given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cathodelab.analyses.protocol_compliance import as_intended
from cathodelab.core.estimate import Estimate
from cathodelab.core.protocol import IntendedStep, Protocol
from cathodelab.core.records import CyclingRecord, Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import read_table

PROTOCOL = Protocol(
    techniques=(),
    steps=(IntendedStep(0, 1, 1e-3, 4.0), IntendedStep(0, 2, 1e-3, 3.0)),
    active_mass_milligram=10.0,
    capacity_ampere_hour=1e-3,
    lowest_volt=2.0,
    highest_volt=4.5,
)


def _cell(mass: float = 10.0) -> Cell:
    estimate = Estimate(mass, 0.05, 0.05, "mg", 0.68, "weighed")
    return Cell("a", "cell", estimate, "Li", Estimate(0.0, 0.0, 0.0, "V", 0.68, "definition"), ("a.mpt",))


def _record(current: float = 1e-3) -> CyclingRecord:
    """A rest, a charge to 4 V, a discharge to 3 V."""
    steps = np.repeat([0.0, 1.0, -1.0], 20)
    potential = np.concatenate([np.full(20, 3.0), np.linspace(3.0, 4.0, 20), np.linspace(4.0, 3.0, 20)])
    return CyclingRecord(voltage_volt=potential, test_time_second=np.arange(60.0) * 60, current_ampere=current * steps)


def _answers(protocol: Protocol, record: CyclingRecord, cell: Cell) -> dict[str, bool | None]:
    return {check.name: check.passed for check in as_intended(protocol, record, cell)}


def test_a_record_as_intended_passes_everything() -> None:
    assert set(_answers(PROTOCOL, _record(), _cell()).values()) == {True}


@pytest.mark.parametrize(
    ("name", "protocol", "record", "cell"),
    [
        ("protocol_mass", PROTOCOL, _record(), _cell(8.0)),
        ("protocol_current", PROTOCOL, _record(1.02e-3), _cell()),
        ("protocol_potential_limits", replace(PROTOCOL, steps=PROTOCOL.steps[:1] * 1 + (IntendedStep(0, 2, 1e-3, 3.5),)),
         _record(), _cell()),
        ("protocol_safety_limits", replace(PROTOCOL, highest_volt=4.0), _record(), _cell()),
    ],
)  # fmt: skip
def test_one_departure_fails_one_check(name: str, protocol: Protocol, record: CyclingRecord, cell: Cell) -> None:
    answers = _answers(protocol, record, cell)
    assert [other for other, passed in answers.items() if passed is False] == [name]


def test_what_the_protocol_leaves_open_is_not_judged() -> None:
    assert set(_answers(Protocol(techniques=()), _record(), _cell()).values()) == {None}


def test_a_real_record_ran_as_the_header_of_its_export_intended(data: Path) -> None:
    """0.9 A (C/5) between 2.5 and 4.2 V, within safety limits of 2.4 and 4.3 V."""
    path = data / "cycling/PyProBE/Sample_data_biologic_01_MB_CA1.txt"
    record = cycling_record([read_table(path.name, path.read_bytes())[0]], [Provenance(path.name, "", "", "")])
    assert record.protocol is not None
    answers = _answers(record.protocol, record, _cell())
    assert answers["protocol_current"] is True
    assert answers["protocol_safety_limits"] is True
    assert answers["protocol_mass"] is None
