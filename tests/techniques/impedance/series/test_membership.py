"""Which spectra form a series: potential, clock and frequencies decide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cathodelab.techniques.impedance.series.membership import memberships
from cathodelab.techniques.impedance.spectrum import Spectrum

FREQUENCIES = np.logspace(6, -1, 30)
SWEEP = np.cumsum(3 / FREQUENCIES)


def spectrum(number: int, volt: float = 3.7, hour: float | None = None) -> Spectrum:
    """Any spectrum; only what surrounds it counts here."""
    begins = 3600 * (number if hour is None else hour)
    return Spectrum(
        FREQUENCIES,
        np.full(30, 100.0),
        np.full(30, -10.0),
        time_second=begins + SWEEP,
        voltage_volt=np.full(30, volt),
        number=number,
    )


def numbers(spectra: list[Spectrum]) -> list[list[int]]:
    return [[spectra[place].number for place in one.places] for one in memberships(spectra, 0.005)]


def test_consecutive_spectra_at_one_potential_are_a_series() -> None:
    """One at 3.1 V, five at 3.7 V, two at 3.1 V: two are too few for a series."""
    volts = [3.1, *[3.7] * 5, 3.1, 3.1]
    spectra = [spectrum(number, volt) for number, volt in enumerate(volts, 1)]
    assert numbers(spectra) == [[2, 3, 4, 5, 6]]


def test_the_clock_puts_spectra_in_order_not_the_file() -> None:
    """Files may be named in any order."""
    spectra = [spectrum(number, hour=hour) for number, hour in ((1, 3), (2, 1), (3, 2))]
    assert numbers(spectra) == [[2, 3, 1]]


def test_a_sweep_whose_potential_moves_is_named_and_does_not_end_the_series() -> None:
    """20 mV within the third sweep, around the potential of the others."""
    spectra = [spectrum(number) for number in range(1, 7)]
    spectra[2] = replace(spectra[2], voltage_volt=3.7 + np.linspace(-0.01, 0.01, 30))
    (found,) = memberships(spectra, 0.005)
    assert [spectra[place].number for place in found.places] == [1, 2, 4, 5, 6]
    assert found.left_out[0][0] == 3
    assert "moves by 20 mV" in found.left_out[0][1]


def test_a_sweep_that_was_broken_off_is_named() -> None:
    """Ten of thirty frequencies; one missing point is no reason."""
    spectra = [spectrum(number) for number in range(1, 6)]
    for place, kept in ((1, 10), (3, 29)):
        one = spectra[place]
        parts = {name: getattr(one, name)[:kept] for name in ("frequency_hertz", "real_ohm", "imaginary_ohm")}
        parts |= {name: getattr(one, name)[:kept] for name in ("time_second", "voltage_volt")}
        spectra[place] = replace(one, **parts)
    (found,) = memberships(spectra, 0.005)
    assert [spectra[place].number for place in found.places] == [1, 3, 4, 5]
    assert found.left_out == ((2, "it holds 10 of the 30 frequencies of the others"),)


@pytest.mark.parametrize("shown_by_record", [True, False])
def test_an_interrupted_hold_is_two_series_that_name_each_other(shown_by_record: bool) -> None:  # noqa: FBT001
    """A spectrum elsewhere between them, or a record that left the potential between them."""
    spectra = [spectrum(number) for number in range(1, 9)]
    if shown_by_record:
        left = spectra[4].start_second - 1800
        spectra[4:] = [replace(one, reached_second=left) for one in spectra[4:]]
        wanted = [[1, 2, 3, 4], [5, 6, 7, 8]]
    else:
        spectra[3] = spectrum(4, 3.5)
        wanted = [[1, 2, 3], [5, 6, 7, 8]]
    assert numbers(spectra) == wanted
    first, second = memberships(spectra, 0.005)
    assert first.interrupted == tuple(wanted[1])
    assert second.interrupted == tuple(wanted[0])


def test_clocks_that_restart_are_no_clock_of_the_series() -> None:
    """The series stands, but nothing is said about its time."""
    spectra = [replace(spectrum(number), time_second=SWEEP) for number in range(1, 5)]
    (found,) = memberships(spectra, 0.005)
    assert not found.timed
    assert memberships([spectrum(number) for number in range(1, 5)], 0.005)[0].timed
