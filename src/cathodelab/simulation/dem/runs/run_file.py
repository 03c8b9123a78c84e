"""The run file: TOML in laboratory units, checked as a whole, made into a :class:`Plan` in SI units."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cathodelab.core.errors import CathodelabError, Problem
from cathodelab.core.settings import settings_from
from cathodelab.simulation.dem.case import Case, good_step
from cathodelab.simulation.dem.equipment.bodies import Body, Motion
from cathodelab.simulation.dem.equipment.machines import Die, Drum, Mixer, VibrationMill, source_mixer
from cathodelab.simulation.dem.equipment.meshes import read_stl
from cathodelab.simulation.dem.filling.inlets import Inlet
from cathodelab.simulation.dem.materials import Contact, Material
from cathodelab.simulation.dem.runs.plan import Balls, Plan, checked
from cathodelab.simulation.dem.runs.run_file_tables import (
    MACHINES,
    BallTable,
    BodyTable,
    ContactTable,
    InletTable,
    MaterialTable,
    MixerTable,
    ParticleTable,
    RunTable,
)

Box = tuple[tuple[float, float, float], tuple[float, float, float]]


_SECTIONS = (
    "schema_version",
    "title",
    "run",
    "particles",
    "materials",
    "contacts",
    "machine",
    "inlets",
    "bodies",
    "balls",
)


class RunFileInvalid(CathodelabError):
    """The run file cannot be used; lists all its problems at once."""

    def __init__(self, where: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        listed = "".join(f"\n  {number}. {problem}" for number, problem in enumerate(problems, 1))
        super().__init__(
            "dem-run-file",
            f"The run file cannot be used: {len(problems)} problem{'s' if len(problems) != 1 else ''}",
            where=where,
            why=f"All of them:{listed}\n",
            what_to_do="Correct these entries.",
        )

    def __reduce__(self) -> tuple[object, ...]:
        return RunFileInvalid, (self.where, self.problems)


def toml_of(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        CathodelabError: ``dem-run-file`` if it is not there or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CathodelabError(
            "dem-run-file",
            f"The run file cannot be read ({error})",
            where=str(path),
            why="It has to be there and to be a TOML file.",
            what_to_do="Correct the path or the line that is named, or start from one of the examples.",
        ) from error


def read_run_file(path: Path) -> Plan:
    """The plan of a run file.

    Raises:
        CathodelabError: ``dem-run-file`` with all wrong entries; refusals of machine, mesh, contacts and step.
    """
    return plan_from(toml_of(path), path)


def plan_from(table: Mapping[str, Any], path: Path) -> Plan:
    """The plan of a parsed run file; ``path`` is the file, from which meshes are found."""
    reader = _Reader(path.name)
    for name in table:
        if name not in _SECTIONS:
            reader.problems.append(Problem(path.name, "", name, "", "one of " + ", ".join(_SECTIONS)))
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


class _Reader:
    """Takes tables apart and collects their problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def table(self, kind: type[Any], given: object, section: str) -> Any:  # noqa: ANN401 - one of the table classes
        if not isinstance(given, Mapping):
            self.problems.append(Problem(self.file, f"[{section}]", "", str(given), "a table"))
            given = {}
        settings, problems = settings_from(kind, given, self.file, section)
        self.problems += problems
        return settings

    def one(self, kind: type[Any], whole: Mapping[str, Any], section: str) -> Any:  # noqa: ANN401 - as table
        if section not in whole:
            self.problems.append(Problem(self.file, f"[{section}]", "", "", "this section is needed"))
        return self.table(kind, whole.get(section, {}), section)

    def named(self, whole: Mapping[str, Any], section: str) -> list[tuple[str, Any]]:
        given = whole.get(section, {})
        if not isinstance(given, Mapping) or not given:
            self.problems.append(Problem(self.file, f"[{section}.NAME]", "", "", "at least one is needed"))
            return []
        return list(given.items())

    def several(self, whole: Mapping[str, Any], section: str) -> list[Any]:
        given = whole.get(section, [])
        if not isinstance(given, list):
            self.problems.append(Problem(self.file, f"[[{section}]]", "", str(given), f"written as [[{section}]]"))
            return []
        return given

    def contacts(self, whole: Mapping[str, Any], materials: Mapping[str, Any]) -> list[tuple[tuple[str, str], Contact]]:
        found = []
        for number, given in enumerate(self.several(whole, "contacts"), 1):
            section = f"contacts {number}"
            entries = dict(given) if isinstance(given, Mapping) else {}
            between = entries.pop("between", None)
            values = self.table(ContactTable, entries, section)
            if not (isinstance(between, list) and len(between) == 2 and all(one in materials for one in between)):
                allowed = 'two names of materials, e.g. ["powder", "rotor"]'
                self.problems.append(Problem(self.file, f"[[{section}]]", "between", str(between), allowed))
                continue
            fields = dict(vars(values))
            fields["stiffness"] = fields.pop("stiffness_n_m")
            try:
                found.append(((between[0], between[1]), Contact(**fields)))
            except CathodelabError as error:
                self.problems.append(Problem(self.file, f"[[{section}]]", "", error.what, "see the list of contacts"))
        return found

    def machine(self, whole: Mapping[str, Any]) -> tuple[Any, str]:
        given = whole.get("machine")
        kind = given.get("kind") if isinstance(given, Mapping) else None
        if not isinstance(given, Mapping) or kind not in MACHINES:
            allowed = "one of " + ", ".join(MACHINES)
            self.problems.append(Problem(self.file, "[machine]", "kind", str(kind), allowed))
            return None, ""
        entries = {name: value for name, value in given.items() if name != "kind"}
        return self.table(MACHINES[str(kind)], entries, "machine"), str(kind)


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
    each = 1e3 * materials[particles.material].density_g_cm3 * math.pi / 6 * diameter**3
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
