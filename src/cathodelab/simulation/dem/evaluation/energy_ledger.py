"""Energy account: the work put in equals the change of what is there and stored, plus what was lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.simulation.dem.evaluation.stress_tally import work_of
from cathodelab.simulation.dem.state import State


@dataclass(frozen=True)
class Ledger:
    """Energies in J between two states.

    Args:
        bodies: work of each body on the particles.
        kinetic: change, translation and rotation.
        potential: change in the field of gravity.
        stored: change of what contacts can give back.
        plastic: lost by yielding.
        friction: lost by sliding and in tangential springs.
        damping: lost in dashpots.
    """

    bodies: tuple[float, ...]
    kinetic: float
    potential: float
    stored: float
    plastic: float
    friction: float
    damping: float

    @property
    def put_in(self) -> float:
        """Work of all bodies, J."""
        return sum(self.bodies)

    @property
    def lost(self) -> float:
        """All dissipated energy, J."""
        return self.plastic + self.friction + self.damping

    @property
    def missing(self) -> float:
        """What the account does not explain, J."""
        return self.put_in - self.kinetic - self.potential - self.stored - self.lost

    @property
    def turnover(self) -> float:
        """The largest entry, with which the missing part is compared, J."""
        entries = (self.put_in, self.kinetic, self.potential, self.stored, self.lost)
        return max(abs(one) for one in entries)

    def check(self, limit: float = 1e-3) -> Check:
        """Whether the account closes within ``limit`` of its largest entry."""
        share = abs(self.missing) / self.turnover if self.turnover else 0.0
        sentence = (
            f"Of {self.turnover:.4g} J turned over {100 * share:.3g} % are missing from the account "
            f"(allowed {100 * limit:g} %)."
        )
        return Check("energy_ledger", share <= limit, share, limit, sentence)


def ledger(before: State, after: State) -> Ledger:
    """The account between two states of one simulation with the same particles."""
    # leapfrog books a step's force over half a step on either side: half of the last one is still to come
    work = (after.poses.sums - before.poses.sums) @ np.array([0, 0, 0, 0, 0, 0, 1.0, 0, -0.5])
    lost = sum(new.sum(axis=0) - old.sum(axis=0) for old, new in zip(work_of(before), work_of(after), strict=True))
    first, last = before.energy, after.energy
    return Ledger(
        bodies=tuple(float(one) for one in work),
        kinetic=last.kinetic - first.kinetic,
        potential=last.potential - first.potential,
        stored=last.normal + last.tangential - first.normal - first.tangential,
        plastic=float(lost[0]),
        friction=float(lost[1]),
        damping=float(lost[2]),
    )
