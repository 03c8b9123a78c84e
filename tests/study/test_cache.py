"""Cache and lock: nothing half-written, nothing in each other's way."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cathodelab.apps.cli import main
from cathodelab.formats.readers import Reader
from cathodelab.formats.table import Table
from cathodelab.operations.model import RunInput
from cathodelab.operations.table import OPERATIONS
from cathodelab.study.cache import TableCache, cache_folder, code_hash, program_digest
from cathodelab.study.lock import study_lock


@pytest.fixture
def small_study(demo_study: Path) -> Path:
    """The reference and two cells of the demonstration."""
    manifest = demo_study / "cells.csv"
    manifest.write_text("\n".join(manifest.read_text().splitlines()[:4]) + "\n")
    return demo_study


def _results(folder: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads((folder / "results" / "results.json").read_text(encoding="utf-8"))
    del record["provenance"]
    return record


@pytest.mark.parametrize(
    "library", ["numpy", "scipy", "polars", "matplotlib", "datalab-org-galvani", "fastnda", "h5py", "python-calamine"]
)
def test_another_version_of_a_library_is_another_program(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read or drawn with the older one is never used again; a library that comes or goes counts as well."""

    def digest(versions: dict[str, str]) -> str:
        monkeypatch.setattr("cathodelab.study.cache._version", lambda name: versions.get(name, "1"))
        return program_digest.__wrapped__()

    same, other, gone = digest({}), digest({library: "2"}), digest({library: ""})
    assert same == digest({})
    assert len({same, other, gone}) == 3
    assert re.fullmatch(r"[0-9a-f]{16}", other)


def test_another_code_is_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed file, a renamed one."""
    (tmp_path / "one.py").write_text("a = 1\n")
    before = code_hash(tmp_path)
    (tmp_path / "one.py").write_text("a = 2\n")
    changed = code_hash(tmp_path)
    (tmp_path / "one.py").rename(tmp_path / "two.py")
    assert len({before, changed, code_hash(tmp_path)}) == 3
    digest = program_digest.__wrapped__()
    monkeypatch.setattr("cathodelab.study.cache.code_hash", lambda _: before)
    assert program_digest.__wrapped__() != digest


def test_a_table_comes_back_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    """Columns to the last bit, kind, what was not understood, notes, entries of the file, spectra, settings."""
    reader = Reader("made", "1", lambda *_: True, lambda _: table)
    spectra = Table("impedance spectra", {"frequency_hertz": np.array([1e5, 0.1])}, notes=("swept twice",))
    columns = {"voltage_volt": np.array([3.1, np.pi]), "test_time_second": np.array([0.0, 1.5])}
    table = Table("cycling", columns, ("Aux/°C",), ("rebuilt",), {"mass": "10 mg"}, spectra, "Modify on: ...")
    cache = TableCache(tmp_path)
    assert cache.table("00", reader) is None
    cache.store("00", reader, table)
    found = cache.table("00", reader)
    assert found is not None
    assert found.spectra is not None
    for one, other in ((found, table), (found.spectra, spectra)):
        assert {name: values.tolist() for name, values in one.columns.items()} == {
            name: values.tolist() for name, values in other.columns.items()
        }
        for name in ("kind", "unknown_columns", "notes", "metadata", "settings_text"):
            assert getattr(one, name) == getattr(other, name), name
    assert cache.table("00", replace(reader, version="2")) is None
    assert cache.table("01", reader) is None


def test_a_second_run_at_the_same_time_says_so(small_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And writes nothing."""
    with study_lock(small_study):
        assert main(["run", str(small_study)]) == 2
    assert "Another run is at work" in capsys.readouterr().err
    assert not (small_study / "results").exists()
    assert main(["run", str(small_study)]) == 0


def test_killed_runs_leave_nothing_behind_that_changes_the_next(small_study: Path) -> None:
    """Killed at five moments; lock and workers end with their process; the run after gives the same results and figures."""
    assert main(["run", str(small_study)]) == 0
    expected = _results(small_study), (small_study / "results" / "figures" / "ssb-01-utilization.svg").read_bytes()
    shutil.rmtree(small_study / ".cathodelab")
    (small_study / "results" / "results.json").unlink()
    cache_folder(small_study, "tables").mkdir(parents=True)
    (cache_folder(small_study, "tables") / f"{'0' * 40}.parquet.1234.part").write_text("half")
    for seconds in (0.4, 0.8, 1.2, 1.6, 2.4):
        run = subprocess.Popen(
            [sys.executable, "-m", "cathodelab", "run", str(small_study), "--jobs", "2"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(seconds)
        run.kill()
        run.wait()
        if os.name == "posix":
            assert _group_ends(run.pid), "a worker outlives its run"
    assert main(["run", str(small_study)]) == 0
    found = _results(small_study), (small_study / "results" / "figures" / "ssb-01-utilization.svg").read_bytes()
    assert found == expected
    assert not list(small_study.rglob("*.part"))


def _group_ends(group: int) -> bool:
    """Whether all processes of a group end within 20 s."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    return False


def test_a_broken_cached_figure_is_drawn_anew(small_study: Path) -> None:
    """Half a file in the cache never reaches the report."""
    assert main(["run", str(small_study)]) == 0
    figure = small_study / "results" / "figures" / "utilization-overview.svg"
    expected = figure.read_bytes()
    for path in cache_folder(small_study, "figures").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    assert main(["run", str(small_study)]) == 0
    assert figure.read_bytes() == expected


def test_figures_are_drawn_once_and_progress_counts_those_that_are(small_study: Path) -> None:
    """Four figures and two records; none when nothing changed; overviews and one cell when one mass did."""
    counts: list[tuple[int, str]] = []

    def progress(items: Iterable[Any], count: int, what: str) -> Iterable[Any]:
        counts.append((count, what))
        return items

    run = next(one for one in OPERATIONS if one.name == "run").run
    run(RunInput(small_study, 1), progress)
    run(RunInput(small_study, 1), progress)
    manifest = small_study / "cells.csv"
    row = next(line for line in manifest.read_text().splitlines() if line.startswith("ssb-01,"))
    mass = row.split(",")[2]
    manifest.write_text(manifest.read_text().replace(row, row.replace(mass, f"{float(mass) + 0.001:.3f}", 1)))
    run(RunInput(small_study, 1), progress)
    assert counts == [(2, "samples"), (6, "figures"), (0, "samples"), (0, "figures"), (1, "samples"), (3, "figures")]


def test_the_run_says_how_much_it_read(small_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """First all, then nothing, then the changed file."""
    said = []
    for changed in (False, False, True):
        if changed:
            shutil.copy(small_study / "raw" / "ssb-03.bdf.csv", small_study / "raw" / "ssb-01.bdf.csv")
        assert main(["run", str(small_study), "--jobs", "1"]) == 0
        said.append(next(line for line in capsys.readouterr().out.splitlines() if line.startswith("Read the files of")))
    assert [line.split()[4] for line in said] == ["3", "0", "1"]
    assert all("of 3 samples" in line for line in said)
