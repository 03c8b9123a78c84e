"""A study in a notebook: every result table as a data frame, every figure as axes."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cathodelab.apps.notebook.frames import Frame, frame_of, frame_of_table
from cathodelab.core.errors import CathodelabError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cathodelab.core.figure import FigureSpec
    from cathodelab.core.result_table import ResultTable
    from cathodelab.study.results import SampleResults, StudyResults


def open_study(folder: str | Path) -> OpenedStudy:
    """Evaluate a study folder, or take what an earlier run made of the same files, rows and settings.

    Writes nothing but the study's cache; ``cathodelab run`` writes the report.

    Raises:
        StudyInvalid: problems of the study's tables and settings. Faults of single files are in :meth:`OpenedStudy.outcomes`.
    """
    from cathodelab.operations.workers import one_thread_for_linear_algebra
    from cathodelab.study.run import run_study

    one_thread_for_linear_algebra()
    return OpenedStudy(run_study(folder))


class OpenedStudy:
    """The results of a study.

    Data frames are polars', or pandas' with ``pandas=True``. Column names are those of the csv files beside the report; a
    name ends in its unit, or a column ``unit`` states it. Half-widths ``minus`` and ``plus`` are both positive and hold the
    level of the column ``level``.
    """

    def __init__(self, results: StudyResults) -> None:
        self.results = results

    def estimates(self, *, pandas: bool = False) -> Frame:
        """One row an estimate: kind, sample, group, method, estimate, value, minus, plus, unit, per, level, how."""
        return self.table("estimates", pandas=pandas)

    def checks(self, *, pandas: bool = False) -> Frame:
        """One row a check; ``passed`` is missing where it cannot tell."""
        return self.table("checks", pandas=pandas)

    def outcomes(self, *, pandas: bool = False) -> Frame:
        """One row a sample and method: ok, failed or skipped, and why."""
        return self.table("outcomes", pandas=pandas)

    def cycles(self, *, pandas: bool = False) -> Frame:
        """One row a cycle of a cell, every quantity with its unit and standard uncertainty.

        Raises:
            CathodelabError: no sample of the study was cycled.
        """
        return self.table("cycles", pandas=pandas)

    def spectra(self, *, pandas: bool = False) -> Frame:
        """One row a frequency: sample, number of the spectrum, frequency in Hz, measured and fitted impedance of the cell in ohm.

        ``adequate`` says whether the fitted circuit describes the spectrum down to its noise; where it is false, the fit is
        the nearest that was tried, and the study gives no resistance from it.

        Raises:
            CathodelabError: no sample of the study has spectra that were evaluated.
        """
        found = self.results.of("impedance")
        if not found:
            raise _unknown("table", "spectra", self.tables)
        rows: dict[str, list[Any]] = {name: [] for name in _SPECTRA}
        for sample, result in found:
            for one in result.spectra:
                spectrum, fit = one.spectrum, one.chosen.fit
                fitted = fit.circuit.impedance(spectrum.frequency_hertz, fit.theta)
                count = spectrum.frequency_hertz.size
                rows["sample"] += [sample.id] * count
                rows["spectrum"] += [float(spectrum.number)] * count
                rows["frequency_hertz"] += spectrum.frequency_hertz.tolist()
                rows["real_ohm"] += spectrum.real_ohm.tolist()
                rows["imaginary_ohm"] += spectrum.imaginary_ohm.tolist()
                rows["fitted_real_ohm"] += fitted.real.tolist()
                rows["fitted_imaginary_ohm"] += fitted.imag.tolist()
                rows["circuit"] += [fit.circuit.expression] * count
                rows["adequate"] += [one.chosen.adequate] * count
        return frame_of(rows, pandas=pandas)

    def table(self, name: str, *, pandas: bool = False) -> Frame:
        """A result table by its name: one of :attr:`tables`.

        Raises:
            CathodelabError: the study has no such table.
        """
        if name not in self._tables:
            raise _unknown("table", name, self.tables)
        return frame_of_table(self._tables[name], pandas=pandas)

    def figure(self, name: str, axes: Axes | None = None) -> Axes | tuple[Axes, ...]:
        """A figure of the report, drawn anew: its axes, to be changed at will.

        Args:
            name: one of :attr:`figures`.
            axes: draws into these; only for figures of one panel. A new figure of matplotlib's pyplot otherwise.

        Returns:
            The axes; several where the figure has several panels.

        Raises:
            CathodelabError: the study has no such figure, or it has several panels and ``axes`` are given.
        """
        from cathodelab.figures.matplotlib_figure import drawn_in_notebook

        if name not in self._figures:
            raise _unknown("figure", name, self.figures)
        spec = self._figures[name]
        if axes is not None and len(spec.panels) > 1:
            raise CathodelabError(
                "several-panels",
                f"The figure {name} has {len(spec.panels)} panels",
                where=f"figure {name}",
                why="One pair of axes holds one panel.",
                what_to_do="Leave axes out; the figure then makes its own, one a panel.",
            )
        drawn = drawn_in_notebook(spec, axes)
        return drawn[0] if len(drawn) == 1 else drawn

    def cell(self, name: str) -> SampleResults:
        """Results of one cell; ``cell("ssb-01").estimate("utilization", "static_utilization")``.

        Raises:
            CathodelabError: the study has no such cell.
        """
        names = [one.id for one in self.results.study.cells]
        if name not in names:
            raise _unknown("cell", name, names)
        return self.results.cell(name)

    @property
    def tables(self) -> list[str]:
        """Names of all result tables."""
        return list(self._tables)

    @property
    def figures(self) -> list[str]:
        """Names of all figures: those of the study first, then sample by sample."""
        return list(self._figures)

    @cached_property
    def _tables(self) -> dict[str, ResultTable]:
        from cathodelab.study.tables import tables

        return tables(self.results)

    @cached_property
    def _figures(self) -> dict[str, FigureSpec]:
        from cathodelab.report.figures import study_figures

        return {spec.id: spec for spec in study_figures(self.results).all}

    def __repr__(self) -> str:
        return f"<study {self.results.study.title!r}: {len(self.results.study.samples)} samples, {len(self.tables)} tables>"

    def _repr_html_(self) -> str:
        """The numbers of the report's overview, sample by sample."""
        from cathodelab.core.number_text import quantity
        from cathodelab.core.pages import unit_on_page
        from cathodelab.report.numbers import columns_of, kinds_shown

        parts = [f"<p><b>{escape(self.results.study.title)}</b></p>"]
        for kind in kinds_shown(self.results):
            columns = columns_of(self.results, kind)
            heads = [
                kind,
                *(f"{one.shown.title} / {unit_on_page(one.shown.unit) or 1}" for one in columns),
                "failed checks",
            ]
            rows = []
            for sample in self.results.study.samples:
                if sample.kind == kind and not sample.excluded:
                    found = self.results.sample(kind, sample.id)
                    numbers = [quantity(one.of(found)) for one in columns]
                    rows.append([sample.id, *numbers, ", ".join(found.failed_checks) or "none"])
            parts.append(html_table(heads, rows))
        return "".join(parts)


_SPECTRA = (
    "sample",
    "spectrum",
    "frequency_hertz",
    "real_ohm",
    "imaginary_ohm",
    "fitted_real_ohm",
    "fitted_imaginary_ohm",
    "circuit",
    "adequate",
)


def html_table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A plain table."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _unknown(what: str, name: str, known: list[str]) -> CathodelabError:
    """The error for a name that the study does not have, with the nearest that it has."""
    near = get_close_matches(name, known, 3)
    listed = ", ".join(near or known[:20]) or "none"
    return CathodelabError(
        f"no-such-{what}",
        f"The study has no {what} {name!r}",
        where=f"{what} {name!r}",
        why=f"{'The nearest are' if near else f'It has {len(known)}, among them'}: {listed}.",
        what_to_do=f"Use one of these names; all {what}s are listed by .{what}s."
        if what != "cell"
        else "Use one of these names.",
    )
