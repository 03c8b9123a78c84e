"""A small mixer as a run file, for the commands of discrete elements."""

from __future__ import annotations

from pathlib import Path

import pytest

_TEXT = """
[run]
duration_s = 0.0005
output_interval_s = 0.00025
step_s = 2.5e-7
[particles]
diameter_um = 300
count = 60
[materials.powder]
density_g_cm3 = 2.417
young_modulus_gpa = 0.228
[materials.steel]
density_g_cm3 = 7.85
young_modulus_gpa = 200
[[contacts]]
between = ["powder", "powder"]
static_friction = 0.46
dynamic_friction = 0.31
yield_ratio = 0.00756
[[contacts]]
between = ["powder", "steel"]
static_friction = 0.45
dynamic_friction = 0.25
yield_ratio = 0.0256
[machine]
kind = "mixer"
tip_radius_mm = 3.0
gap_mm = 0.7
hub_radius_mm = 1.5
blades = 3
blade_thickness_mm = 0.8
length_mm = 1.0
speed_rpm = 20000
ramp_s = 0.0002
chamber_material = "steel"
rotor_material = "steel"
end_material = "steel"
"""


@pytest.fixture
def run_text() -> str:
    """Its text."""
    return _TEXT


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    """The file."""
    pytest.importorskip("warp")
    path = tmp_path / "mixer.toml"
    path.write_text(_TEXT)
    return path
