"""A study of two tiny cells, disturbed: kills, full disks, killed workers, a fault at every write, flipped bits of the cache.

    python benchmarks/disturbed_runs.py --out benchmarks/disturbed_runs.md [--kills 60] [--disks 30] [--workers 30] [--bits 1000]

After each disturbance: is the folder of results one whole set (every file that ``results.json`` lists is there, its estimates
are those of ``tables/estimates.csv``) or does it say that it is not; does the next run give the files of an undisturbed one
(but for the time of the run); has anything beside the study changed. POSIX only; full disks need the right to mount (tmpfs).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from killed_runs import digests, group_ends

from cathodelab.report.results_folder import MIXED
from cathodelab.study.cache import FOLDER, KINDS, program_digest
from cathodelab.study.seal import unsealed

COMMAND = (sys.executable, "-m", "cathodelab", "run", "--jobs", "2")
HEAD = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file\n"
MASSES = ("13.550", "12.980")
"""Of the cell whose mass changes from one run to the next."""


class Bench:
    """The study, what an undisturbed run of it gives for either mass, and a neighbour that nothing may touch."""

    def __init__(self, data: Path, home: Path) -> None:
        self.home, self.study = home, home / "study"
        (self.study / "raw").mkdir(parents=True)
        (home / "neighbour").mkdir()
        (home / "neighbour" / "notes.1.part").write_text("mine")
        for name in ("liquid-01", "ssb-01", "ssb-02"):
            shutil.copy(data / f"{name}.csv", self.study / "raw")
        self.seconds, self.expected = 0.0, {}
        for mass in MASSES:
            self.state(mass)
            begin = time.monotonic()
            self.run()
            self.seconds, self.expected[mass] = time.monotonic() - begin, digests(self.study)
        self.outside = self.neighbours()

    def state(self, mass: str) -> None:
        """The table with this mass of the first cell."""
        rows = ["liquid-01,reference,5.777,0.05,Li,raw/liquid-01.csv", f"ssb-01,cell,{mass},0.1,In/InLi,raw/ssb-01.csv",
                "ssb-02,cell,13.614,0.1,In/InLi,raw/ssb-02.csv"]  # fmt: skip
        (self.study / "cells.csv").write_text(HEAD + "\n".join(rows) + "\n")

    def started(self, command: tuple[str, ...] = COMMAND) -> subprocess.Popen[bytes]:
        """A run in a process group of its own."""
        quiet = subprocess.DEVNULL
        return subprocess.Popen([*command, str(self.study)], stdout=quiet, stderr=quiet, start_new_session=True)

    def run(self) -> None:
        """An undisturbed run."""
        if self.started().wait() != 0:
            raise RuntimeError("an undisturbed run failed")

    def neighbours(self) -> str:
        """One hash of everything beside what a run may write."""
        digest = hashlib.sha256()
        for path in sorted(self.home.rglob("*")):
            name = path.relative_to(self.home).as_posix()
            if path.is_file() and not name.startswith(("study/results/", f"study/{FOLDER}", "study/cells.csv")):
                digest.update(name.encode() + path.read_bytes())
        return digest.hexdigest()

    def whole(self) -> str:
        """``old or new set``, ``none`` before the first, ``says so`` where the folder says it is mixed, else ``MIXED``."""
        folder = self.study / "results"
        if (folder / MIXED).is_file():
            return "says so"
        if not (folder / "results.json").is_file():
            return "none" if not folder.is_dir() or not any(folder.rglob("*.csv")) else "MIXED"
        record = json.loads((folder / "results.json").read_text())
        found = digests(self.study)
        if found in self.expected.values():
            return "one whole set"
        with (folder / "tables" / "estimates.csv").open(newline="") as lines:
            written = {(row["sample"], row["method"], row["estimate"]): row["value"] for row in csv.DictReader(lines)}
        same = all(
            f"{one['value']}" == written.get((sample, method, name))
            for sample, methods in record["samples"]["cell"].items()
            for method, part in methods.items()
            for name, one in part["estimates"].items()
        )
        return "one whole set" if same and set(found) >= set(record["written"]) else "MIXED"

    def after(self, mass: str) -> tuple[str, str, str]:
        """What was left, what the next run gives, and whether the neighbour is as it was."""
        left = self.whole()
        good = self.started().wait() == 0 and digests(self.study) == self.expected[mass]
        return left, "same numbers" if good else "OTHER NUMBERS", "" if self.neighbours() == self.outside else "TOUCHED"


def fresh(bench: Bench, drawn: random.Random) -> str:
    """Before the disturbance: nothing there yet (one time in three), or the results of the other mass."""
    if drawn.random() < 1 / 3:
        shutil.rmtree(bench.study / "results", ignore_errors=True)
        shutil.rmtree(bench.study / FOLDER, ignore_errors=True)
    before = digests(bench.study)
    mass = MASSES[1] if before == bench.expected[MASSES[0]] else MASSES[0]
    bench.state(mass)
    return mass


def kill(bench: Bench, drawn: random.Random) -> str:
    """SIGKILL of the run at a moment of its time."""
    mass = fresh(bench, drawn)
    run = bench.started()
    time.sleep(drawn.uniform(0, 1.1 * bench.seconds))
    ended = run.poll() is not None
    run.kill()
    run.wait()
    ends = group_ends(run.pid)
    return "; ".join(filter(None, ("had ended" if ended else "killed", *bench.after(mass), "" if ends else "ORPHANS")))


def killed_worker(bench: Bench, drawn: random.Random) -> str:
    """SIGKILL of a process that the run started: its results are complete, or say what is lost."""
    mass = fresh(bench, drawn)
    run = bench.started()
    time.sleep(drawn.uniform(0.2, 0.9) * bench.seconds)
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    found = children.read_text().split() if children.is_file() else []
    if found:
        os.kill(int(drawn.choice(found)), 9)
    code = run.wait()
    return "; ".join(filter(None, (f"{'a worker' if found else 'none there'}, exit {code}", *bench.after(mass))))


def full_disk(bench: Bench, drawn: random.Random) -> str:
    """A run on a file system with too little room for its results."""
    mass = fresh(bench, drawn)
    small = bench.home.parent / "small"
    small.mkdir(exist_ok=True)
    need = sum(path.stat().st_size for path in bench.study.rglob("*") if path.is_file())
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={need + (24 << 20)}", "tmpfs", str(small)], check=True)  # noqa: S607
    study, kept = bench.study, bench.study
    try:
        bench.study = small / "study"
        shutil.copytree(study, bench.study)
        room = shutil.disk_usage(small).free - drawn.randrange(0, 3 << 20)
        (small / "filler").write_bytes(bytes(max(room, 0)))
        code = bench.started().wait()
        left = bench.whole()
        (small / "filler").unlink()
        good = bench.started().wait() == 0 and digests(bench.study) == bench.expected[mass]
    finally:
        bench.study = kept
        subprocess.run(["umount", "-l", str(small)], check=True)  # noqa: S607
    return "; ".join((f"exit {code}", left, "same numbers" if good else "OTHER NUMBERS"))


FAULT = """
import builtins, io, os, sys
from pathlib import Path
from cathodelab.apps.cli import main
at, how, count, home = int(sys.argv[1]), sys.argv[2], 0, os.path.realpath(sys.argv[3])
def faulty(call):
    def wrapped(path, *given, **named):
        global count
        if os.path.realpath(path).startswith(home):
            count += 1
            if count == at:
                if how == "kill":
                    os._exit(9)
                raise OSError(28, "No space left on device", str(path))
        return call(path, *given, **named)
    return wrapped
for name in ("write_bytes", "write_text", "replace", "mkdir", "unlink"):
    setattr(Path, name, faulty(getattr(Path, name)))
code = main(["run", "--jobs", "1", sys.argv[3]])
print("writes", count)
sys.exit(code)
"""


def fault_at(bench: Bench, at: int, how: str) -> tuple[str, bool]:
    """An error of the system, or the end of the process, at one write; whether there was such a write."""
    mass = MASSES[0] if digests(bench.study) == bench.expected[MASSES[1]] else MASSES[1]
    bench.state(mass)
    done = subprocess.run(
        [sys.executable, "-c", FAULT, str(at), how, str(bench.study)], capture_output=True, text=True, check=False
    )
    reached = "writes" not in done.stdout or int(done.stdout.rpartition("writes ")[2]) >= at
    traced = "TRACEBACK" if "Traceback" in done.stderr else ""
    return "; ".join(filter(None, (how, f"exit {done.returncode}", *bench.after(mass), traced))), reached


def flipped(bench: Bench, kind: str, number: int, drawn: random.Random) -> str:
    """Bits of entries of one kind, one at a time: is the entry taken all the same?"""
    folder = bench.study / FOLDER / program_digest() / kind
    entries = sorted(path for path in folder.iterdir() if path.is_file())
    found = Counter[str]()
    for _ in range(number):
        path = drawn.choice(entries)
        sound = path.read_bytes()
        bad = bytearray(sound)
        bad[drawn.randrange(len(bad))] ^= 1 << drawn.randrange(8)
        path.write_bytes(bad)
        found["TAKEN" if unsealed(path.read_bytes()) is not None else "found"] += 1
        path.write_bytes(sound)
    for path in entries:  # all at once, and a run: every entry is made anew
        bad = bytearray(path.read_bytes())
        bad[drawn.randrange(len(bad))] ^= 1 << drawn.randrange(8)
        path.write_bytes(bad)
    (bench.study / "results" / "results.json").unlink()
    good = bench.started().wait() == 0 and digests(bench.study) in bench.expected.values()
    return (
        f"{kind}: {dict(found)}; {len(entries)} entries damaged at once: {'same numbers' if good else 'OTHER NUMBERS'}"
    )


def main() -> None:
    """One disturbance after the other; the table is written after each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ["CATHODELAB_TEST_DATA"]) / "known_truth")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--disks", type=int, default=30)
    parser.add_argument("--workers", type=int, default=30)
    parser.add_argument("--faults", type=int, default=1000, help="at most so many writes")
    parser.add_argument("--bits", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261201)
    given = parser.parse_args()
    found: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        bench, drawn = Bench(given.data, Path(scratch) / "home"), random.Random(given.seed)  # noqa: S311 - moments, no secrets

        def note(kind: str, said: str) -> None:
            found.setdefault(kind, Counter())[said] += 1
            lines = ["# Disturbed runs", "", f"`python benchmarks/disturbed_runs.py`, seed {given.seed}.", "", "| disturbance | what came | times |", "| --- | --- | --- |"]  # fmt: skip # noqa: E501
            lines += [
                f"| {kind} | {said} | {count} |" for kind, counts in found.items() for said, count in counts.items()
            ]
            given.out.write_text("\n".join(lines) + "\n")

        for kind in KINDS:
            note("flipped bits", flipped(bench, kind, given.bits, drawn))
        repeated: list[tuple[str, int, Callable[[Bench, random.Random], str]]] = [
            ("kill", given.kills, kill), ("killed worker", given.workers, killed_worker), ("full disk", given.disks, full_disk)
        ]  # fmt: skip
        for how in ("fail", "kill"):
            for at in range(1, given.faults + 1):
                said, reached = fault_at(bench, at, how)
                if not reached:
                    break
                note("fault at every write", said)
        for kind, number, disturb in repeated:
            for _ in range(number):
                note(kind, disturb(bench, drawn))


if __name__ == "__main__":
    main()
