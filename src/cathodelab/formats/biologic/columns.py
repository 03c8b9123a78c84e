"""What BioLogic calls its columns: label in the file -> canonical column; the factor is that of the unit behind the last slash.

One table for text exports and binary files of EC-Lab and BT-Lab. Where several labels mean the same quantity, the first one
here is used. Sign: BioLogic's positive current oxidises the working electrode, which charges a cathode; its
``-Im(Z)`` is positive for a capacitor, ours (as in the Battery Data Format) negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.units import conversion

LABELS: dict[str, str] = {
    "time/s": "test_time_second",
    "time/h": "test_time_second",
    "Ecell/V": "voltage_volt",
    "Ewe/V": "voltage_volt",
    "Ewe/mV": "voltage_volt",
    "<Ewe>/V": "voltage_volt",
    "<Ecell>/V": "voltage_volt",
    "Ece/V": "counter_electrode_potential_volt",
    "<Ece>/V": "counter_electrode_potential_volt",
    "<Ewe/V>": "voltage_volt",
    "<Ecell/V>": "voltage_volt",
    "<Ece/V>": "counter_electrode_potential_volt",
    "I/mA": "current_ampere",
    "I/A": "current_ampere",
    "I/µA": "current_ampere",
    "<I>/mA": "current_ampere",
    "<I>/A": "current_ampere",
    "<I/mA>": "current_ampere",
    "<I/A>": "current_ampere",
    "(Q-Qo)/mA.h": "net_charge_ampere_hour",
    "(Q-Qo)/A.h": "net_charge_ampere_hour",
    "(Q-Qo)/C": "net_charge_ampere_hour",
    "dq/mA.h": "charge_increment_ampere_hour",
    "Q charge/discharge/mA.h": "half_cycle_charge_ampere_hour",
    "half cycle": "half_cycle_count",
    "cycle number": "cycle_count",
    "z cycle": "spectrum_number",
    "Ns": "step_id",
    "mode": "control_mode",
    "counter inc.": "loop_flag",
    "step time/s": "step_time_second",
    "Temperature/°C": "temperature_t1_celsius",
    "Temperature/\ufffdC": "temperature_t1_celsius",
    "Temperature/Â°C": "temperature_t1_celsius",
    "freq/Hz": "frequency_hertz",
    "Re(Z)/Ohm": "real_impedance_ohm",
    "-Im(Z)/Ohm": "imaginary_impedance_ohm",
    "Im(Z)/Ohm": "imaginary_impedance_ohm",
    "|Z|/Ohm": "absolute_impedance_ohm",
    "Phase(Z)/deg": "phase_degree",
    "Re(Zce)/Ohm": "counter_electrode_real_impedance_ohm",
    "-Im(Zce)/Ohm": "counter_electrode_imaginary_impedance_ohm",
    "Re(Zwe-ce)/Ohm": "cell_real_impedance_ohm",
    "-Im(Zwe-ce)/Ohm": "cell_imaginary_impedance_ohm",
}
"""Label as written by EC-Lab and BT-Lab -> canonical column. ``control_mode``: 1 current, 2 potential, 3 rest."""


def _factor(label: str) -> float:
    """Factor to the canonical unit; a label with a minus in front is turned."""
    found = conversion(label.rpartition("/")[2].rstrip(">") if "/" in label else "", LABELS[label])
    if found is None:
        raise AssertionError(f"{label}: its unit is not one of {LABELS[label]}")
    return -found.factor if label.startswith("-") else found.factor


_FACTORS = {label: _factor(label) for label in LABELS}

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
"""In these columns a cell that is no finite number is an error; other columns with such a cell are left out."""

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
"""Columns of a table of spectra, in order."""

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
"""Columns of a cycling table, in order."""


def chosen_labels(labels: Iterable[str]) -> dict[str, str]:
    """Canonical column -> the label chosen for it. Modulus and phase are used only where Re and Im are missing."""
    present = set(labels)
    chosen: dict[str, str] = {}
    for label, name in LABELS.items():
        if label in present:
            chosen.setdefault(name, label)
    if "real_impedance_ohm" in chosen and "imaginary_impedance_ohm" in chosen:
        chosen.pop("absolute_impedance_ohm", None)
        chosen.pop("phase_degree", None)
    return chosen


def unknown_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels that are not in this table, in order."""
    return tuple(dict.fromkeys(label for label in labels if label and label not in LABELS))


def canonical(raw: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Columns by label -> columns by canonical name, in canonical units."""
    columns = {}
    for name, label in chosen_labels(raw).items():
        factor = _FACTORS[label]
        columns[name] = raw[label] if factor == 1.0 else np.asarray(raw[label] * factor, dtype=np.float64)
    return columns
