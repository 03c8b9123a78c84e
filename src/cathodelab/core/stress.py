"""Stress of particles in a mixer as input of the process model: stress intensity and number for a speed and a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any

import numpy as np

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays
from cathodelab.core.errors import CathodelabError

_ARRAYS = ("edges_j_kg", "frequency_per_s", "single_frequency_per_s")


@dataclass(frozen=True)
class GrainScatter:
    """What single grains went through in the time of a record.

    Args:
        count: number of grains.
        diameter_um: of the grains: those of a simulation are often coarser than the particles.
        mass_kg: of all of them.
        unstressed_share: share of grains without a stress event.
        number_quantiles: stress number of a grain that 5, 50 and 95 % do not exceed.
        intensity_quantiles_j_kg: mean stress intensity of a grain, the same; of grains with a stress event.
    """

    count: int
    diameter_um: float
    mass_kg: float
    unstressed_share: float
    number_quantiles: tuple[float, float, float]
    intensity_quantiles_j_kg: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class StressRecord(ReadOnlyArrays):
    """Stress of the particles of one mixing process, simulated or derived from a power log.

    Errors are standard errors of means over successive intervals, widened by their correlation; ``nan`` where unknown.

    Args:
        speed_rpm: of the rotor, 1/min.
        time_s: mixing time the number belongs to.
        collision: which contacts are stress events: ``ended`` or ``begun`` in the time, or ``active`` in it.
        work: who is charged with the work lost between two particles: each with ``half`` or with the ``full`` work.
        stress_intensity_j_kg: mean over all stress events.
        stress_intensity_error_j_kg: its standard error.
        stress_number: events of one particle in ``time_s``.
        stress_number_error: its standard error.
        specific_power_w_kg: rotor power over the mass of the charge; ``nan`` where it is not known.
        specific_power_error_w_kg: its standard error.
        edges_j_kg: edges of the bins of stress intensity.
        frequency_per_s: events a second in each bin, at the mean intensity of their particle in its interval.
        single_frequency_per_s: collisions a second in each bin, each at its own intensity (half of the work).
        normal_share: share of the work that is lost normally (yielding, normal dashpots); the rest is shear.
        wall_share: share of the work that is lost against walls and rotor.
        hardest_j_kg: no single collision was harder.
        grains: scatter over single grains, or None.
        source: where it comes from, e.g. the title of a run.
        doubts: sentences of checks that did not pass.
    """

    speed_rpm: float
    time_s: float
    collision: str
    work: str
    stress_intensity_j_kg: float
    stress_intensity_error_j_kg: float
    stress_number: float
    stress_number_error: float
    specific_power_w_kg: float
    specific_power_error_w_kg: float
    edges_j_kg: Annotated[FloatArray, In("J/kg", "edge")]
    frequency_per_s: Annotated[FloatArray, In("1/s", "bin")]
    single_frequency_per_s: Annotated[FloatArray, In("1/s", "bin")]
    normal_share: float
    wall_share: float
    hardest_j_kg: float
    grains: GrainScatter | None
    source: str
    doubts: tuple[str, ...] = ()

    @property
    def reading(self) -> str:
        """Definition of a stress event and of its work, in words."""
        return f"collision: {self.collision}; work: {self.work}"

    @property
    def specific_energy_j_kg(self) -> float:
        """Intensity times number."""
        return self.stress_intensity_j_kg * self.stress_number

    def share_above(self, intensity_j_kg: float, *, single: bool = False) -> float:
        """P(SI > x): share of stress events above an intensity (of single collisions if ``single``).

        Inside a bin events are even over the logarithm; ``nan`` if there are none.
        """
        counts = self.single_frequency_per_s if single else self.frequency_per_s
        if not counts.any():
            return math.nan
        below = np.concatenate([[0.0], np.cumsum(counts)])
        return 1 - float(np.interp(math.log(intensity_j_kg), np.log(self.edges_j_kg), below / below[-1]))

    def as_data(self) -> dict[str, Any]:
        """Plain data for a file; ``nan`` becomes None."""
        data = {one.name: _plain(getattr(self, one.name)) for one in fields(self)}
        data["grains"] = {name: _plain(value) for name, value in vars(self.grains).items()} if self.grains else None
        return data


def stress_record_from(data: Mapping[str, Any]) -> StressRecord:
    """A record from the data of :meth:`StressRecord.as_data`.

    Raises:
        CathodelabError: ``stress-record`` if something is missing.
    """
    try:
        values = {one.name: data[one.name] for one in fields(StressRecord)}
        for name, value in values.items():
            if name in _ARRAYS:
                values[name] = np.array(value, float)
            elif value is None and name != "grains":
                values[name] = math.nan
        values["doubts"] = tuple(values["doubts"])
        if values["grains"] is not None:
            grains = {name: tuple(one) if isinstance(one, list) else one for name, one in values["grains"].items()}
            values["grains"] = GrainScatter(**{name: _number(one) for name, one in grains.items()})
        return StressRecord(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise CathodelabError(
            "stress-record",
            "The stress record cannot be used",
            where="stress record",
            why=f"It is not one that this program writes ({type(error).__name__}: {error}).",
            what_to_do="Write it again: cathodelab dem report RUNFILE.",
        ) from error


def common_reading(records: Sequence[StressRecord]) -> str:
    """The reading that all records have.

    Raises:
        CathodelabError: ``stress-readings`` if they differ: their numbers then mean different things.
    """
    readings = sorted({one.reading for one in records})
    if len(readings) != 1:
        raise CathodelabError(
            "stress-readings",
            "Stress records of different readings cannot be compared",
            where="stress records",
            why=f"They are made with: {' | '.join(readings) or 'nothing'}. Intensity and number depend on the reading.",
            what_to_do="Take the same reading from every record.",
        )
    return readings[0]


def _plain(value: Any) -> Any:  # noqa: ANN401 - numbers, words, arrays
    if isinstance(value, np.ndarray):
        return [_plain(float(one)) for one in value]
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any) -> Any:  # noqa: ANN401 - as _plain
    if isinstance(value, tuple):
        return tuple(_number(one) for one in value)
    return math.nan if value is None else value
