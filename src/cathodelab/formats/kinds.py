"""The kinds of tables that our readers return; a technique of its own declares others."""

from __future__ import annotations

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.formats import titration_text
from cathodelab.formats.spectra.sweeps import completed
from cathodelab.formats.table import Columns, TableKind


def _sweeps(columns: Columns, notes: list[str]) -> Columns:
    _refuse_no_frequency(columns["frequency_hertz"])
    return completed(columns, notes)


def _refuse_no_frequency(frequency: FloatArray) -> None:
    if not (frequency > 0).all():
        raise CathodelabError(
            "frequency-impossible",
            f"{int((frequency <= 0).sum())} rows have no frequency above zero",
            where="column of the frequency",
            why="A spectrum is measured at frequencies above zero; a row without one is something else.",
            what_to_do="Leave these rows out in a copy, or correct the column that is declared as frequency.",
        )


CYCLING = TableKind(
    "cycling",
    needed=("test_time_second", "voltage_volt", "current_ampere"),
    columns=(
        "net_charge_ampere_hour",
        "step_count",
        "cycle_count",
        "step_id",
        "step_time_second",
        "half_cycle_count",
        "half_cycle_charge_ampere_hour",
        "unix_time_second",
        "control_mode",
        "counter_electrode_potential_volt",
        "temperature_t1_celsius",
    ),
    words={
        "time": "test_time_second",
        "voltage": "voltage_volt",
        "current": "current_ampere",
        "charge": "net_charge_ampere_hour",
        "step": "step_count",
        "cycle": "cycle_count",
        "temperature": "temperature_t1_celsius",
    },
)
SPECTRA = TableKind(
    "impedance spectra",
    needed=("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm", "spectrum_count"),
    columns=("spectrum_number", "test_time_second", "voltage_volt", "current_ampere", "temperature_t1_celsius"),
    words={
        "frequency": "frequency_hertz",
        "real": "real_impedance_ohm",
        "imaginary": "imaginary_impedance_ohm",
        "modulus": "absolute_impedance_ohm",
        "phase": "phase_degree",
        "spectrum": "spectrum_number",
        "time": "test_time_second",
        "voltage": "voltage_volt",
        "current": "current_ampere",
    },
    enough=(
        ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm"),
        ("frequency_hertz", "absolute_impedance_ohm", "phase_degree"),
    ),
    completed=_sweeps,
)
TRACE = TableKind(
    "potential against charge",
    needed=("voltage_volt", "charge_milliampere_hour"),
    words={"voltage": "voltage_volt", "charge": "charge_milliampere_hour"},
)
CURVE = TableKind(
    "titration curve",
    needed=("relaxed_potential_volt", "charge_milliampere_hour"),
    columns=tuple(titration_text.CURVE.values()),
    words={"potential": "relaxed_potential_volt", "charge": "charge_milliampere_hour"},
)
PAIRS = TableKind(
    "relaxed potentials",
    needed=("relaxed_potential_1_volt", "relaxed_potential_2_volt", "charge_milliampere_hour"),
    columns=tuple(titration_text.PAIRS.values()),
    words={
        "first": "relaxed_potential_1_volt",
        "second": "relaxed_potential_2_volt",
        "charge": "charge_milliampere_hour",
    },
)
PROTOCOL = TableKind("intended protocol", needed=())

OURS: tuple[TableKind, ...] = (CYCLING, CURVE, PAIRS, PROTOCOL, SPECTRA, TRACE)
