"""Speed beside LIGGGHTS and LAMMPS: the same bed, step and skin, one core, CPU seconds; medians of interleaved runs.

    python benchmarks/dem/speed.py FOLDER [20000 113500] > benchmarks/dem/speed.md

LIGGGHTS 3.8 and LAMMPS come from their Debian packages (``apt-get install liggghts lammps``).
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from packing import CYLINDERS, RADIUS, bed_case, settled
from peers import LAMMPS_LAWS, LIGGGHTS_LAWS, cpu_seconds, write_data

from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.machine import Machine

OURS = {"cathodelab thornton_ning, full tally": "thornton_ning", "cathodelab hertz, full tally": "hertz"}
FLOOR = (("LIGGGHTS thornton_ning", 1.2, 2.0), ("LAMMPS gran/hertz/history", 0.8, 1.5))


def our_speed(count: int, folder: Path, law: str, steps: int) -> float:
    """Million particle steps a CPU second, lists included, compilation and start not."""
    position, velocity = settled(count, folder)
    case = bed_case(CYLINDERS[count], law=law)
    machine = Machine(initial(case, position, RADIUS, velocity), case)
    machine.run(50)
    begin = time.process_time()
    machine.run(steps)
    return count * steps / (time.process_time() - begin) / 1e6


def their_speed(name: str, count: int, folder: Path, steps: int) -> float:
    """The same, from a long run less a short one."""
    short, _ = cpu_seconds(name, folder / f"bed_{count}.data", count, 50, folder)
    long, _ = cpu_seconds(name, folder / f"bed_{count}.data", count, 50 + steps, folder)
    return count * steps / (long - short) / 1e6


def two_threads(count: int, folder: Path, steps: int) -> tuple[float, float]:
    """Wall seconds of one thread over wall seconds of two (same blocks), and the share of two cores that was used."""
    position, velocity = settled(count, folder)
    walls = []
    share = 0.0
    for threads in (1, 2):
        case = replace(bed_case(CYLINDERS[count]), threads=threads, blocks=threads)
        machine = Machine(initial(case, position, RADIUS, velocity), case)
        machine.run(50)
        wall, used = time.perf_counter(), time.process_time()
        machine.run(steps)
        walls.append(time.perf_counter() - wall)
        share = (time.process_time() - used) / walls[-1]
    return walls[0] / walls[1], share


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("counts", type=int, nargs="*", default=[20_000, 113_500])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--scaling", type=int, nargs="*", default=[])
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - whichever git is there
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    print("# Speed of the discrete-element engine\n")
    counts = " ".join(map(str, given.counts))
    print(f"`python benchmarks/dem/speed.py FOLDER {counts}`, commit {commit}, Python {platform.python_version()}.")
    print("Million particle steps a CPU second on one core, median (lowest to highest) of interleaved repeats.")
    print("The machine was shared with other work.\n")
    for count in given.counts:
        _table(count, given.folder, given.repeats)
    if given.scaling:
        print("\n## Cost over size\n\n| particles | Mps/CPU-s | cost a particle over 20,000 |\n| --- | --- | --- |")
        speeds = {
            count: statistics.median(
                our_speed(count, given.folder, "thornton_ning", max(40, 2_000_000 // count)) for _ in range(3)
            )
            for count in given.scaling
        }
        for count, speed in speeds.items():
            print(f"| {count:,} | {speed:.2f} | {next(iter(speeds.values())) / speed:.2f} |")
        gain, share = two_threads(20_000, given.folder, 300)
        print(f"\nTwo threads over one at 20,000 particles: {gain:.2f} in wall time, {share:.2f} cores used meanwhile.")


def _table(count: int, folder: Path, repeats: int) -> None:
    position, velocity = settled(count, folder)
    write_data(position, velocity, CYLINDERS[count], folder / f"bed_{count}.data")
    steps = max(60, 6_000_000 // count)
    found: dict[str, list[float]] = {name: [] for name in (*OURS, *LIGGGHTS_LAWS, *LAMMPS_LAWS)}
    for _ in range(repeats):
        for name, values in found.items():
            values.append(
                our_speed(count, folder, OURS[name], steps) if name in OURS else their_speed(name, count, folder, steps)
            )
    print(f"\n## {count:,} particles, {steps} steps\n\n| engine and law | Mps/CPU-s |\n| --- | --- |")
    for name, values in found.items():
        print(f"| {name} | {statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f}) |")
    ours = found["cathodelab thornton_ning, full tally"]
    print()
    for name, floor, goal in FLOOR:
        ratio = statistics.median(a / b for a, b in zip(ours, found[name], strict=True))
        print(f"- over {name}: {ratio:.2f} (floor {floor:g}, goal {goal:g})", flush=True)


if __name__ == "__main__":
    main()
