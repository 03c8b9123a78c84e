"""Cache and lock: nothing half-written, nothing in each other's way."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cathodelab.apps.cli import main
from cathodelab.study.lock import study_lock


def _results(folder: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads((folder / "results" / "results.json").read_text(encoding="utf-8"))
    del record["provenance"]
    return record


def test_a_second_run_at_the_same_time_says_so(demo_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And writes nothing."""
    with study_lock(demo_study):
        assert main(["run", str(demo_study)]) == 2
    assert "Another run is at work" in capsys.readouterr().err
    assert not (demo_study / "results").exists()
    assert main(["run", str(demo_study)]) == 0


def test_killed_runs_leave_nothing_behind_that_changes_the_next(demo_study: Path, demo_template: Path) -> None:
    """Killed at five moments; the lock ends with its process; the run after gives the same results and figures."""
    assert main(["run", str(demo_study)]) == 0
    expected = _results(demo_study), (demo_study / "results" / "figures" / "ssb-01-utilization.svg").read_bytes()
    for path in (demo_study / ".cathodelab").rglob("*.*"):
        path.unlink()
    (demo_study / "results" / "results.json").unlink()
    for seconds in (0.6, 1.2, 1.8, 2.4, 3.0):
        run = subprocess.Popen(
            [sys.executable, "-m", "cathodelab", "run", str(demo_study)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(seconds)
        run.kill()
        run.wait()
    assert main(["run", str(demo_study)]) == 0
    assert (
        _results(demo_study),
        (demo_study / "results" / "figures" / "ssb-01-utilization.svg").read_bytes(),
    ) == expected


def test_a_broken_cached_figure_is_drawn_anew(demo_study: Path) -> None:
    """Half a file in the cache never reaches the report."""
    assert main(["run", str(demo_study)]) == 0
    figure = demo_study / "results" / "figures" / "utilization-overview.svg"
    expected = figure.read_bytes()
    for path in (demo_study / ".cathodelab" / "figures").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    assert main(["run", str(demo_study)]) == 0
    assert figure.read_bytes() == expected
