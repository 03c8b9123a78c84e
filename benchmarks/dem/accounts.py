"""Energy accounts at the proposed step and at half of it, and random impacts: writes benchmarks/dem/accounts.md.

nice -n 15 python benchmarks/dem/accounts.py
"""

from __future__ import annotations

import platform
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from cathodelab.simulation.dem.runs.plan import Plan
from cathodelab.simulation.dem.runs.run import Run
from cathodelab.simulation.dem.runs.run_file import read_run_file
from cathodelab.simulation.dem.runs.runner import run
from cathodelab_validation.dem.account_cases import CASES, write_case
from cathodelab_validation.dem.random_impacts import random_contact, random_impacts
from cathodelab_validation.dem.thin_plates import turning_plate

SEED, SETS, EACH = 2026, 93, 36
KINDS = ("equal", "unequal", "wall")
_DRUM = (
    "`python benchmarks/dem/accounts.py` writes this page. Drum of 24 mm at 60 rpm, 120 grains of 1.5 mm (spread 0.1), "
    "0.1 s, step as the product proposes it; contacts are those of a grain that ended."
)
_IMPACTS = (
    f"Random oblique impacts (seed {SEED}): friction 0.01 to 10, restitution 0.1 to 1, tangential damping 0 to 1, elastic "
    "and plastic, equal and 3:1 spheres and a wall, spins; booked against lost energy, and energy gained, over the energy "
    "before."
)


def account(plan: Plan) -> tuple[float, Run]:
    """Share that is missing from the account, and the run."""
    with tempfile.TemporaryDirectory() as folder:
        done = run(plan, Path(folder))
    return next(one.value for one in done.checks if one.name == "energy_ledger"), done


def accounts() -> list[str]:
    """A row for each case: step, contacts, missing share at one, a half and a quarter of the step."""
    rows = []
    for name in CASES:
        with tempfile.TemporaryDirectory() as folder:
            plan = read_run_file(write_case(name, Path(folder), 0.1))
        missing = []
        for part in (1, 2, 4):
            share, done = account(replace(plan, case=replace(plan.case, step=plan.case.step / part)))
            missing.append(f"{100 * share:.4f} %")
            if part == 1:
                contacts = done.state.sums.ended.mean()
        rows.append(f"| {name} | {1e6 * plan.case.step:.2g} | {contacts:.0f} | {' | '.join(missing)} |")
        print(rows[-1], flush=True)
    return rows


def impacts(steps: int) -> str:
    """Of all random impacts the largest difference of booked and lost energy, and the largest gain."""
    rng = np.random.default_rng(SEED)
    misbooked, made = 0.0, 0.0
    for seed in range(SETS):
        contact = random_contact(rng)
        for kind in KINDS:
            found = random_impacts(contact, EACH, kind, steps, seed)
            misbooked, made = max(misbooked, found.misbooked), max(made, found.made)
    row = f"| {steps} | {SETS * len(KINDS) * EACH} | {misbooked:.1e} | {made:.1e} |"
    print(row, flush=True)
    return row


def plates() -> list[str]:
    """A row for each thickness of a plate that turns among grains of 1 mm."""
    rows = []
    for thickness in (1e-4, 2e-4, 5e-4, 1e-3):
        for rate in (250.0, 5000.0):
            missing, turned, overlap = turning_plate(thickness, rate)
            rows.append(f"| {1e3 * thickness:g} | {4e-3 * rate:g} | {overlap:.2f} | {100 * missing / turned:.5f} % |")
    return rows


def processor() -> str:
    """Name of the processor, as far as the system tells."""
    about = Path("/proc/cpuinfo")
    text = about.read_text() if about.exists() else ""
    names = [line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> None:
    """Run all of it and write the page."""
    text = [
        "# Energy accounts",
        "",
        _DRUM,
        "",
        "| case | step / µs | contacts | missing | at half of the step | at a quarter |",
        "| --- | --- | --- | --- | --- | --- |",
        *accounts(),
        "",
        _IMPACTS,
        "",
        "| steps in an impact | impacts | largest misbooking | largest gain |",
        "| --- | --- | --- | --- |",
        *(impacts(steps) for steps in (20, 100, 400)),
        "",
        "A plate that turns once among elastic grains of 1 mm at rest:",
        "",
        "| thickness / mm | rim speed / (m/s) | deepest overlap / radius | missing |",
        "| --- | --- | --- | --- |",
        *plates(),
        "",
        f"Processor: {processor()}.",
        "",
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
