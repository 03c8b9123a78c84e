"""Assignment of resistances to parts of the cell, by time constant and capacitance, with the reason.

An arc is taken for a part of the cell only if its peak frequency and its capacitance ``C = tau / R`` (per area) both lie in
that part's window; an arc that fits only one of the two stays unassigned. Arcs that cannot be told apart are reported
by their sum. Nothing is assigned that the measured range cannot show: a series resistance is the separator's only if the
spectrum reaches frequencies at which everything else is short-circuited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cathodelab.techniques.impedance.circuits.circuit import Leaf, Line
from cathodelab.techniques.impedance.fitting.fit import CircuitFit
from cathodelab.techniques.impedance.resistances.groups import charge_transfers
from cathodelab.techniques.impedance.resistances.overlap import (
    SMALL_SHARE,
    arcs_in_range,
    combined_arcs,
    corrects_shape,
    inseparable_groups,
)

RoleName = Literal[
    "separator", "series", "cathode", "anode", "cathode and anode", "unassigned", "ionic rail", "electronic rail"
]


@dataclass(frozen=True)
class Window:
    """Ranges in which the arc of a part of the cell lies.

    Args:
        role: the part.
        low_hertz, high_hertz: peak frequency.
        low_farad_cm2, high_farad_cm2: capacitance per electrode area.
    """

    role: Literal["separator", "cathode", "anode"]
    low_hertz: float
    high_hertz: float
    low_farad_cm2: float
    high_farad_cm2: float

    def holds(self, hertz: float, farad_cm2: float) -> tuple[bool, bool]:
        """(whether the frequency lies inside, whether the capacitance does)."""
        return (
            self.low_hertz <= hertz < self.high_hertz,
            self.low_farad_cm2 <= farad_cm2 < self.high_farad_cm2,
        )


WINDOWS = (
    Window("separator", 1e5, np.inf, 0.0, 1e-7),
    Window("cathode", 1e1, 1e5, 1e-8, 1e-3),
    Window("anode", 1e-1, 1e1, 1e-4, 1e1),
)
"""Frequencies: those of the source. Capacitances per cm2 of electrode: grains and grain boundaries of a pellet stay below
0.1 uF, interfaces inside a composite cathode lie between 10 nF and 1 mF, an alloy anode's above 0.1 mF."""


SMALLEST_SHARE = 1e-3
"""A resistance below this share of the smallest modulus is not determined by the spectrum."""


@dataclass(frozen=True)
class Role:
    """A resistance and the part of the cell that it belongs to.

    Args:
        role: the part; ``unassigned`` where frequency and capacitance disagree.
        terms: numbers of the circuit's terms it is made of.
        names: names of their resistances.
        resistance_ohm: their sum.
        separable: whether the single resistances mean something of their own.
        reason: the reason for this role, in words.
    """

    role: RoleName
    terms: tuple[int, ...]
    names: tuple[str, ...]
    resistance_ohm: float
    separable: bool
    reason: str


def roles_of(fit: CircuitFit, area_cm2: float, windows: tuple[Window, ...] = WINDOWS) -> tuple[Role, ...]:
    """Roles of all resistances of a fit.

    Args:
        fit: a fitted circuit, ohm.
        area_cm2: electrode area, for the capacitances.
        windows: ranges of each part.
    """
    found = [*_series(fit, windows), *_rails(fit), *_charge_transfers(fit, area_cm2, windows)]
    inside = set(arcs_in_range(fit))
    for group in inseparable_groups(fit):
        terms = tuple(term for term in group if term in inside)
        if terms:
            found.append(_arc_role(fit, terms, area_cm2, windows))
    return tuple(_joined(fit, _without_corrections(fit, found, area_cm2, windows)))


def peak_hertz(fit: CircuitFit, term: int) -> float:
    """Peak frequency of an arc."""
    row = fit.circuit.rows[term]
    return float(np.exp(-fit.theta[row.start + 1]) / (2 * np.pi))


def capacitance(fit: CircuitFit, term: int, area_cm2: float) -> float:
    """Effective capacitance of an arc, tau / R per area, F/cm2."""
    row = fit.circuit.rows[term]
    return float(np.exp(fit.theta[row.start + 1] - fit.theta[row.start]) / area_cm2)


def _series(fit: CircuitFit, windows: tuple[Window, ...]) -> list[Role]:
    """The series resistance; the separator's if the frequency range shows that it contains nothing else."""
    found: list[Role] = []
    separator = next(window for window in windows if window.role == "separator")
    highest = float(fit.frequency_hertz.max())
    for term, (node, row) in enumerate(zip(fit.circuit.terms, fit.circuit.rows, strict=True)):
        if not isinstance(node, Leaf) or node.element.symbol != "R":
            continue
        shown = highest >= separator.low_hertz
        reason = (
            f"series resistance; the spectrum reaches {hertz_text(highest)}, above {hertz_text(separator.low_hertz)}"
            if shown
            else f"series resistance only: the spectrum ends at {hertz_text(highest)}, below the "
            f"{hertz_text(separator.low_hertz)} from which the separator could be told from what is faster than the cathode"
        )
        role: RoleName = "separator" if shown else "series"
        value = float(np.exp(fit.theta[row.start]))
        if _negligible(fit, value):
            role = "unassigned"
            reason = "not determined: an arc at the high-frequency end takes the place of the series resistance"
        found.append(Role(role, (term,), (fit.circuit.names[row.start],), value, separable=True, reason=reason))
    return found


def _negligible(fit: CircuitFit, value: float) -> bool:
    """Whether a resistance is far below everything in the spectrum."""
    return value < SMALLEST_SHARE * float(np.min(np.abs(fit.measured_ohm)))


def _rails(fit: CircuitFit) -> list[Role]:
    """The rails of transmission lines and the resistance between them."""
    found: list[Role] = []
    for term, (node, row) in enumerate(zip(fit.circuit.terms, fit.circuit.rows, strict=True)):
        if not isinstance(node, Line):
            continue
        parts: tuple[tuple[RoleName, int, str], ...] = (
            ("ionic rail", row.start, "ions along the composite cathode"),
            ("electronic rail", row.start + 1, "electrons along the composite cathode"),
        )
        interface = [place for place in range(row.start + 2, row.stop) if fit.circuit.parameters[place].symbol == "R"]
        if interface:
            parts = (*parts, ("cathode", interface[0], "interface between the two rails of the composite cathode"))
        for part, place, words in parts:
            value = float(np.exp(fit.theta[place]))
            role = part
            reason = f"{words} ({node.kind} two-rail transmission line)"
            if _negligible(fit, value):
                role, reason = "unassigned", f"not determined, only that it is small: {words}"
            found.append(Role(role, (term,), (fit.circuit.names[place],), value, separable=True, reason=reason))
    return found


def _charge_transfers(fit: CircuitFit, area_cm2: float, windows: tuple[Window, ...]) -> list[Role]:
    """Resistances beside a capacitance in groups of plain elements."""
    found: list[Role] = []
    for one in charge_transfers(fit):
        ohm = one.resistance_ohm
        role, words = _window_of(1 / (2 * np.pi * one.second), one.second / ohm / area_cm2, windows)
        found.append(Role(role, (one.term,), (fit.circuit.names[one.place],), ohm, separable=True, reason=words))
    return found


def _without_corrections(
    fit: CircuitFit, roles: list[Role], area_cm2: float, windows: tuple[Window, ...]
) -> list[Role]:
    """Join small arcs whose capacitance fits no part to the large arc beside them, whose shape they correct."""
    rows = dict(fit.circuit.arcs())
    kept = list(roles)
    for one in roles:
        if one.role != "unassigned" or len(one.terms) != 1 or one.terms[0] not in rows:
            continue
        for other in kept:
            arcs = [term for term in other.terms if term in rows]
            if other is one or not arcs or other.role == "unassigned":
                continue
            if any(corrects_shape(fit, rows[one.terms[0]], rows[term], any_exponent=True) for term in arcs):
                kept[kept.index(other)] = _arc_role(fit, other.terms + one.terms, area_cm2, windows)
                kept.remove(one)
                break
    return kept


def _arc_role(fit: CircuitFit, terms: tuple[int, ...], area_cm2: float, windows: tuple[Window, ...]) -> Role:
    combined = combined_arcs(fit, terms)
    reasons: list[str] = []
    roles: dict[int, RoleName] = {}
    for term in terms:
        hertz, farad = peak_hertz(fit, term), capacitance(fit, term, area_cm2)
        roles[term], words = _window_of(hertz, farad, windows)
        reasons.append(words)
    sizes = {term: float(np.exp(fit.theta[fit.circuit.rows[term].start])) for term in terms}
    largest = max(terms, key=lambda term: sizes[term])
    # arcs that are small beside the largest of a group and fit no part cannot change its assignment
    weighty = {
        roles[term]
        for term in terms
        if sizes[term] > SMALL_SHARE * sizes[largest] or roles[term] in ("cathode", "anode")
    }
    role_name: RoleName = "unassigned"
    if len(weighty) == 1:
        role_name = roles[largest]
    elif weighty == {"cathode", "anode"}:
        role_name = "cathode and anode"
    if len(terms) > 1:
        reasons.append(f"the arcs cannot be told apart ({combined.reason}); only their sum is determined")
    return Role(role_name, terms, combined.names, combined.total, len(terms) == 1, "; ".join(reasons))


def _window_of(hertz: float, farad_cm2: float, windows: tuple[Window, ...]) -> tuple[RoleName, str]:
    found = f"peak at {hertz_text(hertz)}, {_farad(farad_cm2)}"
    for window in windows:
        by_frequency, by_capacitance = window.holds(hertz, farad_cm2)
        if by_frequency and by_capacitance:
            return window.role, f"{found}: both as of {_a(window.role)}"
        if by_frequency:
            limits = f"{_farad(window.low_farad_cm2)} to {_farad(window.high_farad_cm2)}"
            return (
                "unassigned",
                f"{found}: the frequency is that of {_a(window.role)}, the capacitance is not ({limits})",
            )
    return "unassigned", f"{found}: outside all windows"


def _joined(fit: CircuitFit, roles: list[Role]) -> list[Role]:
    """Join several arcs of one part to their sum."""
    joined: list[Role] = []
    for one in roles:
        same = [other for other in joined if other.role == one.role and one.role in ("cathode", "anode")]
        if not same or isinstance(fit.circuit.terms[one.terms[0]], Line):
            joined.append(one)
            continue
        before = same[0]
        joined[joined.index(before)] = Role(
            before.role,
            before.terms + one.terms,
            before.names + one.names,
            before.resistance_ohm + one.resistance_ohm,
            separable=False,
            reason=f"{before.reason}; {one.reason}; reported as their sum",
        )
    return joined


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def hertz_text(value: float) -> str:
    """A frequency with three digits and the unit that suits it."""
    for unit, size in (("MHz", 1e6), ("kHz", 1e3), ("Hz", 1.0)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e3:.3g} mHz"


def _farad(value: float) -> str:
    for unit, size in (("F", 1.0), ("mF", 1e-3), ("µF", 1e-6), ("nF", 1e-9)):
        if value >= size:
            return f"{value / size:.3g} {unit}/cm²"
    return f"{value * 1e12:.3g} pF/cm²"


def role_names(roles: Sequence[Role]) -> tuple[str, ...]:
    """A name for each role, unique within its spectrum."""
    names: list[str] = []
    for role in roles:
        base = f"{role.role.replace(' ', '_')}_resistance"
        same = sum(name == base or name.startswith(f"{base}_") for name in names)
        names.append(base if not same else f"{base}_{'abcdefghij'[same]}")
    return tuple(names)
