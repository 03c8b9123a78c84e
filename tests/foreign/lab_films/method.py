"""Attenuation of a film: its absorbance less that of the blank, per thickness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.document import Drawing, Headline, Paragraph
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import Companion, Method, MethodCard, Shown
from cathodelab.core.pages import Page
from cathodelab.core.result_table import Field, ResultTable
from cathodelab.core.samples import Sample
from cathodelab.core.settings import knob
from cathodelab.core.sources import Source
from lab_films.measurements import Spectrum


@dataclass(frozen=True)
class Settings:
    """Where it is read."""

    wavelength_nm: float = knob(500.0, "wavelength at which the film is compared", unit="nm", low=100, high=2000)


@dataclass(frozen=True, eq=False)
class Result:
    """The attenuation with its curve."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    curve: Spectrum


def attenuation(sample: Sample, absorbance_spectrum: Spectrum, blank: Spectrum | None, settings: Settings) -> Result:
    """Difference to the blank over the thickness; two sources of error."""
    thickness = sample.estimate("film_thickness_um", "um")
    own = np.interp(settings.wavelength_nm, absorbance_spectrum.wavelength_nm, absorbance_spectrum.absorbance)
    bare = 0.0 if blank is None else np.interp(settings.wavelength_nm, blank.wavelength_nm, blank.absorbance)
    value = (own - bare) / thickness.value
    sources = (
        Source(f"{sample.id}/thickness", "thickness of the film", "standard", "measure it at more places"),
        Source("lamp", "drift of the lamp, common to all films", "standard", "measure the blank again"),
    )
    effects = np.array([[-value * thickness.plus / thickness.value, 0.002 / thickness.value]])
    found = EstimateSet(
        ("attenuation",), np.array([value]), ("1/um",), ("thickness",), ("less the blank",), sources, effects
    )
    check = Check("blank_measured", blank is not None, bare, 0.0, "The bare substrate was measured beside the film.")
    return Result(found, (check,), absorbance_spectrum)


def _figures(sample: Sample, result: Result) -> tuple[FigureSpec, ...]:
    series = Series("line", result.curve.wavelength_nm, result.curve.absorbance)
    panel = Panel(Axis("wavelength", "nm"), Axis("absorbance"), (series,))
    return (FigureSpec(f"{sample.id}-absorbance", f"{sample.id}: absorbance. n = 1 film.", (panel,)),)


def _tables(found: Sequence[tuple[Sample, Result]]) -> tuple[ResultTable, ...]:
    rows = tuple(
        (sample.id, float(result.curve.absorbance.max()), result.curve.temperature_degC) for sample, result in found
    )
    fields = Field("film"), Field("largest_absorbance", form="0.000"), Field("temperature_degC")
    return (ResultTable("films", "One row a film.", fields, rows, record="films"),)


def _page(sample: Sample, result: Result, drawings: Sequence[Drawing]) -> Page:
    one = result.estimates.estimate("attenuation")
    return Page(
        top=(Headline(f"{one.value:.4f} per um", f"of {sample.id}, less its blank."),),
        rest=(*drawings, Paragraph("As cast.")),
    )


METHOD = Method(
    id="attenuation",
    requires=("sample", "absorbance_spectrum", "blank"),
    settings=Settings,
    result=Result,
    run=attenuation,
    card=MethodCard(
        "Attenuation of films", "How dark a film is.", "A / d", "theirs", ("flat film",), "0.1 to 100 um", "haze"
    ),
    samples=("film",),
    beside={"blank": Companion("blank", "absorbance_spectrum", optional=True)},
    headline=(Shown("attenuation", "Attenuation", "1/mm", 1000.0, own_part=True, budget=True, covariance=True),),
    figures=_figures,
    tables=_tables,
    page=_page,
)
