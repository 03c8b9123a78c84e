"""Files of known samples for ``scale.py``: generated tests in four texts, real files, and their variants with one other unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.formats.readers import read_table
from cathodelab_validation.half_cycles.interrupted import PROGRAMMES
from cathodelab_validation.half_cycles.texts import FORMATS

SEED = 23
OTHERS = {
    "mA.h": ("A.h", "uA.h"), "mAh": ("Ah", "uAh"), "Ah": ("mAh", "uAh"), "mA": ("A", "uA"), "A": ("mA", "uA"),
    "V": ("mV", "uV"), "mV": ("V",), "s": ("min", "h", "ms"), "sec": ("min", "h"), "Min": ("s", "h"), "h": ("s", "min"),
    "Hz": ("kHz", "MHz", "mHz"), "Ohm": ("kOhm", "mOhm", "MOhm"), "ohm": ("kohm", "mohm"), "Ω": ("kΩ", "mΩ"),
}  # fmt: skip
WORDS = {"Amps": ("mAmps",), "Amp-hr": ("mAmp-hr",)}
TEXTS = {".csv", ".txt", ".mpt", ".dta", ".z", ".par", ".062", ".070"}
HEAD = 20_000


@dataclass(frozen=True)
class Case:
    """A file of known sample: mass in mg, capacity that defines 1C, material, potential of the counter electrode.

    ``whole``: some cycle went from limit to limit.
    """

    source: str
    name: str
    content: bytes
    mass_mg: float
    basis_mAh_g: float
    cam: str
    offset_volt: float
    area_cm2: float = 0.785
    whole: bool = True

    @property
    def cell(self) -> Cell:
        """As a study would state it."""
        details = {"area_cm2": f"{self.area_cm2}", **({"cam_name": self.cam} if self.cam else {})}
        mass, offset = (Estimate(value, 0.01, 0.01) for value in (self.mass_mg, self.offset_volt))
        return Cell("a", "cell", mass, "Li", offset, (self.name,), details=details)


def generated(number: int, seed: int = SEED) -> Case:
    """The test of a number in the text of one of four instruments, with dates beside its rows where the format has them."""
    chance = np.random.default_rng((seed, number))
    test = PROGRAMMES[number % len(PROGRAMMES)](chance)
    instrument = list(FORMATS)[number // len(PROGRAMMES) % len(FORMATS)]
    ending, write = FORMATS[instrument]
    largest = max(abs(one.charge_mAh) for one in test.halves)
    highest = max(float(one.volt[one.current_mA != 0].max(initial=0)) for one in test.steps)
    begins_low = test.steps[0].volt[0] < 1.5 and highest < 1.6
    cam, basis, offset = ("NCM811", 200.0, 0.62) if highest < 3.75 else ("LFP", 170.0, 0.0)
    cam, basis, offset = ("LNMO", 140.0, 0.0) if highest > 4.0 else (cam, basis, offset)
    cam, basis, offset = ("graphite", 360.0, 0.0) if begins_low else (cam, basis, offset)
    share = chance.uniform(0.3, 1.0)
    if chance.random() < 0.5:
        cam = ""
    text = write(test.steps)
    if chance.random() < 0.5:
        text = dated(text, instrument, chance)
    mass = max(largest, 1e-3) / (share * basis) * 1e3
    whole = any(one.ended and after.ended for one, after in pairwise(test.halves))
    return Case(instrument, f"{number}.{ending}", text.encode("latin-1"), mass, basis, cam, offset, whole=whole)


def dated(text: str, instrument: str, chance: np.random.Generator) -> str:
    """Dates in the column that this instrument has for them: they go on with the rows, and stand still for a pause."""
    place = {"Maccor": (-1, 3, 2, "\t", "%m/%d/%Y %H:%M:%S"), "Arbin": (2, 1, 1, ",", "%Y-%m-%d %H:%M:%S")}
    if instrument not in place:
        return text
    column, clock, head, sign, written = place[instrument]
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(end)
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=float(chance.integers(365)))
    paused, after = chance.choice([0.0, 0.0, 30.0, 300.0]), len(lines) * chance.uniform(0.2, 0.8)
    for number, line in enumerate(lines[head:-1], head):
        cells = line.split(sign)
        cells[column] = (begin + timedelta(seconds=float(cells[clock]), hours=paused * (number > after))).strftime(
            written
        )
        lines[number] = sign.join(cells)
    return end.join(lines)


def variants(case: Case) -> Iterator[Case]:
    """The file with one unit in one label changed, for every unit and every label of its head."""
    head, rest = case.content[:HEAD].decode("latin-1"), case.content[HEAD:]
    last = _header_end(head)
    for unit, others in OTHERS.items():
        mark = rf"(?<=[(/\[ ]){re.escape(unit)}(?=[)\]\t,;>\r\n ]|$)"
        for found in re.finditer(mark, head[:last]):
            for other in others:
                yield _with(case, head[: found.start()] + other + head[found.end() :], rest)
    for word, others in WORDS.items():
        for found in re.finditer(rf"(?<=[\t,]){re.escape(word)}(?=[\t,])", head[:last]):
            for other in others:
                yield _with(case, head[: found.start()] + other + head[found.end() :], rest)


def _header_end(head: str) -> int:
    """Where the line of labels ends: the last one before a line of numbers."""
    at = 0
    for line in head.splitlines(keepends=True):
        cells = [cell for cell in re.split(r"[\t,;]", line.strip()) if cell]
        numbers = sum(bool(re.fullmatch(r"[-+0-9.,:/eE ]+", cell)) for cell in cells)
        if len(cells) > 2 and numbers > 0.6 * len(cells):
            return at
        at += len(line)
    return 0


def _with(case: Case, head: str, rest: bytes) -> Case:
    content = head.encode("latin-1") + rest
    return replace(case, content=content)


def largest_run(moved: np.ndarray, current: np.ndarray) -> float:
    """Charge of the largest run of one direction of current, rests left out, Ah."""
    best = total = 0.0
    way = 0.0
    for charge, now in zip(moved, np.sign(current), strict=True):
        if now and now != way:
            way, total = now, 0.0
        total += charge
        best = max(best, abs(total))
    return best


def real(path: Path) -> Case | None:
    """A real file; ``None`` where no reader takes it.

    As these files do not state it, the mass is that of 150 mAh/g or of 1C, whichever is larger (some files are pieces of a
    test), and the area is such that the smallest real part is 20 ohm cm2.
    """
    content = path.read_bytes()
    try:
        table, _ = read_table(path.name, content)
    except CathodelabError:
        return None
    mass, area, whole = 10.0, 0.785, False
    if table.kind == "cycling":
        charge = table.columns.get("net_charge_ampere_hour")
        current = table.columns["current_ampere"]
        step = np.diff(table.columns["test_time_second"], prepend=table.columns["test_time_second"][0])
        moved = current * step / 3600 if charge is None else np.diff(charge, prepend=charge[0])
        flowing = current[current != 0] if current.any() else np.array([1e-6])
        mass = 1e3 * max(largest_run(moved, current) / 0.150, float(np.median(np.abs(flowing))) / 0.200, 1e-6)
        whole = int(np.count_nonzero(np.diff(np.sign(flowing)))) > 3
    if table.kind == "impedance spectra":
        area = 20 / float(np.min(np.abs(table.columns["real_impedance_ohm"])))
    return Case("real", path.name, content, mass, 200.0, "", 0.0, area, whole)


def drawn_variant(case: Case, number: int) -> list[Case]:
    """One of the variants of a generated file, drawn."""
    all_of = list(variants(case))
    return [all_of[int(np.random.default_rng((SEED, number, 1)).integers(len(all_of)))]] if all_of else []
