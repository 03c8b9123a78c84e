"""Speed beside LIGGGHTS and LAMMPS: the same bed, step and skin, one core, CPU seconds; medians of interleaved runs.

    python benchmarks/dem/speed.py FOLDER 20000 --repeats 1      # as often as wanted: results gather in FOLDER
    python benchmarks/dem/speed.py FOLDER 113500 --repeats 1
    python benchmarks/dem/speed.py FOLDER 20000 --repeats 30 --deciding  # only what floors and goals are about
    python benchmarks/dem/speed.py FOLDER --scaling 20000 113500 250000 500000 --threads 20000 113500
    python benchmarks/dem/speed.py FOLDER --table > benchmarks/dem/speed.md

LIGGGHTS 3.8 and LAMMPS come from their Debian packages (``apt-get install liggghts lammps``).
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from packing import CYLINDERS, RADIUS, bed_case, settled
from pairs_alone import bound
from peers import LAMMPS_LAWS, LIGGGHTS_LAWS, cpu_seconds, write_data

from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.figures.matplotlib_figure import rendered
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import Machine

OURS = {"cathodelab thornton_ning, full tally": "thornton_ning", "cathodelab hertz, full tally": "hertz"}
FREE = 0.1  # cores that others may use while two threads are timed
NOTES = Path(__file__).parent / "speed_notes.md"
DECIDED = "cathodelab thornton_ning, full tally"
FLOOR = (("LIGGGHTS thornton_ning", 1.2, 2.0), ("LAMMPS gran/hertz/history", 0.8, 1.5))


def our_speed(count: int, folder: Path, law: str, steps: int) -> float:
    """Million particle steps a CPU second, lists included, compilation and start not."""
    position, velocity = settled(count, folder)
    case = bed_case(CYLINDERS[count], law=law)
    start = initial(case, position, RADIUS, velocity)
    # once for nothing: kernels, memory and the processor's clock
    Machine(start, case).run(max(50, 2_000_000 // count))
    machine = Machine(start, case)
    machine.run(50)
    begin = time.process_time()
    machine.run(steps)
    return count * steps / (time.process_time() - begin) / 1e6


def their_speed(name: str, count: int, folder: Path, steps: int) -> float:
    """The same, from a long run less a short one."""
    short, _ = cpu_seconds(name, folder / f"bed_{count}.data", count, 50, folder)
    long, _ = cpu_seconds(name, folder / f"bed_{count}.data", count, 50 + steps, folder)
    return count * steps / (long - short) / 1e6


def streamed() -> float:
    """Measured bandwidth of one core, GB/s: the triad a = b + s c over arrays far larger than any cache."""
    b, c, a = np.ones(20_000_000), np.ones(20_000_000), np.empty(20_000_000)
    best = 1e9
    for _ in range(5):
        begin = time.process_time()
        np.multiply(c, 3.0, out=a)
        np.add(a, b, out=a)
        best = min(best, time.process_time() - begin)
    # multiply reads one and writes one, add reads two and writes one array of 160 MB
    return 5 * 0.16 / best


def loaded(count: int, folder: Path) -> dict[str, float]:
    """What a step reads and writes: near and touching pairs a particle, bytes a step, time of the pair forces alone."""
    position, velocity = settled(count, folder)
    case = bed_case(CYLINDERS[count])
    machine = Machine(initial(case, position, RADIUS, velocity), case)
    machine.run(200)
    start, code = machine.pairs.now.start.numpy(), machine.pairs.now.code.numpy()
    near, touching = int(start[-1]), int((code[: start[-1]] < 0).sum())
    wide = int(machine.pairs.wide.count.numpy()[:-1].sum())
    machine.still()
    launch = bound(machine)
    launch.launch()
    best = 1e9
    for _ in range(12):
        begin = time.process_time()
        launch.launch()
        best = min(best, time.process_time() - begin)
    # of a particle: position, velocity, spin (32 each) read, force and torque (64) read and written, start of its row
    # of a near pair: its owner and code; of a contact: spring (32) and memory (16) read and written
    bytes_pairs = count * (3 * 32 + 2 * 64 + 4) + near * 8 + touching * 2 * 48
    return {
        "wide": wide / count,
        "near": near / count,
        "touching": touching / count,
        "bytes_contact": bytes_pairs / touching,
        "seconds": best,
        "gb_s": bytes_pairs / best / 1e9,
        "bytes_particle": _held(machine) / count,
    }


def _held(machine: Machine) -> int:
    """Bytes of all arrays of a machine: particles with their second places, tables and both rooms of both lists."""
    arrays: dict[int, int] = {}
    seen: set[int] = set()
    waiting: list[object] = [machine]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, machine.wp.array):
            arrays[one.ptr or 0] = one.capacity
        elif isinstance(one, (list, tuple, dict)):
            waiting += one.values() if isinstance(one, dict) else one
        elif hasattr(one, "__dict__") and (type(one).__module__.startswith("cathodelab") or hasattr(one, "_cls")):
            waiting += vars(one).values()
    return sum(arrays.values())


def _busy() -> float:
    """CPU seconds all processes of this machine have used; 0 where the system does not say."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    user, nice, system, _idle, _wait, *other = map(int, stat.read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(other)) / 100


def _chunk(machine: Machine, steps: int) -> dict[str, float]:
    """Wall and CPU milliseconds a step, the share in the lists, and the cores other processes used meanwhile."""
    lists, spent = machine._listed_anew, [0.0]  # noqa: SLF001 - its time is what is measured

    def timed() -> None:
        begin = time.perf_counter()
        lists()
        spent[0] += time.perf_counter() - begin

    machine._listed_anew = timed  # type: ignore[method-assign] # noqa: SLF001
    busy, wall, cpu = _busy(), time.perf_counter(), time.process_time()
    machine.run(steps)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    machine._listed_anew = lists  # type: ignore[method-assign] # noqa: SLF001
    others = max(_busy() - busy - cpu, 0.0) / wall
    return {"wall": 1e3 * wall / steps, "cpu": 1e3 * cpu / steps, "lists": spent[0] / wall, "others": others}


def two_threads(count: int, folder: Path, *, rounds: int = 12, steps: int = 300, warm: int = 500) -> dict[str, float]:
    """Wall time of one thread over two, in turns; turns in which others used the cores do not count.

    A turn is long enough to hold the lists made anew, which are least shared out.
    """
    position, velocity = settled(count, folder)
    machines = []
    for threads in (1, 2):
        case = replace(bed_case(CYLINDERS[count]), threads=threads, blocks=threads)
        machines.append(Machine(initial(case, position, RADIUS, velocity), case))
        machines[-1].run(warm)
    turns = [[_chunk(machine, steps) for machine in machines] for _ in range(rounds)]
    free = [(one, two) for one, two in turns if one["others"] < FREE and two["others"] < FREE]

    def middle(of: Callable[[dict[str, float], dict[str, float]], float]) -> float:
        return statistics.median(of(one, two) for one, two in free or turns)

    gains = sorted(one["wall"] / two["wall"] for one, two in free or turns)
    return {
        "turns": rounds,
        "free": len(free),
        "gain": statistics.median(gains),
        "gain_low": gains[len(gains) // 4],
        "gain_high": gains[3 * len(gains) // 4],
        "cores": middle(lambda _, two: two["cpu"] / two["wall"]),
        "inflation": middle(lambda one, two: two["cpu"] / one["cpu"]),
        "lists_one": middle(lambda one, _: one["lists"]),
        "lists_two": middle(lambda _, two: two["lists"]),
        "wall_one": middle(lambda one, _: one["wall"]),
        "wall_two": middle(lambda _, two: two["wall"]),
    }


def measured(count: int, folder: Path, *, deciding: bool) -> dict[str, float]:
    """Each engine and law once, one after the other, or only those that floors and goals are about."""
    position, velocity = settled(count, folder)
    write_data(position, velocity, CYLINDERS[count], folder / f"bed_{count}.data")
    steps = max(60, 6_000_000 // count)
    wanted = (DECIDED, *(name for name, *_ in FLOOR)) if deciding else (*OURS, *LIGGGHTS_LAWS, *LAMMPS_LAWS)
    return {
        name: our_speed(count, folder, OURS[name], steps) if name in OURS else their_speed(name, count, folder, steps)
        for name in wanted
    }


def median_interval(values: list[float]) -> tuple[float, float]:
    """95 % interval of the median from order statistics: any distribution; from lowest to highest below six values."""
    ordered, count = sorted(values), len(values)
    outside, k = 0.5**count, 0
    # values below the median are binomial with 1/2: cut while both tails together hold at most 5 %
    while 2 * (outside + math.comb(count, k + 1) * 0.5**count) <= 0.05:
        k += 1
        outside += math.comb(count, k) * 0.5**count
    return ordered[k], ordered[count - 1 - k]


def main() -> None:
    """Measure, or print the table of what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("counts", type=int, nargs="*", default=[])
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--deciding", action="store_true", help="only the rows that floors and goals are about")
    parser.add_argument("--scaling", type=int, nargs="*", default=[])
    parser.add_argument("--threads", type=int, nargs="*", default=[])
    parser.add_argument("--roofline", type=int, nargs="*", default=[])
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    log = given.folder / "speed.jsonl"
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - whichever git is there
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()

    def keep(kind: str, count: int, values: dict[str, float]) -> None:
        with log.open("a") as file:
            print(json.dumps({"commit": commit, "kind": kind, "count": count, **values}), file=file)

    for count in given.counts:
        for _ in range(given.repeats):
            keep("engines", count, measured(count, given.folder, deciding=given.deciding))
    for count in given.scaling:
        steps = max(40, 2_000_000 // count)
        keep("scaling", count, {"speed": our_speed(count, given.folder, "thornton_ning", steps)})
    for count in given.roofline:
        keep("roofline", count, {**loaded(count, given.folder), "stream_gb_s": streamed()})
    for count in given.threads:
        keep("threads", count, two_threads(count, given.folder))
    if given.table:
        _tables([json.loads(line) for line in log.read_text().splitlines()])


def _tables(rows: list[dict[str, Any]]) -> None:
    commits = ", ".join(dict.fromkeys(row["commit"] for row in rows))
    print("# Speed of the discrete-element engine\n")
    print(
        f"`python benchmarks/dem/speed.py` (see its first lines), commit {commits}, Python {platform.python_version()}."
    )
    print("Million particle steps a CPU second on one core, median (lowest to highest) of interleaved repeats.")
    print("The machine was shared with other work, which moves single values by a third: read the ratios.")
    for count in dict.fromkeys(row["count"] for row in rows if row["kind"] == "engines"):
        _engines(count, [row for row in rows if row["kind"] == "engines" and row["count"] == count])
    by_size: dict[int, list[float]] = {}
    for row in rows:
        if row["kind"] == "scaling":
            by_size.setdefault(row["count"], []).append(row["speed"])
    if by_size:
        print(
            "\n## Cost over size\n\n| particles | Mps/CPU-s | cost a particle over the smallest |\n| --- | --- | --- |"
        )
        medians = {count: statistics.median(values) for count, values in sorted(by_size.items())}
        for count, speed in medians.items():
            cost = next(iter(medians.values())) / speed
            spread = f"{min(by_size[count]):.2f} to {max(by_size[count]):.2f}"
            print(f"| {count:,} | {speed:.2f} ({spread}) | {cost:.2f} |")
    _threads([row for row in rows if row["kind"] == "threads"])
    _roofline([row for row in rows if row["kind"] == "roofline"])


def _threads(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    print("\n## Two threads over one\n")
    heads = ("particles", "runs", "gain in wall time (lowest to highest)", "ms a step, one and two", "cores used",
             "CPU of two over one", "share of the lists, one and two", "turns that count")  # fmt: skip
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for count in sorted({row["count"] for row in rows}):
        runs = [row for row in rows if row["count"] == count]
        of = {name: statistics.median(row[name] for row in runs) for name in runs[0] if name not in ("commit", "kind")}
        gains = [row["gain"] for row in runs]
        print(
            f"| {count:,} | {len(runs)} | {of['gain']:.2f} ({min(gains):.2f} to {max(gains):.2f}) "
            f"| {of['wall_one']:.2f}, {of['wall_two']:.2f} "
            f"| {of['cores']:.2f} | {of['inflation']:.2f} | {of['lists_one']:.3f}, {of['lists_two']:.3f} "
            f"| {sum(row['free'] for row in runs)} of {sum(row['turns'] for row in runs)} |"
        )
    print(
        "\nOne and two threads in turns of 300 steps after 500; a run's gain is the median of its turns, those not counted in "
        f"which other processes used more than {FREE:g} cores; medians of the runs."
    )


def _engines(count: int, rows: list[dict[str, Any]]) -> None:
    print(f"\n## {count:,} particles, {len(rows)} repeats\n\n| engine and law | Mps/CPU-s |\n| --- | --- |")
    for name in (*OURS, *LIGGGHTS_LAWS, *LAMMPS_LAWS):
        values = [row[name] for row in rows if name in row]
        if not values:
            continue
        print(f"| {name} | {statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f}) |")
    print()
    for name, floor, goal in FLOOR:
        ratios = [row[DECIDED] / row[name] for row in rows]
        low, high = median_interval(ratios)
        spread = f"95 % interval of the median {low:.2f} to {high:.2f}, single {min(ratios):.2f} to {max(ratios):.2f}"
        print(f"- over {name}: {statistics.median(ratios):.2f} ({spread}; floor {floor:g}, goal {goal:g})")


def _roofline(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    heads = ["particles", "listed, near, touching a particle", "bytes a contact", "GB/s of the pair forces", "stream GB/s",
             "ns a contact", "bytes held a particle"]  # fmt: skip
    print(f"\n## What bounds it\n\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for row in rows:
        each = row["seconds"] / (row["touching"] * row["count"]) * 1e9
        print(
            f"| {row['count']:,} | {row['wide']:.1f}, {row['near']:.1f}, {row['touching']:.2f} | {row['bytes_contact']:.0f} "
            f"| {row['gb_s']:.1f} | {row['stream_gb_s']:.1f} | {each:.0f} | {row['bytes_particle']:.0f} |"
        )
    _figure(rows)
    print(f"\n{NOTES.read_text()}")


def _figure(rows: list[dict[str, Any]]) -> None:
    """Bandwidth used against the measured stream bandwidth, as a picture beside the table."""
    sizes = np.array([1e-3 * row["count"] for row in rows])
    used, stream = (np.array([row[name] for row in rows]) for name in ("gb_s", "stream_gb_s"))
    panel = Panel(
        Axis("thousand particles"),
        Axis("bandwidth of one core", "GB/s", logarithmic=True),
        (
            Series("points", sizes, used, "pair forces, bytes they need", 1),
            Series("points", sizes, stream, "stream (triad), measured", 0, open_marks=True),
        ),
    )
    caption = "Bytes the pair forces need a second, beside what one core can stream: they are not bound by bandwidth."
    picture = rendered(FigureSpec("dem_roofline", caption, (panel,), 8.4), "png", 200)
    (Path(__file__).parent / "roofline.png").write_bytes(picture)


if __name__ == "__main__":
    main()
