"""Spectra of all cells in one plane, and their cathode resistances over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.overlays.groups import MOST_NAMED, Curve, overlaid
from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.errors import OtherData
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import Findings, StudyMethod
from cathodelab.core.samples import Cell, group_colours
from cathodelab.core.settings import knob
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult

_CATHODE = "cathode"
_ROOM_OF_A_NAME = 0.06  # of the width of the spectrum
_UNITS = (("MHz", 1e6), ("kHz", 1e3), ("Hz", 1.0), ("mHz", 1e-3))


@dataclass(frozen=True)
class SpectraSettings:
    """Which spectrum of every cell is laid over the others."""

    spectrum: str = knob("first", "spectrum of every cell that is shown", choices=("first", "last"))


@dataclass(frozen=True, eq=False)
class CellSpectrum(ReadOnlyArrays):
    """One cell: the spectrum that is shown, per area, and its cathode resistances.

    Args:
        frequency_hertz, real_ohm_cm2, imaginary_ohm_cm2: of the spectrum, shape (points,).
        state: number and potential of the spectrum, in words.
        hours, resistance_ohm_cm2: cathode resistance over the time since the first spectrum, shape (spectra,); empty without
            clocks or cathode.
    """

    cell: Cell
    colour: int
    frequency_hertz: FloatArray
    real_ohm_cm2: FloatArray
    imaginary_ohm_cm2: FloatArray
    state: str
    hours: FloatArray
    resistance_ohm_cm2: FloatArray


@dataclass(frozen=True, eq=False)
class SpectraOverlaid:
    """All cells with spectra."""

    cells: tuple[CellSpectrum, ...]
    which: str
    checks: tuple[Check, ...] = ()


def spectra_overlaid(findings: Findings, settings: SpectraSettings) -> SpectraOverlaid:
    """A spectrum of every cell, and its resistances over time.

    Raises:
        OtherData: fewer than two cells have spectra.
    """
    found: list[tuple[Cell, ImpedanceResult]] = findings.results("impedance")
    if len(found) < 2:
        raise OtherData(
            "nothing-to-compare",
            "Fewer than two cells have spectra",
            where="the whole study",
            why="Spectra of several cells are laid over each other.",
            what_to_do="Nothing.",
        )
    colours = group_colours(findings.samples)
    place = 0 if settings.spectrum == "first" else -1
    return SpectraOverlaid(
        tuple(_of(cell, result, colours.get(cell.group, 0), place) for cell, result in found), settings.spectrum
    )


def _of(cell: Cell, result: ImpedanceResult, colour: int, place: int) -> CellSpectrum:
    shown = result.spectra[place].spectrum
    z = shown.impedance * result.area_cm2
    known = np.isfinite(shown.potential_volt)
    potential = f" at {shown.potential_volt:.3f} V vs. {cell.counter_electrode}" if known else ""
    hours, resistance = _over_time(result.spectra, result.area_cm2)
    return CellSpectrum(
        cell=cell,
        colour=colour,
        frequency_hertz=shown.frequency_hertz,
        real_ohm_cm2=z.real,
        imaginary_ohm_cm2=z.imag,
        state=f"{cell.id}: {shown.number} of {len(result.spectra)}{potential}",
        hours=hours,
        resistance_ohm_cm2=resistance,
    )


def _over_time(spectra: Sequence[EvaluatedSpectrum], area_cm2: float) -> tuple[FloatArray, FloatArray]:
    """Hours since the first spectrum and areal resistance, of the spectra with a clock and a cathode."""
    found = [
        (one.spectrum.start_second, sum(role.resistance_ohm for role in one.roles if role.role == _CATHODE))
        for one in spectra
        if any(role.role == _CATHODE for role in one.roles) and np.isfinite(one.spectrum.start_second)
    ]
    if not found:
        return np.empty(0), np.empty(0)
    second, ohm = np.array(found).T
    return (second - spectra[0].spectrum.start_second) / 3600, ohm * area_cm2


def figures(result: SpectraOverlaid) -> tuple[FigureSpec, ...]:
    """The plane; resistances over time where two cells have two of them."""
    found = [_plane(result)]
    timed = [one for one in result.cells if one.hours.size > 1]
    if len(timed) > 1:
        found.append(_resistances(timed))
    return tuple(found)


def _plane(result: SpectraOverlaid) -> FigureSpec:
    named: set[str] = set()
    series: list[Series] = []
    for place, one in enumerate(result.cells):
        name = one.cell.group or (one.cell.id if len(result.cells) <= MOST_NAMED else "")
        colour = one.colour if one.cell.group else place
        real, minus = one.real_ohm_cm2, -one.imaginary_ohm_cm2
        label = "" if name in named else name
        series.append(Series("line", real, minus, label, colour, thin=bool(one.cell.group), sample=one.cell.id))
        named.add(name)
    widest = max(result.cells, key=lambda one: float(np.ptp(one.real_ohm_cm2)))
    rows = _decades(widest.frequency_hertz)
    names = _names(widest, rows)
    marks = widest.real_ohm_cm2[rows], -widest.imaginary_ohm_cm2[rows]
    series.append(Series("points", *marks, "", -1, open_marks=True, names=names, sample=widest.cell.id))
    caption = (
        f"The {result.which} spectrum of every cell as measured, per electrode area; one length a unit on both axes. Open marks: "
        f"full decades of the frequency, of {widest.cell.id}. Spectra: {'; '.join(one.state for one in result.cells)}. "
        f"Resistances of different states must not be compared. n = {len(result.cells)} cells."
    )
    plane = Panel(Axis("Re Z · A", "Ω cm²"), Axis("−Im Z · A", "Ω cm²"), tuple(series), equal_scales=True)
    return FigureSpec("cells-spectra", caption, (plane,), height_cm=9.5)


def _decades(frequency: FloatArray) -> list[int]:
    """Points nearest to the decades inside the range."""
    low, high = np.ceil(np.log10(frequency.min()) - 1e-6), np.floor(np.log10(frequency.max()) + 1e-6)
    powers = np.arange(low, high + 1)
    return sorted({int(np.argmin(np.abs(np.log10(frequency) - power))) for power in powers})


def _names(one: CellSpectrum, rows: Sequence[int]) -> tuple[str, ...]:
    """Frequencies of the marks, empty where a mark lies on top of the one named before."""
    z = one.real_ohm_cm2 - 1j * one.imaginary_ohm_cm2
    room = _ROOM_OF_A_NAME * float(np.ptp(one.real_ohm_cm2))
    names, last = [], None
    for row in rows:
        free = last is None or abs(z[row] - z[last]) > room
        names.append(_written(one.frequency_hertz[row]) if free else "")
        last = row if free else last
    return tuple(names)


def _written(hertz: float) -> str:
    value = 10.0 ** round(float(np.log10(hertz)))
    unit, size = next((one for one in _UNITS if value >= one[1]), _UNITS[-1])
    return f"{value / size:g} {unit}"


def _resistances(cells: Sequence[CellSpectrum]) -> FigureSpec:
    curves = [Curve(one.cell.id, one.cell.group, one.colour, one.hours, one.resistance_ohm_cm2) for one in cells]
    panel = Panel(Axis("time since the first spectrum", "h"), Axis("R(cathode) · A", "Ω cm²"), overlaid(curves))
    caption = (
        "Areal cathode resistance of every spectrum over the time since the cell's first one. It changes with the state of "
        f"charge too. n = {len(cells)} cells."
    )
    return FigureSpec("cells-resistances", caption, (panel,), height_cm=7.0)


METHOD = StudyMethod(
    id="spectra_overlaid",
    requires=("impedance",),
    settings=SpectraSettings,
    result=SpectraOverlaid,
    run=spectra_overlaid,
    title="Cells side by side: spectra",
    figures=figures,
)
