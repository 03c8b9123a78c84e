"""Results of a small study of pellets and cells by methods that only tests know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.document import Block, Drawing, Paragraph, Subtitle
from cathodelab.core.errors import CathodelabError, OtherData
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import (
    AnyStudyMethod,
    Findings,
    Method,
    MethodCard,
    Outcome,
    Shown,
    StudyMethod,
    StudyOutcome,
)
from cathodelab.core.pages import Page
from cathodelab.core.result_table import Field, ResultTable
from cathodelab.core.samples import Ingredient, Sample
from cathodelab.core.sources import Source
from cathodelab.study.checklist import Completeness
from cathodelab.study.manifest import Study, kinds_of_samples
from cathodelab.study.results import StudyResults, applying
from cathodelab.study.settings import CRate, ReferenceElectrode


@dataclass(frozen=True)
class NoSettings:
    """Nothing to set."""


@dataclass(frozen=True)
class Hardness:
    """A number with an error of its own and one that all share, and a check."""

    estimates: EstimateSet
    checks: tuple[Check, ...]


def hardness(sample: str, value: float, own: float, common: float, *, passed: bool | None = True) -> Hardness:
    sources = (Source(f"{sample}/tip", "the tip", "standard"), Source("balance", "the balance", "standard"))
    estimates = EstimateSet(
        ("hardness",), np.array([value]), ("GPa",), ("area",), ("pressed",), sources, np.array([[own, common]])
    )
    return Hardness(estimates, (Check("tip_clean", passed, 1.0, 2.0, f"The tip of {sample} was looked at."),))


def card(title: str) -> MethodCard:
    return MethodCard(title, "What it is.", "H = F / A", "nobody", ("none",), "all", "nothing")


def _figure(sample: Sample, result: Hardness) -> tuple[FigureSpec, ...]:
    series = Series("points", np.zeros(1), result.estimates.values, "", 0)
    return (FigureSpec(f"{sample.id}-hardness", f"{sample.id}.", (Panel(Axis("x"), Axis("H", "GPa"), (series,)),)),)


def _page(sample: Sample, result: Hardness, drawings: Any) -> Page:
    return Page(top=(), rest=(Subtitle(f"Hardness of {sample.id}"), *drawings))


def _tables(found: Any) -> tuple[ResultTable, ...]:
    rows = tuple((sample.id, float(result.estimates.values[0])) for sample, result in found)
    return (ResultTable("dents", "One row a dent.", (Field("sample"), Field("hardness_GPa", "H / GPa", "0.00")), rows),)


HARDNESS = Method(
    id="hardness",
    requires=("sample",),
    settings=NoSettings,
    result=Hardness,
    run=hardness,
    card=card("Hardness of made pellets"),
    samples=("pellet", "cell"),
    headline=(Shown("hardness", "Hardness", "MPa", 1e3, own_part=True, budget=True, note="Per area."),),
    figures=_figure,
    tables=_tables,
    page=_page,
)
COLOUR = Method(
    id="colour",
    requires=("sample",),
    settings=NoSettings,
    result=Hardness,
    run=hardness,
    card=card("Colour of made pellets"),
    samples=("pellet", "cell"),
)


@dataclass(frozen=True)
class Ranked:
    """The hardest."""

    first: str
    checks: tuple[Check, ...] = ()


def _ranking(result: Ranked, drawings: Any) -> tuple[Block, ...]:
    return (Paragraph(f"The hardest is {result.first}."), *drawings.values())


def _rank_figure(result: Ranked) -> tuple[FigureSpec, ...]:
    series = Series("points", np.zeros(1), np.ones(1), result.first, 0)
    return (FigureSpec("ranking", "All.", (Panel(Axis("x"), Axis("y"), (series,)),)),)


def rank(findings: Findings, settings: NoSettings) -> Ranked:
    del findings, settings
    return Ranked("x")


RANKING = StudyMethod(
    "ranking", ("hardness",), NoSettings, Ranked, rank, title="Ranking", figures=_rank_figure, page=_ranking
)
BESIDE: AnyStudyMethod = replace(RANKING, id="beside", title="")


def made(kind: str, name: str, group: str = "", **entries: str) -> Sample:
    parts = (Ingredient("composite", group),) if group else ()
    return Sample(name, kind, {kind: name, **entries}, parts)


def made_study(folder: Path, samples: tuple[Sample, ...], **more: Any) -> Study:
    return Study(
        folder=folder,
        title="pellets",
        synthetic=bool(more.get("synthetic")),
        samples=samples,
        kinds=kinds_of_samples(),
        reference_electrode=ReferenceElectrode(),
        c_rate=CRate(),
        settings={},
        column_maps=(),
        unknown_columns=(),
        completeness=Completeness(100.0, 100.0, (), ()),
        doubts=more.get("doubts", ()),
    )


FAULT = CathodelabError("red", "The colour is red", where="pellet b", why="It must not be.", what_to_do="Paint it.")
OTHER = OtherData("no-colour", "It has no colour", where="pellet a", why="It is clear.", what_to_do="Nothing.")


def made_results(folder: Path, **more: Any) -> StudyResults:
    """Pellets a and b of one composite and c, and a composite's pellet that is named like it."""
    samples = (
        made("pellet", "a", "mix"),
        made("pellet", "b", "mix"),
        made("pellet", "mix", "mix"),
        made("pellet", "c"),
    )
    outcomes = (
        Outcome("pellet", "a", "hardness", "ok", hardness("a", 1.5, 0.03, 0.04)),
        Outcome("pellet", "a", "colour", "skipped", error=OTHER),
        Outcome("pellet", "b", "hardness", "ok", hardness("b", 2.5, 0.03, 0.04, passed=False)),
        Outcome("pellet", "b", "colour", "failed", error=FAULT),
        Outcome("pellet", "mix", "hardness", "ok", hardness("mix", 2.0, 0.03, 0.04, passed=None)),
        Outcome("pellet", "c", "hardness", "failed", error=FAULT),
    )
    studies = (StudyOutcome("ranking", "ok", Ranked("b")), StudyOutcome("beside", "ok", Ranked("b")))
    return StudyResults(
        study=made_study(folder, samples, **more),
        outcomes=applying(outcomes),
        studies=studies,
        files=(),
        created="2026-01-01T00:00:00+00:00",
        methods=(HARDNESS, COLOUR),
        study_methods=(RANKING, BESIDE),
        truth=more.get("truth"),
    )


def drawings_of(blocks: tuple[Block, ...]) -> list[Drawing]:
    return [one for one in blocks if isinstance(one, Drawing)]
