"""Which film is the darkest: a method of the whole study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cathodelab.core.checks import Check
from cathodelab.core.document import Block, Drawing, Paragraph
from cathodelab.core.method import Findings, MethodCard, StudyMethod
from cathodelab.core.result_table import Field, ResultTable


@dataclass(frozen=True)
class Settings:
    """Nothing to set."""


@dataclass(frozen=True)
class Darkest:
    """Films by their attenuation, the darkest first."""

    films: tuple[str, ...]
    checks: tuple[Check, ...] = ()


def _darkest(findings: Findings, settings: Settings) -> Darkest:
    del settings
    values = {one.sample.id: one.estimates.estimate("attenuation").value for one in findings.of["attenuation"]}
    return Darkest(tuple(sorted(values, key=lambda name: -values[name])))


def _tables(result: Darkest) -> tuple[ResultTable, ...]:
    rows = tuple((number, name) for number, name in enumerate(result.films, 1))
    return (ResultTable("films by darkness", "The darkest first.", (Field("rank"), Field("film")), rows),)


def _page(result: Darkest, drawings: Mapping[str, Drawing]) -> tuple[Block, ...]:
    del drawings
    return (Paragraph(f"The darkest film is {result.films[0]}."),)


METHOD = StudyMethod(
    id="darkest_film",
    requires=("attenuation",),
    settings=Settings,
    result=Darkest,
    run=_darkest,
    card=MethodCard("Darkest film", "Ranks films.", "-", "theirs", ("same lamp",), "any", "haze"),
    title="Films by darkness",
    tables=_tables,
    page=_page,
)
