"""Discrete elements from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cathodelab.apps.cli import main


def test_a_run_goes_on_where_it_stopped_and_writes_its_report(
    run_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One output, then the other; tables, figures, snapshot, picture."""
    assert main(["dem", "run", str(run_file), "--outputs", "1"]) == 0
    assert len((run_file.with_suffix("") / "intervals.csv").read_text().splitlines()) == 2
    assert main(["dem", "run", str(run_file)]) == 0
    folder = run_file.with_suffix("")
    assert len((folder / "intervals.csv").read_text().splitlines()) == 3
    names = ("stress.csv", "summary.json", "particles.vtk", "particles.parquet", "particles.png", "stress_curve.svg")
    assert all((folder / name).stat().st_size > 100 for name in names)
    assert json.loads((folder / "summary.json").read_text())["particles"] == 60
    assert "wrote" in capsys.readouterr().out


def test_a_report_without_a_run_and_a_bad_file_give_exit_code_2(
    run_file: Path, run_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason is said on standard error."""
    assert main(["dem", "report", str(run_file)]) == 2
    assert "has not been run" in capsys.readouterr().err
    run_file.write_text(run_text.replace("gap_mm = 0.7", "gap_mm = -1"))
    assert main(["dem", "run", str(run_file)]) == 2
    assert "gap" in capsys.readouterr().err


def test_the_example_can_be_run_and_explains_every_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written, read as it stands and with every comment of the machine's table; never overwritten."""
    import dataclasses
    import tomllib

    from cathodelab.simulation.dem.runs.run_file import plan_from, read_run_file
    from cathodelab.simulation.dem.runs.run_file_tables import ContactTable, MixerTable, ParticleTable, RunTable

    path = tmp_path / "mixer.toml"
    assert main(["dem", "init", str(path)]) == 0
    plan = read_run_file(path)
    assert plan.count == 1482
    text = path.read_text()
    for table in (RunTable, ParticleTable, ContactTable, MixerTable):
        assert all(f"{one.name} = " in text for one in dataclasses.fields(table))
    # the commented entries are right as well: uncommented in their tables they change nothing
    head = text.split("# [machine]")[0].replace("\n# ", "\n")
    kept = "\n".join(line for line in head.splitlines() if " = " in line or line.startswith("["))
    assert plan_from(tomllib.loads(kept), path).digest() == plan.digest()
    assert main(["dem", "init", str(path)]) == 2
    assert "there already" in capsys.readouterr().err


def test_an_animation_goes_on_with_the_run(run_file: Path) -> None:
    """One picture of what is there and one of each output; the pictures differ."""
    from PIL import Image

    assert main(["dem", "animate", str(run_file), "--pictures", "2"]) == 0
    folder = run_file.with_suffix("")
    with Image.open(folder / "particles.gif") as film:
        assert film.n_frames == 3
        frames = []
        for number in range(3):
            film.seek(number)
            frames.append(film.convert("RGB").tobytes())
    assert len(set(frames)) == 3
    assert (folder / "restart.npz").exists()
