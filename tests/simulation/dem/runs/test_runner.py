"""Runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.runs.restart import load_state
from cathodelab.simulation.dem.runs.run_file import read_run_file
from cathodelab.simulation.dem.runs.run_store import RESTART
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


def test_a_run_closes_its_account_and_loses_nothing(tmp_path: Path) -> None:
    """Energy, particles; the source's identity holds for its intervals."""
    done = run(read_run_file(_file(tmp_path)), tmp_path / "out")
    account, _, lost, _ = done.checks
    assert account.passed, account.sentence
    assert lost.passed, lost.sentence
    assert len(done.intervals) == 8
    assert sum(one.body_work[1] for one in done.intervals) > 0


def test_killed_in_the_middle_and_started_again_it_ends_in_the_same_state(tmp_path: Path) -> None:
    """Between two outputs; bit by bit the state of an undisturbed run."""
    path = _file(tmp_path)
    whole = run(read_run_file(path), tmp_path / "whole")
    code = (
        "from pathlib import Path; from cathodelab.simulation.dem.runs.run_file import read_run_file\n"
        "from cathodelab.simulation.dem.runs.runner import run\n"
        f"run(read_run_file(Path({str(path)!r})), Path({str(tmp_path / 'killed')!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=os.environ.copy())
    written = tmp_path / "killed" / RESTART
    while not written.exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, beside = load_state(written)
    assert 0 < len(beside["heads"]) <= 8
    again = run(read_run_file(path), tmp_path / "killed")
    assert np.array_equal(again.state.particles.position, whole.state.particles.position)
    assert np.array_equal(again.state.particles.velocity, whole.state.particles.velocity)
    assert again.state.energy == whole.state.energy
    assert len(again.intervals) == 8


def test_two_runs_in_one_folder_are_refused(tmp_path: Path) -> None:
    """The second one says so; after the first has ended the folder is free."""
    from cathodelab.simulation.dem.runs.run_lock import alone_in

    plan, folder = read_run_file(_file(tmp_path)), tmp_path / "out"
    folder.mkdir()
    with alone_in(folder), pytest.raises(CathodelabError) as raised:
        run(plan, folder, outputs=1)
    assert raised.value.code == "dem-running"
    assert len(run(plan, folder, outputs=1).intervals) == 1


def test_a_folder_of_another_run_is_not_continued(tmp_path: Path) -> None:
    """Another speed is another run."""
    run(read_run_file(_file(tmp_path)), tmp_path / "out", outputs=1)
    with pytest.raises(CathodelabError) as raised:
        run(read_run_file(_file(tmp_path, ("20000", "10000"))), tmp_path / "out", outputs=1)
    assert raised.value.code == "dem-other-plan"


def test_a_damaged_restart_file_is_named(tmp_path: Path) -> None:
    """No traceback, and what to do."""
    (tmp_path / RESTART).write_bytes(b"PK nonsense")
    with pytest.raises(CathodelabError) as raised:
        load_state(tmp_path / RESTART)
    assert raised.value.code == "dem-restart-damaged"


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


def test_balls_grind_the_powder_of_a_vibration_mill(tmp_path: Path) -> None:
    """From the run file: three steel balls, nobody leaves, and stress is counted on the powder only."""
    plan = read_run_file(_file(tmp_path, *_MILL))
    done = run(plan, tmp_path / "out", outputs=8)
    particles = done.state.particles
    balls = particles.material == 1
    assert balls.sum() == 3
    assert particles.radius[balls] == pytest.approx(0.75e-3)
    assert particles.mass[balls] == pytest.approx(4 / 3 * np.pi * 0.75e-3**3 * 7850)
    assert done.intervals[-1].particles == 150
    assert done.intervals[-1].mass == pytest.approx(particles.mass[~balls].sum())
    assert sum(one.collisions[0] for one in done.intervals) > 50
    assert all(check.passed for check in done.checks if check.name != "overlap")
