"""The impedance spectra of a sample, from its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record, impedance_spectra
from cathodelab.formats.recording import Recorded
from cathodelab.formats.technique import Measurement
from cathodelab.techniques.impedance.read import spectra_from_records
from cathodelab.techniques.impedance.spectrum import Spectrum

_THERE_VOLT = 0.005
"""A row of the record within this range of a spectrum's potential is at that potential."""


def spectra_of(recorded: Sequence[Recorded], sample: Cell, settings: Mapping[str, Any]) -> tuple[Spectrum, ...]:
    """The impedance spectra of all files: those among the rows of the cycler's, then those in files of their own.

    Raises:
        OtherData: the files hold none.
    """
    del sample, settings
    tables, sources = [one.table for one in recorded], [one.source for one in recorded]
    spectra = spectra_from_records(impedance_spectra(tables, sources))
    if not any(table.kind == "cycling" for table in tables):
        return spectra
    record = cycling_record(tables, sources)
    return tuple(replace(one, reached_second=reached_second(one, record)) for one in spectra)


def reached_second(one: Spectrum, record: CyclingRecord) -> float:
    """Clock from which on a record shows the potential of a spectrum without a break; ``nan`` where it does not.

    Between the last row elsewhere and the first one there, the crossing is interpolated.
    """
    clock, volt = record.test_time_second, record.voltage_volt
    if clock is None or one.time_second is None or not np.isfinite(one.potential_volt):
        return float("nan")
    before = int(np.searchsorted(clock, one.start_second, side="right"))
    there = np.abs(volt[:before] - one.potential_volt) <= _THERE_VOLT
    if not before or not there[-1]:
        return float("nan")
    elsewhere = np.flatnonzero(~there)
    if not elsewhere.size:
        return float("nan")
    last = int(elsewhere[-1])
    span = volt[last + 1] - volt[last]
    share = (one.potential_volt - volt[last]) / span if span else 1.0
    return float(clock[last] + np.clip(share, 0.0, 1.0) * (clock[last + 1] - clock[last]))


SPECTRA = Measurement("spectra", spectra_of, columns=("file", "spectra_file"))
