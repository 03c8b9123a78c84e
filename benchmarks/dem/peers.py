"""The same bed in LAMMPS and LIGGGHTS: input scripts, runs and their CPU seconds.

CPU seconds of a long run less those of a short one, so that start-up and reading do not count.
"""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import numpy as np
from packing import CYLINDERS, RADIUS, SKIN, STEP, WALL_RATE

DENSITY, MODULUS, POISSON = 2417.0, 228e6, 0.3
FRICTION, YIELD = 0.46, 0.00756

LIGGGHTS_LAWS = {
    "LIGGGHTS thornton_ning": "model thornton_ning tangential history",
    "LIGGGHTS hertz": "model hertz tangential history",
}
LAMMPS_LAWS = {
    "LAMMPS gran/hertz/history": "gran",
    "LAMMPS granular hertz+mindlin": "granular",
}


def write_data(position: np.ndarray, velocity: np.ndarray, cylinder: float, path: Path) -> None:
    """Coordinates and velocities as both programs read them."""
    height = float(position[:, 2].max()) + 2e-3
    edge = cylinder + 2e-4
    lines = ["bed", "", f"{len(position)} atoms", "1 atom types", ""]
    lines += [f"{-edge} {edge} xlo xhi", f"{-edge} {edge} ylo yhi", f"-0.0002 {height} zlo zhi", "", "Atoms", ""]
    lines += [f"{k} 1 {2 * RADIUS} {DENSITY} {x:.17g} {y:.17g} {z:.17g}" for k, (x, y, z) in enumerate(position, 1)]
    lines += ["", "Velocities", ""]
    lines += [f"{k} {x:.17g} {y:.17g} {z:.17g} 0 0 0" for k, (x, y, z) in enumerate(velocity, 1)]
    path.write_text("\n".join(lines) + "\n")


def script(name: str, data: Path, cylinder: float, steps: int) -> str:
    """Input of one program and law."""
    head = f"""atom_style {"granular" if name.startswith("LIGGGHTS") else "sphere"}
atom_modify map array sort 1000 0.0
boundary f f f
newton off
{"hard_particles yes" if name.startswith("LIGGGHTS") else ""}
units si
{"communicate single vel yes" if name.startswith("LIGGGHTS") else "comm_modify vel yes"}
read_data {data}
neighbor {SKIN} bin
neigh_modify delay 0 every 1 check yes
timestep {STEP}
"""
    if name.startswith("LIGGGHTS"):
        # kept off the hard-particle check: the calibrated modulus is soft
        head = head.replace("hard_particles yes\n", "")
        body = f"""soft_particles yes
fix m1 all property/global youngsModulus peratomtype {MODULUS}
fix m2 all property/global poissonsRatio peratomtype {POISSON}
fix m3 all property/global coefficientRestitution peratomtypepair 1 0.99
fix m4 all property/global coefficientFriction peratomtypepair 1 {FRICTION}
fix m5 all property/global coefficientYieldRatio peratomtype {YIELD}
fix m6 all property/global surfaceEnergy peratomtypepair 1 0.0
fix m7 all property/global coefficientMaxElasticStiffness peratomtypepair 1 1.0
pair_style gran {LIGGGHTS_LAWS[name]}
pair_coeff * *
fix floor all wall/gran {LIGGGHTS_LAWS[name]} primitive type 1 zplane 0.0
fix drum all wall/gran {LIGGGHTS_LAWS[name]} primitive type 1 zcylinder {cylinder} 0.0 0.0 shear z {WALL_RATE * cylinder}
"""
    else:
        kn = 4 / 3 * MODULUS / (2 * (1 - POISSON**2))
        kt = 8 * MODULUS / (2 * (1 + POISSON)) / (2 * (2 - POISSON))
        old = f"{kn} {kt} 0.0 NULL {FRICTION} 1"
        new = f"hertz/material {MODULUS} 0.99 {POISSON} tangential mindlin NULL 1.0 {FRICTION} damping tsuji"
        law, wall = ("gran/hertz/history " + old, "hertz/history " + old) if LAMMPS_LAWS[name] == "gran" else ("", "")
        if law:
            # gran/hertz/history multiplies its stiffness with the geometric factor itself
            pair = f"pair_style {law}\npair_coeff * *\n"
        else:
            pair, wall = f"pair_style granular\npair_coeff * * {new}\n", f"granular {new}"
        body = f"""{pair}fix floor all wall/gran {wall} zplane 0.0 NULL
fix drum all wall/gran {wall} zcylinder {cylinder} shear z {WALL_RATE * cylinder}
"""
    tail = f"""fix g all gravity 9.81 vector 0 0 -1
fix i all nve/sphere
thermo {max(steps, 1)}
thermo_style custom step atoms ke
run {steps}
"""
    return head + body + tail


def cpu_seconds(name: str, data: Path, count: int, steps: int, folder: Path) -> tuple[float, str]:
    """User and system time of one run and the last lines it printed."""
    path = folder / "in.peer"
    path.write_text(script(name, data, CYLINDERS[count], steps))
    program = "liggghts" if name.startswith("LIGGGHTS") else "lmp"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [program, "-in", path.name], cwd=folder, capture_output=True, text=True, errors="replace", check=False,
        env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "HOME": str(folder), "OMPI_ALLOW_RUN_AS_ROOT": "1",
             "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"},
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode or "ERROR" in done.stdout:
        raise RuntimeError(name + "\n" + done.stdout[-1500:] + done.stderr[-1500:])
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return used, done.stdout[-1500:]
