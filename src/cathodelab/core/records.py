"""Measurement records that several techniques use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays
from cathodelab.core.protocol import Protocol


@dataclass(frozen=True)
class Provenance:
    """Where a measurement came from; stamped by the framework, never by a reader."""

    file: str
    sha256: str
    reader: str
    reader_version: str


@dataclass(frozen=True, eq=False)
class ImpedanceSpectrum(ReadOnlyArrays):
    """One impedance spectrum as recorded, its points in the order of the file.

    Signs as in the Battery Data Format: the imaginary part is negative where the cell is capacitive. Potential, current and
    time are those beside each point (of the cell or working electrode; + current = charge), ``None`` where the file has none.

    Args:
        electrodes: what the impedance is of: ``cell as recorded``, or of three electrodes ``counter electrode`` or
            ``working against counter electrode``.
        rest_second: how long no current had flowed when it began; ``nan`` where the record does not show it.
        net_charge_ampere_hour: net charge of the cell when it began, as in the cycling record; ``nan`` where unknown.
        provenance: the file that holds it.
    """

    frequency_hertz: Annotated[FloatArray, In("Hz", "point")]
    real_impedance_ohm: Annotated[FloatArray, In("ohm", "point")]
    imaginary_impedance_ohm: Annotated[FloatArray, In("ohm", "point")]
    test_time_second: Annotated[FloatArray, In("s", "point")] | None = None
    voltage_volt: Annotated[FloatArray, In("V", "point")] | None = None
    current_ampere: Annotated[FloatArray, In("A", "point")] | None = None
    electrodes: str = "cell as recorded"
    rest_second: float = float("nan")
    net_charge_ampere_hour: float = float("nan")
    notes: tuple[str, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def began_second(self) -> float:
        """Test time of its first point, ``nan`` without a clock."""
        return float("nan") if self.test_time_second is None else float(self.test_time_second[0])


@dataclass(frozen=True, eq=False)
class CyclingRecord(ReadOnlyArrays):
    """What a cycler recorded, in the units of the Battery Data Format (+ current = charge).

    Potentials are cell voltages as recorded: against the cell's own counter electrode. A record of potential against
    charge alone (no clock) has ``test_time_second`` and ``current_ampere`` ``None``; its rests are runs of constant
    charge. ``step_count`` never resets and is ``None`` where the file has no step column. ``spectra`` are the impedance spectra
    that were measured in between, on the same clock; their points are not among the rows. ``protocol`` is what the cycler
    was told to do, where a file states it. ``cycle_count`` is the cycler's own and may reset or rise wherever its program says
    so; ``part_rows`` are the first rows of the files that were joined, ``counted_before_ampere_hour`` the charge of the half
    cycle that each begins in, of which only the cycler's counter tells (+ = charge; empty: none anywhere).
    """

    voltage_volt: Annotated[FloatArray, In("V", "row")]
    test_time_second: Annotated[FloatArray, In("s", "row")] | None = None
    current_ampere: Annotated[FloatArray, In("A", "row")] | None = None
    step_count: Annotated[FloatArray, In("1", "row")] | None = None
    net_charge_ampere_hour: Annotated[FloatArray, In("Ah", "row")] | None = None
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    spectra: tuple[ImpedanceSpectrum, ...] = ()
    protocol: Protocol | None = None
    cycle_count: Annotated[FloatArray, In("1", "row")] | None = None
    part_rows: tuple[int, ...] = (0,)
    counted_before_ampere_hour: tuple[float, ...] = ()
