"""Runs killed (SIGKILL) at random moments: does the next run give what an undisturbed one gives?

python benchmarks/killed_runs.py --moments 50 --seed 20261122

Half of the runs are first runs of a small study (the reference and three cells of the demonstration), half come after one
of its files changed. Each is killed at a
moment drawn evenly from the time that an undisturbed run takes; the run after it is compared with the undisturbed one in
every file of ``results`` (but for the time of the run that they state). POSIX only. The committed table is
``benchmarks/killed_runs.md``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cathodelab.operations.demo import write_demo_study

TIME_OF_RUN = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\+00:00)?")
COMMAND = (sys.executable, "-m", "cathodelab", "run", "--jobs", "2")


@dataclass(frozen=True)
class Killed:
    """What one killed run left, and what the next one gave."""

    before_its_end: bool
    files_written: int
    half_written: int
    processes_end: bool
    next_good: bool
    same: bool
    left_over: int


def start(study: Path) -> subprocess.Popen[bytes]:
    """A run in a process group of its own."""
    return subprocess.Popen(
        [*COMMAND, str(study)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def digests(study: Path) -> dict[str, str]:
    """SHA-256 of every file of the results without the time of the run."""
    folder = study / "results"
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            contents = [path.read_bytes()]
            if path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as book:
                    contents = [book.read(name) for name in sorted(book.namelist()) if name != "docProps/core.xml"]
            joined = TIME_OF_RUN.sub(b"", b"".join(contents))
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(joined).hexdigest()
    return found


def group_ends(group: int, seconds: float = 10.0) -> bool:
    """Whether every process of a group ends by itself."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    return False


def killed(study: Path, seconds: float, expected: dict[str, str]) -> Killed:
    """Kill a run of the study after the given time, run again and compare."""
    run = start(study)
    time.sleep(seconds)
    before_its_end = run.poll() is None
    run.kill()
    run.wait()
    ends = group_ends(run.pid)
    half = len(list(study.rglob("*.part")))
    written = sum(path.is_file() for path in (study / ".cathodelab").rglob("*.*"))
    good = start(study).wait() == 0
    same = good and digests(study) == expected
    return Killed(before_its_end, written, half, ends, good, same, len(list(study.rglob("*.part"))))


def make_study(study: Path) -> None:
    """The reference and three cells of the demonstration study."""
    write_demo_study(study, seed=1)
    manifest = study / "cells.csv"
    manifest.write_text("\n".join(manifest.read_text().splitlines()[:5]) + "\n")


def change_one_file(study: Path) -> None:
    """Evaluate the study with another record for its first cell, then put the right one back."""
    first, second = study / "raw" / "ssb-01.bdf.csv", study / "raw" / "ssb-02.bdf.csv"
    kept = first.read_bytes()
    shutil.copy(second, first)
    if start(study).wait() != 0:
        raise RuntimeError("the run before failed")
    first.write_bytes(kept)


def undisturbed(template: Path, study: Path) -> tuple[dict[str, str], float]:
    """What a run gives that nothing disturbs, and its seconds."""
    shutil.copytree(template, study)
    begin = time.monotonic()
    if start(study).wait() != 0:
        raise RuntimeError("the undisturbed run failed")
    return digests(study), time.monotonic() - begin


def main() -> None:
    """Print one row a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20261122)
    given = parser.parse_args()
    drawn = random.Random(given.seed)  # noqa: S311 - moments, no secrets
    print(
        "| case | killed | before its end | half a file | next run good | same files | half files then | processes left |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as scratch:
        template, study = Path(scratch) / "template", Path(scratch) / "study"
        make_study(template)
        for case in ("first run", "one file changed"):
            if case == "one file changed":
                change_one_file(template)
            expected, seconds = undisturbed(template, study)
            found = []
            for _ in range(given.moments // 2):
                shutil.rmtree(study)
                shutil.copytree(template, study)
                found.append(killed(study, drawn.uniform(0, seconds), expected))
                print(found[-1], file=sys.stderr, flush=True)
            shutil.rmtree(study)
            columns = [
                len(found),
                sum(one.before_its_end for one in found),
                sum(one.half_written > 0 for one in found),
                sum(one.next_good for one in found),
                sum(one.same for one in found),
                sum(one.left_over for one in found),
                sum(not one.processes_end for one in found),
            ]
            print(f"| {case} ({seconds:.1f} s) | " + " | ".join(map(str, columns)) + " |", flush=True)


if __name__ == "__main__":
    main()
