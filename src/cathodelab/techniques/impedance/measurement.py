"""The impedance spectra of a sample, from its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record, impedance_spectra
from cathodelab.formats.placed_spectra import WHAT_TO_STATE
from cathodelab.formats.recording import Recorded
from cathodelab.formats.technique import Measurement
from cathodelab.techniques.impedance.read import spectra_from_records
from cathodelab.techniques.impedance.spectrum import Spectrum

_STATED = frozenset({"charge_mAh", "rest_h", "potential_volt"})
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
        return tuple(_with_stated_state(one, recorded) for one in spectra)
    record = cycling_record(tables, sources)
    placed = (_with_stated_state(one, recorded) for one in spectra)
    return tuple(replace(one, reached_second=reached_second(one, record)) for one in placed)


def _with_stated_state(one: Spectrum, recorded: Sequence[Recorded]) -> Spectrum:
    """What the study states of the file of a spectrum goes before what the record shows."""
    stated = {
        name: float(text)
        for each in recorded
        if each.source in one.provenance
        for name, text in each.named.conditions.items()
        if name in _STATED
    }
    found: dict[str, Any] = {}
    if "charge_mAh" in stated:
        found["charge_ampere_hour"] = 1e-3 * stated["charge_mAh"]
    if "rest_h" in stated:
        found["rest_before_second"] = 3600 * stated["rest_h"]
    if "potential_volt" in stated and one.voltage_volt is None:
        found["voltage_volt"] = np.full(one.frequency_hertz.size, stated["potential_volt"])
    if not found:
        return one
    kept = tuple(note for note in one.notes if "charge_mAh" not in stated or WHAT_TO_STATE not in note)
    return replace(one, notes=(*kept, f"Stated for the file: {', '.join(stated)}."), **found)


def reached_second(one: Spectrum, record: CyclingRecord) -> float:
    """Clock from which on a record shows the potential of a spectrum without a break; ``nan`` where it does not.

    Between the last row elsewhere and the first one there, the crossing is interpolated.
    """
    clock, volt = record.test_time_second, record.voltage_volt
    placed = np.isfinite(one.rest_before_second) or np.isfinite(one.charge_ampere_hour)
    if clock is None or one.time_second is None or not np.isfinite(one.potential_volt) or not placed:
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
