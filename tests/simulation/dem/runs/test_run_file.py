"""Run files that are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.runs.run_file import read_run_file
from cathodelab.simulation.dem.runs.runner import run

_SMALL = (Path(__file__).parents[1] / "small_mixer.toml").read_text()


def _file(folder: Path, *changes: tuple[str, str]) -> Path:
    text = _SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "run.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (("gap_mm = 0.7", "gap_mm = -0.7"), "dem-gap", "gap"),
        (("gap_mm = 0.7", "gap_mm = 0.0"), "dem-gap", "gap"),
        (("hub_radius_mm = 1.5", "hub_radius_mm = 3.5"), "dem-rotor", "hub"),
        (("blades = 3", "blades = 30"), "dem-overlap", "blades"),
        (("step_s = 2.5e-7", "step_s = 2.5e-5"), "dem-step-too-large", "step"),
        (("count = 150", "count = 150000"), "dem-no-room", "room"),
        (("[machine]", '[[bodies]]\nfile = "no.stl"\nmaterial = "steel"\n[machine]'), "dem-mesh-missing", "no.stl"),
        (("diameter_um = 300", "diameter_um = -300"), "dem-run-file", "diameter_um"),
        (("diameter_um = 300", "diametre_um = 300"), "dem-run-file", "diametre_um"),
        (('kind = "mixer"', 'kind = "whisk"'), "dem-run-file", "whisk"),
        (('between = ["powder", "steel"]', 'between = ["powder", "gold"]'), "dem-run-file", "gold"),
        (("dynamic_friction = 0.31", "dynamic_friction = 0.61"), "dem-run-file", "dynamic_friction"),
        (("[run]", "[run"), "dem-run-file", "TOML"),
        (("count = 150", ""), "dem-run-file", "'neither'. Allowed: one of them"),
        (("count = 150", "count = 150\nmass_g = 0.1"), "dem-run-file", "'both'. Allowed: one of them"),
        (("output_interval_s = 0.00025", "output_interval_s = 1e-7"), "dem-run-file", "step_s (2.5e-07) or more"),
        (("output_interval_s = 0.00025\nstep_s = 2.5e-7", "output_interval_s = 1e-7"), "dem-plan", "shorter than the step"),
        (("schema_version = 1", "schema_version = 7"), "dem-run-file", "schema_version: '7'"),
        (("[machine]", "[[inlets]]\nshare = 0.5\nx_high_mm = 1\ny_high_mm = 1\nz_high_mm = 1\n[machine]"),
         "dem-run-file", "0.5 in all"),
        (("[machine]", "[[inlets]]\nx_high_mm = 1\ny_high_mm = 0.1\nz_high_mm = 1\n[machine]"),
         "dem-run-file", "at least one grain wide"),
    ],
)  # fmt: skip
def test_a_bad_run_file_is_refused_with_the_reason(
    tmp_path: Path, change: tuple[str, str], code: str, says: str
) -> None:
    """Before anything is computed (only the room for particles is known when they are placed)."""
    with pytest.raises(CathodelabError) as raised:
        run(read_run_file(_file(tmp_path, change)), tmp_path / "out", outputs=1)
    assert raised.value.code == code
    assert says in str(raised.value)


def test_what_is_wrong_with_a_contact_is_said_once(tmp_path: Path) -> None:
    """A negative static friction is refused; that the dynamic one is above the default in its place is no second problem."""
    with pytest.raises(CathodelabError, match=r"static_friction: '-0\.46'") as raised:
        read_run_file(_file(tmp_path, ("static_friction = 0.46", "static_friction = -0.46")))
    assert "1 problem" in raised.value.what


def _with_mesh(folder: Path, corners: np.ndarray, *changes: tuple[str, str]) -> Path:
    record = np.zeros(len(corners), np.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("a", "<u2")]))
    record["c"] = corners
    (folder / "b.stl").write_bytes(b"\0" * 80 + len(corners).to_bytes(4, "little") + record.tobytes())
    mesh = '[[bodies]]\nfile = "b.stl"\nmaterial = "steel"\n[machine]'
    return _file(folder, ("[machine]", mesh), *changes)


def test_a_mesh_in_metres_is_recognised_by_its_size(tmp_path: Path) -> None:
    """A block of 1.2 mm that is written in metres is smaller than a grain: no wall, and the unit is named."""
    from cathodelab.simulation.dem.equipment.bodies import box

    with pytest.raises(CathodelabError, match="unit_mm = 1000") as raised:
        read_run_file(_with_mesh(tmp_path, box((1.2e-3, 1.2e-3, 0.5e-3), (2e-3, 0, 0.5e-3)).corners))
    assert raised.value.code == "dem-mesh-size"


def test_a_plate_that_fast_grains_would_pass_through_is_refused(tmp_path: Path) -> None:
    """Steel 0.1 mm thick: at 6 m/s plastic grains of 300 µm stay outside, with a softer yield they would not."""
    from cathodelab.simulation.dem.equipment.bodies import box

    plate = box((0.5, 0.1, 0.4), (-2.6, 0.0, 0.5)).corners
    read_run_file(_with_mesh(tmp_path, plate))
    soft = (("yield_ratio = 0.0256", "yield_ratio = 0.0001"),)
    with pytest.raises(CathodelabError, match=r"0\.1 mm thick") as raised:
        read_run_file(_with_mesh(tmp_path, plate, *soft))
    assert raised.value.code == "dem-mesh-thin"
    assert "of their radius" in raised.value.why


def test_a_mesh_that_reaches_into_the_chamber_is_refused(tmp_path: Path) -> None:
    """Walls must not overlap; an open mesh is refused as well."""
    from cathodelab.simulation.dem.equipment.bodies import box

    corners = box((1.0, 1.0, 1.0), (3.6, 0, 0.5)).corners
    record = np.zeros(12, np.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("a", "<u2")]))
    record["c"] = corners
    changes = (("[machine]", '[[bodies]]\nfile = "b.stl"\nmaterial = "steel"\n[machine]'),)
    for count, code in ((12, "dem-overlap"), (11, "dem-mesh-open")):
        (tmp_path / "b.stl").write_bytes(b"\0" * 80 + count.to_bytes(4, "little") + record[:count].tobytes())
        with pytest.raises(CathodelabError) as raised:
            read_run_file(_file(tmp_path, *changes))
        assert raised.value.code == code


_MILL = (
    ('kind = "mixer"', 'kind = "vibration_mill"\nradius_mm = 3\nheight_mm = 6\namplitude_mm = 1.5\nfrequency_hz = 60'),
    (_SMALL[_SMALL.index("tip_radius_mm") :], 'vessel_material = "steel"\n'),
    (
        "[machine]",
        """[[contacts]]
between = ["steel", "steel"]
law = "hertz"
static_friction = 0.3
dynamic_friction = 0.3
[balls]
material = "steel"
diameter_mm = 1.5
count = 3
[machine]""",
    ),
    ("step_s = 2.5e-7", "step_s = 0"),
)


def test_balls_need_a_material_and_contacts_of_their_own(tmp_path: Path) -> None:
    """What is missing is named."""
    with pytest.raises(CathodelabError, match="steel") as raised:
        read_run_file(_file(tmp_path, *_MILL, ('material = "steel"\ndiameter', 'material = "powder"\ndiameter')))
    assert raised.value.code == "dem-run-file"
    with pytest.raises(CathodelabError, match="steel with steel"):
        read_run_file(_file(tmp_path, *_MILL, ('between = ["steel", "steel"]', 'between = ["powder", "powder"]')))


@pytest.mark.parametrize(
    ("section", "entry"),
    [("[run]", "threads = 2.7"), ("[run]", "seed = 1.5"), ("[run]", "blocks = 0.3"), ("[run]", "seed = true")],
)
def test_whole_numbers_are_whole(tmp_path: Path, section: str, entry: str) -> None:
    """Nothing is rounded behind a user's back."""
    with pytest.raises(CathodelabError, match="a whole number") as raised:
        read_run_file(_file(tmp_path, (section, f"{section}\n{entry}")))
    assert entry.split(" = ", maxsplit=1)[0] in str(raised.value)


@pytest.mark.parametrize("change", [("blades = 3", "blades = 2.5"), ("count = 150", "count = 150.5")])
def test_parts_and_particles_are_whole(tmp_path: Path, change: tuple[str, str]) -> None:
    """Half a blade is none."""
    with pytest.raises(CathodelabError, match="a whole number"):
        read_run_file(_file(tmp_path, change))
