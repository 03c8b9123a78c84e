"""From spectra to areal resistances with checks; the real cells of the source's kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from spectra import FREQUENCIES, exact, noisy, with_truth

from cathodelab.core.checks import Check
from cathodelab.core.estimate import Estimate
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import spectra_of
from cathodelab.formats.readers import read_table
from cathodelab.techniques.impedance.method import METHOD, resistances
from cathodelab.techniques.impedance.model import ImpedanceResult, ImpedanceSettings
from cathodelab.techniques.impedance.read import spectra_from_records
from cathodelab.techniques.impedance.spectrum import Spectrum
from cathodelab.techniques.impedance.tikhonov import distribution_of_relaxation_times

SETTINGS = ImpedanceSettings()
CELL = Cell("c-1", "cell", Estimate(8.0), "In/InLi", Estimate(0.62), ("a.mpr",), details={"area_cm2": "0.785"})


def spectrum(seed: int = 1, z: np.ndarray | None = None, **fields: object) -> Spectrum:
    z = noisy(exact(), seed) if z is None else z
    return Spectrum(FREQUENCIES, z.real, z.imag, **fields)  # type: ignore[arg-type]


def check(result: ImpedanceResult, name: str) -> Check:
    return next(one for one in result.checks if one.name == name)


def test_areal_resistances_hold_the_truth_and_the_area_is_in_the_budget() -> None:
    """R x A; the error of the area is common to all resistances, so that their ratio does not have it."""
    result = resistances(CELL, [spectrum()], SETTINGS)
    cathode = result.estimates.estimate("cathode_resistance")
    assert cathode.value == pytest.approx(105 * 0.785, abs=4 * cathode.plus)
    assert cathode.unit == "ohm cm2"
    assert result.estimates.effect("cathode_resistance")["c-1/area"] == pytest.approx(0.01 * cathode.value)
    assert all(one.passed is not False for one in result.checks)


def test_the_covariance_of_the_fit_stands_in_the_estimates_exactly() -> None:
    """Products of effects of the fit's sources are the covariance of the resistances."""
    result = resistances(CELL, [spectrum()], SETTINGS)
    effects = result.estimates.effects[:, 1:]
    fit = result.spectra[0].chosen.fit
    places = [fit.circuit.names.index(role.names[0]) for role in result.spectra[0].roles]
    sizes = np.exp(fit.theta[places]) * 0.785
    wanted = np.outer(sizes, sizes) * fit.covariance[np.ix_(places, places)]
    np.testing.assert_allclose(effects @ effects.T, wanted, rtol=1e-6, atol=1e-12)


def test_a_missing_area_is_assumed_and_said() -> None:
    """A 10 mm die."""
    result = resistances(replace(CELL, details={}), [spectrum()], SETTINGS)
    assert check(result, "area_stated").passed is False
    assert result.area_cm2 == pytest.approx(0.785)


def test_a_wrong_circuit_keeps_its_number_and_loses_its_interval() -> None:
    """One arc for two, and nothing else offered: inadequate, half-widths unknown."""
    settings = replace(SETTINGS, circuit="R-(RQ)-C", other_circuits="")
    result = resistances(CELL, [spectrum()], settings)
    assert check(result, "circuit_adequate").passed is False
    assert "intervals mean nothing" in check(result, "circuit_adequate").sentence
    assert all(np.isnan(one.plus) for one in result.estimates.as_mapping().values())


def test_the_smallest_circuit_that_leaves_no_more_than_the_noise_is_taken() -> None:
    """Circuits are tried by their size, in whatever order they are named; larger ones than enough are not tried."""
    settings = replace(SETTINGS, circuit="R-(RQ)-Q", other_circuits="R-(RQ)-(RQ)-Q")
    result = resistances(CELL, [spectrum()], settings)
    assert len(result.spectra[0].attempts) == 2
    assert result.spectra[0].chosen.fit.circuit.expression == "R-(RQ)-(RQ)-Q"
    by_default = resistances(CELL, [spectrum()], SETTINGS).spectra[0]
    assert by_default.chosen.fit.circuit.expression == "R-(RQ)-(RQ)-Q"
    assert max(len(one.fit.circuit.parameters) for one in by_default.attempts) == 9
    one_arc = noisy(exact(with_truth(R_3=1e-6)), 1)
    smaller = resistances(CELL, [spectrum(z=one_arc)], SETTINGS).spectra[0]
    assert smaller.chosen.fit.circuit.expression == "R-(RQ)-Q"


def test_a_spectrum_of_two_arcs_without_a_tail_is_described() -> None:
    """The tail that is not there does no harm to cathode and anode."""
    z = noisy(exact(with_truth(Q_4=1e6)), 2)
    result = resistances(CELL, [spectrum(z=z)], replace(SETTINGS, circuit="R-(RQ)-(RQ)", other_circuits=""))
    assert check(result, "circuit_adequate").passed
    assert result.estimates.estimate("cathode_resistance").value == pytest.approx(105 * 0.785, rel=0.05)


def test_inductive_points_get_an_inductance() -> None:
    """A microhenry of cable: seen, fitted, and the cathode unharmed."""
    z = noisy(exact() + 2j * np.pi * FREQUENCIES * 1e-6, 2)
    result = resistances(CELL, [spectrum(z=z)], SETTINGS)
    assert check(result, "inductive_points").passed is None
    assert result.spectra[0].chosen.fit.circuit.expression.startswith("L-")
    assert result.estimates.estimate("cathode_resistance").value == pytest.approx(105 * 0.785, rel=0.05)


def test_an_outlier_is_said_and_takes_no_part_in_the_fit() -> None:
    """One point 30 % off: the spectrum keeps it, the fit is that of the others, and the figure shows it."""
    clean = noisy(exact(), 2, 0.002)
    z = clean.copy()
    z[30] *= 1.3
    settings = replace(SETTINGS, other_circuits="")
    result, without = (resistances(CELL, [spectrum(z=one)], settings) for one in (z, clean))
    assert check(result, "no_outliers").passed is False
    assert "take no part in the fit" in check(result, "no_outliers").sentence
    assert result.spectra[0].spectrum.frequency_hertz.size == FREQUENCIES.size
    assert result.spectra[0].chosen.adequate
    first, second = (one.estimates.estimate("cathode_resistance") for one in (result, without))
    assert abs(first.value - second.value) < 0.3 * second.plus
    names = [series.label for series in METHOD.figures(CELL, result)[0].panels[0].series]
    assert "left out" in names


def test_a_drift_during_the_sweep_is_said_with_its_size() -> None:
    """10 % at 0.3 % noise; without a drift the check says which one would have been found."""
    clock = np.cumsum(3 / FREQUENCIES)
    z = noisy(exact() * (1 + 0.1 * clock / clock[-1]), 2, 0.003)
    found = check(resistances(CELL, [spectrum(z=z)], replace(SETTINGS, other_circuits="")), "kramers_kronig")
    assert found.passed is False
    assert "drifts during the sweep" in found.sentence
    verdict = check(resistances(CELL, [spectrum(z=z)], SETTINGS), "circuit_adequate")
    assert verdict.passed is False, "however many arcs describe it"
    assert "drifted by" in verdict.sentence
    still = check(resistances(CELL, [spectrum(z=noisy(exact(), 2, 0.003))], SETTINGS), "kramers_kronig")
    assert still.passed
    assert "would be found in 95 %" in still.sentence


def test_a_drifting_potential_is_found() -> None:
    """20 mV within the sweep; and 30 mV between spectra forbid their comparison."""
    drift = np.linspace(3.70, 3.72, FREQUENCIES.size)
    result = resistances(CELL, [spectrum(voltage_volt=drift)], SETTINGS)
    assert check(result, "potential_steady").passed is False
    apart = [spectrum(k, voltage_volt=np.full(FREQUENCIES.size, 3.7 + 0.03 * k), number=k + 1) for k in range(2)]
    assert check(resistances(CELL, apart, SETTINGS), "same_state").passed is False


@pytest.mark.parametrize("factor", [1e3, 1e-3])
def test_a_factor_of_a_thousand_is_found(factor: float) -> None:
    """A milliampere for an ampere, or the other way."""
    result = resistances(CELL, [spectrum(z=factor * noisy(exact(), 1))], SETTINGS)
    assert check(result, "size_plausible").passed is False
    assert "mA for A" in check(result, "size_plausible").sentence


@pytest.mark.parametrize(("factor", "passed"), [(1.0, True), (1e-6, False), (1e7, False)])
def test_a_capacitance_that_no_cell_has_is_doubted(factor: float, *, passed: bool) -> None:
    """An arc of microfarads; of an impedance a million times smaller it is one of farads, of a larger one of picofarads."""
    result = resistances(CELL, [spectrum(z=factor * noisy(exact(), 1))], SETTINGS)
    found = check(result, "capacitance_plausible")
    assert found.passed is passed
    assert "F/cm²" in found.sentence
    if not passed:
        assert (found.value > found.limit) is (factor < 1)


def test_a_truncated_range_names_no_separator() -> None:
    """10 kHz to 0.1 Hz, as of a cycler."""
    low = FREQUENCIES <= 1e4
    z = noisy(exact(), 1)
    cut = Spectrum(FREQUENCIES[low], z.real[low], z.imag[low])
    result = resistances(CELL, [cut], SETTINGS)
    assert "separator_resistance" not in result.estimates
    assert "series_resistance" in result.estimates


def test_figures_say_what_they_show() -> None:
    """Equal scales in the complex plane, logarithmic frequencies, n in the caption."""
    result = resistances(CELL, [spectrum(k, number=k + 1) for k in range(3)], SETTINGS)
    specs = METHOD.figures(CELL, result)
    assert specs[0].panels[0].equal_scales
    assert specs[0].panels[1].x.logarithmic
    assert "residual of the fit" in specs[0].panels[2].y.quantity
    assert not any(spec.id.endswith("-impedance-test") for spec in specs)
    assert all("n = " in spec.caption for spec in specs)
    assert len({spec.id for spec in specs}) == len(specs)


def test_a_spectrum_that_fails_the_test_shows_its_residuals() -> None:
    """A jump in the middle of the sweep; the panel names what it shows."""
    z = noisy(exact(), 1, 0.002)
    z[40:] *= 1.1
    result = resistances(CELL, [Spectrum(FREQUENCIES, z.real, z.imag)], SETTINGS)
    assert not result.spectra[0].test.valid
    shown = next(spec for spec in METHOD.figures(CELL, result) if spec.id.endswith("-impedance-test"))
    assert "residual of the test" in shown.panels[0].y.quantity


@pytest.mark.parametrize(
    ("name", "limit"), [("ssb_ncm_lpscl_inli_PEIS.mpr", 3.1), ("ssb_sample2_PEIS_at_rest.csv", 2.5)]
)
def test_the_sources_circuit_does_not_describe_real_cells_near_zero_charge(data: Path, name: str, limit: float) -> None:
    """Ten times the noise or more; a two-rail line beside the arcs brings it to three times or less."""
    table, reader = read_table(name, (data / "impedance" / name).read_bytes())
    spectra = spectra_from_records(spectra_of(table, Provenance(name, "", reader.id, reader.version)))[:1]
    line = "R-(RQ)-(RQ)-Tm{(RQ)}-(RQ)-Q"
    result = resistances(CELL, spectra, replace(SETTINGS, other_circuits=line))
    first, second = result.spectra[0].attempts
    assert result.spectra[0].test.noise < 0.001
    assert first.noise_ratio > 10
    assert not first.adequate
    assert second.noise_ratio < limit
    assert check(result, "circuit_adequate").passed is False


def test_the_distribution_shows_two_peaks_and_no_ghost() -> None:
    """Two arcs: their times and sizes, and the sum to half a per cent."""
    z = noisy(exact(with_truth(Q_4=1e9)), 1)
    found = distribution_of_relaxation_times(FREQUENCIES, z, 0.005)
    real = [peak for peak in found.peaks if peak.ghost_probability < 0.8]
    assert [peak.time_second for peak in real] == pytest.approx([1.6e-4, 0.05], rel=0.4)
    assert found.polarization_ohm == pytest.approx(115, rel=0.01)
    assert found.series_ohm == pytest.approx(40, rel=0.02)


def test_where_no_circuit_is_adequate_the_interval_holds_a_model_error_or_nothing(data: Path) -> None:
    """A real cell without the circuit that describes it: what has an interval lies near that circuit's value."""
    name = "ssb_sample2_PEIS_at_rest.csv"
    table, reader = read_table(name, (data / "impedance" / name).read_bytes())
    one = spectra_from_records(spectra_of(table, Provenance(name, "", reader.id, reader.version)))[:1]
    too_small = "R-(RQ)-(RQ)-Tm{(RQ)}-(RQ)-Q; R-(RQ)-(RQ)-(RQ)-(RQ)-Q; R-(RQ)-(RQ)-(RQ)-Q"
    poor = resistances(CELL, one, replace(SETTINGS, other_circuits=too_small))
    good = resistances(CELL, one, replace(SETTINGS, circuit="R-(RQ)-(RQ)-(RQ)-(RQ)-(RQ)-Q", other_circuits=""))
    assert not poor.spectra[0].chosen.adequate
    assert "model error" in check(poor, "circuit_adequate").sentence
    found = poor.estimates.as_mapping()
    known = {name: value for name, value in found.items() if np.isfinite(value.plus)}
    assert known
    assert len(known) < len(found), "what other circuits do not have is refused"
    for name, value in known.items():
        assert value.plus < 0.31 * value.value
        assert abs(value.value - good.estimates.estimate(name).value) < 2 * value.plus


def test_one_arc_more_describes_the_real_cells_at_rest(data: Path) -> None:
    """Residual within 1.3 times the noise; after a common drift ten loops repeat to far below 1 %."""
    spectra = []
    for name in ("ssb_ncm_lpscl_inli_PEIS.mpr", "ssb_sample2_PEIS_at_rest.csv"):
        table, reader = read_table(name, (data / "impedance" / name).read_bytes())
        spectra.append(spectra_from_records(spectra_of(table, Provenance(name, "", reader.id, reader.version))))
    five = replace(SETTINGS, circuit="R-(RQ)-(RQ)-(RQ)-(RQ)-(RQ)-Q", other_circuits="")
    first = resistances(CELL, spectra[0], five).spectra[0]
    assert first.chosen.adequate
    assert first.chosen.noise_ratio < 1.3
    loops = resistances(CELL, spectra[1], five)
    assert all(one.chosen.adequate and one.chosen.noise_ratio < 1.3 for one in loops.spectra)
    (series,) = loops.series
    assert len(series.numbers) == 10
    steps = np.arange(10.0)
    rest = series.resistance_ohm - np.polyval(np.polyfit(steps, series.resistance_ohm, 1), steps)
    assert np.std(rest) < 0.005 * series.resistance_ohm.mean()
