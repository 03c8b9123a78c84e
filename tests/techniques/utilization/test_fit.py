"""The joint fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.utilization.curve import ReferenceCurve
from cathodelab.techniques.utilization.fit import joint_fit, joint_fits, with_scatter
from cathodelab.techniques.utilization.model import Comparison

U = np.linspace(3.55, 4.2, 80)
Q = 1.1 * (U - 3.55) + 0.1 * np.sin(6 * (U - 3.55))


def _comparison(noise_volt: float, seed: int = 0, points: int = 6) -> Comparison:
    random = np.random.default_rng(seed)
    u = np.linspace(3.65, 4.1, points)
    charge = 0.8 * 2.0 * ReferenceCurve(U, Q).charge(u)
    return Comparison(
        potential_volt=u - 0.62 + noise_volt * random.standard_normal(points),
        charge_mAh=charge,
        used=np.ones(points),
        potential_standard_volt=np.full(points, 1e-3),
        cam_mass_mg=10.0,
        offset_volt=0.62,
        offset_standard_volt=0.004,
        reference_potential_volt=U,
        reference_charge_mAh=Q,
        reference_mass_mg=5.0,
    )


def test_chi_square_has_its_degrees_of_freedom() -> None:
    """Over 400 draws of the stated noise, the mean of chi-square is that of its degrees of freedom."""
    fits = [joint_fit(_comparison(1e-3, seed)) for seed in range(400)]
    freedom = np.mean([fit.degrees_of_freedom for fit in fits])
    assert np.mean([fit.chi_square for fit in fits]) == pytest.approx(freedom, rel=0.12)
    assert 2.9 < freedom < 4.0
    probabilities = np.array([fit.probability for fit in fits])
    assert 0.03 < np.mean(probabilities < 0.1) < 0.18


def test_additional_scatter_is_found_where_there_is_some() -> None:
    """10 mV of scatter at 1 mV stated; none where the stated noise explains the points."""
    found = [with_scatter(_comparison(1e-2, seed)).scatter_volt for seed in range(40)]
    assert 5e-3 < np.mean(found) < 13e-3
    assert with_scatter(_comparison(0.0)).scatter_volt == 0.0


def test_potentials_that_have_nothing_to_do_with_the_reference_are_refused() -> None:
    """Charge falls while the reference rises by tenths of volts and back."""
    wild = replace(_comparison(0.0), charge_mAh=np.array([0.0, 30.0, -30.0, 30.0, -30.0, 1.0]))
    with pytest.raises(CathodelabError) as caught:
        with_scatter(wild)
    assert caught.value.code == "no-fit"


def test_two_points_leave_the_offset_at_its_prior() -> None:
    """Nothing to fit."""
    fit = joint_fit(_comparison(0.0, points=2))
    assert fit.offset_volt == 0.62
    assert fit.offset_posterior_volt == 0.004
    assert np.isnan(fit.probability)


def test_the_curve_is_monotone_and_continues_straight_outside() -> None:
    """Only the fit on its way may ask there."""
    curve = ReferenceCurve(U, Q)
    inside = np.linspace(3.55, 4.2, 1000)
    assert np.all(np.diff(curve.charge(inside)) > 0)
    step = np.diff(curve.charge(np.array([4.2, 4.3, 4.4])))
    assert step[0] == pytest.approx(step[1])
    np.testing.assert_allclose(curve.charge(U), Q, rtol=1e-9, atol=1e-9)


def test_all_versions_of_a_comparison_fit_as_each_alone() -> None:
    """Points, reference, offset and interpolation moved; quiet and wild points; also without a free offset."""
    random = np.random.default_rng(5)
    for base in (_comparison(1e-3, 3), _comparison(2e-2, 4), replace(_comparison(1e-3, 3), offset_free=False)):
        versions = [
            replace(
                base,
                potential_volt=base.potential_volt + 1e-3 * random.standard_normal(6),
                reference_potential_volt=U + 1e-4 * random.standard_normal(U.size),
                offset_volt=0.62 + shift,
                linear_blend=blend,
            )
            for shift, blend in ((0.0, 0.0), (4e-3, 0.0), (-4e-3, 0.5))
        ]
        moved = ("potential_volt", "reference_potential_volt", "offset_volt", "linear_blend")
        fits = joint_fits(replace(base, **{name: np.array([getattr(one, name) for one in versions]) for name in moved}))
        for number, one in enumerate(versions):
            alone = joint_fit(one)
            assert fits.utilization[number] == pytest.approx(alone.utilization, rel=1e-12)
            assert fits.offset_volt[number] == pytest.approx(alone.offset_volt, rel=1e-12)
            assert np.sqrt(fits.offset_variance[number]) == pytest.approx(alone.offset_posterior_volt, rel=1e-12)


def test_the_fit_is_the_least_squares_solution() -> None:
    """No small step of any parameter lowers the sum of squares (residuals in potential, and the prior)."""
    comparison = _comparison(5e-3, 1)
    fit, curve = joint_fit(comparison), ReferenceCurve(U, Q)

    def cost(theta: float, start: float, offset: float) -> float:
        u = comparison.potential_volt + offset
        scale, at_fit = theta * 2.0, comparison.potential_volt + fit.offset_volt
        weight = 1 / (fit.utilization * 2.0 * curve.slope(at_fit) * 1e-3)
        residual = (comparison.charge_mAh - start - scale * curve.charge(u)) * weight
        return float(np.sum(residual**2) + ((offset - 0.62) / 0.004) ** 2)

    best = (fit.utilization, fit.charge_offset_mAh, fit.offset_volt)
    for i in range(3):
        for step in (-1e-4, 1e-4):
            other = [value + step * (i == j) for j, value in enumerate(best)]
            assert cost(*other) > cost(*best)
