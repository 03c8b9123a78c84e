"""A run: case, particles, times. Made from a run file (:mod:`run_file`) or by hand."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.case import STEPS, Case, good_step, overlap_with
from cathodelab.simulation.dem.equipment.bodies import Body, Mesh, Revolved
from cathodelab.simulation.dem.equipment.distances import signed_gap
from cathodelab.simulation.dem.equipment.meshes import thinnest
from cathodelab.simulation.dem.filling.inlets import Inlet

STEPS_PER_CONTACT = 8
"""Fewer steps in the shortest contact than this are refused; twenty are good."""
DEEPEST = 0.8
"""Overlap over radius up to which a body may be thinner than a grain: the centre of a grain must stay outside."""
GRAINS_IN_GAP = 3.0
"""Grain diameters that a gap should be wide, as commonly asked for; fewer let grains pass in single file, or wedge them."""


@dataclass(frozen=True)
class Balls:
    """Grinding balls: number and radius (m); their material is the second of the case."""

    count: int
    radius: float


@dataclass(frozen=True)
class Plan:
    """A run (SI units).

    Args:
        title: for reports.
        case: materials, contacts, bodies, step.
        diameter: of the particles.
        spread: half-width of a uniform distribution of diameters, as a share.
        count: particles on the lattice at the start.
        low: corner of the box that is filled.
        high: opposite corner.
        inlets: particles that come later.
        seed: of places and sizes.
        duration: of the whole run.
        interval: between outputs, each with a restart file.
        rotor: name of the body whose power is the machine's.
        fastest: fastest surface or particle expected, m/s.
        balls: grinding balls that are there from the start, or None.
        gap: the narrowest passage that grains are driven through (blade tips to chamber), m; 0 where there is none.
    """

    title: str
    case: Case
    diameter: float
    spread: float
    count: int
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    inlets: tuple[Inlet, ...]
    seed: int
    duration: float
    interval: float
    rotor: str
    fastest: float
    balls: Balls | None = None
    gap: float = 0.0

    @property
    def settles(self) -> float:
        """Time from which means are taken, s: half of the driven body's time, all inlets closed, at an output."""
        driven = next((one for one in self.case.bodies if one.name == self.rotor), None)
        begin = min(driven.motion.begin, self.duration) if driven else 0.0
        wanted = max(begin + 0.5 * (self.duration - begin), *(one.end for one in self.inlets), 0.0)
        outputs = min(math.ceil(wanted / self.interval - 1e-9), max(round(self.duration / self.interval) - 1, 0))
        return outputs * self.interval

    def radii(self) -> FloatArray:
        """Radius (m) of every grain, first those on the lattice, then those of the inlets in their order.

        The diameters are the quantiles of their distribution in random order: so the mass does not depend on the seed.
        """
        count = self.count + sum(one.count for one in self.inlets)
        quantiles = (np.random.default_rng([self.seed, 1]).permutation(count) + 0.5) / max(count, 1)
        return np.asarray(0.5 * self.diameter * (1 + self.spread * (2 * quantiles - 1)))

    def digest(self) -> str:
        """A fingerprint of all that decides the result: a restart goes on only with the same plan."""
        text = repr((self.case.materials, sorted(self.case.contacts.items()), _said(self.case.bodies), self.case.step))
        text += repr((self.case.gravity, self.case.skin, self.case.wall_margin, self.case.blocks or self.case.threads))
        text += repr(
            (self.diameter, self.spread, self.count, self.low, self.high, self.inlets, self.seed, self.interval)
        )
        if self.balls:
            text += repr(self.balls)
        return hashlib.sha256(text.encode()).hexdigest()


def _said(bodies: tuple[Body, ...]) -> list[object]:
    return [
        (
            *(body.name, body.material, body.motion, body.origin),
            *(one.corners.tobytes() if isinstance(one, Mesh) else one for one in body.surfaces),
        )
        for body in bodies
    ]


def checked(plan: Plan) -> Plan:
    """The plan, if it can be run.

    Raises:
        CathodelabError: ``dem-step-too-large``, ``dem-overlap``, ``dem-plan``.
    """
    if not 0 < plan.interval <= plan.duration or plan.diameter <= 0:
        raise CathodelabError(
            "dem-plan",
            f"A run of {plan.duration:g} s with outputs every {plan.interval:g} s and particles of {plan.diameter:g} m",
            where=plan.title,
            why="Diameter and times must be positive, the interval no longer than the run.",
            what_to_do="Correct the times or the diameter.",
        )
    if plan.interval < plan.case.step:
        raise CathodelabError(
            "dem-plan",
            f"Outputs every {plan.interval:.3g} s are shorter than the step of {plan.case.step:.3g} s",
            where=plan.title,
            why="Between two outputs there has to be a step at least; usual are thousands.",
            what_to_do="Give a longer output_interval_s.",
        )
    best = good_step(plan.case, plan.diameter / 2, max(plan.fastest, 0.1))
    limit = best * STEPS / STEPS_PER_CONTACT
    if plan.case.step > limit:
        raise CathodelabError(
            "dem-step-too-large",
            f"The step is {plan.case.step:.3g} s",
            where=plan.title,
            why=f"The shortest contact at {plan.fastest:g} m/s would have fewer than {STEPS_PER_CONTACT} steps; "
            f"at most {limit:.3g} s is accepted.",
            what_to_do=f"Use {best:.2g} s, or leave the step out.",
        )
    _refuse_meshes(plan)
    _refuse_overlap(plan.case.bodies, plan.title)
    return plan


def gap_check(plan: Plan) -> Check:
    """Whether the gap is wide enough for grains not to wedge in it (it holds where there is no gap)."""
    if not plan.gap:
        sentence = "The machine has no gap that grains pass."
        return Check("grains_in_gap", passed=True, value=math.inf, limit=GRAINS_IN_GAP, sentence=sentence)
    wide = plan.gap / (plan.diameter * (1 + plan.spread))
    sentence = (
        f"The gap of {1e3 * plan.gap:.3g} mm is {wide:.2g} grains of {1e6 * plan.diameter:.0f} µm wide; "
        f"{GRAINS_IN_GAP:g} are commonly asked for, so that grains can pass one another."
    )
    return Check("grains_in_gap", wide >= GRAINS_IN_GAP * (1 - 1e-9), wide, GRAINS_IN_GAP, sentence)


def _refuse_meshes(plan: Plan) -> None:
    """Meshes that cannot be walls for these grains: smaller than one, or too thin for the speed."""
    radius = 0.5 * plan.diameter * (1 + plan.spread)
    for body in plan.case.bodies:
        for mesh in (one for one in body.surfaces if isinstance(one, Mesh)):
            size = float(np.ptp(mesh.corners.reshape(-1, 3), axis=0).max())
            if size < plan.diameter:
                raise CathodelabError(
                    "dem-mesh-size",
                    f"The mesh of {body.name} is {1e3 * size:.3g} mm large, a grain {1e3 * plan.diameter:.3g} mm",
                    where=plan.title,
                    why="No machine is smaller than a grain; most likely the file is in another unit.",
                    what_to_do="Give the unit of the file: unit_mm = 1000 for metres, 25.4 for inches.",
                )
            overlap = overlap_with(plan.case, body, radius, plan.fastest)
            if overlap > DEEPEST * radius and (thickness := thinnest(mesh)) < 2 * radius:
                raise CathodelabError(
                    "dem-mesh-thin",
                    f"Grains would pass through {body.name}, which is {1e3 * thickness:.3g} mm thick",
                    where=plan.title,
                    why=f"At {plan.fastest:.3g} m/s they overlap with it by {overlap / radius:.2g} of their radius; with a body "
                    f"thinner than a grain ({2e3 * radius:.3g} mm) up to {DEEPEST:g} is safe.",
                    what_to_do="Use smaller grains, a thicker body, a harder material or a lower speed.",
                )


def _refuse_overlap(bodies: tuple[Body, ...], where: str) -> None:
    """A mesh that reaches into a round surface of another body, in any position it turns through."""
    for body in bodies:
        for mesh in (one for one in body.surfaces if isinstance(one, Mesh)):
            points = mesh.corners.reshape(-1, 3) + np.array(body.origin)
            for other in bodies:
                for surface in other.surfaces:
                    if other is body or not isinstance(surface, Revolved) or surface.two_sided:
                        continue
                    local = points - np.array(other.origin)
                    depth = -float(signed_gap(surface, local).min())
                    if depth > 1e-9:
                        raise CathodelabError(
                            "dem-overlap",
                            f"The walls of {body.name} reach {1e3 * depth:.3g} mm into {other.name}",
                            where=where,
                            why="Two bodies cannot be in one place.",
                            what_to_do="Make the moving body smaller or the gap wider.",
                        )
