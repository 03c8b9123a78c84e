"""The tables of a run file: every entry with default, unit, range and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cathodelab.core.settings import knob
from cathodelab.simulation.dem.materials import LAWS, YIELD_READINGS


@dataclass(frozen=True)
class RunTable:
    """``[run]``."""

    duration_s: float = knob(0.1, "how long is simulated", unit="s", low=0)
    output_interval_s: float = knob(5e-3, "between outputs and restart files", unit="s", low=1e-9)
    step_s: float = knob(0.0, "time step; 0: one twentieth of the shortest contact", unit="s", low=0)
    threads: int = knob(1, "CPU threads", low=1, high=64)
    blocks: int = knob(0, "blocks of particles; 0: one a thread. The same blocks, the same bits", low=0, high=64)
    skin_diameters: float = knob(0.3, "distance beyond touch up to which pairs are listed", low=0.01, high=3)
    seed: int = knob(1, "of places and sizes", low=0)
    device: str = knob("cpu", "where it runs", choices=("cpu", "cuda"))
    gravity_m_s2: float = knob(9.81, "gravity", unit="m/s²", low=0)


@dataclass(frozen=True)
class ParticleTable:
    """``[particles]``."""

    material: str = knob("powder", "name of its [materials.NAME]")
    diameter_um: float = knob(600.0, "diameter", unit="µm", low=1e-3)
    spread: float = knob(0.0, "half-width of the diameters as a share", low=0, high=0.5)
    mass_g: float = knob(0.0, "total mass; the number follows", unit="g", low=0)
    count: int = knob(0, "number, where no mass is given", low=0)
    fill_height_share: float = knob(1.0, "lowest share of the machine that may be filled", low=0, high=1)


@dataclass(frozen=True)
class BallTable:
    """``[balls]``: grinding balls beside the particles, at the bottom of the filling."""

    material: str = knob("ball", "name of their [materials.NAME], another than the particles'")
    diameter_mm: float = knob(
        3.0, "diameter; lists grow with the cube of its ratio to the particles'", unit="mm", low=1e-6
    )
    count: int = knob(1, "number", low=1)


@dataclass(frozen=True)
class MaterialTable:
    """``[materials.NAME]``."""

    density_g_cm3: float = knob(2.5, "density", unit="g/cm³", low=1e-3, high=30)
    young_modulus_gpa: float = knob(1.0, "Young's modulus", unit="GPa", low=1e-6, high=2000)
    poisson_ratio: float = knob(0.3, "Poisson's ratio", low=0, high=0.49)


@dataclass(frozen=True)
class ContactTable:
    """``[[contacts]]`` besides ``between``."""

    law: str = knob("thornton_ning", "normal law", choices=LAWS)
    static_friction: float = knob(0.0, "until sliding begins", low=0, high=10)
    dynamic_friction: float = knob(0.0, "while sliding", low=0, high=10)
    rolling_friction: float = knob(0.0, "rolling resistance, type C", low=0, high=10)
    yield_ratio: float = knob(0.0, "of thornton_ning", low=0, high=1)
    yield_reading: str = knob("modulus", "what the yield ratio means", choices=YIELD_READINGS)
    restitution: float = knob(1.0, "normal, by a dashpot (linear_hysteretic: by unloading)", low=0.05, high=1)
    tangential_damping: float = knob(0.0, "share of critical", low=0, high=1)
    stiffness_n_m: float = knob(0.0, "of linear_hysteretic, loading", unit="N/m", low=0)


@dataclass(frozen=True)
class MixerTable:
    """``[machine]`` of kind ``mixer``; ``source_mixer`` takes ``speed_rpm``, ``gap_mm``, ``blades`` and ``begin_s``."""

    tip_radius_mm: float = knob(38.2, "of the blades", unit="mm")
    gap_mm: float = knob(1.5, "between blade tips and chamber", unit="mm")
    hub_radius_mm: float = knob(25.0, "of the rotor's body", unit="mm")
    blades: int = knob(4, "number", low=0, high=100)
    blade_thickness_mm: float = knob(6.0, "in the direction of turning", unit="mm")
    blade_angle_deg: float = knob(0.0, "of the faces against the radius", unit="°", low=-80, high=80)
    length_mm: float = knob(3.9, "of the slice", unit="mm")
    speed_rpm: float = knob(1000.0, "of the rotor", unit="1/min")
    begin_s: float = knob(0.0, "when the rotor starts", unit="s", low=0)
    ramp_s: float = knob(2e-3, "in which it reaches its speed", unit="s", low=0)
    chamber_material: str = knob("chamber", "name of a material")
    rotor_material: str = knob("rotor", "name of a material")
    end_material: str = knob("ends", "of the two cuts; give its contact no friction")


@dataclass(frozen=True)
class DrumTable:
    """``[machine]`` of kind ``drum``."""

    radius_mm: float = knob(42.0, "inside", unit="mm")
    length_mm: float = knob(3.0, "of the slice", unit="mm")
    speed_rpm: float = knob(20.0, "of the drum", unit="1/min")
    drum_material: str = knob("chamber", "name of a material")
    end_material: str = knob("ends", "name of a material")


@dataclass(frozen=True)
class DieTable:
    """``[machine]`` of kind ``die``."""

    radius_mm: float = knob(2.0, "inside", unit="mm")
    height_mm: float = knob(10.0, "of the piston at the start", unit="mm")
    speed_m_s: float = knob(0.05, "of the piston, or its limit", unit="m/s", low=0)
    force_n: float = knob(0.0, "0: constant speed; else force control", unit="N", low=0)
    begin_s: float = knob(0.0, "when the piston starts", unit="s", low=0)
    die_material: str = knob("chamber", "name of a material")
    piston_material: str = knob("chamber", "name of a material")


@dataclass(frozen=True)
class MillTable:
    """``[machine]`` of kind ``vibration_mill``."""

    radius_mm: float = knob(5.0, "inside", unit="mm")
    height_mm: float = knob(8.0, "inside", unit="mm")
    amplitude_mm: float = knob(2.0, "of the swing", unit="mm")
    frequency_hz: float = knob(25.0, "of the swing", unit="Hz")
    ellipse: float = knob(0.0, "short over long axis", low=0, high=1)
    vessel_material: str = knob("chamber", "name of a material")


@dataclass(frozen=True)
class InletTable:
    """``[[inlets]]``: a box in mm, relative to the machine's own coordinates."""

    x_low_mm: float = knob(0.0, "corner", unit="mm")
    y_low_mm: float = knob(0.0, "corner", unit="mm")
    z_low_mm: float = knob(0.0, "corner", unit="mm")
    x_high_mm: float = knob(0.0, "corner", unit="mm")
    y_high_mm: float = knob(0.0, "corner", unit="mm")
    z_high_mm: float = knob(0.0, "corner", unit="mm")
    begin_s: float = knob(0.0, "from", unit="s", low=0)
    end_s: float = knob(0.1, "until", unit="s", low=0)
    share: float = knob(1.0, "of all particles", low=0, high=1)
    speed_m_s: float = knob(0.5, "downwards", unit="m/s", low=0)


@dataclass(frozen=True)
class BodyTable:
    """``[[bodies]]``: a closed mesh from an STL file, turning about an axis through the machine's origin."""

    name: str = knob("mesh", "of the body")
    file: str = knob("", "STL file, relative to the run file")
    unit_mm: float = knob(1.0, "millimetres of one unit of the file", low=1e-9)
    material: str = knob("rotor", "name of a material")
    speed_rpm: float = knob(0.0, "about z", unit="1/min")
    begin_s: float = knob(0.0, "when it starts", unit="s", low=0)
    ramp_s: float = knob(0.0, "in which it reaches its speed", unit="s", low=0)


MACHINES: Mapping[str, type[Any]] = {
    "mixer": MixerTable,
    "source_mixer": MixerTable,
    "drum": DrumTable,
    "die": DieTable,
    "vibration_mill": MillTable,
}
