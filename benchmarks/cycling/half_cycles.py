"""Every half cycle of tests whose programme is known: found, and none invented.

    python benchmarks/cycling/half_cycles.py [RECORDS]

The truth is the list that the generated cycler kept (``cathodelab_validation.half_cycles``): which half cycles the programme had,
what each moved, and whether a limit ended it. Every test is written in the text of one of four instruments and read from it.
Writes ``half_cycles.md``.
"""

from __future__ import annotations

import subprocess
import sys
import time
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
    smallest: float
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
    known = counts_before(test, instrument)
    truth = [one.charge_mAh + known * one.counted_mAh for one in test.halves]
    allowed = [digit * (1 + max(steps.values())) + one.loose_mAh for one in test.halves]
    for place in range(1, len(allowed)):
        allowed[place] += test.halves[place - 1].loose_mAh
    matched, partial, whole = _matched(test.halves, truth, allowed, found)
    smallest = min(abs(one.charge_mAh) for one in test.halves)
    return Found(test.family, instrument, len(test.halves), matched, len(found) - matched, smallest, partial, whole)


def counts_before(test: Test, instrument: str) -> bool:
    """Whether the file tells what was counted before its first row.

    EC-Lab counts since the beginning of the file. An Arbin whose counters never start anew tells it of a constant current alone.
    """
    counted_anew = len({one.cycle for one in test.steps}) > 1
    return instrument != "BioLogic" and (instrument != "Arbin" or counted_anew or not np.ptp(test.steps[0].current_mA))


def _matched(
    halves: Sequence[Half], truth: Sequence[float], allowed: Sequence[float], found: Sequence[tuple[int, float, bool]]
) -> tuple[int, int, int]:
    """Length of the longest common sequence of half cycles; ends misjudged in it."""
    fits = np.array(
        [
            [one.way == way and abs(charge - moved) <= AGREEMENT * abs(charge) + slack for way, moved, _ in found]
            for one, charge, slack in zip(halves, truth, allowed, strict=True)
        ]
    ).reshape(len(truth), len(found))
    length = np.zeros((len(truth) + 1, len(found) + 1), dtype=int)
    for i in range(len(truth) - 1, -1, -1):
        for j in range(len(found) - 1, -1, -1):
            length[i, j] = max(length[i + 1, j], length[i, j + 1], length[i + 1, j + 1] + fits[i, j])
    i = j = partial = whole = 0
    while i < len(truth) and j < len(found):
        if fits[i, j] and length[i, j] == length[i + 1, j + 1] + 1:
            partial += halves[i].ended is True and not found[j][2]
            whole += halves[i].ended is False and found[j][2]
            i, j = i + 1, j + 1
        elif length[i, j] == length[i + 1, j]:
            i += 1
        else:
            j += 1
    return int(length[0, 0]), partial, whole


def main() -> None:
    """Run and write."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1440
    begin = time.process_time()
    results = [compared(*drawn(number)) for number in range(records)]
    spent = time.process_time() - begin
    wrong = [f"number {number}: {one}" for number, one in enumerate(results) if not one.right]
    text = report(results, wrong, spent)
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def report(results: Sequence[Found], wrong: Sequence[str], spent: float) -> str:
    """The text that is written."""
    lines = []
    for family in dict.fromkeys(one.family for one in results):
        some = [one for one in results if one.family == family]
        lines.append(_line(family, some))
    lines.append(_line("**together**", results))
    by = [
        f"| {instrument} | {sum(one.instrument == instrument for one in results)} | "
        f"{sum(one.instrument == instrument and one.right for one in results)} |"
        for instrument in FORMATS
    ]
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return f"""# Half cycles of tests whose programme is known

`python benchmarks/cycling/half_cycles.py {len(results)}` at {commit}, seed {SEED}, {processor()}, {spent:.0f} s of CPU with
generating and writing the files. A generated cycler keeps the list of its half cycles; every test is written in the text of one
of four instruments, read from it and evaluated. Found: in its place in the order, with its direction, its charge within
{100 * AGREEMENT:g} % (and the digits of the export). Invented: any other. Ends misjudged: limits that were reached and not
seen / not reached and believed.

| tests | records | half cycles | smallest / mAh | found | invented | records all right | ends misjudged |
| --- | --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(lines)}

| instrument | records | all right |
| --- | --- | --- |
{chr(10).join(by)}

{chr(10).join(wrong) or "No record is wrong."}

The programmes are drawn: four kinds of cells (layered oxide, phosphate, spinel, graphite), 0.3 to 5 mAh, 2 to 60 rows a step,
noise up to 2 mV, rests or none, holds or none, counts of the cycler that begin with either half, never rise, or rise at every
pulse.
"""


def _line(name: str, some: Sequence[Found]) -> str:
    return (
        f"| {name} | {len(some)} | {sum(one.halves for one in some)} | {min(one.smallest for one in some):.1g} | "
        f"{sum(one.found for one in some)} | {sum(one.invented for one in some)} | {sum(one.right for one in some)} | "
        f"{sum(one.called_partial for one in some)} / {sum(one.called_whole for one in some)} |"
    )


def processor() -> str:
    """Name of the processor."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


if __name__ == "__main__":
    main()
