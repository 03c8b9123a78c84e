"""Types of compaction: pellet, measurement, inputs of the chain and result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.estimate import Estimate, EstimateSet
from cathodelab.core.records import Provenance
from cathodelab.techniques.compaction.settings import CompactionSettings

Mode = Literal["in_die", "out_of_die"]
MODES: tuple[Mode, ...] = ("in_die", "out_of_die")
KILONEWTON_OF_MEGAPASCAL_CM2 = 0.1
WORDS: dict[Mode, str] = {"in_die": "in die", "out_of_die": "out of die"}
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """A part of the solid: its share of the mass (0 to 1) and its density without pores, g/cm3."""

    name: str
    share: float
    density: Estimate


@dataclass(frozen=True)
class Pellet:
    """What is known of a pellet and of the press.

    Half-widths are standard uncertainties, ``nan`` where none is stated.

    Args:
        id: its name.
        mass: mg.
        area: of the die, cm2.
        parts: what its solid is made of; one part where its density is stated as a whole.
        recipe: the sample whose shares they are: pellets of one recipe share the error of the shares.
        ejected_area: of the pellet after ejection, cm2; ``None`` where it was not measured.
        compliance: how far the press gives way, um/MPa or um/kN (see its unit); ``None`` where it is not stated.
        thickness_standard_um: of one reading of the thickness.
        thickness_is: where a thickness was measured of which the file does not say it: ``in die``, ``out of die`` or empty.
        height: thickness where the displacement is zero, um; ``None`` where it is not stated.
        die, press: names of the tools; pellets of one tool share its error. Empty: a tool of its own.
    """

    id: str
    mass: Estimate
    area: Estimate
    parts: tuple[Part, ...]
    recipe: str = ""
    ejected_area: Estimate | None = None
    compliance: Estimate | None = None
    thickness_standard_um: float = float("nan")
    thickness_is: str = ""
    height: Estimate | None = None
    die: str = ""
    press: str = ""

    @property
    def compliance_per_MPa(self) -> Estimate | None:
        """How far the press gives way for a pressure on this pellet, um/MPa."""
        one = self.compliance
        if one is None or one.unit == "um/MPa":
            return one
        factor = KILONEWTON_OF_MEGAPASCAL_CM2 * self.area.value
        return replace(one, value=factor * one.value, minus=factor * one.minus, plus=factor * one.plus, unit="um/MPa")


@dataclass(frozen=True, eq=False)
class Readings(ReadOnlyArrays):
    """Readings of one quantity in the order of the file.

    Args:
        length_um: thickness, or displacement of the crosshead.
        pressure_MPa: on the powder; ``nan`` where the file has forces alone.
        force_kN: ``nan`` where the file has pressures alone.
        mass_mg: of the pellet of each reading, where the file states it (a new pellet for each pressure); else ``nan``.
    """

    length_um: Annotated[FloatArray, In("um", "reading")]
    pressure_MPa: Annotated[FloatArray, In("MPa", "reading")]
    force_kN: Annotated[FloatArray, In("kN", "reading")]
    mass_mg: Annotated[FloatArray, In("mg", "reading")]

    @property
    def count(self) -> int:
        """Number of readings."""
        return int(self.length_um.size)


@dataclass(frozen=True, eq=False)
class CompactionCurve:
    """What a file says about a compaction, each reading under the name of what was read.

    ``in_die`` is the thickness that the crosshead shows under load, ``out_of_die`` that of the ejected pellet, ``somewhere`` a
    thickness of which the file does not say where it was measured, ``displacement`` the way of the crosshead.
    """

    in_die: Readings
    out_of_die: Readings
    somewhere: Readings
    displacement: Readings
    notes: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    provenance: tuple[Provenance, ...] = ()


@dataclass(frozen=True, eq=False)
class Compaction(ReadOnlyArrays):
    """All inputs of the chain: what sources of error move.

    Many versions of it fit into one: fields that differ have a leading axis (``core.propagation``).

    Args:
        mass_mg: of the pellet.
        die_area_cm2: bore of the die.
        ejected_area_cm2: of the ejected pellet.
        shares: of the parts in the mass, shape (parts,).
        densities: of the parts, g/cm3.
        compliance_um_per_MPa: 0 without thicknesses in the die.
        in_die_MPa, in_die_um: pressure, and thickness as read; empty where there is none that can be used.
        out_of_die_MPa, out_of_die_um: the same of the ejected pellet.
    """

    mass_mg: float | FloatArray
    die_area_cm2: float | FloatArray
    ejected_area_cm2: float | FloatArray
    shares: FloatArray
    densities: FloatArray
    compliance_um_per_MPa: float | FloatArray
    in_die_MPa: FloatArray
    in_die_um: FloatArray
    out_of_die_MPa: FloatArray
    out_of_die_um: FloatArray

    def pressure_MPa(self, mode: Mode) -> FloatArray:
        """Pressure of each point of a mode, shape (..., points)."""
        return self.in_die_MPa if mode == "in_die" else self.out_of_die_MPa


@dataclass(frozen=True)
class Window:
    """The straight part of a Heckel plot.

    Args:
        first, end: its points, end exclusive.
        low_MPa, high_MPa: pressures of its ends.
        within_noise: whether the stated noise explains the misfit.
        misfit: root mean square misfit of ln(1/(1-D)) as a fraction of its rise.
        chi_square, degrees: weighted sum of squares of the misfit, degrees of freedom.
        narrower: first point of the same window begun higher; the change that makes is carried in the interval.
        chosen_by: ``data`` or ``settings``.
    """

    first: int
    end: int
    low_MPa: float
    high_MPa: float
    within_noise: bool
    misfit: float
    chi_square: float
    degrees: int
    narrower: int
    chosen_by: str

    @property
    def points(self) -> int:
        """Number of points in it."""
        return self.end - self.first

    @property
    def stated(self) -> str:
        """The window in words."""
        return f"{self.low_MPa:.4g} to {self.high_MPa:.4g} MPa, {self.points} points"


@dataclass(frozen=True)
class LawFit:
    """One law over all points of a mode.

    Args:
        law: its name.
        parameters: name -> value.
        chi_square, degrees, probability: how well noise explains the misfit.
        misfit: root mean square misfit of the thickness as a fraction of what was lost of it.
        criterion: Akaike's, corrected for few points; the smallest is the best.
        verdict: ``within noise``, ``within tolerance`` or ``does not fit``.
    """

    law: str
    parameters: dict[str, float]
    chi_square: float
    degrees: int
    probability: float
    misfit: float
    criterion: float
    verdict: str

    @property
    def fits(self) -> bool:
        """Whether it describes the points within noise or tolerance."""
        return self.verdict != "does not fit"


@dataclass(frozen=True, eq=False)
class Branch(ReadOnlyArrays):
    """Relative densities of one mode, by rising pressure.

    Args:
        mode: ``in_die`` (under load, the press's compliance added back) or ``out_of_die`` (ejected).
        pressure_MPa: of each point.
        thickness_um: of the pellet; in die without what the press gave way.
        thickness_standard_um: what each thickness has for itself.
        relative_density: 1 is without pores.
        relative_density_standard: of each point, all sources together.
        window: the straight part of the Heckel plot, ``None`` where there is none.
        no_window: why not, in words.
        laws: how well each law describes all points; empty where there are too few.
        best: name of the law that fits best, empty where none fits.
    """

    mode: Mode
    pressure_MPa: FloatArray
    thickness_um: FloatArray
    thickness_standard_um: FloatArray
    relative_density: FloatArray
    relative_density_standard: FloatArray
    window: Window | None
    no_window: str
    laws: tuple[LawFit, ...]
    best: str

    def law(self, name: str) -> LawFit | None:
        """The fit of one law, where there is one."""
        return next((one for one in self.laws if one.law == name), None)


@dataclass(frozen=True, eq=False)
class CompactionResult:
    """What a compaction gives; ``compaction`` are the inputs that the numbers were computed from."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    branches: tuple[Branch, ...]
    compaction: Compaction
    pellet: Pellet
    settings: CompactionSettings

    def branch(self, mode: Mode) -> Branch | None:
        """The points of one mode, where there are any."""
        return next((one for one in self.branches if one.mode == mode), None)
