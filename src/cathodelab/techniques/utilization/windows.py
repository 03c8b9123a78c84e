"""Which relaxed points and windows are used, by stated criteria, and why the others are not.

A window is never dropped because its utilization disagrees with the others: that is the check ``windows_agree``.
"""

from __future__ import annotations

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.utilization.curve import ReferenceCurve
from cathodelab.techniques.utilization.model import PointVerdict, Titration, UtilizationSettings, Window

_MILLIVOLT = 1e-3


def point_verdicts(
    cell: Titration, reference: Titration, offset_volt: float, settings: UtilizationSettings
) -> tuple[PointVerdict, ...]:
    """Which relaxed points of the cell lie outside the reference, and which should not be used."""
    curve = np.sort(reference.potential_volt)
    slopes, noise = (np.abs(one) * 1e6 for one in cell.end_slopes)
    points = zip(cell.potential_volt + offset_volt, slopes - 2 * noise, slopes, strict=True)
    return tuple(_verdict(float(u), surely, slope, curve, settings) for u, surely, slope in points)


def _verdict(u: float, surely: float, slope: float, curve: np.ndarray, settings: UtilizationSettings) -> PointVerdict:
    """``surely``: the end-of-rest slope less twice its noise, µV/s."""
    if not curve[0] <= u <= curve[-1]:
        span = f"{curve[0]:.3f}-{curve[-1]:.3f} V vs. Li⁺/Li"
        return PointVerdict(f"{u:.3f} V lies outside the reference ({span})", "", rest_judged=False)
    edge = settings.reference_edge_points
    if min(int(np.sum(curve < u)), int(np.sum(curve > u))) <= edge:
        fault = f"{u:.3f} V lies within the {edge + 1:.0f} outermost points of the reference"
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

    Raises:
        CathodelabError: no two neighbouring relaxed potentials inside the reference; or the chosen numbers do not exist.
    """
    u = cell.potential_volt + offset_volt
    windows: list[Window] = []
    for i in range(u.size - 1):
        first, second = verdicts[i : i + 2]
        if first.outside or second.outside:
            continue
        pair = u[i : i + 2]
        charges = curve.charge(pair)
        difference = float(charges[1] - charges[0])
        per_millivolt = float(np.sqrt(np.sum(curve.slope(pair) ** 2))) * _MILLIVOLT / max(abs(difference), 1e-30)
        reason = first.fault or second.fault
        if not reason and per_millivolt > settings.window_sensitivity_limit:
            reason = (
                f"too flat or too narrow: 1 mV at both ends changes it by {100 * per_millivolt:.1f} %, "
                f"limit {100 * settings.window_sensitivity_limit:g} %"
            )
        number = len(windows) + 1
        if settings.mode == "published" and not settings.windows:
            reason = ""  # the published evaluation averages all windows unless told otherwise
        if settings.windows:
            reason = "" if number in settings.windows else "not among the windows chosen in the settings"
        windows.append(
            Window(
                number=number,
                first_point=i,
                potential_1_volt=float(u[i]),
                potential_2_volt=float(u[i + 1]),
                cell_charge_mAh=float(cell.charge_mAh[i + 1] - cell.charge_mAh[i]),
                reference_charge_mAh_g=difference / reference_mass_mg * 1000,
                dropped=reason,
            )
        )
    _refuse_unusable(windows, u, reference_range=(curve.potential_volt[0], curve.potential_volt[-1]), settings=settings)
    return tuple(windows)


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
            what_to_do="Give a reference that covers the cell's range; check counter_electrode and the reference "
            "electrode offset.",
        )
    missing = sorted(set(settings.windows) - {window.number for window in windows})
    if missing:
        raise CathodelabError(
            "window-unknown",
            f"There is no window {', '.join(map(str, missing))}",
            where="[methods.utilization] windows",
            why=f"The cell has windows 1 to {len(windows)} inside the reference.",
            what_to_do="Correct the list, or leave it empty for the automatic choice.",
        )
    for window in windows:
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
