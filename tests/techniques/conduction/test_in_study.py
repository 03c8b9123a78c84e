"""A study of pellets: tables in; conductivities, contacts and a threshold out, from the cache alike."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from staircases import record

from cathodelab.report.write import write_results
from cathodelab.study.run import run_study
from cathodelab.study.store import results_record

BASE = 1e-8
LEVELS = (0.0, 0.02, 0.04, 0.0)


def file(path: Path, resistance_ohm: float) -> None:
    """A short staircase of a cell of this resistance."""
    staircase = record(LEVELS, interval=60, noise=0.0, offset=0.0)
    random = np.random.default_rng(len(path.name))
    current = staircase.current_ampere * 400 / resistance_ohm
    current = current + 1e-4 * current.max() * random.standard_normal(current.size)
    rows = zip(staircase.time_second, 1e3 * staircase.voltage_volt, 1e3 * current, strict=True)
    lines = (f"{time:.1f};{voltage:.3f};{one:.9g}" for time, voltage, one in rows)
    path.write_text("Time (s);Ewe (mV);<I> (mA)\n" + "\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Seven compositions, four thicknesses of one composite, one ionic pellet beside its separator cell, and one that fails."""
    composites, pellets = [], []
    random = np.random.default_rng(3)
    for share in (0, 1, 2, 3, 4, 6, 9, 12):
        conductivity = (0.6 * (max(share - 2.5, 0) / 100) ** 2 + BASE) * np.exp(0.05 * random.standard_normal())
        file(tmp_path / f"c{share}.csv", 0.05 / conductivity / (np.pi / 4))
        composites.append({"composite": f"mix{share}", "conductor_vol_percent": share})
        pellets.append({"pellet": f"c{share}", "made_from": f"mix{share}", "thickness_um": 500, "blocked": "ions"})
    composites.append({"composite": "comp"})
    for thickness in (300, 600, 900):
        file(tmp_path / f"t{thickness}.csv", (thickness * 1e-4 / 1e-4 + 100) / (np.pi / 4))
        pellets.append({"pellet": f"t{thickness}", "made_from": "comp", "thickness_um": thickness, "blocked": "ions"})
    for name, ohm in (("ion", 500.0), ("sep", 100.0), ("bad", 105.0)):
        file(tmp_path / f"{name}.csv", ohm)
        row = {
            "pellet": name,
            "made_from": "comp",
            "thickness_um": 400,
            "blocked": "electrons",
            "separator_cell": "sep",
        }
        pellets.append({"pellet": "sep", "blocked": "separator cell"} if name == "sep" else row)
    for row in pellets:
        row |= {"diameter_mm": 10, "conduction_file": f"{row['pellet']}.csv", "temperature_degC": 25}
    for table, rows in (("composites", composites), ("pellets", pellets)):
        with (tmp_path / f"{table}.csv").open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, list(dict.fromkeys(name for row in rows for name in row)))
            writer.writeheader()
            writer.writerows(rows)
    return tmp_path


def test_a_study_of_pellets_gives_conductivities_contacts_and_a_threshold(study: Path) -> None:
    """One pellet fails and takes no other with it; a second run says the same from the cache."""
    results = run_study(study)
    failed = [(one.sample, one.method, one.error.code) for one in results.failed if one.error is not None]
    assert failed == [("bad", "conduction", "separators-dominate")]
    found = {one.sample: one.result.estimates for one in results.outcomes if one.method == "conduction" and one.result}
    ionic = found["ion"].estimate("ionic_conductivity")
    assert ionic.value == pytest.approx(0.04 / (np.pi / 4) / 400, rel=0.01)
    assert found["sep"].estimate("total_resistance").value == pytest.approx(100, rel=0.01)
    studies = {one.method: one.result for one in results.studies if one.status == "ok"}
    (contacts,) = (one for one in studies["contact_resistance"].groups if one.line is not None)
    assert abs(contacts.line.contact_ohm_cm2 - 100) < 2 * contacts.line.contact_standard_ohm_cm2
    assert contacts.composite == "comp"
    bounds = [one for one in studies["contact_resistance"].groups if one.line is None]
    assert all("factor of 1.3" in one.why_bound for one in bounds)
    (series,) = studies["percolation"].series
    assert (series.threshold.low, series.threshold.high) == (2, 3)
    assert series.estimates.estimate("percolation_exponent").value == pytest.approx(2, abs=0.3)
    again = run_study(study)
    assert not again.read_anew
    assert results_record(again)["samples"] == results_record(results)["samples"]


def test_its_report_shows_them(study: Path) -> None:
    """Page, tables and figures."""
    write_results(run_study(study))
    page = (study / "results" / "report.html").read_text(encoding="utf-8")
    for words in ("σ(electronic)", "σ(ionic)", "Percolation", "Contact resistances", "separators make 9"):
        assert words in page
    tables = study / "results" / "tables"
    steps = (tables / "staircase_steps.csv").read_text(encoding="utf-8").splitlines()
    assert len(steps) == 1 + 13 * len(LEVELS)
    assert "percolation_exponent" in (tables / "percolation.csv").read_text(encoding="utf-8")
    assert (study / "results" / "figures" / "percolation.svg").exists()
    assert (study / "results" / "figures" / "ion-conduction.svg").exists()
