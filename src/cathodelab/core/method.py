"""A method, everything that it brings, and what came of applying it to a sample or to a study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, Protocol, TypeVar

from cathodelab.core.checks import Check
from cathodelab.core.document import Block, Drawing
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate, EstimateSet
from cathodelab.core.figure import FigureSpec
from cathodelab.core.pages import Page, plain_page
from cathodelab.core.result_table import ResultTable

Status = Literal["ok", "failed", "skipped"]


class Described(Protocol):
    """What is given to figures and pages of a sample: a :class:`~cathodelab.core.samples.Sample` or a typed view of one."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def group(self) -> str:
        """The composite that it was made from, empty where not given."""


class Result(Protocol):
    """What every result has, besides its own curves."""

    @property
    def estimates(self) -> EstimateSet:
        """Named estimates with their sources of error."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """Validity of the numbers."""


class StudyResult(Protocol):
    """What the result of every study method has."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """What may be claimed."""


S = TypeVar("S")
R = TypeVar("R", bound=Result)
Q = TypeVar("Q", bound=StudyResult)


@dataclass(frozen=True)
class MethodCard:
    """One page about a method, shown in the report."""

    title: str
    sentence: str
    formula: str
    source: str
    assumptions: tuple[str, ...]
    valid_range: str
    cannot_see: str


NO_CARD = MethodCard("", "", "", "", (), "", "")
"""Of a method whose author wrote none: its id is its title."""


@dataclass(frozen=True)
class Shown:
    """A number that belongs into overviews.

    Args:
        estimate: its name in the result's estimates.
        title: head of its column.
        unit: unit as it is shown; empty for none.
        scale: factor from the estimate to what is shown (100 for percent).
        own_part: whether the part from the sample's own sources stands beside it; the rest is shared with others.
        budget: whether pages and tables show what its interval is made of.
        covariance: whether the covariance over all samples is stored: they share sources of error.
        in_overview: whether it is a column of the overview.
        interval: whether its interval stands beside it there.
        note: a sentence on what it refers to, shown once below the overview.
        otherwise: names of the same number in samples that have none of the first name (another last cycle or spectrum).
    """

    estimate: str
    title: str
    unit: str = ""
    scale: float = 1.0
    own_part: bool = False
    budget: bool = False
    covariance: bool = False
    in_overview: bool = True
    interval: bool = True
    note: str = ""
    otherwise: tuple[str, ...] = ()

    def name_in(self, estimates: EstimateSet) -> str:
        """The name that it has among these estimates; empty where they do not hold it."""
        return next((name for name in (self.estimate, *self.otherwise) if name in estimates), "")

    def of(self, estimates: EstimateSet) -> Estimate | None:
        """The number in the unit in which it is shown; ``None`` where there is none."""
        name = self.name_in(estimates)
        if not name:
            return None
        one, scale = estimates.estimate(name), self.scale
        return replace(one, value=scale * one.value, minus=scale * one.minus, plus=scale * one.plus, unit=self.unit)

    def own_part_of(self, estimates: EstimateSet, sample: str) -> float:
        """Standard uncertainty from the sample's own sources, in the unit in which it is shown."""
        return self.scale * estimates.own_half_width(self.name_in(estimates), sample)


Headline = tuple[Shown, ...] | Callable[[Sequence[R]], tuple[Shown, ...]]
"""The numbers themselves, or a function of all results where their names depend on the data (rates, spectra)."""


@dataclass(frozen=True)
class Companion:
    """A measurement of another sample that a method is given.

    Args:
        column: column of the sample that names the other one.
        measurement: id of the measurement, made of the other sample as of any.
        optional: whether the method runs without it.
    """

    column: str
    measurement: str
    optional: bool = False


def _no_figures(_sample: Any, _result: Any, /) -> tuple[FigureSpec, ...]:  # noqa: ANN401 - for any sample and result
    return ()


def _no_tables(_found: Sequence[tuple[Any, Any]], /) -> tuple[ResultTable, ...]:
    return ()


@dataclass(frozen=True)
class Method(Generic[S, R]):
    """A way from measurements of one sample to numbers, with all that is shown of them.

    Args:
        id: name in ``study.toml`` and in the results.
        requires: names of what ``run`` is given: ``sample`` (or ``cell``, its typed view), a measurement, another method,
            a name of ``beside`` or ``<name>_sample``, or a setting of the study (``c_rate_basis_mAh_g``).
        settings: dataclass of knobs.
        result: dataclass of what comes out.
        run: is called with the names above as keywords, and ``settings``; raises :class:`CathodelabError`.
        figures: ``figures(sample, result)``.
        card: the method card.
        samples: kinds of samples that it applies to.
        optional: results of other methods that ``run`` is given, or ``None`` where there are none.
        beside: name -> measurement of another sample (reference, standard, blank).
        headline: numbers for overviews.
        tables: ``tables([(sample, result), ...])``: of all samples, for csv, JSON and workbook.
        page: ``page(sample, result, drawings)``: its part of a sample's page.
    """

    id: str
    requires: tuple[str, ...]
    settings: type[S]
    result: type[R]
    run: Callable[..., R]
    figures: Callable[[Any, R], tuple[FigureSpec, ...]] = _no_figures
    card: MethodCard = NO_CARD
    samples: tuple[str, ...] = ("cell",)
    optional: tuple[str, ...] = ()
    beside: Mapping[str, Companion] = field(default_factory=dict)
    headline: Headline[R] = ()
    tables: Callable[[Sequence[tuple[Any, R]]], tuple[ResultTable, ...]] = _no_tables
    page: Callable[[Any, R, Sequence[Drawing]], Page] | None = None

    def shown(self, results: Sequence[R]) -> tuple[Shown, ...]:
        """The numbers for overviews that these results have."""
        return self.headline(results) if callable(self.headline) else self.headline

    def page_of(self, sample: Any, result: R, drawings: Sequence[Drawing]) -> Page:  # noqa: ANN401 - a sample or its view
        """Its part of a sample's page; without a layout of its own the title, figures and estimates."""
        if self.page is not None:
            return self.page(sample, result, drawings)
        return plain_page(self.title, result.estimates, drawings)

    @property
    def title(self) -> str:
        """What a reader calls it."""
        return self.card.title or self.id.replace("_", " ")


@dataclass(frozen=True, eq=False)
class Outcome:
    """Sample x method: ok, failed (with the error) or skipped (with the reason); no file takes the others with it."""

    kind: str
    sample: str
    method: str
    status: Status
    result: Any = None
    error: CathodelabError | None = None


@dataclass(frozen=True, eq=False)
class Finding(Generic[R]):
    """What a study method is given of one sample and one method.

    ``load()`` gives the whole result with its curves, for what estimates and checks do not hold.
    """

    sample: Any
    estimates: EstimateSet
    checks: tuple[Check, ...]
    load: Callable[[], R]


@dataclass(frozen=True, eq=False)
class Findings:
    """What a study method is given: samples, findings by method, and results of the study methods that it requires.

    Args:
        samples: all samples of the study that take part, in the order of the tables, as typed views where a kind has one.
        of: method -> findings of the samples that have a result.
        studies: results of the study methods that it requires, where there are any.
        headlines: method -> numbers for overviews.
        truth: sample -> estimate -> value that a generated study states; empty for measurements.
        failing: kind and name of the samples of which a check failed, in any method.
    """

    samples: tuple[Any, ...]
    of: Mapping[str, tuple[Finding[Any], ...]]
    studies: Mapping[str, Any] = field(default_factory=dict)
    headlines: Mapping[str, tuple[Shown, ...]] = field(default_factory=dict)
    truth: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    failing: frozenset[tuple[str, str]] = frozenset()

    def results(self, method: str) -> list[tuple[Any, Any]]:
        """(sample, whole result) of every sample for which the method gave one."""
        return [(one.sample, one.load()) for one in self.of.get(method, ())]


def _no_study_figures(_result: Any, /) -> tuple[FigureSpec, ...]:  # noqa: ANN401 - for any result
    return ()


def _no_study_tables(_result: Any, /) -> tuple[ResultTable, ...]:  # noqa: ANN401 - for any result
    return ()


def drawings_alone(_result: Any, drawings: Mapping[str, Drawing], /) -> tuple[Block, ...]:  # noqa: ANN401 - for any result
    """The figures in their order and nothing else."""
    return tuple(drawings.values())


@dataclass(frozen=True)
class StudyMethod(Generic[S, Q]):
    """A comparison of samples; runs after them.

    Args:
        id: name in ``study.toml`` and in the results.
        requires: methods and study methods that it is given findings of, where there are any.
        settings: dataclass of knobs.
        result: dataclass of what comes out; has ``checks``.
        run: ``run(findings, settings)``; raises :class:`~cathodelab.core.errors.OtherData` where there is nothing to compare.
        card: the method card; ``None`` where it only lays out what others found.
        title: title of its section of the report; empty where its blocks belong to the overview.
        figures: ``figures(result)``.
        tables: ``tables(result)``.
        page: ``page(result, drawings by figure id)``.
    """

    id: str
    requires: tuple[str, ...]
    settings: type[S]
    result: type[Q]
    run: Callable[[Findings, S], Q]
    card: MethodCard | None = None
    title: str = ""
    figures: Callable[[Q], tuple[FigureSpec, ...]] = _no_study_figures
    tables: Callable[[Q], tuple[ResultTable, ...]] = _no_study_tables
    page: Callable[[Q, Mapping[str, Drawing]], tuple[Block, ...]] = drawings_alone


@dataclass(frozen=True, eq=False)
class StudyOutcome:
    """What came of a study method."""

    method: str
    status: Status
    result: Any = None
    error: CathodelabError | None = None


AnyMethod = Method[Any, Any]
AnyStudyMethod = StudyMethod[Any, Any]


def failed_checks(checks: Iterable[Check]) -> list[str]:
    """Names of the checks that failed, once each, in words; fatal ones first, and marked."""
    failed = sorted((check for check in checks if check.passed is False), key=lambda check: not check.fatal)
    return list(dict.fromkeys(f"{check.name.replace('_', ' ')}{' (fatal)' if check.fatal else ''}" for check in failed))


def is_usable(checks: Iterable[Check]) -> bool:
    """Whether no fatal check failed."""
    return not any(check.fatal and check.passed is False for check in checks)
