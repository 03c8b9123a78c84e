"""Resistance of each part of a cell during cycling, from impedance spectra at a similar state of charge or as stated.

The cathode's resistance depends on the state of charge, so only spectra near the middle of the discharge speak for it; anode and
separator keep theirs, and every spectrum speaks for them. A part that no spectrum shows and nobody states stays
unknown; it is never taken as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cathodelab.core.samples import Cell
from cathodelab.core.sources import SQRT3, Source
from cathodelab.techniques.cycling.cycle_totals import stated
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult
from cathodelab.techniques.impedance.resistances.roles import role_names

PARTS = ("cathode", "anode", "separator", "cathode and anode")
_ANY_STATE = ("anode", "separator")
_RAIL_SHARE = 1 / 3
"""With a uniform reaction a rail of a transmission line acts with a third of its resistance (from its Joule heat)."""
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class PartResistance:
    """Resistance of one part, ohm (of the whole cell area, so that current times resistance is a potential).

    Args:
        value: ``nan`` where it is unknown.
        effects: effect of one standard uncertainty of each source, ohm.
        source: its origin in words, or why it is unknown.
        adequate: whether the circuits describe the spectra; otherwise intervals are meaningless.
    """

    value: float
    effects: Mapping[Source, float]
    source: str
    adequate: bool = True

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return bool(np.isfinite(self.value))


def part_resistances(
    cell: Cell, impedance: ImpedanceResult | None, middle_volt: float, like_volt: float, change_over_discharge: float
) -> dict[str, PartResistance]:
    """Resistance of cathode, anode and separator, and of cathode and anode together where spectra show only their sum.

    Args:
        cell: columns ``cathode_resistance_ohm_cm2`` and so on stand in for what no spectrum shows.
        impedance: result of the cell's spectra, if there are any.
        middle_volt: potential in the middle of the discharge, against the counter electrode, V.
        like_volt: spectra within this distance count as being at a similar state of charge.
        change_over_discharge: limit of the relative difference of the cathode's mean resistance over a discharge.
    """
    found = {
        part: _from_spectra(cell, impedance, part, middle_volt, like_volt, change_over_discharge) for part in PARTS
    }
    for part, one in found.items():
        value = stated(cell, f"{part}_resistance_ohm_cm2") / stated(cell, "area_cm2")
        if not one.known and np.isfinite(value):
            half = stated(cell, f"{part}_resistance_standard_uncertainty_ohm_cm2") / stated(cell, "area_cm2")
            source = Source(
                f"{cell.id}/{part} resistance", f"{part} resistance as stated", "standard", "measure it again"
            )
            how = "as stated for the cell" + ("" if np.isfinite(half) else ", without uncertainty")
            found[part] = PartResistance(value, {source: half}, how)
    if found["cathode"].known and found["anode"].known:
        found["cathode and anode"] = PartResistance(_NAN, {}, "told apart")
    return found


def _from_spectra(
    cell: Cell, impedance: ImpedanceResult | None, part: str, middle: float, like: float, change: float
) -> PartResistance:
    if impedance is None:
        return PartResistance(_NAN, {}, "no impedance spectra and no stated resistance")
    showing = [(one, rows) for one in impedance.spectra if (rows := _rows(impedance, one, part))]
    if not showing:
        return PartResistance(_NAN, {}, "no spectrum shows it apart")
    chosen = showing
    if part not in _ANY_STATE:
        chosen = [(one, rows) for one, rows in showing if abs(one.spectrum.potential_volt - middle) <= like]
        if not chosen:
            return PartResistance(_NAN, {}, _unlike([one for one, _ in showing], middle, like))
    sound = [pair for pair in chosen if pair[0].chosen.adequate]
    return _mean(cell, impedance, part, sound or chosen, change, adequate=bool(sound))


def _rows(impedance: ImpedanceResult, one: EvaluatedSpectrum, part: str) -> dict[str, float]:
    """Estimates of one spectrum that make up a part's resistance -> the share of each that counts."""
    suffix = f"_{one.spectrum.number}" if len(impedance.spectra) > 1 else ""
    wanted = {"separator": ("separator", "series")}.get(part, (part,))
    rows = {}
    for name, role in zip(role_names(one.roles), one.roles, strict=True):
        if role.role in wanted:
            rows[name + suffix] = 1.0
        elif part == "cathode" and role.role in ("ionic rail", "electronic rail"):
            rows[name + suffix] = _RAIL_SHARE
    rails_alone = part == "cathode" and rows and all(share < 1 for share in rows.values())
    return {} if rails_alone else rows


def _unlike(showing: list[EvaluatedSpectrum], middle: float, like: float) -> str:
    volts = np.array([one.spectrum.potential_volt for one in showing])
    if not np.isfinite(volts).any():
        return "the state of charge of the spectra is unknown (no potential beside them)"
    low, high = float(np.nanmin(volts)), float(np.nanmax(volts))
    where = f"{low:.2f} V" if high - low < 0.01 else f"{low:.2f} to {high:.2f} V"
    return (
        f"its spectra were taken at {where}, none within {like:g} V of the middle of the discharge ({middle:.2f} V), and it "
        "changes with the state of charge"
    )


def _mean(
    cell: Cell,
    impedance: ImpedanceResult,
    part: str,
    chosen: list[tuple[EvaluatedSpectrum, dict[str, float]]],
    change: float,
    *,
    adequate: bool,
) -> PartResistance:
    """Mean over the spectra; their differences and the change over a discharge are additional errors."""
    estimates, area = impedance.estimates, impedance.area_cm2
    values = np.array(
        [sum(share * estimates.estimate(name).value for name, share in rows.items()) / area for _, rows in chosen]
    )
    lines = sum(
        share * estimates.effects[estimates.names.index(name)] for _, rows in chosen for name, share in rows.items()
    )
    effects = {
        source: float(effect) / area / len(chosen)
        for source, effect in zip(estimates.sources, np.asarray(lines), strict=True)
        # current times resistance does not depend on the area; effects of fits that are not used are zero
        if source.id != f"{cell.id}/area" and effect != 0
    }
    value = float(values.mean())
    if values.size > 1:
        spread = Source(
            f"{cell.id}/{part} resistance over its spectra", f"{part} resistance differs between spectra", "standard",
            "take the spectra at one state of charge",
        )  # fmt: skip
        effects[spread] = float(np.std(values, ddof=1))
    if part not in _ANY_STATE:
        state = Source(
            f"{cell.id}/{part} resistance over the discharge", "resistance changes over the discharge", "limit",
            "take spectra at several states of charge",
        )  # fmt: skip
        effects[state] = change * value / SQRT3
    numbers = [one.spectrum.number for one, _ in chosen]
    text = f"spectrum {numbers[0]}" if len(numbers) == 1 else f"mean of {len(numbers)} spectra"
    if part == "separator" and any(role.role == "series" for one, _ in chosen for role in one.roles):
        text += "; they end below 100 kHz, so contacts and whatever is fast are in it"
    if not adequate:
        text += "; no circuit describes them, so there is no interval"
    return PartResistance(value, effects, text, adequate)
