"""A study's results as the document that page and PDF show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cathodelab.core.document import (
    Block,
    Bullets,
    Document,
    Drawing,
    Notice,
    Paragraph,
    Section,
    Subtitle,
    anchors,
    with_contents,
)
from cathodelab.core.figure import FigureSpec
from cathodelab.core.method import AnyStudyMethod
from cathodelab.report.figures import StudyFigures, figure_files
from cathodelab.report.numbers import kinds_shown
from cathodelab.report.overview import FAULTS, OVERVIEW, overview_section
from cathodelab.report.provenance import METHODS, PROVENANCE, methods_section, provenance_section
from cathodelab.report.sample_page import Draw, sample_page
from cathodelab.study.fence import to_show
from cathodelab.study.results import Said, SampleName, StudyResults

SYNTHETIC = Notice(
    "Synthetic data.",
    "This study was generated, not measured. The truth that was set stands beside each estimate.",
    fault=False,
)
_MOST_DOUBTS = 40


def document(
    results: StudyResults, figures: StudyFigures, interactive: Iterable[str] = (), *, paper: bool = False
) -> Document:
    """The whole report.

    Args:
        results: what came of a study.
        figures: its figures.
        interactive: figures shown on the interactive page too.
        paper: whether figures for a paper lie beside it too.
    """
    shown = set(interactive)

    def draw(spec: FigureSpec) -> Drawing:
        return Drawing(spec.id, 0, spec.caption, figure_files(spec, shown, paper=paper))

    study = results.study
    own = [method for method in results.study_methods if method.title]
    places = anchors([("study", method.id) for method in own])
    with_page = anchors(_with_page(results), (OVERVIEW, FAULTS, METHODS, PROVENANCE, *places.values()))
    beside = [block for one in results.study_methods if not one.title for block in _blocks(results, one, figures, draw)]
    sections = (
        overview_section(results, beside, with_page),
        *(
            Section(places["study", method.id], method.title, blocks)
            for method in own
            if (blocks := _blocks(results, method, figures, draw))
        ),
        _faults(results),
        *(sample_page(results, name, anchor, figures, draw) for name, anchor in with_page.items()),
        methods_section(results),
        provenance_section(results),
    )
    version = results.versions["cathodelab"]
    return with_contents(
        Document(
            title=study.title,
            subtitle=f"{_counts(results)}. cathodelab {version}, {results.created[:16].replace('T', ' ')} UTC.",
            sections=_numbered(sections),
            footer=f"Made with cathodelab {version}. The same numbers stand in report.xlsx, results.json and "
            "tables/; every figure lies in figures/ as svg with a csv of its numbers"
            f"{', as pdf and for one column of a page' if paper else ' (for a paper, as pdf and for one column, with --paper)'}.",
            banner=SYNTHETIC if study.synthetic else None,
        )
    )


def _with_page(results: StudyResults) -> list[SampleName]:
    """Samples for which some method has a result, kind by kind."""
    evaluated = dict.fromkeys((one.kind, one.sample) for one in results.outcomes if one.status == "ok")
    return [name for kind in kinds_shown(results) for name in evaluated if name[0] == kind]


def _blocks(results: StudyResults, method: AnyStudyMethod, figures: StudyFigures, draw: Draw) -> tuple[Block, ...]:
    """What a study method shows; nothing where it found nothing."""
    found = results.study_result(method.id)
    if found is None:
        return ()
    drawings = {spec.id: draw(spec) for spec in figures.of_study.get(method.id, ())}
    return to_show(lambda: method.page(found, drawings), ("", "", method.id))


def _numbered(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Figures counted in the order in which the page shows them."""
    numbers: dict[str, int] = {}

    def counted(block: Block) -> Block:
        if isinstance(block, Drawing):
            return replace(block, number=numbers.setdefault(block.id, len(numbers) + 1))
        return block

    return tuple(replace(section, blocks=tuple(map(counted, section.blocks))) for section in sections)


def _counts(results: StudyResults) -> str:
    """How many samples of each kind the tables hold."""
    counts = []
    for kind in results.study.kinds.values():
        number = sum(one.kind == kind.id and bool(one.entries) for one in results.study.samples)
        if number:
            counts.append(f"{number} {kind.several if number > 1 else kind.several.removesuffix('s')}")
    return ", ".join(counts)


def _all_alike(results: StudyResults, said: Said) -> bool:
    """Whether a sample has no result for one reason, so that the many methods need not be listed."""
    own = [one for one in results.to_be_said if (one.kind, one.sample) == (said.kind, said.sample)]
    statuses = {one.status for one in results.sample(said.kind, said.sample).outcomes.values()}
    return len(own) == 1 and len(said.methods) > 1 and "ok" not in statuses


def _faults(results: StudyResults) -> Section:
    """What has no result and why, and entries of the tables that look like mistakes."""
    blocks: list[Block] = []
    several = len(kinds_shown(results)) > 1
    for group in results.said_together:
        first, *others = group
        error = first.error
        text = f"{error.what} [{error.where}]. {error.why} {error.what_to_do}"
        if others:
            text += f" The same holds for {', '.join(other.sample for other in others)}."
        name = f"{first.kind} {first.sample}" if several and first.sample else first.sample
        methods = () if name and _all_alike(results, first) else first.methods
        lead = ", ".join(part for part in (name, *methods) if part)
        blocks.append(Notice(f"{lead}: {first.status}.", text, fault=first.status == "failed"))
    blocks = blocks or [Paragraph("Every sample was evaluated by every method that applies to it.")]
    doubts = [str(one) for one in results.study.doubts]
    if doubts:
        more = len(doubts) - _MOST_DOUBTS
        listed = (*doubts[:_MOST_DOUBTS], *([f"and {more} more: see `cathodelab check`"] if more > 0 else []))
        blocks += [
            Subtitle("Doubtful entries"),
            Paragraph("These entries of the tables look like mistakes. The study ran all the same; please check them."),
            Bullets(listed),
        ]
    return Section(FAULTS, "Not evaluated", tuple(blocks))
