"""Measurement records that several techniques use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from cathodelab.core.arrays import FloatArray, In, freeze_fields


@dataclass(frozen=True)
class Provenance:
    """Where a measurement came from; stamped by the framework, never by a reader."""

    file: str
    sha256: str
    reader: str
    reader_version: str


@dataclass(frozen=True, eq=False)
class CyclingRecord:
    """What a cycler recorded, in the units of the Battery Data Format (+ current = charge).

    Potentials are cell voltages as recorded: against the cell's own counter electrode. A record of potential against
    charge alone (no clock) has ``test_time_second`` and ``current_ampere`` ``None``; its rests are runs of constant
    charge. ``step_count`` never resets; ``None`` where the file has no step column.
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

    def __post_init__(self) -> None:
        freeze_fields(
            self, "voltage_volt", "test_time_second", "current_ampere", "step_count", "net_charge_ampere_hour"
        )
