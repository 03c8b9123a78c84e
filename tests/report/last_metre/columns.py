"""How each column of each table comes from the object of its row, under the heads that csv files and workbook give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

Getter = Callable[[Any], Any]


def _at(name: str) -> Getter:
    """An attribute by its dotted name."""

    def getter(one: Any) -> Any:
        for part in name.split("."):
            one = getattr(one, part)
        return one

    return getter


def _getters(**names: str) -> dict[str, Getter]:
    return {head.replace("__", " "): _at(name) for head, name in names.items()}


ESTIMATES = {
    **_getters(kind="kind", sample="sample", group="group", method="method", estimate="name"),
    **{name: _at(f"estimate.{name}") for name in ("value", "minus", "plus", "unit", "per", "level", "how")},
}
CHECKS = {
    **_getters(kind="kind", sample="sample", cell="sample", method="method", value="check.value"),
    **_getters(name="check.name", check="check.name"),
    **_getters(limit="check.limit", passed="check.passed", sentence="check.sentence"),
    "passed (empty: cannot tell)": _at("check.passed"),
    "weight": lambda one: "fatal" if one.check.fatal else "caution",
    "what was found": _at("check.sentence"),
}
OUTCOMES = {
    **_getters(kind="kind", sample="sample", method="method", status="status"),
    **{
        head: partial(lambda name, one: getattr(one.error, name, ""), name)
        for head, name in (("code", "code"), ("what", "what"), ("where", "where"), ("why", "why"))
    },
    "what to do": lambda one: getattr(one.error, "what_to_do", ""),
}
WINDOWS = {
    **_getters(cell="cell", window="piece.number", utilization="more.value", minus="more.minus", plus="more.plus"),
    **{
        head: _at(name)
        for heads, name in (
            (("potential_1_volt_vs_lithium", "E1 vs. Li+/Li / V"), "piece.potential_1_volt"),
            (("potential_2_volt_vs_lithium", "E2 vs. Li+/Li / V"), "piece.potential_2_volt"),
            (("cell_charge_mAh", "charge of the cell / mAh"), "piece.cell_charge_mAh"),
            (("reference_charge_mAh_g", "charge of the reference / mAh/g"), "piece.reference_charge_mAh_g"),
            (("utilization / 1",), "more.value"),
            (("minus / 1",), "more.minus"),
            (("plus / 1",), "more.plus"),
            (("dropped_because", "dropped because"), "piece.dropped"),
        )
        for head in heads
    },
    "used": lambda one: not one.piece.dropped,
}
BUDGET = {
    "kind": lambda _: "cell",
    "sample": _at("cell"),
    "estimate": _at("more"),
    **dict.fromkeys(("source", "source of error"), _at("piece.group")),
    "minus": _at("piece.minus"),
    "plus": _at("piece.plus"),
    "unit": lambda _: "1",
    **dict.fromkeys(("share", "share of the variance"), _at("piece.share")),
    **dict.fromkeys(("halving", "what would help"), _at("piece.halving")),
}


def _side(which: str, place: int) -> dict[str, Getter]:
    """Columns of one of two resistances that are compared."""
    side = "second" if place else "first"
    return {
        f"{which}cell": _at(f"{side}.cell"),
        f"{which}spectrum": _at(f"{side}.number"),
        f"{which}resistance_ohm_cm2": _at(f"{side}.resistance"),
        f"{which}resistance_standard_ohm_cm2": lambda pair: (
            getattr(pair, side).resistance * getattr(pair, side).relative_standard
        ),
        f"{which}charge_mAh_g": lambda pair: pair.states[place].charge_mAh_g,
        f"{which}charge_standard_mAh_g": lambda pair: pair.states[place].charge_standard_mAh_g,
        f"{which}potential_volt": _at(f"{side}.potential_volt"),
        f"{which}counter_electrode": _at(f"{side}.counter_electrode"),
        f"{which}relaxed": lambda pair: getattr(pair, side).rest_second >= 3600,
    }


PAIRS = {
    **_side("", 1),
    **_side("against_", 0),
    **_getters(verdict="outcome.verdict", ratio_at_one_state="outcome.ratio", correction_factor="outcome.correction"),
    "ratio_standard": lambda pair: pair.outcome.ratio * pair.outcome.ratio_standard,
    "sentence": _at("outcome.sentence"),
}


def cycle_getters(table: Any) -> dict[str, Getter]:
    """Columns of a table of cycles: each quantity in its unit, and its standard uncertainty."""
    blocks = ("formation", "rate test", "check-up", "cycling", "partial")
    found: dict[str, Getter] = {
        "cell": _at("cell"),
        "cycle": lambda one: one.piece.number[one.more],
        "block": lambda one: blocks[one.piece.block[one.more]],
        "rate group": lambda one: one.piece.rate_group[one.more],
        "start / h": lambda one: one.piece.start_hour[one.more],
        "charge whole": lambda one: bool(one.piece.charge_full[one.more]),
        "discharge whole": lambda one: bool(one.piece.discharge_full[one.more]),
    }
    for row, (name, unit) in enumerate(zip(table.names, table.units, strict=True)):
        head = name if unit == "1" else f"{name} / {unit}"
        found[head] = partial(lambda row, one: one.piece.values[row, one.more], row)
        found[f"± {head}"] = partial(lambda row, one: np.linalg.norm(one.piece.effects[row, one.more]), row)
    return found


FEATURES = {
    "cell": _at("cell"),
    "cycle": lambda one: one.piece.cycle[one.more],
    "direction": lambda one: "charge" if one.piece.direction[one.more] > 0 else "discharge",
    "feature": lambda one: one.piece.feature[one.more],
    "status": lambda one: ("resolved", "not resolved", "not reached")[int(one.piece.status[one.more])],
    "position / V": lambda one: one.piece.position_volt[one.more],
    "± position / V": lambda one: one.piece.position_standard_volt[one.more],
    "height / mAh/V": lambda one: one.piece.height_mAh_V[one.more],
    "± height / mAh/V": lambda one: one.piece.height_standard_mAh_V[one.more],
    "charge under it / mAh": lambda one: one.piece.charge_mAh[one.more],
    "± charge / mAh": lambda one: one.piece.charge_standard_mAh[one.more],
}
STEPS = {
    "cell": _at("cell"),
    "step": lambda one: one.more + 1,
    "kind": lambda one: ("rest", "charge", "discharge", "hold", "impedance", "pause")[int(one.piece.kind[one.more])],
    "first row": lambda one: one.piece.first_row[one.more] + 1,
    "last row": lambda one: one.piece.end_row[one.more],
    "duration / s": lambda one: one.piece.seconds[one.more],
    "charge / mAh": lambda one: one.piece.charge_mAh[one.more],
    "current / mA": lambda one: one.piece.current_mA[one.more],
    "start / V": lambda one: one.piece.start_volt[one.more],
    "end / V": lambda one: one.piece.end_volt[one.more],
}


def _parameter(one: Any) -> tuple[str, float, float, str]:
    """Name, value, standard uncertainty and unit of a parameter, or of the Q of an arc (by the slice of its arc)."""
    fit, place = one.piece.chosen.fit, one.more
    if isinstance(place, slice):
        log_r, log_tau, n = fit.theta[place]
        slopes = np.array([-1.0, n, log_tau])
        value = float(np.exp(log_tau) ** n / np.exp(log_r))
        name = f"Q_{fit.circuit.names[place.start].split('_')[-1]}"
        return name, value, value * float(np.sqrt(slopes @ fit.covariance[place, place] @ slopes)), "F s^(n-1)"
    kind = fit.circuit.parameters[place]
    value = fit.values[fit.circuit.names[place]]
    scale = 1.0 if kind.kind == "exponent" else value
    return fit.circuit.names[place], value, scale * float(np.sqrt(fit.covariance[place, place])), kind.unit


def _parameter_note(one: Any) -> str:
    if isinstance(one.more, slice):
        return "tau^n / R"
    return "at its bound" if _parameter(one)[0] in one.piece.chosen.fit.at_bound else ""


def _parameter_standard(one: Any) -> float | None:
    known = one.piece.chosen.adequate and _parameter_note(one) != "at its bound"
    return _parameter(one)[2] if known else None


PARAMETERS = {
    "cell": _at("cell"),
    "spectrum": _at("piece.spectrum.number"),
    **dict.fromkeys(("potential_volt", "potential / V"), _at("piece.spectrum.potential_volt")),
    "circuit": _at("piece.chosen.fit.circuit.expression"),
    "parameter": lambda one: _parameter(one)[0],
    "value": lambda one: _parameter(one)[1],
    **dict.fromkeys(("standard_uncertainty", "standard uncertainty"), _parameter_standard),
    "unit": lambda one: _parameter(one)[3],
    "note": _parameter_note,
}


def _three(head: str, name: str) -> dict[str, Getter]:
    return {f"{head}{end}": _at(f"{name}.{part}") for end, part in (("", "value"), (" low", "low"), (" high", "high"))}


SCATTER = {
    **_getters(metric="metric", rate="rate", unit="unit", procedure="procedure"),
    **_getters(cells="components.cells", batches="components.batches"),
    **_three("mean", "components.mean"),
    **_three("sd within", "components.sd_within"),
    **_three("sd between", "components.sd_between"),
    "sd total": _at("components.sd_total.value"),
    **{
        f"variation {part} / %": partial(
            lambda part, one: 100 * getattr(one.components, f"sd_{part}").value / one.components.mean.value,
            part,
        )
        for part in ("within", "between", "total")
    },
    "sd of all cells": _at("components.sd_pooled"),
    "sd by weighing alone": _at("weighing_sd"),
    "far out": lambda one: ", ".join(one.outliers),
    "left out": lambda one: ", ".join(one.left_out),
    **_three("mean of all", "mean_of_all"),
}


DEGREES = {
    **_getters(batch="batch", quantity="quantity.name", unit="quantity.unit", mean="mean"),
    "cells": lambda one: len(one.cells),
    "± mean": _at("standard"),
    "sd between cells": _at("sd"),
}


STACK_STEPS: Mapping[str, Getter] = {
    "cell": itemgetter(0),
    "step": itemgetter(1),
    "specific energy / Wh/kg": lambda one: one[2].specific_energy_Wh_kg,
    "anode / mg": lambda one: one[2].anode_mg,
    "separator / mg": lambda one: one[2].separator_mg,
    "composite / mg": lambda one: one[2].composite_mg,
    "charge / mAh": lambda one: one[2].charge_mAh,
    "mean potential of the cathode / V": lambda one: one[2].cathode_volt,
    "potential of the anode / V": lambda one: one[2].anode_volt,
}


def _needed(size: float, end: str, one: Any) -> float:
    """Batches that are needed; none where the number is above the cap or unknown."""
    return float(getattr(dict(one.batches_needed)[size], end))


def comparison_getters(sizes: Sequence[float]) -> dict[str, Getter]:
    """Columns of compared procedures."""
    return {
        **_getters(metric="metric", rate="rate", first="first", second="second"),
        **_three("ratio", "difference.ratio_of_scatter"),
        "ratio of scatter": _at("difference.ratio_of_scatter.value"),
        "difference": _at("difference.difference.value"),
        "low": _at("difference.difference.low"),
        "high": _at("difference.difference.high"),
        "probability": _at("difference.probability"),
        **{
            f"batches of 3 cells to see {size:g}{head}": partial(_needed, size, end)
            for size in sizes
            for head, end in (("", "value"), (", low", "low"), (", high", "high"))
        },
    }


DIFFERENCES = {
    **_getters(metric="metric", rate="rate", unit="unit", first="first", second="second"),
    **_getters(low="found.low", high="found.high"),
    "first minus second": _at("found.value"),
    "difference of": _at("found.level"),
    "cells of first": lambda one: one.found.cells[0],
    "cells of second": lambda one: one.found.cells[1],
    "composites of first": lambda one: one.found.composites[0],
    "composites of second": lambda one: one.found.composites[1],
    "of it by shared errors": _at("found.shared"),
}
CORRELATIONS = {
    "metric": lambda one: one[0],
    "with": lambda _: "static utilization",
    "rate": lambda one: one[1],
    "cells": lambda one: one[2].cells,
    "r observed": lambda one: one[2].observed,
    "R2": lambda one: one[2].observed ** 2,
    "r from weighing only": lambda one: one[2].weighing_only,
    "r corrected": lambda one: one[2].corrected,
    "null band low": lambda one: one[2].null_low,
    "null band high": lambda one: one[2].null_high,
    "beyond the null band": lambda one: (
        None if np.isnan(one[2].observed) else not one[2].null_low <= one[2].observed <= one[2].null_high
    ),
}
CAUSES = ("static", "cathode", "anode", "separator", "cathode and anode", "unexplained")
LOSSES = {
    "cell": _at("cell"),
    **_getters(rate="piece.rate"),
    "C-rate / 1/h": _at("piece.c_rate"),
    "gross / mAh/g": _at("piece.gross"),
    **{f"{cause} / mAh/g": _at(f"piece.{cause.replace(' ', '_')}") for cause in CAUSES},
    **{
        f"± {cause} / mAh/g": partial(lambda cause, one: one.piece.standard[cause.replace(" ", "_")], cause)
        for cause in CAUSES
    },
    "told apart by": _at("more"),
}
BATCH_CHECKS = {
    **_getters(check="name", passed="passed", value="value", limit="limit", sentence="sentence"),
}
