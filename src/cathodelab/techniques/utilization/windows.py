"""Which relaxed points and windows are used, by stated criteria, and why the others are not.

A window is never dropped because its utilization disagrees with the others: that is the check ``windows_agree``.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from cathodelab.core.errors import FILES, CathodelabError, Hint, NotInRecord
from cathodelab.techniques.utilization.curve import ReferenceCurve
from cathodelab.techniques.utilization.model import PointVerdict, Titration, UtilizationSettings, Window

_MILLIVOLT = 1e-3
_LEAST_APART_VOLT = 1e-3  # branches nearer than this are one within the error of an instrument
_LEFT_VOLT, _UNSEEN_TURNING = (
    0.5e-3,
    0.01,
)  # what of the distance may be left; a turning within 1 % of the charge is not seen


def point_verdicts(
    cell: Titration, reference: Titration, offset_volt: float, settings: UtilizationSettings
) -> tuple[PointVerdict, ...]:
    """Which relaxed points of the cell lie outside the reference, and which should not be used."""
    curve = np.sort(reference.potential_volt)
    slopes, noise = (np.abs(one) * 1e6 for one in cell.end_slopes)
    points = zip(cell.potential_volt + offset_volt, slopes - 2 * noise, slopes, strict=True)
    found = [_verdict(float(u), surely, slope, curve, settings) for u, surely, slope in points]
    turning = _turning(cell, reference, offset_volt)
    pairs = zip(found, turning, strict=True)
    return tuple(replace(one, fault=one.fault or fault) if not one.outside else one for one, fault in pairs)


def _turning(cell: Titration, reference: Titration, offset_volt: float) -> list[str]:
    """What is held against the points of a discharge that still lie on the way from the charge branch to it; else empty.

    The reference turned elsewhere, so there the two do not lie on one branch.
    """
    found, u = reference.self_discharge, cell.potential_volt + offset_volt
    if cell.direction != "discharge" or found is None:
        return [""] * u.size
    apart = 2 * found.hysteresis_volt
    if apart < max(_LEAST_APART_VOLT, 4 * found.hysteresis_standard_volt):
        return [""] * u.size
    gone = _share_since_reversal(cell, reference, u)
    needed = max(found.turning, _UNSEEN_TURNING) * float(np.log(apart / _LEFT_VOLT))
    text = (
        f"lies within {100 * needed:.0f} % of the charge after the reversal: the cell still goes over from the charge branch to "
        f"that of discharge, {1e3 * apart:.0f} mV apart"
    )
    return [f"{volt:.3f} V {text}" if share < needed else "" for volt, share in zip(u, gone, strict=True)]


def _share_since_reversal(cell: Titration, reference: Titration, u: np.ndarray) -> np.ndarray:
    """Charge of the cell since its first point, over that of the whole reference at the cell's scale, (points,).

    The cell's own charge tells, not its potentials: on the way from branch to branch these run ahead of the charge. Its scale is
    the median over the neighbouring points.
    """
    of_cell = np.abs(np.diff(cell.charge_mAh))
    of_reference = np.abs(np.diff(np.interp(u, reference.potential_volt, reference.charge_mAh)))
    inside = of_reference > 0
    if not inside.any():
        return np.zeros(u.size)
    scale = float(np.median(of_cell[inside] / of_reference[inside]))
    return np.asarray(np.abs(cell.charge_mAh - cell.charge_mAh[0]) / (scale * float(np.ptp(reference.charge_mAh))))


def _verdict(u: float, surely: float, slope: float, curve: np.ndarray, settings: UtilizationSettings) -> PointVerdict:
    """``surely``: the end-of-rest slope less twice its noise, µV/s."""
    if not curve[0] <= u <= curve[-1]:
        span = f"{curve[0]:.3f}-{curve[-1]:.3f} V vs. Li⁺/Li"
        return PointVerdict(f"{u:.3f} V lies outside the reference ({span})", "", rest_judged=False)
    edge = settings.reference_edge_points
    if min(int(np.sum(curve < u)), int(np.sum(curve > u))) <= edge:
        fault = f"{u:.3f} V lies within the {edge + 1} outermost points of the reference"
        return PointVerdict("", fault, rest_judged=False)
    if u > settings.upper_potential_volt:
        fault = f"{u:.3f} V lies above the limit of {settings.upper_potential_volt:g} V vs. Li⁺/Li"
        return PointVerdict("", fault, rest_judged=False)
    limit = settings.end_of_rest_slope_limit
    fault = f"not relaxed at {u:.3f} V: {slope:.2f} µV/s at the end of the rest, limit {limit:g} µV/s"
    return PointVerdict("", fault if surely > limit else "", rest_judged=True)


def windows_of(
    cell: Titration,
    curve: ReferenceCurve,
    reference_mass_mg: float,
    offset_volt: float,
    verdicts: tuple[PointVerdict, ...],
    settings: UtilizationSettings,
) -> tuple[Window, ...]:
    """All windows inside the reference, numbered from 1, with the reason where a criterion drops one.

    Windows lie between neighbouring relaxed potentials. Where most of these are too narrow (a whole titration of the cell,
    curve against curve), a window reaches over as many points as it needs; all of them enter the joint fit.

    Raises:
        CathodelabError: no two neighbouring relaxed potentials inside the reference; or the chosen numbers do not exist.
    """
    u = cell.potential_volt + offset_volt
    inside = [i for i in range(u.size - 1) if not verdicts[i].outside and not verdicts[i + 1].outside]
    spans = [(i, i + 1) for i in inside]
    chosen = bool(settings.windows) or settings.mode == "published"
    if not chosen and sum(_too_narrow(curve, u[i], u[j], settings) for i, j in spans) > len(spans) / 2:
        spans = _joined(curve, u, inside, verdicts, settings)
    windows = []
    for number, (i, j) in enumerate(spans, start=1):
        charges = curve.charge(u[[i, j]])
        reason = verdicts[i].fault or verdicts[j].fault
        if not reason and _too_narrow(curve, u[i], u[j], settings):
            reason = (
                f"too flat or too narrow: 1 mV at both ends changes it by {100 * _per_millivolt(curve, u[i], u[j]):.1f} %, "
                f"limit {100 * settings.window_sensitivity_limit:g} %"
            )
        if chosen:  # the published evaluation averages all windows unless told otherwise
            left_out = settings.windows and number not in settings.windows
            reason = "not among the windows chosen in the settings" if left_out else ""
        windows.append(
            Window(
                number=number,
                first_point=i,
                last_point=j,
                potential_1_volt=float(u[i]),
                potential_2_volt=float(u[j]),
                cell_charge_mAh=float(cell.charge_mAh[j] - cell.charge_mAh[i]),
                reference_charge_mAh_g=float(charges[1] - charges[0]) / reference_mass_mg * 1000,
                dropped=reason,
            )
        )
    if cell.of_cycles and not windows:
        raise _no_titration(u, curve)
    _refuse_unusable(windows, u, reference_range=(curve.potential_volt[0], curve.potential_volt[-1]), settings=settings)
    return tuple(windows)


def windows_outside(
    cell: Titration, offset_volt: float, verdicts: tuple[PointVerdict, ...], inside: int
) -> tuple[Window, ...]:
    """Windows with an end outside the reference: never used, and listed with their charge; numbered behind those inside.

    Args:
        cell: its relaxed points.
        offset_volt: of its counter electrode against Li+/Li.
        verdicts: of each point.
        inside: how many windows lie inside.
    """
    u = cell.potential_volt + offset_volt
    found: list[Window] = []
    for i, pair in enumerate(pairwise(verdicts)):
        reasons = dict.fromkeys(one.outside for one in pair if one.outside)
        if reasons:
            found.append(
                Window(
                    number=inside + len(found) + 1,
                    first_point=i,
                    last_point=i + 1,
                    potential_1_volt=float(u[i]),
                    potential_2_volt=float(u[i + 1]),
                    cell_charge_mAh=float(cell.charge_mAh[i + 1] - cell.charge_mAh[i]),
                    reference_charge_mAh_g=float("nan"),
                    dropped="; ".join(reasons),
                )
            )
    return tuple(found)


def _per_millivolt(curve: ReferenceCurve, first_volt: float, last_volt: float) -> float:
    """By which fraction 1 mV at both ends changes a window."""
    pair = np.array([first_volt, last_volt])
    charges = curve.charge(pair)
    both = float(np.sqrt(np.sum(curve.slope(pair) ** 2))) * _MILLIVOLT
    return both / max(abs(float(charges[1] - charges[0])), 1e-30)


def _too_narrow(curve: ReferenceCurve, first_volt: float, last_volt: float, settings: UtilizationSettings) -> bool:
    return _per_millivolt(curve, first_volt, last_volt) > settings.window_sensitivity_limit


def _joined(
    curve: ReferenceCurve,
    u: np.ndarray,
    inside: list[int],
    verdicts: tuple[PointVerdict, ...],
    settings: UtilizationSettings,
) -> list[tuple[int, int]]:
    """Spans of neighbouring points without fault, each just wide enough; pairs with a fault stay as they are."""
    points = sorted({place for i in inside for place in (i, i + 1)})
    sound = np.array([i for i in points if not verdicts[i].fault], dtype=int)
    spans = [(i, i + 1) for i in inside if verdicts[i].fault or verdicts[i + 1].fault]
    for run in np.split(sound, np.flatnonzero(np.diff(sound) > 1) + 1):
        own: list[tuple[int, int]] = []
        start, *later = run.tolist() or [0]
        for point in later:
            if not _too_narrow(curve, u[start], u[point], settings):
                own.append((start, point))
                start = point
        if later and start != later[-1]:  # what is left at the end joins the last
            first = own[-1][0] if own and not _too_narrow(curve, u[own[-1][0]], u[later[-1]], settings) else start
            own = [*(own[:-1] if first != start else own), (first, later[-1])]
        spans += own
    return sorted(spans)


def _no_titration(u: np.ndarray, curve: ReferenceCurve) -> NotInRecord:
    low, high = curve.potential_volt[0], curve.potential_volt[-1]
    return NotInRecord(
        "no-titration",
        "There is no titration in the record",
        where="relaxed potentials",
        why=f"It is one of cycles: rests before and after whole charges ({u[0]:.3f} and {u[-1]:.3f} V vs. Li⁺/Li), not both "
        f"inside the reference ({low:.3f}-{high:.3f} V), which is never extrapolated.",
        what_to_do="Name the file of the titration too, if there is one.",
        hints=(FILES,),
    )


def _refuse_unusable(
    windows: list[Window], u: np.ndarray, *, reference_range: tuple[float, float], settings: UtilizationSettings
) -> None:
    low, high = reference_range
    if not windows:
        listed = ", ".join(f"{value:.3f}" for value in u)
        raise CathodelabError(
            "outside-reference",
            f"No two neighbouring relaxed potentials ({listed} V vs. Li⁺/Li) have a counterpart in the reference",
            where="relaxed potentials",
            why=f"The reference covers {low:.3f}-{high:.3f} V and is never extrapolated.",
            what_to_do="Give a reference that covers the cell's range; check the counter electrode and its offset.",
            hints=(Hint("column", "counter_electrode"), Hint("setting", "reference_electrode.offset_volt")),
        )
    missing = sorted(set(settings.windows) - {window.number for window in windows})
    if missing:
        raise CathodelabError(
            "window-unknown",
            f"There is no window {', '.join(map(str, missing))}",
            where="choice of windows",
            why=f"The cell has windows 1 to {len(windows)} inside the reference.",
            what_to_do="Correct the list, or leave it empty for the automatic choice.",
            hints=(Hint("setting", "utilization.windows"),),
        )
    # of a window that is dropped, relaxation may well turn the sign: a rest after hardly any charge
    for window in [one for one in windows if not one.dropped] or windows:
        if window.reference_charge_mAh_g * window.cell_charge_mAh <= 0:
            raise CathodelabError(
                "not-monotonic",
                f"Charge and potential run against each other between {window.potential_1_volt:.4f} and "
                f"{window.potential_2_volt:.4f} V",
                where=f"window {window.number}",
                why="Charging raises the relaxed potential of a cathode; a current with the opposite sign convention "
                "or mixed-up rows show this.",
                what_to_do="Check the sign of the current (+ = charge) and the order of the files.",
            )
