"""Every parameter of a fitted circuit with its standard uncertainty, as a table.

Arcs ``(RQ)`` are fitted by resistance and time constant; their ``Q = tau^n / R`` is given too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.estimate import Estimate
from cathodelab.core.number_text import quantity
from cathodelab.core.result_table import Field, ResultTable
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.fitting.fit import CircuitFit
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult

_PHASE_UNIT = "F s^(n-1)"


@dataclass(frozen=True)
class ParameterRow:
    """One parameter of one spectrum.

    Args:
        spectrum: its number.
        circuit: the expression.
        name: symbol and place of the element.
        value, standard: in the unit; the uncertainty is ``nan`` where the circuit does not describe the spectrum.
        unit: of both.
        note: where it leans against a bound or is fixed.
    """

    spectrum: int
    circuit: str
    name: str
    value: float
    standard: float
    unit: str
    note: str

    @property
    def shown(self) -> str:
        """Value and uncertainty as a reader wants them."""
        unit = "" if self.unit == "1" else f" {self.unit}"
        note = f" ({self.note})" if self.note else ""
        return f"{self.name} = {quantity(Estimate(self.value, self.standard, self.standard))}{unit}{note}"


def parameter_rows(one: EvaluatedSpectrum) -> tuple[ParameterRow, ...]:
    """All parameters of a spectrum in the order of its circuit, with the Q of arcs."""
    fit = one.chosen.fit
    arcs = {row.start: row for _, row in fit.circuit.arcs()}
    found = []
    for place, (name, parameter) in enumerate(zip(fit.circuit.names, fit.circuit.parameters, strict=True)):
        value = fit.values[name]
        own = fit.standard_uncertainty(name) * (1.0 if parameter.kind == "exponent" else value)
        found.append(_row(one, name, value, own, parameter.unit, _note(fit, name)))
        if place - 2 in arcs:
            found.append(_phase_element(one, fit, arcs[place - 2]))
    return tuple(found)


def _phase_element(one: EvaluatedSpectrum, fit: CircuitFit, row: slice) -> ParameterRow:
    """``Q = tau^n / R`` of an arc."""
    log_r, log_tau, n = (float(value) for value in fit.theta[row])
    gradient = np.array([-1.0, n, log_tau])
    value = float(np.exp(n * log_tau - log_r))
    relative = float(np.sqrt(gradient @ fit.covariance[row, row] @ gradient))
    number = fit.circuit.names[row.start].rpartition("_")[2]
    return _row(one, f"Q_{number}", value, relative * value, _PHASE_UNIT, "tau^n / R")


def _row(one: EvaluatedSpectrum, name: str, value: float, standard: float, unit: str, note: str) -> ParameterRow:
    known = standard if one.chosen.adequate and note not in (_FIXED, _BOUND) else float("nan")
    return ParameterRow(one.spectrum.number, one.chosen.fit.circuit.expression, name, value, known, unit, note)


_FIXED, _BOUND = "as set", "at its bound"


def _note(fit: CircuitFit, name: str) -> str:
    if name in fit.constraints.fixed:
        return _FIXED
    return _BOUND if name in fit.at_bound else ""


_FIELDS = (
    Field("cell"),
    Field("spectrum"),
    Field("potential_volt", "potential / V"),
    Field("circuit"),
    Field("parameter"),
    Field("value"),
    Field("standard_uncertainty", "standard uncertainty"),
    Field("unit"),
    Field("note"),
)


def tables(found: Sequence[tuple[Cell, ImpedanceResult]]) -> tuple[ResultTable, ...]:
    """One row a parameter of every spectrum of every cell; values are those of the cell, not per area."""
    rows = [
        (
            cell.id,
            row.spectrum,
            _finite(one.spectrum.potential_volt),
            row.circuit,
            row.name,
            _finite(row.value),
            _finite(row.standard),
            row.unit,
            row.note,
        )
        for cell, result in found
        for one in result.spectra
        for row in parameter_rows(one)
    ]
    about = "Parameters of the circuit of every spectrum, of the whole cell (not per area)."
    return (ResultTable("circuit_parameters", about, _FIELDS, tuple(rows)),)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
