"""Stress of particles in a mixer as input of the process model: stress intensity and number for a speed and a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays


@dataclass(frozen=True, eq=False)
class StressRecord(ReadOnlyArrays):
    """Stress of the particles of one mixing process, simulated or derived from a power log.

    Args:
        speed_rpm: of the rotor, 1/min.
        time_s: mixing time the number belongs to.
        stress_intensity_j_kg: mean over all stress events.
        stress_number: events of one particle in ``time_s``.
        specific_power_w_kg: rotor power over the mass of the charge; ``nan`` where it is not known.
        edges_j_kg: edges of the bins of stress intensity.
        frequency_per_s: events a second in each bin.
        reading: definition of a stress event and of its work.
        source: where it comes from, e.g. the title of a run.
    """

    speed_rpm: float
    time_s: float
    stress_intensity_j_kg: float
    stress_number: float
    specific_power_w_kg: float
    edges_j_kg: Annotated[FloatArray, In("J/kg", "edge")]
    frequency_per_s: Annotated[FloatArray, In("1/s", "bin")]
    reading: str
    source: str

    @property
    def specific_energy_j_kg(self) -> float:
        """Intensity times number."""
        return self.stress_intensity_j_kg * self.stress_number
