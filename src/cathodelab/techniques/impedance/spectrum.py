"""One impedance spectrum, as recorded or as evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays
from cathodelab.core.records import Provenance
from cathodelab.techniques.impedance.circuits.elements import ComplexArray


@dataclass(frozen=True, eq=False)
class Spectrum(ReadOnlyArrays):
    """One sweep as recorded, or as evaluated (sorted from high to low frequency).

    Args:
        frequency_hertz: shape (m,).
        real_ohm, imaginary_ohm: the imaginary part of a capacitor is negative.
        time_second: clock at each frequency; ``None`` where the file has none, like the next two.
        voltage_volt: mean potential at each frequency, against the counter electrode.
        current_ampere: mean current.
        number: counts the spectra of a cell from 1.
        rest_before_second: how long the cell rested before, ``nan`` where the record does not show it.
        charge_ampere_hour: net charge of the cell at this spectrum, ``nan`` where unknown.
        reached_second: clock from which on the record shows the potential of this spectrum without a break, ``nan`` where
            it does not.
        left_out: (frequency, why) of points that are not evaluated.
        notes: what the reader rebuilt or found odd.
    """

    frequency_hertz: Annotated[FloatArray, In("Hz", "point")]
    real_ohm: Annotated[FloatArray, In("ohm", "point")]
    imaginary_ohm: Annotated[FloatArray, In("ohm", "point")]
    time_second: Annotated[FloatArray, In("s", "point")] | None = None
    voltage_volt: Annotated[FloatArray, In("V", "point")] | None = None
    current_ampere: Annotated[FloatArray, In("A", "point")] | None = None
    number: int = 1
    rest_before_second: float = float("nan")
    charge_ampere_hour: float = float("nan")
    reached_second: float = float("nan")
    left_out: tuple[tuple[float, str], ...] = ()
    notes: tuple[str, ...] = ()
    provenance: tuple[Provenance, ...] = ()

    @property
    def impedance(self) -> ComplexArray:
        """Complex impedance, ohm."""
        return np.asarray(self.real_ohm + 1j * self.imaginary_ohm)

    @property
    def potential_volt(self) -> float:
        """Mean potential, ``nan`` where unknown."""
        return float("nan") if self.voltage_volt is None else float(np.mean(self.voltage_volt))

    @property
    def start_second(self) -> float:
        """Clock at the first frequency, ``nan`` where unknown."""
        return float("nan") if self.time_second is None else float(self.time_second[0])
