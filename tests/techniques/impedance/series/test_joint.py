"""The joint fit of a series with a growing cathode."""

from __future__ import annotations

import numpy as np
import pytest
from spectra import FREQUENCIES, exact, noisy, with_truth

from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import fitted
from cathodelab.techniques.impedance.series.joint import changing_parameters, joint_fit, series_data
from cathodelab.techniques.impedance.spectrum import Spectrum

CIRCUIT = parsed("R-(RQ)-(RQ)-Q")
SWEEP = np.cumsum(3 / FREQUENCIES + 0.5)
CLOCK = 1e4 + 3600 * np.linspace(0, 10, 11)[:, None] + SWEEP
CHANGING = ("R_2", "tau_2")


def grown(rate: float, begin: float = 1e4) -> np.ndarray:
    """Resistance of the cathode at every point."""
    resistance: np.ndarray = 100 + rate * np.sqrt((CLOCK - begin) / 3600)
    return resistance


def series(rate: float, noise: float = 0.003) -> list[Spectrum]:
    """A hold that begins with its first spectrum; Q and n of the cathode stay."""
    found = []
    for number, (clock, resistance) in enumerate(zip(CLOCK, grown(rate), strict=True), 1):
        tau = 1.6e-4 * (resistance / 105) ** (1 / 0.85)
        z = [
            exact(with_truth(R_2=r, tau_2=t), FREQUENCIES[[place]])[0]
            for place, (r, t) in enumerate(zip(resistance, tau, strict=True))
        ]
        one = noisy(np.array(z), number, noise)
        found.append(Spectrum(FREQUENCIES, one.real, one.imag, time_second=clock, number=number))
    return found


def fit_of(
    spectra: list[Spectrum], outliers: dict[int, list[int]] | None = None
) -> tuple[np.ndarray, np.ndarray, float]:
    """Resistances and their truth at the moments, and the drift that was taken out."""
    out = [(outliers or {}).get(place, []) for place in range(len(spectra))]
    data = series_data(spectra, [0.003] * len(spectra), out, timed=True)
    starts = np.array([one.theta for one in fitted(CIRCUIT, FREQUENCIES, data.impedance, noise=data.noise)])
    joint = joint_fit(CIRCUIT, data, CHANGING, starts, continuity=True)
    truth = 100 + 20 * np.sqrt((joint.moment_second - 1e4) / 3600)
    return np.exp(joint.fit.theta[:, 1]), truth, joint.drift


def test_resistances_are_those_at_one_moment_of_each_sweep() -> None:
    """20 ohm h^-0.5 from the first point on: 3 % within the first sweep; all to half a per cent."""
    found, truth, drift = fit_of(series(20.0))
    assert drift > 0.01
    np.testing.assert_allclose(found, truth, rtol=0.005)


def test_points_that_are_left_out_have_no_weight() -> None:
    """Two wild points of the fifth spectrum change nothing."""
    spectra = series(20.0)
    wild = spectra[4].real_ohm.copy()
    wild[[20, 50]] *= 3
    disturbed = [*spectra[:4], Spectrum(FREQUENCIES, wild, spectra[4].imaginary_ohm, CLOCK[4], number=5), *spectra[5:]]
    clean, truth, _ = fit_of(spectra)
    found, _, _ = fit_of(disturbed, {4: [20, 50]})
    np.testing.assert_allclose(found, truth, rtol=0.005)
    assert found == pytest.approx(clean, rel=0.002)


def test_a_point_that_a_sweep_lacks_is_a_point_without_weight() -> None:
    """One frequency fewer in one spectrum: the grid stays."""
    spectra = series(20.0)
    keep = np.delete(np.arange(FREQUENCIES.size), 30)
    one = spectra[3]
    spectra[3] = Spectrum(FREQUENCIES[keep], one.real_ohm[keep], one.imaginary_ohm[keep], CLOCK[3][keep], number=4)
    data = series_data(spectra, [0.003] * len(spectra), [[]] * len(spectra), timed=True)
    assert data.frequency_hertz.size == FREQUENCIES.size
    assert np.isinf(data.noise[3, 30])
    assert np.count_nonzero(np.isinf(data.noise)) == 1


def test_the_time_constant_changes_with_its_resistance() -> None:
    """Of an arc; a series resistance has none."""
    assert changing_parameters(CIRCUIT, ("R_2",)) == ("R_2", "tau_2")
    assert changing_parameters(CIRCUIT, ("R_1",)) == ("R_1",)
    assert changing_parameters(CIRCUIT, ()) == ()
