"""Selection of the evaluated points (order, duplicates, range of the cable), and detection of mistakes in the file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.techniques.impedance.circuits.elements import ComplexArray
from cathodelab.techniques.impedance.model import ImpedanceSettings
from cathodelab.techniques.impedance.spectrum import Spectrum
from cathodelab.techniques.impedance.stated import left_out
from cathodelab.techniques.impedance.validity.kramers_kronig import KramersKronig, kramers_kronig

_FEWEST = 8
_MOST_TRIMMED, _VERY_END = 5, 3
_BAD_NOISE, _GOOD_NOISE, _BETTER = 0.03, 0.02, 5.0
_DEGREES = 180 / np.pi


def prepared(spectrum: Spectrum, settings: ImpedanceSettings) -> tuple[Spectrum, KramersKronig]:
    """The points that are evaluated, from high to low frequency, and their Kramers-Kronig test.

    Raises:
        CathodelabError: too few points, values that are no numbers, or wrongly labelled columns (sign of the imaginary part,
            swapped columns, degrees taken for radians or vice versa).
    """
    where = f"spectrum {spectrum.number}"
    _refuse_unusable(spectrum, where)
    spectrum = _sorted(spectrum)
    too_high = spectrum.frequency_hertz > settings.highest_frequency_hertz * (1 + 1e-6)
    spectrum = _without(spectrum, too_high, f"above {settings.highest_frequency_hertz:g} Hz")
    too_low = spectrum.frequency_hertz < settings.lowest_frequency_hertz * (1 - 1e-6)
    spectrum = _without(spectrum, too_low, f"below {settings.lowest_frequency_hertz:g} Hz")
    spectrum = _without(spectrum, left_out(settings.leave_out, spectrum.frequency_hertz), "as set")
    if spectrum.frequency_hertz.size < _FEWEST:
        raise CathodelabError(
            "spectrum-too-short",
            f"The spectrum has {spectrum.frequency_hertz.size} usable frequencies",
            where=where,
            why=f"At least {_FEWEST} are needed to tell noise from structure.",
            what_to_do="Measure more frequencies below the highest one that is used.",
            hints=(Hint("setting", "impedance.highest_frequency_hertz"),),
        )
    test = _tested(spectrum)
    _refuse_mistaken(spectrum.frequency_hertz, spectrum.impedance, test, where)
    return _trimmed(spectrum, test, settings)


def _refuse_unusable(spectrum: Spectrum, where: str) -> None:
    values = (spectrum.frequency_hertz, spectrum.real_ohm, spectrum.imaginary_ohm)
    finite = np.all([np.isfinite(one) for one in values], axis=0)
    if not finite.all() or np.any(spectrum.frequency_hertz < 0):
        bad = int(np.argmin(finite & (spectrum.frequency_hertz >= 0)))
        raise CathodelabError(
            "spectrum-not-numbers",
            f"Point {bad + 1} is no impedance at a positive frequency",
            where=where,
            why=f"It reads {values[0][bad]:g} Hz, {values[1][bad]:g} and {values[2][bad]:g} ohm.",
            what_to_do="Export the spectrum again, or remove the point in a copy.",
        )


def _sorted(spectrum: Spectrum) -> Spectrum:
    """Sort from high to low frequency without empty rows and exact duplicates; whatever was odd is noted."""
    notes = list(spectrum.notes)
    empty = (spectrum.frequency_hertz == 0) | (np.abs(spectrum.impedance) == 0)
    if empty.any():
        notes.append(f"{int(empty.sum())} empty rows (no frequency or no impedance) were left out.")
        spectrum = _without(spectrum, empty, "")
    order = np.argsort(-spectrum.frequency_hertz, kind="stable")
    steps = np.diff(spectrum.frequency_hertz)
    if not (np.all(steps <= 0) or np.all(steps >= 0)):
        notes.append("The frequencies were not in order; they were sorted.")
    spectrum = _chosen(spectrum, order)
    triples = np.stack([spectrum.frequency_hertz, spectrum.real_ohm, spectrum.imaginary_ohm])
    double = np.concatenate([[False], np.all(np.diff(triples, axis=1) == 0, axis=0)])
    if double.any():
        notes.append(f"{int(double.sum())} points stand in the file twice; they count once.")
        spectrum = _without(spectrum, double, "")
    again = int(np.sum(np.diff(spectrum.frequency_hertz) == 0))
    if again:
        notes.append(f"{again} frequencies were measured more than once; all points are kept.")
    return replace(spectrum, notes=tuple(notes))


def _chosen(spectrum: Spectrum, rows: np.ndarray) -> Spectrum:
    def part(values: FloatArray | None) -> FloatArray | None:
        return None if values is None else values[rows]

    return replace(
        spectrum,
        frequency_hertz=spectrum.frequency_hertz[rows],
        real_ohm=spectrum.real_ohm[rows],
        imaginary_ohm=spectrum.imaginary_ohm[rows],
        time_second=part(spectrum.time_second),
        voltage_volt=part(spectrum.voltage_volt),
        current_ampere=part(spectrum.current_ampere),
    )


def _without(spectrum: Spectrum, dropped: np.ndarray, why: str) -> Spectrum:
    if not dropped.any():
        return spectrum
    left_out = spectrum.left_out
    if why:
        left_out += tuple((float(one), why) for one in spectrum.frequency_hertz[dropped])
    return replace(_chosen(spectrum, np.flatnonzero(~dropped)), left_out=left_out)


def _trimmed(spectrum: Spectrum, test: KramersKronig, settings: ImpedanceSettings) -> tuple[Spectrum, KramersKronig]:
    """Leave out the high end down to the lowest point of its decade whose residual exceeds the noise of those below."""
    frequency = spectrum.frequency_hertz
    below = frequency <= frequency[0] / 10
    if int(below.sum()) < 2 * _FEWEST:
        return spectrum, test
    noise = kramers_kronig(frequency[below], spectrum.impedance[None, below])[0].noise
    lowest_trimmed = frequency[0] / 10
    for _ in range(_MOST_TRIMMED):
        size = np.hypot(test.residual_real, test.residual_imaginary) / np.sqrt(2)
        top = spectrum.frequency_hertz > lowest_trimmed
        far = np.flatnonzero(top & (size > settings.trim_noise_factor * noise))
        # a single far point inside the range is an outlier and stays; several, or one at the very end, are due to the cable
        if far.size == 0 or (far.size == 1 and far[0] >= _VERY_END):
            break
        first = np.arange(spectrum.frequency_hertz.size) <= far[-1]
        why = f"residual up to {size[far].max() / noise:.1f} times the noise of the decades below: cable and instrument"
        spectrum = _without(spectrum, first, why)
        test = _tested(spectrum)
    return spectrum, test


def _tested(spectrum: Spectrum) -> KramersKronig:
    clock = spectrum.time_second
    return kramers_kronig(spectrum.frequency_hertz, spectrum.impedance[None], None if clock is None else clock[None])[0]


def _refuse_mistaken(frequency: FloatArray, z: ComplexArray, test: KramersKronig, where: str) -> None:
    """Refuse a spectrum that is inconsistent but becomes consistent when a common mistake is undone."""
    positive = float(np.mean(z.real > 0))
    if test.noise <= _BAD_NOISE and positive >= 0.5:
        return
    modulus, angle = np.abs(z), np.angle(z)
    candidates: tuple[tuple[str, str, ComplexArray], ...] = (
        (
            "the imaginary part has the wrong sign",
            "Give Im(Z), which a capacitor makes negative, or name it -Im(Z)",
            z.conj(),
        ),
        ("real and imaginary part are swapped", "Exchange the two columns", z.imag + 1j * z.real),
        ("real and imaginary part are swapped", "Exchange the two columns", z.imag - 1j * z.real),
        ("real and imaginary part are swapped", "Exchange the two columns", -z.imag - 1j * z.real),
        ("the real part has the wrong sign", "Turn the sign of the real part", -z.real + 1j * z.imag),
        (
            "the phase was given in radians and read as degrees",
            "State the phase in degrees",
            modulus * np.exp(1j * angle * _DEGREES),
        ),
        (
            "the phase was given in degrees and read as radians",
            "State the phase in radians",
            modulus * np.exp(1j * angle / _DEGREES),
        ),
    )
    best: tuple[float, str, str] = (np.inf, "", "")
    for words, remedy, candidate in candidates:
        if float(np.mean(candidate.real > 0)) < 0.9:
            continue
        noise = kramers_kronig(frequency, candidate[None])[0].noise
        if noise < best[0]:
            best = noise, words, remedy
    if best[0] <= _GOOD_NOISE and (best[0] * _BETTER <= test.noise or positive < 0.5):
        raise CathodelabError(
            "spectrum-mistaken",
            f"Most likely {best[1]}",
            where=where,
            why=f"As it stands the spectrum violates the Kramers-Kronig relations by {100 * test.noise:.2g} % of the modulus; "
            f"with this undone, by {100 * best[0]:.2g} %.",
            what_to_do=f"{best[2]}, or export the spectrum again.",
        )
    if positive < 0.5:
        raise CathodelabError(
            "spectrum-not-passive",
            f"The real part is negative at {100 * (1 - positive):.0f} % of the frequencies",
            where=where,
            why="A cell at rest cannot deliver power at every frequency.",
            what_to_do="Check the cables, and which column is the real part.",
        )
