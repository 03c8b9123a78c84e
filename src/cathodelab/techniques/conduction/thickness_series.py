"""Contact resistance of pellets of one composite that differ in thickness: over a study; a bound where they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.document import Block, Drawing, Grid, Head, Paragraph, texts
from cathodelab.core.errors import NotInRecord, OtherData
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import Finding, Findings, StudyMethod
from cathodelab.core.result_table import Field, ResultTable, finite_or_none
from cathodelab.core.samples import Sample
from cathodelab.core.settings import knob
from cathodelab.techniques.conduction.contacts import ContactLine, contact_line
from cathodelab.techniques.conduction.results import ConductionResult
from cathodelab.techniques.conduction.sources import relative
from cathodelab.techniques.conduction.verdicts import bad, good, unsure

_NAN = float("nan")


@dataclass(frozen=True)
class ContactSettings:
    """How contacts are told from pellets."""

    pellet_scatter: float = knob(
        0.05, "how far conductivities of pellets of one composite scatter, as a fraction", unit="1", low=0, high=1
    )
    least_thickness_ratio: float = knob(
        1.3,
        "largest over smallest thickness of a composite that tells contacts from pellets",
        unit="1",
        low=1.01,
        high=100,
    )


@dataclass(frozen=True, eq=False)
class ContactGroup(ReadOnlyArrays):
    """Pellets of one composite, and one carrier.

    Args:
        composite: its name; that of the pellet where it names none.
        carrier: ``electronic`` or ``ionic``.
        pellets: their names.
        thickness_um, areal_ohm_cm2, areal_standard_ohm_cm2: of each pellet, shape (n,).
        line: contacts and pellet; ``None`` where only a bound is known.
        limit_ohm_cm2: the contacts have at most this.
        why_bound: why there is no line, empty where there is one.
    """

    composite: str
    carrier: str
    pellets: tuple[str, ...]
    thickness_um: FloatArray
    areal_ohm_cm2: FloatArray
    areal_standard_ohm_cm2: FloatArray
    line: ContactLine | None
    limit_ohm_cm2: float
    why_bound: str


@dataclass(frozen=True, eq=False)
class ContactResult:
    """Contact resistances of a study."""

    groups: tuple[ContactGroup, ...]
    checks: tuple[Check, ...]


def contact_resistances(findings: Findings, settings: ContactSettings) -> ContactResult:
    """Contacts of every composite with pellets that have a conductivity.

    Raises:
        OtherData: no composite has two pellets.
    """
    members: dict[tuple[str, str], list[Finding[ConductionResult]]] = {}
    for one in findings.of.get("conduction", ()):
        carrier = next((name for name in ("electronic", "ionic") if f"{name}_conductivity" in one.estimates), "")
        if carrier:
            members.setdefault((_origin(one.sample), carrier), []).append(one)
    if not any(len(several) > 1 for several in members.values()):
        raise OtherData(
            "nothing-to-compare",
            "No two pellets of one composite have a conductivity of the same carrier",
            where="the whole study",
            why="Contacts are told from pellets by two thicknesses of one composite.",
            what_to_do="Nothing, or name the composite of each pellet in made_from.",
        )
    groups = tuple(_group(*name, several, settings) for name, several in members.items())
    return ContactResult(groups, tuple(map(_check, groups)))


def _origin(sample: Sample) -> str:
    """What a pellet was pressed from; the pellet itself where the table does not say."""
    return sample.group or "; ".join(sorted(one.id for one in sample.made_from)) or sample.id


def _group(
    composite: str, carrier: str, several: Sequence[Finding[ConductionResult]], settings: ContactSettings
) -> ContactGroup:
    results = [one.load() for one in several]
    areal = [one.estimates.estimate("areal_resistance") for one in several]
    thickness = np.array([one.pellet.thickness.value for one in results])
    parts = [
        relative(one.pellet.thickness.plus, one.pellet.thickness.value, one.settings.thickness_relative_uncertainty)
        for one in results
    ]
    values, halves = np.array([one.value for one in areal]), np.array([one.plus for one in areal])
    line, why = None, ""
    try:
        line = contact_line(
            thickness,
            values,
            thickness * np.array(parts),
            halves,
            settings.pellet_scatter,
            settings.least_thickness_ratio,
        )
    except NotInRecord as error:
        why = f"{error.what}. {error.why}"
    limit = line.contact_limit_ohm_cm2 if line is not None else float(np.min(values + 2 * halves))
    return ContactGroup(
        composite, carrier, tuple(one.sample.id for one in several), thickness, values, halves, line, limit, why
    )


def _check(group: ContactGroup) -> Check:
    name = "contact resistance"
    where = f"{group.composite} ({group.carrier}, {len(group.pellets)} pellets)"
    if group.line is None:
        return unsure(
            name, f"{where}: at most {group.limit_ohm_cm2:.3g} ohm cm². {group.why_bound}", group.limit_ohm_cm2
        )
    value, half = group.line.contact_ohm_cm2, group.line.contact_standard_ohm_cm2
    share = value / float(np.min(group.areal_ohm_cm2))
    said = f"{where}: contacts {value:.3g} ± {half:.2g} ohm cm²"
    if value < -2 * half:
        return bad(
            name,
            f"{said}. Less than nothing: thin pellets conduct too badly; they may differ, or be cracked.",
            value,
            0,
        )
    if value < 2 * half:
        return good(name, f"{said}, at most {group.limit_ohm_cm2:.3g}: none is seen.", value, group.limit_ohm_cm2)
    return unsure(
        name,
        f"{said}, {100 * share:.0f} % of the thinnest pellet: conductivities of single pellets are too small by as much; without "
        f"contacts {group.line.conductivity_S_cm:.3g} S/cm.",
        value,
        0,
    )


def _figures(result: ContactResult) -> tuple[FigureSpec, ...]:
    groups = [group for group in result.groups if group.line is not None]
    if not groups:
        return ()
    series = []
    for number, group in enumerate(groups):
        half = group.areal_standard_ohm_cm2
        label = f"{group.composite}, {group.carrier}"
        series.append(
            Series("points", group.thickness_um, group.areal_ohm_cm2, label, colour=number, y_minus=half, y_plus=half)
        )
        line = group.line
        assert line is not None  # noqa: S101 - chosen above
        ends = np.array([0.0, float(np.max(group.thickness_um)) * 1.05])
        drawn = line.contact_ohm_cm2 + ends * 1e-4 / line.conductivity_S_cm
        series.append(Series("line", ends, drawn, "", colour=number))
    caption = (
        "Areal resistance of pellets against their thickness; bars are standard uncertainties (68 %). The intercept of a line is "
        "the resistance of both contacts, its slope the pellet."
    )
    panel = Panel(Axis("thickness", "µm"), Axis("R · A", "ohm cm²"), tuple(series))
    return (FigureSpec("contact-resistance", caption, (panel,), width_cm=8.4),)


_FIELDS = (
    Field("composite"),
    Field("carrier"),
    Field("pellets"),
    Field("contact_resistance_ohm_cm2", "contacts / ohm cm2", "0.000E+00"),
    Field("standard_uncertainty_ohm_cm2", "its standard uncertainty / ohm cm2", "0.0E+00"),
    Field("contact_resistance_at_most_ohm_cm2", "at most (95 %) / ohm cm2", "0.000E+00"),
    Field("conductivity_without_contacts_S_cm", "conductivity without contacts / S/cm", "0.000E+00"),
    Field("conductivity_standard_uncertainty_S_cm", "its standard uncertainty / S/cm", "0.0E+00"),
    Field("why_a_bound", "why a bound"),
)


def _tables(result: ContactResult) -> tuple[ResultTable, ...]:
    rows = []
    for group in result.groups:
        line = group.line
        numbers = (
            (
                line.contact_ohm_cm2,
                line.contact_standard_ohm_cm2,
                line.conductivity_S_cm,
                line.conductivity_standard_S_cm,
            )
            if line is not None
            else (_NAN,) * 4
        )
        value, half, conductivity, width = map(finite_or_none, numbers)
        rows.append(
            (
                group.composite,
                group.carrier,
                "; ".join(group.pellets),
                value,
                half,
                finite_or_none(group.limit_ohm_cm2),
                conductivity,
                width,
                group.why_bound,
            )
        )
    return (ResultTable("contact_resistances", "Contacts of the pellets of each composite.", _FIELDS, tuple(rows)),)


def _page(result: ContactResult, drawings: Mapping[str, Drawing]) -> tuple[Block, ...]:
    heads = (
        Head("Composite"),
        Head("pellets", number=True),
        Head("contacts", "ohm cm²", number=True),
        Head("at most", "ohm cm²", number=True),
        Head("σ without contacts", "S/cm", number=True),
        Head("Why a bound", wide=True),
    )
    rows = []
    for group in result.groups:
        line = group.line
        rows.append(
            texts(
                f"{group.composite}, {group.carrier}",
                str(len(group.pellets)),
                f"{line.contact_ohm_cm2:.3g} ± {line.contact_standard_ohm_cm2:.2g}" if line else "–",
                f"{group.limit_ohm_cm2:.3g}",
                f"{line.conductivity_S_cm:.3g} ± {line.conductivity_standard_S_cm:.2g}" if line else "–",
                group.why_bound or "–",
            )
        )
    note = Paragraph(
        "Both contacts of a pellet together; pellets of one composite are taken to conduct alike.", soft=True
    )
    return (*drawings.values(), Grid("Contact resistances", heads, tuple(rows)), note)


CONTACT = StudyMethod(
    id="contact_resistance",
    requires=("conduction",),
    settings=ContactSettings,
    result=ContactResult,
    run=contact_resistances,
    title="Contact resistances of pellets",
    figures=_figures,
    tables=_tables,
    page=_page,
)
