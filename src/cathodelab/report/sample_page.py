"""All that is shown of one sample: its methods' parts around the checks of all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cathodelab.core.document import Block, Drawing, Headline, Notice, Section, Subtitle
from cathodelab.core.figure import FigureSpec
from cathodelab.core.number_text import quantity
from cathodelab.core.pages import Page, check_grid, unit_on_page, worst_first
from cathodelab.report.figures import StudyFigures
from cathodelab.report.numbers import columns_of, kinds_shown
from cathodelab.study.fence import to_show
from cathodelab.study.results import SampleName, SampleResults, StudyResults

Draw = Callable[[FigureSpec], Drawing]


def sample_page(results: StudyResults, name: SampleName, anchor: str, figures: StudyFigures, draw: Draw) -> Section:
    """The page of one sample: what stands at the top of methods' parts, what was not evaluated, checks, and all the rest."""
    found = results.sample(*name)
    pages = _pages(results, found, figures, draw)
    top = [block for page in pages for block in page.top]
    if not any(isinstance(block, Headline) for block in top):
        top = [*_headline(results, found), *top]
    checks = [check for outcome in found.outcomes.values() if outcome.status == "ok" for check in outcome.result.checks]
    blocks: list[Block] = [*top, *_not_evaluated(results, name)]
    if checks:
        blocks += [Subtitle("Checks"), check_grid(worst_first(checks), f"Checks of {found.sample.id}")]
    blocks += [block for page in pages for block in page.rest]
    group = found.sample.group
    aside = f"batch {group}" if group else ""
    return Section(anchor, found.sample.id, tuple(blocks), aside, group=_heading(results, found))


def _pages(results: StudyResults, found: SampleResults, figures: StudyFigures, draw: Draw) -> list[Page]:
    """The parts of the methods that have a result, in their order."""
    kind, name = found.sample.kind, found.sample.id
    pages = []
    for method in results.methods:
        outcome = found.outcomes.get(method.id)
        if outcome is not None and outcome.status == "ok":
            drawings = [draw(spec) for spec in figures.of_samples.get((kind, name, method.id), ())]
            part = partial(method.page_of, found.view, outcome.result, drawings)
            pages.append(to_show(part, (kind, name, method.id)))
    return pages


def _headline(results: StudyResults, found: SampleResults) -> list[Block]:
    """The first number for overviews that the sample has, where no method opens the page with one."""
    for column in columns_of(results, found.sample.kind):
        one = column.of(found)
        if one is not None:
            unit = unit_on_page(one.unit)
            details = ", ".join(part for part in (f"per {one.per}" if one.per else "", one.how) if part)
            text = f"{_capital(column.shown.title)}: {quantity(one)}{f' {unit}' if unit else ''}"
            return [Headline(text, f"{details}." if details else "")]
    return []


def _capital(title: str) -> str:
    """As a line begins; symbols (σ, dQ/dV) stay as they are."""
    first = title.split(" ", maxsplit=1)[0]
    return title[:1].upper() + title[1:] if first.isascii() and first.isalpha() and first.islower() else title


def _not_evaluated(results: StudyResults, name: SampleName) -> list[Block]:
    """Methods that failed or were skipped with words; that a sample has other data needs none.

    What all samples of a kind lack for one reason (the study has no reference) is said once, on the front page.
    """
    titles = {method.id: method.title for method in results.methods}
    every = sum(one.kind == name[0] and not one.excluded for one in results.study.samples)
    of_all = {
        id(said.error)
        for group in results.said_together
        for said in group
        if said.status == "skipped" and len(group) == every > 1
    }
    return [
        Notice(
            f"{'; '.join(titles.get(method, method) for method in said.methods)}: {said.status}.",
            f"{said.error.what} [{said.error.where}]. {said.error.why} {said.error.what_to_do}",
            fault=said.status == "failed",
        )
        for said in results.to_be_said
        if (said.kind, said.sample) == name and id(said.error) not in of_all
    ]


def _heading(results: StudyResults, found: SampleResults) -> str:
    """The heading under which the contents list it: its batch, and its kind where there are several."""
    kind, group = results.study.kinds[found.sample.kind], found.sample.group
    own = f"batch {group}" if group else ""
    if len(kinds_shown(results)) == 1:
        return own or f"{kind.id}s"
    return f"{kind.id}s{f', {own}' if own else ''}"
