"""Fits without start values: the optimum, the truth, honest intervals, constraints."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom
from spectra import FREQUENCIES, TRUTH, exact, noisy, with_truth

from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.impedance.circuits.constraints import Constraints
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import fitted, lowest, problem_of
from cathodelab.techniques.impedance.fitting.intervals import profile_intervals
from cathodelab.techniques.impedance.fitting.minimise import minimised
from cathodelab.techniques.impedance.resistances.overlap import merged, sum_intervals
from cathodelab.techniques.impedance.resistances.role_intervals import role_interval
from cathodelab.techniques.impedance.resistances.roles import roles_of

CIRCUIT = parsed("R-(RQ)-(RQ)-Q")


def generator() -> object:
    """The benchmark's generator: ranges wider than in any published comparison."""
    path = Path(__file__).resolve().parents[4] / "benchmarks" / "impedance" / "generator.py"
    spec = importlib.util.spec_from_file_location("impedance_generator", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray]:
    """200 random cells, 0.5 % noise."""
    made = generator()
    truth = made.drawn(200, 77)  # type: ignore[attr-defined]
    z = made.measured(made.impedance(truth), 0.005, 78)  # type: ignore[attr-defined]
    return truth, z


def test_exact_spectra_give_exact_parameters() -> None:
    """Without noise the truth comes back to eight digits, from no start value."""
    fit = fitted(CIRCUIT, FREQUENCIES, exact()[None])[0]
    assert fit.converged
    np.testing.assert_allclose(CIRCUIT.values(fit.theta), TRUTH, rtol=1e-5)


def test_the_optimum_is_found_without_start_values(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    """The small form of the benchmark: at least as deep as the minimum below the truth, but for 3 %."""
    truth, z = drawn
    problem = problem_of(CIRCUIT, FREQUENCIES, z)
    start = np.clip([CIRCUIT.coordinates(one) for one in truth], problem.low, problem.high)
    below_truth = minimised(problem, start).chi_square
    assert np.mean(lowest(problem).chi_square <= 1.01 * below_truth) >= 0.97


def test_intervals_hold_the_truth_as_often_as_they_claim(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    """Profile likelihood of all three resistances, 200 spectra, binomial 99.9 % limits and 2 %."""
    truth, z = drawn
    found = profile_intervals(fitted(CIRCUIT, FREQUENCIES, z), ("R_1", "R_2", "R_3"))
    for name, column in (("R_1", 0), ("R_2", 1), ("R_3", 4)):
        for level in (0.6827, 0.9545):
            low = np.nan_to_num([one[name, level].low for one in found], nan=0.0)
            high = np.nan_to_num([one[name, level].high for one in found], nan=np.inf)
            inside = np.mean((low <= truth[:, column]) & (truth[:, column] <= high))
            limits = binom.ppf([0.0005, 0.9995], len(z), level) / len(z)
            assert limits[0] - 0.02 <= inside <= limits[1] + 0.02


def test_one_spectrum_alone_gives_what_it_gives_in_a_batch(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    """Spectra do not see each other."""
    z = drawn[1][:3]
    together = fitted(CIRCUIT, FREQUENCIES, z)
    alone = fitted(CIRCUIT, FREQUENCIES, z[1:2])[0]
    assert alone.chi_square == pytest.approx(together[1].chi_square, rel=1e-6)


def test_covariance_of_a_known_parameter_is_that_of_linear_theory() -> None:
    """One resistor with noise s on m points: its relative variance is s^2 / m (the imaginary part carries nothing)."""
    z = noisy(np.full((400, 50), 100.0 + 0j), 3, 0.01)
    fits = fitted(parsed("R"), np.logspace(3, 0, 50), z, noise=0.01)
    stated = np.mean([fit.covariance[0, 0] for fit in fits])
    assert stated == pytest.approx(1e-4 / 50, rel=0.05)
    assert np.var([fit.theta[0] for fit in fits]) == pytest.approx(stated, rel=0.25)


def test_fixed_shared_and_bounded_parameters_are_obeyed() -> None:
    """Fixed values stand, shared ones are equal, bounds hold; the fit is no better than the free one."""
    z = noisy(exact(), 5)[None]
    free = fitted(CIRCUIT, FREQUENCIES, z)[0]
    fixed = fitted(CIRCUIT, FREQUENCIES, z, constraints=Constraints(fixed={"R_2": 90.0}))[0]
    shared = fitted(CIRCUIT, FREQUENCIES, z, constraints=Constraints(shared=(("n_2", "n_3"),)))[0]
    bounded = fitted(CIRCUIT, FREQUENCIES, z, constraints=Constraints(bounds={"R_3": (1.0, 8.0)}))[0]
    assert fixed.values["R_2"] == pytest.approx(90.0)
    assert fixed.standard_uncertainty("R_2") == 0
    assert shared.values["n_2"] == pytest.approx(shared.values["n_3"])
    assert bounded.values["R_3"] <= 8.0 + 1e-9
    assert free.chi_square <= min(fixed.chi_square, shared.chi_square, bounded.chi_square) * (1 + 1e-9)
    assert shared.degrees_of_freedom == free.degrees_of_freedom + 1


def test_a_parameter_that_does_not_exist_is_named() -> None:
    """With those that do."""
    with pytest.raises(CathodelabError, match="R_1, R_2, tau_2"):
        fitted(CIRCUIT, FREQUENCIES, exact()[None], constraints=Constraints(fixed={"R_9": 1.0}))


def test_too_few_points_are_refused() -> None:
    """Five frequencies cannot carry nine parameters."""
    with pytest.raises(CathodelabError, match="5 frequencies are too few"):
        fitted(CIRCUIT, FREQUENCIES[::16], exact(frequencies=FREQUENCIES[::16])[None])


def test_overlapping_arcs_are_reported_as_their_sum() -> None:
    """Time constants a factor of two apart: one cathode, not separable, the sum within 2 % and inside its interval."""
    close = 0
    for seed in range(10):
        truth = with_truth(R_2=60.0, R_3=40.0, tau_3=3.2e-4)
        fit = fitted(CIRCUIT, FREQUENCIES, noisy(exact(truth), seed)[None])[0]
        cathode = [role for role in roles_of(fit, 1.0) if role.role == "cathode"]
        assert len(cathode) == 1
        interval = role_interval(fit, cathode[0], (0.9545,))[0.9545]
        close += abs(cathode[0].resistance_ohm / 100 - 1) < 0.02 and interval.low <= 100 <= interval.high
    assert close >= 8


def test_the_sum_of_two_arcs_is_the_same_fit_in_other_coordinates() -> None:
    """Same impedance; the interval of a well separated arc's sum is at least as narrow as its parts together."""
    fit = fitted(CIRCUIT, FREQUENCIES, noisy(exact(), 2)[None])[0]
    other = merged(fit, 1, 2)
    np.testing.assert_allclose(
        other.circuit.impedance(FREQUENCIES, other.theta), CIRCUIT.impedance(FREQUENCIES, fit.theta), rtol=1e-9
    )
    interval = sum_intervals(fit, (1, 2), (0.6827,))[0.6827]
    assert interval.low < interval.value < interval.high
    assert interval.value == pytest.approx(fit.values["R_2"] + fit.values["R_3"])


def test_roles_follow_frequency_and_capacitance() -> None:
    """Separator, cathode and anode of a cell as in the source; an arc with an impossible capacitance stays unnamed."""
    roles = roles_of(fitted(CIRCUIT, FREQUENCIES, noisy(exact(), 1)[None])[0], 1.0)
    assert [role.role for role in roles] == ["separator", "cathode", "anode"]
    assert "1.5" in roles[1].reason
    # the same spectrum on a thousandth of the area has a capacitance per area that no cathode has
    tiny = roles_of(fitted(CIRCUIT, FREQUENCIES, noisy(exact(), 1)[None])[0], 1e-4)
    assert "cathode" not in [role.role for role in tiny]


def test_a_range_that_ends_at_ten_kilohertz_shows_no_separator() -> None:
    """Series resistance only, with the reason."""
    low = FREQUENCIES[FREQUENCIES <= 1e4]
    fit = fitted(CIRCUIT, low, noisy(exact(frequencies=low), 1)[None])[0]
    series = roles_of(fit, 1.0)[0]
    assert series.role == "series"
    assert "series resistance only" in series.reason
