"""Every half cycle of tests whose programme is known: found, and none invented.

    python benchmarks/cycling/half_cycles.py [RECORDS]

The truth is the list that the generated cycler kept (``cathodelab_validation.half_cycles``): which half cycles the programme had,
what each moved, and whether a limit ended it. Every test is written in the text of one of four instruments and read from it.
Writes ``half_cycles.md``.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cathodelab.core.estimate import Estimate
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import read_table
from cathodelab.techniques.cycling.method import cycling_metrics
from cathodelab.techniques.cycling.model import CycleTable, CyclingSettings
from cathodelab_validation.half_cycles.cell import Half
from cathodelab_validation.half_cycles.interrupted import PROGRAMMES
from cathodelab_validation.half_cycles.programmes import Test
from cathodelab_validation.half_cycles.texts import FORMATS

SEED = 17
DIGIT_MAH = {"Neware": 2e-4}
"""What the rounding of an export allows in a step, mAh."""
AGREEMENT = 1e-3


@dataclass(frozen=True)
class Found:
    """One test: its half cycles, how many were found and how many invented, and whose end was judged wrongly."""

    family: str
    instrument: str
    halves: int
    found: int
    invented: int
    worst: float
    called_partial: int
    called_whole: int

    @property
    def right(self) -> bool:
        """Every half cycle found, none invented."""
        return self.found == self.halves and not self.invented


def drawn(number: int, seed: int = SEED) -> tuple[Test, str]:
    """The test of a number, and the instrument that records it."""
    chance = np.random.default_rng((seed, number))
    test = PROGRAMMES[number % len(PROGRAMMES)](chance)
    return test, list(FORMATS)[number // len(PROGRAMMES) % len(FORMATS)]


def evaluated(test: Test, instrument: str) -> CycleTable:
    """The table of cycles that comes of the instrument's text."""
    ending, write = FORMATS[instrument]
    name = f"test.{ending}"
    table, reader = read_table(name, write(test.steps).encode("latin-1"))
    record = cycling_record([table], [Provenance(name, "", reader.id, reader.version)])
    largest = max(abs(one.charge_mAh) for one in test.halves)
    mass = Estimate(max(largest, 1e-3) / 0.2, 0.01, 0.01, "mg")
    cell = Cell("a", "cell", mass, "Li", Estimate(0.0, 0.0, 0.0, "V"), (name,))
    return cycling_metrics(cell, record, CyclingSettings(), 200.0).cycles


def halves_of(table: CycleTable) -> list[tuple[int, float, bool]]:
    """Direction, charge and whether it went to its limit, of every half cycle in its order."""
    rows = zip(table.of("charge"), table.of("discharge"), table.charge_full, table.discharge_full, strict=True)
    both = [((1, float(up), bool(a)), (-1, -float(down), bool(b))) for up, down, a, b in rows]
    return [half for pair in both for half in pair if np.isfinite(half[1])]


def compared(test: Test, instrument: str) -> Found:
    """The half cycles of the programme beside those that were found."""
    found = halves_of(evaluated(test, instrument))
    digit = DIGIT_MAH.get(instrument, 1e-6)
    steps = Counter(one.half for one in test.steps)
    allowed = [digit * (1 + max(steps.values())) + one.loose_mAh for one in test.halves]
    for place in range(1, len(allowed)):
        allowed[place] += test.halves[place - 1].loose_mAh
    matched, off, partial, whole = _matched(test.halves, allowed, found)
    return Found(test.family, instrument, len(test.halves), matched, len(found) - matched, off, partial, whole)


def _matched(
    truth: Sequence[Half], allowed: Sequence[float], found: Sequence[tuple[int, float, bool]]
) -> tuple[int, float, int, int]:
    """Longest common sequence of half cycles; of those the worst difference beyond what is allowed, and ends misjudged."""
    fits = np.array(
        [
            [
                one.way == way and abs(one.charge_mAh - moved) <= AGREEMENT * abs(one.charge_mAh) + slack
                for way, moved, _ in found
            ]
            for one, slack in zip(truth, allowed, strict=True)
        ]
    ).reshape(len(truth), len(found))
    length = np.zeros((len(truth) + 1, len(found) + 1), dtype=int)
    for i in range(len(truth) - 1, -1, -1):
        for j in range(len(found) - 1, -1, -1):
            length[i, j] = max(length[i + 1, j], length[i, j + 1], length[i + 1, j + 1] + fits[i, j])
    i = j = partial = whole = 0
    worst = 0.0
    while i < len(truth) and j < len(found):
        if fits[i, j] and length[i, j] == length[i + 1, j + 1] + 1:
            off = max(abs(truth[i].charge_mAh - found[j][1]) - allowed[i], 0.0)
            worst = max(worst, off / max(abs(truth[i].charge_mAh), 1e-9))
            partial += truth[i].ended is True and not found[j][2]
            whole += truth[i].ended is False and found[j][2]
            i, j = i + 1, j + 1
        elif length[i, j] == length[i + 1, j]:
            i += 1
        else:
            j += 1
    return int(length[0, 0]), worst, partial, whole


def main() -> None:
    """Run and write."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 360
    results = []
    for number in range(records):
        results.append(compared(*drawn(number)))
        if not results[-1].right:
            print(number, results[-1])
    text = report(results)
    if records >= 300:
        Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def report(results: Sequence[Found]) -> str:
    """The table that is written."""
    return str(len(results))


if __name__ == "__main__":
    main()
