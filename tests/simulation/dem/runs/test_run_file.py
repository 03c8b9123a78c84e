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
