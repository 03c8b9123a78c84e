"""Somebody else's package on the path: kind, readers, measurement, companion, method and study method, everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from cathodelab.formats.conformance import conformance
from cathodelab.formats.recording import Grid, Recording

PACKAGE = Path(__file__).parent / "foreign"
FILMS = (
    "film,made_from,film_thickness_um,film_thickness_standard_uncertainty_um,blank,absorbance_file,colour\n"
    "bare,,1,0.01,,bare.csv,\nf1,slurry-1,10,0.2,bare,f1.csv,blue\nf2,slurry-1,20,0.4,bare,,red\n"
)
FILES = "sample,technique,file,part,temperature_degC\nf2,absorbance,f2.csv,,25\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two films and their bare substrate; one file in the table of films, one in files.csv."""
    for name, slope in (("bare", 0.0001), ("f1", 0.001), ("f2", 0.0012)):
        rows = [f"{wavelength};{slope * wavelength}" for wavelength in range(300, 800, 50)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["nm;A", *rows]) + "\n")
    (tmp_path / "films.csv").write_text(FILMS)
    (tmp_path / "files.csv").write_text(FILES)
    return tmp_path


def _cathodelab(*arguments: str) -> str:
    path = os.pathsep.join([str(PACKAGE), *filter(None, [os.environ.get("PYTHONPATH", "")])])
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from cathodelab.apps.cli import main; sys.exit(main(sys.argv[1:]))",
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_check_and_template_know_it(study: Path, tmp_path: Path) -> None:
    """Counts of its kind, its settings; a column that nothing declares is still said."""
    text = _cathodelab("check", str(study))
    assert "3 films, 0 excluded" in text
    assert "1 named without data of their own: material slurry-1" in text
    assert "Columns kept as they are: colour (films)" in text
    _cathodelab("init", str(tmp_path / "new"))
    template = (tmp_path / "new" / "study.toml").read_text(encoding="utf-8")
    assert "[methods.attenuation]" in template
    assert "# wavelength_nm = 500" in template


def test_its_numbers_stand_in_report_workbook_json_and_tables(study: Path) -> None:
    """The companion was taken off; interval, budget and covariance come from its sources."""
    said = _cathodelab("run", str(study), "--jobs", "1")
    assert "Attenuation / 1/mm" in said
    results = study / "results"
    record = json.loads((results / "results.json").read_text(encoding="utf-8"))
    one = record["samples"]["film"]["f1"]["attenuation"]["estimates"]["attenuation"]
    assert one["value"] == pytest.approx((0.5 - 0.05) / 10)
    assert one["plus"] == pytest.approx(((0.045 * 0.02) ** 2 + 0.0002**2) ** 0.5)
    assert record["films"][2] == {"film": "f2", "largest_absorbance": pytest.approx(0.9), "temperature_degC": "25"}
    matrix = record["covariance"]["attenuation.attenuation"]
    assert matrix["samples"] == ["bare", "f1", "f2"]
    assert matrix["matrix"][1][2] == pytest.approx(0.0002 * 0.0001)
    page = (results / "report.html").read_text(encoding="utf-8")
    for text in ("0.0450 per um", "As cast.", "The darkest film is", "Attenuation of films"):
        assert text in page
    assert (results / "figures" / "f1-absorbance.svg").is_file()
    assert (results / "tables" / "films by darkness.csv").read_text().splitlines()[0] == "rank,film"
    book = openpyxl.load_workbook(results / "report.xlsx", read_only=True)
    assert {"films", "films by darkness", "budget", "covariance"} <= set(book.sheetnames)
    budget = (results / "tables" / "budget.csv").read_text()
    assert "film,f1,attenuation,thickness of the film," in budget


def test_it_is_cached_and_evaluated_again_when_its_code_changes(study: Path, tmp_path: Path) -> None:
    """The second run reads nothing; another version of the package leaves no stale number."""
    _cathodelab("run", str(study), "--jobs", "1")
    kept = sorted(path.name for path in (study / ".cathodelab").rglob("evaluations/*"))
    assert len(kept) > 3, "three films and the study method"
    assert "Read the files of 0 of 3 samples" in _cathodelab("run", str(study), "--jobs", "1")
    assert sorted(path.name for path in (study / ".cathodelab").rglob("evaluations/*")) == kept
    changed = tmp_path / "changed"
    changed.mkdir()
    for path in PACKAGE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            target = changed / path.relative_to(PACKAGE)
            target.parent.mkdir(exist_ok=True)
            text = path.read_text().replace("(own - bare) / thickness.value", "2 * (own - bare) / thickness.value")
            target.write_text(text)
    code = f"import sys; sys.path.insert(0, {str(changed)!r}); import cathodelab; r = cathodelab.run_study({str(study)!r}); "
    code += "print(r.sample('film', 'f1').estimate('attenuation', 'attenuation').value)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(0.09)


MAPS = "".join(
    f"#MAP {name}\n" + "".join(" ".join(f"{row * 0.5 + column:.2f}" for column in range(5)) + "\n" for row in range(4))
    for name in ("left", "right")
)


def test_the_conformance_kit_tries_its_reader_of_grids(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of maps keeps the promises of a reader; one that lets its own exceptions out, or has no unit, does not."""
    monkeypatch.syspath_prepend(str(PACKAGE))
    maps = import_module("lab_films.readers").READERS[1]
    checks = conformance(maps, "film.map", MAPS.encode(), mutated=200)
    assert not [one.sentence for one in checks if one.passed is False]
    assert {"grid of numbers", "unit of the grid", "cut off", "mutations"} <= {one.name for one in checks}

    def without_unit(content: bytes) -> Recording:
        parts = {name: replace(one, unit="furlong") for name, one in maps.read(content).parts.items()}
        return Recording(parts)

    found = conformance(replace(maps, read=without_unit), "film.map", MAPS.encode(), mutated=1)
    assert {one.name for one in found if one.passed is False} == {"unit of the grid"}

    def careless(content: bytes) -> Grid:
        rows = [[float(entry) for entry in line.split()] for line in content.decode().splitlines()[1:5]]
        return Grid("height map", np.array(rows), "um", ("row", "column"))

    with pytest.raises((ValueError, UnicodeDecodeError)):
        conformance(replace(maps, read=careless), "film.map", MAPS.encode(), mutated=1)
