"""Do the intervals hold the truth as often as they claim? A small form of ``benchmarks/conduction.py``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from staircases import CONDUCTANCE, SETTINGS, TAU, Fade, one_process, pellet, record, series, stretched, two_processes

from cathodelab.core.estimate import Estimate
from cathodelab.techniques.conduction.method import partial_conductivity

COUNT = 30
LAWS: tuple[Fade, ...] = (series, stretched, two_processes, one_process)


def test_conductivities_are_covered_and_precise() -> None:
    """Everything drawn: law, hold, ratio, noise, thickness and area; against 99.9 % limits of the binomial distribution."""
    random = np.random.default_rng(16)
    sigmas, widths = [], []
    for number in range(COUNT):
        hold, ratio = random.uniform(1.2, 8), 10 ** random.uniform(0.3, 2)
        noise = 10 ** random.uniform(-3.5, -2) * 0.01 * CONDUCTANCE
        staircase = record(
            fade=LAWS[number % len(LAWS)],
            hold=hold * TAU,
            interval=hold * TAU / 60,
            ratio=ratio,
            noise=noise,
            seed=number,
        )
        true_um, true_cm2 = 500 * (1 + 0.02 * random.standard_normal()), 0.785 * (1 + 0.005 * random.standard_normal())
        stated = replace(pellet(), thickness=Estimate(500.0, 10.0, 10.0), area=Estimate(0.785, 0.004, 0.004))
        found = partial_conductivity(stated, staircase, SETTINGS).estimates
        if "electronic_conductivity" not in found:
            continue
        one = found.estimate("electronic_conductivity")
        sigmas.append((one.value - true_um * 1e-4 / true_cm2 * CONDUCTANCE) / one.plus)
        widths.append(one.plus / one.value)
    count = len(sigmas)
    assert count > 0.8 * COUNT
    for limit, level in ((1, 0.6827), (2, 0.9545)):
        share = float(np.mean(np.abs(sigmas) < limit))
        assert share > level - 3.3 * np.sqrt(level * (1 - level) / count)
    assert np.median(widths) < 0.05
