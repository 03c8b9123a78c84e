"""Which spectra form a series: consecutive ones at one potential. Potential, clock and frequencies decide, never a fit."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.impedance.spectrum import Spectrum

FEWEST = 3
"""A series needs so many spectra: with two a drift cannot be told from noise."""
_SAME_FREQUENCY = 1e-4
_LARGEST_PART_MISSING = 0.2


@dataclass(frozen=True)
class Membership:
    """The spectra of one series.

    Args:
        places: of its spectra among all, in the order of time.
        left_out: (number, why) of the spectra that lie within it and are not used.
        timed: whether its spectra have clocks that run on.
        interrupted: numbers of the spectra at the same potential from which this series is parted by an interruption.
    """

    places: tuple[int, ...]
    left_out: tuple[tuple[int, str], ...] = ()
    timed: bool = True
    interrupted: tuple[int, ...] = ()


def memberships(spectra: Sequence[Spectrum], same_volt: float) -> tuple[Membership, ...]:
    """The series among the spectra of a cell, in the order of time.

    Args:
        spectra: of one cell.
        same_volt: spectra within this range of the series' median belong to it, V.
    """
    runs: list[list[int]] = [[]]
    aside: list[list[tuple[int, str]]] = [[]]
    for place in _in_time(spectra):
        one = spectra[place]
        moved = moved_volt(one)
        begins = bool(runs[-1]) and not _continues([spectra[each] for each in runs[-1]], one, same_volt)
        if moved > same_volt and not begins:
            words = f"its potential moves by {1e3 * moved:.2g} mV during the sweep"
            aside[-1].append((one.number, words))
            continue
        if begins:
            runs.append([])
            aside.append([])
        runs[-1].append(place)
    found = [_alike(spectra, run, out) for run, out in zip(runs, aside, strict=True)]
    found = [one for one in found if len(one.places) >= FEWEST]
    return tuple(_with_interruptions(spectra, one, found, same_volt) for one in found)


def moved_volt(one: Spectrum) -> float:
    """Change of the potential within a sweep, by a straight line through all points; 0 where unknown.

    Single readings are noisy, the ends alone would be too.
    """
    if one.voltage_volt is None or one.voltage_volt.size < 4:
        return 0.0
    x = np.linspace(-0.5, 0.5, one.voltage_volt.size)
    return float(abs(np.sum(x * one.voltage_volt) / np.sum(x * x)))


def _in_time(spectra: Sequence[Spectrum]) -> list[int]:
    """Places in the order of the clock where it runs through all spectra without overlap, else as they are numbered."""
    numbers = list(range(len(spectra)))
    if not _runs_on(spectra, numbers):
        begins = [one.start_second for one in spectra]
        order = [int(place) for place in np.argsort(begins, kind="stable")]
        return order if _runs_on(spectra, order) else numbers
    return numbers


def _runs_on(spectra: Sequence[Spectrum], order: Sequence[int]) -> bool:
    """Whether spectra have clocks and each begins after the one before has ended."""
    clocks = [spectra[place].time_second for place in order]
    known = [clock for clock in clocks if clock is not None]
    if len(known) < len(clocks):
        return False
    return all(float(np.min(later)) >= float(np.max(before)) for before, later in itertools.pairwise(known))


def _continues(run: Sequence[Spectrum], one: Spectrum, same_volt: float) -> bool:
    """Whether a spectrum belongs to the run before it."""
    potentials = [each.potential_volt for each in run]
    if not abs(float(np.median(potentials)) - one.potential_volt) <= same_volt:
        return False
    left = one.reached_second > run[-1].start_second
    return not left


def _alike(spectra: Sequence[Spectrum], run: Sequence[int], aside: list[tuple[int, str]]) -> Membership:
    """The run without spectra that hold too few of the frequencies that most of them share."""
    if not run:
        return Membership((), tuple(aside))
    grid = common_grid([spectra[place] for place in run])
    kept, out = [], list(aside)
    for place in run:
        found = int(np.count_nonzero(on_grid(grid, spectra[place].frequency_hertz) >= 0))
        if found < (1 - _LARGEST_PART_MISSING) * grid.size:
            words = f"it holds {found} of the {grid.size} frequencies of the others"
            out.append((spectra[place].number, words))
        else:
            kept.append(place)
    return Membership(tuple(kept), tuple(sorted(out)), _runs_on(spectra, kept))


def common_grid(run: Sequence[Spectrum]) -> FloatArray:
    """The frequencies, Hz from high to low, of the spectrum with the most common number of points."""
    sizes = [one.frequency_hertz.size for one in run]
    usual = max(set(sizes), key=lambda size: (sizes.count(size), size))
    return run[sizes.index(usual)].frequency_hertz


def on_grid(grid: FloatArray, frequency_hertz: FloatArray) -> np.ndarray:
    """Place of each grid frequency among those of a spectrum, shape of the grid; -1 where it has none."""
    apart = np.abs(np.log(grid)[:, None] - np.log(frequency_hertz)[None, :])
    nearest = np.argmin(apart, axis=1)
    return np.where(apart[np.arange(grid.size), nearest] < _SAME_FREQUENCY, nearest, -1)


def _with_interruptions(
    spectra: Sequence[Spectrum], one: Membership, found: Sequence[Membership], same_volt: float
) -> Membership:
    own = np.median([spectra[place].potential_volt for place in one.places])
    others = [
        spectra[place].number
        for other in found
        if other is not one
        and abs(np.median([spectra[each].potential_volt for each in other.places]) - own) <= same_volt
        for place in other.places
    ]
    return Membership(one.places, one.left_out, one.timed, tuple(sorted(others)))
