"""Files with one unit label changed, and unchanged ones: which are doubted or refused, and which pass silently.

    python benchmarks/formats/scale.py FILES... [--count 2000]

Every file goes through the door: readers, what refuses scales, and the checks that a study makes of the record. Whether the
list of contradictions (docs/reference/scale.md) contradicts a file is computed here from its columns, with code of this script
and the limits as they stand in that page. Writes ``scale.md``.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from scale_cases import SEED, TEXTS, Case, drawn_variant, generated, largest_run, real, variants

from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.formats.cell_records import cycling_record, impedance_spectra
from cathodelab.formats.readers import read_table
from cathodelab.formats.table import Table
from cathodelab.techniques.cycling.method import cycle_summary
from cathodelab.techniques.cycling.model import CyclingSettings
from cathodelab.techniques.cycling.scale_checks import extent_of, scale_checks
from cathodelab.techniques.impedance.method import resistances
from cathodelab.techniques.impedance.model import ImpedanceSettings
from cathodelab.techniques.impedance.read import spectra_from_records

LIST = (
    "capacity_plausible", "counter_plausible", "clock_plausible", "potential_plausible", "rates_plausible",
    "capacitance_plausible", "frequencies_plausible",
)  # fmt: skip
GIT = shutil.which("git") or "git"
CODES = ("impossible-scale", "units-contradict", "clocks-contradict")


@dataclass(frozen=True)
class Said:
    """What came of a file: its table where it was read, the entries of the list that failed, the code of an error."""

    table: Table | None
    doubts: tuple[str, ...] = ()
    code: str = ""

    @property
    def about_scale(self) -> bool:
        """Whether the list spoke."""
        return bool(self.doubts) or self.code in CODES


def said_of(case: Case) -> Said:
    """Through the door."""
    table = None
    try:
        table, reader = read_table(case.name, case.content)
        source = Provenance(case.name, "", reader.id, reader.version)
        checks = []
        if table.kind == "cycling":
            record = cycling_record([table], [source])
            try:
                summary = cycle_summary(case.cell, record, CyclingSettings(), case.basis_mAh_g)
                checks += summary.checks(record)
            except CathodelabError as error:
                if error.code != "no-cycles":
                    raise
                checks += scale_checks(case.cell, extent_of(record), case.basis_mAh_g)
        if table.kind == "impedance spectra":
            spectra = spectra_from_records(impedance_spectra([table], [source]))
            checks += resistances(case.cell, spectra[:2], ImpedanceSettings(other_circuits="")).checks
    except CathodelabError as error:
        return Said(table, (), error.code)
    return Said(table, tuple(one.name for one in checks if one.name in LIST and one.passed is False))


def contradicted(case: Case, table: Table, before: Table, dates: float) -> tuple[str, ...]:
    """Entries of the list that the columns contradict; computed here, with the limits as the documentation prints them.

    Args:
        case: what is stated of the sample.
        table: as the changed file claims it.
        before: the same of the unchanged file.
        dates: time between the dates of its rows, s; nan without.
    """
    if table.kind == "impedance spectra":
        return _spectrum_contradicted(table, before)
    found = []
    columns = table.columns
    clock, current = columns["test_time_second"], columns["current_ampere"]
    step = np.diff(clock, prepend=clock[0])
    if clock[-1] - clock[0] > 3600 * 43_800:
        found.append("impossible-scale")
    flowing = np.abs(current) > 1e-3 * np.abs(current).max()
    steady = flowing & (np.sign(current) == np.sign(np.roll(current, 1)))
    usual = np.median(step[steady & (step > 0)]) if (steady & (step > 0)).any() else 0.0
    steady &= step <= max(20 * usual, 600)
    integral = current * step / 3600
    moved = integral
    if "net_charge_ampere_hour" in columns:
        moved = np.diff(columns["net_charge_ampere_hour"], prepend=columns["net_charge_ampere_hour"][0])
        for way in (1, -1):
            rows = steady & (np.sign(current) == way)
            if rows.sum() > 3 and abs(integral[rows].sum()) > 0:
                ratio = abs(moved[rows].sum() / integral[rows].sum())
                found += ["counter_plausible"] * bool(not 0.5 <= ratio <= 2)
    largest = 1e3 * largest_run(moved, current)
    theory = {"NCM811": 279.0, "LFP": 171.0, "LNMO": 148.0}.get(case.cam, case.basis_mAh_g)
    share = largest / (case.mass_mg * 1e-3) / theory
    found += ["capacity_plausible"] * bool(share > 1.3 or (case.whole and share < 0.01))
    mean = np.median(np.abs(current[flowing])) if flowing.any() else np.nan
    rate = 1e3 * mean / (case.mass_mg * 1e-3 * case.basis_mAh_g)
    found += ["rates_plausible"] * bool(rate < 1e-4 or rate > 100)
    found += ["impossible-scale"] * bool(np.abs(current).max() > 60)
    if flowing.any():
        volt = columns["voltage_volt"][flowing]
        low, high = {"NCM811": (3.2, 5.2), "LFP": (3.0, 4.9), "LNMO": (3.5, 5.5)}.get(case.cam, (0.3, 5.7))
        outside = volt.max() + case.offset_volt < low or np.median(volt) + case.offset_volt > high
        found += ["potential_plausible"] * bool(abs(volt.max()) < 0.05 or outside)
    if dates > 0:
        ratio = (clock[-1] - clock[0]) / dates
        near = any(abs(ratio / factor - 1) < 0.02 or abs(ratio * factor - 1) < 0.02 for factor in (60, 1e3, 3600, 1e6))
        found += ["clock_plausible"] * bool(near or ratio > 1.5)
    return tuple(found)


def _spectrum_contradicted(table: Table, before: Table) -> tuple[str, ...]:
    """Frequencies beyond the limits; capacitances of arcs that a factor certainly moves beyond them.

    The arcs of the unchanged file lie where the modulus and the frequencies put them: the capacitance of its largest arc is
    about 1 / (2 pi f |Z|) at the frequency of the highest imaginary part.
    """
    found = []
    hertz = table.columns["frequency_hertz"]
    found += ["impossible-scale"] * bool(hertz.max() > 50e6 or hertz.min() < 1e-6)
    frequency, real, imaginary = (
        before.columns[name] for name in ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm")
    )
    del real
    peak = int(np.argmax(-imaginary))
    arc = 1 / (2 * np.pi * frequency[peak] * 2 * abs(imaginary[peak])) / 0.785
    factor = 1.0
    for name in ("frequency_hertz", "real_impedance_ohm"):
        factor *= float(np.median(table.columns[name] / before.columns[name]))
    arc /= factor
    found += ["capacitance_plausible"] * bool(not 1e-13 <= arc <= 10)  # a decade beyond: the peak is not the arc itself
    return tuple(found)


def changed_columns(table: Table, before: Table) -> str:
    """Names of the columns that the changed label moved; empty where it moved none."""
    return ", ".join(
        name
        for name, values in table.columns.items()
        if name in before.columns
        and (
            values.size != before.columns[name].size or not np.allclose(values, before.columns[name], rtol=1e-6, atol=0)
        )
    )


def dates_of(case: Case) -> float:
    """Time between the dates of the first and last row as this script wrote them, s; nan where it wrote none."""
    found = re.findall(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", case.content)
    if len(found) < 3:
        return float("nan")
    pattern = "%Y-%m-%d %H:%M:%S" if b"-" in found[-1] else "%m/%d/%Y %H:%M:%S"
    first, last = (datetime.strptime(one.decode(), pattern).replace(tzinfo=UTC) for one in (found[-2], found[-1]))
    whole = datetime.strptime(found[1 if b"-" not in found[0] else 0].decode(), pattern).replace(tzinfo=UTC)
    del first
    return (last - whole).total_seconds()


@dataclass
class Tally:
    """Counts of one kind of source."""

    files: int = 0
    unknown: int = 0
    unread: int = 0
    changed: int = 0
    contradicted: int = 0
    refused: int = 0
    doubted: int = 0
    silent: int = 0
    unchanged: int = 0
    falsely: int = 0


def tried(case: Case, tally: Tally, chosen: Sequence[Case], notes: list[str]) -> None:
    """The unchanged file, and the chosen variants of it."""
    own = said_of(case)
    tally.files += 1
    tally.unchanged += 1
    if own.about_scale:
        tally.falsely += 1
        notes.append(f"unchanged {case.source} {case.name}: {', '.join(own.doubts) or own.code}")
    if own.table is None:
        return
    dates = dates_of(case) if case.source != "real" else float("nan")
    for one in chosen:
        said = said_of(one)
        if said.table is None and said.code not in CODES:
            tally.unknown += 1
            continue
        tally.changed += 1
        if said.code in CODES:
            tally.contradicted += 1
            tally.refused += 1
            continue
        assert said.table is not None
        moved = changed_columns(said.table, own.table)
        if not moved:
            tally.unread += 1
            tally.changed -= 1
            continue
        why = contradicted(one, said.table, own.table, dates)
        if said.about_scale:
            tally.contradicted += 1
            tally.doubted += 1
        elif why:
            tally.contradicted += 1
            tally.silent += 1
            notes.append(f"silent {case.source} {case.name}, {moved}: {', '.join(why)}")


def measured(files: Sequence[Path], count: int) -> tuple[Mapping[str, Tally], list[str]]:
    """Real files with every variant of theirs, then generated ones until ``count`` files were changed."""
    tallies: dict[str, Tally] = {}
    notes: list[str] = []
    for path in sorted(files):
        case = real(path)
        if case is not None:
            text = path.suffix.lower() in TEXTS
            chosen = list(variants(case)) if text else []
            kind = "real, spectra" if "impedance" in path.parts else "real, cycling"
            tried(case, tallies.setdefault(kind, Tally()), chosen, notes)
    number = 0
    while (
        sum(one.changed for one in tallies.values()) < count or sum(one.unchanged for one in tallies.values()) < count
    ):
        case = generated(number)
        tried(case, tallies.setdefault(case.source, Tally()), drawn_variant(case, number), notes)
        number += 1
    return tallies, notes


def report(tallies: Mapping[str, Tally], notes: Sequence[str], seconds: float) -> str:
    """The table as Markdown."""
    commit = subprocess.run([GIT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    about = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((line.partition(":")[2].strip() for line in about if "model name" in line), "")
    total = Tally(*(sum(getattr(one, field) for one in tallies.values()) for field in vars(Tally())))
    rows = [
        f"| {name} | {one.unchanged} | {one.falsely} | {one.changed} | {one.contradicted} | {one.refused} | {one.doubted} | "
        f"{one.silent} |"
        for name, one in [*tallies.items(), ("**together**", total)]
    ]
    return TEXT.format(
        commit=commit.strip(),
        seed=SEED,
        processor=processor,
        seconds=seconds,
        rows="\n".join(rows),
        silent=100 * total.silent / max(total.contradicted, 1),
        contradicted=total.contradicted,
        falsely=100 * total.falsely / max(total.unchanged, 1),
        unchanged=total.unchanged,
        unread=total.unread,
        unknown=total.unknown,
        notes="\n".join(f"- {note}" for note in notes[:60]) or "- none",
    )


TEXT = """# Unit labels that are wrong

`python benchmarks/formats/scale.py FILES` at {commit}, seed {seed}, {processor}, {seconds:.0f} s of CPU, over
generated tests in the texts of four instruments and the real files of `shared/data/cycling` and `shared/data/impedance`. One
unit in one label is changed; the file goes through readers and checks as a study has them. Contradicted: the list of
[contradictions](../../docs/reference/scale.md) speaks, or should by this script's own look at the columns. Refused: an error
that names the scale. Doubted: a failed check.

| files | unchanged | of these doubted or refused | one label changed | contradicted | refused | doubted | silent |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

Silent: {silent:.2g} % of the {contradicted} that the list contradicts. Unchanged and doubted or refused: {falsely:.2g} % of
{unchanged}. Beside these, {unread} labels were changed that move nothing which is read, and {unknown} that the reader does
not know any more (refused with another error). What is changed and not contradicted is the clock of steps, which no number
comes from, and `I/uA` of EC-Lab, a unit that its reader does not know: the current is rebuilt from the charge, and right.

As real files state neither mass nor area, these are those of 150 mAh/g or 1C and of 20 ohm cm2 at the least; generated
cells give 0.3 to 1 of the capacity that defines 1C, half of them with the name of their material. Remarks:

{notes}
"""


def main() -> None:
    """Measure and write the table."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("files", nargs="*", type=Path)
    wanted.add_argument("--count", type=int, default=2000)
    given = wanted.parse_args()
    begin = time.process_time()
    tallies, notes = measured([one for one in given.files if one.is_file()], given.count)
    text = report(tallies, notes, time.process_time() - begin)
    Path(__file__).with_suffix(".md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
