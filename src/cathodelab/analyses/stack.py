r"""Energy of a cell's stack: specific energy by component, Ragone metrics of the cathode, and checks of the assembly.

:math:`E_m = V Q / m` and :math:`P_m = V I / m` without current collectors and casing (source dissertation, section 4.2 and
equations 4 and 5). Targets: Randau et al., Nat. Energy 5 (2020) 259.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Method, MethodCard, Shown
from cathodelab.core.samples import Cell
from cathodelab.core.settings import knob
from cathodelab.core.sources import Source
from cathodelab.techniques.cycling.cycle_totals import stated
from cathodelab.techniques.cycling.model import CyclingResult

DENSITY_G_CM3 = {"In": 7.31, "Li": 0.534}
MOLAR_MASS_G_MOL = {"In": 114.818, "Li": 6.94}
CELL_TARGET_WH_KG, CATHODE_TARGET_WH_KG, AREAL_TARGET_MAH_CM2 = 250.0, 500.0, 5.0


@dataclass(frozen=True)
class Foil:
    """A metal disc."""

    metal: str
    diameter_mm: float
    thickness_um: float

    @property
    def area_cm2(self) -> float:
        """Of one side."""
        return float(np.pi / 4 * (self.diameter_mm / 10) ** 2)

    @property
    def mass_mg(self) -> float:
        """Mass from volume and density."""
        volume_cm3 = self.area_cm2 * self.thickness_um * 1e-4
        return float(volume_cm3 * DENSITY_G_CM3[self.metal] * 1e3)

    @property
    def micromoles(self) -> float:
        """Amount of metal."""
        return self.mass_mg / MOLAR_MASS_G_MOL[self.metal] * 1e3


def atomic_ratio(indium: Foil, lithium: Foil) -> float:
    """Atomic ratio n(In) : n(Li) of two foils; above 1 the anode is the two-phase mixture In/InLi, at or below 1 InLi alone."""
    return indium.micromoles / lithium.micromoles


@dataclass(frozen=True)
class Stack:
    """Masses of a stack, its charge and its mean potential against Li+/Li.

    ``anode_volt`` is the potential of the anode against Li+/Li: it is lost from the cell's voltage. ``area_cm2``: of the
    electrode; ``foil_cm2``: of the anode's foil, which may be smaller.
    """

    name: str
    anode_mg: float
    separator_mg: float
    composite_mg: float
    charge_mAh: float
    cathode_volt: float
    area_cm2: float
    foil_cm2: float
    anode_volt: float = 0.0

    @property
    def mass_mg(self) -> float:
        """Anode, separator and composite."""
        return self.anode_mg + self.separator_mg + self.composite_mg

    @property
    def specific_energy_Wh_kg(self) -> float:
        """V Q / m; mWh per mg is kWh per kg."""
        return (self.cathode_volt - self.anode_volt) * self.charge_mAh / self.mass_mg * 1e3


def development_series(press_cell: Stack) -> tuple[Stack, ...]:
    """Figure 7a of the source: a cell with a thinner separator, lithium and a thicker cathode, step by step.

    Layers have their thickness on the cell's own area: cells that differ in size alone have one series.
    """

    def lithium_mg(thickness_um: float) -> float:
        return press_cell.foil_cm2 * thickness_um * 1e-4 * DENSITY_G_CM3["Li"] * 1e3

    separator = press_cell.area_cm2 * THIN_SEPARATOR_UM * 1e-4 * SEPARATOR_G_CM3 * 1e3
    thin = replace(press_cell, name=f"separator {THIN_SEPARATOR_UM:g} µm", separator_mg=separator)
    lithium = replace(thin, name="Li 100 µm", anode_mg=lithium_mg(100.0), anode_volt=0.0)
    thinner = replace(lithium, name="Li 20 µm", anode_mg=lithium_mg(20.0))
    free = replace(thinner, name="no excess Li", anode_mg=0.0)
    double = replace(free, name="cathode doubled", composite_mg=2 * free.composite_mg, charge_mAh=2 * free.charge_mAh)
    return press_cell, thin, lithium, thinner, free, double


_SOURCE_AREA_CM2 = 0.785
THIN_SEPARATOR_UM, SEPARATOR_G_CM3 = 85.0, 10.0 / (_SOURCE_AREA_CM2 * 0.0085) * 1e-3
"""The source's thin separator: 10 mg on 0.785 cm2, 85 µm, hence its density."""
FOIL_SHARE = 0.81
"""Area of the anode's foil over that of the electrode, where foils are not stated: 9 mm in a die of 10 mm, as in the source."""

SOURCE_PRESS_CELL = Stack(
    "press cell",
    anode_mg=Foil("In", 9, 100).mass_mg + Foil("Li", 6, 100).mass_mg,
    separator_mg=80.0,
    composite_mg=15.0,
    charge_mAh=15.0 * 70 / 101 * 0.190,
    cathode_volt=3.76,
    area_cm2=_SOURCE_AREA_CM2,
    foil_cm2=Foil("In", 9, 100).area_cm2,
    anode_volt=0.62,
)
"""The source's cell (Figure 7a). It prints masses and energies, not charge and potential: 190 mAh per gram of active
material and a mean of 3.76 V vs. Li+/Li reproduce its series, and are this project's reading."""


@dataclass(frozen=True)
class StackSettings:
    """Limits by which a stack is judged."""

    lowest_open_circuit_volt: float = knob(
        1.9, "open circuit after the rest, lower end of the usual band (NCM and Li6PS5Cl vs. In/InLi)", unit="V", low=-5
    )
    highest_open_circuit_volt: float = knob(2.2, "its upper end", unit="V", low=-5)
    smallest_atomic_ratio: float = knob(1.0, "n(In):n(Li) at or below this leaves no two-phase electrode", low=0)


@dataclass(frozen=True, eq=False)
class StackResult:
    """Energies of a cell's stack and cathode, and checks of its assembly; ``stack`` is ``None`` where masses are unknown."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    stack: Stack | None


def stack_of(cell: Cell, cycling: CyclingResult, settings: StackSettings) -> StackResult:
    """Stack energies from the first whole cycle's discharge and the assembly record.

    Columns: ``indium_diameter_mm``, ``indium_thickness_um``, ``lithium_diameter_mm``, ``lithium_thickness_um`` (or
    ``anode_mass_mg``), ``separator_mass_mg``, ``composite_mass_mg``.
    """
    foils = _foils(cell)
    whole = np.flatnonzero(cycling.cycles.discharge_full & (cycling.cycles.number >= 1))
    stack, estimates = None, _empty()
    if whole.size:
        stack, estimates = _energies(cell, cycling, int(whole[0]), foils)
    checks = (
        *_anode(cell, foils, settings),
        _open_circuit(cell, cycling, settings),
        _pressures(cell),
        _masses(cell, foils),
    )
    return StackResult(estimates, checks, stack)


def _foils(cell: Cell) -> tuple[Foil, ...]:
    found = []
    for metal, name in (("In", "indium"), ("Li", "lithium")):
        diameter, thickness = stated(cell, f"{name}_diameter_mm"), stated(cell, f"{name}_thickness_um")
        if np.isfinite(diameter) and np.isfinite(thickness):
            found.append(Foil(metal, diameter, thickness))
    return tuple(found)


def _empty() -> EstimateSet:
    return EstimateSet((), np.zeros(0), (), (), (), (), np.zeros((0, 0)))


def _energies(
    cell: Cell, cycling: CyclingResult, index: int, foils: Sequence[Foil]
) -> tuple[Stack | None, EstimateSet]:
    table = cycling.cycles
    anode = stated(cell, "anode_mass_mg")
    if not np.isfinite(anode) and foils:
        anode = sum(foil.mass_mg for foil in foils)
    separator, composite = stated(cell, "separator_mass_mg"), stated(cell, "composite_mass_mg")
    if not np.isfinite(anode + separator + composite):
        return None, _empty()
    mean = float(table.of("mean_discharge_potential")[index]) + cell.offset.value
    area = stated(cell, "area_cm2")
    foil = max((one.area_cm2 for one in foils), default=FOIL_SHARE * area)
    stack = Stack(
        cell.id, anode, separator, composite, float(table.of("discharge")[index]), mean, area, foil, cell.offset.value
    )
    row = table.names.index("discharge_energy")
    energy, effects = float(table.values[row, index]), table.effects[row, index]
    mass_g = stack.mass_mg * 1e-3
    value = energy / mass_g
    weighed, moved = _weighing(cell, value, stack)
    line = np.concatenate([effects / mass_g, moved])
    per = "anode, separator and composite, without collectors and casing"
    how = f"discharge of cycle {table.number[index]}"
    hours = float(cycling.sums.discharge_seconds[index]) / 3600  # the clock's error is a hundredth of that of weighing
    return _with_stated_discharge(cell, stack), EstimateSet(
        ("stack_specific_energy", "stack_specific_power"),
        np.array([value, value / hours]),
        ("Wh/kg", "W/kg"),
        (per, per),
        (how, f"{how}, mean over it"),
        (*table.sources, *weighed),
        np.vstack([line, line / hours]),
    )


def _with_stated_discharge(cell: Cell, stack: Stack) -> Stack:
    """The stack that a series begins with: of the record's discharge, or of a stated charge and mean potential."""
    charge, volt = stated(cell, "series_discharge_mAh"), stated(cell, "series_mean_potential_volt")
    return replace(
        stack,
        charge_mAh=charge if np.isfinite(charge) else stack.charge_mAh,
        cathode_volt=volt + cell.offset.value if np.isfinite(volt) else stack.cathode_volt,
    )


def _weighing(cell: Cell, value: float, stack: Stack) -> tuple[tuple[Source, ...], np.ndarray]:
    """What the weighing of each part does to an energy per mass of the stack.

    Where nothing is stated for the composite, it is weighed as well as the active material in it.
    """
    sources, moved = [], []
    for part, mass_mg in (
        ("composite", stack.composite_mg),
        ("separator", stack.separator_mg),
        ("anode", stack.anode_mg),
    ):
        standard = stated(cell, f"{part}_mass_standard_uncertainty_mg")
        if not np.isfinite(standard) and part == "composite":
            standard = mass_mg * cell.cam_mass.plus / cell.cam_mass.value
        if np.isfinite(standard):
            sources.append(Source(f"{cell.id}/{part} mass", f"weighing of the {part}", "standard", f"weigh the {part}"))
            moved.append(-value * standard / stack.mass_mg)
    return tuple(sources), np.array(moved)


def _anode(cell: Cell, foils: Sequence[Foil], settings: StackSettings) -> tuple[Check, ...]:
    by_metal = {foil.metal: foil for foil in foils}
    if cell.counter_electrode != "In/InLi":
        return ()
    if set(by_metal) != {"In", "Li"}:
        text = "The foils of the anode are not given (indium_ and lithium_diameter_mm, _thickness_um): no atomic ratio."
        return (Check("anode_atomic_ratio", None, float("nan"), settings.smallest_atomic_ratio, text),)
    ratio = atomic_ratio(by_metal["In"], by_metal["Li"])
    passed = ratio > settings.smallest_atomic_ratio
    text = f"n(In):n(Li) is {ratio:.2f}" + (
        ": the two-phase electrode In/InLi keeps its potential."
        if passed
        else ": there is no In beside InLi, its potential is not fixed."
    )
    return (Check("anode_atomic_ratio", bool(passed), ratio, settings.smallest_atomic_ratio, text),)


def _open_circuit(cell: Cell, cycling: CyclingResult, settings: StackSettings) -> Check:
    value = cycling.first_potential_volt
    low, high = settings.lowest_open_circuit_volt, settings.highest_open_circuit_volt
    if not np.isfinite(value) or cell.counter_electrode != "In/InLi":
        text = "The record does not hold the open circuit of a cell against In/InLi before its first charge."
        return Check("open_circuit_in_band", None, value, low, text)
    passed = low <= value <= high
    text = f"The open circuit before the first current is {value:.2f} V vs. In/InLi; usual is {low:g} to {high:g} V."
    if not passed:
        text += " Look for a short circuit, a wrong anode, or a cell that was charged before."
    return Check("open_circuit_in_band", bool(passed), value, low if value < low else high, text)


def _pressures(cell: Cell) -> Check:
    names = ("fabrication_pressure_MPa", "stack_pressure_MPa")
    known = [f"{name.split('_')[0]} {stated(cell, name):g} MPa" for name in names if np.isfinite(stated(cell, name))]
    if len(known) == len(names):
        return Check(
            "pressures_recorded", passed=True, value=2.0, limit=2.0, sentence=f"Pressures: {', '.join(known)}."
        )
    return Check(
        "pressures_recorded",
        None,
        float(len(known)),
        2.0,
        "Not both stated: fabrication_pressure_MPa and stack_pressure_MPa.",
    )


def _masses(cell: Cell, foils: Sequence[Foil]) -> Check:
    missing = [name for name in ("separator_mass_mg", "composite_mass_mg") if not np.isfinite(stated(cell, name))]
    if not foils and not np.isfinite(stated(cell, "anode_mass_mg")):
        missing.append("anode_mass_mg (or foils)")
    if not missing:
        return Check(
            "stack_masses_known", passed=True, value=0.0, limit=0.0, sentence="All masses of the stack are given."
        )
    return Check(
        "stack_masses_known", None, float(len(missing)), 0.0, f"Not given: {', '.join(missing)}. No stack energy."
    )


CARD = MethodCard(
    title="Stack: assembly record, specific energy, Ragone",
    sentence="How the cell was built, and what its stack and its cathode are worth per mass, at which power.",
    formula="E_m = V Q / m;  P_m = V I / m;  n(In):n(Li) from the volumes of the foils",
    source="Source dissertation, section 4.2, equations 4 and 5, Figure 7; targets: Randau et al., Nat. Energy 5 (2020) 259.",
    assumptions=(
        "Collectors and casing are left out.",
        "Hypothetical stacks keep charge and potential of the measured cathode.",
    ),
    valid_range="Cells with masses of anode, separator and composite stated.",
    cannot_see="Whether a thinner separator or a lithium anode would work.",
)

METHOD = Method(
    id="stack",
    requires=("cell", "cycling"),
    settings=StackSettings,
    result=StackResult,
    run=stack_of,
    headline=(
        Shown(
            "stack_specific_energy",
            "Stack energy",
            "Wh/kg",
            note="Stack energies are of the first whole discharge, per mass of anode, separator and composite.",
        ),
    ),
    card=CARD,
)
