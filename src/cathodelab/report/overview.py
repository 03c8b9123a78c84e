"""The first section: the numbers of all samples, checks that failed, and how complete the record is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from cathodelab.core.document import Block, Entry, Grid, Head, Paragraph, Section, Subtitle
from cathodelab.core.number_text import decimals, plain_number, quantity
from cathodelab.core.pages import unit_on_page
from cathodelab.report.numbers import Column, columns_of, kinds_shown, samples_of
from cathodelab.study.results import SampleName, SampleResults, StudyResults

_MOST_NUMBERS = 8
"""Columns of numbers of one table; further ones stand in a table below."""
_MOST_NAMED = 12
_INTERVALS = (
    "Intervals hold the truth with a probability of 68 % under the errors listed for each sample, if its checks pass."
)
OVERVIEW, FAULTS = "overview", "faults"


def overview_section(
    results: StudyResults, blocks_of_studies: Sequence[Block], with_page: Mapping[SampleName, str]
) -> Section:
    """What there is at a glance.

    Args:
        results: of the study.
        blocks_of_studies: what comparisons of all samples show here.
        with_page: kind and name of the samples that have a page -> its id.
    """
    kinds = kinds_shown(results)
    blocks: list[Block] = [Paragraph(_at_a_glance(results, kind)) for kind in kinds]
    blocks += blocks_of_studies
    for kind in kinds:
        blocks += _grids(results, kind, with_page)
    if any(columns_of(results, kind) for kind in kinds):
        notes = dict.fromkeys(one.shown.note for kind in kinds for one in columns_of(results, kind) if one.shown.note)
        blocks.append(Paragraph(" ".join([_INTERVALS, *notes]), soft=True))
    blocks += _completeness(results)
    return Section(OVERVIEW, "Overview", tuple(blocks))


def _at_a_glance(results: StudyResults, kind: str) -> str:
    """How many samples there are, the range of each number, and which failed."""
    samples = samples_of(results, kind)
    several = results.study.kinds[kind].several
    text = f"{len(samples)} {several if len(samples) > 1 else several.removesuffix('s')}."
    ranges = [_range(one, samples) for one in columns_of(results, kind)]
    if ranges:
        text += f" {'; '.join(ranges)}."
    evaluated = [one for one in samples if any(outcome.status == "ok" for outcome in one.outcomes.values())]
    failing = [one.sample.id for one in evaluated if one.failed_checks]
    if failing:
        text += f" A check failed in {len(failing)} of them: {_listed(failing)}."
    elif evaluated:
        text += " No check failed."
    left = [one.sample.id for one in samples if one not in evaluated]
    if left:
        text += f" Without any result: {_listed(left)}; “Not evaluated” says why."
    return text


def _range(column: Column, samples: Sequence[SampleResults]) -> str:
    """Lowest and highest value of a number; of how many samples, where not all have it."""
    found = [one for sample in samples if (one := column.of(sample)) is not None]
    ends = [end(one.value for one in found) for end in (min, max)]
    widths = [half for one in found for half in (one.minus, one.plus) if math.isfinite(half)]
    coarsest = max(
        [*widths, (ends[1] - ends[0]) / 10]
    )  # what two digits of the widest interval, or three of the range show
    low, high = (plain_number(end, decimals(coarsest, coarsest)) for end in ends)
    unit = unit_on_page(column.shown.unit)
    text = f"{column.shown.title} {low if low == high else f'{low} to {high}'}{f' {unit}' if unit else ''}"
    return text if len(found) == len(samples) else f"{text} (of {len(found)})"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _grids(results: StudyResults, kind: str, with_page: Mapping[SampleName, str]) -> list[Block]:
    """One table, or several where there are many numbers; those of one method stay together."""
    samples, several = samples_of(results, kind), results.study.kinds[kind].several
    parts: list[list[Column]] = [[]]
    columns = columns_of(results, kind)
    for method in dict.fromkeys(one.method for one in columns):
        own = [one for one in columns if one.method == method]
        if parts[-1] and sum(map(_width, [*parts[-1], *own])) > _MOST_NUMBERS:
            parts.append([])
        parts[-1] += own
    grouped = any(one.sample.group for one in samples)
    grids: list[Block] = []
    for number, part in enumerate(parts):
        first = number == 0
        heads = [Head(kind.capitalize()), *([Head("Batch")] if grouped and first else [])]
        heads += [head for one in part for head in _heads(one)]
        heads += [Head("Checks", wide=True)] if first else []
        rows = []
        for sample in samples:
            name = sample.sample.kind, sample.sample.id
            row = [Entry(sample.sample.id, target=with_page.get(name, ""))]
            row += [Entry(sample.sample.group or "–")] if grouped and first else []
            row += [entry for one in part for entry in _entries(one, sample, results.truth or {})]
            row += [_verdict(sample)] if first else []
            rows.append(tuple(row))
        about = f"Numbers of all {several}" if first else f"Further numbers of all {several}"
        grids.append(Grid(about, tuple(heads), tuple(rows)))
    return grids


def _width(column: Column) -> int:
    return 1 + column.shown.own_part + column.stated


def _heads(column: Column) -> list[Head]:
    shown = column.shown
    heads = [Head(shown.title, unit_on_page(shown.unit), number=True)]
    if shown.own_part:
        heads.append(Head("own part", unit_on_page(shown.unit), number=True))
    if column.stated:
        heads.append(Head("truth (set)", unit_on_page(shown.unit), number=True))
    return heads


def _entries(column: Column, found: SampleResults, truth: Mapping[str, Mapping[str, float]]) -> list[Entry]:
    one = column.of(found)
    entries = [Entry(quantity(one) if one is None or column.shown.interval else _three_digits(one.value))]
    digits = 1 if one is None else decimals(one.minus, one.plus)
    if column.shown.own_part:
        own = column.own_part(found)
        entries.append(Entry("–" if math.isnan(own) else f"± {plain_number(own, digits)}"))
    if column.stated:
        entries.append(Entry(plain_number(column.truth(found, truth), digits)))
    return entries


def _three_digits(value: float) -> str:
    return f"{value:#.3g}".rstrip(".").replace("-", "−") if math.isfinite(value) else "–"


def _verdict(found: SampleResults) -> Entry:
    """Failed checks by the one rule; whether methods failed, or all were left out."""
    statuses = {outcome.status for outcome in found.outcomes.values()}
    if "ok" not in statuses:
        if "failed" in statuses:
            return Entry("✗\u00a0failed, see\u00a0there", "bad", FAULTS)
        return Entry("– left\u00a0out, see\u00a0there", "soft", FAULTS)
    failed = found.failed_checks
    if "failed" in statuses:
        return Entry("✗ " + "; ".join([*([", ".join(failed)] if failed else []), "not all evaluated"]), "bad", FAULTS)
    return Entry("✗ " + ", ".join(failed), "bad") if failed else Entry("✓\u00a0none failed", "good")


def _completeness(results: StudyResults) -> list[Block]:
    """How much of the reporting checklist is given; nothing where no sample has one."""
    columns = {one.name: one for kind in results.study.kinds.values() for one in kind.columns}
    score = results.study.completeness
    blocks: list[Block] = []
    if any(one.entries and any(c.tier for c in results.study.kinds[one.kind].columns) for one in results.study.samples):
        text = (
            f"Reporting checklist: {score.required_percent:.0f} % of the required and {score.recommended_percent:.0f} % of the "
            "recommended entries are given."
        )
        if score.missing_required:
            meanings = {name: columns[name].meaning.partition(", e.g.")[0] for name in score.missing_required}
            missing = ", ".join(f"{meaning} ({name})" for name, meaning in meanings.items())
            text += f" Missing required, with their columns: {missing}."
        if results.study.unknown_columns:
            text += f" Columns kept as they are: {', '.join(results.study.unknown_columns)}."
        blocks += [Subtitle("How complete is the record?"), Paragraph(text)]
    return blocks
