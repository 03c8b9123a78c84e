"""Speed of the discrete-element engine on a CUDA device, beside the CPU of the same machine: the beds of ``speed.py``.

    python benchmarks/dem/cuda.py FOLDER 20000 113500 500000 2000000        # results gather in FOLDER
    python benchmarks/dem/cuda.py FOLDER --cpu 20000 113500 --threads 1 2 4 8 16
    python benchmarks/dem/cuda.py FOLDER --table > benchmarks/dem/cuda.md

Beds above 113,500 are that bed stacked. Where there is no git, ``--commit`` names the commit.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from packing import CYLINDERS, RADIUS, bed_case, settled

from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import Machine
from cathodelab.simulation.dem.engine.steppers import Staged

WARM, TURNS = 500, 7
Row = dict[str, Any]


def bedded(count: int, folder: Path, **changed: Any) -> Machine:  # noqa: ANN401 - fields of a case
    """A machine with the settled bed, some steps on: kernels compiled, lists made, clocks up."""
    position, velocity = settled(count, folder)
    case = replace(bed_case(CYLINDERS[count]), **changed)
    machine = Machine(initial(case, position, RADIUS, velocity), case)
    machine.run(WARM)
    return machine


def timed(machine: Machine, steps: int) -> tuple[float, float]:
    """Milliseconds a step of wall time, and the share that making lists (and graphs) took."""
    wp, spent = machine.wp, [0.0]

    def watched(what: Callable[..., Any]) -> Callable[..., Any]:
        def and_timed(*given: Any) -> Any:  # noqa: ANN401 - whatever it is
            begin = time.perf_counter()
            result = what(*given)
            wp.synchronize()
            spent[0] += time.perf_counter() - begin
            return result

        return and_timed

    lists, on = machine._listed_anew, machine.steps_on  # noqa: SLF001 - its time is what is measured
    machine._listed_anew = watched(lists)  # type: ignore[method-assign] # noqa: SLF001
    if isinstance(on, Staged):
        on._looped = watched(type(on)._looped.__get__(on))  # type: ignore[method-assign] # noqa: SLF001
    wp.synchronize()
    begin = time.perf_counter()
    machine.run(steps)
    wall = time.perf_counter() - begin
    machine._listed_anew = lists  # type: ignore[method-assign] # noqa: SLF001
    return 1e3 * wall / steps, spent[0] / wall


def on_cuda(count: int, folder: Path) -> Row:
    """The whole step in turns with and without a graph, for the bed changes; then each of its launches by itself."""
    machine = bedded(count, folder, device="cuda")
    device = machine.wp.get_device("cuda")
    steps = max(600, min(4000, 400_000_000 // count))
    before = machine.rebuilt
    turns, single = [], []
    for _ in range(TURNS):
        turns.append(timed(machine, steps))
        single.append(without_graph(machine, steps // 4))
    walls = sorted(wall for wall, _ in turns)
    return {
        "steps": steps,
        "ms": statistics.median(walls),
        "low": walls[0],
        "high": walls[-1],
        "lists": statistics.median(share for _, share in turns),
        "relist": (machine.rebuilt - before) / TURNS / (steps + steps // 4),
        "stages": stages(machine),
        "no_graph": statistics.median(single),
        "used_gb": (device.total_memory - device.free_memory) / 1e9,
        **card(machine),
    }


def stages(machine: Machine, steps: int = 200) -> dict[str, float]:
    """Milliseconds of each launch of a step on the device, from its events; the launches one by one."""
    wp, on = machine.wp, machine.steps_on
    assert isinstance(on, Staged)
    launches = on._bound(last=False)  # noqa: SLF001 - each by itself is what is measured
    wp.timing_begin(cuda_filter=wp.TIMING_KERNEL)
    for _ in range(steps):
        for launch in launches:
            launch.launch()
    found: dict[str, float] = {}
    for one in wp.timing_end():
        name = one.name.split()[-1].rsplit("_", 1)[0]
        found[name] = found.get(name, 0.0) + one.elapsed / steps
    return found


def without_graph(machine: Machine, steps: int) -> float:
    """Milliseconds a step where Python launches every stage and asks after every step."""
    wp = machine.wp
    supported = wp.is_conditional_graph_supported
    wp.is_conditional_graph_supported = lambda: False
    machine.steps_on.renew()
    wall, _ = timed(machine, steps)
    wp.is_conditional_graph_supported = supported
    machine.steps_on.renew()
    return wall


def on_cpu(count: int, folder: Path, threads: int) -> Row:
    """The same on the CPU of this machine."""
    machine = bedded(count, folder, threads=threads, blocks=threads)
    steps = max(60, min(600, threads * 6_000_000 // count))
    walls = sorted(timed(machine, steps)[0] for _ in range(3))
    machine.close()
    return {"threads": threads, "steps": steps, "ms": walls[1], "low": walls[0], "high": walls[2], "cpu": processor()}


def card(machine: Machine) -> Row:
    """What it ran on."""
    driver = "unknown"
    if tool := shutil.which("nvidia-smi"):
        asked = [tool, "--query-gpu=driver_version", "--format=csv,noheader"]
        driver = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    wp = machine.wp
    return {"card": wp.get_device("cuda").name, "driver": driver, "warp": wp.config.version, "cpu": processor()}


def processor() -> str:
    """The name of this machine's processor and how many cores the system shows."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {len(names)} cores shown"


def main() -> None:
    """Measure, or print the table of what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("counts", type=int, nargs="*", default=[])
    parser.add_argument("--cpu", type=int, nargs="*", default=[])
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--commit", default="")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    log = given.folder / "cuda.jsonl"

    def keep(kind: str, count: int, values: Row) -> None:
        asked = ["git", "rev-parse", "--short", "HEAD"]
        commit = given.commit or subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        with log.open("a") as file:
            print(json.dumps({"commit": commit, "kind": kind, "count": count, **values}), file=file)

    for count in given.counts:
        keep("cuda", count, on_cuda(count, given.folder))
    for count in given.cpu:
        for threads in given.threads:
            keep("cpu", count, on_cpu(count, given.folder, threads))
    if given.table:
        table([json.loads(line) for line in log.read_text().splitlines()])


def table(rows: list[Row]) -> None:
    """As Markdown."""
    cuda = sorted((row for row in rows if row["kind"] == "cuda"), key=lambda row: row["count"])
    cpu = sorted((row for row in rows if row["kind"] == "cpu"), key=lambda row: (row["count"], row["threads"]))
    first = cuda[0]
    print("# Speed of the discrete-element engine on a CUDA device\n")
    print(
        f"`python benchmarks/dem/cuda.py` (see its first lines), commit {', '.join(sorted({row['commit'] for row in rows}))}.\n"
        f"{first['card']}, driver {first['driver']}, Warp {first['warp']}; CPU beside it: {first['cpu']}.\n"
        f"Wall time, lists and tally included; median (lowest to highest) of {TURNS} turns after {WARM} steps, float64."
    )
    heads = ("particles", "ms a step", "million particle steps a second", "share of lists and graphs", "steps from list to list",
             "ms a step without the graph", "GB on the card")  # fmt: skip
    print(f"\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for row in cuda:
        each = 1 / row["relist"] if row["relist"] else float("inf")
        print(
            f"| {row['count']:,} | {row['ms']:.4f} ({row['low']:.4f} to {row['high']:.4f}) "
            f"| {1e-3 * row['count'] / row['ms']:.0f} | {row['lists']:.3f} | {each:.0f} | {row['no_graph']:.3f} "
            f"| {row['used_gb']:.1f} |"
        )
    print("\n## Where a step's time is\n\nMicroseconds of each launch, by the device's events.\n")
    names = list(first["stages"])
    print(f"| particles | {' | '.join(names)} | sum |\n|{' --- |' * (len(names) + 2)}")
    for row in cuda:
        each = [1e3 * row["stages"][name] for name in names]
        print(f"| {row['count']:,} | {' | '.join(f'{one:.1f}' for one in (*each, sum(each)))} |")
    if cpu:
        print(
            "\n## The CPU of the same machine\n\n| particles | threads | ms a step | CUDA is times as fast |\n|"
            + " --- |" * 4
        )
    by_count = {row["count"]: row["ms"] for row in cuda}
    for row in cpu:
        gain = f"{row['ms'] / by_count[row['count']]:.0f}" if row["count"] in by_count else ""
        print(
            f"| {row['count']:,} | {row['threads']} | {row['ms']:.3f} ({row['low']:.3f} to {row['high']:.3f}) | {gain} |"
        )
    if cpu:
        print(
            "\nThe CPU's turns are shorter than those of CUDA, and the bed changes while it settles: read the factors roughly."
        )


if __name__ == "__main__":
    main()
