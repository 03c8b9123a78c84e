"""Runs one of the mixer's run files in the background, output by output, and writes its small result table.

    nice -n 15 python benchmarks/dem/mixer/run.py source_600um_1000rpm FOLDER [OUTPUTS]

Killed, it goes on where it stopped. The table goes to benchmarks/dem/mixer/results/NAME.csv.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from cathodelab.simulation.dem.runfile import read_run_file
from cathodelab.simulation.dem.runner import Run, run
from cathodelab.simulation.dem.tally import COLLISION_READINGS, WORK_READINGS, peak_overlap, stress

HERE = Path(__file__).resolve().parent


def table(done: Run, path: Path) -> None:
    """One row for each interval: time, rotor power, stress intensity in every reading, stress number, account, cost."""
    names = [body.name for body in done.plan.case.bodies]
    rotor = names.index(done.plan.rotor)
    readings = [(collision, work) for collision in COLLISION_READINGS for work in WORK_READINGS]
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        heads = [f"intensity_{collision}_{work}_j_kg" for collision, work in readings]
        writer.writerow(["begin_s", "end_s", "rotor_w", "lost_w", *heads, "number_ended", "missing_share", "cpu_s"])
        for one, account, used in zip(done.intervals, done.ledgers, done.cpu_seconds, strict=True):
            time = one.end - one.begin
            values = [stress([one], collision, work).intensity for collision, work in readings]
            share = account.missing / account.turnover if account.turnover else 0.0
            row = [
                one.begin,
                one.end,
                one.body_work[rotor] / time,
                one.work[0] / time,
                *values,
                stress([one]).number,
                share,
                used,
            ]
            writer.writerow([f"{value:.5g}" for value in row])
    print(f"{done.state.time:.4f} s, peak overlap {peak_overlap(done.state):.2f} radii", flush=True)


def main() -> None:
    """Run to the end, or so many outputs further."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    plan = read_run_file(HERE / f"{name}.toml")
    total = round(plan.duration / plan.interval)
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else total):
        done = run(plan, folder / name, outputs=1)
        table(done, HERE / "results" / f"{name}.csv")
        if len(done.intervals) >= total:
            return


if __name__ == "__main__":
    main()
