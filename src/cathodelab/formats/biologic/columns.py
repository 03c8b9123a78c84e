"""What BioLogic calls its columns: label in the file -> canonical column and factor to its unit.

One table for text exports and binary files, EC-Lab and BT-Lab. Where several labels mean the same quantity, the one that
stands first here is taken. Sign: BioLogic's positive current oxidises the working electrode, which charges a cathode; its
``-Im(Z)`` is positive for a capacitor, ours (as in the Battery Data Format) negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from cathodelab.core.arrays import FloatArray

LABELS: dict[str, tuple[str, float]] = {
    "time/s": ("test_time_second", 1.0),
    "time/h": ("test_time_second", 3600.0),
    "Ecell/V": ("voltage_volt", 1.0),
    "Ewe/V": ("voltage_volt", 1.0),
    "Ewe/mV": ("voltage_volt", 1e-3),
    "<Ewe>/V": ("voltage_volt", 1.0),
    "<Ecell>/V": ("voltage_volt", 1.0),
    "Ece/V": ("counter_electrode_potential_volt", 1.0),
    "<Ece>/V": ("counter_electrode_potential_volt", 1.0),
    "I/mA": ("current_ampere", 1e-3),
    "I/A": ("current_ampere", 1.0),
    "I/µA": ("current_ampere", 1e-6),
    "<I>/mA": ("current_ampere", 1e-3),
    "<I>/A": ("current_ampere", 1.0),
    "(Q-Qo)/mA.h": ("net_charge_ampere_hour", 1e-3),
    "(Q-Qo)/A.h": ("net_charge_ampere_hour", 1.0),
    "(Q-Qo)/C": ("net_charge_ampere_hour", 1 / 3600),
    "dq/mA.h": ("charge_increment_ampere_hour", 1e-3),
    "Q charge/discharge/mA.h": ("half_cycle_charge_ampere_hour", 1e-3),
    "half cycle": ("half_cycle_count", 1.0),
    "cycle number": ("cycle_count", 1.0),
    "z cycle": ("spectrum_number", 1.0),
    "Ns": ("step_id", 1.0),
    "mode": ("control_mode", 1.0),
    "counter inc.": ("loop_flag", 1.0),
    "step time/s": ("step_time_second", 1.0),
    "Temperature/°C": ("temperature_t1_celsius", 1.0),
    "Temperature/\ufffdC": ("temperature_t1_celsius", 1.0),
    "Temperature/Â°C": ("temperature_t1_celsius", 1.0),
    "freq/Hz": ("frequency_hertz", 1.0),
    "Re(Z)/Ohm": ("real_impedance_ohm", 1.0),
    "-Im(Z)/Ohm": ("imaginary_impedance_ohm", -1.0),
    "Im(Z)/Ohm": ("imaginary_impedance_ohm", 1.0),
    "|Z|/Ohm": ("absolute_impedance_ohm", 1.0),
    "Phase(Z)/deg": ("phase_degree", 1.0),
    "Re(Zce)/Ohm": ("counter_electrode_real_impedance_ohm", 1.0),
    "-Im(Zce)/Ohm": ("counter_electrode_imaginary_impedance_ohm", -1.0),
    "Re(Zwe-ce)/Ohm": ("cell_real_impedance_ohm", 1.0),
    "-Im(Zwe-ce)/Ohm": ("cell_imaginary_impedance_ohm", -1.0),
}
"""Label as written by EC-Lab and BT-Lab -> (canonical column, factor). ``control_mode``: 1 current, 2 potential, 3 rest."""

REQUIRED = frozenset(
    {
        "test_time_second",
        "voltage_volt",
        "current_ampere",
        "net_charge_ampere_hour",
        "charge_increment_ampere_hour",
        "half_cycle_count",
        "step_id",
        "control_mode",
        "frequency_hertz",
        "real_impedance_ohm",
        "imaginary_impedance_ohm",
        "absolute_impedance_ohm",
        "phase_degree",
    }
)
"""A cell of these columns that is no finite number is an error; another column with such a cell is left out."""

SPECTRUM = (
    "spectrum_count",
    "frequency_hertz",
    "real_impedance_ohm",
    "imaginary_impedance_ohm",
    "counter_electrode_real_impedance_ohm",
    "counter_electrode_imaginary_impedance_ohm",
    "cell_real_impedance_ohm",
    "cell_imaginary_impedance_ohm",
    "test_time_second",
    "voltage_volt",
    "current_ampere",
    "net_charge_ampere_hour",
    "counter_electrode_potential_volt",
    "temperature_t1_celsius",
)
"""Columns of a table of spectra, in their order."""

CYCLING = (
    "test_time_second",
    "voltage_volt",
    "current_ampere",
    "step_count",
    "net_charge_ampere_hour",
    "half_cycle_charge_ampere_hour",
    "half_cycle_count",
    "cycle_count",
    "step_id",
    "control_mode",
    "counter_electrode_potential_volt",
    "temperature_t1_celsius",
)
"""Columns of a cycling table, in their order."""


def chosen_labels(labels: Iterable[str]) -> dict[str, str]:
    """Canonical column -> the label that is taken for it. Modulus and phase are taken only where Re and Im are missing."""
    present = set(labels)
    chosen: dict[str, str] = {}
    for label, (name, _) in LABELS.items():
        if label in present:
            chosen.setdefault(name, label)
    if "real_impedance_ohm" in chosen and "imaginary_impedance_ohm" in chosen:
        chosen.pop("absolute_impedance_ohm", None)
        chosen.pop("phase_degree", None)
    return chosen


def unknown_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels that this table does not hold, in their order."""
    return tuple(dict.fromkeys(label for label in labels if label and label not in LABELS))


def canonical(raw: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Columns by label -> columns by canonical name, in canonical units."""
    columns = {}
    for name, label in chosen_labels(raw).items():
        factor = LABELS[label][1]
        columns[name] = raw[label] if factor == 1.0 else np.asarray(raw[label] * factor, dtype=np.float64)
    return columns
