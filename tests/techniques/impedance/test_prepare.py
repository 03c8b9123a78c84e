"""Order, doubles, the cable range, and mistakes of a file that show themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from spectra import FREQUENCIES, exact, noisy

from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.impedance.model import ImpedanceSettings
from cathodelab.techniques.impedance.prepare import prepared
from cathodelab.techniques.impedance.spectrum import Spectrum

SETTINGS = ImpedanceSettings()
DEGREES = 180 / np.pi


def spectrum(z: np.ndarray, frequencies: np.ndarray = FREQUENCIES) -> Spectrum:
    return Spectrum(frequencies, z.real, z.imag)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (np.conj, "imaginary part has the wrong sign"),
        (lambda z: z.imag + 1j * z.real, "swapped"),
        (lambda z: -z.imag + 1j * z.real, "swapped"),
        (lambda z: -z.imag - 1j * z.real, "swapped"),
        (lambda z: -z.real + 1j * z.imag, "real part has the wrong sign"),
        (lambda z: np.abs(z) * np.exp(1j * np.angle(z) / DEGREES), "radians and read as degrees"),
    ],
)
def test_usual_mistakes_are_refused_by_name(mistake: Callable[[np.ndarray], np.ndarray], words: str) -> None:
    """The Kramers-Kronig relations tell which mistake makes sense of the spectrum."""
    with pytest.raises(CathodelabError) as caught:
        prepared(spectrum(mistake(noisy(exact(), 3))), SETTINGS)
    assert words in caught.value.what


def test_degrees_read_as_radians_are_never_taken_for_valid() -> None:
    """The turns are lost and cannot be undone; the spectrum is refused or fails the test."""
    z = noisy(exact(), 3)
    wrong = np.abs(z) * np.exp(1j * np.angle(z) * DEGREES)
    try:
        _, test = prepared(spectrum(wrong), SETTINGS)
    except CathodelabError:
        return
    assert not test.valid


def test_sound_spectra_are_left_alone() -> None:
    """No false refusal, nothing trimmed, in 20 spectra."""
    for seed in range(20):
        ready, test = prepared(spectrum(noisy(exact(), seed)), SETTINGS)
        assert ready.frequency_hertz.size == FREQUENCIES.size
        assert test.valid
        assert not ready.notes


def test_order_doubles_and_empty_rows_are_mended_and_said() -> None:
    """A shuffled spectrum with a row twice and a row of zeros is the same spectrum."""
    z = noisy(exact(), 1)
    order = np.random.default_rng(0).permutation(FREQUENCIES.size)
    frequencies = np.concatenate([FREQUENCIES[order], FREQUENCIES[:1], [0.0]])
    values = np.concatenate([z[order], z[:1], [0.0]])
    ready, _ = prepared(spectrum(values, frequencies), SETTINGS)
    np.testing.assert_array_equal(ready.frequency_hertz, FREQUENCIES)
    np.testing.assert_array_equal(ready.impedance, z)
    assert [
        words for words in ("empty rows", "not in order", "twice") if any(words in note for note in ready.notes)
    ] == [
        "empty rows",
        "not in order",
        "twice",
    ]


def test_the_cable_range_is_left_out_with_its_reason() -> None:
    """A growing error above 1 MHz goes, point by point; below 300 kHz everything stays."""
    z = noisy(exact(), 1, 0.002)
    z[FREQUENCIES > 1e6] *= 1 + 0.03 * np.array([(-1) ** k for k in range(int(np.sum(FREQUENCIES > 1e6)))])
    ready, test = prepared(spectrum(z), SETTINGS)
    assert 3e5 < ready.frequency_hertz.max() < 3e6
    assert test.noise < 0.004
    assert all("cable" in why for _, why in ready.left_out)


def test_points_above_the_stated_frequency_are_left_out() -> None:
    """Three megahertz unless set otherwise."""
    ready, _ = prepared(spectrum(noisy(exact(), 1)), replace(SETTINGS, highest_frequency_hertz=1e5))
    assert ready.frequency_hertz.max() <= 1e5
    assert len(ready.left_out) == int(np.sum(FREQUENCIES > 1e5))


def test_what_is_no_number_or_too_short_is_refused() -> None:
    """With the point and what it reads."""
    z = noisy(exact(), 1)
    z[4] = complex("nan")
    with pytest.raises(CathodelabError, match="Point 5"):
        prepared(spectrum(z), SETTINGS)
    with pytest.raises(CathodelabError, match="6 usable frequencies"):
        prepared(spectrum(noisy(exact(), 1)[:6], FREQUENCIES[:6]), SETTINGS)
