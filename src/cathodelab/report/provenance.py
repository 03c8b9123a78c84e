"""The last sections: method cards, settings in force, files and versions."""

from __future__ import annotations

import math
from typing import Any

from cathodelab.core.document import Block, Bullets, Entry, Grid, Head, Paragraph, Section, Subtitle, texts
from cathodelab.core.method import MethodCard
from cathodelab.core.settings import knobs
from cathodelab.study.results import StudyResults
from cathodelab.study.settings import settings_of

METHODS, PROVENANCE = "methods", "provenance"


def methods_section(results: StudyResults) -> Section:
    """The cards of the methods that have a result, or of all where none has."""
    used = [method.card for method in results.methods if results.of(method.id)] or [
        method.card for method in results.methods
    ]
    used = [card for card in used if card.title]  # a method without a card is titled by its id
    compared = [one.card for one in results.study_methods if one.card and results.study_result(one.id) is not None]
    return Section(METHODS, "Methods and limits", tuple(block for card in (*used, *compared) for block in _card(card)))


def _card(card: MethodCard) -> list[Block]:
    return [
        Subtitle(card.title),
        Paragraph(card.sentence),
        Paragraph(card.formula, lead="Formula."),
        Paragraph("", lead="Assumptions."),
        Bullets(card.assumptions),
        Paragraph(card.valid_range, lead="Valid range."),
        Paragraph(card.cannot_see, lead="What it cannot see."),
        Paragraph(card.source, soft=True),
    ]


def provenance_section(results: StudyResults) -> Section:
    """Settings, files with hashes, versions."""
    settings = (
        Head("Section"),
        Head("Setting"),
        Head("Value"),  # numbers and texts, some of them long
        Head("Unit"),
        Head("Default?"),
        Head("Meaning", wide=True),
    )
    rows = tuple(
        (
            *texts(section, name, value, unit or "–"),
            Entry("default") if default else Entry("set", "strong"),
            Entry(meaning),
        )
        for section, name, value, unit, default, meaning in settings_in_force(results)
    )
    files = tuple(
        (
            *texts(f"{kind} {name}", one.file),
            Entry(one.reader + (f" {one.reader_version}" if len(one.reader_version) < 6 else "")),
            Entry(one.sha256, "code"),
        )
        for (kind, name), one in results.files
    )
    columns = Head("Sample"), Head("File", wide=True), Head("Reader"), Head("SHA-256", wide=True)
    versions = ", ".join(f"{name} {number}" for name, number in results.versions.items())
    blocks = (
        Subtitle("Settings in force"),
        Grid("Settings", settings, rows),
        Subtitle("Files"),
        Grid("Files", columns, files),
        Paragraph(f"{versions}.", soft=True),
    )
    return Section(PROVENANCE, "Settings and provenance", blocks)


SettingInForce = tuple[str, str, str, str, bool, str]


def settings_in_force(results: StudyResults) -> list[SettingInForce]:
    """Every setting in force: section, name, value, unit, whether it is the default, meaning."""
    study = results.study
    groups: list[tuple[str, Any]] = [("reference_electrode", study.reference_electrode), ("c_rate", study.c_rate)]
    of_methods = settings_of((*results.methods, *results.study_methods), study.settings)
    groups += [(f"methods.{name}", settings) for name, settings in of_methods.items()]
    return [
        (
            section,
            name,
            _shown(getattr(settings, name)),
            about.unit,
            getattr(settings, name) == default,
            about.meaning.replace("`", ""),
        )
        for section, settings in groups
        for name, (default, about) in knobs(type(settings)).items()
    ]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value)) or "(automatic)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "nan" if math.isnan(value) else f"{value:g}"
    return str(value)
