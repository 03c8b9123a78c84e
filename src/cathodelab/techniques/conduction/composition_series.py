"""Percolation of a study: pellets of several compositions, their threshold and law, as table, figure and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import NotInRecord, OtherData
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Finding, Findings, MethodCard, StudyMethod
from cathodelab.core.settings import knob
from cathodelab.core.sources import Source
from cathodelab.techniques.conduction.composition_shown import figures, page, tables
from cathodelab.techniques.conduction.percolation import PowerLaw, Series, Threshold, power_law, threshold_of
from cathodelab.techniques.conduction.results import ConductionResult
from cathodelab.techniques.conduction.series_model import CompositionSeries, PercolationResult
from cathodelab.techniques.conduction.verdicts import bad, good, unsure

COLUMN, SERIES = "conductor_vol_percent", "composition_series"
_NUMBER, _LIMIT = "electronic_conductivity", "electronic_conductivity_upper_limit"
_FEWEST_COMPOSITIONS = 2
_OUTSTANDING = 300.0
_USUAL_EXPONENTS = (1.0, 4.0)
_PER = "vol% of the conductor as stated"


@dataclass(frozen=True)
class PercolationSettings:
    """What counts as conducting."""

    conducting_factor: float = knob(
        3.0,
        "a pellet conducts if it does so more than this many times better than those with the least conductor, and beyond "
        "their scatter",
        unit="1",
        low=1.5,
        high=1e6,
    )
    least_rise: float = knob(
        100.0, "least rise of the conductivity over a series with a threshold", unit="1", low=2, high=1e9
    )


def percolation(findings: Findings, settings: PercolationSettings) -> PercolationResult:
    """Threshold and law of every series of a study.

    Raises:
        OtherData: no series of two compositions.
    """
    members: dict[str, list[tuple[float, Finding[ConductionResult]]]] = {}
    for one in findings.of.get("conduction", ()):
        share = one.sample.number(COLUMN)
        if np.isfinite(share) and (_NUMBER in one.estimates or _LIMIT in one.estimates):
            members.setdefault(one.sample.word(SERIES), []).append((share, one))
    several = {
        name: found for name, found in members.items() if len({share for share, _ in found}) >= _FEWEST_COMPOSITIONS
    }
    if not several:
        raise OtherData(
            "nothing-to-compare",
            "No series of compositions has an electronic conductivity",
            where="the whole study",
            why=f"A percolation threshold lies between compositions, which the column {COLUMN} states.",
            what_to_do="Nothing, unless pellets differ in their conductor; then state its share.",
        )
    found = tuple(_series(name, one, settings) for name, one in several.items())
    return PercolationResult(found, tuple(check for one in found for check in one.checks))


def _series(
    name: str, members: Sequence[tuple[float, Finding[ConductionResult]]], settings: PercolationSettings
) -> CompositionSeries:
    series = _collected(members)
    pellets = tuple(one.sample.id for _, one in members)
    half = np.array([_half(one) for _, one in members])
    try:
        threshold = threshold_of(series, settings.conducting_factor, settings.least_rise)
    except NotInRecord as error:
        check = unsure("percolation threshold", f"{_named(name)}{error.what}. {error.why}")
        return CompositionSeries(name, pellets, series, half, None, None, None, (check,))
    law, why = None, ""
    try:
        law = power_law(series, threshold)
    except NotInRecord as error:
        why = f"{error.what}: no exponent is given. {error.why}"
    estimates = _estimates(name, threshold, law)
    checks = tuple(_checks(name, pellets, series, threshold, law, why))
    return CompositionSeries(name, pellets, series, half, threshold, law, estimates, checks)


def _collected(members: Sequence[tuple[float, Finding[ConductionResult]]]) -> Series:
    limits = np.array([_NUMBER not in one.estimates for _, one in members])
    values = [one.estimates.estimate(_LIMIT if _NUMBER not in one.estimates else _NUMBER).value for _, one in members]
    return Series(np.array([share for share, _ in members]), np.array(values), limits)


def _half(one: Finding[ConductionResult]) -> float:
    return one.estimates.estimate(_NUMBER).plus if _NUMBER in one.estimates else float("nan")


def _estimates(name: str, threshold: Threshold, law: PowerLaw | None) -> EstimateSet:
    """Threshold, and where there is a law exponent and factor: correlated, as the data leave them."""
    prefix = f"percolation{'/' + name if name else ''}"
    if law is None:
        middle, half = (threshold.low + threshold.high) / 2, (threshold.high - threshold.low) / 2
        between = (
            Source(f"{prefix}/between, below", "no composition in between", "range", "measure compositions in between"),
            Source(f"{prefix}/between, above", "no composition in between", "range", "measure compositions in between"),
        )
        how = "between the last composition that does not conduct and the first that does; nothing says where"
        return EstimateSet(
            ("percolation_threshold",),
            np.array([middle]),
            ("vol%",),
            (_PER,),
            (how,),
            between,
            np.array([[-half - threshold.hidden, half]]),
        )
    names = ("percolation_threshold", "percolation_exponent", "percolation_log_factor")
    values = np.array([law.threshold, law.exponent, law.log_factor])
    how = "ln σ against ln(p − p_c), all thresholds between the two compositions weighed by the probability of the data"
    sources = tuple(
        Source(
            f"{prefix}/scatter of pellets {number}",
            "scatter of pellets",
            "standard",
            "measure more pellets near the threshold",
        )
        for number in (1, 2, 3)
    )
    return EstimateSet(
        names, values, ("vol%", "1", "1"), (_PER, "", "ln of S/cm"), (how,) * 3, sources, _root(law.covariance)
    )


def _root(covariance: FloatArray) -> FloatArray:
    """Effects whose products give the covariance."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _checks(
    name: str, pellets: Sequence[str], series: Series, threshold: Threshold, law: PowerLaw | None, why: str
) -> list[Check]:
    where = _named(name)
    said = (
        f"{where}the threshold lies between {threshold.low:g} and {threshold.high:g} vol%: the conductivity rises by a factor of "
        f"{threshold.factor:.2g} there. That of a thin coating may be lower: few particles bridge it."
    )
    checks = [good("percolation threshold", said, threshold.high - threshold.low)]
    if threshold.between:
        listed = ", ".join(f"{one:g}" for one in threshold.between)
        checks.append(
            unsure("pellets of one composition", f"{where}at {listed} vol% some pellets conduct and some do not.")
        )
    if law is None:
        checks.append(unsure("percolation exponent", f"{where}{why}"))
    else:
        low, high = _USUAL_EXPONENTS
        inside = low <= law.exponent <= high
        sentence = (
            f"{where}exponent {law.exponent:.2f} (three dimensions: 2.0); pellets scatter by {100 * law.scatter:.0f} %"
        )
        checks.append(
            good("percolation exponent", f"{sentence}.", law.exponent)
            if inside
            else bad(
                "percolation exponent",
                f"{sentence}. No network has it: compositions or pellets are mixed up.",
                law.exponent,
            )
        )
    checks += _outstanding(where, pellets, series)
    return checks


def _outstanding(where: str, pellets: Sequence[str], series: Series) -> list[Check]:
    """Pellets that differ from others of their composition by a factor that only units make."""
    found = []
    for share in np.unique(series.share):
        same = np.flatnonzero(np.isclose(series.share, share) & ~series.limit)
        if same.size < 2:
            continue
        logs = np.log(series.conductivity[same])
        far = np.abs(logs - np.median(logs)) if same.size > 2 else np.abs(logs - logs.min())
        for place in same[far > np.log(_OUTSTANDING)]:
            factor = float(np.exp(np.max(far)))
            found.append(
                bad(
                    "scale beside its neighbours",
                    f"{where}{pellets[int(place)]} differs from pellets of the same composition by a factor of {factor:.0f}: "
                    "check "
                    "whether mA was taken for A, or mV for V.",
                    factor,
                    _OUTSTANDING,
                )
            )
    return found


def _named(name: str) -> str:
    return f"{name}: " if name else ""


CARD = MethodCard(
    title="Percolation along a series of compositions",
    sentence="From which share of an additive on its particles connect through a pellet, and how the conductivity rises beyond.",
    formula="σ = s·(p − p_c)^t above p_c; p_c between the last composition that does not conduct and the first that does; a "
    "line of "
    "ln σ against ln(p − p_c) for every p_c, weighed by the probability of the data.",
    source="Kirkpatrick, Rev. Mod. Phys. 45 (1973) 574. Series of carbon black in electrolyte: Kissel et al., Nat. Commun. 2026 "
    "(10.1038/s41467-026-71305-2; chapter 4 of the source dissertation), threshold between 2 and 5 wt%. Weighing: this project.",
    assumptions=(
        "Pellets of one series differ in nothing but the share of the conductor.",
        "Pellets scatter alike, in the logarithm, at all compositions that conduct.",
        "The law holds for all compositions above the threshold; it is proven only close to it.",
    ),
    valid_range="Three compositions on each side of the threshold for an exponent; two compositions for a threshold between "
    "them.",
    cannot_see="A finite pellet has no sharp threshold, and a thin coating a lower one (across it) than a pellet. A threshold "
    "that "
    "lies just below a composition leaves it as it is: the network is too thin there. Shares in wt% and vol% have different "
    "thresholds; they are taken as stated.",
)
PERCOLATION = StudyMethod(
    id="percolation",
    requires=("conduction",),
    settings=PercolationSettings,
    result=PercolationResult,
    run=percolation,
    card=CARD,
    title="Percolation",
    figures=figures,
    tables=tables,
    page=page,
)
