"""Runs one of the mixer's run files in the background, output by output, and writes its small result table.

    nice -n 15 python benchmarks/dem/mixer/run.py source_600um_1000rpm FOLDER [OUTPUTS]

Killed, it goes on where it stopped. The table goes to benchmarks/dem/mixer/results/NAME.csv, the distribution of the stress
intensity from 50 ms after the start of the rotor on to NAME_curve.csv. With OUTPUTS 0 both are written from what is there.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from cathodelab.simulation.dem.evaluation.stress_tally import (
    COLLISION_READINGS,
    WORK_READINGS,
    intensity_edges,
    peak_overlap,
    stress,
)
from cathodelab.simulation.dem.runs.run import Run
from cathodelab.simulation.dem.runs.run_file import read_run_file
from cathodelab.simulation.dem.runs.runner import resumed, run

HERE = Path(__file__).resolve().parent
SETTLED = 0.05
"""Time after the start of the rotor from which means are taken, s."""


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


def curve(done: Run, path: Path) -> None:
    """Collisions a second over the stress intensity: the source's (mean of a particle in an interval), and of each collision."""
    rotor = next(body for body in done.plan.case.bodies if body.name == done.plan.rotor)
    settled = [one for one in done.intervals if one.begin >= rotor.motion.begin + SETTLED - 1e-9]
    if not settled:
        return
    frequency = stress(settled).curve
    single = sum(one.events for one in settled) / sum(one.end - one.begin for one in settled)
    edges = intensity_edges()
    met = np.flatnonzero(frequency + single)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["from_j_kg", "to_j_kg", "particle_means_1_s", "collisions_1_s"])
        for k in range(met[0], met[-1] + 1):
            row = (edges[k], edges[k + 1], frequency[k], single[k])
            writer.writerow([f"{value:.5g}" for value in row])


def main() -> None:
    """Run to the end, or so many outputs further; with 0 only write the tables of what is there."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    plan = read_run_file(HERE / f"{name}.toml")
    total = round(plan.duration / plan.interval)
    wanted = int(sys.argv[3]) if len(sys.argv) > 3 else total
    for _ in range(max(wanted, 1)):
        done = run(plan, folder / name, outputs=1) if wanted else resumed(plan, folder / name)
        table(done, HERE / "results" / f"{name}.csv")
        curve(done, HERE / "results" / f"{name}_curve.csv")
        if len(done.intervals) >= total:
            return


if __name__ == "__main__":
    main()
