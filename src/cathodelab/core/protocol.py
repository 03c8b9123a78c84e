"""The protocol of a test: what the cycler was told to do, as opposed to the record of what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Parameter:
    """One line of a technique: its label, with the unit where one is printed, and a text for each sequence."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Technique:
    """One technique of a protocol with its parameters as printed."""

    name: str
    parameters: tuple[Parameter, ...]

    @property
    def sequences(self) -> int:
        """Number of sequences (``Ns``)."""
        return max((len(parameter.values) for parameter in self.parameters), default=0)

    def text(self, label: str, sequence: int) -> str:
        """Text of a parameter for one sequence; empty where there is none."""
        for parameter in self.parameters:
            if parameter.label == label:
                return parameter.values[sequence] if sequence < len(parameter.values) else ""
        return ""


@dataclass(frozen=True)
class IntendedStep:
    """One step under constant current, as intended: positions in the protocol, current by size, limit against the reference.

    Fields that the protocol leaves open are ``nan``.
    """

    technique: int
    sequence: int
    current_ampere: float
    potential_limit_volt: float = float("nan")
    rest_second: float = float("nan")


@dataclass(frozen=True)
class Protocol:
    """Techniques in order, and what was entered about the cell.

    Args:
        techniques: in order, with parameters as printed.
        settings: all other lines as printed: electrode connection, ranges, safety limits, masses.
        steps: the steps under constant current in units, from the techniques that are understood.
        active_mass_milligram: ``nan`` where it was not entered (or stands at the software's default).
        capacity_ampere_hour: capacity to which C-rates refer; ``nan`` where it was not entered.
        lowest_volt, highest_volt: safety limits; ``nan`` where none is set.
        file_kind: where it was found, e.g. ``settings file`` or ``header of the export``.
    """

    techniques: tuple[Technique, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[IntendedStep, ...] = ()
    active_mass_milligram: float = float("nan")
    capacity_ampere_hour: float = float("nan")
    lowest_volt: float = float("nan")
    highest_volt: float = float("nan")
    file_kind: str = ""
