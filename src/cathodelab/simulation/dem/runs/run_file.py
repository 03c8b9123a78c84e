"""The run file: TOML in laboratory units, checked as a whole, made into a :class:`Plan` in SI units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cathodelab.core.errors import CathodelabError, Problem
from cathodelab.core.settings import knobs
from cathodelab.simulation.dem.case import Case, good_step
from cathodelab.simulation.dem.equipment.bodies import Body, Motion
from cathodelab.simulation.dem.equipment.machines import Die, Drum, Mixer, VibrationMill, source_mixer
from cathodelab.simulation.dem.equipment.meshes import read_stl
from cathodelab.simulation.dem.filling.inlets import Inlet
from cathodelab.simulation.dem.materials import Contact, Material
from cathodelab.simulation.dem.runs.plan import Balls, Plan, checked
from cathodelab.simulation.dem.runs.run_file_reader import SECTIONS, Reader, RunFileInvalid, toml_of
from cathodelab.simulation.dem.runs.run_file_tables import (
    MACHINES,
    BallTable,
    BodyTable,
    InletTable,
    MaterialTable,
    MixerTable,
    ParticleTable,
    RunTable,
)

Box = tuple[tuple[float, float, float], tuple[float, float, float]]


def read_run_file(path: Path) -> Plan:
    """The plan of a run file.

    Raises:
        CathodelabError: ``dem-run-file`` with all wrong entries; refusals of machine, mesh, contacts and step.
    """
    return plan_from(toml_of(path), path)


def read_at_speed(path: Path, speed_rpm: float) -> Plan:
    """The plan of a run file with its machine at another speed; a step that the file leaves out follows.

    Raises:
        CathodelabError: ``dem-no-speed`` if the machine has none; as :func:`read_run_file`.
    """
    table = toml_of(path)
    machine = table.get("machine")
    kind = machine.get("kind") if isinstance(machine, dict) else None
    tables = MACHINES.get(str(kind))
    if tables is not None and "speed_rpm" not in knobs(tables):
        raise CathodelabError(
            "dem-no-speed",
            f"The machine of kind {kind} has no speed",
            where=path.name,
            why="Only mixers and drums turn.",
            what_to_do="Use a run file of a mixer or a drum.",
        )
    if isinstance(machine, dict):
        table = {**table, "machine": {**machine, "speed_rpm": speed_rpm}}
    plan = plan_from(table, path)
    return replace(plan, title=f"{plan.title}, {speed_rpm:g} 1/min")


def plan_from(table: Mapping[str, Any], path: Path) -> Plan:
    """The plan of a parsed run file; ``path`` is the file, from which meshes are found."""
    reader = Reader(path.name)
    for name in table:
        if name not in SECTIONS:
            reader.problems.append(Problem(path.name, "", name, "", "one of " + ", ".join(SECTIONS)))
    run, particles = reader.one(RunTable, table, "run"), reader.one(ParticleTable, table, "particles")
    materials = {
        name: reader.table(MaterialTable, given, f"materials.{name}")
        for name, given in reader.named(table, "materials")
    }
    contacts = dict(reader.contacts(table, materials))
    machine, kind = reader.machine(table)
    inlets = [reader.table(InletTable, given, "inlets") for given in reader.several(table, "inlets")]
    meshes = [reader.table(BodyTable, given, "bodies") for given in reader.several(table, "bodies")]
    balls = reader.table(BallTable, table["balls"], "balls") if "balls" in table else None
    if particles.material not in materials:
        allowed = "one of " + ", ".join(materials)
        reader.problems.append(Problem(path.name, "[particles]", "material", particles.material, allowed))
    if balls and (balls.material not in materials or balls.material == particles.material):
        allowed = "one of " + ", ".join(one for one in materials if one != particles.material)
        reader.problems.append(Problem(path.name, "[balls]", "material", balls.material, allowed))
    reader.amounts(run, particles, inlets)
    if table.get("schema_version", 1) != 1:
        allowed = "1, the version that this program knows"
        reader.problems.append(Problem(path.name, "", "schema_version", str(table["schema_version"]), allowed))
    if reader.problems:
        raise RunFileInvalid(str(path), tuple(reader.problems))
    try:
        return _plan(
            str(table.get("title", path.stem)),
            run,
            particles,
            materials,
            contacts,
            (kind, machine),
            inlets,
            meshes,
            balls,
            path,
        )
    except CathodelabError as error:
        raise error.at(path.name) from error


def _plan(
    title: str,
    run: RunTable,
    particles: ParticleTable,
    materials: Mapping[str, MaterialTable],
    contacts: Mapping[tuple[str, str], Contact],
    machine: tuple[str, Any],
    inlets: list[InletTable],
    meshes: list[BodyTable],
    balls: BallTable | None,
    path: Path,
) -> Plan:
    bodies, box, rotor, fastest, down = _machine(*machine)
    bodies += tuple(_mesh_body(one, path.parent) for one in meshes)
    moving = [particles.material, *([balls.material] if balls else [])]
    order = [*moving, *(name for name in materials if name not in moving)]
    known = tuple(
        Material(name, 1e3 * one.density_g_cm3, 1e9 * one.young_modulus_gpa, one.poisson_ratio)
        for name, one in ((name, materials[name]) for name in order)
    )
    diameter = 1e-6 * particles.diameter_um
    case = Case(
        known,
        contacts,
        bodies,
        step=run.step_s or 1.0,
        gravity=(down[0] * run.gravity_m_s2, down[1] * run.gravity_m_s2, down[2] * run.gravity_m_s2),
        particle_materials=len(moving),
        skin=run.skin_diameters * diameter,
        threads=run.threads,
        blocks=run.blocks,
        device=run.device,
    )
    fastest = max([fastest, *(_tip_speed(body) for body in bodies)])
    if not run.step_s:
        case = replace(case, step=_rounded(good_step(case, diameter / 2, max(fastest, 0.1))))
    # of diameters d (1 + s u), u between -1 and 1, the mean of the third power is d³ (1 + s²)
    each = 1e3 * materials[particles.material].density_g_cm3 * math.pi / 6 * diameter**3 * (1 + particles.spread**2)
    total = round(1e-3 * particles.mass_g / each) if particles.mass_g else particles.count
    entering = tuple(_inlet(one, total, down) for one in inlets)
    low, high = _lower_part(box, down, particles.fill_height_share)
    plan = Plan(
        title, case, diameter, particles.spread, 0 if entering else total, low, high, entering,
        run.seed, run.duration_s, run.output_interval_s, rotor, fastest,
        Balls(balls.count, 0.5e-3 * balls.diameter_mm) if balls else None,
        1e-3 * machine[1].gap_mm if machine[0] in ("mixer", "source_mixer") else 0.0,
    )  # fmt: skip
    return checked(plan)


def _machine(kind: str, given: Any) -> tuple[tuple[Body, ...], Box, str, float, tuple[float, float, float]]:  # noqa: ANN401
    """Bodies, the box around the inside, the driven body, its speed and which way is down."""
    if kind in ("mixer", "source_mixer"):
        mixer = _mixer(kind, given)
        r = mixer.chamber_radius
        bodies = mixer.bodies(given.chamber_material, given.rotor_material, given.end_material)
        return bodies, ((-r, -r, 0.0), (r, r, mixer.length)), "rotor", mixer.tip_speed, (0, -1, 0)
    if kind == "drum":
        drum = Drum(1e-3 * given.radius_mm, 1e-3 * given.length_mm, given.speed_rpm)
        r = drum.radius
        box = ((-r, -r, 0.0), (r, r, drum.length))
        return drum.bodies(given.drum_material, given.end_material), box, "drum", 1.0, (0, -1, 0)
    if kind == "die":
        die = Die(1e-3 * given.radius_mm, 1e-3 * given.height_mm, given.speed_m_s, given.force_n, begin=given.begin_s)
        r = die.radius
        box = ((-r, -r, 0.0), (r, r, die.height))
        return die.bodies(given.die_material, given.piston_material), box, "piston", max(die.speed, 0.3), (0, 0, -1)
    mill = VibrationMill(
        1e-3 * given.radius_mm, 1e-3 * given.height_mm, 1e-3 * given.amplitude_mm, given.frequency_hz, given.ellipse
    )
    r = mill.radius
    speed = 2 * math.pi * mill.frequency * mill.amplitude
    return mill.bodies(given.vessel_material), ((-r, -r, 0.0), (r, r, mill.height)), "vessel", 3 * speed, (0, 0, -1)


def _mixer(kind: str, given: MixerTable) -> Mixer:
    if kind == "source_mixer":
        made = source_mixer(given.speed_rpm, 1e-3 * given.gap_mm, given.begin_s, given.blades)
        return replace(made, ramp=given.ramp_s, blade_angle=given.blade_angle_deg)
    return Mixer(
        1e-3 * given.tip_radius_mm, 1e-3 * given.gap_mm, 1e-3 * given.hub_radius_mm, given.blades,
        1e-3 * given.blade_thickness_mm, given.blade_angle_deg, 1e-3 * given.length_mm, given.speed_rpm,
        given.begin_s, given.ramp_s,
    )  # fmt: skip


def _mesh_body(given: BodyTable, folder: Path) -> Body:
    mesh = read_stl(folder / given.file, 1e-3 * given.unit_mm)
    turning = Motion(begin=given.begin_s, ramp=given.ramp_s, rate=given.speed_rpm * math.pi / 30)
    return Body(given.name, given.material, (mesh,), turning)


def _tip_speed(body: Body) -> float:
    from cathodelab.simulation.dem.equipment.bodies import Mesh

    corners = [one.corners.reshape(-1, 3) for one in body.surfaces if isinstance(one, Mesh)]
    radius = max((float((one[:, 0] ** 2 + one[:, 1] ** 2).max() ** 0.5) for one in corners), default=0.0)
    return radius * abs(body.motion.rate)


def _inlet(given: InletTable, total: int, down: tuple[float, float, float]) -> Inlet:
    low = (1e-3 * given.x_low_mm, 1e-3 * given.y_low_mm, 1e-3 * given.z_low_mm)
    high = (1e-3 * given.x_high_mm, 1e-3 * given.y_high_mm, 1e-3 * given.z_high_mm)
    speed = (down[0] * given.speed_m_s, down[1] * given.speed_m_s, down[2] * given.speed_m_s)
    return Inlet(low, high, speed, given.begin_s, given.end_s, round(total * given.share))


def _lower_part(box: Box, down: tuple[float, float, float], share: float) -> Box:
    low, high = list(box[0]), list(box[1])
    axis = next(k for k in range(3) if down[k])
    high[axis] = low[axis] + share * (high[axis] - low[axis])
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def _rounded(step: float) -> float:
    """Rounded down to two digits, so that a person can read a step that the run file left out."""
    power = 10 ** (math.floor(math.log10(step)) - 1)
    return float(math.floor(step / power) * power)
