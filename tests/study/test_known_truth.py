"""The main job on cells of known truth, simulated by an independent code and measured by a noisy instrument."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from cathodelab.core.estimate import covariance
from cathodelab.study.results import StudyResults
from cathodelab.study.run import run_study

CLEAN = [f"ssb-0{number}" for number in range(1, 8)]
BIASED = ["ssb-08", "ssb-09", "ssb-10", "ssb-11", "ssb-12"]
WEIGHING_REFERENCE, WEIGHING_CELL = 0.05, 0.1


def _truth(folder: Path) -> dict[str, tuple[float, float]]:
    with (folder / "truth.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    return {row["cell"]: (float(row["static_utilization"]), float(row["cam_mass_mg"])) for row in rows}


def _with_true_masses(folder: Path, uncertainty: str | None = None) -> None:
    truth = _truth(folder)
    with (folder / "cells.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        row["cam_mass_mg"] = str(truth[row["cell"]][1])
        if uncertainty is not None:
            row["cam_mass_standard_uncertainty_mg"] = uncertainty
    with (folder / "cells.csv").open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _deviations(results: StudyResults, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    truth = _truth(folder)
    estimates = [results.cell(name).estimate("utilization", "static_utilization") for name in CLEAN]
    off = np.array([one.value - truth[name][0] for one, name in zip(estimates, CLEAN, strict=True)])
    return off, np.array([one.minus if d > 0 else one.plus for one, d in zip(estimates, off, strict=True)])


@pytest.mark.parametrize("uncertainty", [None, "0"], ids=["weighing stated", "masses exact"])
def test_with_true_masses_every_clean_cell_is_inside_its_95_percent_interval(
    known_truth: Path, uncertainty: str | None
) -> None:
    """And the first five lie within 0.2 % of the truth; the mean of the windows is further off."""
    _with_true_masses(known_truth, uncertainty)
    results = run_study(known_truth)
    off, half = _deviations(results, known_truth)
    assert np.all(np.abs(off) <= 1.96 * half)
    truth = np.array([_truth(known_truth)[name][0] for name in CLEAN])
    assert np.all(np.abs(off / truth)[:5] < 0.002)
    windows = [
        np.mean(
            [one.cell_charge_mAh * 1e3 / cell.cam_mass.value / one.reference_charge_mAh_g for one in result.windows]
        )
        for cell, result in results.of("utilization")
        if cell.id in CLEAN
    ]
    assert np.sqrt(np.mean((off / truth) ** 2)) < 0.5 * np.sqrt(np.mean((np.array(windows) / truth - 1) ** 2))


def test_with_weighed_masses_the_joint_chi_square_is_likely(known_truth: Path) -> None:
    """The reference was weighed 2 sigma high; that is in the covariance, and no interval is widened to hide it."""
    results = run_study(known_truth)
    off, _ = _deviations(results, known_truth)
    sets = [results.cell(name).outcomes["utilization"].result.estimates for name in CLEAN]
    statistic = float(off @ np.linalg.solve(covariance(sets, "static_utilization"), off))
    assert chi2.sf(statistic, len(CLEAN)) > 0.01
    assert statistic > 2  # with the correlations dropped or the widths inflated it would be far smaller


def test_intervals_are_hardly_wider_than_weighing_alone(known_truth: Path) -> None:
    """At most 1.3 times; measured 1.06 to 1.07, upwards: the reference has one branch and may have discharged itself."""
    results = run_study(known_truth)
    for name in CLEAN:
        cell = results.study.cell(name)
        reference = results.study.cell("liquid-01")
        one = results.cell(name).estimate("utilization", "static_utilization")
        weighing = one.value * np.hypot(
            WEIGHING_CELL / cell.cam_mass.value, WEIGHING_REFERENCE / reference.cam_mass.value
        )
        assert weighing < max(one.minus, one.plus) < 1.1 * weighing
        assert one.minus < 1.05 * weighing


def test_the_end_of_rest_check_raises_all_biased_cells_and_none_of_the_clean_ones(known_truth: Path) -> None:
    """Slow particles and parasitic charge."""
    results = run_study(known_truth)
    for name in [*CLEAN, *BIASED]:
        checks = {check.name: check for check in results.cell(name).outcomes["utilization"].result.checks}
        assert checks["end_of_rest"].passed is (name in CLEAN), name
        assert checks["charge_of_the_drift"].passed is (name in CLEAN), name


def _cut_rests(folder: Path, hours: float) -> None:
    """The cells as if their rests had ended earlier: later rows away, the clock goes on from there."""
    for name in [*CLEAN, *BIASED]:
        file = folder / f"{name}.csv"
        head, *lines = file.read_text().splitlines()
        rows = np.array([[float(value) for value in line.split(",")] for line in lines])
        kept, saved = [], 0.0
        for step in np.split(rows, np.flatnonzero(np.diff(rows[:, 3])) + 1):
            part = step.copy()
            if kept and np.all(part[:, 2] == 0):
                start = float(kept[-1][-1, 0]) + saved
                part = part[part[:, 0] <= start + hours * 3600 + 1]
            kept.append(part - np.array([saved, 0, 0, 0]))
            saved += float(step[-1, 0] - part[-1, 0])
        np.savetxt(file, np.concatenate(kept), delimiter=",", header=head, comments="", fmt="%.9g")


@pytest.mark.parametrize("hours", [4.0, 2.0])
def test_shorter_rests_do_not_make_a_sound_cell_suspicious(known_truth: Path, hours: float) -> None:
    """ssb-05 has slow diffusion and still relaxes after 2 h, but less and less; the biased cells go on moving."""
    _cut_rests(known_truth, hours)
    _with_true_masses(known_truth)
    results = run_study(known_truth)
    for name in [*CLEAN, *BIASED]:
        checks = {check.name: check for check in results.cell(name).outcomes["utilization"].result.checks}
        for check in ("end_of_rest", "charge_of_the_drift"):
            assert checks[check].passed is (name in CLEAN), (name, check)
        # the windows of a biased cell may agree within what such rests leave open
        assert checks["windows_agree"].passed or name in BIASED, name
    assert np.all(np.abs(_deviations(results, known_truth)[0]) < 1e-3)


def test_counter_electrodes_are_found(known_truth: Path) -> None:
    """4 and -6 mV off their nominal potential, found within 1 mV; biased cells are not explained away by it."""
    results = run_study(known_truth)
    expected = dict.fromkeys(CLEAN[:5], 0.620) | {"ssb-06": 0.624, "ssb-07": 0.614}
    for name, offset in expected.items():
        assert results.cell(name).estimate("utilization", "reference_offset").value == pytest.approx(offset, abs=1e-3)
    for name in BIASED:
        assert results.cell(name).estimate("utilization", "reference_offset").value == pytest.approx(0.62, abs=2.5e-3)


def test_losses_add_up_and_static_loss_is_the_missing_material(known_truth: Path) -> None:
    """q_gross + kinetic + static = q_eq; a cell of utilization 1 has no static loss within its interval."""
    results = run_study(known_truth)
    for name in CLEAN:
        found = {
            key: results.cell(name).estimate("losses", key).value
            for key in ("gross_specific_capacity", "kinetic_loss", "static_loss", "equilibrium_capacity")
        }
        parts = found["gross_specific_capacity"] + found["kinetic_loss"] + found["static_loss"]
        assert parts == pytest.approx(found["equilibrium_capacity"], abs=1e-9)
        assert 0 < found["kinetic_loss"] < 6
    full = results.cell("ssb-02").estimate("losses", "static_loss")
    assert full.value - 2 * full.minus < 0 < full.value + 2 * full.plus
