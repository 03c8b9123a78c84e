"""Campaigns drawn from a seed: a liquid reference, batches of solid-state cells, and what is wrong with some of them.

Utilizations of a batch follow a Beta distribution of its mean and spread. Channels, weighings and counter electrodes are
drawn from what the error budget of the evaluation states; the two do not share code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from cathodelab.simulation.twin.instrument import Measurement, drawn_channel
from cathodelab.simulation.twin.model import Population, Step, TwinCell
from cathodelab.simulation.twin.protocols import pulse_titration, stepped_titration
from cathodelab.simulation.twin.truth import Batch, Campaign, TruthCell

Flaw = Mapping[str, object]
"""Fields of :class:`TwinCell` that differ from those of a sound cell."""


def slow_particles(share: float, *, diffusivity: float = 1.0, exchange: float = 1.0) -> Flaw:
    """A part of the particles with other diffusivity and exchange current (factors)."""
    sound = Population()
    slow = Population(share, sound.diffusion_second / diffusivity, sound.exchange_mA_g * exchange)
    return {"populations": (replace(sound, share=1 - share), slow)}


@dataclass(frozen=True)
class Plan:
    """What is drawn. Masses in mg, potentials in V.

    Args:
        cells_of_batch: how many sound cells each batch has.
        flawed: further cells, one for each flaw: (batch, remark, flaw).
    """

    title: str
    batches: Sequence[Batch]
    cells_of_batch: Mapping[str, int]
    flawed: Sequence[tuple[str, str, Flaw]] = ()
    reference_mg: float = 5.6
    reference_weighing_mg: float = 0.05
    cell_mg: float = 10.4
    cell_weighing_mg: float = 0.1
    offset_volt: float = 0.62
    offset_standard_volt: float = 0.004
    reference_protocol: tuple[Step, ...] = field(default_factory=pulse_titration)
    cell_protocol: tuple[Step, ...] = field(default_factory=stepped_titration)


def drawn(plan: Plan, seed: int) -> Campaign:
    """Everything that chance decides, decided once and written down."""
    random = np.random.default_rng(seed)
    reference = TwinCell(id="liquid-01", cam_mass_mg=float(plan.reference_mg + 0.2 * random.standard_normal()))
    cells = [
        TruthCell(
            role="reference",
            physics=reference,
            protocol=plan.reference_protocol,
            measurement=_measurement(random, plan.reference_weighing_mg, range_mA=0.1),
            weighing_standard_mg=plan.reference_weighing_mg,
        )
    ]
    wanted: list[tuple[str, str, Flaw]] = [
        (name, "", {}) for name, count in plan.cells_of_batch.items() for _ in range(count)
    ]
    known = {batch.id: batch for batch in plan.batches}
    for number, (batch, remark, flaw) in enumerate([*wanted, *plan.flawed], start=1):
        physics = TwinCell(
            id=f"ssb-{number:02d}",
            cam_mass_mg=float(plan.cell_mg + 0.15 * random.standard_normal()),
            utilization=_utilization(random, known[batch]),
            series_ohm=60.0,
            contact=0.6,
            offset_volt=float(plan.offset_volt + plan.offset_standard_volt * random.standard_normal()),
        )
        physics = replace(physics, **flaw)  # type: ignore[arg-type]  # names of fields, given by whoever plans a flaw
        how = _measurement(random, plan.cell_weighing_mg, range_mA=1.0)
        cells.append(TruthCell("cell", physics, plan.cell_protocol, how, plan.cell_weighing_mg, batch, remark))
    return Campaign(seed, plan.title, tuple(cells), tuple(plan.batches))


def _utilization(random: np.random.Generator, batch: Batch) -> float:
    mean, spread = batch.mean_utilization, batch.spread_between_cells
    if spread == 0 or mean == 1:
        return mean
    concentration = mean * (1 - mean) / spread**2 - 1
    return float(random.beta(mean * concentration, (1 - mean) * concentration))


def _measurement(random: np.random.Generator, weighing_mg: float, range_mA: float) -> Measurement:
    return Measurement(
        channel=drawn_channel(random, range_mA=range_mA),
        weighing_error_mg=float(weighing_mg * random.standard_normal()),
    )
