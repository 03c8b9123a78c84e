"""What conduction starts from: the record of a staircase, its steps, the pellet, the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays
from cathodelab.core.estimate import Estimate
from cathodelab.core.records import Provenance
from cathodelab.core.settings import knob
from cathodelab.techniques.conduction.columns import Blocked

IntArray = NDArray[np.int64]
CARRIERS: dict[Blocked, str] = {"ions": "electronic", "electrons": "ionic", "separator cell": ""}
"""What the electrodes block -> whose conductivity the steady current shows."""

History = Literal["continued", "from unknown state", "afresh", "from rest"]
"""What a step starts from: what the steps before left; that, and what was left before the record began; nothing of it (every
change of the voltage relaxes anew); nothing, from 0 V (the cell rested in between, and the file does not show it)."""

State = Literal["steady", "extrapolated", "not steady"]


@dataclass(frozen=True, eq=False)
class Staircase(ReadOnlyArrays):
    """Voltage and current of a symmetric cell against time, as recorded.

    Args:
        time_second: never falls.
        voltage_volt: applied or measured, between the two electrodes.
        current_ampere: any sign convention; the slope must come out positive.
    """

    time_second: Annotated[FloatArray, In("s", "row")]
    voltage_volt: Annotated[FloatArray, In("V", "row")]
    current_ampere: Annotated[FloatArray, In("A", "row")]
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    provenance: tuple[Provenance, ...] = ()

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.time_second.size)


@dataclass(frozen=True)
class Step:
    """Rows during which the voltage stays: ``first`` to ``last`` without it; ``dropped`` says why none of them is used.

    ``start_second`` is when the voltage was changed, as well as the rows tell; ``skipped`` counts rows of it that are left out.
    """

    first: int
    last: int
    voltage_volt: float
    start_second: float
    end_second: float
    dropped: str = ""
    skipped: int = 0

    @property
    def hold_second(self) -> float:
        """How long the voltage stayed."""
        return self.end_second - self.start_second


@dataclass(frozen=True)
class Pellet:
    """What is known of a pellet. Half-widths are standard uncertainties, ``nan`` where none is stated.

    Args:
        id: its name.
        blocked: what the electrodes do not let through.
        thickness: um.
        area: through which the current flows: that of the contacts, cm2.
        pellet_area_cm2: of the pellet itself; ``nan`` where the contacts cover it.
        separator: resistance of all separators and electrodes in series with it, ohm, where it is stated.
        separator_ratio: how many times the separators of the separator cell it holds.
        temperature_degC: of the measurement, ``nan`` where it is not stated.
        group: the composite that it was pressed from.
        die: name of the die; pellets of one die share the error of its area. Empty: a die of its own.
    """

    id: str
    blocked: Blocked
    thickness: Estimate
    area: Estimate
    pellet_area_cm2: float = float("nan")
    separator: Estimate | None = None
    separator_ratio: float = 1.0
    temperature_degC: float = float("nan")
    group: str = ""
    die: str = ""

    @property
    def carrier(self) -> str:
        """``electronic`` or ``ionic``; empty for a separator cell."""
        return CARRIERS[self.blocked]


@dataclass(frozen=True)
class ConductionSettings:
    """Every knob of the method. Uncertainties count where the tables state none."""

    smallest_step_volt: float = knob(
        5e-4, "smallest change of the voltage that begins a new step", unit="V", low=1e-6, high=1
    )
    fewest_rows: int = knob(4, "steps of fewer rows are left out", low=3, high=10_000)
    steady_fraction: float = knob(
        0.02,
        "a step is steady where at most this fraction of its steady current is still to relax at its end",
        unit="1",
        low=0,
        high=0.5,
    )
    fewest_time_constants: float = knob(
        0.9,
        "where the longest step holds for fewer time constants, a bound is given and no conductivity",
        unit="1",
        low=0.1,
        high=100,
    )
    slowest_over_record: float = knob(
        1.0, "slowest relaxation that is thought possible, in lengths of the record", unit="1", low=0.1, high=100
    )
    separator_share_limit: float = knob(
        0.9,
        "no conductivity where the separators make more than this part of the resistance",
        unit="1",
        low=0.1,
        high=0.99,
    )
    offset_share_limit: float = knob(
        0.1,
        "current at 0 V over that of the smallest voltage beyond which a single V/I would mislead",
        unit="1",
        low=0,
        high=10,
    )
    curvature_limit: float = knob(
        0.05, "change of the conductance over the staircase that counts as a straight line", unit="1", low=0, high=1
    )
    branch_limit: float = knob(
        0.05, "difference of the conductances of both branches that counts as none", unit="1", low=0, high=1
    )
    largest_linear_volt: float = knob(
        2.0, "voltages beyond this are doubted: solid electrolytes decompose", unit="V", low=0, high=10
    )
    thickness_relative_uncertainty: float = knob(
        0.02, "standard uncertainty of a thickness for which none is stated", unit="1", low=0, high=1
    )
    area_relative_uncertainty: float = knob(
        0.01, "standard uncertainty of an area for which none is stated", unit="1", low=0, high=1
    )
    separator_relative_uncertainty: float = knob(
        0.03,
        "how well separators repeat from cell to cell, and standard uncertainty of their resistance where none is stated",
        unit="1",
        low=0,
        high=1,
    )
    current_gain_limit: float = knob(1e-3, "instrument: limit of the gain error of currents", unit="1", low=0, high=0.5)
    voltage_gain_limit: float = knob(1e-3, "instrument: limit of the gain error of voltages", unit="1", low=0, high=0.5)
