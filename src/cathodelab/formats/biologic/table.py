"""The table of a BioLogic file, text or binary, from its labelled columns: cycling rows, with spectra kept apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.biologic.columns import CYCLING, REQUIRED, SPECTRUM, canonical, chosen_labels, unknown_labels
from cathodelab.formats.biologic.rebuild import (
    continuous_charge,
    half_cycle_count,
    largest_charge_difference,
    mean_current,
    rest_states,
    spectrum_count,
    spectrum_stand_ins,
    step_count,
)
from cathodelab.formats.table import Table, no_rows

LARGEST_CHARGE_AMPERE_HOUR = 1e5
COUNTER_ELECTRODE_VOLT = 0.01
_OF_POTENTIAL = ("voltammetry", "chronoamperometry")
_RESTING, _REST_MODE = "open circuit", 3.0
EXPORT_AGAIN = "Export the file again with EC-Lab or BT-Lab; tick time, potential, and current or charge."

Columns = dict[str, FloatArray]


def biologic_table(
    raw: Mapping[str, FloatArray],
    labels: Sequence[str],
    *,
    row_name: Callable[[int], str],
    notes: Sequence[str] = (),
    metadata: Mapping[str, str] | None = None,
    settings_text: str = "",
) -> Table:
    """The table of a BioLogic file.

    Rows with a frequency belong to a spectrum. A file of only such rows is a table of ``impedance spectra``; spectra inside a
    cycling file become ``Table.spectra`` and are removed from the cycling rows.

    Args:
        raw: columns by label, of equal length, as the file has them.
        labels: all labels of the file, also of columns that were not read.
        row_name: name of a row's place in an error, from its number.
        notes: sentences on what the caller found odd.
        metadata: what else the file said.
        settings_text: the settings in the header of the file.
    """
    said = list(notes)
    with np.errstate(all="ignore"):  # overflows are refused below, as they are not finite
        columns = canonical(raw)
    rows = next(iter(columns.values())).size if columns else 0
    if not rows and columns:
        raise no_rows()
    with np.errstate(all="ignore"):
        _refuse_unfinished(columns, raw, row_name, said)
        _continue_charge(columns, said)
        _refuse_without_frequency(columns, labels)
        impedance = columns["frequency_hertz"] > 0 if "frequency_hertz" in columns else np.zeros(rows, dtype=np.bool_)
        spectra = _spectra(columns, impedance, labels, said) if impedance.any() else None
        about = dict(metadata or {})
        if spectra is not None and impedance.all():
            return Table(
                "impedance spectra",
                _kept(spectra, SPECTRUM),
                unknown_labels(labels),
                tuple(said),
                about,
                settings_text=settings_text,
            )
        cycling = _cycling(columns, impedance, labels, said, about.get("technique", ""))
    companion = None if spectra is None else Table("impedance spectra", _kept(spectra, SPECTRUM))
    return Table(
        "cycling", _kept(cycling, CYCLING), unknown_labels(labels), tuple(said), about, companion, settings_text
    )


def _refuse_unfinished(
    columns: Columns, raw: Mapping[str, FloatArray], row_name: Callable[[int], str], said: list[str]
) -> None:
    """Refuse cells that are no number in required columns; leave out other columns with such cells."""
    for name in list(columns):
        finite = np.isfinite(columns[name])
        if finite.all():
            continue
        row, count = int(np.argmin(finite)), int(np.sum(~finite))
        label = chosen_labels(raw)[name]
        if name not in REQUIRED:
            said.append(f"The column {label!r} was left out: {count} of its cells hold no number.")
            del columns[name]
            continue
        raise CathodelabError(
            "value-not-a-number",
            f"A cell of the column {label!r} is no number",
            where=row_name(row) + (f" (and {count - 1} more)" if count > 1 else ""),
            why=f"Every row needs a finite {name.replace('_', ' ')}.",
            what_to_do="Copy or export the file again, with relative time and one decimal sign.",
        )


def _refuse_without_frequency(columns: Columns, labels: Sequence[str]) -> None:
    """Refuse rows of a spectrum whose column of frequencies was not exported."""
    impedances = [columns[name] for name in ("real_impedance_ohm", "absolute_impedance_ohm") if name in columns]
    if "frequency_hertz" not in columns and any(np.any(one) for one in impedances):
        raise _missing("frequency (freq/Hz) beside its impedance", labels)


def _continue_charge(columns: Columns, said: list[str]) -> None:
    if "net_charge_ampere_hour" not in columns:
        if "charge_increment_ampere_hour" in columns:
            columns["net_charge_ampere_hour"] = np.cumsum(columns["charge_increment_ampere_hour"])
            said.append("The file has no (Q-Qo); the net charge is the sum of its increments dq.")
        return
    charge, resets = continuous_charge(columns["net_charge_ampere_hour"], columns.get("charge_increment_ampere_hour"))
    columns["net_charge_ampere_hour"] = charge
    if resets:
        said.append(
            f"The instrument set (Q-Qo) back to zero {resets} time{'s' if resets > 1 else ''}; the net charge goes on."
        )
    largest = float(np.max(np.abs(charge)))
    if not largest < LARGEST_CHARGE_AMPERE_HOUR:
        raise CathodelabError(
            "impossible-scale",
            f"The net charge reaches {largest:g} Ah",
            where="whole file",
            why=f"No laboratory cell goes beyond {LARGEST_CHARGE_AMPERE_HOUR:g} Ah; most likely the file is damaged.",
            what_to_do="Copy or export the file again.",
        )


def _spectra(columns: Columns, impedance: np.ndarray, labels: Sequence[str], said: list[str]) -> Columns:
    spectra = {name: values[impedance] for name, values in columns.items()}
    if "real_impedance_ohm" not in spectra or "imaginary_impedance_ohm" not in spectra:
        if "absolute_impedance_ohm" not in spectra or "phase_degree" not in spectra:
            raise _missing("impedance (Re(Z)/Ohm and -Im(Z)/Ohm, or |Z|/Ohm and Phase(Z)/deg)", labels)
        angle = np.deg2rad(spectra["phase_degree"])
        spectra["real_impedance_ohm"] = spectra["absolute_impedance_ohm"] * np.cos(angle)
        spectra["imaginary_impedance_ohm"] = spectra["absolute_impedance_ohm"] * np.sin(angle)
        said.append("The file has no Re(Z) and Im(Z); they were computed from |Z| and phase.")
    number = spectra.get("spectrum_number", spectra.get("cycle_count"))
    row = np.flatnonzero(impedance).astype(np.float64)
    spectra["spectrum_count"] = spectrum_count(spectra["frequency_hertz"], row, number)
    if not impedance.all():
        said.append(
            f"{int(impedance.sum())} rows of {int(spectra['spectrum_count'][-1])} impedance spectra are kept apart "
            "from the cycling rows."
        )
    return spectra


def _cycling(
    columns: Columns, impedance: np.ndarray, labels: Sequence[str], said: list[str], technique: str = ""
) -> Columns:
    for name, wanted in (("test_time_second", "time/s"), ("voltage_volt", "Ewe/V or Ecell/V")):
        if name not in columns:
            raise _missing(f"{name.replace('_', ' ')} ({wanted})", labels)
    _rebuild_current(columns, labels, said, technique)
    cycling, apart = (
        _without_spectra(columns, impedance, said) if impedance.any() else (columns, np.zeros(impedance.size))
    )
    states = rest_states(cycling["current_ampere"])
    named = [name for name in ("step_id", "control_mode", "half_cycle_count") if name in cycling]
    cycling["step_count"] = step_count(cycling, None if named else states, apart)
    if "step_id" not in cycling:
        words = " and ".join(_WORDS[name] for name in named) or "the current"
        said.append(f"The file has no step number (Ns); steps were rebuilt from {words}.")
    if "half_cycle_count" not in cycling:
        cycling["half_cycle_count"] = half_cycle_count(states)
        said.append("The file has no half cycle; half cycles were rebuilt from the sign of the current.")
    _compare_charge(cycling, states, said)
    if any(word in technique.lower() for word in _OF_POTENTIAL):
        said.append(
            f"The technique is {technique}: its half cycles are those of a prescribed potential, not of a galvanostatic test."
        )
    counter = float(np.max(np.abs(cycling.get("counter_electrode_potential_volt", np.zeros(1)))))
    if counter > COUNTER_ELECTRODE_VOLT:
        said.append(
            "Three electrodes: the potential is that of the working electrode against the reference electrode; the "
            f"counter electrode's (up to {counter:.3g} V) is a column of its own."
        )
    return cycling


_WORDS = {"step_id": "step number", "control_mode": "control mode", "half_cycle_count": "half cycle"}


def _rests_only(columns: Columns, technique: str) -> bool:
    """Whether a file without current is one of rests: of the technique OCV, or in the mode of rest throughout."""
    mode = columns.get("control_mode")
    return _RESTING in technique.lower() if mode is None else bool(np.all(mode == _REST_MODE))


def _rebuild_current(columns: Columns, labels: Sequence[str], said: list[str], technique: str) -> None:
    """Add the current, from charge and time, where the file has none or only zeros although charge flowed."""
    charge = columns.get("net_charge_ampere_hour")
    current = columns.get("current_ampere")
    if current is not None and (current.any() or charge is None or np.ptp(charge) == 0):
        return
    if charge is None and _rests_only(columns, technique):
        size = columns["test_time_second"].size
        columns["current_ampere"], columns["net_charge_ampere_hour"] = np.zeros(size), np.zeros(size)
        said.append(
            "The technique applies no current and the file has no column for it: no current flowed, the cell rested."
        )
        return
    if charge is None:
        raise _missing("current (I/mA or <I>/mA) and charge ((Q-Qo)/mA.h or dq/mA.h)", labels)
    increment = columns.get("charge_increment_ampere_hour")
    columns["current_ampere"] = mean_current(charge, increment, columns["test_time_second"])
    had = "has no current" if current is None else "has only zeros as current although charge flowed"
    said.append(f"The file {had}; the current was rebuilt as mean between two rows from charge and time.")


def _without_spectra(columns: Columns, impedance: np.ndarray, said: list[str]) -> tuple[Columns, FloatArray]:
    """The cycling rows, and a number for each that changes where rows of a spectrum were removed."""
    stand_ins, current = spectrum_stand_ins(columns, impedance)
    if stand_ins.any():
        said.append(
            f"{int(stand_ins.sum())} spectra with current right after or charge during them leave one row each among the "
            "cycling rows: their last time and potential, with the mean current while they were measured."
        )
    kept = ~impedance | stand_ins
    apart = np.cumsum(impedance) + np.cumsum(np.concatenate([[False], stand_ins[:-1]]))
    cycling = {name: values[kept] for name, values in {**columns, "current_ampere": current}.items()}
    return cycling, np.asarray(apart[kept], dtype=np.float64)


def _compare_charge(cycling: Columns, states: FloatArray, said: list[str]) -> None:
    """Note where the charge from current and time differs from the instrument's."""
    if "net_charge_ampere_hour" not in cycling or cycling["voltage_volt"].size < 2:
        return
    worst = largest_charge_difference(cycling, states)
    if worst is not None:
        said.append(
            f"Charge from current and time differs from the instrument's own by up to {worst.share:.2%} (half cycle "
            f"{worst.half_cycle}: {1000 * worst.ours:.6g} against {1000 * worst.instrument:.6g} mAh): the current of a row "
            "is not the mean since the row before, as where it changes between rows. The instrument's own is kept as net "
            "charge."
        )


def _kept(columns: Columns, names: Sequence[str]) -> Columns:
    """The named columns, made read-only without a copy, as they were made here."""
    kept = {name: np.ascontiguousarray(columns[name], dtype=np.float64) for name in names if name in columns}
    for values in kept.values():
        values.setflags(write=False)
    return kept


def _missing(wanted: str, labels: Sequence[str]) -> CathodelabError:
    return CathodelabError(
        "column-missing",
        f"The file has no column for {wanted}",
        where="header: " + ", ".join(label for label in labels if label)[:300],
        why="Without it the rows say nothing; a column with another unit in its label is not guessed at.",
        what_to_do=EXPORT_AGAIN,
    )
