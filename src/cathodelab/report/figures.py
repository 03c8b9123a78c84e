"""Which figures a study has, and the files that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import quote

from cathodelab.core.figure import FigureSpec
from cathodelab.core.samples import group_colours
from cathodelab.figures.sizes import one_column
from cathodelab.study.fence import Place, to_show
from cathodelab.study.results import SampleName, StudyResults

INTERACTIVE = "interactive.html"


@dataclass(frozen=True)
class StudyFigures:
    """Figures of the whole study by study method, and those of each sample by kind, name and method."""

    of_samples: Mapping[tuple[str, str, str], tuple[FigureSpec, ...]]
    of_study: Mapping[str, tuple[FigureSpec, ...]] = field(default_factory=dict)

    @property
    def study(self) -> tuple[FigureSpec, ...]:
        """Those of the whole study."""
        return tuple(spec for specs in self.of_study.values() for spec in specs)

    @property
    def all(self) -> tuple[FigureSpec, ...]:
        """All of them: those of the study first, then sample by sample."""
        samples = dict.fromkeys((kind, name) for kind, name, _ in self.of_samples)
        return (*self.study, *(spec for sample in samples for spec in self.of_sample(*sample)))

    def of_sample(self, kind: str, name: str) -> tuple[FigureSpec, ...]:
        """The figures of one sample, method by method."""
        return tuple(spec for key, specs in self.of_samples.items() if key[:2] == (kind, name) for spec in specs)

    def place_of(self, name: str) -> Place:
        """Sample and method of the figure with this id."""
        places: list[tuple[Place, tuple[FigureSpec, ...]]] = [*self.of_samples.items()]
        places += [(("", "", method), specs) for method, specs in self.of_study.items()]
        return next(place for place, specs in places if any(spec.id == name for spec in specs))


def study_figures(results: StudyResults) -> StudyFigures:
    """All figures of the study; those of a sample in the colour of its group."""
    of_study = {}
    for method in results.study_methods:
        found = results.study_result(method.id)
        if found is not None:
            of_study[method.id] = to_show(partial(method.figures, found), ("", "", method.id))
    return _named_apart(replace(_of_samples(results), of_study=of_study))


def figures_of_samples(results: StudyResults) -> StudyFigures:
    """Those of single samples, of all that there are results of."""
    return _named_apart(_of_samples(results))


def _of_samples(results: StudyResults) -> StudyFigures:
    colours = group_colours([one for one in results.study.samples if one.entries and not one.excluded])
    return StudyFigures(
        {
            (sample.kind, sample.id, method.id): tuple(
                spec.with_colours_from(colours.get(sample.group, 0))
                for spec in to_show(partial(method.figures, sample, result), (sample.kind, sample.id, method.id))
            )
            for method in results.methods
            for sample, result in results.of(method.id)
        }
    )


def _named_apart(figures: StudyFigures) -> StudyFigures:
    """Ids are names of files: where samples of two kinds have one name, those of the second kind have the kind before theirs."""
    owner: dict[str, SampleName] = {spec.id: ("", "") for spec in figures.study}
    of_samples = {}
    for (kind, name, method), specs in figures.of_samples.items():
        own = []
        for spec in specs:
            known = owner.setdefault(spec.id, (kind, name)) == (kind, name)
            own.append(spec if known else replace(spec, id=f"{kind}-{spec.id}"))
        of_samples[kind, name, method] = tuple(own)
    return replace(figures, of_samples=of_samples)


def figure_files(
    spec: FigureSpec, interactive: Iterable[str] = (), *, paper: bool = False
) -> tuple[tuple[str, str], ...]:
    """(name shown, path relative to the report) of every file that holds a figure.

    For a ``paper`` there are more: pdf, and one column of a page where that is legible and no record.
    """
    name = quote(f"figures/{spec.id}")
    files = [("svg", f"{name}.svg")]
    if paper:
        files.append(("pdf", f"{name}.pdf"))
        if narrow_one(spec) is not None:
            files += [(f"{kind}, one column", f"{name}-8.4cm.{kind}") for kind in ("svg", "pdf")]
    files.append(("csv", f"{name}.csv"))
    if spec.id in interactive:
        files.insert(0, ("look closer", f"{INTERACTIVE}#{quote(spec.id)}"))
    return tuple(files)


def narrow_one(spec: FigureSpec) -> FigureSpec | None:
    """The figure for one column of a page; ``None`` where it is that already, would not be legible, or shows a record."""
    narrow = None if spec.record else one_column(spec)
    return None if narrow is spec else narrow
