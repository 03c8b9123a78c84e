"""What is reported of a pellet, with the effects of all sources: conductivity, resistances, offset, bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.propagation import effects_at_once
from cathodelab.core.sources import Source
from cathodelab.techniques.conduction.model import ConductionSettings, Pellet
from cathodelab.techniques.conduction.results import Inputs, Resistance
from cathodelab.techniques.conduction.sources import perturbations, relative

_LIMIT_SIGMAS = 2.0
_PER = "area of the contacts and thickness of the pellet, pores included"


@dataclass(frozen=True)
class _Quantity:
    name: str
    unit: str
    per: str
    how: str


def estimates_of(
    inputs: Inputs,
    pellet: Pellet,
    found: Resistance,
    separator: tuple[str, Resistance] | None,
    settings: ConductionSettings,
) -> EstimateSet:
    """All estimates of one pellet.

    Args:
        inputs: what the chain starts from.
        pellet: geometry, and what the electrodes block.
        found: its evaluated staircase.
        separator: name and record of the separator cell, where there is one.
        settings: uncertainties that the table does not state.
    """
    quantities = _quantities(inputs, pellet, found)
    names = [one.name for one in quantities]

    def evaluate(at: Inputs) -> FloatArray:
        every = _chain(at, pellet.carrier)
        return np.stack(np.broadcast_arrays(*[np.asarray(every[name], dtype=float) for name in names]), axis=-1)

    sources = perturbations(inputs, pellet, found, separator, settings)
    values, effects = effects_at_once(evaluate, inputs, sources)
    plain = EstimateSet(
        tuple(names),
        values,
        tuple(one.unit for one in quantities),
        tuple(one.per for one in quantities),
        tuple(one.how for one in quantities),
        tuple(one.source for one in sources),
        effects,
    )
    return _with_bounds(plain, inputs, pellet, found, settings)


def _chain(at: Inputs, carrier: str) -> dict[str, float | FloatArray]:
    """Everything that follows from the inputs."""
    total = 1 / np.asarray(at.conductance_siemens)
    composite = total - at.separator_ohm
    geometry = np.asarray(at.thickness_um) * 1e-4 / at.area_cm2
    found: dict[str, float | FloatArray] = {
        "total_resistance": total,
        "areal_resistance": composite * at.area_cm2,
        "separator_resistance": at.separator_ohm,
        "offset_current": at.offset_ampere,
        "time_constant": at.time_constant_second,
        f"{carrier}_conductivity": geometry / composite,
    }
    for name, conductance in (("away", at.rising_siemens), ("back", at.falling_siemens)):
        found[f"{carrier}_conductivity_{name}"] = geometry / (1 / np.asarray(conductance) - at.separator_ohm)
    return found


def _quantities(inputs: Inputs, pellet: Pellet, found: Resistance) -> list[_Quantity]:
    """What is reported: no conductivity where only a bound is known."""
    at = "" if math.isnan(pellet.temperature_degC) else f" at {pellet.temperature_degC:g} °C"
    law = found.relaxation.law
    listed = []
    if found.is_number:
        extrapolated = "extrapolated " if found.state == "extrapolated" else ""
        how = f"slope of {extrapolated}steady currents against voltage{at}"
        listed.append(_Quantity("total_resistance", "ohm", "", f"inverse {how}"))
        if pellet.carrier:
            listed.append(_Quantity(f"{pellet.carrier}_conductivity", "S/cm", _PER, how))
            listed.append(_Quantity("areal_resistance", "ohm cm2", "area of the contacts", f"without separators{at}"))
            if math.isfinite(found.line.falling_siemens):
                for name, words in (("away", "away from 0 V"), ("back", "back to 0 V")):
                    listed.append(
                        _Quantity(f"{pellet.carrier}_conductivity_{name}", "S/cm", _PER, f"steps {words} alone{at}")
                    )
    if float(inputs.separator_ohm):
        listed.append(_Quantity("separator_resistance", "ohm", "", "of all separators and electrodes in series"))
    listed.append(_Quantity("offset_current", "A", "", "current at 0 V after all relaxation"))
    if law is not None:
        listed.append(_Quantity("time_constant", "s", "", f"{law.name}, fitted to the whole record"))
    return listed


def _with_bounds(
    plain: EstimateSet, inputs: Inputs, pellet: Pellet, found: Resistance, settings: ConductionSettings
) -> EstimateSet:
    """The same with an upper limit of the conductivity where there is no number, and of the contact resistance where there is."""
    names, units, pers, hows = (list(one) for one in (plain.names, plain.units, plain.pers, plain.hows))
    sources, values, effects = list(plain.sources), plain.values, plain.effects
    for name, unit, per, how, value in _bounds(plain, inputs, pellet, found, settings):
        names.append(name)
        units.append(unit)
        pers.append(per)
        hows.append(how)
        sources.append(Source(f"{pellet.id}/{name}", "only a bound is known", "range"))
        values = np.append(values, value)
        wider = np.zeros((values.size, len(sources)))
        wider[:-1, :-1] = effects
        wider[-1, -1] = -value
        effects = wider
    return replace(
        plain,
        names=tuple(names),
        values=values,
        units=tuple(units),
        pers=tuple(pers),
        hows=tuple(hows),
        sources=tuple(sources),
        effects=effects,
    )


def _bounds(
    plain: EstimateSet, inputs: Inputs, pellet: Pellet, found: Resistance, settings: ConductionSettings
) -> list[tuple[str, str, str, str, float]]:
    if not pellet.carrier:
        return []
    if found.is_number:
        value = plain.estimate("areal_resistance").value
        how = "one thickness: contacts make anything from nothing to the whole resistance"
        return [("contact_resistance_upper_limit", "ohm cm2", "area of the contacts", how, value)]
    highest = found.highest_siemens
    geometry = pellet.thickness.value * 1e-4 / pellet.area.value
    half = np.hypot(
        relative(pellet.thickness.plus, pellet.thickness.value, settings.thickness_relative_uncertainty),
        relative(pellet.area.plus, pellet.area.value, settings.area_relative_uncertainty),
    )
    value = geometry / (1 / highest - float(inputs.separator_ohm)) * (1 + _LIMIT_SIGMAS * float(half))
    why = "not steady" if found.state == "not steady" else "current below its uncertainty"
    how = f"{why}: upper limit (95 %)"
    return [(f"{pellet.carrier}_conductivity_upper_limit", "S/cm", _PER, how, float(value))]
