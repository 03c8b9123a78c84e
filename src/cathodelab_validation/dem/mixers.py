"""A small mixer: what the stress of its grains does with the speed (case 13) and with the size of the grains (case 12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.simulation.dem.case import Case as Simulated
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.machines import Mixer
from cathodelab.simulation.dem.evaluation.stress_tally import intensity_edges, interval, stress
from cathodelab.simulation.dem.filling.lattice import lattice_fill
from cathodelab.simulation.dem.materials import Contact
from cathodelab_validation.dem.model import (
    CHAMBER,
    POWDER,
    POWDER_POWDER,
    POWDER_WALL,
    ROTOR,
    Case,
    Row,
)

FLOORS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)
"""Work over mass (J/kg) below which a collision is not counted, in the readings that are compared."""


@dataclass(frozen=True)
class SmallMixer:
    """A small mixer with a rotor of 10 mm and how long it turns (SI units).

    Args:
        rpm: speed of the rotor.
        gap: between blade tips and chamber.
        length: of the slice.
        fill: share of the free volume. Thrown against the chamber, the bed has to be thicker than the gap: a rotor that does
            not reach it stirs nothing.
        hardness: factor on the modulus of the grains, hence also on the pressure at which they yield.
        revolutions: in all, of which the first ``discard`` are left out.
        restitution: 0 for the source's contacts; else elastic contacts with this restitution at every speed.
        gravity: m/s².
    """

    rpm: float
    gap: float = 0.8e-3
    length: float = 1.8e-3
    fill: float = 0.21
    hardness: float = 1.0
    revolutions: float = 4.0
    discard: float = 1.5
    restitution: float = 0.0
    gravity: float = 9.81


@dataclass(frozen=True, eq=False)
class MixerMeans:
    """Means after the first revolutions.

    Args:
        intensity: J/kg.
        number: collisions a second and particle.
        power: of the rotor, W/kg.
        counts: collisions that ended over their work by mass, bins of :func:`intensity_edges`.
        work: J lost in them.
    """

    intensity: float
    number: float
    power: float
    counts: FloatArray
    work: FloatArray

    def above(self, floor: float) -> tuple[float, float]:
        """Work of a collision (J) and their number, of those above a floor in J/kg that is an edge of the bins."""
        first = int(np.searchsorted(intensity_edges(), floor * (1 - 1e-9)))
        number = float(self.counts[first:].sum())
        return float(self.work[first:].sum()) / number, number


def stirred(small: SmallMixer, diameter: float, seed: int = 1) -> MixerMeans:
    """Grains of one size in a small mixer."""
    mixer = Mixer(5e-3, small.gap, 2e-3, 4, 1e-3, 0.0, small.length, small.rpm, 0.0, 1e-4)
    ends = replace(CHAMBER, name="ends")
    powder = replace(POWDER, young_modulus=small.hardness * POWDER.young_modulus)
    inside, wall = POWDER_POWDER, POWDER_WALL
    if small.restitution:
        inside, wall = (replace(one, law="hertz", restitution=small.restitution) for one in (inside, wall))
    contacts = {
        ("powder", "powder"): inside,
        ("powder", "rotor"): wall,
        ("powder", "chamber"): wall,
        ("powder", "ends"): Contact("thornton_ning", yield_ratio=0.0256),
    }
    bodies = mixer.bodies("chamber", "rotor", "ends")
    case = Simulated((powder, ROTOR, CHAMBER, ends), contacts, bodies, gravity=(0, -small.gravity, 0))
    case = replace(case, step=2.75e-7 * diameter / 300e-6 / np.sqrt(small.hardness))
    count = int(small.fill * mixer.free_volume() / (np.pi / 6 * diameter**3))
    r = mixer.chamber_radius
    places = lattice_fill(case, count, diameter / 2, (-r, -r, 0), (r, r, mixer.length), seed)
    period = 60 / small.rpm
    state = advance(initial(case, places, diameter / 2), case, round(small.discard * period / case.step))
    after = advance(state, case, round((small.revolutions - small.discard) * period / case.step))
    part = interval(state, after)
    one = stress([part])
    rotor = float(part.body_work[1]) / (after.time - state.time) / part.mass
    work = after.sums.event_work - state.sums.event_work
    return MixerMeans(one.intensity, one.number / one.duration, rotor, part.events, work)


def _means(fillings: Sequence[Sequence[MixerMeans]]) -> tuple[FloatArray, FloatArray]:
    """Logarithms of (intensity, number, power) by setting, means over the fillings and their standard errors."""
    found = np.log([[(one.intensity, one.number, one.power) for one in row] for row in fillings])
    return found.mean(axis=1), found.std(axis=1, ddof=1) / np.sqrt(found.shape[1])


def _exponent(speeds: Sequence[float], values: FloatArray, errors: FloatArray) -> tuple[float, float]:
    """Slope of logarithms over that of the speed, all weighing the same, and its standard error."""
    x = np.log(speeds)
    x = x - x.mean()
    return float(x @ values / (x @ x)), float(np.sqrt((x**2) @ errors**2) / (x @ x))


HARDNESS = 10.0
"""Grains of case 13 that are harder: modulus and yield pressure times this."""


def speed_exponent(
    speeds: tuple[float, ...] = (1000.0, 2500.0, 5000.0), seeds: tuple[int, ...] = (1, 2, 3), hard_seeds: tuple[int, ...] = (2, 3)
) -> Case:  # fmt: skip
    """Case 13: stress intensity grows as a power of the speed near two (the source: 1.88)."""
    small = SmallMixer(0.0, revolutions=3, discard=1)
    soft = [[stirred(replace(small, rpm=rpm), 600e-6, seed) for seed in seeds] for rpm in speeds]
    hard = [
        [stirred(replace(small, rpm=rpm, hardness=HARDNESS), 600e-6, seed) for seed in hard_seeds] for rpm in speeds
    ]
    mean, error = _means(soft)
    hard_mean, hard_error = _means(hard)
    (intensity, off), (number, _), (power, _) = (_exponent(speeds, mean[:, q], error[:, q]) for q in range(3))
    (harder, harder_off), (hard_number, _) = (_exponent(speeds, hard_mean[:, q], hard_error[:, q]) for q in range(2))
    rows = (
        Row(f"exponent of stress intensity over speed (± {off:.2f})", 1.88, intensity, 0.25, absolute=True),
        Row("exponent of the power: 3 where inertia alone acts", 3.0, power, 0.3, absolute=True),
        Row("exponent of the collision frequency, power less intensity", power - intensity, number, 0.3, absolute=True),
        Row(f"exponent of stress intensity of grains {HARDNESS:g} times as hard (± {harder_off:.2f}): 2 without softness",
            2.0, harder, 0.25, absolute=True),
    )  # fmt: skip
    notes = (_why(intensity, number, harder, hard_number), _counting(speeds, soft))
    figure = _speed_figure(speeds, (mean, error), (hard_mean, hard_error), (len(seeds), len(hard_seeds)))
    return Case("13 speed", "The exponent is compared, not the size: not the source's rotor.", rows, (figure,), notes)


def _why(intensity: float, number: float, harder: float, hard_number: float) -> str:
    return (
        "Why: where inertia is the only scale (hard grains, a restitution that does not depend on the speed, no gravity) "
        "dimensions leave no choice: the power goes with the cube, the number of collisions with the first power, the stress "
        "intensity with the square of the speed. Contacts that take time are another scale: grains that still touch cannot "
        f"collide anew. So the number grows more slowly than the speed (exponent {number:.2f}) and the intensity faster than "
        f"its square ({intensity:.2f}). Hard grains are approached slowly: {HARDNESS:g} times as hard, {hard_number:.2f} and "
        f"{harder:.2f}. Nothing was tuned."
    )


def _counting(speeds: Sequence[float], fillings: Sequence[Sequence[MixerMeans]]) -> str:
    """Exponents of intensity and number if only collisions above a floor count, for the page."""
    nothing = np.zeros(len(speeds))
    said = []
    for floor in FLOORS:
        table = np.log(np.array([[one.above(floor) for one in row] for row in fillings])).mean(axis=1)
        rates = table[:, 1] + np.log(speeds)  # so many revolutions each: number over time
        left = 1 - np.exp(table[0, 1]) / np.mean([one.counts.sum() for one in fillings[0]])
        said.append(
            f"{floor:g} J/kg: {_exponent(speeds, table[:, 0], nothing)[0]:.2f} and {_exponent(speeds, rates, nothing)[0]:.2f} "
            f"({100 * left:.0f} % of the collisions at {speeds[0]:g} rpm left out)"
        )
    return (
        "What is counted: if only collisions count that lost more than a floor, the exponents of intensity and number are, "
        f"with a floor of {'; '.join(said)}. The yield speed is no such floor (a head-on collision at it holds 4e-6 J/kg). "
        "A fixed floor between 1e-4 and 1e-3 J/kg would turn the exponent into 1.88, by leaving out gentle collisions at low "
        "speed; it would make the intensities larger, away from the printed ones."
    )


def _speed_figure(
    speeds: Sequence[float], soft: tuple[FloatArray, FloatArray], hard: tuple[FloatArray, FloatArray], fillings: tuple[int, int],
) -> FigureSpec:  # fmt: skip
    axis, x = Axis("speed", "1/min", logarithmic=True), np.array(speeds)
    panels = []
    for q, quantity in enumerate(
        (
            Axis("stress intensity", "J/kg", logarithmic=True),
            Axis("collisions a second and particle", "1/s", logarithmic=True),
        )
    ):
        series = []
        for colour, (label, (mean, error)) in enumerate(
            (("calibrated grains", soft), (f"{HARDNESS:g} times as hard", hard)), 1
        ):
            y = np.exp(mean[:, q])
            bars = y * error[:, q]
            series.append(Series("points", x, y, label, colour, y_minus=bars, y_plus=bars))
        slope = 1.88 if q == 0 else 1.0
        line = np.exp(hard[0][0, q]) * (x / x[0]) ** slope
        panels.append(Panel(axis, quantity, (*series, Series("line", x, line, f"exponent {slope:g}", 0))))
    caption = (
        f"Small mixer, 600 µm: stress intensity and collisions over the speed; means of {fillings[0]} fillings "
        f"({fillings[1]} of the harder grains), bars: standard error. Lines: through the first point of the harder grains."
    )
    return FigureSpec("exponent", caption, tuple(panels))


WIDE = SmallMixer(5000.0, gap=1.8e-3, length=1.9e-3, fill=0.3785, revolutions=1.5, discard=0.75)
"""A gap of three of the coarsest grains; the bed on the chamber is 2.2 mm thick, so that the blades dip 0.4 mm into it."""
NARROW = replace(WIDE, gap=0.8e-3, fill=0.2803)
"""The same with a gap of 0.8 mm: the blades dip as deep."""


def coarse_grains(
    diameters: tuple[float, ...] = (300e-6, 424e-6, 600e-6), seeds: tuple[int, ...] = (1, 2, 3)
) -> Case:  # fmt: skip
    """Case 12: stress intensity, stress number and power at three grain sizes with the same mass."""
    wide = _means([[stirred(WIDE, one, seed) for seed in seeds] for one in diameters])
    narrow = [stirred(NARROW, one) for one in diameters]
    harder = [stirred(replace(WIDE, hardness=HARDNESS), one) for one in diameters[1:]]
    rows = []
    for q, name in enumerate(("stress intensity", "stress number", "power")):
        for k in range(1, len(diameters)):
            ratio, spread = np.exp(wide[0][k, q] - wide[0][0, q]), np.hypot(wide[1][k, q], wide[1][0, q])
            sizes = f"{1e6 * diameters[k]:.0f} µm over {1e6 * diameters[0]:.0f} µm"
            rows.append(Row(f"{name} at {sizes} (± {100 * spread:.0f} % standard error)", 1.0, float(ratio), 0.35))
    others = {"gap 0.8 mm": _table(narrow), f"{HARDNESS:g} times as hard": _table(harder)}
    return Case(
        "12 coarse grains",
        "5000 rpm, the source's materials; rotor of 10 mm, gap of three of the coarsest grains (1.8 mm), bed of 2.2 mm.",
        tuple(rows),
        (_grains_figure(diameters, wide, others, len(seeds)),),
        (_shared_out(diameters, wide[0]), _not_the_gap(diameters, narrow, harder)),
    )


def _shared_out(diameters: Sequence[float], mean: FloatArray) -> str:
    x = np.log(diameters) - np.mean(np.log(diameters))
    intensity, number, power = (float(x @ mean[:, q] / (x @ x)) for q in range(3))
    return (
        f"Exponents over the diameter: stress intensity {intensity:.2f}, stress number of a particle {number:.2f}, power a mass "
        f"{power:.2f}. Finer grains collide more often, each time with less. Stress intensity and number can be compared "
        "between runs with one grain size; their product, the power a mass, depends least on it."
    )


def _table(found: Sequence[MixerMeans]) -> FloatArray:
    return np.array([(one.intensity, one.number, one.power) for one in found])


def _not_the_gap(diameters: Sequence[float], narrow: Sequence[MixerMeans], harder: Sequence[MixerMeans]) -> str:
    """What was varied to find out why; one filling each."""
    ratios = ", ".join(
        f"{one.intensity / narrow[0].intensity:.2f} at {1e6 * size:.0f} µm"
        for size, one in zip(diameters[1:], narrow[1:], strict=True)
    )
    harder_intensity = harder[-1].intensity / harder[0].intensity
    return (
        f"Not the gap: with 0.8 mm (1.3 to 2.7 grains) and blades that dip as deep, the intensities over that at 300 µm are "
        f"{ratios}. Not the softness alone: of grains {HARDNESS:g} times as hard those of {1e6 * diameters[-1]:.0f} µm have "
        f"{harder_intensity:.2f} times the intensity and {harder[-1].number / harder[0].number:.2f} times the number of those of "
        f"{1e6 * diameters[-2]:.0f} µm. One filling each."
    )


def _grains_figure(
    diameters: Sequence[float], wide: tuple[FloatArray, FloatArray], others: dict[str, FloatArray], fillings: int
) -> FigureSpec:  # fmt: skip
    mean, error = wide
    x = 1e6 * np.array(diameters)
    panels = []
    for q, (name, unit) in enumerate(
        (("stress intensity", "J/kg"), ("stress number a second", "1/s"), ("rotor power", "W/kg"))
    ):
        bars = np.exp(mean[:, q]) * error[:, q]
        series = [Series("points", x, np.exp(mean[:, q]), "gap 1.8 mm", 1, y_minus=bars, y_plus=bars)]
        for colour, (label, table) in enumerate(others.items(), 2):
            series.append(Series("points", x[-len(table) :], table[:, q], label, colour))
        panels.append(Panel(Axis("grain diameter", "µm"), Axis(name, unit), tuple(series)))
    caption = (
        "Small mixer at three grain sizes, three blade passages after three; gap 1.8 mm: means of "
        f"{fillings} fillings, bars: standard error; the others: one filling."
    )
    return FigureSpec("coarse_grains", caption, tuple(panels))
