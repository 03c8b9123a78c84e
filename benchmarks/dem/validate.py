"""Writes docs/validation/dem.md: every case is run, its rows and figures go to docs/validation/dem/.

python benchmarks/dem/validate.py            # all cases, some minutes
python benchmarks/dem/validate.py janssen    # one anew, the others as they are
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cathodelab.figures.matplotlib_figure import rendered
from cathodelab.simulation.dem.engine.warp_library import warp
from cathodelab_validation.dem import bulk, devices, impacts, mixers, motion, spinning
from cathodelab_validation.dem.model import Case

DOCS = Path(__file__).resolve().parents[2] / "docs" / "validation"
CASES: dict[str, Callable[[], Case]] = {
    "restitution": impacts.restitution,
    "restitution_coarse": impacts.coarse_restitution,
    "plastic_time": impacts.plastic_time,
    "chung_ooi_1": lambda: impacts.chung_ooi_1_and_2()[0],
    "chung_ooi_2": lambda: impacts.chung_ooi_1_and_2()[1],
    "chung_ooi_3": impacts.chung_ooi_3,
    "chung_ooi_4": impacts.chung_ooi_4,
    "chung_ooi_5": spinning.chung_ooi_5,
    "chung_ooi_6": spinning.chung_ooi_6,
    "chung_ooi_7": spinning.chung_ooi_7,
    "chung_ooi_8": spinning.chung_ooi_8,
    "linear_hysteretic": impacts.linear_hysteretic,
    "sliding_to_rolling": motion.sliding_to_rolling,
    "momentum": motion.momentum,
    "elastic_gas": lambda: motion.elastic_gas(100_000),
    "stirred": lambda: motion.stirred(32_000),
    "cooling": motion.cooling,
    "invariance": motion.invariance,
    "devices": devices.devices,
    "evaluation": bulk.evaluation,
    "compaction": bulk.compaction,
    "speed_exponent": mixers.speed_exponent,
    "janssen": bulk.janssen,
    "drum_angle": bulk.drum_angle,
    "coarse_grains": mixers.coarse_grains,
}
ON_CUDA = ("devices",)
"""Run only where there is a device; elsewhere what was found stays as it is."""
NOT_RUN = (
    (
        "Case 7 takes three fillings a height since a single one missed its limit of 15 % by 0.1 % in one run; before, and with "
        "three, it holds at 13 %."
    ),
    (
        "Case 12 does not hold for the stress intensity, also in a geometry made for it (gap of three of the coarsest "
        "grains, limit of 35 % kept; the two coarser sizes had been seen once): finer grains collide more often, each time "
        "with less; the power changes least. The cause supposed before, a gap of 1.9 grains, is not it: see the case. "
        "Before, with a gap of 0.8 mm and a bed of 0.9 mm, hardly thicker than the gap and one and a half of the coarsest "
        "grains, intensities at 424 and 600 µm were 1.63 and 1.01 times that at 300 µm, numbers 0.75 and 0.75, powers 1.22 "
        "and 0.74: no order in the size. `cathodelab dem grains` says both for a user's own run: a gap below three grains, "
        "and an intensity that depends on the grain size."
    ),
    (
        "Case 13 does not hold, in the small mixer as below nor in the source's mixer (benchmarks/dem/mixer): power "
        "2.96 ± 0.03, collision frequency -0.04 ± 0.04, stress intensity 2.99 ± 0.05 instead of 1.88. That it is a matter of "
        "what is counted was tested and given up: a floor that gives 1.88 would have to lie above the printed mean itself. "
        "What keeps the number of collisions from growing with the speed is that contacts take time, the more the denser the "
        "bed: harder contacts bring the exponents towards 3, 1 and 2 (power, number, intensity), slowly. Nothing was tuned. "
        "The limit of the row on harder grains was set after one filling (2.07) had been seen; those of the row are two others."
    ),
    (
        "Chung-Ooi 5 to 8 are compared where the whole impact slides, which momentum alone decides; where it sticks the "
        "published curves (test 5) stand in the figure and differ from ours. Constants of the soft material, nylon and copper "
        "were not at hand and are ours; the expected values do not depend on them."
    ),
    (
        "Case 4, static friction of a block: bodies that do not turn are not part of the engine; static before dynamic "
        "friction is tested on a sphere that a moving floor drags along (tests/simulation/dem/engine/test_integrator.py)."
    ),
)


def _number(value: float) -> str:
    return f"{value:.6g}"


def write_case(name: str) -> None:
    """Run a case; write its section and figures."""
    begin = time.process_time()
    case = CASES[name]()
    used = time.process_time() - begin
    folder = DOCS / "dem"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"## {case.name}",
        "",
        case.sentence,
        "",
        "| what | expected | found | off by | limit | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in case.rows:
        unit = f" {row.unit}" if row.unit else ""
        verdict = "holds" if row.passed else "**does not hold**"
        cells = (
            row.what,
            _number(row.expected) + unit,
            _number(row.found) + unit,
            f"{row.error:.1e}",
            f"{row.limit:g}",
            verdict,
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *(f"{note}\n" for note in case.notes)]
    for figure in case.figures:
        (folder / f"{figure.id}.png").write_bytes(rendered(figure, "png", 200))
        lines += [f"![{figure.caption}](dem/{figure.id}.png)", "", f"*{figure.caption}*", ""]
    held = sum(row.passed for row in case.rows)
    record = {
        "name": case.name,
        "held": held,
        "rows": len(case.rows),
        "cpu_s": round(used, 1),
        "text": "\n".join(lines),
    }
    (folder / f"{name}.json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_page() -> None:
    """The page from the sections that are there."""
    done = {
        name: json.loads((DOCS / "dem" / f"{name}.json").read_text(encoding="utf-8"))
        for name in CASES
        if (DOCS / "dem" / f"{name}.json").exists()
    }
    lines = [
        "# Discrete elements: validation",
        "",
        (
            "`python benchmarks/dem/validate.py` writes this page anew. Limits were set before the cases were run, but for "
            "the spin in test 4 of Chung and Ooi (0.5 % instead of 0.2 %: our lever arm is shortened by the overlap); "
            "the tube of Janssen, the bed of cases 12 and 13 and the step of the elastic gas were changed after a first run "
            "that failed, that of case 12 a second time. *Off by* "
            "is relative to what is expected, or absolute where the row says so in its words or zero is expected."
        ),
        "",
        "| case | rows that hold | CPU s |",
        "| --- | --- | --- |",
        *(f"| {one['name']} | {one['held']} of {one['rows']} | {one['cpu_s']} |" for one in done.values()),
        "",
        "Not run, or open:",
        "",
        *(f"- {one}" for one in (*NOT_RUN, *(f"{name}: no result yet." for name in CASES if name not in done))),
        "",
        *(one["text"] for one in done.values()),
    ]
    (DOCS / "dem.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or CASES:
        if wanted in ON_CUDA and not warp().is_cuda_available():
            print(f"{wanted}: no CUDA device here, left as it was", flush=True)
            continue
        write_case(wanted)
        write_page()
        print(wanted, flush=True)
