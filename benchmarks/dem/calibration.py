"""Is a parameter that is known found again? Synthetic measurements with another filling and noise, then the calibration.

    python benchmarks/dem/calibration.py compaction
    python benchmarks/dem/calibration.py angle

Each writes its part to benchmarks/dem/calibration/ and the page benchmarks/dem/calibration.md anew.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from cathodelab.figures.matplotlib_figure import rendered
from cathodelab.simulation.dem.equipment.machines import Die, Drum
from cathodelab.simulation.dem.experiments.calibration import Calibration, inverted_fit
from cathodelab.simulation.dem.experiments.compaction import strains_at, yield_ratio_from_compaction
from cathodelab.simulation.dem.experiments.drum_and_die import Powder, die_run, drum_run
from cathodelab.simulation.dem.materials import Contact
from cathodelab_validation.dem.bulk import BEAD, SOFT
from cathodelab_validation.dem.model import POWDER, POWDER_POWDER, POWDER_WALL

HERE = Path(__file__).resolve().parent
PAGES = {"compaction": "Yield ratio from a compaction", "angle": "Friction from a dynamic angle of repose"}


def compaction() -> tuple[list[tuple[float, Calibration]], str, str]:
    """400 grains of 600 µm in a die of 6 mm, up to 35 N: the pressure of 1000 N on a die of 32 mm."""
    powder = Powder(POWDER, POWDER_POWDER, POWDER_WALL, 300e-6)
    die, count = Die(radius=3e-3, height=5e-3, speed=0.5), 400
    forces = np.array([0.7, 1.5, 3.0, 5.0, 8.0, 12.0, 20.0, 35.0])
    trials = [0.003, 0.0045, 0.007, 0.0105, 0.016]
    rng, found, sigma = np.random.default_rng(20261125), [], 0.01
    for truth, seed in ((0.005, 11), (0.00756, 12), (0.012, 13)):
        true = replace(powder, inside=replace(POWDER_POWDER, yield_ratio=truth))
        measured = strains_at(die_run(true, die, count, float(forces[-1]), 60, seed), forces)
        measured[1:] += rng.normal(0, sigma, len(forces) - 1)
        found.append((truth, yield_ratio_from_compaction(powder, die, count, trials, forces, measured, sigma)))
    used = found[0][1].checks[-1].sentence
    said = (
        f"{count} grains of 600 µm, die of 6 mm, {len(forces)} forces up to 35 N (the pressure of 1000 N on a die of 32 mm), "
        "piston 0.5 m/s. Measurement: strains against the first force with another filling, noise 0.01. "
        f"{used} The measured value is the strain at the last force used."
    )
    return found, "strain of the bed", said


def angle() -> tuple[list[tuple[float, Calibration]], str, str]:
    """Beads of 1 mm in a drum of 16 mm at 45 rpm."""
    drum = Drum(radius=8e-3, length=3e-3, speed_rpm=45.0)

    def slope(friction: float, seed: int) -> tuple[float, float]:
        grain = Contact("hertz", friction, friction, restitution=0.4, tangential_damping=0.3)
        wall = replace(grain, static_friction=0.6, dynamic_friction=0.6)
        one = drum_run(Powder(SOFT, grain, wall, BEAD), drum, 0.45, 0.4, 16, seed).slope
        return one.angle, one.error

    trials = [0.05, 0.12, 0.2, 0.3, 0.45]
    responses = np.array([slope(one, 1) for one in trials])
    rng, found = np.random.default_rng(20261125), []
    for truth, seed in ((0.1, 11), (0.18, 12)):
        value, error = slope(truth, seed)
        measured, sigma = value + rng.normal(0, 0.5), float(np.hypot(0.5, error))
        found.append((truth, inverted_fit("friction", trials, responses[:, 0], responses[:, 1], measured, sigma)))
    said = "Beads of 1 mm, drum of 16 mm, 45 rpm, 0.4 s, 16 pictures. Measurement: another filling, noise 0.5°."
    return found, "dynamic angle of repose / °", said


def main() -> None:
    """Run one part and write the page."""
    folder = HERE / "calibration"
    folder.mkdir(exist_ok=True)
    name = sys.argv[1]
    begin = time.process_time()
    found, response, said = {"compaction": compaction, "angle": angle}[name]()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - whichever git is there
        capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    lines = [f"## {PAGES[name]}", "", said, "", f"Commit {commit}, {time.process_time() - begin:.0f} CPU seconds.", "",
             f"| true | found | off by standard uncertainties | measured {response} |", "| --- | --- | --- | --- |"]  # fmt: skip
    for truth, one in found:
        off = (one.value - truth) / one.standard_uncertainty
        measured = f"{one.measured[0]:.4g} ± {one.measured[1]:.2g}"
        lines.append(f"| {truth:g} | {one.value:.4g} ± {one.standard_uncertainty:.2g} | {off:+.1f} | {measured} |")
    first = found[-1][1]
    trials = ", ".join(
        f"{x:g}: {y:.4g} ± {e:.2g}" for x, y, e in zip(first.trials, first.responses, first.errors, strict=True)
    )
    lines += ["", f"Trials: {trials}.", "", f"![Responses](calibration/{name}.png)", ""]
    (folder / f"{name}.png").write_bytes(rendered(first.figure(response, ""), "png", 200))
    (folder / f"{name}.md.part").write_text("\n".join(lines))
    head = (
        "# Calibration: are known parameters found again?\n\n"
        "Synthetic: `python benchmarks/dem/calibration.py compaction|angle`.\n\n"
    )
    parts = [path.read_text() for path in (folder / f"{one}.md.part" for one in PAGES) if path.exists()]
    (HERE / "calibration.md").write_text(head + "\n".join(parts))


if __name__ == "__main__":
    main()
